//! Files that somebody may send, made here.

use pictures::photo::{MediaType, Raster, encode};

/// A JPEG photo; another number is another photo.
pub(crate) fn jpeg(width: u32, height: u32, number: u8) -> Vec<u8> {
    let pixels = (0..height).flat_map(|y| {
        (0..width).flat_map(move |x| {
            let wave = |at: u32, length: u32| u8::try_from(at * 255 / length).unwrap_or(255);
            [wave(x, width), wave(y, height), number.wrapping_mul(40)]
        })
    });
    let raster = Raster::new(width, height, pixels.collect()).unwrap();
    encode(&raster, MediaType::Jpeg, 85.0).unwrap()
}

/// A JPEG with lines of `Exif` after its mark.
pub(crate) fn with_exif(jpeg: &[u8], exif: &[u8]) -> Vec<u8> {
    let mut segment = b"\xFF\xE1".to_vec();
    let length = u16::try_from(exif.len() + 8).unwrap();
    segment.extend_from_slice(&length.to_be_bytes());
    segment.extend_from_slice(b"Exif\0\0");
    segment.extend_from_slice(exif);
    [&jpeg[..2], &segment, &jpeg[2..]].concat()
}

/// A grey PNG without compression.
pub(crate) fn quarters(width: u32, height: u32) -> Vec<u8> {
    let row = [&[0][..], &vec![120; width as usize]].concat();
    png(width, height, &stored(&row.repeat(height as usize)))
}

/// A PNG of one grey channel with any size and any content.
pub(crate) fn png(width: u32, height: u32, content: &[u8]) -> Vec<u8> {
    let mut head = [width.to_be_bytes(), height.to_be_bytes()].concat();
    head.extend_from_slice(&[8, 0, 0, 0, 0]);
    let chunks = [
        chunk(*b"IHDR", &head),
        chunk(*b"IDAT", content),
        chunk(*b"IEND", b""),
    ];
    [b"\x89PNG\r\n\x1A\n".to_vec(), chunks.concat()].concat()
}

fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let body = [&kind[..], content].concat();
    let sum = crc(&body).to_be_bytes();
    [&length[..], &body, &sum].concat()
}

/// A zlib stream of blocks that are not compressed (RFC 1950, 1951).
fn stored(content: &[u8]) -> Vec<u8> {
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
