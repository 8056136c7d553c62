//! The files of a photo that the program carries: WebP in the widths that the site makes of one, from which
//! it makes the rest. Their quality is lower than that of photos that are sent, and scenes with little grain
//! bear it.

use std::error::Error;
use std::fs;
use std::path::Path;

use pictures::photo::{MediaType, Raster, encode, sizes};

/// The quality of the files.
const QUALITY: f32 = 52.0;

/// A picture: three bytes a pixel, by rows.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u8>,
}

/// Writes the files of a photo, under the names that the site gives them.
pub(crate) fn write(photo: &Picture, folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for size in sizes(photo.width, photo.height) {
        let smaller = shrunk(photo, size)?;
        let file = encode(&smaller, MediaType::Webp, QUALITY)?;
        fs::write(folder.join(format!("{}.webp", size.0)), file)?;
    }
    Ok(())
}

/// A photo in a smaller size: each pixel is the mean of what it covers.
fn shrunk(photo: &Picture, (width, height): (u32, u32)) -> Result<Raster, Box<dyn Error>> {
    let columns = shares(photo.width, width);
    let rows = shares(photo.height, height);
    let mut pixels = Vec::new();
    for row in &rows {
        for column in &columns {
            for channel in 0..3 {
                let mut sum = 0;
                for &(y, tall) in row {
                    for &(x, wide) in column {
                        let at = usize::try_from((y * photo.width + x) * 3 + channel)?;
                        sum += u32::from(photo.pixels[at]) * tall * wide;
                    }
                }
                let area = photo.width * photo.height;
                pixels.push(u8::try_from((sum + area / 2) / area)?);
            }
        }
    }
    Ok(Raster::new(width, height, pixels)?)
}

/// Of each of `few` pixels in a row, which of `many` it covers, and how much of each: all shares of a
/// pixel are `many` in sum.
fn shares(many: u32, few: u32) -> Vec<Vec<(u32, u32)>> {
    let pixel = |number: u32| {
        let (from, to) = (number * many, (number + 1) * many);
        let covered = from / few..to.div_ceil(few);
        let share = |at: u32| (at, to.min((at + 1) * few) - from.max(at * few));
        covered.map(share).collect()
    };
    (0..few).map(pixel).collect()
}
