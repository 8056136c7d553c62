//! Serving: through the service, as a server calls it, without a socket.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use staticfiles::manifest::Manifest;
use staticfiles::serve::{Config, StaticFiles};
use tempfile::TempDir;
use tower::ServiceExt as _;

mod conditional;
mod debug;
mod disk;
mod headers;
mod names;
mod negotiation;
mod ranges;
mod requests;
mod root;

/// When every file of a test was changed: 2023-11-14 22:13:20.
const MODIFIED: Duration = Duration::from_secs(1_700_000_000);
const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";

/// A folder of files.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(TempDir::new().unwrap());
        for (name, content) in files {
            folder.write(name, content);
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        self.touch(name, UNIX_EPOCH + MODIFIED);
        path
    }

    fn touch(&self, name: &str, time: SystemTime) {
        let file = File::options().write(true).open(self.path().join(name));
        file.unwrap().set_modified(time).unwrap();
    }

    fn config(&self) -> Config {
        Config::new(self.path())
    }
}

/// The tree that most tests ask.
///
/// What is compressed is no real compression: the server never looks into it.
fn book() -> Folder {
    Folder::new(&[
        ("book.css", b"0123456789"),
        ("book.css.gz", b"gzip-8.."),
        ("book.css.br", b"br-6.."),
        ("book.css.zst", b"zstd-7."),
        ("book.0123456789ab.css", b"hashed...."),
        ("book.0123456789ab.css.gz", b"gzip"),
        ("cover.png", b"abcdefghij"),
        ("deep/er/caf\u{e9} 1.txt", b"coffee"),
        ("empty.txt", b""),
        ("noext", b"bytes"),
        ("staticfiles.json", b"{}"),
    ])
}

fn manifest(paths: &[(&str, &str)]) -> Manifest {
    let paths = paths.iter();
    Manifest {
        paths: paths
            .map(|(plain, hashed)| ((*plain).to_owned(), (*hashed).to_owned()))
            .collect(),
    }
}

/// The same files from memory and from the disk.
fn both(folder: &Folder) -> [StaticFiles; 2] {
    [u64::MAX, 0].map(|memory_limit_bytes| {
        let config = Config {
            memory_limit_bytes,
            manifest: manifest(&[("book.css", "book.0123456789ab.css")]),
            ..folder.config()
        };
        StaticFiles::load(&config).unwrap()
    })
}

/// An answer, received.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        assert!(values.next().is_none(), "{name} is there twice");
        Some(value.to_str().unwrap())
    }

    /// The names of all headers.
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }
}

#[track_caller]
fn ask(files: &StaticFiles, method: Method, path: &str, lines: &[(&str, &str)]) -> Answer {
    let mut request = Request::new(());
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap();
    for (name, value) in lines {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
        request.headers_mut().append(name, value);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (parts, body) = files.clone().oneshot(request).await.unwrap().into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    })
}

#[track_caller]
fn get(files: &StaticFiles, path: &str, lines: &[(&str, &str)]) -> Answer {
    ask(files, Method::GET, path, lines)
}
