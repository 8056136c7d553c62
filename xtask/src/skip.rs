//! What cannot be checked on this machine, told rather than passed over.

use anyhow::bail;

use crate::{output, process};

/// Something that is not checked.
#[derive(Debug)]
pub(crate) struct Skip {
    /// What is not checked.
    pub(crate) what: &'static str,
    /// Why.
    pub(crate) reason: String,
}

/// Prints what is skipped. Where nobody watches that is a failure: a gate that could not run
/// must not look like one that passed.
pub(crate) fn report(skips: &[Skip]) -> anyhow::Result<()> {
    for Skip { what, reason } in skips {
        output::line(&format!("skipped: {what}: {reason}"));
    }
    if process::is_ci() && !skips.is_empty() {
        let what: Vec<_> = skips.iter().map(|skip| skip.what).collect();
        bail!("CI=true, and this could not be run: {}", what.join(", "));
    }
    Ok(())
}

/// What could be made; what could not is put on the list.
pub(crate) fn or_skip<T>(
    made: anyhow::Result<T>,
    what: &'static str,
    skips: &mut Vec<Skip>,
) -> Option<T> {
    made.inspect_err(|error| {
        skips.push(Skip {
            what,
            reason: format!("{error:#}"),
        });
    })
    .ok()
}
