//! The body of the process that prepares one photo: it is given a file, answers, and ends. Its limits are
//! set by who starts it (`prepare_in_process`).

use std::io::{self, Read, Write};
use std::panic::catch_unwind;

use super::bounds::PhotoError;
use super::prepare::prepare_owned;
use super::protocol;

/// Reads a file, prepares it, and writes what was made or why not. A panic of a decoder is
/// [`PhotoError::Damaged`].
///
/// Fails only when it cannot read the request or write the answer; whoever waits for the answer then
/// sees it end.
pub fn run(stdin: impl Read, stdout: impl Write) -> io::Result<()> {
    let file = protocol::read_request(stdin)?;
    let answer = catch_unwind(|| prepare_owned(file)).unwrap_or(Err(PhotoError::Damaged));
    protocol::write_answer(stdout, &answer)
}
