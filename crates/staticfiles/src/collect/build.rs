//! Makes all files of a release in the temporary folder. Reads the root, to keep files that are in
//! it already, and does not change it.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::digest::Digest;
use super::link::{LinkedFiles, RewrittenText};
use super::listing::check_folders;
use super::staging::{Staging, write_error};
use super::{Clear, Error, Event, Plan, PlannedFile, PostProcess};
use crate::compress::{self, Encoding};
use crate::manifest::Manifest;
use crate::parallel;

/// The longest name of a file that common file systems allow, in bytes.
const BASE_NAME_LENGTH_MAX: usize = 255;

/// A release, ready to be put in place.
#[derive(Debug)]
pub(super) struct Release {
    pub(super) staging: Staging,
    /// In the order of their paths.
    pub(super) outputs: Vec<Output>,
    /// What has to be removed before the files can be put in place.
    pub(super) obstructions: BTreeSet<PathBuf>,
}

/// A file of the release, without its variants.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) path: String,
    pub(super) kind: OutputKind,
    /// The index of its file among the planned ones.
    pub(super) file: usize,
    pub(super) size_bytes: u64,
    pub(super) state: OutputState,
}

/// Whether an output has the plain or the hashed name of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OutputKind {
    Plain,
    Hashed,
}

/// What to do about a file.
#[derive(Debug, Default)]
pub(super) struct OutputState {
    /// The file to put in; `None` if the root has it already.
    pub(super) staged: Option<PathBuf>,
    /// What to do about variants that are missing or wrong.
    pub(super) variants: Vec<(Encoding, VariantAction)>,
}

/// What to do about a compressed variant.
#[derive(Debug)]
pub(super) enum VariantAction {
    /// Put this file in.
    Put { staged: PathBuf, size_bytes: u64 },
    /// Remove the one in the root: it is of another content.
    Remove,
}

impl Output {
    pub(super) fn variant_name(&self, encoding: Encoding) -> String {
        format!("{}{}", self.path, encoding.suffix())
    }
}

/// Makes a release. Every distinct content is read and compressed once; the contents are spread
/// over all cores.
pub(super) fn build(
    plan: &Plan,
    linked: Option<&LinkedFiles<'_>>,
    progress: &mut dyn FnMut(Event<'_>),
) -> Result<Release, Error> {
    let (mut outputs, tasks) = divide(plan, linked)?;
    let builder = Builder {
        plan,
        staging: Staging::for_root(&plan.config.root)?,
        paths: outputs.iter().map(|output| output.path.clone()).collect(),
    };
    let total = tasks.iter().map(|task| task.digest.size_bytes).sum();
    let mut done = 0;
    progress(Event::Progress { done, total });
    let mut states = Vec::new();
    parallel::for_each(
        &tasks,
        |task| builder.build(task, &outputs),
        |task, built| {
            done += tasks[task].digest.size_bytes;
            progress(Event::Progress { done, total });
            states.extend(tasks[task].outputs.iter().copied().zip(built));
        },
    )?;
    for (output, state) in states {
        outputs[output].state = state;
    }
    let obstructions = builder.find_obstructions(&outputs)?;
    Ok(Release {
        staging: builder.staging,
        outputs,
        obstructions,
    })
}

/// One content, and the indices of all outputs that have it.
struct Task<'a> {
    content: TaskContent<'a>,
    digest: Digest,
    outputs: Vec<usize>,
}

