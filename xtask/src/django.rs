//! The Python environments of the peers: of Django, which decides what a database has to look like,
//! and of others.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::process;

/// The Python of the Django peer.
pub fn python() -> anyhow::Result<PathBuf> {
    python_of("django")
}

/// The Python of a virtual environment with a peer's requirements. It is made again if they change.
pub fn python_of(peer: &str) -> anyhow::Result<PathBuf> {
    let requirements = format!("bench/peers/{peer}/requirements.txt");
    let requirements = process::repository().join(requirements);
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("read {}", requirements.display()))?;
    let folder = process::repository().join("target/peers").join(peer);
    let python = folder.join("bin/python");
    let stamp = folder.join("requirements.stamp");
    if is_current(&python, &stamp, &wanted) {
        return Ok(python);
    }
    let mut venv = process::command(interpreter(&wanted)?, &["-m", "venv", "--clear"]);
    process::read(venv.arg(&folder))?;
    let options = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    process::read(
        process::command(&python, &options)
            .arg("-r")
            .arg(&requirements),
    )?;
    // Written last: if making the environment fails, it has no stamp and is made again.
    fs::write(&stamp, wanted).context("stamp the virtual environment")?;
    Ok(python)
}

/// The first Python of the `PATH` that is new enough for these requirements.
fn interpreter(wanted: &str) -> anyhow::Result<&'static str> {
    let is_for_newest = wanted.starts_with("Django~=6.");
    let oldest = if is_for_newest { "(3, 12)" } else { "(3, 0)" };
    let test = format!("import sys; sys.exit(sys.version_info < {oldest})");
    ["python3", "python3.14", "python3.13", "python3.12"]
        .into_iter()
        .find(|python| process::succeeds(&mut process::command(python, &["-c", &test])))
        .with_context(|| format!("there is no Python that is {oldest} at least"))
}

/// Whether this machine can make virtual environments.
pub fn is_installed() -> bool {
    process::succeeds(&mut process::command(
        "python3",
        &["-c", "import ensurepip, venv"],
    ))
}

fn is_current(python: &Path, stamp: &Path, wanted: &str) -> bool {
    // A link to a Python that was removed does not exist.
    python.exists() && fs::read_to_string(stamp).is_ok_and(|made| made == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_is_made_again_when_python_or_the_requirements_change() {
        let folder = tempfile::tempdir().unwrap();
        let (python, stamp) = (folder.path().join("python"), folder.path().join("stamp"));
        fs::write(&stamp, "Django\n").unwrap();
        assert!(!is_current(&python, &stamp, "Django\n"));
        fs::write(&python, "").unwrap();
        assert!(is_current(&python, &stamp, "Django\n"));
        assert!(!is_current(&python, &stamp, "Django~=5.2\n"));
    }
}
