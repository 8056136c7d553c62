//! The header of a PNG file (W3C PNG, third edition): its first chunk, and those of the others that say
//! which way up it is, or that it moves.

use super::fields::{Format, Header, u32_at};
use crate::photo::bounds::PhotoError;
use crate::photo::orientation::Orientation;

/// Reads a header; `bytes` begin with the mark of a PNG file.
pub(super) fn read(bytes: &[u8]) -> Result<Header, PhotoError> {
    let (b"IHDR", start, _) = chunk(bytes, 8).ok_or(PhotoError::Damaged)? else {
        return Err(PhotoError::Damaged);
    };
    let [depth, color, _, _, interlace] = *bytes
        .get(start..)
        .and_then(|data| data.get(8..)?.first_chunk())
        .ok_or(PhotoError::Damaged)?;
    let width = u32_at(bytes, start).ok_or(PhotoError::Damaged)?;
    let height = u32_at(bytes, start + 4).ok_or(PhotoError::Damaged)?;
    let mut orientation = Orientation::default();
    let mut at = 8;
    while let Some((name, start, data)) = chunk(bytes, at) {
        match name {
            b"eXIf" => orientation = Orientation::from_exif(data),
            b"acTL" => return Err(PhotoError::Moving),
            b"IEND" => break,
            _ => {}
        }
        // The checksum follows, which the decoder looks at.
        at = start + data.len() + 4;
    }
    // Rows come one by one, but those of an interlaced picture all at once, before three bytes a pixel
    // are made of them. With the colors of a palette they have up to four channels.
    let channels = if matches!(color, 2 | 3 | 6) { 4 } else { 2 };
    let bytes = channels * u64::from(depth.div_ceil(8)) + 3;
    let pixels = u64::from(width) * u64::from(height);
    Ok(Header {
        format: Format::Png,
        width,
        height,
        orientation,
        icc: None,
        decoding_bytes: if interlace == 0 {
            0
        } else {
            pixels.saturating_mul(bytes)
        },
        quarters_a_pixel: 0,
    })
}

/// The name of the chunk at a place, where its data begins, and these.
fn chunk(bytes: &[u8], at: usize) -> Option<(&[u8; 4], usize, &[u8])> {
    let length = usize::try_from(u32_at(bytes, at)?).ok()?;
    let name = bytes.get(at + 4..)?.first_chunk()?;
    let start = at + 8;
    Some((name, start, bytes.get(start..start.checked_add(length)?)?))
}
