//! Files that are cut, that lie, or that are something else: each is refused with a sentence or becomes
//! a picture without anything of it.

use std::io::Cursor;

use pictures::photo::{FILE_BYTES_MAX, PhotoError, Prepared, prepare_in_process, worker};
use proptest::prelude::*;

use crate::files::{Pixels, exif, extended_webp, with_png_chunk, with_segment};
use crate::worker::command;

const NOT_A_PHOTO: &str = "The file is not a JPEG, PNG or WebP photo.";
const DAMAGED: &str = "The file cannot be read as a photo.";
const TOO_MANY_PIXELS: &str = "The photo has more than 50 megapixels.";
const MOVING: &str = "The file is a moving picture, not a photo.";

fn prepared(file: &[u8]) -> Result<Prepared, PhotoError> {
    prepare_in_process(command(), file, file.len())
}

fn refusal(file: &[u8]) -> String {
    prepared(file).expect_err("the file is refused").to_string()
}

fn in_each_form() -> [Vec<u8>; 3] {
    let picture = Pixels::quarters(120, 90);
    [picture.jpeg(), picture.png(), picture.webp()]
}

#[test]
fn what_is_no_photo_is_refused() {
    let svg = "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    for file in [
        svg.as_bytes(),
        b"<svg onload=\"alert(1)\"/>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        b"\0\0\0\x1Cftypavif\0\0\0\0avifmif1",
        b"\0\0\0\x0CJXL \r\n\x87\n",
        b"BM\x46\0\0\0\0\0\0\0",
        b"II*\0\x08\0\0\0\0\0",
        b"%PDF-1.7\n",
        b"PK\x03\x04",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b"\xFF",
        b" \xFF\xD8\xFF\xE0",
        b"\0",
    ] {
        assert_eq!(
            refusal(file),
            NOT_A_PHOTO,
            "{}",
            String::from_utf8_lossy(file)
        );
    }
}

#[test]
fn an_empty_file_and_one_that_is_too_long_are_refused() {
    assert_eq!(refusal(&[]), "The file is empty.");
    let mut file = Pixels::quarters(120, 90).jpeg();
    file.resize(21_000_000, 0);
    assert_eq!(refusal(&file), "The file is larger than 20 MB.");
    // What stands after the end does not matter.
    file.truncate(FILE_BYTES_MAX);
    assert!(prepared(&file).is_ok());
}

#[test]
fn a_file_that_is_cut_anywhere_does_no_harm() {
    for file in in_each_form() {
        for part in 0..50 {
            let cut = &file[..file.len() * part / 50];
            if let Err(error) = prepared(cut) {
                assert!(
                    !matches!(error, PhotoError::Unavailable(_)),
                    "{part}: {error}"
                );
            }
        }
        assert_eq!(refusal(&file[..file.len() / 3]), DAMAGED);
    }
}

