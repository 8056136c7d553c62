//! Compressed variants of files: brotli, gzip and zstd, each at its best.

use std::io::{self, Read, Write as _};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, GzBuilder};

/// A way to compress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Encoding {
    /// Brotli (RFC 7932).
    Brotli,
    /// gzip (RFC 1952).
    Gzip,
    /// Zstandard (RFC 8878).
    Zstd,
}

/// A variant is kept only if its length is at most this percentage of the content's
/// (`WhiteNoise 6.12 compress.py`).
pub const EFFECTIVE_PERCENT: usize = 95;

/// Content that is larger is not compressed: it would take minutes and all the memory.
pub const CONTENT_SIZE_MAX: u64 = 256 * 1024 * 1024;

/// From this size on, content is compressed only if a quick try shows a gain. Smaller content takes
/// little time, and a quick try may miss a gain there.
const QUICK_TRY_SIZE_MIN: usize = 16 * 1024;

/// The percentage of the content that the quick try may leave. It is above [`EFFECTIVE_PERCENT`],
/// since the slow levels compress better than the quick one.
const QUICK_TRY_PERCENT: usize = 97;

const QUICK_TRY_LEVEL: i32 = 3;

const BROTLI_QUALITY: i32 = 11;

/// Binary logarithm of the smallest window: one that is no larger than the content saves time.
const BROTLI_WINDOW_MIN: i32 = 16;

/// Binary logarithm of the largest window: the default of WhiteNoise.
const BROTLI_WINDOW_MAX: i32 = 22;

const GZIP_LEVEL: u32 = 9;

const ZSTD_LEVEL: i32 = 19;

/// Extensions of files that are compressed already: those of `WhiteNoise 6.12 compress.py` first,
/// then newer ones.
const COMPRESSED_EXTENSIONS: &[&str] = &[
    // Images
    "jpg", "jpeg", "png", "gif", "webp", //
    // Archives
    "zip", "gz", "tgz", "bz2", "tbz", "xz", "br", //
    // Flash
    "swf", "flv", //
    // Fonts
    "woff", "woff2", //
    // Video
    "3gp", "3gpp", "asf", "avi", "m4v", "mov", "mp4", "mpeg", "mpg", "webm", "wmv", //
    // Since then
    "apng", "avif", "heic", "jxl", // images
    "7z", "lz4", "lzma", "rar", "tbz2", "txz", "tzst", "zst", // archives
    "aac", "flac", "m4a", "mka", "mp3", "oga", "ogg", "opus", "weba", // audio
    "mkv", "ogv", // video
    "docx", "epub", "jar", "odp", "ods", "odt", "pptx", "xlsx", // archives of documents
];

impl Encoding {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Brotli, Self::Gzip, Self::Zstd];

    /// What is added to a file's name for the variant.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }
}

/// Whether compression may shorten a file, by its name.
pub fn is_compressible(name: &str) -> bool {
    let Some((_, extension)) = name.rsplit_once('.') else {
        return true;
    };
    !COMPRESSED_EXTENSIONS
        .iter()
        .any(|compressed| compressed.eq_ignore_ascii_case(extension))
}

/// Whether content is worth the slow levels. Empty content is not, nor is large content of which a
/// quick try leaves almost everything. The result depends on the content alone, so that collections
/// are reproducible.
pub fn is_worth_trying(content: &[u8]) -> bool {
    if content.len() < QUICK_TRY_SIZE_MIN {
        return !content.is_empty();
    }
    let tried = zstd::bulk::compress(content, QUICK_TRY_LEVEL);
    tried.is_ok_and(|tried| is_at_most(&tried, QUICK_TRY_PERCENT, content))
}

/// The variant of a content; `None` if it is not effective. The same content always gives the same
/// bytes.
pub fn compress(content: &[u8], encoding: Encoding) -> io::Result<Option<Vec<u8>>> {
    let variant = match encoding {
        Encoding::Brotli => to_brotli(content)?,
        Encoding::Gzip => to_gzip(content)?,
        Encoding::Zstd => zstd::bulk::compress(content, ZSTD_LEVEL)?,
    };
    let is_effective = is_at_most(&variant, EFFECTIVE_PERCENT, content);
    Ok(is_effective.then_some(variant))
}

/// Whether a variant, whoever made it, is effective and decompresses to this content.
pub fn is_variant(variant: &[u8], encoding: Encoding, content: &[u8]) -> bool {
    if !is_at_most(variant, EFFECTIVE_PERCENT, content) {
        return false;
    }
    match encoding {
        Encoding::Brotli => {
            let buffer_size = 64 * 1024;
            is_equal(brotli::Decompressor::new(variant, buffer_size), content)
        }
        Encoding::Gzip => is_equal(flate2::read::MultiGzDecoder::new(variant), content),
        Encoding::Zstd => {
            zstd::Decoder::new(variant).is_ok_and(|decoder| is_equal(decoder, content))
        }
    }
}

fn is_at_most(variant: &[u8], percent: usize, content: &[u8]) -> bool {
    variant.len().saturating_mul(100) <= content.len().saturating_mul(percent)
}

fn to_brotli(content: &[u8]) -> io::Result<Vec<u8>> {
    // The format keeps 16 bytes of the window for itself (RFC 7932, 9.1).
    let holds_content = |window: &i32| content.len() <= (1 << window) - 16;
    let window = (BROTLI_WINDOW_MIN..BROTLI_WINDOW_MAX).find(holds_content);
    let params = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: window.unwrap_or(BROTLI_WINDOW_MAX),
        size_hint: content.len(),
        ..Default::default()
    };
    let mut variant = Vec::new();
    brotli::BrotliCompress(&mut &*content, &mut variant, &params)?;
    Ok(variant)
}

/// Writes no name and no time, so that the bytes depend on the content alone.
fn to_gzip(content: &[u8]) -> io::Result<Vec<u8>> {
    let level = Compression::new(GZIP_LEVEL);
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), level);
    encoder.write_all(content)?;
    encoder.finish()
}

/// Compares with a decompressed stream, and stops at the first difference: the stream may be
/// endless.
fn is_equal(mut unpacked: impl Read, content: &[u8]) -> bool {
    let mut rest = content;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match unpacked.read(&mut buffer) {
            Ok(0) => return rest.is_empty(),
            Ok(length) => match rest.strip_prefix(&buffer[..length]) {
                Some(after) => rest = after,
                None => return false,
            },
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}
