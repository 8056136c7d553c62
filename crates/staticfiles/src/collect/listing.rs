//! Makes the plan. Reads sources and root, and writes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::digest::Digest;
use super::staging::PREFIX;
use super::{Clear, Config, Error, FileState, Plan, PlannedFile, PostProcess};
use crate::compress::{self, Encoding};
use crate::manifest::Manifest;
use crate::parallel;
use crate::source::{self, Content, Source};

/// See [`super::plan`].
pub(super) fn plan(config: &Config) -> Result<Plan, Error> {
    check_overlap(config)?;
    let source::Listing { files, duplicates } = source::list(&config.sources, &config.ignore)?;
    let (files, superseded) = match config.post_process {
        PostProcess::Full => leave_out_variants(files),
        PostProcess::Skip => (files, Vec::new()),
    };
    check_names(config, &files)?;
    let deletions = match config.clear {
        Clear::Delete => list_root(&config.root)?,
        Clear::Keep => Vec::new(),
    };
    Ok(Plan {
        files: plan_files(config, files)?,
        duplicates,
        superseded,
        deletions,
        config: config.clone(),
    })
}

/// Fails if the root and a source overlap. A root in a source would be collected into itself; a
/// source in the root could be deleted.
fn check_overlap(config: &Config) -> Result<(), Error> {
    let root = real_path(&config.root);
    for source in &config.sources {
        let Source::Folder(folder) = source else {
            continue;
        };
        let real_folder = real_path(folder);
        if root.starts_with(&real_folder) || real_folder.starts_with(&root) {
            return Err(Error::Overlap {
                source_folder: folder.clone(),
                root: config.root.clone(),
            });
        }
    }
    Ok(())
}

/// The path without links. Its last parts need not exist.
fn real_path(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for ancestor in path.ancestors() {
        if let (Ok(real), Ok(rest)) = (fs::canonicalize(ancestor), path.strip_prefix(ancestor)) {
            return real.join(rest);
        }
    }
    path
}

/// Separates the files from compressed variants of files that are compressed here.
fn leave_out_variants(
    mut files: BTreeMap<String, Content>,
) -> (BTreeMap<String, Content>, Vec<String>) {
    let is_superseded = |name: &&String| {
        Encoding::ALL.iter().any(|encoding| {
            name.strip_suffix(encoding.suffix())
                .is_some_and(|file| files.contains_key(file) && compress::is_compressible(file))
        })
    };
    let superseded: Vec<String> = files.keys().filter(is_superseded).cloned().collect();
    for name in &superseded {
        files.remove(name);
    }
    (files, superseded)
}

fn check_names(config: &Config, files: &BTreeMap<String, Content>) -> Result<(), Error> {
    let has_manifest = config.post_process == PostProcess::Full;
    if has_manifest && files.contains_key(Manifest::FILE_NAME) {
        let name = Manifest::FILE_NAME.to_owned();
        return Err(Error::NameTaken { name });
    }
    let names = files.keys().map(String::as_str).collect();
    check_folders(&names)
}

/// No name may be a folder of another.
pub(super) fn check_folders(names: &BTreeSet<&str>) -> Result<(), Error> {
    for name in names {
        for (slash, _) in name.match_indices('/') {
            let folder = &name[..slash];
            if names.contains(folder) {
                return Err(Error::FileAndFolder {
                    folder: folder.to_owned(),
                    name: (*name).to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// Everything in the root that is not a folder. Links are not followed: their targets are not ours
/// to delete. Temporary files are left out: another collection may be running.
fn list_root(root: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let path = root.join(&folder);
        let unreadable = |error| Error::Unreadable {
            path: path.clone(),
            error,
        };
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(unreadable(error)),
        };
        for entry in entries {
            let entry = entry.map_err(unreadable)?;
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(PREFIX.as_bytes())
            {
                continue;
            }
            let name = folder.join(entry.file_name());
            if entry.file_type().map_err(unreadable)?.is_dir() {
                folders.push(name);
            } else {
                found.push(name);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn plan_files(
    config: &Config,
    files: BTreeMap<String, Content>,
) -> Result<Vec<PlannedFile>, Error> {
    let files: Vec<_> = files.into_iter().collect();
    let mut planned: Vec<Option<PlannedFile>> = Vec::new();
    planned.resize_with(files.len(), || None);
    parallel::for_each(
        &files,
        |(name, content)| plan_file(config, name, content),
        |index, file| planned[index] = Some(file),
    )?;
    Ok(planned.into_iter().flatten().collect())
}

fn plan_file(config: &Config, name: &str, content: &Content) -> Result<PlannedFile, Error> {
    let unreadable = |error| Error::Unreadable {
        path: content.path().unwrap_or(Path::new(name)).to_owned(),
        error,
    };
    let digest = Digest::of_content(content).map_err(unreadable)?;
    let modified = match content {
        Content::Disk(path) => fs::metadata(path)
            .and_then(|metadata| metadata.modified())
            .map_err(unreadable)?,
        Content::Memory(_) => config.embedded_time,
    };
    let is_there = config.clear == Clear::Keep && digest.is_of(&config.root.join(name));
    Ok(PlannedFile {
        name: name.to_owned(),
        content: content.clone(),
        state: if is_there {
            FileState::Unmodified
        } else {
            FileState::Copy
        },
        digest,
        modified,
    })
}
