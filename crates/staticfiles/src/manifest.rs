//! `staticfiles.json`: the hashed name of each plain name, in Django's format.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::hash;

/// The mapping of plain names to hashed ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Hashed names by plain name, both with `/` between their parts.
    pub paths: BTreeMap<String, String>,
}

/// Why a manifest cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file exists and cannot be read.
    #[error("the manifest {} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// The content is not that of a manifest.
    #[error("the manifest is not well formed: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The version is unknown, so that the content may have another meaning.
    #[error("the manifest has the version {0:?}, and only 1.0 and 1.1 are known")]
    UnknownVersion(String),
}

/// The file as it is written.
#[derive(Debug, serde::Deserialize)]
struct ManifestFile {
    #[serde(default)]
    paths: BTreeMap<String, String>,
    #[serde(default)]
    version: String,
}

impl Manifest {
    /// The file's name in the root of collected files.
    pub const FILE_NAME: &'static str = "staticfiles.json";

    /// The format that is written (`Django 5.2 contrib/staticfiles/storage.py`).
    pub const VERSION: &'static str = "1.1";

    /// The hashed name of a file.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.paths.get(name).map(String::as_str)
    }

    /// Reads the manifest of a root of collected files; `None` if it has none.
    pub fn read(root: &Path) -> Result<Option<Self>, Error> {
        let path = root.join(Self::FILE_NAME);
        match fs::read(&path) {
            Ok(json) => Self::from_json(&json).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::Unreadable { path, error }),
        }
    }

    /// Reads a manifest of version 1.0 or 1.1. As in Django, its hash is not checked.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let stored: ManifestFile = serde_json::from_slice(json)?;
        if !matches!(&*stored.version, "1.0" | Self::VERSION) {
            return Err(Error::UnknownVersion(stored.version));
        }
        let paths = stored.paths;
        Ok(Self { paths })
    }

    /// The manifest as Django 6.0 writes it: as 5.2 does, with the paths sorted.
    pub fn to_json(&self) -> String {
        let pairs = self.paths.iter().map(|(name, hashed)| {
            let (name, hashed) = (json_string(name), json_string(hashed));
            format!("{name}: {hashed}")
        });
        format!(
            r#"{{"paths": {{{}}}, "version": "{}", "hash": "{}"}}"#,
            join(pairs),
            Self::VERSION,
            self.hash()
        )
    }

    /// The hash over all names: of the sorted pairs as `json.dumps` writes them
    /// (`Django 5.2 contrib/staticfiles/storage.py`, `save_manifest`).
    pub fn hash(&self) -> String {
        // The map is in the order of UTF-8 bytes, which is Python's order of code points.
        let pairs = self.paths.iter().map(|(name, hashed)| {
            let (name, hashed) = (json_string(name), json_string(hashed));
            format!("[{name}, {hashed}]")
        });
        hash::content_hash(format!("[{}]", join(pairs)).as_bytes())
    }
}

fn join(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// A string as Python's `json.dumps` writes it: all but printable ASCII is escaped, so that
/// the hash over it is the same.
fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            ' '..='~' => json.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    json.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    json.push('"');
    json
}
