//! How reports reach the receiver: a bounded queue and a thread of their own, so that no request
//! ever waits. All that leaves is scrubbed here, the one way out. What cannot be sent is counted,
//! and said once.
//!
//! The SDK's own transport has no time limit, and tells nobody of its losses.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use sentry::protocol::Envelope;
use sentry::{Transport, TransportFactory, TransportOptions};
use serde_json::Value;
use ureq::Agent;

use super::limiter::Limiter;
use crate::scrub::Scrubber;

/// How many reports may wait. With the bounds on what a report holds this is some megabytes.
const QUEUE_LENGTH: usize = 100;
/// How long sending one report may take.
const SEND_LIMIT: Duration = Duration::from_secs(5);
/// How long to pause when the receiver asks for it and does not say how long.
const DEFAULT_PAUSE: Duration = Duration::from_mins(1);
/// How often it is logged that reports were held back.
const LOG_INTERVAL: Duration = Duration::from_mins(1);
/// How much of the receiver's answer is read.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// Makes the transport of a client.
pub(super) struct Factory {
    pub(super) limiter: Arc<Limiter>,
    pub(super) delivery: Arc<Delivery>,
    pub(super) scrubber: Scrubber,
}

/// What became of the reports.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    sent: AtomicU64,
    queue_full: AtomicU64,
    paused: AtomicU64,
    undeliverable: AtomicU64,
    waiting: AtomicUsize,
    /// The program is at its end: what still waits is given up.
    is_over: AtomicBool,
    /// Why the last report could not be sent; `None` once one could.
    failure: Mutex<Option<String>>,
}

/// How many reports there were, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Taken by the receiver.
    pub sent: u64,
    /// Over the bound of a minute or of a day, and not sent.
    pub held_back: u64,
    /// Not taken on because too many were waiting.
    pub queue_full: u64,
    /// Not sent because the receiver had asked for a pause.
    pub paused: u64,
    /// Sent in vain: the receiver could not be reached or refused them.
    pub undeliverable: u64,
}

impl Delivery {
    pub(super) fn counts(&self) -> Counts {
        Counts {
            sent: self.sent.load(Relaxed),
            held_back: 0,
            queue_full: self.queue_full.load(Relaxed),
            paused: self.paused.load(Relaxed),
            undeliverable: self.undeliverable.load(Relaxed),
        }
    }

    pub(super) fn last_failure(&self) -> Option<String> {
        self.failure().clone()
    }

    /// How many could not be sent, for whatever reason but the bound of our own.
    fn lost(&self) -> u64 {
        let counts = self.counts();
        counts.queue_full + counts.paused + counts.undeliverable
    }

    fn failure(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TransportFactory for Factory {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn Transport> {
        let (sender, receiver) = sync_channel(QUEUE_LENGTH);
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(SEND_LIMIT))
            .max_redirects(0)
            .build()
            .new_agent();
        let worker = Worker {
            agent,
            url: options.dsn.envelope_api_url().to_string(),
            authorization: options.dsn.to_auth(Some(&options.user_agent)).to_string(),
            scrubber: self.scrubber.clone(),
            limiter: Arc::clone(&self.limiter),
            delivery: Arc::clone(&self.delivery),
            paused_until: None,
            lost_before: None,
        };
        let started = thread::Builder::new()
            .name("sentry".to_owned())
            .spawn(move || worker.run(&receiver));
        if let Err(error) = started {
            tracing::warn!(%error, "no thread for reports to Sentry; none will be sent");
        }
        Arc::new(Queue {
            sender,
            delivery: Arc::clone(&self.delivery),
        })
    }
}

enum Task {
    Send(Box<Envelope>),
    /// Answered when everything before it is done.
    Flush(SyncSender<()>),
}

struct Queue {
    sender: SyncSender<Task>,
    delivery: Arc<Delivery>,
}

impl Transport for Queue {
    fn send_envelope(&self, envelope: Envelope) {
        self.delivery.waiting.fetch_add(1, Relaxed);
        if self
            .sender
            .try_send(Task::Send(Box::new(envelope)))
            .is_err()
        {
            self.delivery.waiting.fetch_sub(1, Relaxed);
            self.delivery.queue_full.fetch_add(1, Relaxed);
        }
    }

