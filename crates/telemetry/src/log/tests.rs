//! Tests of the two forms of a line.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::*;

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Returns what is written while `log` runs.
fn logged(format: Format, log: impl FnOnce()) -> String {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let config = Config {
        level: Level::INFO,
        format,
        colours: Colours::Never,
        own_targets: &["telemetry"],
        quiet_targets: &["library::warnings"],
        scrubber: Scrubber::default(),
    };
    let subscriber = subscriber(config, move || writer.clone());
    tracing::subscriber::with_default(subscriber, log);
    let bytes = buffer.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// A line for people without its time.
fn text(log: impl FnOnce()) -> String {
    let line = logged(Format::Text, log);
    let (time, rest) = line.split_once(' ').unwrap();
    assert_eq!(time.len(), "2026-01-02T03:04:05.678901Z".len());
    rest.to_owned()
}

#[test]
fn a_line_for_people_begins_with_what_happened() {
    let line = text(|| tracing::warn!(count = 3, name = "a \"b\"", ratio = 0.5, "it {}", "is"));
    assert_eq!(line, " WARN it is count=3 name=\"a \\\"b\\\"\" ratio=0.5\n");
    let line = text(|| {
        tracing::info!(
            http.path = "/a",
            http.status = 404,
            duration_ms = 1.25,
            "GET /a 404"
        );
    });
    assert_eq!(line, " INFO GET /a 404 duration_ms=1.25\n");
}

#[test]
fn a_json_line_is_an_object_with_the_fields() {
    let line = logged(Format::Json, || {
        tracing::error!(
            http.status = 500,
            ok = true,
            ratio = f64::NAN,
            error.cause = None::<&str>,
            list = ?["a", "b\n"],
            "it is"
        );
    });
    let mut value: serde_json::Value = serde_json::from_str(&line).unwrap();
    value["timestamp"].take();
    let expected = serde_json::json!({
        "timestamp": null, "level": "ERROR", "target": "telemetry::log::tests",
        "message": "it is", "http.status": 500, "ok": true, "ratio": null,
        "list": "[\"a\", \"b\\n\"]",
    });
    assert_eq!(value, expected);
}

#[test]
fn what_must_stay_private_is_in_no_line() {
    for format in [Format::Text, Format::Json] {
        let line = logged(format, || {
            let list = ["cookie=hunter2"];
            tracing::info!(
                token = "hunter2",
                other = "password=hunter2",
                ?list,
                "dsn: hunter2"
            );
        });
        assert!(!line.contains("hunter2"), "{line}");
        assert_eq!(line.matches("[Filtered]").count(), 4, "{line}");
    }
}

#[test]
fn libraries_are_heard_from_warnings_on() {
    let line = logged(Format::Text, || {
        tracing::info!(target: "library", "inner workings");
        tracing::warn!(target: "library", "something odd");
    });
    assert_eq!(line.lines().count(), 1, "{line}");
    let line = logged(Format::Text, || {
        tracing::warn!(target: "library::warnings", "what is told elsewhere");
        tracing::error!(target: "library::warnings", "what has failed");
    });
    assert_eq!(line.lines().count(), 1, "{line}");
}

proptest! {
    #[test]
    fn whatever_comes_makes_one_line(message in "(?s).*", field in "(?s)\\PC*|.*") {
        for format in [Format::Text, Format::Json] {
            let line = logged(format, || tracing::info!(field, other = ?field, "{message}"));
            let inside = line.strip_suffix('\n').unwrap();
            let is_plain = |c: char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
            prop_assert!(inside.chars().all(is_plain), "{:?}", line);
            if format == Format::Json {
                let value: serde_json::Value = serde_json::from_str(&line).unwrap();
                let expected = |text: &str| Scrubber::default().text(text).into_owned();
                prop_assert_eq!(value["message"].as_str(), Some(&*expected(&message)));
                prop_assert_eq!(value["field"].as_str(), Some(&*expected(&field)));
            }
        }
    }
}
