//! Encoding: pixels become WebP and JPEG, by libwebp and `MozJPEG`. Neither writes metadata, unless it is
//! given some.

use super::bounds::PhotoError;
use super::made::MediaType;
use super::raster::Raster;

/// The quality at which photos become WebP: that of `cwebp -q 80`.
pub const WEBP_QUALITY: f32 = 80.0;

/// The quality at which photos become JPEG: they then look about as they do at [`WEBP_QUALITY`].
pub const JPEG_QUALITY: f32 = 76.0;

/// How long libwebp looks for a shorter form, from 0 to 6. `cwebp` takes 4; 6 takes twice the time for
/// up to 5 % less.
const WEBP_METHOD: i32 = 6;

/// Encodes a picture. A quality is from 0 to 100, and means something else for each form. For anything
/// but measurements it is [`WEBP_QUALITY`] or [`JPEG_QUALITY`].
pub fn encode(raster: &Raster, media_type: MediaType, quality: f32) -> Result<Vec<u8>, PhotoError> {
    match media_type {
        MediaType::Webp => webp(raster, quality),
        MediaType::Jpeg => jpeg(raster, quality),
    }
}

fn webp(raster: &Raster, quality: f32) -> Result<Vec<u8>, PhotoError> {
    let mut config = webp::WebPConfig::new().map_err(|()| PhotoError::Damaged)?;
    config.quality = quality;
    config.method = WEBP_METHOD;
    // Less memory, for a little more time.
    config.low_memory = 1;
    let encoder = webp::Encoder::from_rgb(&raster.pixels, raster.width, raster.height);
    let file = encoder
        .encode_advanced(&config)
        .map_err(|_| PhotoError::Damaged)?;
    Ok(file.to_vec())
}

fn jpeg(raster: &Raster, quality: f32) -> Result<Vec<u8>, PhotoError> {
    let mut compress = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    compress.set_size(raster.width as usize, raster.height as usize);
    compress.set_quality(quality);
    // Looking for the best order of scans takes as long as all the rest, for 1 to 5 % less.
    compress.set_optimize_scans(false);
    compressed(compress, raster)
}

/// Encodes a picture as libjpeg does, without looking for a shorter form, which takes most of the time.
pub(super) fn jpeg_quickly(raster: &Raster) -> Result<Vec<u8>, PhotoError> {
    let mut compress = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    compress.set_fastest_defaults();
    compress.set_size(raster.width as usize, raster.height as usize);
    compress.set_quality(JPEG_QUALITY);
    compressed(compress, raster)
}

fn compressed(compress: mozjpeg::Compress, raster: &Raster) -> Result<Vec<u8>, PhotoError> {
    let mut started = compress
        .start_compress(Vec::new())
        .map_err(|_| PhotoError::Damaged)?;
    started
        .write_scanlines(&raster.pixels)
        .map_err(|_| PhotoError::Damaged)?;
    started.finish().map_err(|_| PhotoError::Damaged)
}
