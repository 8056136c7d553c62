//! Files for the tests, made here: pictures in all forms, and what can be put into them.

use pictures::photo::{MediaType, Variant};

/// Three bytes a pixel.
pub(crate) struct Pixels {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) const RED: [u8; 3] = [200, 30, 30];
pub(crate) const GREEN: [u8; 3] = [30, 160, 40];
pub(crate) const BLUE: [u8; 3] = [30, 50, 190];
pub(crate) const YELLOW: [u8; 3] = [220, 200, 40];

impl Pixels {
    /// A picture with a red quarter at the top left, green, blue and yellow ones beside and below it.
    pub(crate) fn quarters(width: u32, height: u32) -> Self {
        Self::of(width, height, |x, y| {
            match (x < width / 2, y < height / 2) {
                (true, true) => RED,
                (false, true) => GREEN,
                (true, false) => BLUE,
                (false, false) => YELLOW,
            }
        })
    }

    pub(crate) fn of(width: u32, height: u32, color: impl Fn(u32, u32) -> [u8; 3]) -> Self {
        let color = &color;
        let bytes = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| color(x, y)))
            .collect();
        Self {
            width,
            height,
            bytes,
        }
    }

    /// Decodes what was made.
    pub(crate) fn of_variant(variant: &Variant) -> Self {
        let (width, height) = (variant.width, variant.height);
        let bytes = match variant.media_type {
            MediaType::Jpeg => {
                let mut decoder = jpeg_decoder::Decoder::new(variant.bytes.as_slice());
                let bytes = decoder.decode().unwrap();
                let info = decoder.info().unwrap();
                assert_eq!(
                    (u32::from(info.width), u32::from(info.height)),
                    (width, height)
                );
                bytes
            }
            MediaType::Webp => {
                let file = std::io::Cursor::new(&variant.bytes);
                let mut decoder = image_webp::WebPDecoder::new(file).unwrap();
                assert_eq!(decoder.dimensions(), (width, height));
                let mut bytes = vec![0; decoder.output_buffer_size().unwrap()];
                decoder.read_image(&mut bytes).unwrap();
                bytes
            }
        };
        Self {
            width,
            height,
            bytes,
        }
    }

    /// The color at a place that is given in hundredths.
    pub(crate) fn color_at(&self, x: u32, y: u32) -> [u8; 3] {
        let (column, row) = (self.width * x / 100, self.height * y / 100);
        let at = (row * self.width + column) as usize * 3;
        [self.bytes[at], self.bytes[at + 1], self.bytes[at + 2]]
    }

    pub(crate) fn jpeg(&self) -> Vec<u8> {
        jpeg(
            &self.bytes,
            (self.width, self.height),
            mozjpeg::ColorSpace::JCS_RGB,
        )
    }

    pub(crate) fn png(&self) -> Vec<u8> {
        let size = (self.width, self.height);
        png(&self.bytes, size, png::ColorType::Rgb, png::BitDepth::Eight)
    }

    pub(crate) fn webp(&self) -> Vec<u8> {
        webp::Encoder::from_rgb(&self.bytes, self.width, self.height)
            .encode(90.0)
            .to_vec()
    }
}

/// Whether two colors are the same but for what encoding loses.
pub(crate) fn is_close(one: [u8; 3], other: [u8; 3]) -> bool {
    one.into_iter()
        .zip(other)
        .all(|(one, other)| one.abs_diff(other) <= 12)
}

pub(crate) fn jpeg(
    samples: &[u8],
    (width, height): (u32, u32),
    space: mozjpeg::ColorSpace,
) -> Vec<u8> {
    let mut compress = mozjpeg::Compress::new(space);
    compress.set_size(width as usize, height as usize);
    compress.set_fastest_defaults();
    compress.set_quality(92.0);
    let mut started = compress.start_compress(Vec::new()).unwrap();
    started.write_scanlines(samples).unwrap();
    started.finish().unwrap()
}

pub(crate) fn png(
    samples: &[u8],
    (width, height): (u32, u32),
    color: png::ColorType,
    depth: png::BitDepth,
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    encoder.set_compression(png::Compression::Fast);
    encoder
        .write_header()
        .unwrap()
        .write_image_data(samples)
        .unwrap();
    file
}