    fn flush(&self, timeout: Duration) -> bool {
        let end = Instant::now() + timeout;
        let (done, is_done) = sync_channel(1);
        let mut task = Task::Flush(done);
        // The queue may be full, and a channel of the standard library cannot wait for room with
        // a limit of time.
        while let Err(error) = self.sender.try_send(task) {
            let TrySendError::Full(returned) = error else {
                return false;
            };
            if Instant::now() >= end {
                return false;
            }
            task = returned;
            thread::sleep(Duration::from_millis(5));
        }
        is_done
            .recv_timeout(end.saturating_duration_since(Instant::now()))
            .is_ok()
    }

    fn shutdown(&self, timeout: Duration) -> bool {
        let is_flushed = self.flush(timeout);
        self.delivery.is_over.store(true, Relaxed);
        let waiting = self.delivery.waiting.load(Relaxed);
        if !is_flushed && waiting > 0 {
            tracing::warn!(
                reports = waiting,
                "reports to Sentry could not be sent before the end"
            );
        }
        is_flushed
    }
}

struct Worker {
    agent: Agent,
    url: String,
    authorization: String,
    scrubber: Scrubber,
    limiter: Arc<Limiter>,
    delivery: Arc<Delivery>,
    /// Until when the receiver wants nothing.
    paused_until: Option<Instant>,
    /// How many had been lost when sending began to fail; `None` while it works.
    lost_before: Option<u64>,
}

impl Worker {
    fn run(mut self, receiver: &Receiver<Task>) {
        let mut next_log = Instant::now() + LOG_INTERVAL;
        loop {
            let task = receiver.recv_timeout(next_log.saturating_duration_since(Instant::now()));
            if Instant::now() >= next_log {
                self.log_held_back();
                next_log = Instant::now() + LOG_INTERVAL;
            }
            match task {
                Ok(Task::Send(envelope)) => {
                    if !self.delivery.is_over.load(Relaxed) {
                        self.deliver(&envelope);
                    }
                    self.delivery.waiting.fetch_sub(1, Relaxed);
                }
                Ok(Task::Flush(done)) => {
                    // Nobody may be waiting any longer.
                    let _ = done.send(());
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn log_held_back(&self) {
        let held_back = self.limiter.held_back_since_last_asked();
        if held_back > 0 {
            tracing::warn!(
                reports = held_back,
                "reports to Sentry were held back: too many in a minute, or 404s in a day"
            );
        }
    }

    fn deliver(&mut self, envelope: &Envelope) {
        if self.paused_until.is_some_and(|end| Instant::now() < end) {
            self.delivery.paused.fetch_add(1, Relaxed);
            return;
        }
        match self.send(envelope) {
            Ok(()) => {
                self.delivery.sent.fetch_add(1, Relaxed);
                self.recover();
            }
            Err(failure) => {
                self.delivery.undeliverable.fetch_add(1, Relaxed);
                self.fail(failure);
            }
        }
    }

    /// Said once, however many follow.
    fn fail(&mut self, failure: String) {
        if self.lost_before.is_none() {
            self.lost_before = Some(self.delivery.lost().saturating_sub(1));
            tracing::warn!(
                error.cause = failure,
                "a report could not be sent to Sentry; those that follow are counted"
            );
        }
        *self.delivery.failure() = Some(failure);
    }

    fn recover(&mut self) {
        if let Some(before) = self.lost_before.take() {
            let lost = self.delivery.lost() - before;
            tracing::info!(reports = lost, "reports reach Sentry again; some were lost");
            *self.delivery.failure() = None;
        }
    }

    fn send(&mut self, envelope: &Envelope) -> Result<(), String> {
        let body = self.scrubbed(envelope)?;
        let sent = self
            .agent
            .post(&self.url)
            .header("X-Sentry-Auth", &self.authorization)
            .header("Content-Type", "application/x-sentry-envelope")
            .send(&body[..]);
        let mut response =
            sent.map_err(|error| self.scrubber.text(&error.to_string()).into_owned())?;
        let status = response.status();
        let header = |name: &str| response.headers().get(name)?.to_str().ok();
        let pause = pause(
            status.as_u16(),
            header("x-sentry-rate-limits"),
            header("retry-after"),
        );
        if let Some(pause) = pause {
            self.paused_until = Some(Instant::now() + pause);
        }
        // Read to its end, so that the connection serves again.
        let answer = response.body_mut().with_config().limit(MAX_ANSWER_BYTES);
        let _ = answer.read_to_vec();
        if status.is_success() {
            Ok(())
        } else {
            Err(format!("the receiver answered {status}"))
        }
    }

    /// The envelope as it is sent: a line for the envelope, then two for each item, of which the
    /// second is JSON and tells its length in the first.
    fn scrubbed(&self, envelope: &Envelope) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        envelope
            .to_writer(&mut bytes)
            .map_err(|error| error.to_string())?;
        let mut scrubbed = Vec::with_capacity(bytes.len());
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let mut push = |line: &[u8]| {
            scrubbed.extend_from_slice(line);
            scrubbed.push(b'\n');
        };
        push(lines.next().unwrap_or_default());
        while let (Some(head), Some(item)) = (lines.next(), lines.next()) {
            let mut head: Value =
                serde_json::from_slice(head).map_err(|error| error.to_string())?;
            let mut item: Value =
                serde_json::from_slice(item).map_err(|error| error.to_string())?;
            self.scrubber.json(&mut item);
            let item = item.to_string();
            head["length"] = item.len().into();
            push(head.to_string().as_bytes());
            push(item.as_bytes());
        }
        Ok(scrubbed)
    }
}

/// How long the receiver wants nothing, by its headers: `60:error;transaction:organization, …`,
/// where no category means all, or the seconds of `Retry-After`. A pause for something else than
/// errors and transactions is none.
fn pause(status: u16, limits: Option<&str>, retry_after: Option<&str>) -> Option<Duration> {
    if let Some(limits) = limits {
        let pauses = limits.split(',').filter_map(|limit| {
            let mut parts = limit.trim().split(':');
            let seconds: f64 = parts.next()?.trim().parse().ok()?;
            let categories = parts.next().unwrap_or("");
            let is_ours = categories.is_empty()
                || categories
                    .split(';')
                    .any(|category| matches!(category, "default" | "error" | "transaction"));
            (is_ours && seconds > 0.0).then(|| Duration::try_from_secs_f64(seconds).ok())?
        });
        return pauses.max();
    }
    let seconds = retry_after.and_then(|seconds| seconds.trim().parse().ok());
    match seconds {
        Some(seconds) => Some(Duration::from_secs(seconds)),
        None if status == 429 => Some(DEFAULT_PAUSE),
        None => None,
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Queue").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receiver_says_how_long_to_pause() {
        let seconds = |number| Some(Duration::from_secs(number));
        assert_eq!(pause(200, None, None), None);
        assert_eq!(pause(429, None, None), seconds(60));
        assert_eq!(pause(429, None, Some("7")), seconds(7));
        assert_eq!(pause(503, None, Some("8")), seconds(8));
        assert_eq!(
            pause(429, None, Some("Wed, 21 Oct 2026 07:28:00 GMT")),
            seconds(60)
        );
        assert_eq!(pause(200, Some("60:error:organization"), None), seconds(60));
        assert_eq!(pause(200, Some("9::key, 5:error"), Some("1")), seconds(9));
        assert_eq!(pause(429, Some("60:session:organization"), None), None);
        assert_eq!(pause(429, Some("x:error, -1:error"), None), None);
    }
}
