//! Photos with something in them that must not be served: a second file, a place, a payload.

use super::bombs::{chunk, container};
use super::{Fate, Hostile, SVG};
use crate::photos::files::{jpeg, png_of, stored, webp, with_exif, with_segment};

const PAGE: &[u8] = b"<!doctype html><script>alert('SECRET')</script>";

pub(super) fn files() -> Vec<Hostile> {
    let mut files = Vec::new();
    let contents = [after(), exif(), segments(), profiles(), in_other_forms()].concat();
    for (number, content) in contents.into_iter().enumerate() {
        files.push(Hostile::new(
            format!("hidden-{number}.jpg"),
            content,
            Fate::Kept,
        ));
    }
    files
}

/// Another number is another photo.
fn photo(number: u8) -> Vec<u8> {
    jpeg(64 + u32::from(number % 7), 48, number)
}

/// What follows a photo.
fn after() -> Vec<Vec<u8>> {
    let endings: [&[u8]; 8] = [
        PAGE,
        SVG,
        b"<?php system('SECRET'); ?>",
        b"PK\x03\x04\x14\0\0\0SECRET.txtPK\x05\x06",
        b"\0\0\0\x18ftypisom\0\0\0\0isomSECRET",
        b"%PDF-1.7 SECRET",
        b"\xFF\xD8\xFF\xE1SECRET\xFF\xD9",
        &vec![0; 500_000],
    ];
    let files = (40..).zip(endings);
    files
        .map(|(number, ending)| [&photo(number)[..], ending].concat())
        .collect()
}

/// Directories of TIFF as cameras write them, and as none does.
fn exif() -> Vec<Vec<u8>> {
    let directories: [&[u8]; 11] = [
        b"",
        b"II",
        // The first is in the header.
        b"II*\0\0\0\0\0\x12\x01",
        // The next one is the same.
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x08\0\0\0SECRET",
        // Far behind the end.
        b"MM\0*\xFF\xFF\xFF\xFFSECRET",
        // More entries than bytes.
        b"MM\0*\0\0\0\x08\xFF\xFF\x01\x12\0\x03\0\0\0\x01\0\x01\0\0SECRET",
        // Ways up that there are not: 0, 9, and a text.
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\0\0\0\0\0\0\0\0SECRET",
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x09\0\0\0\0\0\0\0SECRET",
        b"II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\xFF\xFF\xFF\xFF\x06\0\0\0\0\0\0\0SECRET",
        // A camera and a place.
        b"II*\0\x08\0\0\0\x01\0\x10\x01\x02\0\x14\0\0\0\x1A\0\0\0\0\0\0\0SECRET 51.5N 0.1W\0",
        &vec![0xFF; 60_000],
    ];
    let files = (50..).zip(directories);
    files
        .map(|(number, data)| with_exif(&photo(number), data))
        .collect()
}

/// Other segments that programs put their own into.
fn segments() -> Vec<Vec<u8>> {
    let segments: [(u8, &[u8]); 6] = [
        (0xFE, PAGE),
        (
            0xE1,
            b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRET</x:xmpmeta>",
        ),
        (0xED, b"Photoshop 3.0\08BIM\x04\x04\0\0SECRET"),
        (0xE2, b"MPF\0SECRET"),
        (0xEF, b"SECRET"),
        (0xE0, b"JFXX\0\x10SECRET"),
    ];
    let mut files: Vec<_> = (70..)
        .zip(segments)
        .map(|(number, (marker, content))| with_segment(&photo(number), marker, content))
        .collect();
    let mut many = photo(80);
    for _ in 0..30 {
        many = with_segment(&many, 0xEB, &vec![b'S'; 60_000]);
    }
    files.push(many);
    files
}

/// Color profiles that are none, or of which a part is missing.
fn profiles() -> Vec<Vec<u8>> {
    // Such as promise four thousand million numbers, or lie behind the end.
    let mut curve = [0; 300];
    curve[16..24].copy_from_slice(b"RGB XYZ ");
    curve[128..132].copy_from_slice(&u32::MAX.to_be_bytes());
    let mut tags = curve;
    tags[128..132].copy_from_slice(&3_u32.to_be_bytes());
    for (at, name) in [(132, b"rTRC"), (144, b"gTRC"), (156, b"bTRC")] {
        tags[at..at + 4].copy_from_slice(name);
        tags[at + 4..at + 8].copy_from_slice(&200_u32.to_be_bytes());
        tags[at + 8..at + 12].copy_from_slice(&u32::MAX.to_be_bytes());
    }
    tags[200..204].copy_from_slice(b"curv");
    tags[208..212].copy_from_slice(&u32::MAX.to_be_bytes());
    let parts: [&[u8]; 4] = [b"", &vec![0xFF; 60_000], &curve, &tags];
    let files = (90..).zip(parts);
    files
        .map(|(number, profile)| {
            let content = [b"ICC_PROFILE\0\x01\xFF", profile].concat();
            with_segment(&photo(number), 0xE2, &content)
        })
        .collect()
}

fn in_other_forms() -> Vec<Vec<u8>> {
    let exif: &[u8] = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x08\0\0\0SECRET";
    let in_png = |number: u8, kind: &[u8; 4], content: &[u8]| {
        let row = [&[0][..], &[number * 60; 64]].concat();
        let rows = stored(&row.repeat(48));
        png_of(
            (64, 48),
            [8, 0, 0, 0, 0],
            &[(kind, content), (b"IDAT", &rows)],
        )
    };
    let with_chunk = |number: u8, flags: u8, kind: &[u8; 4], content: &[u8]| {
        let photo = webp(64, 48, number);
        let head = chunk(*b"VP8X", &[flags, 0, 0, 0, 63, 0, 0, 47, 0, 0]);
        container(&[&head, &photo[12..], &chunk(*kind, content)[..]].concat())
    };
    vec![
        in_png(1, b"tEXt", &[b"Comment\0", PAGE].concat()),
        in_png(2, b"eXIf", exif),
        in_png(3, b"eviL", b"SECRET"),
        with_chunk(1, 8, b"EXIF", exif),
        with_chunk(2, 4, b"XMP ", b"<x:xmpmeta>SECRET</x:xmpmeta>"),
        with_chunk(3, 32, b"ICCP", &[0xFF; 3_000]),
        with_chunk(4, 0, b"EVIL", PAGE),
    ]
}
