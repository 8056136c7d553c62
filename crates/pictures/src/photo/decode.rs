//! Decoding: a file becomes pixels, shrunk meanwhile where it is much larger than what is made of it. It
//! is done in Rust without unsafe code of ours; the C code of the encoders never sees a stranger's file.

use std::io::Cursor;

use super::bounds::PhotoError;
use super::header::{Format, Header};
use super::raster::{Layout, Raster, Shrink};
use super::scale::Size;

/// The most pixels a picture has when it leaves the decoder, unless it would be smaller than what is
/// made of it.
const PIXELS_DECODED_MAX: u64 = 25_000_000;

/// The most memory that the PNG decoder may take for what is beside the pixels, in bytes.
const PNG_EXTRA_BYTES_MAX: usize = 4_000_000;

/// Decodes a file whose header was read. `target` is the largest size that is made of it, lying as the
/// file's picture lies.
pub(super) fn decode(
    bytes: &[u8],
    header: &mut Header,
    target: Size,
) -> Result<Raster, PhotoError> {
    match header.format {
        Format::Jpeg => decode_jpeg(bytes, header, target),
        Format::Png => decode_png(bytes, header, target),
        Format::Webp => decode_webp(bytes, header, target),
    }
}

fn decode_jpeg(bytes: &[u8], header: &Header, target: Size) -> Result<Raster, PhotoError> {
    let mut decoder = jpeg_decoder::Decoder::new(Cursor::new(bytes));
    decoder.read_info().map_err(damaged)?;
    let stored = decoder.info().ok_or(PhotoError::Damaged)?;
    if (u32::from(stored.width), u32::from(stored.height)) != (header.width, header.height) {
        return Err(PhotoError::Damaged);
    }
    // The decoder can leave out fine detail of each block, which makes the picture 2, 4 or 8 times
    // smaller. It takes the least that is not smaller than what is asked for: half as much again as what
    // is made of it, so that our filter decides what is sharp, or that alone if this is too much.
    let asked = |part: u32, of: u32| {
        let least = |side: u32| u16::try_from(side * part / of).unwrap_or(u16::MAX);
        (least(target.width), least(target.height))
    };
    let is_large = u64::from(header.width) * u64::from(header.height) > PIXELS_DECODED_MAX;
    let (width, height) = if is_large { asked(1, 1) } else { asked(3, 2) };
    let (width, height) = decoder.scale(width, height).map_err(damaged)?;
    header.check_memory(u64::from(width) * u64::from(height))?;
    let pixels = decoder.decode().map_err(damaged)?;
    let layout = match stored.pixel_format {
        jpeg_decoder::PixelFormat::L8 => Layout::Grey,
        jpeg_decoder::PixelFormat::RGB24 => Layout::Rgb,
        jpeg_decoder::PixelFormat::CMYK32 => Layout::Cmyk,
        jpeg_decoder::PixelFormat::L16 => return Err(PhotoError::Damaged),
    };
    let (width, height) = (u32::from(width), u32::from(height));
    if layout == Layout::Rgb {
        return Raster::new(width, height, pixels);
    }
    shrink_all(&pixels, layout, (width, height), 1)
}

fn decode_png(bytes: &[u8], header: &mut Header, target: Size) -> Result<Raster, PhotoError> {
    let limits = png::Limits {
        bytes: PNG_EXTRA_BYTES_MAX,
    };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let (color, depth) = reader.output_color_type();
    let layout = match (color, depth) {
        (png::ColorType::Grayscale, png::BitDepth::Eight) => Layout::Grey,
        (png::ColorType::GrayscaleAlpha, png::BitDepth::Eight) => Layout::GreyAlpha,
        (png::ColorType::Rgb, png::BitDepth::Eight) => Layout::Rgb,
        (png::ColorType::Rgba, png::BitDepth::Eight) => Layout::Rgba,
        _ => return Err(PhotoError::Damaged),
    };
    let info = reader.info();
    if (info.width, info.height) != (header.width, header.height) {
        return Err(PhotoError::Damaged);
    }
    if info.srgb.is_none() && matches!(layout, Layout::Rgb | Layout::Rgba) {
        header.icc = info.icc_profile.as_ref().map(|profile| profile.to_vec());
    }
    let size = (header.width, header.height);
    let factor = factor(header, target);
    if info.interlaced {
        let mut pixels = vec![0; reader.output_buffer_size().ok_or(PhotoError::Damaged)?];
        reader.next_frame(&mut pixels).map_err(damaged)?;
        return shrink_all(&pixels, layout, size, factor);
    }
    let mut shrink = Shrink::new(layout, size, factor);
    while let Some(row) = reader.next_row().map_err(damaged)? {
        shrink.push(row.data());
    }
    shrink.finish()
}

fn decode_webp(bytes: &[u8], header: &Header, target: Size) -> Result<Raster, PhotoError> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    if decoder.is_animated() {
        return Err(PhotoError::Moving);
    }
    if decoder.dimensions() != (header.width, header.height) {
        return Err(PhotoError::Damaged);
    }
    let layout = if decoder.has_alpha() {
        Layout::Rgba
    } else {
        Layout::Rgb
    };
    let mut pixels = vec![0; decoder.output_buffer_size().ok_or(PhotoError::Damaged)?];
    decoder.read_image(&mut pixels).map_err(damaged)?;
    let factor = factor(header, target);
    if layout == Layout::Rgb && factor == 1 {
        return Raster::new(header.width, header.height, pixels);
    }
    shrink_all(&pixels, layout, (header.width, header.height), factor)
}

/// By which whole number the picture is shrunk while it is decoded: it stays twice as wide as what is
/// made of it, so that our filter decides what is sharp, unless this is too much.
fn factor(header: &Header, target: Size) -> u32 {
    let keeps = |factor: u32| {
        header.width / factor >= target.width && header.height / factor >= target.height
    };
    let factor = (header.width / (target.width * 2)).max(1);
    let pixels = u64::from(header.width / factor) * u64::from(header.height / factor);
    if pixels > PIXELS_DECODED_MAX && keeps(factor + 1) {
        factor + 1
    } else {
        factor
    }
}

fn shrink_all(
    pixels: &[u8],
    layout: Layout,
    size: (u32, u32),
    factor: u32,
) -> Result<Raster, PhotoError> {
    let mut shrink = Shrink::new(layout, size, factor);
    for row in pixels.chunks_exact(size.0 as usize * layout.channels()) {
        shrink.push(row);
    }
    shrink.finish()
}

/// A decoder's error says what is wrong with the bytes, which is nothing to an owner.
fn damaged<E>(_: E) -> PhotoError {
    PhotoError::Damaged
}
