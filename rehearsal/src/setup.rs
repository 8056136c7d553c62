//! Installs what the rehearsal needs on a machine.

use xtask::packages::{self, Package};
use xtask::{postgres, process};

/// Packages, each with a program that shows whether it is installed.
const PACKAGES: [(&str, &str); 10] = [
    ("docker.io", "/usr/sbin/dockerd"),
    ("docker-registry", "docker-registry"),
    ("debootstrap", "debootstrap"),
    ("apache2-utils", "htpasswd"),
    ("rsync", "rsync"),
    ("nginx-light", "nginx"),
    ("wrk", "wrk"),
    ("iproute2", "ip"),
    ("npm", "npm"),
    ("make", "make"),
];

/// Installs missing packages.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut missing: Vec<_> = PACKAGES
        .iter()
        .filter(|(_, program)| process::find(program).is_none())
        .map(|(name, _)| *name)
        .collect();
    if !postgres::is_installed() {
        missing.push("postgresql");
    }
    let missing: Vec<_> = missing
        .into_iter()
        .map(|name| Package {
            name: name.to_owned(),
            is_for: "the rehearsal",
        })
        .collect();
    packages::install(&missing)
}
