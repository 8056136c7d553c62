//! Photos that are cut, or wrong inside.

use super::bombs::{chunk, container, frame_of};
use super::{Fate, Hostile};
use crate::photos::files::{jpeg, png, png_of, quarters, stored, webp, with_segment};

/// A PNG's rows that say which filter they have, of four pixels.
const ROWS: [u8; 20] = [0; 20];

pub(super) fn files() -> Vec<Hostile> {
    [cuts(), jpegs(), pngs(), webps()].concat()
}

/// Each form, cut in ten places. What ends a few bytes early may still be a photo.
fn cuts() -> Vec<Hostile> {
    let forms = [
        ("jpg", jpeg(64, 48, 30)),
        ("png", quarters(64, 48)),
        ("webp", webp(64, 48, 30)),
    ];
    let mut files = Vec::new();
    for (form, whole) in &forms {
        // The mark of a PNG has eight bytes, and that of a WebP twelve.
        for part in 1..=10 {
            let cut = whole[..12 + (whole.len() - 13) * part / 10].to_vec();
            let fate = if part < 7 {
                Fate::Damaged
            } else {
                Fate::Either
            };
            files.push(Hostile::new(format!("cut-{part}.{form}"), cut, fate));
        }
    }
    files
}

fn jpegs() -> Vec<Hostile> {
    let photo = jpeg(64, 48, 31);
    let frame = frame_of(&photo);
    let changed = |at: usize, byte: u8| {
        let mut file = photo.clone();
        file[at] = byte;
        file
    };
    let second = &photo[frame + 4..frame + 19];
    // The counts of codes of each length, more than there can be.
    let codes = [&[0][..], &[255; 16], &[0; 255]].concat();
    vec![
        Hostile::new("mark.jpg", b"\xFF\xD8\xFF", Fate::Damaged),
        Hostile::new("end.jpg", b"\xFF\xD8\xFF\xD9", Fate::Damaged),
        Hostile::new(
            "fill.jpg",
            [b"\xFF\xD8", &[0xFF; 5_000][..]].concat(),
            Fate::Damaged,
        ),
        Hostile::new("short.jpg", b"\xFF\xD8\xFF\xE0\0\0\xFF\xD9", Fate::Damaged),
        Hostile::new("one.jpg", b"\xFF\xD8\xFF\xE0\0\x01\xFF\xD9", Fate::Damaged),
        Hostile::new(
            "two-frames.jpg",
            with_segment(&photo, 0xC0, second),
            Fate::Damaged,
        ),
        Hostile::new("arithmetic.jpg", changed(frame + 1, 0xC9), Fate::Damaged),
        Hostile::new("lossless.jpg", changed(frame + 1, 0xC3), Fate::Damaged),
        Hostile::new("hierarchical.jpg", changed(frame + 1, 0xC5), Fate::Damaged),
        Hostile::new("deep.jpg", changed(frame + 4, 16), Fate::Damaged),
        Hostile::new("components.jpg", changed(frame + 9, 255), Fate::Damaged),
        Hostile::new("none.jpg", changed(frame + 9, 0), Fate::Damaged),
        Hostile::new("factors.jpg", changed(frame + 11, 0xFF), Fate::Damaged),
        Hostile::new("no-factor.jpg", changed(frame + 11, 0), Fate::Damaged),
        Hostile::new("table.jpg", changed(frame + 12, 200), Fate::Damaged),
        Hostile::new(
            "codes.jpg",
            with_segment(&photo, 0xC4, &codes),
            Fate::Damaged,
        ),
        Hostile::new(
            "quantities.jpg",
            with_segment(&photo, 0xDB, &[0xFF; 64]),
            Fate::Damaged,
        ),
    ]
}

