//! What becomes of photos that are what they seem.

use pictures::photo::{MediaType, Prepared, complete, prepare};

use crate::files::{
    BLUE, GREEN, Pixels, RED, YELLOW, exif, extended_webp, interlaced_png, is_close, jpeg, png,
    with_png_chunk, with_segment,
};

fn sizes(prepared: &Prepared) -> Vec<(u32, u32, &'static str)> {
    let variants = prepared.variants.iter();
    variants
        .map(|made| (made.width, made.height, made.media_type.name()))
        .collect()
}

#[test]
fn each_width_is_made_in_both_forms() {
    let prepared = prepare(&Pixels::quarters(2400, 1600).jpeg()).unwrap();
    let (webp, jpeg) = ("image/webp", "image/jpeg");
    assert_eq!((prepared.width, prepared.height), (2400, 1600));
    assert_eq!(
        sizes(&prepared),
        [
            (480, 320, webp),
            (480, 320, jpeg),
            (960, 640, webp),
            (960, 640, jpeg),
            (1920, 1280, webp),
            (1920, 1280, jpeg)
        ]
    );
    assert_eq!((prepared.card.width, prepared.card.height), (1200, 630));
    assert_eq!(prepared.card.media_type, MediaType::Jpeg);
    for variant in prepared.variants.iter().chain([&prepared.card]) {
        has_quarters(&Pixels::of_variant(variant), [RED, GREEN, BLUE, YELLOW]);
    }
}

#[test]
fn the_rest_is_made_of_webp_alone() {
    let whole = prepare(&Pixels::quarters(1200, 800).jpeg()).unwrap();
    let webps = whole.variants.iter().step_by(2);
    let webps: Vec<&[u8]> = webps.map(|variant| variant.bytes.as_slice()).collect();
    let completed = complete((1200, 800), &webps).unwrap();
    assert_eq!((completed.width, completed.height), (1200, 800));
    assert_eq!(sizes(&completed), sizes(&whole));
    assert_eq!((completed.card.width, completed.card.height), (1200, 630));
    for variant in completed.variants.iter().chain([&completed.card]) {
        has_quarters(&Pixels::of_variant(variant), [RED, GREEN, BLUE, YELLOW]);
    }
    let kept = completed.variants.iter().step_by(2);
    assert!(kept.eq(whole.variants.iter().step_by(2)));

    assert!(complete((1200, 800), &[]).is_err());
    assert!(complete((1200, 800), &[&webps[0][..100]]).is_err());
}

#[test]
fn no_photo_is_enlarged() {
    let widths = |width, height| -> Vec<u32> {
        let prepared = prepare(&Pixels::quarters(width, height).png()).unwrap();
        let card = (prepared.card.width, prepared.card.height);
        assert!(card.0 <= width && card.1 <= height, "{card:?}");
        prepared
            .variants
            .iter()
            .step_by(2)
            .map(|variant| variant.width)
            .collect()
    };
    assert_eq!(widths(1919, 1200), [480, 960]);
    assert_eq!(widths(1920, 1200), [480, 960, 1920]);
    assert_eq!(widths(481, 300), [480]);
    assert_eq!(widths(479, 300), [479]);
    assert_eq!(widths(1, 1), [1]);
    // A high one stays below the greatest height.
    assert_eq!(widths(1000, 5000), [480]);
}

#[test]
fn each_orientation_is_turned_upright_in_each_form() {
    let stored = Pixels::quarters(300, 200);
    let upright = [
        [RED, GREEN, BLUE, YELLOW],
        [GREEN, RED, YELLOW, BLUE],
        [YELLOW, BLUE, GREEN, RED],
        [BLUE, YELLOW, RED, GREEN],
        [RED, BLUE, GREEN, YELLOW],
        [BLUE, RED, YELLOW, GREEN],
        [YELLOW, GREEN, BLUE, RED],
        [GREEN, YELLOW, RED, BLUE],
    ];
    for (quarters, number) in upright.into_iter().zip(1..) {
        let segment = [b"Exif\0\0", exif(number, b"II").as_slice()].concat();
        let files = [
            with_segment(&stored.jpeg(), 0xE1, &segment),
            with_png_chunk(&stored.png(), b"eXIf", &exif(number, b"MM")),
            extended_webp(
                &stored.webp(),
                (300, 200),
                &[(b"EXIF", &exif(number, b"II"))],
            ),
        ];
        let size = if number < 5 { (300, 200) } else { (200, 300) };
        for file in files {
            let prepared = prepare(&file).unwrap();
            assert_eq!(
                (prepared.width, prepared.height),
                size,
                "orientation {number}"
            );
            for variant in &prepared.variants {
                assert_eq!(
                    (variant.width, variant.height),
                    size,
                    "orientation {number}"
                );
                has_quarters(&Pixels::of_variant(variant), quarters);
            }
        }
    }
}

