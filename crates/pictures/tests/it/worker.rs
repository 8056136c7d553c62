//! The process that prepares photos, and programs that are none.

use std::process::Command;
use std::time::Duration;

use pictures::photo::{Limits, PhotoError, prepare, prepare_in_process, prepare_within};

use crate::files::Pixels;

pub(crate) fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_photo-worker"))
}

const SHORT: Limits = Limits {
    memory_bytes: 200_000_000,
    processor_seconds: 1,
    time: Duration::from_millis(300),
};

#[test]
fn a_process_makes_what_is_made_here() {
    let file = Pixels::quarters(1000, 700).jpeg();
    assert_eq!(
        prepare_in_process(command(), &*file, file.len()).unwrap(),
        prepare(&file).unwrap()
    );
}

#[test]
fn a_process_that_dies_hangs_or_answers_nonsense_ends_as_a_sentence() {
    let file = Pixels::quarters(1000, 700).jpeg();
    for script in [
        "kill -9 $$",
        "exit 3",
        "cat > /dev/null; exit 0",
        "exec sleep 1000",
        "sleep 1000",
        "sleep 1000 & sleep 1000",
        "cat > /dev/null; exec sleep 1000",
        "exec cat",
        "exec yes",
        r"printf '\000'",
        r"printf '\377'",
        r"printf '\000\000\000\000\001\000\000\000\001\377\377\377\377'",
        "exec >&-; exec sleep 1000",
    ] {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let error = prepare_within(SHORT, command, &*file, file.len()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "The file cannot be read as a photo.",
            "{script}"
        );
    }
}

#[test]
fn a_process_that_turns_in_circles_is_ended_by_its_limit() {
    let limits = Limits {
        time: Duration::from_mins(10),
        ..SHORT
    };
    let mut command = Command::new("sh");
    command.args(["-c", "while :; do :; done"]);
    let error = prepare_within(limits, command, &[0][..], 1).unwrap_err();
    assert!(matches!(error, PhotoError::Damaged));
}

#[test]
fn a_process_without_memory_ends_as_a_sentence() {
    let file = Pixels::quarters(3000, 2000).jpeg();
    let limits = Limits {
        memory_bytes: 12_000_000,
        ..Limits::FOR_PHOTOS
    };
    let error = prepare_within(limits, command(), &*file, file.len()).unwrap_err();
    assert_eq!(error.to_string(), "The file cannot be read as a photo.");
}

#[test]
fn a_process_that_cannot_be_started_is_not_the_files_fault() {
    let error = prepare_in_process(Command::new("/nowhere/photo-worker"), &[0][..], 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        "The photo cannot be read at the moment. Try again later."
    );
}

#[test]
fn the_largest_photos_fit_into_the_limits() {
    let colors = |x: u32, y: u32| [(x / 40).to_be_bytes()[3], (y / 40).to_be_bytes()[3], 90];
    let wide = Pixels::of(8160, 6120, colors).jpeg();
    let high = Pixels::of(5760, 8640, colors);
    for file in [wide, high.jpeg(), high.png()] {
        let prepared = prepare_in_process(command(), &*file, file.len()).unwrap();
        assert_eq!(prepared.variants.len(), 6);
    }
}

#[test]
fn a_photo_that_takes_too_much_memory_is_refused_with_a_sentence() {
    // An interlaced picture is in memory at once. Its header decides.
    let mut file = Pixels::quarters(8, 8).png();
    file[16..24].copy_from_slice(&[0, 0, 0x1F, 0x40, 0, 0, 0x17, 0x70]);
    file[28] = 1;
    assert_eq!(
        prepare_in_process(command(), &*file, file.len())
            .unwrap_err()
            .to_string(),
        "The photo takes too much memory to read. Save it smaller, or as a simple JPEG."
    );
}
