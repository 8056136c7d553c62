//! Checks that cannot run on this machine. They are reported.

use anyhow::bail;
use xtask::{output, process};

use crate::needs::Need;

/// Something that is not checked.
#[derive(Debug)]
pub(crate) struct Skip {
    /// What is not checked.
    pub(crate) what: &'static str,
    /// Why.
    pub(crate) reason: String,
    /// The need of the tests that are left out, if it is about tests.
    pub(crate) need: Option<Need>,
}

impl Skip {
    /// Whether CI may go without it: it is no part of the project, and no package that the project
    /// asks for.
    fn is_allowed(&self) -> bool {
        self.need.is_some_and(|need| !need.is_of_the_project())
    }
}

/// Prints what is skipped. In CI that is a failure: a gate that could not run must not look like
/// one that passed.
pub(crate) fn report(skips: &[Skip]) -> anyhow::Result<()> {
    for Skip { what, reason, .. } in skips {
        output::line(&format!("skipped: {what}: {reason}"));
    }
    if process::is_ci() {
        refuse(skips)?;
    }
    Ok(())
}

/// Whether nothing is skipped that the project asks for.
pub(crate) fn are_complete(skips: &[Skip]) -> bool {
    skips.iter().all(Skip::is_allowed)
}

fn refuse(skips: &[Skip]) -> anyhow::Result<()> {
    let refused = skips.iter().filter(|skip| !skip.is_allowed());
    let what: Vec<_> = refused.map(|skip| skip.what).collect();
    if !what.is_empty() {
        bail!("CI=true, and this could not be run: {}", what.join(", "));
    }
    Ok(())
}

/// The value; if it could not be made, `None` and one more skip.
pub(crate) fn or_skip<T>(
    made: anyhow::Result<T>,
    what: &'static str,
    skips: &mut Vec<Skip>,
) -> Option<T> {
    keep(made, what, None, skips)
}

/// The same for something that tests need.
pub(crate) fn or_leave_out<T>(
    made: anyhow::Result<T>,
    need: Need,
    skips: &mut Vec<Skip>,
) -> Option<T> {
    keep(made, need.tests(), Some(need), skips)
}

fn keep<T>(
    made: anyhow::Result<T>,
    what: &'static str,
    need: Option<Need>,
    skips: &mut Vec<Skip>,
) -> Option<T> {
    made.inspect_err(|error| {
        skips.push(Skip {
            what,
            reason: format!("{error:#}"),
            need,
        });
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nobody_watches_only_what_is_no_part_of_the_project_may_be_missing() {
        let skip = |need: Option<Need>| Skip {
            what: need.map_or("coverage", Need::tests),
            reason: "not there".to_owned(),
            need,
        };
        refuse(&[skip(Some(Need::OlderSite)), skip(Some(Need::Systemd))]).unwrap();
        let refused = refuse(&[
            skip(Some(Need::OlderSite)),
            skip(Some(Need::Postgres)),
            skip(None),
        ]);
        assert_eq!(
            refused.unwrap_err().to_string(),
            "CI=true, and this could not be run: tests on PostgreSQL, coverage"
        );
    }
}
