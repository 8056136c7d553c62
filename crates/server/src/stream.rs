//! The stream under hyper: a socket that reports its reads and writes to the connection's
//! [`Activity`], and that closes without losing an answer. It keeps no clock.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::activity::{Activity, Phase};
use crate::memory::Share;

/// How much is read and discarded at a time.
const DISCARD_BYTES: usize = 8192;

/// An estimate of the memory that a request takes beside its counted bytes, from its first byte to its
/// answer's last: hyper's buffers, and the futures of the application.
const BUFFERS_BYTES: usize = 24 * 1024;

/// The memory of a connection that belongs to no request yet: the bytes of a head, and the buffers.
#[derive(Debug)]
pub(crate) struct Head(Mutex<HeadState>);

#[derive(Debug)]
struct HeadState {
    share: Share,
    /// Whether anything has arrived since the last head was complete.
    is_begun: bool,
}

/// Exists as long as a request is being answered.
#[derive(Debug)]
pub(crate) struct AnswerGuard {
    head: Arc<Head>,
    /// Whether its head arrived together with the request before.
    pub(crate) is_pipelined: bool,
}

impl Head {
    pub(crate) fn new(share: Share) -> Arc<Self> {
        let is_begun = false;
        Arc::new(Self(Mutex::new(HeadState { share, is_begun })))
    }

    /// Called when a head is complete: from here on its request counts the head, and only the buffers are
    /// counted here.
    pub(crate) fn hand_over(self: &Arc<Self>) -> AnswerGuard {
        let mut head_state = self.lock();
        head_state.share.clear();
        head_state.share.add(BUFFERS_BYTES);
        let is_pipelined = !std::mem::take(&mut head_state.is_begun);
        drop(head_state);
        AnswerGuard {
            head: Arc::clone(self),
            is_pipelined,
        }
    }

    fn arrive(&self, bytes: usize) {
        let mut head_state = self.lock();
        if !head_state.is_begun {
            head_state.is_begun = true;
            head_state.share.add(BUFFERS_BYTES);
        }
        head_state.share.add(bytes);
    }

    fn lock(&self) -> MutexGuard<'_, HeadState> {
        // A poisoned lock is taken anyway: no code under it can panic between two related changes.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AnswerGuard {
    fn drop(&mut self) {
        self.head.lock().share.clear();
    }
}

#[derive(Debug)]
pub(crate) struct Stream {
    socket: TcpStream,
    activity: Arc<Activity>,
    head: Arc<Head>,
}

impl Stream {
    pub(crate) fn new(socket: TcpStream, activity: Arc<Activity>, head: Arc<Head>) -> Self {
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
            // The bytes of a body are counted by the layer that reads it.
            if matches!(phase, Phase::Silent | Phase::Head | Phase::Idle) {
                self.head.arrive(read_bytes);
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

    /// Closes our side. If the client may still be sending, reads on until it has closed its own: a socket
    /// that is closed with unread bytes sends a reset, and the client loses an answer that it has not
    /// read yet (RFC 9112, section 9.6). [`Activity::end_linger`] ends this.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.activity.phase() != Phase::Lingering {
            ready!(Pin::new(&mut self.socket).poll_shutdown(context))?;
            if !self.activity.may_leave_unread() {
                return Poll::Ready(Ok(()));
            }
            self.activity.linger();
            self.head.lock().share.add(BUFFERS_BYTES);
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
