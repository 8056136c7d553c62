//! Test coverage, measured by `cargo llvm-cov` with the LLVM tools of Debian or of the toolchain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use xtask::{output, process};

use crate::skip;
use crate::suite::{PROFILE, Suite};

/// More than this percentage of the lines must be covered, whatever was recorded.
const MINIMUM_PERCENT: f64 = 80.0;

/// How many percentage points the coverage may be below the recorded one.
const TOLERANCE: f64 = 0.5;

/// The recorded percentage: two decimals and a line end.
const RECORDED: &str = ".config/coverage.txt";

/// Files that do not count: the tests themselves, and what is not part of the program.
const NOT_COUNTED: &str = "/crates/[^/]+/tests/|/(bench|rehearsal|xtask)/(src|tests)/";

/// Where `.gitlab-ci.yml` looks for the report.
const COBERTURA: &str = "target/coverage/cobertura.xml";

/// Where a program that ends adds what it has run to: four files for each program, in turn. A file for each
/// process, a megabyte, would be ten thousand of them.
const PROFILES: &str = "oc-lettings-%4m.profraw";

/// The programs that read profiles; their version must be that of the compiler's LLVM.
#[derive(Debug)]
pub(crate) struct Tools {
    folder: PathBuf,
}

impl Tools {
    /// Finds the tools. The error says what is missing.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let package = llvm_package()?;
        let folder = tools_folder(&package).with_context(|| {
            format!("neither {package} nor the component llvm-tools is installed")
        })?;
        if !is_installed() {
            bail!("cargo-llvm-cov is not installed");
        }
        Ok(Self { folder })
    }

    /// The run of all tests with profiles, which prints the table.
    pub(crate) fn run_tests(&self) -> Command {
        let mut command = process::command("cargo", &["llvm-cov", "nextest"]);
        command.args(["--workspace", "--locked"]);
        self.configure(&mut command);
        command
    }

    /// Writes the coverage of the last run in the form that GitLab shows beside the lines of a
    /// merge request.
    pub(crate) fn write_cobertura(&self) -> anyhow::Result<()> {
        let path = process::repository().join(COBERTURA);
        let folder = path.parent().context("the report lies in a folder")?;
        fs::create_dir_all(folder).context("make a folder for the report")?;
        let path = path.to_string_lossy();
        self.report(&["--cobertura", "--output-path", &path])
            .map(drop)
    }

    /// A report on the last run.
    fn report(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = process::command("cargo", &["llvm-cov", "report"]);
        self.configure(command.args(arguments));
        process::read(&mut command)
    }

    fn configure(&self, command: &mut Command) {
        command
            .args(["--ignore-filename-regex", NOT_COUNTED])
            // Left to itself it would change the toolchain.
            .env("CARGO_LLVM_COV_SETUP", "no")
            .env("LLVM_PROFILE_FILE_NAME", PROFILES)
            .env("LLVM_COV", self.folder.join("llvm-cov"))
            .env("LLVM_PROFDATA", self.folder.join("llvm-profdata"));
    }
}

/// `cargo xtask coverage`: writes the report for a browser. If no test was skipped that the project
/// asks for, it records the percentage, which must not fall from then on.
pub(crate) fn run() -> anyhow::Result<()> {
    let tools = Tools::find().context("coverage cannot be measured")?;
    let (suite, skips) = Suite::prepare();
    skip::report(&skips)?;
    process::run(suite.configure(&mut tools.run_tests(), PROFILE)?)?;
    tools.report(&["--html"])?;
    let table = tools.report(&[])?;
    let total = Total::find(&table).context("the report has no total")?;
    if skip::are_complete(&skips) {
        record(total.lines_percent)?;
    }
    output::line(total.line);
    Ok(())
}

/// Writes the percentage for [`RecordedPercent`].
fn record(percent: f64) -> anyhow::Result<()> {
    let path = process::repository().join(RECORDED);
    fs::write(&path, format!("{percent:.2}\n")).with_context(|| format!("write {RECORDED}"))
}

