//! What one connection is doing, and since when: the state that the stream and the service report
//! to, and the watch that turns it into time-outs. It knows neither HTTP nor sockets.
//!
//! All of it runs inside one task. The atomics are there only because that task may move between
//! threads, so they need no ordering and no locked instructions.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use http_body::Body;
use tokio::time::{Instant, Sleep, sleep_until};

use super::Limits;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Accepted; the client has sent nothing yet.
    Silent,
    /// A request's head is arriving.
    Head,
    /// The head is complete and the answer has not been produced to its end. There is no limit
    /// here: the application's own time-outs hold.
    Handling,
    /// Between two requests. The last bytes of the answer may still be on their way to the client.
    Idle,
    /// Our side is closed; what the client still sends is thrown away.
    Lingering,
}

impl Phase {
    const ALL: [Self; 5] = [
        Self::Silent,
        Self::Head,
        Self::Handling,
        Self::Idle,
        Self::Lingering,
    ];
}

/// What a connection is doing, as its stream and its service report it.
///
/// The two counters are for the [`Watch`], which looks only now and then: in between, a connection
/// may have left a phase and come back to it, and that is not the same as having stayed.
#[derive(Debug)]
pub(super) struct Activity {
    phase: AtomicU8,
    /// Counts the moments from which a phase's time is measured.
    turns: AtomicU32,
    /// Whether bytes wait for the client to take them.
    write_blocked: AtomicBool,
    /// Counts the moments from which a stalled write's time is measured.
    write_turns: AtomicU32,
    /// Whether the latest request announced a body.
    has_request_body: AtomicBool,
}

impl Default for Activity {
    fn default() -> Self {
        Self {
            phase: AtomicU8::new(Phase::Silent as u8),
            turns: AtomicU32::new(0),
            write_blocked: AtomicBool::new(false),
            write_turns: AtomicU32::new(0),
            has_request_body: AtomicBool::new(false),
        }
    }
}

impl Activity {
    pub(super) fn phase(&self) -> Phase {
        Phase::ALL[usize::from(self.phase.load(Relaxed))]
    }

    /// Bytes have arrived.
    pub(super) fn read(&self) {
        match self.phase() {
            // Not a new turn: the time for the first head runs from the accept.
            Phase::Silent => self.phase.store(Phase::Head as u8, Relaxed),
            // The first bytes of a next head. Those that arrived together with the previous request
            // are in hyper's buffer already and not seen here; such a head has its time measured
            // from its next byte, and has the idle time-out until then.
            Phase::Idle => self.enter(Phase::Head),
            Phase::Head | Phase::Handling | Phase::Lingering => {}
        }
    }

    /// A write has got `written_bytes` through.
    pub(super) fn wrote(&self, written_bytes: usize) {
        self.write_blocked.store(false, Relaxed);
        if written_bytes > 0 {
            count(&self.write_turns);
        }
    }

    /// A write has found no room.
    pub(super) fn write_blocked(&self) {
        if !self.write_blocked.load(Relaxed) {
            self.write_blocked.store(true, Relaxed);
            count(&self.write_turns);
        }
    }

    /// Whether the client may be sending something that nobody will read: the rest of a body, or of
    /// a head that was refused. To close the socket on that would make the system throw away the
    /// answer with it.
    pub(super) fn may_leave_unread(&self) -> bool {
        self.phase() == Phase::Head || self.has_request_body.load(Relaxed)
    }

    pub(super) fn linger(&self) {
        self.enter(Phase::Lingering);
    }

    fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Relaxed);
        count(&self.turns);
    }
}

fn count(counter: &AtomicU32) {
    counter.store(counter.load(Relaxed).wrapping_add(1), Relaxed);
}

/// Exists from the end of a request's head to the end of its answer.
#[derive(Debug)]
pub(super) struct RequestGuard {
    activity: Arc<Activity>,
    turn: u32,
}

impl RequestGuard {
    pub(super) fn new(activity: &Arc<Activity>, request_body: &impl Body) -> Self {
        activity
            .has_request_body
            .store(!request_body.is_end_stream(), Relaxed);
        activity.enter(Phase::Handling);
        Self {
            activity: Arc::clone(activity),
            turn: activity.turns.load(Relaxed),
        }
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        // Of pipelined requests, the next may have begun before this one's body was dropped.
        if self.activity.turns.load(Relaxed) == self.turn {
            self.activity.enter(Phase::Idle);
        }
    }
}

