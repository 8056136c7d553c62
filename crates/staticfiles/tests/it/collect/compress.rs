//! Compressed variants.

use std::io::Read as _;

use staticfiles::compress::{Encoding, compress, is_compressible, is_variant, is_worth_trying};

fn text() -> Vec<u8> {
    (0..400)
        .flat_map(|number| format!("a book, number {number}\n").into_bytes())
        .collect()
}

/// Bytes without a pattern.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn variants_unpack_to_the_content() {
    let text = text();
    for encoding in Encoding::ALL {
        let variant = compress(&text, encoding).unwrap().unwrap();
        assert!(variant.len() * 2 < text.len(), "{encoding:?}");
        assert!(is_variant(&variant, encoding, &text));
        assert_eq!(compress(&text, encoding).unwrap().unwrap(), variant);
    }
}

#[test]
fn a_variant_of_anything_else_is_noticed() {
    let text = text();
    let longer = [&*text, b"more"].concat();
    let mut other = text.clone();
    other[100] ^= 1;
    for encoding in Encoding::ALL {
        let variant = compress(&text, encoding).unwrap().unwrap();
        for content in [&*longer, &*other, &text[..text.len() - 1], b""] {
            assert!(!is_variant(&variant, encoding, content), "{encoding:?}");
        }
        let cut = &variant[..variant.len() / 2];
        assert!(!is_variant(cut, encoding, &text), "{encoding:?}");
        assert!(!is_variant(b"", encoding, &text), "{encoding:?}");
        assert!(!is_variant(&text[..99], encoding, &text), "{encoding:?}");
    }
}

#[test]
fn a_variant_is_kept_at_95_percent() {
    for encoding in Encoding::ALL {
        assert_eq!(compress(b"", encoding).unwrap(), None);
        assert_eq!(compress(b"ab", encoding).unwrap(), None);
        assert_eq!(compress(&noise(2000), encoding).unwrap(), None);
        // The noise stays, the rest goes: a bit less and a bit more than what is needed.
        let (enough, too_little) = ([noise(750), vec![0; 250]], [noise(970), vec![0; 30]]);
        assert!(
            compress(&enough.concat(), encoding).unwrap().is_some(),
            "{encoding:?}"
        );
        assert!(
            compress(&too_little.concat(), encoding).unwrap().is_none(),
            "{encoding:?}"
        );
    }
}

#[test]
fn gzip_knows_neither_time_nor_name() {
    let variant = compress(&text(), Encoding::Gzip).unwrap().unwrap();
    let mut decoder = flate2::read::GzDecoder::new(&*variant);
    let mut unpacked = Vec::new();
    decoder.read_to_end(&mut unpacked).unwrap();
    let header = decoder.header().unwrap();
    assert_eq!((header.mtime(), header.filename()), (0, None));
    assert_eq!(unpacked, text());
}

/// Browsers need not keep more than 8 MB (RFC 9659).
#[test]
fn the_window_of_zstd_is_not_larger_than_browsers_allow() {
    let content = vec![7; 20 * 1024 * 1024];
    let variant = compress(&content, Encoding::Zstd).unwrap().unwrap();
    let mut decoder = zstd::Decoder::new(&*variant).unwrap();
    decoder.window_log_max(23).unwrap();
    let mut length = 0;
    let mut chunk = vec![0; 1 << 16];
    loop {
        match decoder.read(&mut chunk).unwrap() {
            0 => break,
            read => length += read,
        }
    }
    assert_eq!(length, content.len());
}

#[test]
fn large_content_without_gain_is_seen_at_once() {
    assert!(!is_worth_trying(b""));
    assert!(is_worth_trying(&noise(1000)));
    assert!(!is_worth_trying(&noise(100_000)));
    assert!(is_worth_trying(&[noise(90_000), vec![0; 10_000]].concat()));
}

#[test]
fn files_that_are_compressed_already_are_known_by_name() {
    for name in [
        "a.png",
        "a.JPG",
        "css/a.woff2",
        "a.tar.gz",
        "a.mp4",
        "a.webm",
        "a.br",
        "a.zst",
    ] {
        assert!(!is_compressible(name), "{name}");
    }
    for name in [
        "a.css",
        "a.svg",
        "a.js",
        "noext",
        "a.png.map",
        "png",
        "a.ttf",
        "a.ico",
        "a.wasm",
    ] {
        assert!(is_compressible(name), "{name}");
    }
}