/// The recorded percentage; `None` if tests were left out, since the figures cannot be compared
/// then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordedPercent(pub(crate) Option<f64>);

impl RecordedPercent {
    pub(crate) fn read() -> anyhow::Result<Self> {
        let path = process::repository().join(RECORDED);
        let text = fs::read_to_string(path).with_context(|| format!("read {RECORDED}"))?;
        let percent = text.trim().parse();
        Ok(Self(Some(percent.with_context(|| {
            format!("{RECORDED}: {:?}", text.trim())
        })?)))
    }

    /// Fails if the coverage is too low, or has fallen too far.
    pub(crate) fn compare(self, total: &Total<'_>) -> anyhow::Result<()> {
        let now = total.lines_percent;
        if now <= MINIMUM_PERCENT {
            bail!(
                "coverage: {now:.2} % of the lines are tested, more than {MINIMUM_PERCENT:.2} % \
                 have to be"
            );
        }
        match self.0 {
            Some(before) if now < before - TOLERANCE => bail!(
                "coverage: {now:.2} % of the lines are tested, and it was {before:.2} %: it may fall \
                 by {TOLERANCE} at most; `cargo xtask coverage` shows the lines"
            ),
            _ => Ok(()),
        }
    }
}

/// The Debian package of the compiler's LLVM, such as `llvm-22`.
pub(crate) fn llvm_package() -> anyhow::Result<String> {
    let version = process::read(&mut process::command("rustc", &["-Vv"]))?;
    let major = llvm_major(&version).context("`rustc -Vv` does not tell its LLVM version")?;
    Ok(format!("llvm-{major}"))
}

/// The folder with the programs of that package or of the toolchain's component `llvm-tools`, if
/// either is installed.
pub(crate) fn tools_folder(package: &str) -> Option<PathBuf> {
    let debian = Path::new("/usr/lib").join(package).join("bin");
    let mut folders = [Some(debian), toolchain_folder()].into_iter().flatten();
    folders.find(|folder| {
        let is_there = |program| folder.join(program).exists();
        is_there("llvm-cov") && is_there("llvm-profdata")
    })
}

/// Where rustup puts programs of the toolchain's components.
fn toolchain_folder() -> Option<PathBuf> {
    let arguments = ["--print", "target-libdir"];
    let libraries = process::read(&mut process::command("rustc", &arguments)).ok()?;
    Some(Path::new(libraries.trim()).parent()?.join("bin"))
}

/// Whether `cargo llvm-cov` is installed.
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
    /// Finds the line in the table. Its columns are regions, functions and lines, each as number,
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

    #[track_caller]
    fn check(recorded: Option<f64>, now: f64, expected: &str) {
        let total = Total {
            line: "",
            lines_percent: now,
        };
        let verdict = match RecordedPercent(recorded).compare(&total) {
            Ok(()) => "passed".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(verdict, expected);
    }

    #[test]
    fn coverage_may_neither_fall_nor_be_at_the_limit() {
        check(None, 80.01, "passed");
        let limit = "coverage: 80.00 % of the lines are tested, more than 80.00 % have to be";
        check(None, 80.0, limit);
        check(Some(80.2), 80.0, limit);
        check(Some(96.12), 95.62, "passed");
        check(Some(96.12), 97.0, "passed");
        check(
            Some(96.12),
            95.61,
            "coverage: 95.61 % of the lines are tested, and it was 96.12 %: it may fall by 0.5 at \
             most; `cargo xtask coverage` shows the lines",
        );
    }

    #[test]
    fn what_was_recorded_is_above_the_limit() {
        let RecordedPercent(recorded) = RecordedPercent::read().unwrap();
        assert!(recorded.unwrap() > MINIMUM_PERCENT, "{recorded:?}");
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
