//! The content codings of stored pages (RFC 9110, 8.4.1), and which of them a client accepts (12.5.3).

use std::io::{self, Write as _};

use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, GzBuilder};
use http::HeaderMap;
use http::header::ACCEPT_ENCODING;

use crate::accept::parse_weighted;

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Zstd,
    Brotli,
    Gzip,
}

/// Which levels of compression are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effort {
    /// Fast ones, while a request waits.
    Quick,
    /// The strongest, in the background.
    Best,
}

impl Coding {
    /// All codings, the fastest first.
    pub(super) const ALL: [Self; 3] = [Self::Zstd, Self::Brotli, Self::Gzip];

    /// The token in `Content-Encoding`.
    pub(super) fn token(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// Whether a token of `Accept-Encoding` means this coding. `x-gzip` is gzip's old name (RFC 9110,
    /// 8.4.1.3).
    fn is_named(self, token: &str) -> bool {
        token.eq_ignore_ascii_case(self.token())
            || self == Self::Gzip && token.eq_ignore_ascii_case("x-gzip")
    }

    /// The bytes in this coding; `None` if they are not smaller.
    pub(super) fn compress(self, bytes: &[u8], effort: Effort) -> Option<Vec<u8>> {
        let compressed = match (self, effort) {
            (Self::Zstd, Effort::Quick) => zstd::bulk::compress(bytes, 3),
            (Self::Zstd, Effort::Best) => zstd::bulk::compress(bytes, 19),
            (Self::Brotli, Effort::Quick) => to_brotli(bytes, 4),
            (Self::Brotli, Effort::Best) => to_brotli(bytes, 11),
            (Self::Gzip, Effort::Quick) => to_gzip(bytes, 4),
            (Self::Gzip, Effort::Best) => to_gzip(bytes, 9),
        };
        // Compressing in memory does not fail. If it did, the page would be sent uncompressed.
        compressed.ok().filter(|made| made.len() < bytes.len())
    }
}

fn to_brotli(bytes: &[u8], quality: i32) -> io::Result<Vec<u8>> {
    let params = BrotliEncoderParams {
        quality,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut compressed, &params)?;
    Ok(compressed)
}

fn to_gzip(bytes: &[u8], level: u32) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::new(level));
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The codings with the client's highest weight; none if that is `identity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AcceptedCodings {
    best: [bool; Coding::ALL.len()],
}

impl AcceptedCodings {
    /// Reads `Accept-Encoding`; `None` if it refuses all codings, `identity` included.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let mut named = [None; Coding::ALL.len()];
        let (mut identity, mut any, mut entries_count) = (None, None, 0);
        let lines = headers.get_all(ACCEPT_ENCODING).iter();
        let entries = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','));
        for (token, weight) in entries.filter_map(parse_weighted) {
            entries_count += u32::from(!token.is_empty());
            let is_named = |coding: &Coding| coding.is_named(token);
            let place = match token {
                "*" => &mut any,
                _ if token.eq_ignore_ascii_case("identity") => &mut identity,
                _ => match Coding::ALL.iter().position(is_named) {
                    Some(index) => &mut named[index],
                    None => continue,
                },
            };
            // The lowest weight of a repeated coding counts, so that a refusal is obeyed.
            *place = Some(place.map_or(weight, |earlier: u16| earlier.min(weight)));
        }
        // `*` alone comes from clients that do not look into what they get: they are sent the page as it
        // is, as they are sent files.
        if entries_count == 1 && any.is_some_and(|weight| weight > 0) {
            any = None;
        }
        let weights = named.map(|weight| weight.or(any).unwrap_or(0));
        let most = weights.into_iter().max().unwrap_or(0);
        let identity_weight = identity.or(any);
        if most == 0 && identity_weight == Some(0) {
            return None;
        }
        let is_preferred = most > 0 && most >= identity.unwrap_or(0);
        Some(Self {
            best: weights.map(|weight| is_preferred && weight == most),
        })
    }

    /// Whether a coding is among those with the highest weight.
    pub(super) fn prefers(self, index: usize) -> bool {
        self.best[index]
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(header: Option<&str>, expected: Option<&[&str]>) {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            headers.insert(ACCEPT_ENCODING, header.parse().unwrap());
        }
        let found = AcceptedCodings::read(&headers).map(|accepted| {
            let indices = (0..Coding::ALL.len()).filter(|index| accepted.prefers(*index));
            indices
                .map(|index| Coding::ALL[index].token())
                .collect::<Vec<_>>()
        });
        assert_eq!(found.as_deref(), expected, "{header:?}");
    }

    #[test]
    fn the_codings_with_the_highest_weight_are_liked_best() {
        check(None, Some(&[]));
        check(Some(""), Some(&[]));
        check(Some("nonsense"), Some(&[]));
        check(Some("gzip"), Some(&["gzip"]));
        check(Some("GZIP"), Some(&["gzip"]));
        check(
            Some("gzip, deflate, br, zstd"),
            Some(&["zstd", "br", "gzip"]),
        );
        check(Some("gzip;q=0.5, br;q=0.1, zstd;q=0.9"), Some(&["zstd"]));
        check(Some("br;q=0, gzip;q=0.2"), Some(&["gzip"]));
        check(Some("gzip;q=0"), Some(&[]));
        check(Some("gzip, gzip;q=0"), Some(&[]));
        check(Some("x-gzip"), Some(&["gzip"]));
        check(Some("gzip;q=0, X-GZIP"), Some(&[]));
        check(Some("gzip;q=nan, br;q=2"), Some(&[]));
        check(Some("*"), Some(&[]));
        check(Some("*;q=0.5"), Some(&[]));
        check(Some("*, identity;q=0.5"), Some(&["zstd", "br", "gzip"]));
        check(Some("*;q=0.5, br"), Some(&["br"]));
        check(Some("identity, gzip;q=0.5"), Some(&[]));
        check(Some("identity;q=0.5, gzip"), Some(&["gzip"]));
        check(Some("identity;q=0, gzip"), Some(&["gzip"]));
        check(Some("identity;q=0"), None);
        check(Some("*;q=0"), None);
    }

    proptest! {
        #[test]
        fn what_is_compressed_reads_back(text in ".{0,200}") {
            let bytes = text.repeat(20).into_bytes();
            for coding in Coding::ALL {
                for effort in [Effort::Quick, Effort::Best] {
                    let Some(made) = coding.compress(&bytes, effort) else { continue };
                    let mut read = Vec::new();
                    match coding {
                        Coding::Zstd => read = zstd::stream::decode_all(&*made).unwrap(),
                        Coding::Brotli => {
                            brotli::Decompressor::new(&*made, 4096).read_to_end(&mut read).unwrap();
                        }
                        Coding::Gzip => {
                            flate2::read::GzDecoder::new(&*made).read_to_end(&mut read).unwrap();
                        }
                    }
                    prop_assert_eq!(&read, &bytes);
                }
            }
        }
    }
}
