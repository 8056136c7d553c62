//! Questions to whoever sits at the terminal.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};

use accounts::user::TYPED_PASSWORD;
use accounts::validators::{Known, Violation, violations};
use anyhow::{Context as _, anyhow, bail, ensure};
use secrecy::{ExposeSecret as _, SecretString};

use super::{hidden_input, output};
use crate::settings::decode;

/// How often somebody may choose a password before the command gives up.
const ATTEMPTS: usize = 3;

/// Whether there is somebody to ask.
pub(super) fn has_terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// Asks for a line, and takes the space around it away.
pub(super) fn ask_line(question: &str) -> anyhow::Result<String> {
    let mut out = std::io::stdout();
    // An error is ignored here: somebody who does not see the question does not answer, which fails
    // below.
    let _ = write!(out, "{question}").and_then(|()| out.flush());
    read_line().map(|line| line.trim().to_owned())
}

/// What happens to a password that breaks a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WeakPassword {
    /// Another has to be chosen.
    Refuse,
    /// It is accepted when the user confirms it.
    AcceptOnConfirmation,
}

/// Asks twice for a new password, without showing it, until both are the same and it may be
/// chosen. From a pipe it is one line, without a question.
pub(super) fn new_password(known: Known<'_>, weak: WeakPassword) -> anyhow::Result<SecretString> {
    if !has_terminal() {
        let password = SecretString::from(read_line()?);
        TYPED_PASSWORD.check("the password", password.expose_secret())?;
        let found = violations(password.expose_secret(), known);
        ensure!(found.is_empty(), "{}", join_violations(&found));
        return Ok(password);
    }
    for _ in 0..ATTEMPTS {
        let password = ask_password("Password: ")?;
        if password.expose_secret() != ask_password("Password (again): ")?.expose_secret() {
            output::error("the two passwords are not the same");
            continue;
        }
        // Insisting does not help with these: no login accepts such a password.
        if let Err(broken) = TYPED_PASSWORD.check("the password", password.expose_secret()) {
            output::error(&broken.to_string());
            continue;
        }
        let found = violations(password.expose_secret(), known);
        if found.is_empty() {
            return Ok(password);
        }
        output::error(&join_violations(&found));
        // An empty password is taken for a mistake.
        let may_insist =
            weak == WeakPassword::AcceptOnConfirmation && !password.expose_secret().is_empty();
        if may_insist && ask_line("Take it all the same? [y/N] ")?.eq_ignore_ascii_case("y") {
            return Ok(password);
        }
    }
    bail!("no password was chosen in {ATTEMPTS} attempts")
}

fn ask_password(question: &str) -> anyhow::Result<SecretString> {
    let password = hidden_input::read(question);
    password.map(Into::into).context("read the password")
}

/// A line in UTF-8, or in UTF-16 with its mark, as PowerShell writes files.
fn read_line() -> anyhow::Result<String> {
    let mut line = Vec::new();
    let mut input = std::io::stdin().lock();
    let read = input.read_until(b'\n', &mut line);
    ensure!(read.context("read an answer")? > 0, "there is no answer");
    if line.starts_with(&[0xFF, 0xFE]) {
        // UTF-16 has two bytes for the line feed, and reading has stopped after the first.
        let rest = input.take(1).read_to_end(&mut line);
        rest.context("read an answer")?;
    }
    // The error of `decode` names a byte of the answer, which may be a secret.
    let line = decode(&line).map_err(|_| anyhow!("the answer is not UTF-8 text"))?;
    let line = line.trim_start_matches('\u{feff}');
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Everything that is wrong with a password.
pub(super) fn join_violations(violations: &[Violation]) -> String {
    let texts: Vec<_> = violations.iter().map(ToString::to_string).collect();
    texts.join(" ")
}
