//! Generated files, made anew from what the code says now.

use crate::suite::{self, PROFILE, Suite};
use crate::{licenses, process, rehearse, skip};

/// `cargo xtask bless`: what the guide says of the rehearsal, the documents of the settings, the
/// notices of the crates, then the snapshots. To be read as a difference before it is committed.
pub(crate) fn run() -> anyhow::Result<()> {
    rehearse::write_table()?;
    let mut documents = process::command("cargo", &["nextest", "run", "--locked"]);
    documents.args(["-p", "site", "settings_are_documented"]);
    process::run(documents.env("BLESS", "1"))?;
    licenses::run()?;
    let (suite, skips) = Suite::prepare();
    skip::report(&skips)?;
    let mut tests = suite::run_tests();
    process::run(
        suite
            .equip(&mut tests, PROFILE)?
            .env("INSTA_UPDATE", "always"),
    )
}
