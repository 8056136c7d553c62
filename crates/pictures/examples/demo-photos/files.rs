//! The files of a photo: the sizes and forms that the site makes of one. Their quality is lower than that of
//! photos that are sent, since the program carries them, and scenes with little grain bear it.

use std::error::Error;
use std::fs;
use std::path::Path;

use pictures::photo::{CARD_SIZE, MediaType, Raster, encode, sizes};

/// The quality of WebP, and of JPEG, which few browsers take.
const QUALITIES: [(MediaType, &str, f32); 2] = [
    (MediaType::Webp, "webp", 52.0),
    (MediaType::Jpeg, "jpg", 42.0),
];

/// The quality of the crop for previews of links.
const CARD_QUALITY: f32 = 36.0;

/// A picture: three bytes a pixel, by rows.
#[derive(Debug)]
pub(crate) struct Picture {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u8>,
}

impl Picture {
    fn encoded(&self, form: MediaType, quality: f32) -> Result<Vec<u8>, Box<dyn Error>> {
        let raster = Raster::new(self.width, self.height, self.pixels.clone())?;
        Ok(encode(&raster, form, quality)?)
    }
}

/// Writes all files of a photo, under the names that the site gives them.
pub(crate) fn write(photo: &Picture, folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for (width, height) in sizes(photo.width, photo.height) {
        let smaller = shrunk(photo, (width, height))?;
        for (form, extension, quality) in QUALITIES {
            let name = format!("{width}.{extension}");
            fs::write(folder.join(name), smaller.encoded(form, quality)?)?;
        }
    }
    let card = cropped(photo)?.encoded(MediaType::Jpeg, CARD_QUALITY)?;
    fs::write(folder.join("card.jpg"), card)?;
    Ok(())
}

/// The middle of a photo that is as wide as the crop.
fn cropped(photo: &Picture) -> Result<Picture, Box<dyn Error>> {
    let (width, height) = CARD_SIZE;
    let above = usize::try_from((photo.height - height) / 2 * width * 3)?;
    let length = usize::try_from(height * width * 3)?;
    let pixels = photo.pixels[above..above + length].to_vec();
    Ok(Picture {
        width,
        height,
        pixels,
    })
}

/// A photo in a smaller size: each pixel is the mean of what it covers.
fn shrunk(photo: &Picture, (width, height): (u32, u32)) -> Result<Picture, Box<dyn Error>> {
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
    Ok(Picture {
        width,
        height,
        pixels,
    })
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
