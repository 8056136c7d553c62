//! Which way up a photo is, as EXIF says, and turning it. Reads one number of the metadata and follows
//! no pointer but the first, so that no loop can hold it.

use super::raster::Raster;
use super::scale::Size;

/// The tag of EXIF 2.32, section 4.6.4, that says which way up a photo is.
const ORIENTATION_TAG: u16 = 0x0112;

/// The type of that tag's value: a number of two bytes.
const TYPE_SHORT: u16 = 3;

/// How a photo has to be turned, as the numbers of EXIF's `Orientation` say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Orientation {
    #[default]
    Upright,
    Mirrored,
    UpsideDown,
    MirroredUpsideDown,
    /// Rows are columns: mirrored along the diagonal.
    Transposed,
    /// To be turned clockwise by a quarter.
    QuarterRight,
    /// Mirrored along the other diagonal.
    Transverse,
    /// To be turned anticlockwise by a quarter.
    QuarterLeft,
}

impl Orientation {
    /// Reads EXIF data as it stands in all three forms: a TIFF file. What cannot be read is upright.
    pub(super) fn from_exif(exif: &[u8]) -> Self {
        read_tag(exif).unwrap_or_default()
    }

    fn from_number(number: u16) -> Option<Self> {
        Some(match number {
            1 => Self::Upright,
            2 => Self::Mirrored,
            3 => Self::UpsideDown,
            4 => Self::MirroredUpsideDown,
            5 => Self::Transposed,
            6 => Self::QuarterRight,
            7 => Self::Transverse,
            8 => Self::QuarterLeft,
            _ => return None,
        })
    }

    /// Whether width and height change places.
    fn is_quarter(self) -> bool {
        matches!(
            self,
            Self::Transposed | Self::QuarterRight | Self::Transverse | Self::QuarterLeft
        )
    }

    /// The size of a turned picture, and as well the size that is turned into the given one.
    pub(super) fn upright(self, size: Size) -> Size {
        if self.is_quarter() {
            return Size {
                width: size.height,
                height: size.width,
            };
        }
        size
    }

    /// Turns a picture upright.
    pub(super) fn turn(self, raster: Raster) -> Raster {
        if self == Self::Upright {
            return raster;
        }
        let size = self.upright(Size {
            width: raster.width,
            height: raster.height,
        });
        let (columns, rows) = (raster.width as usize, raster.height as usize);
        let mut pixels = Vec::with_capacity(raster.pixels.len());
        for y in 0..size.height as usize {
            for x in 0..size.width as usize {
                let (column, row) = match self {
                    Self::Upright => (x, y),
                    Self::Mirrored => (columns - 1 - x, y),
                    Self::UpsideDown => (columns - 1 - x, rows - 1 - y),
                    Self::MirroredUpsideDown => (x, rows - 1 - y),
                    Self::Transposed => (y, x),
                    Self::QuarterRight => (y, rows - 1 - x),
                    Self::Transverse => (columns - 1 - y, rows - 1 - x),
                    Self::QuarterLeft => (columns - 1 - y, x),
                };
                let at = (row * columns + column) * 3;
                pixels.extend_from_slice(&raster.pixels[at..at + 3]);
            }
        }
        Raster {
            width: size.width,
            height: size.height,
            pixels,
        }
    }
}

/// Looks for the tag in the first directory (TIFF 6.0, section 2).
fn read_tag(exif: &[u8]) -> Option<Orientation> {
    let order = match exif.get(..4)? {
        b"II*\0" => ByteOrder::Little,
        b"MM\0*" => ByteOrder::Big,
        _ => return None,
    };
    let directory = usize::try_from(order.u32_at(exif, 4)?).ok()?;
    let entries = exif.get(directory..)?;
    let count = usize::from(order.u16_at(entries, 0)?);
    // An entry has twelve bytes: tag, type, count, value.
    entries
        .get(2..)?
        .chunks_exact(12)
        .take(count)
        .find_map(|entry| {
            let is_orientation = order.u16_at(entry, 0)? == ORIENTATION_TAG
                && order.u16_at(entry, 2)? == TYPE_SHORT
                && order.u32_at(entry, 4)? == 1;
            if is_orientation {
                Orientation::from_number(order.u16_at(entry, 8)?)
            } else {
                None
            }
        })
}

#[derive(Debug, Clone, Copy)]
enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    fn u16_at(self, bytes: &[u8], at: usize) -> Option<u16> {
        let pair = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u16::from_le_bytes(pair),
            Self::Big => u16::from_be_bytes(pair),
        })
    }

    fn u32_at(self, bytes: &[u8], at: usize) -> Option<u32> {
        let four = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u32::from_le_bytes(four),
            Self::Big => u32::from_be_bytes(four),
        })
    }
}
