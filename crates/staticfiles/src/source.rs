//! Where static files come from: folders, and files inside the program.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::ignore::Patterns;

/// A file that is compiled into the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmbeddedFile {
    /// Its name below the root of static files, with `/` between its parts.
    pub name: &'static str,
    /// Its content.
    pub content: &'static [u8],
}

/// A place where static files are looked for.
#[derive(Debug, Clone)]
pub enum Source {
    /// A folder and everything below it.
    Folder(PathBuf),
    /// Files inside the program.
    Embedded(&'static [EmbeddedFile]),
}

/// Where the content of a file is.
#[derive(Debug, Clone)]
pub enum Content {
    /// On the disk.
    Disk(PathBuf),
    /// In the program.
    Memory(&'static [u8]),
}

impl Content {
    /// The bytes.
    pub fn read(&self) -> io::Result<Cow<'static, [u8]>> {
        match self {
            Self::Disk(path) => fs::read(path).map(Cow::Owned),
            Self::Memory(bytes) => Ok(Cow::Borrowed(bytes)),
        }
    }

    /// The path of a file on the disk.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Disk(path) => Some(path),
            Self::Memory(_) => None,
        }
    }
}

/// What the sources hold.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The files by name, each from the first source that has it.
    pub files: BTreeMap<String, Content>,
    /// Files that are not used, since an earlier source has the name.
    pub duplicates: Vec<Duplicate>,
}

/// A file that is not used, since an earlier source has one of that name.
#[derive(Debug, Clone)]
pub struct Duplicate {
    /// The name both have.
    pub name: String,
    /// The file that is used.
    pub kept: Content,
    /// The file that is not.
    pub ignored: Content,
}

/// Why the sources could not be listed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder or a file could not be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// A name that is not UTF-8 and cannot stand in an address.
    #[error("the name of {} is not UTF-8", path.display())]
    NotUtf8 {
        /// The folder or file.
        path: PathBuf,
    },
    /// A pipe, a device or the like.
    #[error("{} is neither a file nor a folder", path.display())]
    Special {
        /// The thing.
        path: PathBuf,
    },
    /// A source that is no folder.
    #[error("the source {} is not a folder", path.display())]
    NotAFolder {
        /// The source.
        path: PathBuf,
    },
    /// A link to a folder that contains the link.
    #[error("{} leads back to a folder it is in", path.display())]
    Loop {
        /// The link.
        path: PathBuf,
    },
}

/// Lists the files of all sources: the first source that has a name wins.
///
/// A missing folder counts as empty, as in Django, which warns of it by the check
/// `staticfiles.W004`. Links are followed.
pub fn list(sources: &[Source], ignore: &Patterns) -> Result<Listing, Error> {
    let mut listing = Listing::default();
    for source in sources {
        match source {
            Source::Folder(folder) => list_folder(folder, ignore, &mut listing)?,
            Source::Embedded(files) => {
                for file in *files {
                    if !ignore.ignores_below(file.name) {
                        listing.add(file.name.to_owned(), Content::Memory(file.content));
                    }
                }
            }
        }
    }
    Ok(listing)
}

impl Listing {
    fn add(&mut self, name: String, content: Content) {
        match self.files.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(content);
            }
            Entry::Occupied(entry) => self.duplicates.push(Duplicate {
                name: entry.key().clone(),
                kept: entry.get().clone(),
                ignored: content,
            }),
        }
    }
}

fn list_folder(folder: &Path, ignore: &Patterns, listing: &mut Listing) -> Result<(), Error> {
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => {
            let path = folder.to_owned();
            return Err(Error::NotAFolder { path });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(folder, error)),
    }
    let mut walk = SourceWalk {
        ignore,
        listing,
        ancestors: Vec::new(),
    };
    walk.enter(folder, "")
}

/// A walk through one folder.
struct SourceWalk<'a> {
    ignore: &'a Patterns,
    listing: &'a mut Listing,
    /// The real paths of the folders above, to detect links that lead back to them.
    ancestors: Vec<PathBuf>,
}

impl SourceWalk<'_> {
    /// Lists one folder and those below. The longest path that the system opens limits the
    /// recursion.
    fn enter(&mut self, folder: &Path, prefix: &str) -> Result<(), Error> {
        let real = fs::canonicalize(folder).map_err(|error| unreadable(folder, error))?;
        if self.ancestors.contains(&real) {
            let path = folder.to_owned();
            return Err(Error::Loop { path });
        }
        self.ancestors.push(real);
        let mut entries = fs::read_dir(folder)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(|error| unreadable(folder, error))?;
        // The order of a folder's entries is arbitrary; reports must not depend on it.
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in &entries {
            self.visit(&entry.path(), &entry.file_name(), prefix)?;
        }
        self.ancestors.pop();
        Ok(())
    }

    fn visit(
        &mut self,
        path: &Path,
        base_name: &std::ffi::OsStr,
        prefix: &str,
    ) -> Result<(), Error> {
        // A folder is ignored by its base name only, a file by that or by its whole name. So a
        // match of the base name decides before the disk is read.
        if self.ignore.ignores_folder(&base_name.to_string_lossy()) {
            return Ok(());
        }
        let Some(base_name) = base_name.to_str() else {
            let path = path.to_owned();
            return Err(Error::NotUtf8 { path });
        };
        let name = format!("{prefix}{base_name}");
        let metadata = fs::metadata(path).map_err(|error| unreadable(path, error))?;
        if metadata.is_dir() {
            return self.enter(path, &format!("{name}/"));
        }
        if self.ignore.ignores_file(&name) {
            return Ok(());
        }
        if !metadata.is_file() {
            // Opening a pipe would block until somebody writes into it.
            let path = path.to_owned();
            return Err(Error::Special { path });
        }
        self.listing.add(name, Content::Disk(path.to_owned()));
        Ok(())
    }
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    let path = path.to_owned();
    Error::Unreadable { path, error }
}
