//! How much of the code the tests reach, measured by `cargo llvm-cov` with Debian's LLVM: the
//! toolchain has no tools of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::suite::Suite;
use crate::{process, skip};

/// The share of lines below which the gate is shut.
pub(crate) const MINIMUM_PERCENT: f64 = 80.0;

/// What is no part of the figures: the tests themselves, and this crate.
const NOT_COUNTED: &str = "/crates/[^/]+/tests/|/xtask/(src|tests)/";

/// Where `.gitlab-ci.yml` looks for the report.
const COBERTURA: &str = "target/coverage/cobertura.xml";

/// The programs that read profiles; their version must be that of the compiler's LLVM.
#[derive(Debug)]
pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Finds what measuring needs; the error says what is missing.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let package = llvm_package()?;
        let folder = tools_folder(&package)
            .with_context(|| format!("the package {package} is not installed"))?;
        if !is_installed() {
            bail!("cargo-llvm-cov is not installed");
        }
        Ok(Self { folder })
    }

    /// The run of all tests with profiles; `arguments` say what becomes of them.
    pub(crate) fn run_tests(&self, arguments: &[&str]) -> Command {
        let mut command = process::command("cargo", &["llvm-cov", "nextest"]);
        command.args(["--workspace", "--locked"]).args(arguments);
        self.equip(&mut command);
        command
    }

    /// Writes what the last run reached in the form that GitLab shows beside the lines of a merge
    /// request.
    pub(crate) fn write_cobertura(&self) -> anyhow::Result<()> {
        let path = process::repository().join(COBERTURA);
        let folder = path.parent().context("the report lies in a folder")?;
        fs::create_dir_all(folder).context("make a folder for the report")?;
        let mut command = process::command("cargo", &["llvm-cov", "report", "--cobertura"]);
        command.arg("--output-path").arg(path);
        self.equip(&mut command);
        process::read(&mut command).map(drop)
    }

    fn equip(&self, command: &mut Command) {
        command
            .args(["--ignore-filename-regex", NOT_COUNTED])
            // Left to itself it would change the toolchain.
            .env("CARGO_LLVM_COV_SETUP", "no")
            .env("LLVM_COV", self.folder.join("llvm-cov"))
            .env("LLVM_PROFDATA", self.folder.join("llvm-profdata"));
    }
}

/// `cargo xtask coverage`: the report to read in a browser.
pub(crate) fn run() -> anyhow::Result<()> {
    let tools = Tools::find().context("coverage cannot be measured")?;
    let (suite, skips) = Suite::prepare();
    skip::report(&skips)?;
    process::run(suite.equip(&mut tools.run_tests(&["--html"])))
}

/// The Debian package of the compiler's LLVM, such as `llvm-22`.
pub(crate) fn llvm_package() -> anyhow::Result<String> {
    let version = process::read(&mut process::command("rustc", &["-Vv"]))?;
    let major = llvm_major(&version).context("`rustc -Vv` does not tell its LLVM version")?;
    Ok(format!("llvm-{major}"))
}

/// Where that package has its programs, if it is there.
pub(crate) fn tools_folder(package: &str) -> Option<PathBuf> {
    let folder = Path::new("/usr/lib").join(package).join("bin");
    let is_there = |program| folder.join(program).exists();
    (is_there("llvm-cov") && is_there("llvm-profdata")).then_some(folder)
}

/// Whether the sub-command is there.
pub(crate) fn is_installed() -> bool {
    process::succeeds(&mut process::command("cargo", &["llvm-cov", "--version"]))
}

fn llvm_major(version: &str) -> Option<u32> {
    let line = version
        .lines()
        .find_map(|line| line.strip_prefix("LLVM version: "))?;
    line.split('.').next()?.trim().parse().ok()
}

/// The last line of the coverage table.
#[derive(Debug, PartialEq)]
pub(crate) struct Total<'a> {
    /// As it was printed.
    pub(crate) line: &'a str,
    /// The covered share of the lines.
    pub(crate) lines_percent: f64,
}

impl<'a> Total<'a> {
    /// Finds it in the table, whose columns are regions, functions and lines, each as number,
    /// missed and share, and then branches.
    pub(crate) fn find(table: &'a str) -> Option<Self> {
        let line = table.lines().find(|line| line.starts_with("TOTAL "))?;
        let share = line.split_whitespace().nth(9)?;
        Some(Self {
            line,
            lines_percent: share.strip_suffix('%')?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_of_llvm_is_read() {
        let version = "rustc 1.95.0\nhost: x86_64\nLLVM version: 22.1.2\n";
        assert_eq!(llvm_major(version), Some(22));
        assert_eq!(llvm_major("rustc 1.95.0\n"), None);
    }

    #[test]
    fn the_total_is_the_share_of_lines() {
        let table = "Filename  Regions  Missed  Cover  …\n\
            db/lib.rs  9  9  0.00%  9  9  0.00%  9  9  0.00%  0  0  -\n\
            TOTAL  200  20  90.00%  40  10  75.00%  400  62  84.50%  0  0  -\n";
        let total = Total::find(table).unwrap();
        assert!((total.lines_percent - 84.5).abs() < 1e-9);
        assert!(total.line.ends_with("84.50%  0  0  -"));
        assert_eq!(Total::find("info: no table\n"), None);
    }
}
