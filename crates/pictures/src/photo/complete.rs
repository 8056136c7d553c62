//! The rest of what is made of a photo, from its WebP files: a program that carries photos carries these
//! alone, a third of all files.

use super::bounds::{CARD_SIZE, PhotoError};
use super::encode::jpeg_quickly;
use super::made::{MediaType, Prepared, Variant};
use super::raster::Raster;
use super::scale::{self, Size};
use super::{decode, header};

/// What is made of a photo of an upright size, in pixels, when the WebP files of all its widths are there
/// already, from the narrowest. It takes a fraction of the time of [`super::prepare()`], and JPEGs that are a
/// little larger. The crop has its whole size, whatever the size of the photo.
pub fn complete((width, height): (u32, u32), webps: &[&[u8]]) -> Result<Prepared, PhotoError> {
    let mut variants = Vec::with_capacity(webps.len() * 2);
    let mut largest = None;
    for &webp in webps {
        let raster = decoded(webp)?;
        variants.push(Variant {
            width: raster.width,
            height: raster.height,
            media_type: MediaType::Webp,
            bytes: webp.to_vec(),
        });
        variants.push(variant(&raster)?);
        largest = Some(raster);
    }
    let largest = largest.ok_or(PhotoError::Empty)?;
    Ok(Prepared {
        width,
        height,
        variants,
        card: variant(&scale::filled(&largest, CARD_SIZE)?)?,
    })
}

fn decoded(webp: &[u8]) -> Result<Raster, PhotoError> {
    let mut header = header::read(webp)?;
    let whole = Size {
        width: header.width,
        height: header.height,
    };
    decode::decode(webp, &mut header, whole)
}

fn variant(raster: &Raster) -> Result<Variant, PhotoError> {
    Ok(Variant {
        width: raster.width,
        height: raster.height,
        media_type: MediaType::Jpeg,
        bytes: jpeg_quickly(raster)?,
    })
}
