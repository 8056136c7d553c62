//! The body of an answer: nothing, bytes in memory, or a file that is read while it is sent. Knows
//! nothing of headers.

use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::mem;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::SystemTime;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// How much of a file is read at once, which is also the memory that a slow client takes.
const CHUNK_BYTES: u64 = 128 * 1024;

/// The body of an answer.
#[derive(Debug, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// Shared bytes in memory. Sending them copies nothing.
    Memory(Bytes),
    /// A file that is read piece by piece.
    Disk(DiskStream),
}

/// A file that is being sent to a client.
///
/// It is read on tokio's threads for blocking work if there is a runtime, else on the caller's
/// thread.
#[derive(Debug)]
pub struct DiskStream {
    state: ReadState,
    remaining_bytes: u64,
    version: FileVersion,
}

#[derive(Debug)]
enum ReadState {
    Idle(File),
    Reading(JoinHandle<io::Result<Chunk>>),
    Done,
}

#[derive(Debug)]
struct Chunk {
    file: File,
    bytes: Bytes,
}

/// The length and time of a file, by which a change is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileVersion {
    pub(super) length_bytes: u64,
    pub(super) modified: Option<SystemTime>,
}

impl FileVersion {
    pub(super) fn new(metadata: &Metadata) -> Self {
        Self {
            length_bytes: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

/// A file that is too large for the memory.
#[derive(Debug, Clone)]
pub(super) struct DiskFile {
    pub(super) path: PathBuf,
    pub(super) version: FileVersion,
}

impl DiskFile {
    /// Whether the file is still the one whose headers were prepared.
    pub(super) fn is_unchanged(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|metadata| self.matches(&metadata))
    }

    fn matches(&self, metadata: &Metadata) -> bool {
        metadata.is_file() && FileVersion::new(metadata) == self.version
    }

    /// Opens the file for a part of its bytes; `None` if it is gone or was replaced.
    pub(super) fn open(&self, first: u64, count_bytes: u64) -> Option<DiskStream> {
        // Checked before the file is opened: a pipe in its place would block for ever. Checked
        // again after, since it may have been replaced in between.
        if !self.is_unchanged() {
            return None;
        }
        let mut file = File::open(&self.path).ok()?;
        if !self.matches(&file.metadata().ok()?) {
            return None;
        }
        if first > 0 {
            file.seek(SeekFrom::Start(first)).ok()?;
        }
        Some(DiskStream {
            state: ReadState::Idle(file),
            remaining_bytes: count_bytes,
            version: self.version,
        })
    }
}

impl DiskStream {
    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let chunk = loop {
            match mem::replace(&mut self.state, ReadState::Done) {
                ReadState::Done => return Poll::Ready(None),
                ReadState::Idle(_) if self.remaining_bytes == 0 => return Poll::Ready(None),
                ReadState::Idle(file) => {
                    let (version, count) = (self.version, self.remaining_bytes.min(CHUNK_BYTES));
                    let Ok(runtime) = Handle::try_current() else {
                        break read_chunk(file, version, count);
                    };
                    let task = runtime.spawn_blocking(move || read_chunk(file, version, count));
                    self.state = ReadState::Reading(task);
                }
                ReadState::Reading(mut task) => {
                    let Poll::Ready(chunk) = Pin::new(&mut task).poll(context) else {
                        self.state = ReadState::Reading(task);
                        return Poll::Pending;
                    };
                    break chunk.unwrap_or_else(|error| Err(io::Error::other(error)));
                }
            }
        };
        Poll::Ready(Some(chunk.map(|Chunk { file, bytes }| {
            self.remaining_bytes -= bytes.len() as u64;
            self.state = ReadState::Idle(file);
            bytes
        })))
    }
}

/// Reads the next chunk. A file that was changed since its headers were prepared is an error, which
/// closes the connection: the client must not take a mix of old and new bytes for one file.
fn read_chunk(mut file: File, version: FileVersion, count_bytes: u64) -> io::Result<Chunk> {
    let count = usize::try_from(count_bytes).map_err(io::Error::other)?;
    let mut bytes = vec![0; count];
    file.read_exact(&mut bytes)?;
    if FileVersion::new(&file.metadata()?) != version {
        return Err(io::Error::other("the file changed while it was sent"));
    }
    let bytes = Bytes::from(bytes);
    Ok(Chunk { file, bytes })
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let body = self.get_mut();
        let bytes = match body {
            Self::Empty => None,
            Self::Memory(bytes) => {
                let bytes = mem::take(bytes);
                *body = Self::Empty;
                (!bytes.is_empty()).then_some(Ok(bytes))
            }
            Self::Disk(stream) => ready!(stream.poll_chunk(context)),
        };
        Poll::Ready(bytes.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Memory(bytes) => bytes.is_empty(),
            Self::Disk(stream) => stream.remaining_bytes == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Empty => 0,
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk(stream) => stream.remaining_bytes,
        })
    }
}
