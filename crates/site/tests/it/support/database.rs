//! Databases of the older site.

use std::path::{Path, PathBuf};

pub(crate) use db::testing::{Backend, TestDatabase, config, sqlite_url};

use super::tell_skipped;

/// A copy of one of the old site's databases; `None`, with the reason printed, where they are not
/// beside the project.
pub(crate) fn copy_of_shared(name: &str) -> Option<TestDatabase> {
    let path = shared_data().join(name);
    if !path.exists() {
        tell_skipped(&format!("{name} of the old site is not here"));
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join(name);
    // The contents alone: the original may be read-only, and the copy must not be.
    std::fs::write(&copy, std::fs::read(&path).unwrap()).unwrap();
    let url = sqlite_url(&copy);
    Some(TestDatabase { url, folder })
}

fn shared_data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data")
}
