//! Photos as large as those of phones, sent by staff to the image with the memory that the guides name for
//! it. What prepares them lives within a limit on its memory that tests of the program cannot try: they
//! have the system's allocator, and the image one of its own.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use xtask::guard::Guard;
use xtask::process;

use crate::browser::{Browser, Upload, expect};
use crate::engine::Engine;
use crate::pipeline::Checkout;
use crate::wait::until;
use crate::{http, random};

/// How large a photo is: 12 megapixels.
const WIDTH: usize = 4_000;
const HEIGHT: usize = 3_000;

/// What the guides ask for with photos.
const MEMORY: &str = "256m";

/// How long the program may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The account of the staff.
const STAFF: [(&str, &str); 2] = [
    ("DJANGO_SUPERUSER_USERNAME", "ann"),
    ("DJANGO_SUPERUSER_PASSWORD", "tulip-anchor-9"),
];

const LOGIN: &str = "/admin/login/";
/// A letting of the demo data, with few photos.
const LETTING: &str = "/lettings/1/";
const PHOTOS: &str = "/admin/lettings/letting/1/photos/";
const UPLOAD: &str = "/admin/lettings/letting/1/photos/add/";

/// The files that are made of a photo of this size.
const FILES: [(&str, &str); 7] = [
    ("480.webp", "image/webp"),
    ("480.jpg", "image/jpeg"),
    ("960.webp", "image/webp"),
    ("960.jpg", "image/jpeg"),
    ("1920.webp", "image/webp"),
    ("1920.jpg", "image/jpeg"),
    ("card.jpg", "image/jpeg"),
];

/// How the rows of a photo lie in its file.
#[derive(Debug, Clone, Copy)]
enum Scans {
    /// One after the other, as cameras write them.
    One,
    /// Coarse ones first, which takes a decoder more memory.
    Several,
}

/// Plays it with the image, in little memory.
pub(super) fn play_image(engine: &Engine, clone: &Checkout, image: &str) -> anyhow::Result<String> {
    let port = process::free_port()?;
    let name = format!("photos-{}", random::word()?);
    let mut run = engine.docker(&["run", "--detach", "--name", &name, "--read-only"]);
    run.args(["--memory", MEMORY, "--memory-swap", MEMORY])
        .args(["--cap-drop", "ALL", "--security-opt", "no-new-privileges"])
        .args(["--publish", &format!("127.0.0.1:{port}:8000")])
        .args(["--env", "DEMO_DATA=True", "--env-file"])
        .arg(clone.folder.join(".env"))
        .arg(image);
    process::read(&mut run)?;
    let seen = in_container(engine, &name, port);
    process::succeeds(&mut engine.docker(&["rm", "--force", "--volumes", &name]));
    seen
}

fn in_container(engine: &Engine, name: &str, port: u16) -> anyhow::Result<String> {
    if !is_ready(port) {
        let logs = process::read(&mut engine.docker(&["logs", name]))?;
        bail!("not ready within {START_TIMEOUT:?}; it said: {logs}");
    }
    let mut account = engine.docker(&["exec"]);
    for (variable, value) in STAFF {
        account.arg("--env").arg(format!("{variable}={value}"));
    }
    account.args([name, "/oc-lettings", "createsuperuser", "--noinput"]);
    process::read(&mut account)?;
    let seen = send_photos(port)?;
    let state = [
        "inspect",
        "--format",
        "{{.State.Status}} {{.State.OOMKilled}}",
        name,
    ];
    let state = process::read(&mut engine.docker(&state))?;
    ensure!(
        state.trim() == "running false",
        "state and whether memory ran out: {state}"
    );
    Ok(seen)
}

/// Plays it with a program of this machine, whose memory is not limited then.
pub(super) fn play_program(program: &Path) -> anyhow::Result<String> {
    let site = Site::start(program)?;
    send_photos(site.port)
}

/// Sends the photos, and asks for what was made of each.
fn send_photos(port: u16) -> anyhow::Result<String> {
    let mut staff = Browser::default();
    let form = expect(staff.get(port, LOGIN)?, 200)?;
    let fields = STAFF.map(|(variable, value)| match variable {
        "DJANGO_SUPERUSER_USERNAME" => ("username", value),
        _ => ("password", value),
    });
    expect(staff.post(port, LOGIN, &form, &fields)?, 302)?;
    let mut times = Vec::new();
    for scans in [Scans::One, Scans::Several] {
        let photo = make_photo(scans)?;
        let took = send_photo(port, &mut staff, &photo)
            .with_context(|| format!("a photo of {} bytes, scans: {scans:?}", photo.len()))?;
        times.push(format!("{:.1} s", took.as_secs_f64()));
    }
    Ok(format!("ready after {}", times.join(" and ")))
}

