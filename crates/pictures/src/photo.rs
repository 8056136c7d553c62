//! Photos made ready for the web: a file that somebody sends becomes a few pictures of known widths,
//! upright, in sRGB, without metadata. Knows no HTTP, no database, and not what is on the photos.
//!
//! A file is a stranger's data. [`prepare_in_process`] has it read by a process of its own, with limits
//! on memory and time; that process runs [`worker::run`]. [`prepare()`] is what is done there.

mod bounds;
mod complete;
mod decode;
mod encode;
mod header;
mod icc;
mod made;
mod orientation;
mod prepare;
mod process;
mod protocol;
mod raster;
mod scale;
pub mod worker;

pub use self::bounds::{CARD_SIZE, FILE_BYTES_MAX, PIXELS_MAX, PhotoError, WIDTHS};
pub use self::complete::complete;
pub use self::encode::{JPEG_QUALITY, WEBP_QUALITY, encode};
pub use self::made::{MediaType, Prepared, Variant};
pub use self::prepare::prepare;
pub use self::process::{Limits, prepare_in_process, prepare_within};
pub use self::raster::Raster;
pub use self::scale::widths_and_heights as sizes;