/// A PNG file of the interlaced form (W3C PNG, section 8), not compressed.
pub(crate) fn interlaced_png(pixels: &Pixels) -> Vec<u8> {
    let passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];
    let mut rows = Vec::new();
    for (left, top, across, down) in passes {
        for y in (top..pixels.height).step_by(down) {
            rows.push(0);
            for x in (left..pixels.width).step_by(across) {
                let at = (y * pixels.width + x) as usize * 3;
                rows.extend_from_slice(&pixels.bytes[at..at + 3]);
            }
        }
    }
    let mut data = vec![0x78, 0x01];
    let blocks = rows.chunks(0xFFFF);
    let last = blocks.len() - 1;
    for (index, block) in blocks.enumerate() {
        let length = u16::try_from(block.len()).unwrap();
        data.push(u8::from(index == last));
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend_from_slice(block);
    }
    let (low, high) = rows.iter().fold((1_u32, 0_u32), |(low, high), &byte| {
        let low = (low + u32::from(byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    data.extend((high << 16 | low).to_be_bytes());
    let mut head = [pixels.width.to_be_bytes(), pixels.height.to_be_bytes()].concat();
    head.extend([8, 2, 0, 0, 1]);
    let chunks = [
        png_chunk(b"IHDR", &head),
        png_chunk(b"IDAT", &data),
        png_chunk(b"IEND", &[]),
    ];
    [b"\x89PNG\r\n\x1A\n".to_vec(), chunks.concat()].concat()
}

/// Puts a segment right after the mark of a JPEG file.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, data, &jpeg[2..]].concat()
}

/// Puts a chunk right after the header of a PNG file.
pub(crate) fn with_png_chunk(png: &[u8], name: &[u8], data: &[u8]) -> Vec<u8> {
    const AFTER_HEADER: usize = 33;
    let chunk = png_chunk(name, data);
    [&png[..AFTER_HEADER], &chunk, &png[AFTER_HEADER..]].concat()
}

/// Length, name, data, checksum.
fn png_chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    let named = [name, data].concat();
    [&length, named.as_slice(), &checksum(&named).to_be_bytes()].concat()
}

/// A WebP file of the extended form, with the picture of a simple one and more chunks.
pub(crate) fn extended_webp(
    simple: &[u8],
    (width, height): (u32, u32),
    more: &[(&[u8], &[u8])],
) -> Vec<u8> {
    let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
    let has = |name: &[u8]| more.iter().any(|(other, _)| *other == name);
    let flags = u8::from(has(b"ICCP")) << 5
        | u8::from(has(b"EXIF")) << 3
        | u8::from(has(b"XMP ")) << 2
        | u8::from(has(b"ANIM")) << 1;
    let head = [vec![flags, 0, 0, 0], side(width), side(height)].concat();
    let mut body = b"WEBP".to_vec();
    body.extend(webp_chunk(b"VP8X", &head));
    body.extend_from_slice(&simple[12..]);
    for (name, data) in more {
        body.extend(webp_chunk(name, data));
    }
    [
        b"RIFF",
        &u32::try_from(body.len()).unwrap().to_le_bytes()[..],
        &body,
    ]
    .concat()
}

fn webp_chunk(name: &[u8], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    let mut chunk = [name, &length, data].concat();
    if data.len() % 2 == 1 {
        chunk.push(0);
    }
    chunk
}

/// EXIF data that say which way up the photo is, in an order of bytes, with a text that may be nowhere
/// else.
pub(crate) fn exif(orientation: u16, order: &[u8]) -> Vec<u8> {
    let is_little = order == b"II";
    let short = |number: u16| {
        if is_little {
            number.to_le_bytes()
        } else {
            number.to_be_bytes()
        }
    };
    let long = |number: u32| {
        if is_little {
            number.to_le_bytes()
        } else {
            number.to_be_bytes()
        }
    };
    let mut data = order.to_vec();
    data.extend(short(42));
    data.extend(long(8));
    data.extend(short(1));
    data.extend(short(0x0112));
    data.extend(short(3));
    data.extend(long(1));
    data.extend(short(orientation));
    data.extend(short(0));
    data.extend(long(0));
    data.extend_from_slice(b"SECRET-PLACE");
    data
}

/// The checksum of PNG (W3C PNG, annex D).
fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            if sum & 1 == 1 {
                (sum >> 1) ^ 0xEDB8_8320
            } else {
                sum >> 1
            }
        })
    })
}
