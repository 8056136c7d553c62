//! Reads a line from the terminal without showing it, for passwords.

use std::fs::File;
use std::io::{self, Read as _, Write as _};

use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};

/// What a keyboard sends for Ctrl-C.
const CTRL_C: u8 = 3;

/// Asks a question and reads a line that is not shown. The echo is off before the question
/// is written, so that even an answer that comes at once is not shown.
pub(super) fn read(question: &str) -> io::Result<String> {
    let mut terminal = EchoOff::new()?;
    terminal.file.write_all(question.as_bytes())?;
    let mut line = Vec::new();
    loop {
        let mut bytes = [0; 1024];
        let read = terminal.file.read(&mut bytes)?;
        line.extend(&bytes[..read]);
        match line.last() {
            Some(b'\n') => break,
            Some(&CTRL_C) => {
                terminal.file.write_all(b"\n")?;
                return Err(io::ErrorKind::Interrupted.into());
            }
            _ if read == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ => {}
        }
    }
    line.pop();
    String::from_utf8(line).map_err(|_| io::ErrorKind::InvalidData.into())
}

/// The terminal with its echo off, until this is dropped.
struct EchoOff {
    file: File,
    before: Termios,
}

impl EchoOff {
    fn new() -> io::Result<Self> {
        let file = File::options().read(true).write(true).open("/dev/tty")?;
        let before = tcgetattr(&file)?;
        let mut without_echo = before.clone();
        without_echo.local_modes.remove(LocalModes::ECHO);
        without_echo.local_modes.insert(LocalModes::ECHONL);
        // Ctrl-C would end the program and leave the terminal silent. So it sends no signal here,
        // and ends the line.
        without_echo.local_modes.remove(LocalModes::ISIG);
        without_echo.special_codes[SpecialCodeIndex::VEOL] = CTRL_C;
        tcsetattr(&file, OptionalActions::Flush, &without_echo)?;
        Ok(Self { file, before })
    }
}

impl Drop for EchoOff {
    fn drop(&mut self) {
        // This fails only on a terminal that has gone.
        let _ = tcsetattr(&self.file, OptionalActions::Drain, &self.before);
    }
}
