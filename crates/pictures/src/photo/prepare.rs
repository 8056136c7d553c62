//! The walk of a photo: its header, its pixels, their size, colors and direction, and the files that are
//! made of them.

use super::bounds::{CARD_SIZE, PhotoError, check_length};
use super::encode::{JPEG_QUALITY, WEBP_QUALITY, encode};
use super::made::{MediaType, Prepared, Variant};
use super::raster::Raster;
use super::scale::{self, Size};
use super::{decode, header, icc};

/// Makes the variants of a photo in this process. A file made for that purpose can take the process a
/// lot of memory and time, or end it: [`super::prepare_in_process`] is for files of strangers.
///
/// The limits on bytes, pixels, shape and memory are decided from the file's header, before anything is
/// decoded.
pub fn prepare(bytes: &[u8]) -> Result<Prepared, PhotoError> {
    prepare_owned(bytes.to_vec())
}

/// Like [`prepare`], but gives the file's memory back before anything is encoded.
pub(super) fn prepare_owned(bytes: Vec<u8>) -> Result<Prepared, PhotoError> {
    check_length(bytes.len())?;
    let mut header = header::read(&bytes)?;
    let upright = header.orientation.upright(Size {
        width: header.width,
        height: header.height,
    });
    let sizes = scale::sizes(upright);
    let largest = sizes[sizes.len() - 1];
    let stored = header.orientation.upright(largest);
    let decoded = decode::decode(&bytes, &mut header, stored)?;
    drop(bytes);
    let mut base = scale::resize(decoded, stored)?;
    if let Some(profile) = header
        .icc
        .as_deref()
        .and_then(icc::Conversion::from_profile)
    {
        profile.apply(&mut base.pixels);
    }
    let base = header.orientation.turn(base);
    Ok(Prepared {
        width: upright.width,
        height: upright.height,
        variants: encode_sizes(&base, &sizes)?,
        card: card(&base)?,
    })
}

fn encode_sizes(base: &Raster, sizes: &[Size]) -> Result<Vec<Variant>, PhotoError> {
    let mut variants = Vec::with_capacity(sizes.len() * 2);
    for &size in sizes {
        let scaled = scale::resized(base, size)?;
        variants.push(variant(&scaled, MediaType::Webp)?);
        variants.push(variant(&scaled, MediaType::Jpeg)?);
    }
    Ok(variants)
}

fn card(base: &Raster) -> Result<Variant, PhotoError> {
    variant(&scale::cropped(base, CARD_SIZE)?, MediaType::Jpeg)
}

fn variant(raster: &Raster, media_type: MediaType) -> Result<Variant, PhotoError> {
    let quality = match media_type {
        MediaType::Webp => WEBP_QUALITY,
        MediaType::Jpeg => JPEG_QUALITY,
    };
    let bytes = encode(raster, media_type, quality)?;
    let Raster { width, height, .. } = *raster;
    Ok(Variant {
        width,
        height,
        media_type,
        bytes,
    })
}
