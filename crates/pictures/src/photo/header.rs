//! What a file says of itself before anything is decoded: its form, its size, which way up it is, and
//! its colors. Each form has a reader that walks over the file once and keeps nothing but this.

mod fields;
mod jpeg;
mod png;
mod webp;

pub(super) use self::fields::{Format, Header};

use super::bounds::{PhotoError, check_dimensions};

/// Reads the header, and refuses what is beyond the limits of the parent module.
pub(super) fn read(bytes: &[u8]) -> Result<Header, PhotoError> {
    let header = match bytes {
        [0xFF, 0xD8, 0xFF, ..] => jpeg::read(bytes)?,
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => png::read(bytes)?,
        [
            b'R',
            b'I',
            b'F',
            b'F',
            _,
            _,
            _,
            _,
            b'W',
            b'E',
            b'B',
            b'P',
            ..,
        ] => webp::read(bytes)?,
        _ => return Err(PhotoError::NotAPhoto),
    };
    check_dimensions(header.width, header.height)?;
    header.check_memory(0)?;
    Ok(header)
}
