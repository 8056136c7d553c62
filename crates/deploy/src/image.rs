//! The names of what is deployed: an image by its digest, and the commit it was built from. Tags do
//! not count, since the image that they name changes.

use std::fmt;
use std::str::FromStr;

/// The host that a name without one belongs to: `distribution/reference normalize.go`.
const DEFAULT_HOST: &str = "docker.io";
/// An older name of the same host.
const LEGACY_DEFAULT_HOST: &str = "index.docker.io";
/// What a name of one part has before it there.
const OFFICIAL: &str = "library";

const DIGEST_PREFIX: &str = "sha256:";
const DIGEST_DIGITS: usize = 64;

/// Fewer digits name a commit too vaguely.
const LEAST_COMMIT_DIGITS: usize = 7;
/// All digits of a commit in a repository with SHA-256.
const MOST_COMMIT_DIGITS: usize = 64;

/// The name of exactly one image: `docker.io/ann/books@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its name without the digest.
    pub repository: Repository,
    /// Its digest.
    pub digest: Digest,
}

/// A name without tag and digest, with its host: `docker.io/ann/books`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    host: String,
    path: String,
}

/// The hash of an image's manifest: `sha256:` and 64 digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest(String);

/// The commit that an image was built from, in whole or by its first digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit(String);

/// Why a text names no image, digest or commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is a tag behind the name, or nothing.
    #[error(
        "names no digest: NAME@sha256:… is needed, since a tag may mean another image tomorrow"
    )]
    NoDigest,
    /// Not `sha256:` and 64 digits.
    #[error("holds a digest that is not `sha256:` and 64 hexadecimal digits in lower case")]
    BadDigest,
    /// Not host and path.
    #[error("is no name of an image, such as `docker.io/ann/books`")]
    BadName,
    /// Not hexadecimal, too short or too long.
    #[error("is no commit: 7 to 64 hexadecimal digits")]
    BadCommit,
}

impl FromStr for Image {
    type Err = NameError;

    /// A tag before the digest is left out: the digest decides.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let (name, digest) = text.split_once('@').ok_or(NameError::NoDigest)?;
        Ok(Self {
            repository: name.parse()?,
            digest: digest.parse()?,
        })
    }
}

impl fmt::Display for Image {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.repository, self.digest)
    }
}

impl Repository {
    /// The registry: `docker.io`, `registry.example:5000`.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The part behind the host: `ann/books`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// One image of this name.
    pub fn with_digest(&self, digest: &Digest) -> Image {
        Image {
            repository: self.clone(),
            digest: digest.clone(),
        }
    }
}

impl FromStr for Repository {
    type Err = NameError;

    /// With or without a tag, which is left out.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let (host, path) = match text.split_once('/') {
            Some((host, path)) if is_host(host) => (host, path),
            _ => (DEFAULT_HOST, text),
        };
        let path = path.split_once(':').map_or(path, |(path, _tag)| path);
        if !path.split('/').all(is_path_component) {
            return Err(NameError::BadName);
        }
        let host = host.to_ascii_lowercase();
        let is_default = host == DEFAULT_HOST || host == LEGACY_DEFAULT_HOST;
        Ok(Self {
            path: if is_default && !path.contains('/') {
                format!("{OFFICIAL}/{path}")
            } else {
                path.to_owned()
            },
            host: if is_default {
                DEFAULT_HOST.to_owned()
            } else {
                host
            },
        })
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.host, self.path)
    }
}

/// The first part of a name is a host if it could be nothing else.
fn is_host(part: &str) -> bool {
    let is_host_byte = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
    (part.contains(['.', ':']) || part == "localhost") && part.bytes().all(is_host_byte)
}

fn is_path_component(part: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    part.bytes()
        .all(|byte| is_alphanumeric(byte) || b"._-".contains(&byte))
        && part.bytes().next().is_some_and(is_alphanumeric)
        && part.bytes().last().is_some_and(is_alphanumeric)
}

