//! The header of a JPEG file (ITU-T T.81, annex B): the segments before the first scan.

use super::fields::{Format, Header, ICC_BYTES_MAX};
use crate::photo::bounds::PhotoError;
use crate::photo::orientation::Orientation;

/// What EXIF data begins with, in a segment APP1.
const EXIF: &[u8] = b"Exif\0\0";

/// What a part of a color profile begins with, in a segment APP2 (ICC.1:2010, B.4); the part's number
/// and the count of parts follow.
const ICC: &[u8] = b"ICC_PROFILE\0";

/// What has been found so far.
#[derive(Debug, Default)]
struct Found {
    frame: Option<Frame>,
    orientation: Option<Orientation>,
    /// The parts of the profile in their order in the file, which is that of their numbers in all files
    /// that cameras write; a profile in another order is not one, and is not used.
    icc: Vec<u8>,
}

#[derive(Debug)]
struct Frame {
    width: u32,
    height: u32,
    is_progressive: bool,
    /// How many samples a pixel has on average, in quarters.
    quarters: u64,
}

/// Reads a header; `bytes` begin with the mark of a JPEG file.
pub(super) fn read(bytes: &[u8]) -> Result<Header, PhotoError> {
    let found = walk(bytes).ok_or(PhotoError::Damaged)?;
    let frame = found.frame.ok_or(PhotoError::Damaged)?;
    // Of a progressive file all coefficients come before the first pixel, of two bytes each.
    let decoding_bytes = if frame.is_progressive {
        u64::from(frame.width) * u64::from(frame.height) * frame.quarters / 2
    } else {
        0
    };
    Ok(Header {
        format: Format::Jpeg,
        width: frame.width,
        height: frame.height,
        orientation: found.orientation.unwrap_or_default(),
        icc: Some(found.icc).filter(|icc| !icc.is_empty() && icc.len() <= ICC_BYTES_MAX),
        decoding_bytes,
        // The samples, and three bytes that are made of them.
        quarters_a_pixel: frame.quarters + 3 * 4,
    })
}

/// Goes from segment to segment up to the first scan.
fn walk(bytes: &[u8]) -> Option<Found> {
    let mut found = Found::default();
    let mut at = 2;
    loop {
        // Any number of bytes 0xFF may stand before a marker.
        while bytes.get(at..at + 2)? == [0xFF, 0xFF] {
            at += 1;
        }
        let &[0xFF, marker] = bytes.get(at..at + 2)? else {
            return None;
        };
        at += 2;
        if matches!(marker, 0x01 | 0xD0..=0xD7) {
            continue;
        }
        if matches!(marker, 0xD9 | 0xDA) {
            return Some(found);
        }
        let length = usize::from(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?));
        let data = bytes.get(at + 2..at + length)?;
        found.take(marker, data)?;
        at += length;
    }
}

impl Found {
    fn take(&mut self, marker: u8, data: &[u8]) -> Option<()> {
        match marker {
            // All kinds of frames; 0xC4, 0xC8 and 0xCC are something else.
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                // A second one would let the first lie about the size.
                if self.frame.is_some() {
                    return None;
                }
                self.frame = Some(frame(marker, data)?);
            }
            0xE1 if self.orientation.is_none() => {
                self.orientation = data.strip_prefix(EXIF).map(Orientation::from_exif);
            }
            0xE2 if self.icc.len() <= ICC_BYTES_MAX => {
                if let Some([_, _, part @ ..]) = data.strip_prefix(ICC) {
                    self.icc.extend_from_slice(part);
                }
            }
            _ => {}
        }
        Some(())
    }
}

/// Precision, height, width, and for each component its number, sampling factors and table.
fn frame(marker: u8, data: &[u8]) -> Option<Frame> {
    let &[_, high, low, left, right, count, ref components @ ..] = data else {
        return None;
    };
    let factors: Vec<u64> = components
        .chunks_exact(3)
        .take(usize::from(count))
        .map(|component| u64::from(component[1] >> 4) * u64::from(component[1] & 0x0F))
        .collect();
    let most = factors.iter().copied().max().filter(|&most| most > 0)?;
    Some(Frame {
        width: u32::from(u16::from_be_bytes([left, right])),
        height: u32::from(u16::from_be_bytes([high, low])),
        is_progressive: !matches!(marker, 0xC0 | 0xC1),
        quarters: factors
            .iter()
            .map(|factor| (factor * 4).div_ceil(most))
            .sum(),
    })
}
