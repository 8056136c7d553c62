//! Files that are sent to do harm, by the form that staff use.

use super::files::{jpeg, png, with_exif};
use super::{counts, refusal, send_files, with_home};
use crate::support::{Backend, TestApp};

const NO_PHOTO: &str = "The file is not a JPEG, PNG or WebP photo.";
const DAMAGED: &str = "The file cannot be read as a photo.";
const TOO_MANY_PIXELS: &str = "The photo has more than 50 megapixels.";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";

/// What is refused, with the sentence.
fn hostile() -> Vec<(Vec<u8>, &'static str)> {
    let good = jpeg(400, 300, 9);
    let mut files = vec![
        (Vec::new(), "The file is empty."),
        (SVG.to_vec(), NO_PHOTO),
        (b"GIF89a\x01\x00\x01\x00".to_vec(), NO_PHOTO),
        (b"%PDF-1.7".to_vec(), NO_PHOTO),
        (b"PK\x03\x04".to_vec(), NO_PHOTO),
        (b"\0\0\0\x18ftypheic".to_vec(), NO_PHOTO),
        (b"<html><body onload=alert(1)>".to_vec(), NO_PHOTO),
        (png(100_000, 100_000, b"\x78\x9C"), TOO_MANY_PIXELS),
        (png(0, 100, b""), DAMAGED),
        (png(u32::MAX, u32::MAX, b""), TOO_MANY_PIXELS),
        (
            png(4_000, 4_000, b"\x78\x9C\x03\x00\x00\x00\x00\x01"),
            DAMAGED,
        ),
        (
            png(9_000, 100, b""),
            "One side of the photo is more than eight times as long as the other.",
        ),
        (
            [&good[..], &vec![0; 21_000_000]].concat(),
            "The file is larger than 20 MB.",
        ),
        (b"RIFF\x04\0\0\0WEBP".to_vec(), DAMAGED),
        (b"\xFF\xD8\xFF".to_vec(), DAMAGED),
    ];
    // A size of 65,000 × 65,000 in a JPEG whose data says nothing of the kind.
    let mut bomb = good.clone();
    let frame = bomb
        .windows(2)
        .position(|two| two[0] == 0xFF && (0xC0..=0xC2).contains(&two[1]));
    let at = frame.unwrap() + 5;
    bomb[at..at + 4].copy_from_slice(&[0xFD, 0xE8, 0xFD, 0xE8]);
    files.push((bomb, TOO_MANY_PIXELS));
    for part in 1..8 {
        files.push((good[..good.len() / 9 * part / 4].to_vec(), DAMAGED));
    }
    files
}

#[tokio::test]
async fn a_hostile_file_is_refused_with_a_sentence() {
    let app = TestApp::open(Backend::Sqlite).await;
    let mut ann = with_home(&app).await;
    for (at, (file, why)) in hostile().into_iter().enumerate() {
        let told = refusal(&mut ann, &file).await;
        assert_eq!(told.as_deref(), Some(why), "file {at}");
    }
    assert_eq!(counts(&app).await, [0, 0]);
    // Afterwards all is as before.
    assert_eq!(refusal(&mut ann, &jpeg(400, 300, 9)).await, None);
}

/// What follows or is hidden in a photo is not in what is made of it.
#[tokio::test]
async fn a_photo_that_is_something_else_as_well_becomes_a_photo_alone() {
    let app = TestApp::open(Backend::Sqlite).await;
    let mut ann = with_home(&app).await;
    let good = jpeg(400, 300, 9);
    // A directory whose next one is itself.
    let looping = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x08\0\0\0";
    let named =
        b"II*\0\x08\0\0\0\x01\0\x10\x01\x02\0\x14\0\0\0\x1A\0\0\0\0\0\0\0SECRET CAMERA 51.5N\0";
    let files = [
        [&good[..], b"<script>SECRET</script>"].concat(),
        [&jpeg(400, 300, 2)[..], SVG, b"SECRET"].concat(),
        with_exif(&jpeg(400, 300, 3), looping),
        with_exif(&jpeg(400, 300, 4), named),
        with_exif(&jpeg(400, 300, 5), &vec![0xFF; 60_000]),
    ];
    for file in &files {
        assert_eq!(refusal(&mut ann, file).await, None);
    }
    let photos = site::domain::home::photo::list(&app.db, db::Integer(1))
        .await
        .unwrap();
    assert_eq!(photos.len(), files.len());
    // The third was turned by what its directory says before it loops.
    assert_eq!((photos[2].width.0, photos[2].height.0), (300, 400));
    let hidden = "SELECT count(*) FROM oc_lettings_photo_file WHERE \
        instr(bytes, CAST('SECRET' AS BLOB)) OR instr(bytes, CAST('Exif' AS BLOB)) \
        OR instr(bytes, CAST('script' AS BLOB))";
    assert_eq!(crate::admin::shared::number(&app, hidden).await, 0);
}

/// One that is refused between two that are not.
#[tokio::test]
async fn what_is_refused_does_not_keep_others_from_being_kept() {
    let app = TestApp::open(Backend::Sqlite).await;
    let mut ann = with_home(&app).await;
    let large = vec![0xFF; 20_000_001];
    let [one, two] = [jpeg(300, 200, 1), jpeg(300, 200, 2)];
    let page = send_files(&mut ann, &[("1", &one), ("2", &large), ("3", &two)]).await;
    let told = page.texts(".message");
    assert_eq!(
        told,
        ["2 photos were added.", "2: The file is larger than 20 MB."]
    );
}
