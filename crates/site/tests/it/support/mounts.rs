//! File systems that can be mounted, filled and made read-only without touching those of the
//! machine: a test runs once more as a process with mounts of its own.

use std::path::Path;
use std::process::Command;
use std::thread;

use super::variable;

/// Tells the second process that it is one.
const MARK: &str = "TEST_HAS_OWN_MOUNTS";

/// Runs the test that calls this once more, in a process whose mounts are its own: there `test` is
/// what it consists of. It has to pass.
pub(crate) async fn with_own_mounts<F: Future<Output = ()>>(test: impl FnOnce() -> F) {
    if variable(MARK).is_some() {
        test().await;
    } else {
        run_again();
    }
}

fn run_again() {
    let unshare = |program: &mut Command| {
        // Root can, and so may whoever is allowed to be root in a namespace of his own.
        program.arg("--mount");
        if !is_root() {
            program.args(["--user", "--map-root-user"]);
        }
    };
    let mut again = Command::new("unshare");
    unshare(&mut again);
    let test = thread::current();
    again.arg(std::env::current_exe().unwrap());
    again.args(["--exact", test.name().unwrap(), "--nocapture"]);
    let output = again.env(MARK, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

/// Whether this process is root, and not only in a namespace.
pub(crate) fn is_root() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap();
    let is_everybody = map.split_whitespace().last() == Some("4294967295");
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let mut uid = status
        .lines()
        .filter_map(|line| line.strip_prefix("Uid:\t"));
    is_everybody && uid.next().unwrap().starts_with("0\t")
}

/// Runs `mount` with these options; the last is where.
#[track_caller]
pub(crate) fn mount(options: &[&str], place: &Path) {
    let status = Command::new("mount").args(options).arg(place).status();
    assert!(
        status.unwrap().success(),
        "mount {options:?} {}",
        place.display()
    );
}

/// Fills a file system to its last byte; returns the file that does.
pub(crate) fn fill(folder: &Path) -> std::path::PathBuf {
    use std::io::{ErrorKind, Write as _};
    let path = folder.join("filler");
    let mut file = std::fs::File::create(&path).unwrap();
    for size in [64 * 1024, 1] {
        loop {
            match file.write(&vec![0; size]) {
                Ok(written) => assert!(written > 0),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
                    break;
                }
            }
        }
    }
    path
}
