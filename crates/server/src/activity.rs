//! What one connection is doing, and since when: the state that the stream and the service report
//! to, and the watch that makes time-outs of it. It knows neither HTTP nor sockets.
//!
//! Only the connection's own task writes the state. The fields are atomic because that task may move
//! between threads, and because the accept loop reads them when it needs a place. So relaxed loads and
//! stores are enough.

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
    /// Our side is closed; what the client still sends is discarded.
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

/// How readily a connection gives way to a new one. The first of this order is closed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Readiness {
    /// No request is under way: nothing is lost.
    Idle,
    /// No request has arrived completely.
    Starting,
    /// A request or an answer is under way, and waits for a slow client or for its turn.
    Slow,
}

/// What a connection is doing, as its stream and its service report it.
///
/// The two counters of starts are for the [`Watch`], which looks only now and then. In between, a
/// connection may have left a phase and come back to it, which the phase alone would not show.
#[derive(Debug)]
pub(crate) struct Activity {
    phase: AtomicU8,
    /// Counts the starts of phases whose time is measured.
    phase_starts: AtomicU32,
    /// When the latest was, in microseconds since `epoch`. The watch writes it, since only it reads the
    /// clock.
    phase_began_micros: AtomicU64,
    epoch: Instant,
    /// Whether more of a request is wanted than the client has sent.
    read_blocked: AtomicBool,
    /// Whether bytes wait for the client to take them.
    write_blocked: AtomicBool,
    /// Counts the starts of waits for the client to read: the first blocked write, and each progress.
    write_starts: AtomicU32,
    written_bytes: AtomicU64,
    /// Whether the latest request announced a body.
    has_request_body: AtomicBool,
    /// Whether lingering ends now, whatever the client still sends.
    is_linger_over: AtomicBool,
    /// Whether a pipelined request waits for its turn.
    waits_its_turn: AtomicBool,
    /// Asks the connection to give way to a new one.
    give_way: Notify,
}

impl Activity {
    /// For a connection that is accepted now. Connections of one server share the `epoch`, so that their
    /// times can be compared.
    pub(crate) fn new(epoch: Instant) -> Self {
        let activity = Self {
            phase: AtomicU8::new(Phase::Silent as u8),
            phase_starts: AtomicU32::new(0),
            phase_began_micros: AtomicU64::new(0),
            epoch,
            read_blocked: AtomicBool::new(false),
            write_blocked: AtomicBool::new(false),
            write_starts: AtomicU32::new(0),
            written_bytes: AtomicU64::new(0),
            has_request_body: AtomicBool::new(false),
            is_linger_over: AtomicBool::new(false),
            waits_its_turn: AtomicBool::new(false),
            give_way: Notify::new(),
        };
        activity.set_phase_began(Instant::now());
        activity
    }

    pub(crate) fn phase(&self) -> Phase {
        Phase::ALL[usize::from(self.phase.load(Relaxed))]
    }

    fn set_phase_began(&self, began: Instant) {
        let micros = began.duration_since(self.epoch).as_micros();
        let micros = u64::try_from(micros).unwrap_or(u64::MAX);
        self.phase_began_micros.store(micros, Relaxed);
    }

    /// How readily the connection gives way to a new one, and since when; `None` if it does not. Among
    /// equally ready ones the earliest is closed first.
    pub(crate) fn readiness(&self, now: Instant, patience: Duration) -> Option<(Readiness, u64)> {
        let began = self.phase_began_micros.load(Relaxed);
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
            // Not counted as a start: the time for the first head runs from the accept.
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
            count(&self.write_starts);
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
            count(&self.write_starts);
        }
    }

    /// Waits for the request's turn. Meanwhile the connection may be asked to give way.
    pub(crate) async fn wait_for<T>(&self, turn: impl Future<Output = T>) -> T {
        self.waits_its_turn.store(true, Relaxed);
        let turn = turn.await;
        self.waits_its_turn.store(false, Relaxed);
        turn
    }

    /// Whether the client may be sending something that nobody will read: the rest of a body, or of a
    /// head that was refused. Closing the socket then would make the system send a reset, and the client
    /// would lose the answer.
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
        count(&self.phase_starts);
    }
}

