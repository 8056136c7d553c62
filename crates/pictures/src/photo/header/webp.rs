//! The header of a WebP file (RFC 9649, section 2): the chunks of its container.

use super::fields::{Format, Header, ICC_BYTES_MAX, u16_le_at};
use crate::photo::bounds::PhotoError;
use crate::photo::orientation::Orientation;

/// How many bytes a pixel takes while it is decoded: a lossy picture's planes and colors, with
/// transparency or without, and a lossless picture's two copies.
const LOSSY_HALVES: u64 = 2 * 3 + 3;
const LOSSY_ALPHA_HALVES: u64 = 2 * 4 + 3 + 4;
const LOSSLESS_HALVES: u64 = 2 * 8;

#[derive(Debug, Default)]
struct Found {
    /// What the extended header says.
    canvas: Option<(u32, u32)>,
    /// Of the picture itself, and for each pixel the halves of bytes.
    picture: Option<((u32, u32), u64)>,
    has_alpha_chunk: bool,
    orientation: Orientation,
    icc: Option<Vec<u8>>,
}

/// Reads a header; `bytes` begin with the mark of a WebP file.
pub(super) fn read(bytes: &[u8]) -> Result<Header, PhotoError> {
    let mut found = Found::default();
    let mut at = 12;
    while let Some((name, data)) = chunk(bytes, at) {
        if matches!(&name, b"ANIM" | b"ANMF") {
            return Err(PhotoError::Moving);
        }
        found.take(name, data).ok_or(PhotoError::Damaged)?;
        // Data are filled up to an even length.
        at += 8 + data.len() + data.len() % 2;
    }
    let (size, halves) = found.picture.ok_or(PhotoError::Damaged)?;
    // The decoder makes room for both; a small one must not hide a large one.
    if found.canvas.is_some_and(|canvas| canvas != size) {
        return Err(PhotoError::Damaged);
    }
    let halves = if found.has_alpha_chunk {
        halves.max(LOSSY_ALPHA_HALVES)
    } else {
        halves
    };
    Ok(Header {
        format: Format::Webp,
        width: size.0,
        height: size.1,
        orientation: found.orientation,
        icc: found.icc,
        decoding_bytes: u64::from(size.0) * u64::from(size.1) * halves / 2,
        quarters_a_pixel: 0,
    })
}

impl Found {
    fn take(&mut self, name: [u8; 4], data: &[u8]) -> Option<()> {
        match &name {
            b"VP8X" => {
                let side = |at| u32_le_at_three(data, at).map(|less_one| less_one + 1);
                self.canvas = Some((side(4)?, side(7)?));
            }
            b"VP8 " | b"VP8L" if self.picture.is_some() => return None,
            b"VP8 " => self.picture = Some((lossy_size(data)?, LOSSY_HALVES)),
            b"VP8L" => self.picture = Some((lossless_size(data)?, LOSSLESS_HALVES)),
            b"ALPH" => self.has_alpha_chunk = true,
            b"EXIF" => {
                let exif = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
                self.orientation = Orientation::from_exif(exif);
            }
            b"ICCP" if data.len() <= ICC_BYTES_MAX => self.icc = Some(data.to_vec()),
            _ => {}
        }
        Some(())
    }
}

/// The frame header of VP8 (RFC 6386, section 9.1): three bytes of flags, three of a start code, then
/// width and height in fourteen bits each, above which there are two for enlarging.
fn lossy_size(data: &[u8]) -> Option<(u32, u32)> {
    if data.get(3..6)? != [0x9D, 0x01, 0x2A] {
        return None;
    }
    let side = |at| u16_le_at(data, at).map(|bits| u32::from(bits & 0x3FFF));
    Some((side(6)?, side(8)?))
}

/// The header of VP8L (RFC 9649, section 3.4): a byte, then width and height less one in fourteen bits
/// each.
fn lossless_size(data: &[u8]) -> Option<(u32, u32)> {
    if data.first() != Some(&0x2F) {
        return None;
    }
    let bits = u32::from_le_bytes(*data.get(1..)?.first_chunk()?);
    Some(((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1))
}

fn u32_le_at_three(bytes: &[u8], at: usize) -> Option<u32> {
    let &[low, middle, high] = bytes.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes([low, middle, high, 0]))
}

/// The name of the chunk at a place, and its data.
fn chunk(bytes: &[u8], at: usize) -> Option<([u8; 4], &[u8])> {
    let header = bytes.get(at..)?;
    let name = *header.first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*header.get(4..)?.first_chunk()?)).ok()?;
    Some((name, header.get(8..length.checked_add(8)?)?))
}
