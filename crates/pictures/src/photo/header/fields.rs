//! What a header has, whatever the form, and the numbers in it.

use crate::photo::bounds::PhotoError;
use crate::photo::orientation::Orientation;

/// The most bytes of a color profile that are looked at. Those of cameras and phones have up to 4 KB;
/// those of printers, which are not used here, megabytes.
pub(super) const ICC_BYTES_MAX: usize = 65_536;

/// The most memory that decoding may take, in bytes, beside the file: together they have to fit into
/// `Limits::memory_bytes`.
const DECODING_BYTES_MAX: u64 = 150_000_000;

/// The forms that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::photo) enum Format {
    Jpeg,
    Png,
    Webp,
}

/// The header of a file.
#[derive(Debug)]
pub(in crate::photo) struct Header {
    pub(in crate::photo) format: Format,
    /// Of the picture as it is stored, in pixels.
    pub(in crate::photo) width: u32,
    /// Likewise.
    pub(in crate::photo) height: u32,
    pub(in crate::photo) orientation: Orientation,
    /// The color profile, where it is not too long. That of a PNG is found while decoding, since it is
    /// compressed.
    pub(in crate::photo) icc: Option<Vec<u8>>,
    /// How much memory decoding takes, whatever is made of it, in bytes.
    pub(super) decoding_bytes: u64,
    /// How much it takes beside that for each pixel that leaves the decoder, in quarters of a byte.
    /// Counted for JPEG alone, whose decoder makes pictures smaller.
    pub(super) quarters_a_pixel: u64,
}

impl Header {
    /// Whether a picture of so many pixels can leave the decoder within the limit on memory.
    pub(in crate::photo) fn check_memory(&self, pixels: u64) -> Result<(), PhotoError> {
        if self.decoding_bytes + pixels * self.quarters_a_pixel / 4 > DECODING_BYTES_MAX {
            return Err(PhotoError::TooMuchMemory);
        }
        Ok(())
    }
}

/// The big-endian number at a place.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The little-endian number of two bytes at a place.
pub(super) fn u16_le_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
