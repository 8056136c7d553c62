//! Several collections into one root, and what killed ones leave.

use std::fs;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use staticfiles::collect::{Clear, Event, execute, plan};

use super::{Site, collect, names, read_folder, write};

/// Longer than anything here takes.
const DEADLINE: Duration = Duration::from_mins(1);

fn text(word: &str) -> String {
    format!("{word} a line that will be compressed well\n").repeat(100)
}

#[test]
fn a_collection_waits_for_the_one_that_is_at_work() {
    let site = Site::with(&[("a.css", &text("a")), ("b.css", "@import 'a.css';")]);
    let config = site.config();
    let plans = [plan(&config).unwrap(), plan(&config).unwrap()];
    let (waits, waiting) = mpsc::channel();
    let (first, second) = thread::scope(|scope| {
        let [first, second] = &plans;
        let mut other = None;
        let outcome = execute(first, &mut |event| {
            let Event::Progress { .. } = event else {
                return;
            };
            if other.is_none() {
                let waits = waits.clone();
                other = Some(scope.spawn(move || {
                    execute(second, &mut |event| {
                        if let Event::Waiting = event {
                            waits.send(()).unwrap();
                        }
                    })
                }));
                waiting
                    .recv_timeout(DEADLINE)
                    .expect("the other one is told to wait");
            }
        });
        (outcome.unwrap(), other.unwrap().join().unwrap().unwrap())
    });
    assert_eq!((first.copied, first.unmodified), (2, 0));
    // It was planned when nothing was there, and finds everything.
    assert_eq!((second.copied, second.unmodified), (0, 2));
    assert_eq!(second.compressed, 0);
    assert_eq!(first.manifest, second.manifest);
    assert!(site.root("a.css.br").is_file());
    site.assert_tidy();
}

/// As when two releases are rolled out at once: what is there in the end is one of them, whole.
#[test]
fn the_last_of_several_collections_has_the_last_word() {
    let site = Site::with(&[("a.css", &text("old")), ("b.css", "@import 'a.css';")]);
    site.collect();
    let expected = read_folder(&site.path("root"));
    // Nothing to do, says the plan.
    let old_release = plan(&site.config()).unwrap();
    site.write("a.css", text("new"));
    site.collect();
    assert_ne!(read_folder(&site.path("root")), expected);
    site.write("a.css", text("old"));
    let outcome = execute(&old_release, &mut |_| {}).unwrap();
    assert_eq!((outcome.copied, outcome.unmodified), (1, 1));
    let now = read_folder(&site.path("root"));
    for (name, file) in &expected {
        assert_eq!(now.get(name), Some(file), "{name}");
    }
}

#[test]
fn what_killed_collections_left_is_removed() {
    let site = Site::with(&[("css/a.css", "b{}")]);
    site.collect();
    let expected = read_folder(&site.path("root"));
    for left in [
        "root/.collectstatic-root-aB3dE6/0",
        "root/.collectstatic-root-123456",
        "root/css/.collectstatic-root-zzzzzz",
        ".collectstatic-root-abcdef/0",
        ".collectstatic-root-ABCDEF/deep/0",
    ] {
        write(&site.path(left), b"left");
    }
    // Of another root, or of nobody known.
    let foreign = [
        ".collectstatic-root-2-abcdef/0",
        ".collectstatic-other-abcdef/0",
        ".collectstatic-root-abcdefg/0",
        ".collectstatic-root-abc-ef/0",
        ".collectstatic-abcdef/0",
        "root-abcdef/0",
    ];
    for name in foreign {
        write(&site.path(name), b"not ours");
    }
    let outcome = site.collect();
    assert_eq!((outcome.copied, outcome.unmodified), (0, 1));
    assert_eq!(read_folder(&site.path("root")), expected);
    for name in foreign {
        assert!(site.path(name).is_file(), "{name}");
    }
    for name in [".collectstatic-root-abcdef", ".collectstatic-root-ABCDEF"] {
        assert!(!site.path(name).exists(), "{name}");
    }
}

/// It may be that of a collection at work.
#[test]
fn clearing_does_not_count_what_is_temporary() {
    let site = Site::with(&[("a.css", "b{}")]);
    site.collect();
    write(&site.root(".collectstatic-root-abcdef/0"), b"");
    write(&site.root("old.css"), b"");
    let mut config = site.config();
    config.clear = Clear::Delete;
    let deletions = plan(&config).unwrap().deletions;
    assert_eq!(
        deletions
            .iter()
            .map(|path| path.to_str())
            .collect::<Vec<_>>(),
        [
            Some("a.c1f7557b6ebb.css"),
            Some("a.css"),
            Some("old.css"),
            Some("staticfiles.json")
        ]
    );
    collect(&config).unwrap();
    assert_eq!(
        names(&site.path("root")),
        ["a.c1f7557b6ebb.css", "a.css", "staticfiles.json"]
    );
}

/// What a link leads to may be in use by others.
#[cfg(unix)]
#[test]
fn links_are_not_swept() {
    let site = Site::with(&[("a.css", "b{}")]);
    write(&site.path("elsewhere/.collectstatic-root-abcdef/0"), b"");
    fs::create_dir(site.path("root")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", site.root("link")).unwrap();
    site.collect();
    assert_eq!(
        names(&site.path("elsewhere")),
        [".collectstatic-root-abcdef/0"]
    );
}
