//! Files that are sent to do harm, by the form that staff use.

mod bombs;
mod broken;
mod hidden;
mod strangers;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::thread;

use db::Integer;
use sea_orm::EntityTrait as _;
use serde_json::Value;
use site::domain::home::photo;
use site::domain::home::photo::file;

use super::files::{jpeg, with_exif};
use super::{form_of, refusal, send_files, with_home};
use crate::homes::add_home;
use crate::support::app::SECRET_KEY;
use crate::support::program::Server;
use crate::support::{Backend, TestApp};

const NO_PHOTO: &str = "The file is not a JPEG, PNG or WebP photo.";
const DAMAGED: &str = "The file cannot be read as a photo.";
const SVG: &[u8] =
    b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert('SECRET')</script></svg>";

/// How many files one letting is sent: fewer than it may have photos.
const FILES_OF_ONE: usize = 25;

/// By how much the server's memory may grow, in bytes. Some of the files would take it gigabytes.
const GROWTH: f64 = 64.0 * 1024.0 * 1024.0;

/// What becomes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is refused with this sentence.
    Refused(&'static str),
    /// It is refused as one that cannot be read.
    Damaged,
    /// A photo is made of it.
    Kept,
    /// It cannot be read, or a photo is made of what can: both are harmless.
    Either,
}

#[derive(Debug, Clone)]
struct Hostile {
    name: String,
    content: Vec<u8>,
    fate: Fate,
}

impl Hostile {
    fn new(name: impl Into<String>, content: impl AsRef<[u8]>, fate: Fate) -> Self {
        let content = content.as_ref().to_vec();
        Self {
            name: name.into(),
            content,
            fate,
        }
    }

    /// What is wrong with its end; `None` if it is the right one.
    fn fault(&self, refused: Option<&str>) -> Option<String> {
        let is_right = match (self.fate, refused) {
            (Fate::Refused(sentence), Some(told)) => sentence == told,
            (Fate::Damaged | Fate::Either, Some(told)) => DAMAGED == told,
            (Fate::Kept | Fate::Either, None) => true,
            _ => false,
        };
        let name: String = self.name.chars().take(60).collect();
        (!is_right).then(|| format!("{name:?} ends as {refused:?}, not as {:?}", self.fate))
    }
}

fn all_files() -> Vec<Hostile> {
    [
        strangers::files(),
        bombs::files(),
        broken::files(),
        hidden::files(),
    ]
    .concat()
}

/// A server on the database of an application, and who is logged in there.
struct Attacked {
    server: Server,
    headers: String,
}

impl Attacked {
    /// Sends a file while a visitor asks for pages, and says why it was refused.
    fn send(&self, path: &str, file: &Hostile) -> Option<String> {
        let body = form_of(None, &[(&file.name, &file.content)]);
        let answer = thread::scope(|scope| {
            let sending = scope.spawn(|| self.post(path, &body));
            loop {
                assert_eq!(self.server.get("/lettings/").0, 200);
                if sending.is_finished() {
                    break sending.join().unwrap();
                }
            }
        });
        let told = answer["refused"].as_array().unwrap().first()?;
        let name = told["name"].as_str().unwrap();
        let is_plain = name.chars().count() <= 101 && !name.contains(char::is_control);
        assert!(is_plain, "{name:?}");
        Some(told["why"].as_str().unwrap().to_owned())
    }

    fn post(&self, path: &str, body: &[u8]) -> Value {
        let head = format!(
            "POST {path} HTTP/1.0\r\nHost: site.example\r\nAccept: application/json\r\n{}\
             Content-Type: multipart/form-data; boundary=----x\r\nContent-Length: {}\r\n\r\n",
            self.headers,
            body.len()
        );
        let answer = self.exchange(&[head.as_bytes(), body].concat());
        let text = String::from_utf8(answer).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.0 200"), "{text}");
        serde_json::from_str(body).unwrap()
    }

    fn exchange(&self, request: &[u8]) -> Vec<u8> {
        let mut stream = self.server.connect();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }

    /// How much memory the server has, in bytes.
    fn memory(&self) -> f64 {
        let request =
            "GET /metrics HTTP/1.0\r\nHost: site.example\r\nAuthorization: Bearer token\r\n\r\n";
        let text = self.server.exchange(request);
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("process_resident_memory_bytes "));
        line.unwrap().parse().unwrap()
    }

    /// A file as visitors get it.
    fn photo(&self, content: &str, name: &str) -> Vec<u8> {
        let answer = self.exchange(
            format!("GET /photos/{content}/{name} HTTP/1.0\r\nHost: site.example\r\n\r\n")
                .as_bytes(),
        );
        assert!(answer.starts_with(b"HTTP/1.0 200"));
        let end = answer
            .windows(4)
            .position(|bytes| bytes == b"\r\n\r\n")
            .unwrap();
        answer[end + 4..].to_vec()
    }
}