/// The clock of one connection.
///
/// It stands beside hyper's connection and not inside the stream's `poll_read`, because hyper does
/// not poll a read again when a connection falls idle and its last read was pending
/// (`Conn::maybe_notify`): a timer in there would never be set.
#[derive(Debug)]
pub(super) struct Watch {
    activity: Arc<Activity>,
    limits: Limits,
    turns: u32,
    turn_began: Instant,
    write_turns: u32,
    write_turn_began: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Watch {
    pub(super) fn new(activity: Arc<Activity>, limits: Limits) -> Self {
        let now = Instant::now();
        Self {
            turns: activity.turns.load(Relaxed),
            turn_began: now,
            write_turns: activity.write_turns.load(Relaxed),
            write_turn_began: now,
            timer: Box::pin(sleep_until(now + limits.header_read_timeout)),
            activity,
            limits,
        }
    }

    /// Resolves, with the phase it was in, when the connection has taken too long. Must be polled
    /// after each poll of the connection.
    pub(super) async fn overdue(&mut self) -> Phase {
        poll_fn(|context| self.poll_overdue(context)).await
    }

    fn poll_overdue(&mut self, context: &mut Context<'_>) -> Poll<Phase> {
        let mut now = Instant::now();
        let Some(deadline) = self.deadline(now) else {
            // The timer may still be set. Its ring is then one idle poll.
            return Poll::Pending;
        };
        // Most deadlines move on to a later time with each request, and the timer stays where it
        // was: only when it rings, or would ring too late, is it moved.
        if deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
        // The timer only wakes us; the clock decides. A timer is not even looked at once the task
        // has used up its budget, as the connection of a client that sends without pause always
        // has.
        while now < deadline {
            ready!(self.timer.as_mut().poll(context));
            self.timer.as_mut().reset(deadline);
            now = Instant::now();
        }
        Poll::Ready(self.activity.phase())
    }

    /// When the connection, as it is `now`, is overdue.
    fn deadline(&mut self, now: Instant) -> Option<Instant> {
        let turns = self.activity.turns.load(Relaxed);
        if self.turns != turns {
            self.turns = turns;
            self.turn_began = now;
        }
        let write_turns = self.activity.write_turns.load(Relaxed);
        if self.write_turns != write_turns {
            self.write_turns = write_turns;
            self.write_turn_began = now;
        }
        let write_blocked = self.activity.write_blocked.load(Relaxed);

        let read_deadline = match self.activity.phase() {
            Phase::Silent | Phase::Head => Some(self.turn_began + self.limits.header_read_timeout),
            Phase::Handling => None,
            // The answer's end is produced, but a slow client is still taking it.
            Phase::Idle if write_blocked => None,
            Phase::Idle => {
                Some(self.turn_began.max(self.write_turn_began) + self.limits.idle_timeout)
            }
            Phase::Lingering => Some(self.turn_began + self.limits.linger_timeout),
        };
        let write_deadline =
            write_blocked.then(|| self.write_turn_began + self.limits.write_stall_timeout);
        read_deadline.into_iter().chain(write_deadline).min()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::Empty;

    use super::*;

    const LIMITS: Limits = Limits::production();

    /// A watch, what it watches, and the time it began.
    fn watch() -> (Watch, Arc<Activity>, Instant) {
        let activity = Arc::<Activity>::default();
        let watch = Watch::new(Arc::clone(&activity), LIMITS);
        let start = watch.turn_began;
        (watch, activity, start)
    }

    fn begin_request(activity: &Arc<Activity>) -> RequestGuard {
        RequestGuard::new(activity, &Empty::<&[u8]>::new())
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[tokio::test]
    async fn the_first_head_has_its_time_from_the_accept() {
        let (mut watch, activity, start) = watch();
        assert_eq!(
            watch.deadline(start),
            Some(start + LIMITS.header_read_timeout)
        );

        activity.read();

        let deadline = watch.deadline(start + seconds(9));
        assert_eq!(deadline, Some(start + LIMITS.header_read_timeout));
    }

    #[tokio::test]
    async fn a_next_head_has_its_time_from_its_first_byte() {
        let (mut watch, activity, start) = watch();
        drop(begin_request(&activity));
        assert_eq!(watch.deadline(start), Some(start + LIMITS.idle_timeout));

        activity.read();
        let first_byte = start + seconds(70);
        assert_eq!(
            watch.deadline(first_byte),
            Some(first_byte + LIMITS.header_read_timeout)
        );

        activity.read();
        let deadline = watch.deadline(first_byte + seconds(1));
        assert_eq!(deadline, Some(first_byte + LIMITS.header_read_timeout));
    }

    #[tokio::test]
    async fn a_request_come_and_gone_between_two_looks_begins_the_idle_time_anew() {
        let (mut watch, activity, start) = watch();
        drop(begin_request(&activity));
        watch.deadline(start);

        activity.read();
        drop(begin_request(&activity));

        let later = start + seconds(60);
        assert_eq!(watch.deadline(later), Some(later + LIMITS.idle_timeout));
    }

    #[tokio::test]
    async fn the_end_of_an_earlier_answer_does_not_end_the_request_that_has_begun() {
        let (mut watch, activity, start) = watch();
        let earlier = begin_request(&activity);
        let later = begin_request(&activity);

        drop(earlier);
        assert_eq!(watch.deadline(start), None);
        drop(later);
        assert_eq!(watch.deadline(start), Some(start + LIMITS.idle_timeout));
    }

    #[tokio::test]
    async fn a_stalled_write_has_its_time_from_the_last_progress() {
        let (mut watch, activity, start) = watch();
        let guard = begin_request(&activity);
        watch.deadline(start);

        // Blocked from the outset, a minute after the last write.
        let blocked = start + seconds(60);
        activity.write_blocked();
        assert_eq!(
            watch.deadline(blocked),
            Some(blocked + LIMITS.write_stall_timeout)
        );
        activity.write_blocked();
        let deadline = watch.deadline(blocked + seconds(20));
        assert_eq!(deadline, Some(blocked + LIMITS.write_stall_timeout));

        // Some of it goes through, and the rest does not.
        let progress = blocked + seconds(25);
        activity.wrote(1);
        activity.write_blocked();
        assert_eq!(
            watch.deadline(progress),
            Some(progress + LIMITS.write_stall_timeout)
        );

        // The body is over, but not out: no idle time yet.
        drop(guard);
        let deadline = watch.deadline(progress + seconds(1));
        assert_eq!(deadline, Some(progress + LIMITS.write_stall_timeout));

        let out = progress + seconds(20);
        activity.wrote(1);
        assert_eq!(watch.deadline(out), Some(out + LIMITS.idle_timeout));
    }
}
