//! What goes wrong is found before anything is changed.

use std::fs;

use staticfiles::collect::{Clear, Config, Error, MissingReference, execute, plan};
use staticfiles::source::Source;

use super::{Site, collect, names, read_folder, write};

/// A site with a release in its root.
fn released() -> Site {
    let site = Site::with(&[("css/book.css", "a{b:url(../c.png)}"), ("c.png", "old")]);
    site.collect();
    site
}

#[test]
fn missing_references_are_told_with_file_line_and_address() {
    let site = released();
    site.write("c.png", "new");
    site.write(
        "css/other.css",
        "/*\n*/\nd{e:url('no/f.png?g#h')}\n@import '../../up.css';",
    );
    site.write(
        "js/a.js",
        "b();\nimport './none.js';\n//# sourceMappingURL=a.js.map",
    );
    let error = site.collect_error(&site.config());
    assert_eq!(
        error.to_string(),
        "css/other.css:3: `no/f.png?g#h` leads to css/no/f.png, which is in no source\n\
         css/other.css:4: `../../up.css` leads to css/../../up.css, which is in no source\n\
         js/a.js:3: `a.js.map` leads to js/a.js.map, which is in no source"
    );
    let Error::MissingReferences(missing) = error else {
        panic!("{error}");
    };
    let first = MissingReference {
        file: "css/other.css".to_owned(),
        line: 3,
        reference: "no/f.png?g#h".to_owned(),
        target: "css/no/f.png".to_owned(),
    };
    assert_eq!(missing[0], first);
}

#[test]
fn a_folder_is_no_file_to_refer_to() {
    let site = Site::with(&[("lib/a.css", ""), ("b.css", "@import './lib';")]);
    let error = site.collect_error(&site.config());
    assert!(matches!(error, Error::MissingReferences(_)), "{error}");
}

#[test]
fn cycles_are_told_with_their_files() {
    let site = released();
    site.write("a.css", "@import 'b.css';");
    site.write("b.css", "@import 'c.css';");
    site.write("c.css", "@import 'd.css'; @import 'b.css';");
    site.write("d.css", "");
    let error = site.collect_error(&site.config());
    assert_eq!(
        error.to_string(),
        "these files refer to each other in a circle: b.css -> c.css -> b.css"
    );
    site.write("a.css", "/* me */ e{f:url(a.css#g)}");
    let error = site.collect_error(&site.config());
    assert!(error.to_string().ends_with(": a.css -> a.css"), "{error}");
}

#[test]
fn a_style_sheet_has_to_be_text() {
    let site = released();
    site.write("a.css", b"\xff{}");
    let error = site.collect_error(&site.config());
    assert_eq!(error.to_string(), "a.css is not UTF-8");
}

#[test]
fn a_name_cannot_be_a_file_and_a_folder() {
    let site = released();
    write(&site.path("other/c.png/d"), b"");
    let mut config = site.config();
    config.sources.push(Source::Folder(site.path("other")));
    let error = site.collect_error(&config);
    assert_eq!(
        error.to_string(),
        "c.png is a file, and a folder of c.png/d"
    );
}

#[test]
fn a_folder_cannot_have_the_name_of_a_variant() {
    let site = released();
    site.write("c.css.gz/d", "");
    site.write("c.css", "e{}");
    let error = site.collect_error(&site.config());
    assert!(matches!(error, Error::FileAndFolder { .. }), "{error}");
}

#[test]
fn names_that_are_made_here_are_taken() {
    let site = released();
    site.write("staticfiles.json", "{}");
    let error = site.collect_error(&site.config());
    assert!(matches!(error, Error::NameTaken { .. }), "{error}");
    fs::remove_file(site.source("staticfiles.json")).unwrap();
    site.write("d", "x");
    site.write("d.9dd4e461268c", "not x");
    let error = site.collect_error(&site.config());
    assert_eq!(
        error.to_string(),
        "d.9dd4e461268c is a name that another file gets by its hash or for the manifest"
    );
}

#[test]
fn a_name_has_to_leave_room_for_the_hash() {
    let site = released();
    let long = |length: usize| format!("{}.css", "n".repeat(length - 4));
    site.write(&long(243), "a{}");
    let error = site.collect_error(&site.config());
    assert!(matches!(error, Error::NameTooLong { .. }), "{error}");
    // Without room for the endings of variants there are none.
    fs::remove_file(site.source(&long(243))).unwrap();
    site.write(&long(242), "a { b: c }\n".repeat(100));
    assert_eq!(site.collect().compressed, 3);
}

