//! What is found in the sources.

use std::fs;
use std::path::PathBuf;

use staticfiles::ignore::{DEFAULT_PATTERNS, Patterns};
use staticfiles::source::{Content, EmbeddedFile, Error, Listing, Source, list};

use super::{Site, write};

const EMBEDDED: &[EmbeddedFile] = &[
    EmbeddedFile {
        name: "css/book.css",
        content: b"embedded",
    },
    EmbeddedFile {
        name: ".git/config",
        content: b"hidden",
    },
    EmbeddedFile {
        name: "only.txt",
        content: b"only here",
    },
];

fn list_folder(site: &Site, ignore: &Patterns) -> Result<Listing, Error> {
    list(&[Source::Folder(site.path("source"))], ignore)
}

fn names(listing: &Listing) -> Vec<&str> {
    listing.files.keys().map(String::as_str).collect()
}

#[test]
fn a_folder_is_listed_to_any_depth() {
    let site = Site::with(&[("b", ""), ("a/b/c/d.txt", ""), ("é/📚 .txt", "")]);
    let listing = list_folder(&site, &Patterns::default()).unwrap();
    assert_eq!(names(&listing), ["a/b/c/d.txt", "b", "é/📚 .txt"]);
    assert!(listing.duplicates.is_empty());
}

#[test]
fn hidden_files_and_backups_are_left_out_unless_asked_for() {
    let site = Site::with(&[
        ("a.css", ""),
        ("a.css~", ""),
        (".git/config", ""),
        ("CVS/Root", ""),
        ("css/.hidden", ""),
        ("css/CVS.css", ""),
    ]);
    let listing = list_folder(&site, &Patterns::new(DEFAULT_PATTERNS)).unwrap();
    assert_eq!(names(&listing), ["a.css", "css/CVS.css"]);
    let listing = list_folder(&site, &Patterns::default()).unwrap();
    assert_eq!(listing.files.len(), 6);
}

#[test]
fn patterns_are_for_base_names_and_whole_names() {
    let site = Site::with(&[
        ("a.txt", ""),
        ("b/a.txt", ""),
        ("b/c/a.txt", ""),
        ("c/d", ""),
    ]);
    for (pattern, left) in [
        ("a.txt", &["c/d"][..]),
        ("b/*.txt", &["a.txt", "c/d"]),
        ("b/a.txt", &["a.txt", "b/c/a.txt", "c/d"]),
        ("c", &["a.txt", "b/a.txt"]),
        // A folder is ignored by its own name only, as in Django.
        ("b/c", &["a.txt", "b/a.txt", "b/c/a.txt", "c/d"]),
    ] {
        let listing = list_folder(&site, &Patterns::new([pattern])).unwrap();
        assert_eq!(names(&listing), left, "{pattern}");
    }
}

#[test]
fn the_first_source_wins() {
    let site = Site::with(&[("css/book.css", "first")]);
    write(&site.path("other/css/book.css"), b"second");
    write(&site.path("other/more.css"), b"more");
    let sources = [
        Source::Folder(site.path("source")),
        Source::Folder(site.path("other")),
        Source::Embedded(EMBEDDED),
    ];
    let listing = list(&sources, &Patterns::new(DEFAULT_PATTERNS)).unwrap();
    assert_eq!(names(&listing), ["css/book.css", "more.css", "only.txt"]);
    assert_eq!(&*listing.files["css/book.css"].read().unwrap(), b"first");
    assert_eq!(&*listing.files["only.txt"].read().unwrap(), b"only here");
    assert_eq!(listing.files["only.txt"].path(), None);
    let ignored: Vec<_> = listing
        .duplicates
        .iter()
        .map(|duplicate| {
            assert_eq!(duplicate.name, "css/book.css");
            let kept = site.source("css/book.css");
            assert_eq!(duplicate.kept.path(), Some(&*kept));
            duplicate.ignored.path().map(PathBuf::from)
        })
        .collect();
    assert_eq!(ignored, [Some(site.path("other/css/book.css")), None]);
    assert!(matches!(
        listing.duplicates[1].ignored,
        Content::Memory(b"embedded")
    ));
}

#[test]
fn a_folder_that_is_not_there_holds_nothing() {
    let listing = list(
        &[Source::Folder("/no/such/folder".into())],
        &Patterns::default(),
    );
    assert!(listing.unwrap().files.is_empty());
}

#[test]
fn a_source_has_to_be_a_folder() {
    let site = Site::with(&[("a", "")]);
    let error = list(&[Source::Folder(site.source("a"))], &Patterns::default()).unwrap_err();
    assert!(matches!(error, Error::NotAFolder { .. }), "{error}");
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn links_are_followed() {
        let site = Site::with(&[("a.css", "a")]);
        write(&site.path("other/deep/b.css"), b"b");
        symlink(site.path("other"), site.source("linked")).unwrap();
        symlink(site.source("a.css"), site.source("c.css")).unwrap();
        let listing = list_folder(&site, &Patterns::default()).unwrap();
        assert_eq!(names(&listing), ["a.css", "c.css", "linked/deep/b.css"]);
        assert_eq!(&*listing.files["linked/deep/b.css"].read().unwrap(), b"b");
    }

    #[test]
    fn a_link_that_leads_back_is_an_error() {
        let site = Site::with(&[("a/b/c.css", "")]);
        symlink(site.source("a"), site.source("a/b/back")).unwrap();
        let error = list_folder(&site, &Patterns::default()).unwrap_err();
        assert!(matches!(error, Error::Loop { .. }), "{error}");
        assert!(error.to_string().contains("a/b/back leads back"), "{error}");
        let listing = list_folder(&site, &Patterns::new(["back"])).unwrap();
        assert_eq!(names(&listing), ["a/b/c.css"]);
    }

    #[test]
    fn a_link_to_nothing_is_an_error() {
        let site = Site::new();
        symlink("nowhere", site.source("broken.css")).unwrap();
        let error = list_folder(&site, &Patterns::default()).unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{error}");
        assert!(
            error.to_string().contains("broken.css cannot be read: "),
            "{error}"
        );
    }

    #[test]
    fn a_name_that_is_not_utf_8_is_an_error_that_names_it() {
        let site = Site::new();
        fs::write(site.source("").join(OsStr::from_bytes(b"b\xfcch.css")), "").unwrap();
        let error = list_folder(&site, &Patterns::default()).unwrap_err();
        assert!(matches!(error, Error::NotUtf8 { .. }), "{error}");
        assert!(
            error.to_string().contains("b\u{fffd}ch.css is not UTF-8"),
            "{error}"
        );
        assert!(list_folder(&site, &Patterns::new(["b*"])).is_ok());
    }

    #[test]
    fn what_is_neither_file_nor_folder_is_an_error() {
        let site = Site::new();
        let _listener = UnixListener::bind(site.source("socket")).unwrap();
        let error = list_folder(&site, &Patterns::default()).unwrap_err();
        assert!(matches!(error, Error::Special { .. }), "{error}");
    }
}
