//! `staticfiles.json`, as Django writes and reads it.

use staticfiles::manifest::{Error, Manifest};
use tempfile::TempDir;

fn manifest(pairs: &[(&str, &str)]) -> Manifest {
    let pairs = pairs.iter();
    Manifest {
        paths: pairs
            .map(|(name, hashed)| ((*name).to_owned(), (*hashed).to_owned()))
            .collect(),
    }
}

/// What Python 3.11 prints for `json.dumps({"paths": …, "version": "1.1", "hash":
/// md5(json.dumps(sorted(paths.items())).encode()).hexdigest()[:12]})`.
#[test]
fn the_text_is_that_of_django() {
    let empty = r#"{"paths": {}, "version": "1.1", "hash": "d75171398898"}"#;
    assert_eq!(Manifest::default().to_json(), empty);
    let odd = manifest(&[
        ("\u{1f4da}.txt", "\u{1f4da}.1.txt"),
        ("\u{e9}\"\\\n\r\t\u{8}\u{c}\u{1}\u{7f}/<&>", "x"),
        ("a", "b"),
    ]);
    assert_eq!(odd.to_json(), ODD);
    assert_eq!(Manifest::from_json(ODD.as_bytes()).unwrap(), odd);
}

const ODD: &str = r#"{"paths": {"a": "b", "\u00e9\"\\\n\r\t\b\f\u0001\u007f/<&>": "x", "\ud83d\udcda.txt": "\ud83d\udcda.1.txt"}, "version": "1.1", "hash": "93102a9e8777"}"#;

#[test]
fn both_versions_are_read() {
    for json in [
        r#"{"paths": {"a.css": "a.1.css"}, "version": "1.0"}"#,
        r#"{"version": "1.1", "hash": "0", "paths": {"a.css": "a.1.css"}, "more": [1]}"#,
    ] {
        let read = Manifest::from_json(json.as_bytes()).unwrap();
        assert_eq!(read.get("a.css"), Some("a.1.css"));
        assert_eq!(read.get("b.css"), None);
    }
    let without_paths = Manifest::from_json(br#"{"version": "1.1"}"#);
    assert_eq!(without_paths.unwrap(), Manifest::default());
}

#[test]
fn what_is_wrong_is_said() {
    for (json, reason) in [
        (
            "{",
            "the manifest is not well formed: EOF while parsing an object at line 1 column 1",
        ),
        (
            "7",
            "the manifest is not well formed: invalid type: integer",
        ),
        (
            r#"{"version": "1.1", "paths": {"a": 1}}"#,
            "expected a string at line 1 column 35",
        ),
        (
            r#"{"version": "2.0"}"#,
            "the manifest has the version \"2.0\", and only 1.0 and 1.1 are known",
        ),
        (r#"{"paths": {}}"#, "the manifest has the version \"\""),
    ] {
        let error = Manifest::from_json(json.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn a_root_without_a_manifest_is_no_error() {
    let root = TempDir::new().unwrap();
    assert_eq!(Manifest::read(root.path()).unwrap(), None);
    let path = root.path().join(Manifest::FILE_NAME);
    std::fs::write(&path, manifest(&[("a", "b")]).to_json()).unwrap();
    assert_eq!(
        Manifest::read(root.path()).unwrap(),
        Some(manifest(&[("a", "b")]))
    );
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let error = Manifest::read(root.path()).unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error}");
    assert!(
        error
            .to_string()
            .contains("staticfiles.json cannot be read: "),
        "{error}"
    );
}
