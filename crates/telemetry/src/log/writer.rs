//! Where lines go: a buffer that a thread of its own empties, so that no request waits for
//! whoever reads the log. A reader that stands still costs lines, which are counted, and nothing
//! else.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long a line that is no warning may wait for others to be written with it.
const GATHERING: Duration = Duration::from_millis(20);
/// How much is gathered at most before it is written.
const GATHERED_BYTES: usize = 64 * 1024;
/// How much may wait while the reader stands still.
const MAX_WAITING_BYTES: usize = 4 * 1024 * 1024;
/// How long the end of the program waits for the reader.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Writes lines to a thread. A clone writes to the same.
#[derive(Clone, Debug)]
pub(super) struct LineWriter(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Told when there is something to do, and when it was done.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    /// Something among it must not wait for more.
    is_urgent: bool,
    /// Lines for which there was no room.
    lost: u64,
    is_closing: bool,
    is_closed: bool,
}

/// Writes what waits when it is dropped: the program's last lines.
#[derive(Debug)]
#[must_use = "the last lines are written when it is dropped"]
pub struct Guard(LineWriter);

/// Starts the thread that writes to `output`.
pub(super) fn start(output: impl Write + Send + 'static) -> io::Result<(LineWriter, Guard)> {
    let shared = Arc::new(Shared::default());
    let theirs = Arc::clone(&shared);
    thread::Builder::new()
        .name("log".to_owned())
        .spawn(move || theirs.write_to(output))?;
    let writer = LineWriter(shared);
    Ok((writer.clone(), Guard(writer)))
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, mut output: impl Write) {
        let mut lines = Vec::new();
        loop {
            let lost = {
                let idle = |state: &mut State| state.waiting.is_empty() && !state.is_closing;
                let state = self.changed.wait_while(self.lock(), idle);
                let gathering = |state: &mut State| {
                    !state.is_urgent && !state.is_closing && state.waiting.len() < GATHERED_BYTES
                };
                let state = state.unwrap_or_else(PoisonError::into_inner);
                let gathered = self.changed.wait_timeout_while(state, GATHERING, gathering);
                let (mut state, _) = gathered.unwrap_or_else(PoisonError::into_inner);
                if state.waiting.is_empty() {
                    state.is_closed = true;
                    self.changed.notify_all();
                    return;
                }
                std::mem::swap(&mut state.waiting, &mut lines);
                state.is_urgent = false;
                std::mem::take(&mut state.lost)
            };
            // Nobody is left to be told of a log that cannot be written.
            let _ = output.write_all(&lines);
            let _ = output.flush();
            lines.clear();
            if lost > 0 {
                tracing::warn!(
                    lines = lost,
                    "lines of the log were lost: nobody read them in time"
                );
            }
        }
    }
}

impl LineWriter {
    fn push(&self, line: &[u8], haste: Haste) {
        let mut state = self.0.lock();
        if state.waiting.len() + line.len() > MAX_WAITING_BYTES {
            state.lost += 1;
            return;
        }
        let was_empty = state.waiting.is_empty();
        state.waiting.extend_from_slice(line);
        let is_urgent = haste == Haste::Urgent && !state.is_urgent;
        state.is_urgent |= is_urgent;
        let is_full = state.waiting.len() >= GATHERED_BYTES
            && state.waiting.len() - line.len() < GATHERED_BYTES;
        drop(state);
        if was_empty || is_urgent || is_full {
            self.0.changed.notify_all();
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let shared = &self.0.0;
        let mut state = shared.lock();
        state.is_closing = true;
        shared.changed.notify_all();
        let is_open = |state: &mut State| !state.is_closed;
        // Past the limit the reader is given up.
        drop(
            shared
                .changed
                .wait_timeout_while(state, CLOSE_LIMIT, is_open),
        );
    }
}

impl<'writer> MakeWriter<'writer> for LineWriter {
    type Writer = Line<'writer>;

    fn make_writer(&'writer self) -> Self::Writer {
        Line {
            writer: self,
            haste: Haste::Urgent,
        }
    }

    fn make_writer_for(&'writer self, metadata: &Metadata<'_>) -> Self::Writer {
        Line {
            writer: self,
            haste: if *metadata.level() <= Level::WARN {
                Haste::Urgent
            } else {
                Haste::None
            },
        }
    }
}

/// Takes one line, in one piece.
#[derive(Debug)]
pub(super) struct Line<'a> {
    writer: &'a LineWriter,
    haste: Haste,
}

/// Whether a line may wait for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Haste {
    Urgent,
    None,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.writer.push(line, self.haste);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Writes when it is told to.
    struct Slow {
        go: Receiver<()>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Once nobody tells any more, at once.
            let _ = self.go.recv();
            let _ = self.written.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_stands_still_costs_lines_and_no_time() {
        let (go, going) = channel();
        let (written, is_written) = channel();
        let (writer, guard) = start(Slow { go: going, written }).unwrap();
        writer.push(b"first\n", Haste::Urgent);
        while !writer.0.lock().waiting.is_empty() {
            thread::yield_now();
        }
        let line = vec![b'x'; 1024];
        // Twice what has room.
        for _ in 0..2 * MAX_WAITING_BYTES / line.len() {
            writer.push(&line, Haste::None);
        }
        let lost = writer.0.lock().lost;
        assert_eq!(lost, 4096);
        drop(go);
        drop(guard);
        let all: Vec<u8> = is_written.try_iter().flatten().collect();
        assert!(all.starts_with(b"first\n"));
        assert_eq!(all.len(), b"first\n".len() + MAX_WAITING_BYTES);
    }

    #[test]
    fn the_last_lines_are_written() {
        let (go, going) = channel();
        let (written, is_written) = channel();
        let (writer, guard) = start(Slow { go: going, written }).unwrap();
        drop(go);
        writer.push(b"an ordinary line\n", Haste::None);
        drop(guard);
        let all: Vec<u8> = is_written.try_iter().flatten().collect();
        assert_eq!(all, b"an ordinary line\n");
    }
}