fn pngs() -> Vec<Hostile> {
    let data = stored(&ROWS);
    let size = (4, 4);
    let of = |rest: [u8; 5]| png_of(size, rest, &[(b"IDAT", &data)]);
    let good = png(4, 4, &data);
    let flipped = |at: usize| {
        let mut file = good.clone();
        file[at] ^= 1;
        file
    };
    let mut endless = good.clone();
    endless[33..37].copy_from_slice(&u32::MAX.to_be_bytes());
    let filters = stored(&[9; 20]);
    let parts: Vec<_> = data.iter().map(std::slice::from_ref).collect();
    let empty: Vec<(&[u8; 4], &[u8])> = vec![(b"IDAT", b""); 3_000];
    let in_parts: Vec<(&[u8; 4], &[u8])> = parts.iter().map(|part| (b"IDAT", *part)).collect();
    let grey = [8, 0, 0, 0, 0];
    vec![
        Hostile::new("mark.png", b"\x89PNG\r\n\x1A\n", Fate::Damaged),
        Hostile::new("head.png", flipped(30), Fate::Damaged),
        Hostile::new("sum.png", flipped(good.len() - 13), Fate::Either),
        Hostile::new("endless.png", endless, Fate::Damaged),
        Hostile::new("depth.png", of([3, 0, 0, 0, 0]), Fate::Damaged),
        Hostile::new("color.png", of([8, 5, 0, 0, 0]), Fate::Damaged),
        Hostile::new("method.png", of([8, 0, 1, 0, 0]), Fate::Damaged),
        Hostile::new("filter.png", of([8, 0, 0, 1, 0]), Fate::Damaged),
        Hostile::new("order.png", of([8, 0, 0, 0, 2]), Fate::Damaged),
        Hostile::new("palette.png", of([8, 3, 0, 0, 0]), Fate::Damaged),
        Hostile::new("filters.png", png(4, 4, &filters), Fate::Damaged),
        Hostile::new("nothing.png", png_of(size, grey, &[]), Fate::Damaged),
        Hostile::new("empty.png", png_of(size, grey, &empty), Fate::Damaged),
        Hostile::new("bytes.png", png_of(size, grey, &in_parts), Fate::Kept),
        Hostile::new(
            "moving.png",
            png_of(
                size,
                grey,
                &[(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]), (b"IDAT", &data)],
            ),
            Fate::Refused(MOVING),
        ),
    ]
}

const MOVING: &str = "The file is a moving picture, not a photo.";

fn webps() -> Vec<Hostile> {
    let photo = webp(64, 48, 31);
    let picture = &photo[12..];
    // Flags, and a side less one in three bytes, twice.
    let head = |flags: u8| chunk(*b"VP8X", &[flags, 0, 0, 0, 63, 0, 0, 47, 0, 0]);
    let frames = [chunk(*b"ANIM", &[0; 6]), chunk(*b"ANMF", &[0; 24])].concat();
    // The mark of a lossless picture, 64 and 48 pixels less one in 14 bits each, and nothing that has a sense.
    let noise = [b"\x2F\x3F\xC0\x0B\0", &[0x2F; 300][..]].concat();
    let mut lying = photo.clone();
    lying[16..20].fill(0xFF);
    let mut unmarked = photo.clone();
    unmarked[23..26].fill(0);
    vec![
        Hostile::new("mark.webp", b"RIFF\x04\0\0\0WEBP", Fate::Damaged),
        Hostile::new("lying.webp", lying, Fate::Damaged),
        Hostile::new("unmarked.webp", unmarked, Fate::Damaged),
        Hostile::new(
            "noise.webp",
            container(&chunk(*b"VP8L", &noise)),
            Fate::Damaged,
        ),
        Hostile::new(
            "unknown.webp",
            container(&chunk(*b"EVIL", b"SECRET")),
            Fate::Damaged,
        ),
        Hostile::new(
            "moving.webp",
            container(&[head(2), frames].concat()),
            Fate::Refused(MOVING),
        ),
        Hostile::new(
            "alpha.webp",
            container(&[&head(16), &chunk(*b"ALPH", &[0xFF; 40])[..], picture].concat()),
            Fate::Either,
        ),
        Hostile::new(
            "twice.webp",
            container(&[&head(0), picture, picture].concat()),
            Fate::Either,
        ),
    ]
}
