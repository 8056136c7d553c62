//! Files that somebody may send, made here.

use pictures::photo::{MediaType, Raster, encode};

/// A JPEG photo; another number is another photo.
pub(crate) fn jpeg(width: u32, height: u32, number: u8) -> Vec<u8> {
    encoded(width, height, number, MediaType::Jpeg)
}

/// A WebP photo, likewise.
pub(crate) fn webp(width: u32, height: u32, number: u8) -> Vec<u8> {
    encoded(width, height, number, MediaType::Webp)
}

fn encoded(width: u32, height: u32, number: u8, form: MediaType) -> Vec<u8> {
    let pixels = (0..height).flat_map(|y| {
        (0..width).flat_map(move |x| {
            let wave = |at: u32, length: u32| u8::try_from(at * 255 / length).unwrap_or(255);
            [wave(x, width), wave(y, height), number.wrapping_mul(40)]
        })
    });
    let raster = Raster::new(width, height, pixels.collect()).unwrap();
    encode(&raster, form, 85.0).unwrap()
}

/// A JPEG with lines of `Exif` after its mark.
pub(crate) fn with_exif(jpeg: &[u8], exif: &[u8]) -> Vec<u8> {
    with_segment(jpeg, 0xE1, &[b"Exif\0\0", exif].concat())
}

/// A JPEG with a segment after its mark.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, content, &jpeg[2..]].concat()
}

/// A grey PNG without compression.
pub(crate) fn quarters(width: u32, height: u32) -> Vec<u8> {
    let row = [&[0][..], &vec![120; width as usize]].concat();
    png(width, height, &stored(&row.repeat(height as usize)))
}

/// A PNG of one grey channel with any size and any content.
pub(crate) fn png(width: u32, height: u32, content: &[u8]) -> Vec<u8> {
    png_of((width, height), [8, 0, 0, 0, 0], &[(b"IDAT", content)])
}

/// A PNG with any header and any chunks between that and its end.
pub(crate) fn png_of(
    (width, height): (u32, u32),
    rest: [u8; 5],
    chunks: &[(&[u8; 4], &[u8])],
) -> Vec<u8> {
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let head = [&sides[..], &rest].concat();
    let mut file = b"\x89PNG\r\n\x1A\n".to_vec();
    file.extend(chunk(*b"IHDR", &head));
    for (kind, content) in chunks {
        file.extend(chunk(**kind, content));
    }
    file.extend(chunk(*b"IEND", b""));
    file
}

/// A part of a PNG: its length, kind, content and checksum.
pub(crate) fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let body = [&kind[..], content].concat();
    let sum = crc(&body).to_be_bytes();
    [&length[..], &body, &sum].concat()
}

/// A zlib stream of blocks that are not compressed (RFC 1950, 1951).
pub(crate) fn stored(content: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = content.chunks(0xFFFF).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap();
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend_from_slice(&length.to_le_bytes());
        stream.extend_from_slice(&(!length).to_le_bytes());
        stream.extend_from_slice(block);
    }
    let (mut one, mut two) = (1_u32, 0_u32);
    for byte in content {
        one = (one + u32::from(*byte)) % 65_521;
        two = (two + one) % 65_521;
    }
    stream.extend_from_slice(&(two << 16 | one).to_be_bytes());
    stream
}

/// A zlib stream of so many times 258 zeros, in 13 bits each, without a checksum at its end: that is for
/// whoever has read them all.
pub(crate) fn deflated_zeros(times: usize) -> Vec<u8> {
    // The last block, of fixed codes; one zero to copy; then copies of 258 bytes from a distance of one
    // (RFC 1951, 3.2.6); then the end of the block.
    let copy = "1100010100000".repeat(times);
    let bits = format!("11000110000{copy}0000000");
    let bytes = bits.as_bytes().chunks(8).map(|bits| {
        let bit = |(at, bit): (usize, &u8)| (bit - b'0') << at;
        bits.iter().enumerate().map(bit).sum::<u8>()
    });
    [0x78, 0x9C].into_iter().chain(bytes).collect()
}

/// The checksum of a chunk (PNG, annex D).
fn crc(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let low = sum & 1;
            sum = sum >> 1 ^ (0xEDB8_8320 & 0_u32.wrapping_sub(low));
        }
    }
    !sum
}