#[derive(Clone, Copy)]
enum TaskContent<'a> {
    Source(&'a PlannedFile),
    RewrittenText(&'a RewrittenText),
}

/// The outputs, by path, and one task for each distinct content. The largest contents come first,
/// so that at the end no core works alone for long.
fn divide<'a>(
    plan: &'a Plan,
    linked: Option<&'a LinkedFiles<'_>>,
) -> Result<(Vec<Output>, Vec<Task<'a>>), Error> {
    let mut by_path: BTreeMap<String, (Output, Digest, TaskContent<'a>)> = BTreeMap::new();
    for (index, file) in plan.files.iter().enumerate() {
        let output = output(file.name.clone(), OutputKind::Plain, index, file.digest);
        let content = TaskContent::Source(file);
        by_path.insert(file.name.clone(), (output, file.digest, content));
    }
    for (index, file) in plan.files.iter().enumerate() {
        let Some(linked_file) = linked.and_then(|linked| linked.files.get(&*file.name)) else {
            continue;
        };
        let (digest, content) = match &linked_file.rewritten {
            Some(rewritten) => (rewritten.digest, TaskContent::RewrittenText(rewritten)),
            None => (file.digest, TaskContent::Source(file)),
        };
        let path = &linked_file.hashed_name;
        if is_too_long(path) {
            let name = file.name.clone();
            return Err(Error::NameTooLong { name });
        }
        if let Some((_, there, _)) = by_path.get(path) {
            // The sources may hold an earlier collection, whose hashed file has the same name and
            // content.
            if *there != digest {
                let name = path.clone();
                return Err(Error::NameTaken { name });
            }
            continue;
        }
        let output = output(path.clone(), OutputKind::Hashed, index, digest);
        by_path.insert(path.clone(), (output, digest, content));
    }
    if linked.is_some() {
        check_output_names(&by_path.keys().map(String::as_str).collect())?;
    }
    let mut outputs = Vec::with_capacity(by_path.len());
    let mut tasks: HashMap<[u8; 32], Task<'a>> = HashMap::new();
    for (output, digest, content) in by_path.into_values() {
        let task = tasks.entry(digest.sha256).or_insert_with(|| Task {
            content,
            digest,
            outputs: Vec::new(),
        });
        task.outputs.push(outputs.len());
        outputs.push(output);
    }
    let mut tasks: Vec<_> = tasks.into_values().collect();
    tasks.sort_by_key(|task| (std::cmp::Reverse(task.digest.size_bytes), task.outputs[0]));
    Ok((outputs, tasks))
}

fn output(path: String, kind: OutputKind, file: usize, digest: Digest) -> Output {
    Output {
        path,
        kind,
        file,
        size_bytes: digest.size_bytes,
        state: OutputState::default(),
    }
}

/// Whether a path's last part is too long for a file's name. Renaming the file would fail as well,
/// but others would have been put in place by then.
fn is_too_long(path: &str) -> bool {
    let base_name = path.rsplit('/').next().unwrap_or(path);
    base_name.len() > BASE_NAME_LENGTH_MAX
}

/// Fails if a folder has the name of a file. Variants and the manifest count as files.
fn check_output_names(paths: &BTreeSet<&str>) -> Result<(), Error> {
    let mut variants = Vec::new();
    for path in paths {
        for encoding in Encoding::ALL {
            variants.push(format!("{path}{}", encoding.suffix()));
        }
    }
    let mut names = paths.clone();
    names.extend(variants.iter().map(String::as_str));
    names.insert(Manifest::FILE_NAME);
    check_folders(&names)
}

/// What all tasks share.
struct Builder<'a> {
    plan: &'a Plan,
    staging: Staging,
    paths: BTreeSet<String>,
}

