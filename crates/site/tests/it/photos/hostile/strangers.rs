//! Files that are no photos, whatever they are called, and photos whose names are not what they seem.

use super::{Fate, Hostile, NO_PHOTO, SVG};
use crate::photos::files::{jpeg, png, quarters, webp};

/// What is no photo, by its first bytes.
const STRANGERS: [(&str, &[u8]); 31] = [
    ("drawing.jpg", SVG),
    (
        "drawing.svg",
        b"<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><svg>&a;</svg>",
    ),
    ("page.jpg", b"<html><body onload=alert(1)>SECRET"),
    ("page.html", b"<!doctype html><script>SECRET</script>"),
    ("old.gif", b"GIF87a\x01\0\x01\0\0\0\0;"),
    ("moving.gif", b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"),
    ("gif.jpg", b"GIF89a\xFF\xD8\xFF\xE0/*SECRET*/"),
    ("paper.pdf", b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(SECRET)>>"),
    ("archive.jpg", b"PK\x03\x04\x14\0\0\0SECRET"),
    ("packed.png", b"\x1F\x8B\x08\0\0\0\0\0\0\x03SECRET"),
    ("program.jpg", b"\x7FELF\x02\x01\x01\0SECRET"),
    ("program.exe", b"MZ\x90\0\x03\0\0\0SECRET"),
    ("script.jpg", b"#!/bin/sh\necho SECRET"),
    ("script.php", b"<?php system('SECRET'); ?>"),
    ("class.jpg", b"\xCA\xFE\xBA\xBE\0\0\0\x34"),
    ("wasm.png", b"\0asm\x01\0\0\0"),
    ("iphone.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
    ("modern.avif", b"\0\0\0\x1Cftypavif\0\0\0\0avifmif1miaf"),
    ("modern.jxl", b"\0\0\0\x0CJXL \r\n\x87\n"),
    ("bare.jxl", b"\xFF\x0A\xFA\x7F"),
    ("film.mp4", b"\0\0\0\x18ftypisom\0\0\0\0isommp42"),
    ("bitmap.bmp", b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0"),
    ("scan.tif", b"II*\0\x08\0\0\0\0\0"),
    ("scan.tiff", b"MM\0*\0\0\0\x08\0\0"),
    ("layers.psd", b"8BPS\0\x01\0\0\0\0\0\0\0\x03"),
    ("icon.ico", b"\0\0\x01\0\x01\0\x10\x10\0\0"),
    ("sound.webp", b"RIFF\x24\0\0\0WAVEfmt "),
    ("film.webp", b"RIFF\x24\0\0\0AVI LIST"),
    ("text.jpg", b"data:image/jpeg;base64,/9j/4AAQSkZJRg"),
    ("mark.jpg", b"\xFF"),
    ("zeros.png", &[0; 4096]),
];

/// Names that somebody might take for a path, a command, markup or another name.
const NAMES: [&str; 10] = [
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\a.jpg",
    "/dev/null",
    "a.jpg\0.php",
    "<script>alert(1)</script>.jpg",
    "'; DROP TABLE oc_lettings_photo; --",
    "$(reboot)`reboot`|reboot",
    "\u{202E}gpj.exe",
    "{{ 7*7 }}%0D%0ASet-Cookie: a=b",
    "con",
];

pub(super) fn files() -> Vec<Hostile> {
    let strangers = STRANGERS.iter().map(|(name, content)| {
        let refused = Fate::Refused(NO_PHOTO);
        Hostile::new(*name, *content, refused)
    });
    let mut files: Vec<_> = strangers.collect();
    files.push(Hostile::new(
        "empty.jpg",
        "",
        Fate::Refused("The file is empty."),
    ));
    // What stands before a photo makes it none.
    for (name, before) in [
        ("bom.jpg", "\u{FEFF}"),
        ("line.jpg", "\r\n"),
        ("php.jpg", "<?php ?>"),
    ] {
        let content = [before.as_bytes(), &jpeg(64, 48, 7)].concat();
        files.push(Hostile::new(name, content, Fate::Refused(NO_PHOTO)));
    }
    let large = [&jpeg(64, 48, 8)[..], &vec![0; 21_000_000]].concat();
    files.push(Hostile::new(
        "large.jpg",
        large,
        Fate::Refused("The file is larger than 20 MB."),
    ));
    files.extend(named());
    files
}

/// Photos under names that lie, and refused files whose names are told again.
fn named() -> Vec<Hostile> {
    let mut files = vec![
        Hostile::new("photo.svg", jpeg(64, 48, 10), Fate::Kept),
        Hostile::new("photo.html", quarters(48, 64), Fate::Kept),
        Hostile::new("photo.exe", webp(64, 48, 11), Fate::Kept),
        Hostile::new("photo.jpg", png(0, 0, b""), Fate::Damaged),
    ];
    for (number, name) in (20..).zip(NAMES) {
        files.push(Hostile::new(name, jpeg(64, 48, number), Fate::Kept));
        let stranger = format!("{name} is no photo");
        files.push(Hostile::new(name, stranger, Fate::Refused(NO_PHOTO)));
    }
    let long = "é".repeat(1_500);
    files.push(Hostile::new(long, "no photo", Fate::Refused(NO_PHOTO)));
    files
}
