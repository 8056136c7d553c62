//! What is in the root after one collection, and after several.

use std::fs;
use std::time::Duration;

use staticfiles::collect::{Clear, Config, Event, FileState, PostProcess, execute, plan};
use staticfiles::compress::{Encoding, is_variant};
use staticfiles::manifest::Manifest;
use staticfiles::source::{EmbeddedFile, Source};

use super::{Site, collect, names, old, read_folder, set_time, write};

fn long_text() -> String {
    "a line that will be compressed well\n".repeat(100)
}

/// A style sheet, what it refers to, and something that does not compress.
fn site() -> Site {
    let site = Site::with(&[
        ("css/book.css", "b { c: url(../img/a.svg) }\n"),
        ("img/b.png", "no picture"),
        ("noext", "x"),
    ]);
    site.write("img/a.svg", long_text());
    site
}

#[test]
fn everything_is_in_the_root() {
    let site = site();
    let outcome = site.collect();
    assert_eq!(
        names(&site.path("root")),
        [
            "css/book.b728b2bea470.css",
            "css/book.css",
            "img/a.aa9c617022fe.svg",
            "img/a.aa9c617022fe.svg.br",
            "img/a.aa9c617022fe.svg.gz",
            "img/a.aa9c617022fe.svg.zst",
            "img/a.svg",
            "img/a.svg.br",
            "img/a.svg.gz",
            "img/a.svg.zst",
            "img/b.52b8497c36cf.png",
            "img/b.png",
            "noext",
            "noext.9dd4e461268c",
            "staticfiles.json",
        ]
    );
    assert_eq!(
        site.hashed_text(&outcome, "css/book.css"),
        "b { c: url(\"../img/a.aa9c617022fe.svg\") }\n"
    );
    assert_eq!(
        fs::read_to_string(site.root("css/book.css")).unwrap(),
        "b { c: url(../img/a.svg) }\n"
    );
    assert_eq!((outcome.copied, outcome.unmodified), (4, 0));
    assert_eq!((outcome.post_processed, outcome.compressed), (4, 6));
    let read = Manifest::read(&site.path("root")).unwrap();
    assert_eq!(read, outcome.manifest);
    site.assert_tidy();
}