#[test]
fn sources_and_root_must_not_overlap() {
    let site = released();
    for (source, root) in [
        ("source", "source"),
        ("source", "source/collected/here"),
        ("source/css", "source"),
        ("source/../source", "source/css"),
    ] {
        let sources = vec![Source::Folder(site.path(source))];
        let error = collect(&Config::new(sources, site.path(root))).unwrap_err();
        assert!(
            matches!(error, Error::Overlap { .. }),
            "{source} {root} {error}"
        );
    }
    assert_eq!(names(&site.path("source")), ["c.png", "css/book.css"]);
}

#[test]
fn a_root_that_cannot_be_is_an_error() {
    let site = released();
    write(&site.path("file"), b"");
    for root in ["file", "file/root", "file/deep/root"] {
        let sources = vec![Source::Folder(site.path("source"))];
        let error = collect(&Config::new(sources, site.path(root))).unwrap_err();
        let name = site.path(root);
        let expected = format!("{} cannot be written to: ", name.display());
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
    site.assert_tidy();
}

/// Not even root may write there.
#[cfg(target_os = "linux")]
#[test]
fn a_root_in_a_read_only_place_is_an_error() {
    for root in ["/proc/self", "/proc/deep/root"] {
        let error = collect(&Config::new(Vec::new(), root)).unwrap_err();
        let expected = format!("{root} cannot be written to: ");
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}

#[test]
fn a_file_that_changes_after_it_was_planned_is_noticed() {
    let site = released();
    for name in ["css/book.css", "c.png", "d.txt"] {
        site.write(name, format!("{name}{{}}"));
        let plan = plan(&site.config()).unwrap();
        site.write(name, "another");
        let before = read_folder(&site.path("root"));
        let error = execute(&plan, &mut |_| {}).unwrap_err();
        assert!(matches!(error, Error::Changed { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
        fs::remove_file(site.source(name)).unwrap();
        let error = execute(&plan, &mut |_| {}).unwrap_err();
        assert!(matches!(error, Error::Unreadable { .. }), "{error}");
        assert_eq!(read_folder(&site.path("root")), before);
        site.write(name, "as before");
    }
    site.assert_tidy();
}

#[test]
fn what_is_in_the_way_is_an_error_unless_it_is_cleared_away() {
    let site = Site::with(&[("a/b/c.css", "d{}"), ("e.css", "f{}")]);
    for obstruction in ["a", "a/b", "a/b/c.css/x", "e.css/x", "staticfiles.json/x"] {
        let _ = fs::remove_dir_all(site.path("root"));
        write(&site.root(obstruction), b"in the way");
        let error = site.collect_error(&site.config());
        assert!(
            matches!(error, Error::Obstructed { .. }),
            "{obstruction} {error}"
        );
        let mut config = site.config();
        config.clear = Clear::Delete;
        collect(&config).unwrap();
        assert_eq!(names(&site.path("root")).len(), 5, "{obstruction}");
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_source_that_cannot_be_read_is_an_error() {
        let site = released();
        symlink("nowhere", site.source("a.css")).unwrap();
        let error = site.collect_error(&site.config());
        assert!(
            error.to_string().contains("a.css cannot be read"),
            "{error}"
        );
    }

    /// Folders in which nobody makes a file, whatever the user may do.
    #[test]
    fn a_root_that_cannot_be_written_is_an_error() {
        let site = released();
        site.write("css/book.css", "a{b:url(../c.png)} c{}");
        let mut config = site.config();
        config.root = "/proc/self/staticfiles".into();
        let error = collect(&config).unwrap_err();
        assert!(error.to_string().contains("cannot be written"), "{error}");

        let before = fs::read(site.path("root/staticfiles.json")).unwrap();
        fs::remove_dir_all(site.path("root/css")).unwrap();
        symlink("/proc/self", site.path("root/css")).unwrap();
        let error = collect(&site.config()).unwrap_err();
        assert!(error.to_string().contains("cannot be written"), "{error}");
        assert_eq!(
            fs::read(site.path("root/staticfiles.json")).unwrap(),
            before
        );
    }
}