#[test]
fn bombs_are_refused_by_their_header() {
    let [mut jpeg, mut png, webp] = in_each_form();
    let frame = jpeg
        .windows(2)
        .position(|mark| mark == [0xFF, 0xC0])
        .unwrap();
    jpeg[frame + 5..frame + 9].fill(0xFF);
    png[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
    png[20..24].copy_from_slice(&100_000_u32.to_be_bytes());
    let mut lossless = webp::Encoder::from_rgb(&[0; 48], 4, 4)
        .encode_lossless()
        .to_vec();
    let head = lossless
        .windows(4)
        .position(|name| name == b"VP8L")
        .unwrap()
        + 9;
    lossless[head..head + 4].fill(0xFF);
    let mut lossy = webp.clone();
    let head = lossy
        .windows(3)
        .position(|code| code == [0x9D, 0x01, 0x2A])
        .unwrap()
        + 3;
    lossy[head..head + 4].copy_from_slice(&[0xFF, 0x3F, 0xFF, 0x3F]);
    for file in [&jpeg, &png, &lossy] {
        assert_eq!(refusal(file), TOO_MANY_PIXELS);
    }
    assert!(prepared(&lossless).is_err());
    // A small size before a large one, and the other way round.
    assert_eq!(refusal(&extended_webp(&lossy, (120, 90), &[])), DAMAGED);
    assert_eq!(
        refusal(&extended_webp(&webp, (100_000, 100_000), &[])),
        DAMAGED
    );
}

#[test]
fn a_second_frame_cannot_hide_behind_a_small_one() {
    let jpeg = Pixels::quarters(120, 90).jpeg();
    let frame = jpeg
        .windows(2)
        .position(|mark| mark == [0xFF, 0xC0])
        .unwrap();
    let mut small = jpeg[frame + 4..frame + 19].to_vec();
    small[1..5].copy_from_slice(&[0, 1, 0, 1]);
    assert_eq!(refusal(&with_segment(&jpeg, 0xC0, &small)), DAMAGED);
}

#[test]
fn long_and_narrow_pictures_are_refused() {
    let file = Pixels::of(2000, 20, |_, _| [9; 3]).png();
    assert_eq!(
        refusal(&file),
        "One side of the photo is more than eight times as long as the other."
    );
}

#[test]
fn moving_pictures_are_refused() {
    let [_, png, webp] = in_each_form();
    let frames = [0, 0, 0, 2, 0, 0, 0, 0];
    assert_eq!(refusal(&with_png_chunk(&png, b"acTL", &frames)), MOVING);
    let moving = extended_webp(&webp, (120, 90), &[(b"ANIM", &[0; 6]), (b"ANMF", &[0; 24])]);
    assert_eq!(refusal(&moving), MOVING);
}

#[test]
fn nothing_is_left_of_a_file_that_is_two_things() {
    let [jpeg, png, webp] = in_each_form();
    let page = b"<!doctype html><script>alert(1)</script>";
    let archive = b"PK\x03\x04evil.txt PK\x05\x06";
    let files = [
        [with_segment(&jpeg, 0xFE, page).as_slice(), archive].concat(),
        [with_png_chunk(&png, b"tEXt", page).as_slice(), archive].concat(),
        extended_webp(&webp, (120, 90), &[(b"EVIL", page), (b"XMP ", archive)]),
    ];
    for file in files {
        let prepared = prepared(&file).unwrap();
        for made in prepared.variants.iter().chain([&prepared.card]) {
            for mark in ["<script", "<!doctype", "PK\x03\x04", "evil"] {
                assert!(
                    !made
                        .bytes
                        .windows(mark.len())
                        .any(|part| part == mark.as_bytes())
                );
            }
        }
    }
}

#[test]
fn exif_that_goes_round_in_circles_counts_as_upright() {
    let jpeg = Pixels::quarters(120, 90).jpeg();
    let directory_in_the_header = b"II*\0\0\0\0\0\x12\x01".to_vec();
    let mut far = exif(6, b"II");
    far[4..8].fill(0xFF);
    let mut countless = exif(1, b"MM");
    countless[8..10].fill(0xFF);
    let mut next_is_itself = exif(1, b"II");
    next_is_itself[22..26].copy_from_slice(&8_u32.to_le_bytes());
    let mut unknown = exif(9, b"II");
    unknown.truncate(20);
    for data in [
        directory_in_the_header,
        far,
        countless,
        next_is_itself,
        unknown,
        vec![],
    ] {
        let file = with_segment(&jpeg, 0xE1, &[b"Exif\0\0", data.as_slice()].concat());
        let prepared = prepared(&file).unwrap();
        assert_eq!((prepared.width, prepared.height), (120, 90));
    }
}

#[test]
fn huge_texts_take_no_memory() {
    let png = Pixels::quarters(120, 90).png();
    let text = [b"Comment\0\0".as_slice(), &vec![b'x'; 15_000_000]].concat();
    for name in [b"tEXt", b"zTXt", b"iTXt"] {
        assert!(prepared(&with_png_chunk(&png, name, &text)).is_ok());
    }
    // A profile that is none is left out.
    let _ = prepared(&with_png_chunk(&png, b"iCCP", &text));
}

/// Runs the body of the process here, where a panic is caught as there, and reads the answer's first byte.
fn answer(file: &[u8]) -> u8 {
    let length = u32::try_from(file.len()).unwrap().to_be_bytes();
    let mut answer = Vec::new();
    worker::run(Cursor::new([&length, file].concat()), &mut answer).unwrap();
    answer[0]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn random_bytes_after_a_true_beginning_end_as_an_answer(
        form in 0..3_usize,
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let beginnings: [&[u8]; 3] =
            [b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", b"RIFF\xFF\0\0\0WEBPVP8 "];
        prop_assert!(answer(&[beginnings[form], &bytes].concat()) <= 8);
    }

    #[test]
    fn a_file_with_a_few_wrong_bytes_ends_as_an_answer(
        form in 0..3_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut file = in_each_form()[form].clone();
        for (index, byte) in changes {
            let at = index.index(file.len());
            file[at] = byte;
        }
        prop_assert!(answer(&file) <= 8);
    }
}
