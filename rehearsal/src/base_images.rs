//! Stand-ins for the images of Docker Hub, under the names that the Dockerfile uses. They are made
//! of Debian's packages and of this machine's toolchain.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};
use xtask::{output, process};

use crate::engine::Engine;

pub(super) const DEBIAN: &str = "debian:bookworm-slim";

/// Images of Debian, and their packages. The first is the base of the stand-in for `rust`: its
/// packages build the crates that contain C, and run the commands of jobs in that image; `rsync` is
/// for the runner.
const DEBIANS: [(&str, &str); 2] = [
    (
        DEBIAN,
        "ca-certificates,gcc,git,libc6-dev,make,pkg-config,rsync",
    ),
    ("debian:trixie-slim", "ca-certificates"),
];

/// The Dockerfile of the stand-in for `rust`.
const RECIPE: &str = "rehearsal/rust.Dockerfile";

/// The root certificates that this machine trusts, which may include those of a proxy.
const ROOTS: &str = "etc/ssl/certs/ca-certificates.crt";

/// Folders that no build reads. They are left out of the images.
const LEFT_OUT: [&str; 6] = [
    "./usr/share/doc",
    "./usr/share/locale",
    "./usr/share/man",
    "./var/cache/apt",
    "./var/lib/apt/lists",
    "./dev",
];

/// Makes the images of Debian and the base of the Dockerfile, unless they exist and would be made
/// in the same way now.
pub(crate) fn prepare(engine: &Engine, folder: &Path) -> anyhow::Result<()> {
    let mut is_new = false;
    for (image, packages) in DEBIANS {
        if label(engine, image, "packages") != packages {
            output::line(&format!("making a stand-in for {image}"));
            import_debian(engine, &folder.join("debian"), image, packages)?;
            is_new |= image == DEBIAN;
        }
    }
    let rust = default_of("RUST_IMAGE")?;
    let toolchain = process::read(&mut process::command("rustc", &["-Vv"]))?;
    let recipe = process::repository().join(RECIPE);
    let recipe = process::read(process::command("sha256sum", &[]).arg(recipe))?;
    let made_of = toolchain.split_whitespace();
    let made_of: Vec<_> = made_of.chain(recipe.split_whitespace().take(1)).collect();
    let toolchain = made_of.join(" ");
    if !is_new && label(engine, &rust, "toolchain") == toolchain {
        return Ok(());
    }
    output::line(&format!("making a stand-in for {rust}"));
    let sysroot = process::read(&mut process::command("rustc", &["--print", "sysroot"]))?;
    let mut build = engine.docker(&["build", "--quiet", "--tag", &rust]);
    build
        .args(["--file", RECIPE])
        .args(["--build-arg", &format!("TOOLCHAIN={toolchain}")])
        .arg(sysroot.trim());
    process::read(&mut build).map(drop)
}

/// The default that the Dockerfile gives an argument.
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

/// A label of an image, which says how it was made; empty if there is no such image.
fn label(engine: &Engine, image: &str, name: &str) -> String {
    let format = format!("{{{{index .Config.Labels \"{name}\"}}}}");
    let mut inspect = engine.docker(&["image", "inspect", "--format", &format, image]);
    let label = process::read(&mut inspect).unwrap_or_default();
    label.trim().to_owned()
}

fn import_debian(
    engine: &Engine,
    folder: &Path,
    image: &str,
    packages: &str,
) -> anyhow::Result<()> {
    let release = image
        .trim_start_matches("debian:")
        .trim_end_matches("-slim");
    let mut debootstrap = process::command("debootstrap", &["--variant=minbase"]);
    debootstrap
        .arg(format!("--include={packages}"))
        .arg(release)
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
    let label = format!("LABEL packages={packages}");
    let mut import = engine.docker(&["import", "--change", &label, "-", image]);
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