impl Digest {
    /// `sha256:…`
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Digest {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let digits = text
            .strip_prefix(DIGEST_PREFIX)
            .ok_or(NameError::BadDigest)?;
        if digits.len() == DIGEST_DIGITS && digits.bytes().all(is_hexadecimal) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NameError::BadDigest)
        }
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Commit {
    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether both name one commit, as far as the shorter one goes.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0) || other.0.starts_with(&self.0)
    }
}

impl FromStr for Commit {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = text.to_ascii_lowercase();
        let is_length = (LEAST_COMMIT_DIGITS..=MOST_COMMIT_DIGITS).contains(&text.len());
        if is_length && text.bytes().all(is_hexadecimal) {
            Ok(Self(text))
        } else {
            Err(NameError::BadCommit)
        }
    }
}

impl fmt::Display for Commit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn is_hexadecimal(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

/// Whether a registry has an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// The registry has it.
    Present,
    /// The registry says that it does not have it.
    Missing,
    /// The registry does not tell, or cannot be asked. The reason is a sentence without its full
    /// stop.
    Unknown(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn names_are_read_as_docker_reads_them() {
        for (text, expected) in [
            ("books", "docker.io/library/books"),
            ("ann/books", "docker.io/ann/books"),
            ("docker.io/ann/books", "docker.io/ann/books"),
            ("index.docker.io/ann/books", "docker.io/ann/books"),
            ("ann/books:latest", "docker.io/ann/books"),
            ("127.0.0.1:5000/ann/books:1.0", "127.0.0.1:5000/ann/books"),
            ("Registry.Example/a/b/c-d", "registry.example/a/b/c-d"),
            ("localhost/books", "localhost/books"),
        ] {
            let image: Image = format!("{text}@{DIGEST}").parse().unwrap();
            assert_eq!(image.to_string(), format!("{expected}@{DIGEST}"), "{text}");
        }
    }

    #[test]
    fn what_names_no_single_image_is_refused() {
        let upper = DIGEST.to_ascii_uppercase().replace("SHA", "sha");
        for (text, expected) in [
            ("ann/books".to_owned(), NameError::NoDigest),
            ("ann/books:latest".to_owned(), NameError::NoDigest),
            (String::new(), NameError::NoDigest),
            ("ann/books@latest".to_owned(), NameError::BadDigest),
            ("ann/books@sha256:12".to_owned(), NameError::BadDigest),
            (format!("ann/books@{DIGEST}0"), NameError::BadDigest),
            (format!("ann/books@{upper}"), NameError::BadDigest),
            (
                format!("ann/books@{}", DIGEST.replace("256", "512")),
                NameError::BadDigest,
            ),
            (format!("@{DIGEST}"), NameError::BadName),
            (format!("Ann/Books@{DIGEST}"), NameError::BadName),
            (format!("ann//books@{DIGEST}"), NameError::BadName),
            (format!("ann/-books@{DIGEST}"), NameError::BadName),
            (format!("docker.io/@{DIGEST}"), NameError::BadName),
            (format!("https://docker.io/a@{DIGEST}"), NameError::BadName),
            (format!("ann/books?x=1@{DIGEST}"), NameError::BadName),
        ] {
            assert_eq!(text.parse::<Image>(), Err(expected), "{text}");
        }
    }

    #[test]
    fn commits_are_one_as_far_as_the_shorter_goes() {
        let commit = |text: &str| text.parse::<Commit>();
        assert!(
            commit("0123abc")
                .unwrap()
                .is_same_as(&commit("0123ABCDEF").unwrap())
        );
        assert!(
            commit("0123abcdef")
                .unwrap()
                .is_same_as(&commit("0123abc").unwrap())
        );
        assert!(
            !commit("0123abd")
                .unwrap()
                .is_same_as(&commit("0123abcdef").unwrap())
        );
        let too_long = "a".repeat(65);
        for text in ["", "unknown", "0123ab", "0123abg", "-0123abc", &too_long] {
            assert_eq!(commit(text), Err(NameError::BadCommit), "{text}");
        }
    }
}
