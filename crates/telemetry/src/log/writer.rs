//! The log's writer: a buffer that a thread of its own writes out, so that no request waits for the
//! reader of the log. If the reader stalls, lines are dropped and counted; nothing else is held up.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long a line below `warn` may wait for others to be written with it.
const GATHERING: Duration = Duration::from_millis(20);
/// How many bytes are gathered before they are written.
const GATHERED_BYTES: usize = 64 * 1024;
/// How many bytes may wait while the reader stalls. Lines beyond it are dropped.
const MAX_WAITING_BYTES: usize = 4 * 1024 * 1024;
/// How long the end of the program waits for the reader to take the last lines.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Passes lines to the thread. Clones pass them to the same one.
#[derive(Clone, Debug)]
pub(super) struct LineWriter(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Notified when there is something to write, and when the thread has ended.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<u8>,
    /// Whether a waiting line must be written at once.
    is_urgent: bool,
    /// The lines that were dropped since the last write.
    lost: u64,
    is_closing: bool,
    is_closed: bool,
}

/// Its drop writes the lines that still wait: the last ones of the program.
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
        // A poisoned lock is taken anyway: no code under it can panic between two related changes.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, mut output: impl Write) {
        let mut lines = Vec::new();
        loop {
            let lost = {
                // Wait for a line. Then wait for others to be written with it, unless one is
                // urgent, there are enough of them, or the program ends.
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
                // The lines are swapped out, so that the lock is not held during the write.
                std::mem::swap(&mut state.waiting, &mut lines);
                state.is_urgent = false;
                std::mem::take(&mut state.lost)
            };
            // If the log cannot be written, there is no place left to report that.
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
    fn push(&self, line: &[u8], urgency: Urgency) {
        let mut state = self.0.lock();
        if state.waiting.len() + line.len() > MAX_WAITING_BYTES {
            state.lost += 1;
            return;
        }
        let was_empty = state.waiting.is_empty();
        state.waiting.extend_from_slice(line);
        let is_urgent = urgency == Urgency::Urgent && !state.is_urgent;
        state.is_urgent |= is_urgent;
        // Each condition holds for one line of a batch only, so that the thread is not woken for
        // every line.
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
        // After the limit the program ends without the lines that the reader has not taken.
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
            urgency: Urgency::Urgent,
        }
    }

    fn make_writer_for(&'writer self, metadata: &Metadata<'_>) -> Self::Writer {
        Line {
            writer: self,
            urgency: if *metadata.level() <= Level::WARN {
                Urgency::Urgent
            } else {
                Urgency::Normal
            },
        }
    }
}

/// The writer of one line, which the subscriber passes in one piece.
#[derive(Debug)]
pub(super) struct Line<'a> {
    writer: &'a LineWriter,
    urgency: Urgency,
}

/// Whether a line must be written at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Urgency {
    Urgent,
    Normal,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.writer.push(line, self.urgency);
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

    /// A reader that takes bytes only after a signal.
    struct Slow {
        go: Receiver<()>,
        written: Sender<Vec<u8>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // After the sender is dropped, this returns at once.
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
        writer.push(b"first\n", Urgency::Urgent);
        while !writer.0.lock().waiting.is_empty() {
            thread::yield_now();
        }
        let line = vec![b'x'; 1024];
        // Twice as many lines as there is room for.
        for _ in 0..2 * MAX_WAITING_BYTES / line.len() {
            writer.push(&line, Urgency::Normal);
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
        writer.push(b"an ordinary line\n", Urgency::Normal);
        drop(guard);
        let all: Vec<u8> = is_written.try_iter().flatten().collect();
        assert_eq!(all, b"an ordinary line\n");
    }
}
