//! Stand-ins for the images that Docker Hub would give: made of Debian's packages and of this
//! machine's toolchain, under the names that the Dockerfile uses.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};

use super::engine::Engine;
use crate::{output, process};

const DEBIAN: &str = "debian:bookworm-slim";

/// What the crates with C in them are built with.
const PACKAGES: &str = "ca-certificates,gcc,libc6-dev,make,pkg-config";

/// The roots that this machine trusts: a proxy's own may be among them.
const ROOTS: &str = "etc/ssl/certs/ca-certificates.crt";

/// What no build reads.
const LEFT_OUT: [&str; 6] = [
    "./usr/share/doc",
    "./usr/share/locale",
    "./usr/share/man",
    "./var/cache/apt",
    "./var/lib/apt/lists",
    "./dev",
];

/// Makes the base of the Dockerfile, unless it is there with the same toolchain.
pub(crate) fn prepare(engine: &Engine, folder: &Path) -> anyhow::Result<()> {
    let rust = default_of("RUST_IMAGE")?;
    let toolchain = process::read(&mut process::command("rustc", &["-Vv"]))?;
    let toolchain = toolchain.split_whitespace().collect::<Vec<_>>().join(" ");
    let format = "{{index .Config.Labels \"toolchain\"}}";
    let label = process::read(&mut engine.docker(&["image", "inspect", "--format", format, &rust]));
    if label.is_ok_and(|label| label.trim() == toolchain) {
        return Ok(());
    }
    output::line(&format!("making a stand-in for {rust}"));
    let is_there = process::succeeds(&mut engine.docker(&["image", "inspect", DEBIAN]));
    if !is_there {
        import_debian(engine, &folder.join("debian"))?;
    }
    let sysroot = process::read(&mut process::command("rustc", &["--print", "sysroot"]))?;
    let mut build = engine.docker(&["build", "--quiet", "--tag", &rust]);
    build
        .args(["--file", "rehearsal/rust.Dockerfile"])
        .args(["--build-arg", &format!("TOOLCHAIN={toolchain}")])
        .arg(sysroot.trim());
    process::read(&mut build).map(drop)
}

/// The value that the Dockerfile gives an argument which nobody names.
pub(crate) fn default_of(argument: &str) -> anyhow::Result<String> {
    let dockerfile = fs::read_to_string(process::repository().join("Dockerfile"))
        .context("read the Dockerfile")?;
    default_in(&dockerfile, argument)
        .with_context(|| format!("the Dockerfile gives {argument} no value"))
}

fn default_in(dockerfile: &str, argument: &str) -> Option<String> {
    dockerfile.lines().find_map(|line| {
        let (name, value) = line.strip_prefix("ARG ")?.split_once('=')?;
        (name == argument).then(|| value.to_owned())
    })
}

fn import_debian(engine: &Engine, folder: &Path) -> anyhow::Result<()> {
    let mut debootstrap = process::command("debootstrap", &["--variant=minbase"]);
    debootstrap
        .arg(format!("--include={PACKAGES}"))
        .arg("bookworm")
        .arg(folder);
    process::read(&mut debootstrap)?;
    let roots = Path::new("/").join(ROOTS);
    fs::copy(&roots, folder.join(ROOTS)).with_context(|| format!("copy {}", roots.display()))?;
    let mut tar = process::command("tar", &["--create", "--directory"]);
    tar.arg(folder)
        .args(LEFT_OUT.map(|path| format!("--exclude={path}/*")))
        .arg(".");
    let mut tar = tar.stdout(Stdio::piped()).spawn().context("run tar")?;
    let archive = tar.stdout.take().context("the output is a pipe")?;
    let mut import = engine.docker(&["import", "-", DEBIAN]);
    process::read(import.stdin(archive))?;
    if !tar.wait()?.success() {
        bail!("tar failed to read {}", folder.display());
    }
    fs::remove_dir_all(folder).context("remove what was imported")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_an_argument_is_read() {
        let dockerfile = "# ARG A=0\nARG A=rust:1\nFROM ${A}\nARG B\n";
        assert_eq!(default_in(dockerfile, "A").as_deref(), Some("rust:1"));
        assert_eq!(default_in(dockerfile, "B"), None);
    }
}
