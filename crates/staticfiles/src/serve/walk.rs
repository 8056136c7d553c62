//! Lists the root of collected files. Knows names, lengths and times; reads no content.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::body::FileVersion;
use super::path;
use super::problem::Problem;
use crate::collect::TEMPORARY_PREFIX;

/// A file of the root.
#[derive(Debug, Clone)]
pub(super) struct RootFile {
    /// Its real path, with all links resolved.
    pub(super) path: PathBuf,
    pub(super) version: FileVersion,
}

/// Finds the files below a root by their names.
///
/// Links are followed, to folders too (row WN-H1), as long as they stay in the root. A file that
/// cannot be served is left out and reported, so that one bad file does not stop the site.
pub(super) fn walk(root: &Path, problems: &mut Vec<Problem>) -> BTreeMap<String, RootFile> {
    let mut walk = RootWalk {
        root: PathBuf::new(),
        files: BTreeMap::new(),
        problems,
        ancestors: Vec::new(),
    };
    match fs::canonicalize(root) {
        Ok(real) => {
            walk.root.clone_from(&real);
            walk.enter(real, "");
        }
        Err(error) => walk.leave_out(root, error),
    }
    walk.files
}

struct RootWalk<'a> {
    root: PathBuf,
    files: BTreeMap<String, RootFile>,
    problems: &'a mut Vec<Problem>,
    /// The real paths of the folders above, to detect links that lead back to them.
    ancestors: Vec<PathBuf>,
}

impl RootWalk<'_> {
    /// Lists one folder and those below. The longest name that is allowed limits the recursion.
    fn enter(&mut self, folder: PathBuf, prefix: &str) {
        if self.ancestors.contains(&folder) {
            self.problems.push(Problem::Loop { path: folder });
            return;
        }
        let entries = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.leave_out(&folder, error),
        };
        // The order of a folder's entries is arbitrary; reports must not depend on it.
        entries.sort_by_key(fs::DirEntry::file_name);
        self.ancestors.push(folder);
        for entry in entries {
            let base_name = entry.file_name();
            // Temporary files of a collection that is running.
            if base_name
                .as_encoded_bytes()
                .starts_with(TEMPORARY_PREFIX.as_bytes())
            {
                continue;
            }
            let name = base_name
                .to_str()
                .map(|base_name| format!("{prefix}{base_name}"));
            match name.filter(|name| path::is_name(name)) {
                Some(name) => self.visit(&entry.path(), name),
                None => self
                    .problems
                    .push(Problem::Unaddressable { path: entry.path() }),
            }
        }
        self.ancestors.pop();
    }

    fn visit(&mut self, path: &Path, name: String) {
        let looked = fs::canonicalize(path).and_then(|real| Ok((fs::metadata(&real)?, real)));
        let (metadata, real) = match looked {
            Ok(looked) => looked,
            Err(error) => return self.leave_out(path, error),
        };
        if !real.starts_with(&self.root) {
            let path = path.to_owned();
            self.problems.push(Problem::LeavesRoot { path });
        } else if metadata.is_dir() {
            self.enter(real, &format!("{name}/"));
        } else if metadata.is_file() {
            let version = FileVersion::new(&metadata);
            self.files.insert(
                name,
                RootFile {
                    path: real,
                    version,
                },
            );
        } else {
            // Reading a pipe would block until somebody writes into it.
            let path = path.to_owned();
            self.problems.push(Problem::Special { path });
        }
    }

    fn leave_out(&mut self, path: &Path, error: io::Error) {
        let path = path.to_owned();
        self.problems.push(Problem::Unreadable { path, error });
    }
}
