//! Files that are small and say that they are large, or become large once they are unpacked.

use super::{Fate, Hostile};
use crate::photos::files::{deflated_zeros, jpeg, png, png_of, stored, webp};

const TOO_MANY_PIXELS: Fate = Fate::Refused("The photo has more than 50 megapixels.");
const TOO_MUCH_MEMORY: Fate =
    Fate::Refused("The photo takes too much memory to read. Save it smaller, or as a simple JPEG.");
const TOO_LONG: Fate =
    Fate::Refused("One side of the photo is more than eight times as long as the other.");

/// The forms of a PNG: eight bits of grey, and sixteen bits of color with transparency, interlaced.
const GREY: [u8; 5] = [8, 0, 0, 0, 0];
const INTERLACED: [u8; 5] = [16, 6, 0, 0, 1];

pub(super) fn files() -> Vec<Hostile> {
    [pngs(), jpegs(), webps()].concat()
}

fn pngs() -> Vec<Hostile> {
    // 25 MB, 77 MB and 258 MB in what they are packed to.
    let [small, middle, large] = [100_000, 300_000, 1_000_000].map(deflated_zeros);
    let text = [&b"Comment\0\0"[..], &middle].concat();
    let international = [&b"Comment\0\x01\0\0\0"[..], &middle].concat();
    let profile = [&b"sRGB\0\0"[..], &middle].concat();
    let with = |grey: u8, chunk: (&[u8; 4], &[u8])| {
        let rows = [&[0][..], &[grey; 64]].concat().repeat(48);
        png_of((64, 48), GREY, &[chunk, (b"IDAT", &stored(&rows))])
    };
    vec![
        Hostile::new(
            "100000.png",
            png(100_000, 100_000, b"\x78\x9C"),
            TOO_MANY_PIXELS,
        ),
        Hostile::new("most.png", png(u32::MAX, u32::MAX, b""), TOO_MANY_PIXELS),
        Hostile::new("wide.png", png(u32::MAX, 1, b""), TOO_MANY_PIXELS),
        Hostile::new("narrow.png", png(100, 9_000, b""), TOO_LONG),
        Hostile::new("flat.png", png(0, 100, b""), Fate::Damaged),
        Hostile::new("thin.png", png(100, 0, b""), Fate::Damaged),
        Hostile::new(
            "poor.png",
            png(4_000, 4_000, b"\x78\x9C\x03\0\0\0\0\x01"),
            Fate::Damaged,
        ),
        Hostile::new("zeros.png", png(7_000, 7_000, &small), Fate::Damaged),
        Hostile::new("more.png", png(64, 48, &large), Fate::Either),
        Hostile::new(
            "interlaced.png",
            png_of((5_000, 5_000), INTERLACED, &[]),
            TOO_MUCH_MEMORY,
        ),
        Hostile::new("ztxt.png", with(10, (b"zTXt", &text)), Fate::Kept),
        Hostile::new("itxt.png", with(20, (b"iTXt", &international)), Fate::Kept),
        Hostile::new("iccp.png", with(30, (b"iCCP", &profile)), Fate::Either),
    ]
}

fn jpegs() -> Vec<Hostile> {
    let sized = |number: u8, width: u16, height: u16| {
        let mut file = jpeg(64, 48, number);
        let at = frame_of(&file) + 5;
        file[at..at + 2].copy_from_slice(&height.to_be_bytes());
        file[at + 2..at + 4].copy_from_slice(&width.to_be_bytes());
        file
    };
    let mut progressive = sized(6, 7_000, 7_000);
    let at = frame_of(&progressive) + 1;
    progressive[at] = 0xC2;
    let mut files = vec![
        Hostile::new("65000.jpg", sized(1, 65_000, 65_000), TOO_MANY_PIXELS),
        Hostile::new("most.jpg", sized(2, u16::MAX, u16::MAX), TOO_MANY_PIXELS),
        Hostile::new("wide.jpg", sized(3, u16::MAX, 48), TOO_LONG),
        Hostile::new("thin.jpg", sized(4, 0, 48), Fate::Damaged),
        // What follows the scan would have to say the height.
        Hostile::new("flat.jpg", sized(5, 64, 0), Fate::Damaged),
        Hostile::new("progressive.jpg", progressive, TOO_MUCH_MEMORY),
        Hostile::new("poor.jpg", sized(7, 3_000, 2_000), Fate::Either),
    ];
    // A progressive photo of thousands of scans, each of the first coefficient alone.
    let mut photo = jpeg(64, 48, 8);
    let frame = frame_of(&photo);
    photo[frame + 1] = 0xC2;
    let scan = photo
        .windows(2)
        .rposition(|two| two == b"\xFF\xDA")
        .unwrap();
    photo[scan + 12] = 0;
    let end = photo.len() - 2;
    let scans = photo[scan..end].repeat(5_000);
    let file = [&photo[..end], &scans, b"\xFF\xD9"].concat();
    files.push(Hostile::new("scans.jpg", file, Fate::Either));
    files
}

fn webps() -> Vec<Hostile> {
    let lossy = webp(64, 48, 1);
    let mut sized = lossy.clone();
    let at = 3 + lossy
        .windows(3)
        .position(|code| code == b"\x9D\x01\x2A")
        .unwrap();
    sized[at..at + 4].copy_from_slice(b"\xFF\x3F\xFF\x3F");
    let picture = &lossy[12..];
    let canvas = |width: u32, height: u32, more: &[u8]| {
        let side = |side: u32| (side - 1).to_le_bytes()[..3].to_vec();
        let head = [vec![0; 4], side(width), side(height)].concat();
        container(&[&chunk(*b"VP8X", &head)[..], more].concat())
    };
    // A lossless picture's 14 bits for each side.
    let lossless = container(&chunk(*b"VP8L", b"\x2F\xFF\xFF\xFF\x0F\0\0\0\0"));
    vec![
        Hostile::new("most.webp", sized.clone(), TOO_MANY_PIXELS),
        Hostile::new("lossless.webp", lossless, TOO_MANY_PIXELS),
        Hostile::new(
            "canvas.webp",
            canvas(100_000, 100_000, picture),
            Fate::Damaged,
        ),
        Hostile::new("inside.webp", canvas(64, 48, &sized[12..]), Fate::Damaged),
        Hostile::new("empty.webp", canvas(100_000, 100_000, b""), Fate::Damaged),
    ]
}

/// Where a JPEG's frame begins, which says its size.
pub(super) fn frame_of(jpeg: &[u8]) -> usize {
    let is_frame = |two: &[u8]| two[0] == 0xFF && (0xC0..=0xC2).contains(&two[1]);
    jpeg.windows(2).position(is_frame).unwrap()
}

/// A part of a WebP file.
pub(super) fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    let padding: &[u8] = if content.len() % 2 == 1 { b"\0" } else { b"" };
    [&kind[..], &length, content, padding].concat()
}

/// A WebP file of these parts.
pub(super) fn container(chunks: &[u8]) -> Vec<u8> {
    let length = u32::try_from(chunks.len() + 4).unwrap().to_le_bytes();
    [b"RIFF", &length[..], b"WEBP", chunks].concat()
}
