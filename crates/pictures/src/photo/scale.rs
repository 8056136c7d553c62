//! Which sizes are made of a photo, and making them, with Lanczos' filter of three lobes.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use super::bounds::{HEIGHT_MAX, PhotoError, WIDTHS};
use super::raster::Raster;

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) width: u32,
    pub(super) height: u32,
}

/// The sizes that are made of a photo of an upright size, from the smallest; there is at least one. None
/// is larger than the photo, none higher than [`HEIGHT_MAX`].
pub(super) fn sizes(photo: Size) -> Vec<Size> {
    let mut sizes: Vec<Size> = WIDTHS
        .into_iter()
        .filter(|&width| width <= photo.width)
        .map(|width| Size {
            width,
            height: share(photo.height, width, photo.width),
        })
        .filter(|size| size.height <= HEIGHT_MAX)
        .collect();
    if sizes.is_empty() {
        sizes.push(photo);
    }
    sizes
}

/// The width and height of what is made of a photo of an upright size, from the smallest, in pixels.
pub fn widths_and_heights(width: u32, height: u32) -> Vec<(u32, u32)> {
    let sizes = sizes(Size { width, height }).into_iter();
    sizes.map(|size| (size.width, size.height)).collect()
}

/// The picture in another size.
pub(super) fn resized(raster: &Raster, size: Size) -> Result<Raster, PhotoError> {
    let whole = Size {
        width: raster.width,
        height: raster.height,
    };
    if whole == size {
        let pixels = raster.pixels.clone();
        return Ok(Raster {
            width: size.width,
            height: size.height,
            pixels,
        });
    }
    scale(raster, size, &ResizeOptions::new())
}

/// Like [`resized`], for a picture that is not needed any more.
pub(super) fn resize(raster: Raster, size: Size) -> Result<Raster, PhotoError> {
    if (raster.width, raster.height) == (size.width, size.height) {
        return Ok(raster);
    }
    scale(&raster, size, &ResizeOptions::new())
}

/// The greatest part of the picture, from its middle, that has the shape of the size, in that size, or
/// in its own where that is smaller.
pub(super) fn cropped(raster: &Raster, size: (u32, u32)) -> Result<Raster, PhotoError> {
    let part = middle(raster, size);
    let (width, height) = size;
    let size = if part.width < width {
        part
    } else {
        Size { width, height }
    };
    scale_part(raster, part, size)
}

/// The same part, enlarged to the size where it is smaller.
pub(super) fn filled(raster: &Raster, size: (u32, u32)) -> Result<Raster, PhotoError> {
    let (width, height) = size;
    scale_part(raster, middle(raster, size), Size { width, height })
}

/// How large the greatest part of a shape is.
fn middle(raster: &Raster, (width, height): (u32, u32)) -> Size {
    let is_wider =
        u64::from(raster.width) * u64::from(height) > u64::from(raster.height) * u64::from(width);
    if is_wider {
        Size {
            width: share(raster.height, width, height).min(raster.width),
            height: raster.height,
        }
    } else {
        Size {
            width: raster.width,
            height: share(raster.width, height, width).min(raster.height),
        }
    }
}

fn scale_part(raster: &Raster, part: Size, size: Size) -> Result<Raster, PhotoError> {
    let options = ResizeOptions::new().crop(
        f64::from((raster.width - part.width) / 2),
        f64::from((raster.height - part.height) / 2),
        f64::from(part.width),
        f64::from(part.height),
    );
    scale(raster, size, &options)
}

fn scale(raster: &Raster, size: Size, options: &ResizeOptions) -> Result<Raster, PhotoError> {
    let source = ImageRef::new(raster.width, raster.height, &raster.pixels, PixelType::U8x3)
        .map_err(|_| PhotoError::Damaged)?;
    let mut target = Image::new(size.width, size.height, PixelType::U8x3);
    let options = options.resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    Resizer::new()
        .resize(&source, &mut target, &options)
        .map_err(|_| PhotoError::Damaged)?;
    Ok(Raster {
        width: size.width,
        height: size.height,
        pixels: target.into_vec(),
    })
}

/// `length * part / whole`, rounded, and at least 1.
fn share(length: u32, part: u32, whole: u32) -> u32 {
    let product = u64::from(length) * u64::from(part);
    let rounded = (product + u64::from(whole) / 2) / u64::from(whole);
    u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
}