#[test]
fn nothing_is_left_of_metadata() {
    let picture = Pixels::quarters(300, 200);
    let exif = exif(1, b"II");
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>SECRET-PLACE</x:xmpmeta>";
    let mut jpeg = picture.jpeg();
    for (marker, data) in [
        (0xE1, [b"Exif\0\0", exif.as_slice()].concat()),
        (0xE1, xmp.to_vec()),
        (
            0xE2,
            [b"ICC_PROFILE\0\x01\x01", display_p3().as_slice()].concat(),
        ),
        (0xED, b"Photoshop 3.0\0SECRET-PLACE".to_vec()),
        (0xFE, b"SECRET-PLACE".to_vec()),
    ] {
        jpeg = with_segment(&jpeg, marker, &data);
    }
    let png = with_png_chunk(&picture.png(), b"eXIf", &exif);
    let png = with_png_chunk(&png, b"tEXt", b"Comment\0SECRET-PLACE");
    let chunks: &[(&[u8], &[u8])] = &[(b"ICCP", &display_p3()), (b"EXIF", &exif), (b"XMP ", xmp)];
    let webp = extended_webp(&picture.webp(), (300, 200), chunks);
    for file in [jpeg, png, webp] {
        let prepared = prepare(&file).unwrap();
        for made in prepared.variants.iter().chain([&prepared.card]) {
            for mark in [
                "SECRET",
                "Exif",
                "EXIF",
                "GPS",
                "xmp",
                "XMP",
                "ICC",
                "Photoshop",
                "VP8X",
            ] {
                let found = made
                    .bytes
                    .windows(mark.len())
                    .any(|part| part == mark.as_bytes());
                assert!(!found, "{mark} in {:?}", made.media_type);
            }
        }
    }
}

#[test]
fn what_is_transparent_is_on_white() {
    let size = (64, 64);
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size.0, size.1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(vec![200, 30, 30, 0, 0, 0]);
    encoder.set_trns(vec![255, 0]);
    let samples: Vec<u8> = (0..64 * 64).map(|at| u8::from(at % 64 >= 32)).collect();
    encoder
        .write_header()
        .unwrap()
        .write_image_data(&samples)
        .unwrap();
    let halves: Vec<u8> = (0..64 * 64)
        .flat_map(|at| {
            if at % 64 < 32 {
                [200, 30, 30, 255]
            } else {
                [0, 0, 0, 0]
            }
        })
        .collect();
    let rgba = png(&halves, size, png::ColorType::Rgba, png::BitDepth::Eight);
    let lossy = webp::Encoder::from_rgba(&halves, 64, 64)
        .encode(90.0)
        .to_vec();
    let lossless = webp::Encoder::from_rgba(&halves, 64, 64)
        .encode_lossless()
        .to_vec();
    for file in [file, rgba, lossy, lossless] {
        let picture = decoded(&file);
        assert!(
            is_close(picture.color_at(20, 50), RED),
            "{:?}",
            picture.color_at(20, 50)
        );
        assert!(
            is_close(picture.color_at(80, 50), [255; 3]),
            "{:?}",
            picture.color_at(80, 50)
        );
    }
}

