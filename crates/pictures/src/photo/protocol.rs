//! What the process that prepares photos is sent and what it answers, in bytes. All numbers are
//! big-endian and have four bytes, but for a media type's and an error's one.
//!
//! The request is the file's length and the file. The answer begins with a byte: 0 before what was made,
//! else the error's code. What was made is the photo's width and height, how many variants there are,
//! these, and the card; each of them as width, height, media type, length and bytes.
//!
//! Whoever reads an answer trusts it no further than the file: a process that reads a stranger's file
//! may say anything.

use std::io::{self, Read, Write};

use super::bounds::{CARD_SIZE, FILE_BYTES_MAX, HEIGHT_MAX, PIXELS_MAX, PhotoError, WIDTHS};
use super::made::{MediaType, Prepared, Variant};

/// The most bytes an answer may have: several times what the noisiest photo takes.
pub(super) const ANSWER_BYTES_MAX: u64 = 40_000_000;

/// What an answer begins with when variants follow.
const PREPARED: u8 = 0;

/// Writes a file to the process.
pub(super) fn write_request(
    mut writer: impl Write,
    mut file: impl Read,
    length: usize,
) -> io::Result<()> {
    let length = u32::try_from(length).map_err(io::Error::other)?;
    writer.write_all(&length.to_be_bytes())?;
    io::copy(&mut file, &mut writer)?;
    writer.flush()
}

/// Reads a file in the process.
pub(super) fn read_request(mut reader: impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    reader.read_exact(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > FILE_BYTES_MAX {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut file = vec![0; length];
    reader.read_exact(&mut file)?;
    Ok(file)
}

/// Writes the answer to a request.
pub(super) fn write_answer(
    mut writer: impl Write,
    answer: &Result<Prepared, PhotoError>,
) -> io::Result<()> {
    match answer {
        Err(error) => writer.write_all(&[code(error)])?,
        Ok(prepared) => {
            writer.write_all(&[PREPARED])?;
            let count = u32::try_from(prepared.variants.len()).map_err(io::Error::other)?;
            for number in [prepared.width, prepared.height, count] {
                writer.write_all(&number.to_be_bytes())?;
            }
            for variant in prepared.variants.iter().chain([&prepared.card]) {
                write_variant(&mut writer, variant)?;
            }
        }
    }
    writer.flush()
}

fn write_variant(mut writer: impl Write, variant: &Variant) -> io::Result<()> {
    writer.write_all(&variant.width.to_be_bytes())?;
    writer.write_all(&variant.height.to_be_bytes())?;
    writer.write_all(&[match variant.media_type {
        MediaType::Webp => 0,
        MediaType::Jpeg => 1,
    }])?;
    writer.write_all(&length_of(&variant.bytes)?.to_be_bytes())?;
    writer.write_all(&variant.bytes)
}

/// Reads a whole answer. One that is cut off, too long or out of the limits is [`PhotoError::Damaged`].
pub(super) fn read_answer(answer: &[u8]) -> Result<Prepared, PhotoError> {
    let (&first, mut rest) = answer.split_first().ok_or(PhotoError::Damaged)?;
    if first != PREPARED {
        return Err(error(first));
    }
    read_prepared(&mut rest)
        .filter(|_| rest.is_empty())
        .ok_or(PhotoError::Damaged)
}

fn read_prepared(rest: &mut &[u8]) -> Option<Prepared> {
    let [width, height, count] = [number(rest)?, number(rest)?, number(rest)?];
    let is_within = width > 0
        && height > 0
        && u64::from(width) * u64::from(height) <= PIXELS_MAX
        && (2..=WIDTHS.len() * 2).contains(&(count as usize));
    if !is_within {
        return None;
    }
    let variants = (0..count)
        .map(|_| read_variant(rest))
        .collect::<Option<Vec<Variant>>>()?;
    let card = read_variant(rest)?;
    let is_card = card.media_type == MediaType::Jpeg
        && card.width <= CARD_SIZE.0
        && card.height <= CARD_SIZE.1;
    is_card.then_some(Prepared {
        width,
        height,
        variants,
        card,
    })
}

fn read_variant(rest: &mut &[u8]) -> Option<Variant> {
    let [width, height] = [number(rest)?, number(rest)?];
    let (media_type, mark): (MediaType, &[u8]) = match rest.split_off_first()? {
        0 => (MediaType::Webp, b"RIFF"),
        1 => (MediaType::Jpeg, &[0xFF, 0xD8, 0xFF]),
        _ => return None,
    };
    let length = usize::try_from(number(rest)?).ok()?;
    let bytes = rest.split_off(..length)?.to_vec();
    let is_within = (1..=WIDTHS[2]).contains(&width)
        && (1..=HEIGHT_MAX).contains(&height)
        && bytes.starts_with(mark);
    is_within.then_some(Variant {
        width,
        height,
        media_type,
        bytes,
    })
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*rest.split_off(..4)?.first_chunk()?))
}

fn length_of(bytes: &[u8]) -> io::Result<u32> {
    u32::try_from(bytes.len()).map_err(io::Error::other)
}

fn code(error: &PhotoError) -> u8 {
    match error {
        PhotoError::Damaged => 1,
        PhotoError::Empty => 2,
        PhotoError::FileTooLarge => 3,
        PhotoError::NotAPhoto => 4,
        PhotoError::TooManyPixels => 5,
        PhotoError::TooLong => 6,
        PhotoError::Moving => 7,
        PhotoError::TooMuchMemory => 8,
        PhotoError::Unavailable(_) => 9,
    }
}

fn error(code: u8) -> PhotoError {
    match code {
        2 => PhotoError::Empty,
        3 => PhotoError::FileTooLarge,
        4 => PhotoError::NotAPhoto,
        5 => PhotoError::TooManyPixels,
        6 => PhotoError::TooLong,
        7 => PhotoError::Moving,
        8 => PhotoError::TooMuchMemory,
        // A process that could not be started does not answer.
        _ => PhotoError::Damaged,
    }
}
