//! How much a photo may be, and the sentences for what is more, or none.

use std::io;

/// How many times as long as the other a side may be.
const RATIO_MAX: u32 = 8;

/// The most bytes a file may have: 20 MB.
pub const FILE_BYTES_MAX: usize = 20_000_000;

/// The most pixels a photo may have: 50 megapixels.
pub const PIXELS_MAX: u64 = 50_000_000;

/// The widths that are made of a photo, in pixels.
pub const WIDTHS: [u32; 3] = [480, 960, 1920];

/// The size of the crop for `og:image`, in pixels.
pub const CARD_SIZE: (u32, u32) = (1200, 630);

/// The greatest height of a variant, in pixels: encoding a higher one would take too much memory. It is
/// above that of an upright photo of 16:9 at the greatest width, and below WebP's own limit, 16,383.
pub(super) const HEIGHT_MAX: u32 = 4096;

/// Why no photo was made of a file. Each is a sentence for whoever sent it.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    /// No bytes came.
    #[error("The file is empty.")]
    Empty,
    /// The file has more than [`FILE_BYTES_MAX`].
    #[error("The file is larger than 20 MB.")]
    FileTooLarge,
    /// The file does not begin as one of the three forms do.
    #[error("The file is not a JPEG, PNG or WebP photo.")]
    NotAPhoto,
    /// The photo has more than [`PIXELS_MAX`].
    #[error("The photo has more than 50 megapixels.")]
    TooManyPixels,
    /// One side is more than eight times as long as the other.
    #[error("One side of the photo is more than eight times as long as the other.")]
    TooLong,
    /// The file is an animation.
    #[error("The file is a moving picture, not a photo.")]
    Moving,
    /// The photo is within the limits, but its form takes more memory to read than the process has.
    #[error("The photo takes too much memory to read. Save it smaller, or as a simple JPEG.")]
    TooMuchMemory,
    /// The file is cut off, or wrong inside, or the process that read it died or took too long.
    #[error("The file cannot be read as a photo.")]
    Damaged,
    /// No process could be started to read the file, which is not the file's fault.
    #[error("The photo cannot be read at the moment. Try again later.")]
    Unavailable(#[source] io::Error),
}

/// Whether a file has so many bytes as a photo may have.
pub(super) fn check_length(length: usize) -> Result<(), PhotoError> {
    match length {
        0 => Err(PhotoError::Empty),
        1..=FILE_BYTES_MAX => Ok(()),
        _ => Err(PhotoError::FileTooLarge),
    }
}

/// Whether the dimensions that a header claims are within the limits.
pub(super) fn check_dimensions(width: u32, height: u32) -> Result<(), PhotoError> {
    if width == 0 || height == 0 {
        return Err(PhotoError::Damaged);
    }
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(PhotoError::TooManyPixels);
    }
    if width.max(height) / RATIO_MAX > width.min(height) {
        return Err(PhotoError::TooLong);
    }
    Ok(())
}
