//! The stream under hyper: a socket that reports its reads and writes to the connection's
//! [`Activity`], and that closes without losing an answer. It keeps no clock.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::activity::{Activity, Phase};
use super::memory::Share;

/// How much is thrown away at a time.
const DISCARD_BYTES: usize = 8192;

/// What has arrived of a request's head that nobody has seen yet.
#[derive(Debug)]
pub(super) struct Head(Mutex<Share>);

impl Head {
    pub(super) fn new(share: Share) -> Arc<Self> {
        Arc::new(Self(Mutex::new(share)))
    }

    /// The head is complete: from here on its request counts it.
    pub(super) fn hand_over(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Share> {
        // Nothing that is done under the lock can leave it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
pub(super) struct Stream {
    socket: TcpStream,
    activity: Arc<Activity>,
    head: Arc<Head>,
}

impl Stream {
    pub(super) fn new(socket: TcpStream, activity: Arc<Activity>, head: Arc<Head>) -> Self {
        Self {
            socket,
            activity,
            head,
        }
    }

    fn report_write(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &result {
            Poll::Ready(Ok(written_bytes)) => self.activity.wrote(*written_bytes),
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.activity.write_blocked(),
        }
        result
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let phase = self.activity.phase();
        let filled_before = buffer.filled().len();
        let result = Pin::new(&mut self.socket).poll_read(context, buffer);
        let read_bytes = buffer.filled().len() - filled_before;
        if read_bytes > 0 {
            // A body is counted by whoever reads it.
            if matches!(phase, Phase::Silent | Phase::Head | Phase::Idle) {
                self.head.lock().add(read_bytes);
            }
            self.activity.read();
        } else if result.is_pending() {
            self.activity.read_blocked();
        }
        result
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.socket).poll_write(context, bytes);
        self.report_write(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.socket).poll_write_vectored(context, slices);
        self.report_write(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(context)
    }

    /// Closes our side and, where the client may still be sending, reads on until it has closed its
    /// own: a socket that is closed over unread bytes sends a reset, and that takes away the answer
    /// the client has not read yet (RFC 9112, section 9.6). [`Activity::end_linger`] ends it.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.activity.phase() != Phase::Lingering {
            ready!(Pin::new(&mut self.socket).poll_shutdown(context))?;
            if !self.activity.may_leave_unread() {
                return Poll::Ready(Ok(()));
            }
            self.activity.linger();
        }
        let mut space = [MaybeUninit::uninit(); DISCARD_BYTES];
        loop {
            if self.activity.is_linger_over() {
                return Poll::Ready(Ok(()));
            }
            let mut discarded = ReadBuf::uninit(&mut space);
            ready!(Pin::new(&mut self.socket).poll_read(context, &mut discarded))?;
            if discarded.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}
