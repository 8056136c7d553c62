//! Files that change or vanish under the server, and the memory's limit.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::task::{Context, Poll, Waker};

use http::{HeaderMap, Method, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use staticfiles::serve::{Body, Config, StaticFiles};

use super::{Folder, ask, book, both, get};

/// Something done to a file.
type Change<'a> = &'a dyn Fn(&Path);

fn is_in_memory(files: &StaticFiles, path: &str) -> bool {
    let answer = files.respond(&Method::GET, path, &HeaderMap::new());
    assert_eq!(answer.status(), StatusCode::OK);
    matches!(answer.into_body(), Body::Memory(_))
}

#[test]
fn what_is_in_memory_stays_as_it_was() {
    let folder = book();
    let [files, _] = both(&folder);
    folder.write("cover.png", b"ABCDEFGHIJ");
    fs::remove_file(folder.path().join("book.css")).unwrap();
    assert_eq!(get(&files, "/static/cover.png", &[]).body, "abcdefghij");
    assert_eq!(get(&files, "/static/book.css", &[]).body, "0123456789");
}

#[test]
fn what_is_on_the_disk_is_gone_once_it_is_another() {
    let folder = book();
    let [_, files] = both(&folder);
    assert!(!is_in_memory(&files, "/static/cover.png"));
    let later = std::time::SystemTime::now();
    let changes: [(&str, Change<'_>); 5] = [
        ("longer", &|path| fs::write(path, "abcdefghijk").unwrap()),
        ("later", &|path| {
            File::options()
                .write(true)
                .open(path)
                .unwrap()
                .set_modified(later)
                .unwrap();
        }),
        ("a folder", &|path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("gone", &|path| fs::remove_dir(path).unwrap()),
        ("another", &|path| fs::write(path, "ABCDEFGHIJ").unwrap()),
    ];
    for (what, change) in changes {
        change(&folder.path().join("cover.png"));
        for method in [Method::GET, Method::HEAD] {
            for lines in [&[][..], &[("range", "bytes=2-3")]] {
                let answer = ask(&files, method.clone(), "/static/cover.png", lines);
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
                assert_eq!(answer.names(), ["cache-control"]);
            }
        }
    }
    // The same file again is the same file.
    folder.write("cover.png", b"abcdefghij");
    assert_eq!(get(&files, "/static/cover.png", &[]).body, "abcdefghij");
}

#[tokio::test]
async fn a_file_that_is_written_to_while_it_is_sent_breaks_off() {
    let folder = Folder::new(&[("film.mp4", &vec![b'a'; 1_000_000])]);
    let [_, files] = both(&folder);
    let path = folder.path().join("film.mp4");
    let changes: [&dyn Fn(); 2] = [
        &|| {
            let mut file = File::options().write(true).open(&path).unwrap();
            file.write_all(&vec![b'b'; 1_000_000]).unwrap();
        },
        &|| {
            File::options()
                .write(true)
                .open(&path)
                .unwrap()
                .set_len(10)
                .unwrap();
        },
    ];
    for change in changes {
        let answer = files.respond(&Method::GET, "/static/film.mp4", &HeaderMap::new());
        assert_eq!(answer.status(), StatusCode::OK);
        let mut body = answer.into_body();
        let first = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert!(first.iter().all(|byte| *byte == b'a'));
        assert_eq!(
            body.size_hint().exact(),
            Some(1_000_000 - first.len() as u64)
        );
        change();
        assert!(body.frame().await.unwrap().is_err());
        assert!(body.frame().await.is_none());
        folder.write("film.mp4", &vec![b'a'; 1_000_000]);
    }
}

#[tokio::test]
async fn a_file_that_is_replaced_while_it_is_sent_is_sent_to_its_end() {
    let content = vec![b'a'; 1_000_000];
    let folder = Folder::new(&[("film.mp4", &content)]);
    let [_, files] = both(&folder);
    let answer = files.respond(&Method::GET, "/static/film.mp4", &HeaderMap::new());
    fs::remove_file(folder.path().join("film.mp4")).unwrap();
    folder.write("film.mp4", &vec![b'b'; 1_000_000]);
    let received = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(received == content);
}

#[test]
fn files_are_sent_without_a_runtime_too() {
    let content = vec![b'a'; 300_000];
    let folder = Folder::new(&[("film.mp4", &content)]);
    let [_, files] = both(&folder);
    let answer = files.respond(&Method::GET, "/static/film.mp4", &HeaderMap::new());
    let mut collected = Box::pin(answer.into_body().collect());
    let mut waiting = Context::from_waker(Waker::noop());
    let Poll::Ready(received) = collected.as_mut().poll(&mut waiting) else {
        panic!("there is nothing to wait for");
    };
    assert!(received.unwrap().to_bytes() == content);
}

#[test]
fn small_files_go_first_and_equal_ones_count_once() {
    let folder = Folder::new(&[
        ("a.txt", &[b'a'; 600]),
        ("b.txt", &[b'a'; 600]),
        ("c.txt", &[b'c'; 700]),
        ("d.txt", &[b'd'; 300]),
    ]);
    let in_memory = |memory_limit_bytes| {
        let config = Config {
            memory_limit_bytes,
            ..folder.config()
        };
        let files = StaticFiles::load(&config).unwrap();
        ["a", "b", "c", "d"].map(|name| is_in_memory(&files, &format!("/static/{name}.txt")))
    };
    assert_eq!(in_memory(0), [false; 4]);
    assert_eq!(in_memory(299), [false; 4]);
    assert_eq!(in_memory(300), [false, false, false, true]);
    assert_eq!(in_memory(900), [true, true, false, true]);
    assert_eq!(in_memory(1_599), [true, true, false, true]);
    assert_eq!(in_memory(1_600), [true; 4]);
}
