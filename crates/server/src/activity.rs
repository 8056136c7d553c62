//! What one connection is doing, and since when: the state that the stream and the service report
//! to, and the watch that turns it into time-outs. It knows neither HTTP nor sockets.
//!
//! All of it is written inside one task. The atomics are there because that task may move between
//! threads, and because the accept loop has a look when it needs a place; so they need no ordering
//! and no locked instructions.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http_body::Body;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::limits::Limits;
use crate::stats::Cut;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Phase {
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

/// How readily a connection gives way to a new one; the first in this order goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Readiness {
    /// Nothing is lost.
    Idle,
    /// No request is complete.
    Starting,
    /// A request or an answer is under way, and its client is slow, or has sent more at a time than
    /// is worked on.
    Slow,
}

/// What a connection is doing, as its stream and its service report it.
///
/// The two counters are for the [`Watch`], which looks only now and then: in between, a connection
/// may have left a phase and come back to it, and that is not the same as having stayed.
#[derive(Debug)]
pub(crate) struct Activity {
    phase: AtomicU8,
    /// Counts the moments from which a phase's time is measured.
    turns: AtomicU32,
    /// When the latest of them was, in microseconds since `epoch`. The watch writes it, which knows
    /// the time.
    turn_began_micros: AtomicU64,
    epoch: Instant,
    /// Whether more of a request is wanted than the client has sent.
    read_blocked: AtomicBool,
    /// Whether bytes wait for the client to take them.
    write_blocked: AtomicBool,
    /// Counts the moments from which a stalled write's time is measured.
    write_turns: AtomicU32,
    written_bytes: AtomicU64,
    /// Whether the latest request announced a body.
    has_request_body: AtomicBool,
    /// Whether what the client still sends is not worth the wait.
    is_linger_over: AtomicBool,
    /// Whether the request waits until others are answered that were sent before their time, as it
    /// was.
    waits_its_turn: AtomicBool,
    /// Asks the connection to give way to a new one.
    give_way: Notify,
}

impl Activity {
    /// Of a connection accepted now. All that are to be compared have the same `epoch`.
    pub(crate) fn new(epoch: Instant) -> Self {
        let activity = Self {
            phase: AtomicU8::new(Phase::Silent as u8),
            turns: AtomicU32::new(0),
            turn_began_micros: AtomicU64::new(0),
            epoch,
            read_blocked: AtomicBool::new(false),
            write_blocked: AtomicBool::new(false),
            write_turns: AtomicU32::new(0),
            written_bytes: AtomicU64::new(0),
            has_request_body: AtomicBool::new(false),
            is_linger_over: AtomicBool::new(false),
            waits_its_turn: AtomicBool::new(false),
            give_way: Notify::new(),
        };
        activity.set_turn_began(Instant::now());
        activity
    }

    pub(crate) fn phase(&self) -> Phase {
        Phase::ALL[usize::from(self.phase.load(Relaxed))]
    }

    fn set_turn_began(&self, began: Instant) {
        let micros = began.duration_since(self.epoch).as_micros();
        let micros = u64::try_from(micros).unwrap_or(u64::MAX);
        self.turn_began_micros.store(micros, Relaxed);
    }

    /// Whether, and how readily, the connection gives way to a new one: among those that are as
    /// ready, the one that has been so for the longest goes first.
    pub(crate) fn readiness(&self, now: Instant, patience: Duration) -> Option<(Readiness, u64)> {
        let began = self.turn_began_micros.load(Relaxed);
        let write_blocked = self.write_blocked.load(Relaxed);
        let readiness = match self.phase() {
            Phase::Idle | Phase::Lingering if !write_blocked => Readiness::Idle,
            Phase::Silent | Phase::Head => Readiness::Starting,
            _ => {
                let is_waiting = write_blocked
                    || self.read_blocked.load(Relaxed)
                    || self.waits_its_turn.load(Relaxed);
                let age = now.duration_since(self.epoch + Duration::from_micros(began));
                if !is_waiting || age < patience {
                    return None;
                }
                Readiness::Slow
            }
        };
        Some((readiness, began))
    }

    pub(crate) fn ask_to_give_way(&self) {
        self.give_way.notify_one();
    }

    pub(crate) async fn asked_to_give_way(&self) {
        self.give_way.notified().await;
    }

