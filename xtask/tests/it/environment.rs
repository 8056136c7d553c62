//! `make env`: a `.env` of one's own, on any system with make and POSIX's tools.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::tree::root;

/// A folder with what the target needs of the repository.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("make a folder");
    for name in ["Makefile", ".env.example"] {
        fs::copy(root().join(name), folder.path().join(name)).expect("copy a file");
    }
    folder
}

/// Runs the target; whether it went well, and what it said.
fn make_env(folder: &Path) -> (bool, String) {
    let mut make = Command::new("make");
    let output = make
        .arg("env")
        .current_dir(folder)
        .output()
        .expect("run make");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8(said).expect("make writes text"),
    )
}

fn key_of(text: &str) -> &str {
    let mut keys = text
        .lines()
        .filter_map(|line| line.strip_prefix("SECRET_KEY="));
    keys.next().expect("there is a key")
}

#[test]
fn make_env_writes_the_example_with_a_key_of_its_own() {
    let example = fs::read_to_string(root().join(".env.example")).unwrap();
    let [first, second] = [folder(), folder()].map(|folder| {
        let (is_done, said) = make_env(folder.path());
        assert!(is_done, "{said}");
        let path = folder.path().join(".env");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let text = fs::read_to_string(path).unwrap();
        let key = key_of(&text).to_owned();
        assert!(!said.contains(&key), "{said}");
        let without = text.replace(&format!("SECRET_KEY={key}\n"), "SECRET_KEY=\n");
        assert_eq!(without, example);
        key
    });
    assert_ne!(first, second);
    assert!(
        first.len() == 64 && first.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{first}"
    );
}

#[test]
fn make_env_overwrites_nothing() {
    let folder = folder();
    let path = folder.path().join(".env");
    fs::write(&path, "SECRET_KEY=mine\n").unwrap();
    let (is_done, said) = make_env(folder.path());
    assert!(is_done && said.contains("it stays as it is"), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "SECRET_KEY=mine\n");
    // A link to nothing is somebody's file, too.
    fs::remove_file(&path).unwrap();
    let target = folder.path().join("elsewhere");
    symlink(&target, &path).unwrap();
    assert!(!make_env(folder.path()).0);
    assert!(!target.exists());
}

#[test]
fn make_env_leaves_no_half_of_a_file() {
    let folder = folder();
    fs::remove_file(folder.path().join(".env.example")).unwrap();
    assert!(!make_env(folder.path()).0);
    assert!(!folder.path().join(".env").exists());
}