#[test]
fn grey_deep_and_printed_colors_are_read() {
    let size = (64, 48);
    let count = 64 * 48;
    let deep: Vec<u8> = [200, 9, 30, 9, 30, 9].repeat(count);
    let file = png(&deep, size, png::ColorType::Rgb, png::BitDepth::Sixteen);
    assert!(is_close(decoded(&file).color_at(50, 50), RED));

    let grey = [90, 90, 90];
    let file = png(
        &vec![90; count],
        size,
        png::ColorType::Grayscale,
        png::BitDepth::Eight,
    );
    assert!(is_close(decoded(&file).color_at(50, 50), grey));
    let file = jpeg(&vec![90; count], size, mozjpeg::ColorSpace::JCS_GRAYSCALE);
    assert!(is_close(decoded(&file).color_at(50, 50), grey));

    // Inks are stored inverted, as Adobe's programs do: no cyan, much magenta and yellow, some black.
    let inks = [255, 38, 38, 200].repeat(count);
    let file = jpeg(&inks, size, mozjpeg::ColorSpace::JCS_CMYK);
    assert!(is_close(decoded(&file).color_at(50, 50), RED));
}

#[test]
fn wide_colors_become_srgb() {
    let flat = Pixels::of(64, 48, |_, _| [200, 100, 50]);
    let segment = [b"ICC_PROFILE\0\x01\x01", display_p3().as_slice()].concat();
    let jpeg = with_segment(&flat.jpeg(), 0xE2, &segment);
    let webp = extended_webp(&flat.webp(), (64, 48), &[(b"ICCP", &display_p3())]);
    for file in [jpeg, webp] {
        let color = decoded(&file).color_at(50, 50);
        assert!(is_close(color, [214, 94, 33]), "{color:?}");
    }
    let color = decoded(&flat.jpeg()).color_at(50, 50);
    assert!(is_close(color, [200, 100, 50]), "{color:?}");
}

#[test]
fn interlaced_rows_are_put_in_order() {
    let file = interlaced_png(&Pixels::quarters(301, 203));
    has_quarters(&decoded(&file), [RED, GREEN, BLUE, YELLOW]);
}

/// The narrowest WebP of a file.
fn decoded(file: &[u8]) -> Pixels {
    Pixels::of_variant(&prepare(file).unwrap().variants[0])
}

fn has_quarters(picture: &Pixels, quarters: [[u8; 3]; 4]) {
    let places = [(25, 25), (75, 25), (25, 75), (75, 75)];
    for ((x, y), expected) in places.into_iter().zip(quarters) {
        let color = picture.color_at(x, y);
        assert!(
            is_close(color, expected),
            "{color:?} at {x}, {y} for {expected:?}"
        );
    }
}

/// A profile with the primaries of Display P3 and sRGB's curve, as phones write it.
fn display_p3() -> Vec<u8> {
    // Numbers of sixteen bits after the point.
    let fixed = |number: i32| number.to_be_bytes();
    let xyz = |values: [i32; 3]| [b"XYZ \0\0\0\0".to_vec(), values.map(fixed).concat()].concat();
    let formula = [157_286, 62_119, 3_417, 5_072, 2_651].map(fixed).concat();
    let curve = [b"para\0\0\0\0\0\x03\0\0".to_vec(), formula].concat();
    let tags: [(&[u8; 4], Vec<u8>); 6] = [
        (b"rXYZ", xyz([33_759, 15_807, -69])),
        (b"gXYZ", xyz([19_135, 45_367, 2_745])),
        (b"bXYZ", xyz([10_296, 4_363, 51_385])),
        (b"rTRC", curve.clone()),
        (b"gTRC", curve.clone()),
        (b"bTRC", curve),
    ];
    let mut profile = vec![0; 128];
    profile[16..24].copy_from_slice(b"RGB XYZ ");
    profile.extend(6_u32.to_be_bytes());
    let mut at = u32::try_from(132 + 12 * tags.len()).unwrap();
    for (name, data) in &tags {
        let length = u32::try_from(data.len()).unwrap();
        profile.extend_from_slice(*name);
        profile.extend(at.to_be_bytes());
        profile.extend(length.to_be_bytes());
        at += length;
    }
    profile.extend(tags.into_iter().flat_map(|(_, data)| data));
    profile
}
