//! Writes generated files again, from the present code.

use xtask::process;

use crate::suite::{self, PROFILE, Suite};
use crate::{licenses, skip};

/// `cargo xtask bless`: `.env.example`, the reference, the guide's part about the rehearsal, the
/// notices of the crates, then the snapshots. The difference is to be read before it is committed.
pub(crate) fn run() -> anyhow::Result<()> {
    let mut documents = process::command("cargo", &["nextest", "run", "--locked"]);
    documents.args(["-p", "site", "the_example_has_every_setting"]);
    documents.arg("the_reference_says_what_the_code_does");
    documents.args([
        "-p",
        "rehearsal",
        "the_guide_says_what_the_rehearsal_replaces",
    ]);
    process::run(documents.env("BLESS", "1"))?;
    licenses::run()?;
    let (suite, skips) = Suite::prepare();
    skip::report(&skips)?;
    let mut tests = suite::run_tests();
    process::run(
        suite
            .configure(&mut tests, PROFILE)?
            .env("INSTA_UPDATE", "always"),
    )
}