fn count(counter: &AtomicU32) {
    counter.store(counter.load(Relaxed).wrapping_add(1), Relaxed);
}

/// Exists from the end of a request's head to the end of its answer.
#[derive(Debug)]
pub(crate) struct RequestGuard {
    activity: Arc<Activity>,
    phase_start: u32,
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
            phase_start: activity.phase_starts.load(Relaxed),
        }
    }
}

impl Drop for RequestGuard {
    fn drop(&mut self) {
        // Of pipelined requests, the next may have begun before this one's body was dropped.
        if self.activity.phase_starts.load(Relaxed) == self.phase_start {
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
    phase_starts: u32,
    phase_began: Instant,
    write_starts: u32,
    write_began: Instant,
    reading: Reading,
    /// Until when a connection that has sent nothing yet may go on so.
    silent_until: Instant,
    timer: Pin<Box<Sleep>>,
}

/// How fast a client reads its answer.
#[derive(Debug)]
struct Reading {
    /// How long bytes have waited for the client, in all.
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
            phase_starts: activity.phase_starts.load(Relaxed),
            phase_began: now,
            write_starts: activity.write_starts.load(Relaxed),
            write_began: now,
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
            // The timer may still be set. It then causes one idle poll.
            return Poll::Pending;
        };
        // Most deadlines move to a later time with each request. Resetting the timer each time would
        // cost more than an early wake-up, so it is only moved to an earlier time, or after it fired.
        if deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
        // The timer only wakes us; the clock decides. Once the task has used up its budget, tokio's
        // timer stays pending whatever the time is, and the connection of a client that sends without
        // pause always uses it up.
        while now < deadline {
            ready!(self.timer.as_mut().poll(context));
            self.timer.as_mut().reset(deadline);
            now = Instant::now();
        }
        Poll::Ready(cut)
    }

    /// When the connection, as it is `now`, will be overdue, and for which reason.
    fn deadline(&mut self, now: Instant) -> Option<(Instant, Cut)> {
        let phase = self.activity.phase();
        let phase_starts = self.activity.phase_starts.load(Relaxed);
        if self.phase_starts != phase_starts {
            self.phase_starts = phase_starts;
            self.phase_began = now;
            self.activity.set_phase_began(now);
            if phase == Phase::Handling {
                self.reading.waited = Duration::ZERO;
                self.reading.was_blocked = false;
            }
        }
        let write_starts = self.activity.write_starts.load(Relaxed);
        if self.write_starts != write_starts {
            self.write_starts = write_starts;
            self.write_began = now;
        }
        let write_deadline = self.write_deadline(now);

        let read_deadline = match phase {
            Phase::Silent => Some((self.silent_until, Cut::HeaderTimeout)),
            Phase::Head => {
                let deadline = self.phase_began + self.limits.header_read_timeout;
                Some((deadline, Cut::HeaderTimeout))
            }
            Phase::Handling => None,
            // The answer was produced to its end, but a slow client still reads it.
            Phase::Idle if write_deadline.is_some() => None,
            Phase::Idle => {
                let quiet_since = self.phase_began.max(self.write_began);
                Some((quiet_since + self.limits.idle_timeout, Cut::IdleTimeout))
            }
            Phase::Lingering => {
                let deadline = self.phase_began + self.limits.linger_timeout;
                Some((deadline, Cut::LingerTimeout))
            }
        };
        let deadlines = read_deadline.into_iter().chain(write_deadline);
        deadlines.min_by_key(|(deadline, _)| *deadline)
    }

    /// When a client that does not take its bytes is overdue; `None` if no bytes wait.
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
        let stalled = self.write_began + self.limits.write_stall_timeout;
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
        let start = watch.phase_began;
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
