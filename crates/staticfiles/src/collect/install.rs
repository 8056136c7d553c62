//! Puts a release in place, file by file. The old release stays whole until the manifest, which
//! comes last, is replaced.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::build::{self, Output, OutputKind, Release, VariantAction};
use super::link::LinkedFiles;
use super::staging::write_error;
use super::{Error, Event, Outcome, Plan, PostProcess};
use crate::manifest::Manifest;
use crate::references::Language;

/// Puts a release in place, then deletes the files that are not in it any more.
pub(super) fn install(
    plan: &Plan,
    linked: Option<&LinkedFiles<'_>>,
    release: &Release,
    progress: &mut dyn FnMut(Event<'_>),
) -> Result<Outcome, Error> {
    let manifest = linked.map(LinkedFiles::manifest);
    let mut installer = Installer {
        plan,
        release,
        outcome: Outcome {
            skipped_due_to_conflict: plan.duplicates.len(),
            ..Outcome::default()
        },
        progress,
    };
    let staged_manifest = installer.stage_manifest(manifest.as_ref())?;
    installer.prepare_root()?;
    // Hashed files come first and the manifest last: `collect`'s documentation says why.
    installer.put(OutputKind::Hashed)?;
    installer.report_post_processed(linked);
    installer.put(OutputKind::Plain)?;
    installer.report_copied();
    if let Some(staged) = staged_manifest {
        let target = plan.config.root.join(Manifest::FILE_NAME);
        release.staging.put(&staged, &target)?;
    }
    installer.delete()?;
    let mut outcome = installer.outcome;
    outcome.manifest = manifest;
    Ok(outcome)
}

struct Installer<'a> {
    plan: &'a Plan,
    release: &'a Release,
    outcome: Outcome,
    progress: &'a mut dyn FnMut(Event<'_>),
}