#[test]
fn variants_are_of_the_content_and_files_have_the_time_of_their_source() {
    let site = site();
    site.collect();
    let files = read_folder(&site.path("root"));
    for (name, (content, time)) in &files {
        assert_eq!(*time, old(), "{name}");
        for encoding in Encoding::ALL {
            if let Some((variant, _)) = files.get(&format!("{name}{}", encoding.suffix())) {
                assert!(
                    is_variant(variant, encoding, content),
                    "{name} {encoding:?}"
                );
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn everybody_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;

    let site = site();
    let secret = fs::Permissions::from_mode(0o600);
    fs::set_permissions(site.source("noext"), secret).unwrap();
    site.collect();
    for name in ["noext", "img/a.svg", "img/a.svg.br", "staticfiles.json"] {
        let mode = fs::metadata(site.root(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644, "{name}");
    }
}

#[test]
fn two_collections_are_equal_byte_for_byte() {
    let site = site();
    let first = site.collect();
    let mut config = site.config();
    config.root = site.path("again");
    let second = collect(&config).unwrap();
    assert_eq!(first, second);
    assert_eq!(
        read_folder(&site.path("root")),
        read_folder(&site.path("again"))
    );
}

#[test]
fn the_second_run_has_nothing_to_do() {
    let site = site();
    site.collect();
    let before = read_folder(&site.path("root"));
    // Newer without being different.
    set_time(&site.source("noext"), old() + Duration::from_secs(9));
    let outcome = site.collect();
    assert_eq!((outcome.copied, outcome.unmodified), (0, 4));
    // The style sheet, which Django counts every time.
    assert_eq!((outcome.post_processed, outcome.compressed), (1, 0));
    assert_eq!(read_folder(&site.path("root")), before);
}

#[test]
fn a_change_goes_up_to_whatever_refers_to_it() {
    let site = Site::with(&[
        ("a.css", "@import 'b.css';"),
        ("b.css", "@import 'c.css';"),
        ("c.css", "d{e:url(f.png)}"),
        ("f.png", "old"),
        ("g.css", "h{}"),
    ]);
    let first = site.collect().manifest.unwrap();
    site.write("f.png", "new");
    let second = site.collect().manifest.unwrap();
    for name in ["a.css", "b.css", "c.css", "f.png"] {
        assert_ne!(first.get(name), second.get(name), "{name}");
    }
    assert_eq!(first.get("g.css"), second.get("g.css"));
    // Pages of the release before still find their files.
    for hashed in first.paths.values() {
        assert!(site.root(hashed).is_file(), "{hashed}");
    }
}

#[test]
fn nesting_may_be_deep() {
    let site = Site::new();
    let depth = 300;
    for level in 0..depth {
        site.write(
            &format!("{level}.css"),
            format!("@import '{}.css';", level + 1),
        );
    }
    site.write(&format!("{depth}.css"), "a{}");
    let outcome = site.collect();
    let manifest = outcome.manifest.as_ref().unwrap();
    assert_eq!(
        site.hashed_text(&outcome, "0.css"),
        format!("@import url(\"{}\");", manifest.get("1.css").unwrap())
    );
}

#[test]
fn a_variant_that_is_missing_or_wrong_is_made_again() {
    let site = site();
    let outcome = site.collect();
    let before = read_folder(&site.path("root"));
    let manifest = outcome.manifest.unwrap();
    let hashed = manifest.get("img/a.svg").unwrap();
    fs::remove_file(site.root("img/a.svg.br")).unwrap();
    write(&site.root("img/a.svg.gz"), b"something else");
    write(&site.root(&format!("{hashed}.zst")), b"something else");
    // Files of these kinds have no variants.
    write(&site.root("img/b.png.br"), b"something else");
    write(&site.root("noext.gz"), b"something else");
    let outcome = site.collect();
    assert_eq!(outcome.compressed, 3);
    assert_eq!(read_folder(&site.path("root")), before);
}

#[test]
fn a_variant_of_another_tool_is_used() {
    let site = site();
    site.collect();
    let text = long_text();
    let fast = zstd::bulk::compress(text.as_bytes(), 1).unwrap();
    write(&site.root("img/a.svg.zst"), &fast);
    site.collect();
    assert_eq!(fs::read(site.root("img/a.svg.zst")).unwrap(), fast);
}

#[test]
fn a_changed_file_gets_new_variants() {
    let site = site();
    site.collect();
    let text = long_text().to_uppercase();
    site.write("img/a.svg", &text);
    let outcome = site.collect();
    // The hash of the style sheet changes with it, not its plain form.
    assert_eq!((outcome.copied, outcome.unmodified), (1, 3));
    assert_eq!((outcome.post_processed, outcome.compressed), (2, 6));
    for encoding in Encoding::ALL {
        let variant = fs::read(site.root(&format!("img/a.svg{}", encoding.suffix()))).unwrap();
        assert!(is_variant(&variant, encoding, text.as_bytes()));
    }
    site.write("img/a.svg", "x");
    site.collect();
    assert!(!site.root("img/a.svg.br").exists());
}

#[test]
fn what_is_in_the_root_for_other_reasons_stays() {
    let site = site();
    write(&site.root("robots.txt"), b"not ours");
    write(
        &site.root("css/old.0123456789ab.css"),
        b"of a release before",
    );
    site.collect();
    assert!(site.root("robots.txt").is_file());
    assert!(site.root("css/old.0123456789ab.css").is_file());
}

#[test]
fn clearing_leaves_the_new_release_alone() {
    let site = site();
    site.collect();
    let expected = read_folder(&site.path("root"));
    write(&site.root("old/deep/a.css"), b"old");
    write(&site.root("noext"), b"another");
    write(&site.root("img/a.svg.gz"), b"another");
    let mut config = site.config();
    config.clear = Clear::Delete;
    let plan = plan(&config).unwrap();
    assert_eq!(plan.deletions.len(), expected.len() + 1);
    assert!(plan.files.iter().all(|file| file.state == FileState::Copy));
    let mut deleted = Vec::new();
    let outcome = execute(&plan, &mut |event| {
        if let Event::Deleted { path } = event {
            deleted.push(path.to_owned());
        }
    })
    .unwrap();
    assert_eq!(deleted, plan.deletions);
    assert_eq!(outcome.deleted, plan.deletions.len());
    assert_eq!((outcome.copied, outcome.compressed), (4, 6));
    assert_eq!(read_folder(&site.path("root")), expected);
    assert!(!site.root("old").exists());
}

#[test]
fn a_plan_changes_nothing() {
    let site = site();
    write(&site.root("noext"), b"x");
    write(&site.root("old.css"), b"old");
    let before = read_folder(&site.path("root"));
    let plan = plan(&site.config()).unwrap();
    let states: Vec<_> = plan
        .files
        .iter()
        .map(|file| (&*file.name, file.state))
        .collect();
    assert_eq!(
        states,
        [
            ("css/book.css", FileState::Copy),
            ("img/a.svg", FileState::Copy),
            ("img/b.png", FileState::Copy),
            ("noext", FileState::Unmodified),
        ]
    );
    assert!(plan.deletions.is_empty());
    assert_eq!(read_folder(&site.path("root")), before);
}

#[test]
fn without_post_processing_files_are_only_copied() {
    let site = site();
    let mut config = site.config();
    config.post_process = PostProcess::Skip;
    // Nothing is searched for references.
    site.write("css/broken.css", "a{b:url(missing.png)}");
    let outcome = collect(&config).unwrap();
    assert_eq!(
        names(&site.path("root")),
        [
            "css/book.css",
            "css/broken.css",
            "img/a.svg",
            "img/b.png",
            "noext"
        ]
    );
    assert_eq!((outcome.copied, outcome.post_processed), (5, 0));
    assert_eq!(outcome.manifest, None);
}

/// A file must never have the variant of another content beside it.
#[test]
fn without_post_processing_a_changed_file_loses_its_variants() {
    let site = site();
    site.collect();
    site.write("img/a.svg", "other");
    let mut config = site.config();
    config.post_process = PostProcess::Skip;
    collect(&config).unwrap();
    assert!(!site.root("img/a.svg.br").exists());
    assert!(site.root("staticfiles.json").exists());
}

#[test]
fn events_tell_what_happens() {
    let site = site();
    write(&site.path("other/noext"), b"hidden by the first");
    let mut config = site.config();
    config.sources.push(Source::Folder(site.path("other")));
    let run = || {
        let mut told = Vec::new();
        let (mut last, mut all) = (0, 0);
        let outcome = execute(&plan(&config).unwrap(), &mut |event| match event {
            Event::Waiting => panic!("nobody else is at work"),
            Event::Progress { done, total } => {
                assert!(done >= last && done <= total);
                (last, all) = (done, total);
            }
            Event::Copied { name, content } => {
                assert!(content.path().unwrap().ends_with(name));
                told.push(format!("copied {name}"));
            }
            Event::Unmodified { name } => told.push(format!("unmodified {name}")),
            Event::PostProcessed { name, hashed_name } => {
                told.push(format!("{name} is {hashed_name}"));
            }
            Event::PostProcessingSkipped { name } => told.push(format!("skipped {name}")),
            Event::Compressed { name, variant, .. } => {
                assert!(variant.starts_with(name));
                told.push(format!("made {variant}"));
            }
            Event::Deleted { path } => told.push(format!("deleted {}", path.display())),
        });
        assert!(last == all && all > 0);
        (outcome.unwrap(), told)
    };
    let (outcome, told) = run();
    assert_eq!(outcome.skipped_due_to_conflict, 1);
    assert_eq!(
        told,
        [
            "made img/a.aa9c617022fe.svg.br",
            "made img/a.aa9c617022fe.svg.gz",
            "made img/a.aa9c617022fe.svg.zst",
            "css/book.css is css/book.b728b2bea470.css",
            "img/a.svg is img/a.aa9c617022fe.svg",
            "img/b.png is img/b.52b8497c36cf.png",
            "noext is noext.9dd4e461268c",
            "made img/a.svg.br",
            "made img/a.svg.gz",
            "made img/a.svg.zst",
            "copied css/book.css",
            "copied img/a.svg",
            "copied img/b.png",
            "copied noext",
        ]
    );
    let (_, told) = run();
    assert_eq!(
        told,
        [
            "css/book.css is css/book.b728b2bea470.css",
            "skipped img/a.svg",
            "skipped img/b.png",
            "skipped noext",
            "unmodified css/book.css",
            "unmodified img/a.svg",
            "unmodified img/b.png",
            "unmodified noext",
        ]
    );
}

#[test]
fn files_inside_the_program_have_the_time_of_the_configuration() {
    const FILES: &[EmbeddedFile] = &[EmbeddedFile {
        name: "a.css",
        content: b"b{}",
    }];
    let site = Site::new();
    let mut config = Config::new(vec![Source::Embedded(FILES)], site.path("root"));
    config.embedded_time = old();
    collect(&config).unwrap();
    for (name, (_, time)) in read_folder(&site.path("root")) {
        assert_eq!(time, old(), "{name}");
    }
    let default = Config::new(Vec::new(), "").embedded_time;
    let year_1980 = default.duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(year_1980.as_secs(), 315_532_800);
}

/// Nobody would ever be sent them under their own name.
#[test]
fn variants_among_the_sources_are_left_out() {
    let site = site();
    site.write("img/a.svg.gz", "perhaps of an older picture");
    site.write("img/b.png.gz", "beside what is not compressed");
    site.write("data.tar.gz", "beside nothing");
    let plan = plan(&site.config()).unwrap();
    assert_eq!(plan.superseded, ["img/a.svg.gz"]);
    let outcome = execute(&plan, &mut |_| {}).unwrap();
    let manifest = outcome.manifest.unwrap();
    assert!(manifest.get("img/a.svg.gz").is_none());
    assert!(manifest.get("data.tar.gz").is_some());
    let variant = fs::read(site.root("img/a.svg.gz")).unwrap();
    assert!(is_variant(&variant, Encoding::Gzip, long_text().as_bytes()));
    assert_eq!(
        fs::read(site.root("img/b.png.gz")).unwrap(),
        b"beside what is not compressed"
    );
    site.collect();
    assert!(site.root("img/b.png.gz").exists());
}

/// The sources may hold what was collected once before.
#[test]
fn a_collected_folder_can_be_collected() {
    let site = site();
    site.collect();
    fs::remove_file(site.root(Manifest::FILE_NAME)).unwrap();
    let sources = vec![Source::Folder(site.path("root"))];
    let config = Config::new(sources, site.path("second"));
    let outcome = collect(&config).unwrap();
    let manifest = outcome.manifest.unwrap();
    assert_eq!(manifest.get("noext"), Some("noext.9dd4e461268c"));
    assert_eq!(
        manifest.get("noext.9dd4e461268c"),
        Some("noext.9dd4e461268c.9dd4e461268c")
    );
}

#[test]
fn a_relative_static_url_and_the_root_url_are_understood() {
    for (static_url, reference) in [
        ("/static/", "/static/a.png"),
        ("static", "/static/a.png"),
        ("/deep/static", "/deep/static/a.png"),
        ("/", "/a.png"),
    ] {
        let site = Site::with(&[("a.png", "x")]);
        site.write("css/b.css", format!("c{{d:url({reference})}}"));
        let mut config = site.config();
        static_url.clone_into(&mut config.static_url);
        let outcome = collect(&config).unwrap();
        let expected = reference.replace("a.png", "a.9dd4e461268c.png");
        assert_eq!(
            site.hashed_text(&outcome, "css/b.css"),
            format!("c{{d:url(\"{expected}\")}}")
        );
    }
}

#[test]
fn nothing_to_collect_is_no_error() {
    let site = Site::new();
    let outcome = site.collect();
    assert_eq!(outcome.copied, 0);
    assert_eq!(names(&site.path("root")), ["staticfiles.json"]);
}
