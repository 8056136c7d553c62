//! Collecting: what is made of which sources, and what happens when it cannot be.

mod compress;
mod css;
mod failures;
mod folder;
mod manifest;
mod recorded;
mod references;
mod releases;
mod rewriting;
mod sources;
mod turns;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use staticfiles::collect::{Config, Error, Event, Outcome, execute, plan};
use staticfiles::source::Source;
use tempfile::TempDir;

/// A temporary folder with a folder of sources and a root.
struct Site {
    folder: TempDir,
}

impl Site {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("source")).unwrap();
        Self { folder }
    }

    fn with(files: &[(&str, &str)]) -> Self {
        let site = Self::new();
        for (name, content) in files {
            site.write(name, content);
        }
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn source(&self, name: &str) -> PathBuf {
        self.path("source").join(name)
    }

    fn root(&self, name: &str) -> PathBuf {
        self.path("root").join(name)
    }

    /// Writes a file of the source, a year old.
    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        write(&self.source(name), content.as_ref());
    }

    fn config(&self) -> Config {
        Config::new(vec![Source::Folder(self.path("source"))], self.path("root"))
    }

    #[track_caller]
    fn collect(&self) -> Outcome {
        collect(&self.config()).unwrap()
    }

    /// The error of a collection, which must leave the root as it was, and nothing beside it.
    #[track_caller]
    fn collect_error(&self, config: &Config) -> Error {
        let before = read_folder(&self.path("root"));
        let error = collect(config).unwrap_err();
        assert_eq!(read_folder(&self.path("root")), before, "after: {error}");
        self.assert_tidy();
        error
    }

    /// Nothing temporary is left.
    #[track_caller]
    fn assert_tidy(&self) {
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let name = entry.unwrap().file_name();
            let name = name.to_string_lossy();
            assert!(!name.starts_with('.'), "{name} is left");
        }
    }

    /// The text under the hashed name of a file.
    #[track_caller]
    fn hashed_text(&self, outcome: &Outcome, name: &str) -> String {
        let manifest = outcome.manifest.as_ref().unwrap();
        fs::read_to_string(self.root(manifest.get(name).unwrap())).unwrap()
    }
}

fn collect(config: &Config) -> Result<Outcome, Error> {
    execute(&plan(config)?, &mut |_: Event<'_>| {})
}

fn old() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    set_time(path, old());
}

fn set_time(path: &Path, time: SystemTime) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

/// All files of a folder with content and time, by name.
fn read_folder(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(path) = folders.pop() {
        for entry in fs::read_dir(path).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            files.insert(name.to_owned(), (fs::read(&path).unwrap(), time));
        }
    }
    files
}

fn names(folder: &Path) -> Vec<String> {
    read_folder(folder).into_keys().collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "what the test run is told, not a setting"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
