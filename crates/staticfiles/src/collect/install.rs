//! Puts a release in place, file by file. The old one stays whole until the manifest, which
//! comes last, says otherwise.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::build::{self, Output, OutputKind, Release, Variant};
use super::link::Linked;
use super::staging::write_error;
use super::{Error, Event, Outcome, Plan, PostProcess};
use crate::manifest::Manifest;
use crate::references::Language;

/// Puts a release in place, then deletes what is to be deleted.
pub(super) fn install(
    plan: &Plan,
    linked: Option<&Linked<'_>>,
    release: &Release,
    progress: &mut dyn FnMut(Event<'_>),
) -> Result<Outcome, Error> {
    let manifest = linked.map(Linked::manifest);
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

    /// Nothing when the same manifest is there.
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

    /// Makes the folders, and finds out whether files can be put into each of them.
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

    /// At no time a file has a variant of another content beside it.
    fn put_output(&mut self, output: &Output) -> Result<(), Error> {
        for (encoding, variant) in &output.state.variants {
            if output.state.staged.is_some() || matches!(variant, Variant::Remove) {
                remove(&self.path(&output.variant_name(*encoding)))?;
            }
        }
        if let Some(staged) = &output.state.staged {
            self.release.staging.put(staged, &self.path(&output.path))?;
        }
        for (encoding, variant) in &output.state.variants {
            let Variant::Put { staged, size_bytes } = variant else {
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

    /// As Django 5.2 counts them: files that may have references every time, others when their
    /// hashed name is new.
    fn report_post_processed(&mut self, linked: Option<&Linked<'_>>) {
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

    /// By what was there when the release was made, which need not be what was planned: another
    /// collection may have come between.
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

    /// Deletes what was in the root and has not been replaced.
    fn delete(&mut self) -> Result<(), Error> {
        let mut names = BTreeSet::new();
        if self.plan.config.post_process == PostProcess::Full {
            names.insert(PathBuf::from(Manifest::FILE_NAME));
        }
        for output in &self.release.outputs {
            names.insert(PathBuf::from(&output.path));
            for (encoding, variant) in &output.state.variants {
                if matches!(variant, Variant::Put { .. }) {
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

    /// Up to the root, as far as they are empty.
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

/// Removes a file or a link; also when it is gone already. What is a folder now has been put
/// there in its place.
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

/// Links to folders are none.
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