impl Installer<'_> {
    fn path(&self, name: &str) -> PathBuf {
        self.plan.config.root.join(name)
    }

    /// Writes the manifest into the temporary folder; `None` if the root has the same one.
    fn stage_manifest(&self, manifest: Option<&Manifest>) -> Result<Option<PathBuf>, Error> {
        let Some(manifest) = manifest else {
            return Ok(None);
        };
        let json = manifest.to_json();
        let there = fs::read(self.path(Manifest::FILE_NAME));
        if there.is_ok_and(|there| there == json.as_bytes()) {
            return Ok(None);
        }
        let modified = build::newest(self.plan);
        let staged = self.release.staging.add(json.as_bytes(), modified)?;
        Ok(Some(staged))
    }

    /// Makes the folders, and checks that files can be put into each of them.
    fn prepare_root(&self) -> Result<(), Error> {
        let root = &self.plan.config.root;
        make_folder(root)?;
        for path in &self.release.obstructions {
            remove_obstruction(path)?;
        }
        let mut folders = BTreeSet::from([root.clone()]);
        for output in &self.release.outputs {
            let puts_file = output.state.staged.is_some() || !output.state.variants.is_empty();
            if let Some(folder) = self.path(&output.path).parent().filter(|_| puts_file) {
                folders.insert(folder.to_owned());
            }
        }
        for folder in folders {
            self.release.staging.check_links(root, &folder)?;
            make_folder(&folder)?;
            self.release.staging.check_folder(&folder)?;
        }
        Ok(())
    }

    fn put(&mut self, kind: OutputKind) -> Result<(), Error> {
        let outputs = self.release.outputs.iter();
        for output in outputs.filter(|output| output.kind == kind) {
            self.put_output(output)?;
        }
        Ok(())
    }

    /// Puts one output in. A variant is removed before its file is replaced, and its successor is
    /// put in after it, so that no file ever has a variant of another content beside it.
    fn put_output(&mut self, output: &Output) -> Result<(), Error> {
        for (encoding, variant) in &output.state.variants {
            if output.state.staged.is_some() || matches!(variant, VariantAction::Remove) {
                remove(&self.path(&output.variant_name(*encoding)))?;
            }
        }
        if let Some(staged) = &output.state.staged {
            self.release.staging.put(staged, &self.path(&output.path))?;
        }
        for (encoding, variant) in &output.state.variants {
            let VariantAction::Put { staged, size_bytes } = variant else {
                continue;
            };
            let name = output.variant_name(*encoding);
            self.release.staging.put(staged, &self.path(&name))?;
            self.outcome.compressed += 1;
            (self.progress)(Event::Compressed {
                name: &output.path,
                variant: &name,
                size_bytes: output.size_bytes,
                variant_size_bytes: *size_bytes,
            });
        }
        Ok(())
    }

    /// Counts files as Django 5.2 does: those that may have references every time, others if their
    /// hashed name is new.
    fn report_post_processed(&mut self, linked: Option<&LinkedFiles<'_>>) {
        let Some(linked) = linked else { return };
        let new: BTreeSet<_> = self
            .release
            .outputs
            .iter()
            .filter(|output| output.state.staged.is_some())
            .map(|output| &*output.path)
            .collect();
        for (name, file) in &linked.files {
            let hashed_name = &*file.hashed_name;
            if Language::of(name).is_some() || new.contains(hashed_name) {
                self.outcome.post_processed += 1;
                (self.progress)(Event::PostProcessed { name, hashed_name });
            } else {
                (self.progress)(Event::PostProcessingSkipped { name });
            }
        }
    }

    /// Counts by what the root had when the release was made. That may differ from the plan, since
    /// another collection may have run in between.
    fn report_copied(&mut self) {
        let outputs = self.release.outputs.iter();
        for output in outputs.filter(|output| output.kind == OutputKind::Plain) {
            let file = &self.plan.files[output.file];
            let name = &*file.name;
            let content = &file.content;
            if output.state.staged.is_some() {
                self.outcome.copied += 1;
                (self.progress)(Event::Copied { name, content });
            } else {
                self.outcome.unmodified += 1;
                (self.progress)(Event::Unmodified { name });
            }
        }
    }

    /// Deletes what the plan lists, except for names that the release has just replaced. Both count
    /// as deleted.
    fn delete(&mut self) -> Result<(), Error> {
        let mut names = BTreeSet::new();
        if self.plan.config.post_process == PostProcess::Full {
            names.insert(PathBuf::from(Manifest::FILE_NAME));
        }
        for output in &self.release.outputs {
            names.insert(PathBuf::from(&output.path));
            for (encoding, variant) in &output.state.variants {
                if matches!(variant, VariantAction::Put { .. }) {
                    names.insert(PathBuf::from(output.variant_name(*encoding)));
                }
            }
        }
        for name in &self.plan.deletions {
            if !names.contains(name) {
                let root = &self.plan.config.root;
                let folder = root.join(name);
                let folder = folder.parent().unwrap_or(root);
                self.release.staging.check_links(root, folder)?;
                remove(&self.plan.config.root.join(name))?;
                self.remove_empty_folders(name);
            }
            self.outcome.deleted += 1;
            (self.progress)(Event::Deleted { path: name });
        }
        Ok(())
    }

    /// Removes the folders of a deleted file, up to the first that is not empty, and never the
    /// root.
    fn remove_empty_folders(&self, name: &Path) {
        for folder in name.ancestors().skip(1) {
            let is_root = folder.as_os_str().is_empty();
            if is_root || fs::remove_dir(self.plan.config.root.join(folder)).is_err() {
                break;
            }
        }
    }
}

fn make_folder(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|error| write_error(path, error))
}

/// Removes a file or a link. It is no error if it is gone already. A folder in its place is new and
/// stays.
fn remove(path: &Path) -> Result<(), Error> {
    if is_folder(path) {
        return Ok(());
    }
    check_removed(path, fs::remove_file(path))
}

/// Removes what is in the way, with all that is in it.
fn remove_obstruction(path: &Path) -> Result<(), Error> {
    if is_folder(path) {
        check_removed(path, fs::remove_dir_all(path))
    } else {
        check_removed(path, fs::remove_file(path))
    }
}

/// Whether a path is a folder. A link to one is not.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir())
}

fn check_removed(path: &Path, removed: io::Result<()>) -> Result<(), Error> {
    match removed {
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Err(write_error(path, error))
        }
        _ => Ok(()),
    }
}