/// Starts a server where a hundred files and more are sent.
async fn attacked(app: &TestApp) -> Attacked {
    let ann = with_home(app).await;
    let lettings = all_files().len().div_ceil(FILES_OF_ONE);
    for letting in 2..=i64::try_from(lettings).unwrap() {
        add_home(app, letting).await;
    }
    app.db.close().await.unwrap();
    let cookies = ann.cookies.header().unwrap();
    let mut headers = format!("Cookie: {cookies}\r\n");
    for (name, value) in &ann.headers {
        headers += &format!("{name}: {value}\r\n");
    }
    let server = Server::start(
        app.database.folder.path(),
        &[
            ("DATABASE_URL", &app.database.url),
            ("SECRET_KEY", SECRET_KEY),
            ("ALLOWED_HOSTS", "site.example localhost"),
            ("METRICS_TOKEN", "token"),
        ],
    );
    Attacked { server, headers }
}

#[tokio::test]
async fn a_hundred_hostile_files_do_no_harm() {
    let app = TestApp::open(Backend::Sqlite).await;
    let attacked = attacked(&app).await;
    let files = all_files();
    let different: BTreeSet<_> = files
        .iter()
        .map(|file| (&file.name, &file.content))
        .collect();
    assert!(
        different.len() >= 100 && different.len() == files.len(),
        "{}",
        different.len()
    );
    let upload = |number: usize| format!("/admin/lettings/letting/{number}/photos/add/");
    let mut faults = Vec::new();
    let mut send = |number: usize, file: &Hostile| {
        let refused = attacked.send(&upload(number), file);
        faults.extend(file.fault(refused.as_deref()));
    };
    send(1, &Hostile::new("good.jpg", jpeg(640, 480, 1), Fate::Kept));
    let before = attacked.memory();
    for (number, file) in files.iter().enumerate() {
        send(1 + number / FILES_OF_ONE, file);
    }
    let after = attacked.memory();
    send(2, &Hostile::new("good.jpg", jpeg(640, 480, 2), Fate::Kept));
    assert_eq!(faults, Vec::<String>::new());
    assert!(after < before + GROWTH, "{before} bytes became {after}");
    check_served(&app, &attacked).await;
}

/// What is served is new from its first byte to its last.
async fn check_served(app: &TestApp, attacked: &Attacked) {
    let served = file::Entity::find().all(&app.db).await.unwrap();
    assert!(served.len() > 100, "{}", served.len());
    for file in served {
        let bytes = attacked.photo(&file.content, &file.name);
        let is_photo = bytes.starts_with(b"\xFF\xD8\xFF\xE0") || bytes.starts_with(b"RIFF");
        assert!(is_photo, "{}", file.name);
        for mark in [
            "SECRET",
            "Exif",
            "<script",
            "ICC",
            "VP8X",
            "PK\x03\x04",
            "<?php",
        ] {
            let is_in = bytes
                .windows(mark.len())
                .any(|part| part == mark.as_bytes());
            assert!(!is_in, "{mark} is in {}", file.name);
        }
    }
}

/// What follows or is hidden in a photo is not in what is made of it.
#[tokio::test]
async fn a_photo_that_is_something_else_as_well_becomes_a_photo_alone() {
    let app = TestApp::open(Backend::Sqlite).await;
    let mut ann = with_home(&app).await;
    let good = jpeg(400, 300, 9);
    // A directory whose next one is itself.
    let looping = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x08\0\0\0";
    let named =
        b"II*\0\x08\0\0\0\x01\0\x10\x01\x02\0\x14\0\0\0\x1A\0\0\0\0\0\0\0SECRET CAMERA 51.5N\0";
    let files = [
        [&good[..], b"<script>SECRET</script>"].concat(),
        [&jpeg(400, 300, 2)[..], SVG, b"SECRET"].concat(),
        with_exif(&jpeg(400, 300, 3), looping),
        with_exif(&jpeg(400, 300, 4), named),
        with_exif(&jpeg(400, 300, 5), &vec![0xFF; 60_000]),
    ];
    for file in &files {
        assert_eq!(refusal(&mut ann, file).await, None);
    }
    let photos = photo::list(&app.db, Integer(1)).await.unwrap();
    assert_eq!(photos.len(), files.len());
    // The third was turned by what its directory says before it loops.
    assert_eq!((photos[2].width.0, photos[2].height.0), (300, 400));
    let hidden = "SELECT count(*) FROM oc_lettings_photo_file WHERE \
        instr(bytes, CAST('SECRET' AS BLOB)) OR instr(bytes, CAST('Exif' AS BLOB)) \
        OR instr(bytes, CAST('script' AS BLOB))";
    assert_eq!(crate::admin::shared::number(&app, hidden).await, 0);
}

/// One that is refused between two that are not.
#[tokio::test]
async fn what_is_refused_does_not_keep_others_from_being_kept() {
    let app = TestApp::open(Backend::Sqlite).await;
    let mut ann = with_home(&app).await;
    let large = vec![0xFF; 20_000_001];
    let [one, two] = [jpeg(300, 200, 1), jpeg(300, 200, 2)];
    let page = send_files(&mut ann, &[("1", &one), ("2", &large), ("3", &two)]).await;
    let told = page.texts(".message");
    assert_eq!(
        told,
        ["2 photos were added.", "2: The file is larger than 20 MB."]
    );
}