/// Returns how long the answer took.
fn send_photo(port: u16, staff: &mut Browser, photo: &[u8]) -> anyhow::Result<Duration> {
    let before = contents(&expect(staff.get(port, PHOTOS)?, 200)?.body);
    let page = expect(staff.get(port, PHOTOS)?, 200)?;
    let upload = Upload {
        field: "photo",
        name: "phone.jpg",
        content: photo,
    };
    let started = Instant::now();
    expect(staff.upload(port, UPLOAD, &page, &upload)?, 302)?;
    let took = started.elapsed();
    let page = expect(staff.get(port, PHOTOS)?, 200)?;
    let after = contents(&page.body);
    let added: Vec<_> = after.iter().filter(|one| !before.contains(one)).collect();
    let [content] = added[..] else {
        bail!("{} photos were added:\n{}", added.len(), page.body);
    };
    for (file, media_type) in FILES {
        let path = format!("/photos/{content}/{file}");
        let answer = expect(http::get(port, &path)?, 200)?;
        let found = answer.header("Content-Type");
        ensure!(found == media_type, "{path} is {found}");
    }
    let letting = expect(http::get(port, LETTING)?, 200)?;
    ensure!(
        contents(&letting.body).contains(content),
        "the letting does not show the photo"
    );
    Ok(took)
}

/// The names of the photos that a page shows.
fn contents(page: &str) -> Vec<String> {
    let addresses = page.split("/photos/").skip(1);
    let names = addresses.filter_map(|rest| rest.split_once('/'));
    let names = names.map(|(name, _)| name.to_owned());
    let is_name = |name: &String| name.len() == 32 && name.chars().all(|c| c.is_ascii_hexdigit());
    let mut names: Vec<_> = names.filter(is_name).collect();
    names.sort();
    names.dedup();
    names
}

/// A photo with as much detail as one of a meadow: several megabytes.
fn make_photo(scans: Scans) -> anyhow::Result<Vec<u8>> {
    // Other pixels for each: what becomes of the same ones is there already.
    let mut chance = match scans {
        Scans::One => 0x2545_F491_4F6C_DD1D_u64,
        Scans::Several => 0x9E37_79B9_7F4A_7C15,
    };
    let mut pixels = Vec::with_capacity(WIDTH * HEIGHT * 3);
    for at in 0..WIDTH * HEIGHT {
        let (x, y) = (at % WIDTH, at / WIDTH);
        // Xorshift: the same photo each time.
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        let [noise, ..] = chance.to_le_bytes();
        for wave in [x / 16, y / 12, (x + y) / 28] {
            let [level, ..] = wave.to_le_bytes();
            pixels.push(level / 2 + noise / 4);
        }
    }
    let mut compress = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    compress.set_size(WIDTH, HEIGHT);
    compress.set_fastest_defaults();
    compress.set_quality(85.0);
    if let Scans::Several = scans {
        compress.set_progressive_mode();
    }
    let mut started = compress.start_compress(Vec::new())?;
    started.write_scanlines(&pixels)?;
    Ok(started.finish()?)
}

fn is_ready(port: u16) -> bool {
    let answers = || http::get(port, "/readyz").is_ok_and(|answer| answer.status == 200);
    until(START_TIMEOUT, answers)
}

/// A program that runs in a folder of its own; dropping it ends it.
struct Site {
    port: u16,
    child: Child,
    _guard: Guard,
    _folder: tempfile::TempDir,
}

impl Site {
    fn start(program: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("make a folder for the site")?;
        let program = program.canonicalize().context("find the program")?;
        let port = process::free_port()?;
        let key = format!("{}{}", random::word()?, random::word()?);
        let command = |arguments: &[&str]| -> Command {
            let mut command = process::command(&program, arguments);
            process::isolate(&mut command, &["TMPDIR"]);
            command
                .current_dir(folder.path())
                .env("SECRET_KEY", &key)
                .env("ALLOWED_HOSTS", "127.0.0.1")
                .env("DEMO_DATA", "True")
                .envs(STAFF);
            command
        };
        let child = command(&["serve", "--bind", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("log"))?)
            .spawn()
            .context("start the site")?;
        let guard = Guard::of(&child)?;
        let mut account = command(&["createsuperuser", "--noinput"]);
        let site = Self {
            port,
            child,
            _guard: guard,
            _folder: folder,
        };
        ensure!(is_ready(port), "not ready within {START_TIMEOUT:?}");
        process::read(&mut account)?;
        Ok(site)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // One that has ended already has nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_photos_of_a_page_are_found_once() {
        let name = "0123456789abcdef0123456789abcdef";
        let page = format!(
            "<a href=\"/admin/photos/add/\"><img src=\"/photos/{name}/480.webp\" srcset=\"/photos/{name}/960.webp 960w\">"
        );
        assert_eq!(contents(&page), [name]);
    }
}
