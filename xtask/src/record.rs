//! Records answers of Django for tests that run without it. Where Django can run, the site's tests
//! compare the records with the answers of these releases.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use xtask::{django, output, process};

/// The releases whose formats are recorded, with the names of the peers' environments that have
/// them.
const RELEASES: [(&str, &str); 5] = [
    ("3.0", "django-3.0"),
    ("3.2", "django-3.2"),
    ("4.2", "django-4.2"),
    ("5.2", "django"),
    ("6.1", "django-6.1"),
];

const ANSWERS: &str = "crates/accounts/tests/data";
const DATA: &str = "crates/site/tests/data";

/// `cargo xtask record`. Some releases run only on older Pythons and some only on newer ones: the
/// record of a release that cannot run here stays, and that is reported. The difference is to be
/// read before it is committed.
pub(crate) fn run() {
    for (release, peer) in RELEASES {
        record(
            peer,
            &["vectors.py"],
            &format!("{ANSWERS}/django-{release}.json"),
        );
    }
    record("django", &["visit.py"], &format!("{DATA}/visit.json"));
    let original = format!("{DATA}/original.sql");
    record("django-3.0", &["older_site.py", "original"], &original);
    let original = process::repository().join(&original);
    let original = original.to_string_lossy();
    for name in ["modular", "modular-600k"] {
        let arguments = ["older_site.py", name, &*original];
        record("django-4.2", &arguments, &format!("{DATA}/{name}.sql"));
    }
}

/// Has a script of the peer project write a file.
fn record(peer: &str, arguments: &[&str], path: &str) {
    match try_to_record(peer, arguments, path) {
        Ok(()) => output::line(&format!("recorded: {path}")),
        Err(error) => output::line(&format!("stays as it is: {path}: {error:#}")),
    }
}

fn try_to_record(peer: &str, arguments: &[&str], path: &str) -> anyhow::Result<()> {
    let mut python = process::command(django::python_of(peer)?, &["-W", "ignore"]);
    python
        .args(arguments)
        .current_dir(process::repository().join("bench/peers/django"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    let text = process::read(&mut python)?;
    write(&process::repository().join(path), &text)
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().context("the file lies in a folder")?;
    fs::create_dir_all(folder).context("make the folder")?;
    fs::write(path, text).context("write it")
}