    /// Bytes have arrived.
    pub(crate) fn read(&self) {
        self.read_blocked.store(false, Relaxed);
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

    /// A read has found nothing.
    pub(crate) fn read_blocked(&self) {
        self.read_blocked.store(true, Relaxed);
    }

    /// A write has got `written_bytes` through.
    pub(crate) fn wrote(&self, written_bytes: usize) {
        self.write_blocked.store(false, Relaxed);
        if written_bytes > 0 {
            count(&self.write_turns);
            let before = self.written_bytes.load(Relaxed);
            let written_bytes = u64::try_from(written_bytes).unwrap_or(u64::MAX);
            let after = before.wrapping_add(written_bytes);
            self.written_bytes.store(after, Relaxed);
        }
    }

    /// A write has found no room.
    pub(crate) fn write_blocked(&self) {
        if !self.write_blocked.load(Relaxed) {
            self.write_blocked.store(true, Relaxed);
            count(&self.write_turns);
        }
    }

    /// Has the request wait for its turn. The connection may be asked to give way meanwhile.
    pub(crate) async fn wait_for<T>(&self, turn: impl Future<Output = T>) -> T {
        self.waits_its_turn.store(true, Relaxed);
        let turn = turn.await;
        self.waits_its_turn.store(false, Relaxed);
        turn
    }

    /// Whether the client may be sending something that nobody will read: the rest of a body, or of
    /// a head that was refused. To close the socket on that would make the system throw away the
    /// answer with it.
    pub(crate) fn may_leave_unread(&self) -> bool {
        self.phase() == Phase::Head || self.has_request_body.load(Relaxed)
    }

    pub(crate) fn linger(&self) {
        self.enter(Phase::Lingering);
    }

    pub(crate) fn end_linger(&self) {
        self.is_linger_over.store(true, Relaxed);
    }

    pub(crate) fn is_linger_over(&self) -> bool {
        self.is_linger_over.load(Relaxed)
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
pub(crate) struct RequestGuard {
    activity: Arc<Activity>,
    turn: u32,
}

impl RequestGuard {
    pub(crate) fn new(activity: &Arc<Activity>, request_body: &impl Body) -> Self {
        activity
            .has_request_body
            .store(!request_body.is_end_stream(), Relaxed);
        activity.read_blocked.store(false, Relaxed);
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
pub(crate) struct Watch {
    activity: Arc<Activity>,
    limits: Limits,
    turns: u32,
    turn_began: Instant,
    write_turns: u32,
    write_turn_began: Instant,
    reading: Reading,
    /// Until when a connection that has sent nothing yet may go on so.
    silent_until: Instant,
    timer: Pin<Box<Sleep>>,
}

/// How a client takes its answer.
#[derive(Debug)]
struct Reading {
    /// How long bytes have waited for it, in all.
    waited: Duration,
    looked: Instant,
    was_blocked: bool,
    /// What had been written before it first kept us waiting. Until then the system's buffers took
    /// the bytes, which says nothing about the client.
    written_before: u64,
}

impl Watch {
    pub(crate) fn new(activity: Arc<Activity>, limits: Limits) -> Self {
        let now = Instant::now();
        Self {
            turns: activity.turns.load(Relaxed),
            turn_began: now,
            write_turns: activity.write_turns.load(Relaxed),
            write_turn_began: now,
            reading: Reading {
                waited: Duration::ZERO,
                looked: now,
                was_blocked: false,
                written_before: 0,
            },
            silent_until: now + limits.header_read_timeout,
            timer: Box::pin(sleep_until(now + limits.header_read_timeout)),
            activity,
            limits,
        }
    }

    /// Gives a connection that has sent nothing yet only so long to begin as a stopping server
    /// waits for it.
    pub(crate) fn expect_first_byte(&mut self) {
        let end = Instant::now() + self.limits.shutdown_silence;
        self.silent_until = self.silent_until.min(end);
    }

    /// Resolves, with the reason to end it, when the connection has taken too long. Must be polled
    /// after each poll of the connection.
    pub(crate) async fn overdue(&mut self) -> Cut {
        poll_fn(|context| self.poll_overdue(context)).await
    }

    fn poll_overdue(&mut self, context: &mut Context<'_>) -> Poll<Cut> {
        let mut now = Instant::now();
        let Some((deadline, cut)) = self.deadline(now) else {
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
        Poll::Ready(cut)
    }

    /// When the connection, as it is `now`, is overdue, and what it is then.
    fn deadline(&mut self, now: Instant) -> Option<(Instant, Cut)> {
        let phase = self.activity.phase();
        let turns = self.activity.turns.load(Relaxed);
        if self.turns != turns {
            self.turns = turns;
            self.turn_began = now;
            self.activity.set_turn_began(now);
            if phase == Phase::Handling {
                self.reading.waited = Duration::ZERO;
                self.reading.was_blocked = false;
            }
        }
        let write_turns = self.activity.write_turns.load(Relaxed);
        if self.write_turns != write_turns {
            self.write_turns = write_turns;
            self.write_turn_began = now;
        }
        let write_deadline = self.write_deadline(now);

        let read_deadline = match phase {
            Phase::Silent => Some((self.silent_until, Cut::HeaderTimeout)),
            Phase::Head => {
                let deadline = self.turn_began + self.limits.header_read_timeout;
                Some((deadline, Cut::HeaderTimeout))
            }
            Phase::Handling => None,
            // The answer's end is produced, but a slow client is still taking it.
            Phase::Idle if write_deadline.is_some() => None,
            Phase::Idle => {
                let quiet_since = self.turn_began.max(self.write_turn_began);
                Some((quiet_since + self.limits.idle_timeout, Cut::IdleTimeout))
            }
            Phase::Lingering => {
                let deadline = self.turn_began + self.limits.linger_timeout;
                Some((deadline, Cut::LingerTimeout))
            }
        };
        let deadlines = read_deadline.into_iter().chain(write_deadline);
        deadlines.min_by_key(|(deadline, _)| *deadline)
    }

    /// When a client that keeps bytes waiting has taken too long; `None` when it does not.
    fn write_deadline(&mut self, now: Instant) -> Option<(Instant, Cut)> {
        let reading = &mut self.reading;
        let is_blocked = self.activity.write_blocked.load(Relaxed);
        let written = self.activity.written_bytes.load(Relaxed);
        if reading.was_blocked {
            reading.waited += now.duration_since(reading.looked);
        } else if reading.waited.is_zero() {
            reading.written_before = written;
        }
        reading.looked = now;
        reading.was_blocked = is_blocked;
        if !is_blocked {
            return None;
        }
        let moved_bytes = written.wrapping_sub(reading.written_before);
        let patience = self.limits.patience(moved_bytes);
        let too_slow = now + patience.saturating_sub(reading.waited);
        let stalled = self.write_turn_began + self.limits.write_stall_timeout;
        Some((too_slow.min(stalled), Cut::SlowReader))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::Empty;

    use super::*;

    const LIMITS: Limits = Limits::production();

    /// A watch, what it watches, and the time it began.
    fn watch() -> (Watch, Arc<Activity>, Instant) {
        watch_with(LIMITS)
    }

    fn watch_with(limits: Limits) -> (Watch, Arc<Activity>, Instant) {
        let activity = Arc::new(Activity::new(Instant::now()));
        let watch = Watch::new(Arc::clone(&activity), limits);
        let start = watch.turn_began;
        (watch, activity, start)
    }

    fn begin_request(activity: &Arc<Activity>) -> RequestGuard {
        RequestGuard::new(activity, &Empty::<&[u8]>::new())
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn head_by(time: Instant) -> (Instant, Cut) {
        (time + LIMITS.header_read_timeout, Cut::HeaderTimeout)
    }

    fn idle_until(time: Instant) -> (Instant, Cut) {
        (time + LIMITS.idle_timeout, Cut::IdleTimeout)
    }

    fn stalled_at(time: Instant) -> (Instant, Cut) {
        (time + LIMITS.write_stall_timeout, Cut::SlowReader)
    }

    #[tokio::test]
    async fn the_first_head_has_its_time_from_the_accept() {
        let (mut watch, activity, start) = watch();
        assert_eq!(watch.deadline(start), Some(head_by(start)));

        activity.read();

        let deadline = watch.deadline(start + seconds(9));
        assert_eq!(deadline, Some(head_by(start)));
    }

    #[tokio::test]
    async fn a_next_head_has_its_time_from_its_first_byte() {
        let (mut watch, activity, start) = watch();
        drop(begin_request(&activity));
        assert_eq!(watch.deadline(start), Some(idle_until(start)));

        activity.read();
        let first_byte = start + seconds(70);
        assert_eq!(watch.deadline(first_byte), Some(head_by(first_byte)));

        activity.read();
        let deadline = watch.deadline(first_byte + seconds(1));
        assert_eq!(deadline, Some(head_by(first_byte)));
    }

    #[tokio::test]
    async fn a_request_come_and_gone_between_two_looks_begins_the_idle_time_anew() {
        let (mut watch, activity, start) = watch();
        drop(begin_request(&activity));
        watch.deadline(start);

        activity.read();
        drop(begin_request(&activity));

        let later = start + seconds(60);
        assert_eq!(watch.deadline(later), Some(idle_until(later)));
    }

    #[tokio::test]
    async fn the_end_of_an_earlier_answer_does_not_end_the_request_that_has_begun() {
        let (mut watch, activity, start) = watch();
        let earlier = begin_request(&activity);
        let later = begin_request(&activity);

        drop(earlier);
        assert_eq!(watch.deadline(start), None);
        drop(later);
        assert_eq!(watch.deadline(start), Some(idle_until(start)));
    }

    #[tokio::test]
    async fn a_stalled_write_has_its_time_from_the_last_progress() {
        let (mut watch, activity, start) = watch_with(Limits {
            slow_grace: seconds(1000),
            ..LIMITS
        });
        let guard = begin_request(&activity);
        watch.deadline(start);

        // Blocked from the outset, a minute after the last write.
        let blocked = start + seconds(60);
        activity.write_blocked();
        assert_eq!(watch.deadline(blocked), Some(stalled_at(blocked)));
        activity.write_blocked();
        let deadline = watch.deadline(blocked + seconds(20));
        assert_eq!(deadline, Some(stalled_at(blocked)));

        // Some of it goes through, and the rest does not.
        let progress = blocked + seconds(25);
        activity.wrote(1);
        activity.write_blocked();
        assert_eq!(watch.deadline(progress), Some(stalled_at(progress)));

        // The body is over, but not out: no idle time yet.
        drop(guard);
        let deadline = watch.deadline(progress + seconds(1));
        assert_eq!(deadline, Some(stalled_at(progress)));

        let out = progress + seconds(20);
        activity.wrote(1);
        assert_eq!(watch.deadline(out), Some(idle_until(out)));
    }

    #[tokio::test]
    async fn a_reader_that_takes_a_little_now_and_then_has_to_be_fast_enough_on_average() {
        let (mut watch, activity, start) = watch();
        let _guard = begin_request(&activity);
        // The system's buffers take what they can, which buys nothing.
        activity.wrote(1 << 20);
        activity.write_blocked();
        assert_eq!(watch.deadline(start), Some(stalled_at(start)));

        // As much as 5 seconds are worth, after 20 seconds.
        let bought = usize::try_from(5 * LIMITS.min_bytes_per_second).unwrap();
        let progress = start + seconds(20);
        activity.wrote(bought);
        activity.write_blocked();
        let end = start + LIMITS.slow_grace + seconds(5);
        assert_eq!(watch.deadline(progress), Some((end, Cut::SlowReader)));

        // A single byte does not move the end.
        activity.wrote(1);
        activity.write_blocked();
        let deadline = watch.deadline(progress + seconds(10));
        assert_eq!(deadline, Some((end, Cut::SlowReader)));

        // Nor does the time count in which nothing waited for the client.
        activity.wrote(1);
        assert_eq!(watch.deadline(progress + seconds(12)), None);
        let again = progress + seconds(60);
        activity.write_blocked();
        let deadline = watch.deadline(again);
        let end = again + LIMITS.slow_grace + seconds(5) - seconds(32);
        assert_eq!(deadline, Some((end, Cut::SlowReader)));
    }

    #[tokio::test]
    async fn each_answer_is_a_new_start_for_a_slow_reader() {
        let (mut watch, activity, start) = watch();
        let first = begin_request(&activity);
        activity.write_blocked();
        watch.deadline(start);
        let late = start + seconds(29);
        activity.wrote(1);
        watch.deadline(late);
        drop(first);

        let _second = begin_request(&activity);
        activity.write_blocked();
        assert_eq!(watch.deadline(late), Some(stalled_at(late)));
    }

    #[tokio::test]
    async fn a_connection_that_has_sent_nothing_may_be_given_less_time() {
        let (mut watch, activity, start) = watch();
        watch.expect_first_byte();
        let (deadline, cut) = watch.deadline(start).unwrap();
        assert!(
            deadline <= Instant::now() + LIMITS.shutdown_silence,
            "{deadline:?}"
        );
        assert_eq!(cut, Cut::HeaderTimeout);

        activity.read();
        assert_eq!(watch.deadline(start), Some(head_by(start)));
    }
}