impl Builder<'_> {
    fn build(&self, task: &Task<'_>, outputs: &[Output]) -> Result<Vec<OutputState>, Error> {
        let outputs: Vec<_> = task.outputs.iter().map(|index| &outputs[*index]).collect();
        let compresses = self.plan.config.post_process == PostProcess::Full
            && task.digest.size_bytes <= compress::CONTENT_SIZE_MAX
            && outputs.iter().any(|output| self.is_compressible(output));
        let content = match task.content {
            TaskContent::RewrittenText(rewritten) => Some(Cow::Borrowed(rewritten.text.as_bytes())),
            TaskContent::Source(file) if compresses => Some(file.read()?),
            TaskContent::Source(_) => None,
        };
        let mut states = Vec::new();
        for output in &outputs {
            let staged = if self.is_there(output, &task.digest) {
                None
            } else {
                Some(self.stage(output, task.content, content.as_deref())?)
            };
            let variants = Vec::new();
            states.push(OutputState { staged, variants });
        }
        match content {
            Some(content) if compresses => self.compress(&content, &outputs, &mut states)?,
            _ => {
                for (output, state) in outputs.iter().zip(&mut states) {
                    self.remove_variants(output, state);
                }
            }
        }
        Ok(states)
    }

    fn source(&self, output: &Output) -> &PlannedFile {
        &self.plan.files[output.file]
    }

    /// Decides by the plain name: in a hashed one, the hash may look like an extension.
    fn is_compressible(&self, output: &Output) -> bool {
        compress::is_compressible(&self.source(output).name)
    }

    /// Whether the root has the output already. It is checked again, since another collection may
    /// have run since the plan was made.
    fn is_there(&self, output: &Output, digest: &Digest) -> bool {
        self.plan.config.clear == Clear::Keep
            && digest.is_of(&self.plan.config.root.join(&output.path))
    }

    fn stage(
        &self,
        output: &Output,
        task_content: TaskContent<'_>,
        content: Option<&[u8]>,
    ) -> Result<PathBuf, Error> {
        let modified = self.source(output).modified;
        match (content, task_content) {
            (Some(content), _) => self.staging.add(content, modified),
            (None, TaskContent::RewrittenText(rewritten)) => {
                self.staging.add(rewritten.text.as_bytes(), modified)
            }
            (None, TaskContent::Source(file)) => {
                let (path, digest) = self.staging.copy(&file.content, modified)?;
                // The plan's names are of the planned content: if the source has changed since,
                // they would be wrong.
                if digest == file.digest {
                    Ok(path)
                } else {
                    Err(file.changed())
                }
            }
        }
    }

    /// Makes the variants that are missing for any of the outputs. A variant in the root is reused
    /// if it decompresses to the content, whoever made it.
    fn compress(
        &self,
        content: &[u8],
        outputs: &[&Output],
        states: &mut [OutputState],
    ) -> Result<(), Error> {
        let is_worth_trying = OnceCell::new();
        for encoding in Encoding::ALL {
            let there: Vec<_> = outputs
                .iter()
                .map(|output| self.read_variant(output, encoding, content))
                .collect();
            // One usable variant is enough for all outputs, since they have the same content.
            let usable = there
                .iter()
                .flatten()
                .find(|variant| compress::is_variant(variant, encoding, content));
            let variant = match usable {
                Some(variant) => Some(Cow::Borrowed(&**variant)),
                None if *is_worth_trying.get_or_init(|| compress::is_worth_trying(content)) => {
                    compress::compress(content, encoding)
                        .map_err(|error| Error::Compress {
                            name: outputs[0].path.clone(),
                            error,
                        })?
                        .map(Cow::Owned)
                }
                None => None,
            };
            for ((output, there), state) in outputs.iter().zip(&there).zip(&mut *states) {
                let name = output.variant_name(encoding);
                if self.paths.contains(&name) || is_too_long(&name) {
                    continue;
                }
                let action = match &variant {
                    Some(variant) if self.is_compressible(output) => {
                        let is_there = there.as_deref() == Some(&**variant);
                        (!is_there).then(|| self.stage_variant(output, variant))
                    }
                    _ => self
                        .has_variant(output, encoding)
                        .then_some(Ok(VariantAction::Remove)),
                };
                if let Some(action) = action {
                    state.variants.push((encoding, action?));
                }
            }
        }
        Ok(())
    }

    /// Reads what the root has under a variant's name, unless it is to be cleared, or is too large
    /// to be a variant.
    fn read_variant(&self, output: &Output, encoding: Encoding, content: &[u8]) -> Option<Vec<u8>> {
        if self.plan.config.clear == Clear::Delete {
            return None;
        }
        let path = self.variant_path(output, encoding);
        let metadata = fs::symlink_metadata(&path).ok()?;
        let may_be_one = metadata.is_file() && metadata.len() <= content.len() as u64;
        may_be_one.then(|| fs::read(path).ok())?
    }

    fn stage_variant(&self, output: &Output, variant: &[u8]) -> Result<VariantAction, Error> {
        Ok(VariantAction::Put {
            staged: self.staging.add(variant, self.source(output).modified)?,
            size_bytes: variant.len() as u64,
        })
    }

    /// Removes variants of outputs that are not compressed. Without post-processing, only those
    /// beside a new file are removed, since they are of another content. After post-processing such
    /// an output must have none at all.
    fn remove_variants(&self, output: &Output, state: &mut OutputState) {
        let is_full = self.plan.config.post_process == PostProcess::Full;
        if state.staged.is_none() && !is_full {
            return;
        }
        for encoding in Encoding::ALL {
            let is_output = self.paths.contains(&output.variant_name(encoding));
            if !is_output && self.has_variant(output, encoding) {
                state.variants.push((encoding, VariantAction::Remove));
            }
        }
    }

    fn has_variant(&self, output: &Output, encoding: Encoding) -> bool {
        let metadata = fs::symlink_metadata(self.variant_path(output, encoding));
        metadata.is_ok_and(|metadata| !metadata.is_dir())
    }

    fn variant_path(&self, output: &Output, encoding: Encoding) -> PathBuf {
        self.plan.config.root.join(output.variant_name(encoding))
    }

    /// Files in the place of folders, and folders in the place of files. If the root is to be
    /// cleared they are removed first; otherwise they are an error.
    fn find_obstructions(&self, outputs: &[Output]) -> Result<BTreeSet<PathBuf>, Error> {
        let mut obstructions = BTreeSet::new();
        let mut seen = BTreeSet::new();
        if self.plan.config.post_process == PostProcess::Full {
            obstructions.extend(self.find_obstruction(Manifest::FILE_NAME, EntryKind::File)?);
        }
        for output in outputs {
            let mut names = Vec::new();
            names.extend(output.state.staged.iter().map(|_| output.path.clone()));
            for (encoding, variant) in &output.state.variants {
                if matches!(variant, VariantAction::Put { .. }) {
                    names.push(output.variant_name(*encoding));
                }
            }
            for name in names {
                for (slash, _) in name.match_indices('/') {
                    if seen.insert(name[..slash].to_owned()) {
                        obstructions
                            .extend(self.find_obstruction(&name[..slash], EntryKind::Folder)?);
                    }
                }
                obstructions.extend(self.find_obstruction(&name, EntryKind::File)?);
            }
        }
        match obstructions.first() {
            Some(path) if self.plan.config.clear == Clear::Keep => {
                let path = path.clone();
                Err(Error::Obstructed { path })
            }
            _ => Ok(obstructions),
        }
    }

    fn find_obstruction(&self, name: &str, kind: EntryKind) -> Result<Option<PathBuf>, Error> {
        let path = self.plan.config.root.join(name);
        let is_obstruction = match (kind, metadata(&path)?) {
            (_, None) => false,
            (EntryKind::File, Some(there)) => there.is_dir(),
            // A link to a folder serves as one, unless the root is to be cleared, links included.
            (EntryKind::Folder, Some(there)) if there.is_symlink() => {
                self.plan.config.clear == Clear::Delete || !path.is_dir()
            }
            (EntryKind::Folder, Some(there)) => !there.is_dir(),
        };
        Ok(is_obstruction.then_some(path))
    }
}

/// What a name of the release needs in its place.
#[derive(Debug, Clone, Copy)]
enum EntryKind {
    File,
    Folder,
}

fn metadata(path: &Path) -> Result<Option<fs::Metadata>, Error> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(write_error(path, error)),
    }
}

/// The time of the newest file: the manifest's time, since it is about all files.
pub(super) fn newest(plan: &Plan) -> SystemTime {
    let times = plan.files.iter().map(|file| file.modified);
    times.max().unwrap_or(plan.config.embedded_time)
}
