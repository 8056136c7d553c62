//! The transport of reports: the SDK's queue and thread, so that no request waits for it. Every
//! report is scrubbed here, since all of them pass. Reports that cannot be sent are counted, and
//! logged once; the receiver gets their number by the SDK's client reports.

use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use http::StatusCode;
use sentry::client_report::{Reason, Recorder};
use sentry::protocol::Envelope;
use sentry::transports::{
    RateLimiter, RateLimitingCategory, StdTransportThread, StdTransportThreadOptions,
};
use sentry::{Transport, TransportFactory, TransportOptions};
use serde_json::Value;
use ureq::Agent;

use crate::scrub::Scrubber;

/// How many reports may wait, the one that is being sent among them. Reports are limited in length,
/// so that this is some megabytes.
const QUEUE_LENGTH: usize = 100;
/// Further places in the SDK's queue. A flush takes one, and would wait for it if the queue were
/// full.
const ROOM_TO_FLUSH: usize = 28;
/// How long sending one report may take.
const SEND_LIMIT: Duration = Duration::from_secs(5);
/// The most bytes of the receiver's answer that are read.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// Makes the transport of a client.
pub(super) struct Factory {
    pub(super) delivery: Arc<Delivery>,
    pub(super) scrubber: Scrubber,
}

/// The state of the delivery: what became of the reports.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    sent: AtomicU64,
    queue_full: AtomicU64,
    paused: AtomicU64,
    undeliverable: AtomicU64,
    waiting: AtomicUsize,
    /// Why the last report could not be sent; `None` if it could.
    failure: Mutex<Option<String>>,
}

/// How many reports there were, by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Taken by the receiver.
    pub sent: u64,
    /// Over the limit of a minute or of a day, and not sent.
    pub held_back: u64,
    /// Not taken on because too many were waiting.
    pub queue_full: u64,
    /// Not sent because the receiver had asked for a pause.
    pub paused: u64,
    /// Not delivered: the receiver could not be reached or refused them.
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

    /// How many reports could not be sent, those over our own limits not included.
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
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(SEND_LIMIT))
            .max_redirects(0)
            .build()
            .new_agent();
        let recorder = options.client_report_recorder;
        let mut sender = Sender {
            agent,
            url: options.dsn.envelope_api_url().to_string(),
            authorization: options.dsn.to_auth(Some(&options.user_agent)).to_string(),
            scrubber: self.scrubber.clone(),
            recorder: recorder.clone(),
            delivery: Arc::clone(&self.delivery),
            limits: RateLimiter::new(),
            lost_before: None,
        };
        // `Sender` checks the receiver's rate limits itself: the SDK's thread would drop reports
        // without telling us.
        let thread = StdTransportThreadOptions::new(move |envelope, _: &mut _| {
            sender.deliver(&envelope);
        })
        .with_client_report_recorder(recorder.clone())
        .with_channel_capacity(QUEUE_LENGTH + ROOM_TO_FLUSH)
        .spawn_thread();
        Arc::new(Queue {
            thread: Some(thread),
            recorder,
            delivery: Arc::clone(&self.delivery),
        })
    }
}

struct Queue {
    /// `None` only after the drop.
    thread: Option<StdTransportThread>,
    recorder: Recorder,
    delivery: Arc<Delivery>,
}

impl Transport for Queue {
    fn send_envelope(&self, envelope: Envelope) {
        // Waiting reports are counted here, since the SDK does not tell which ones its queue had no
        // room for.
        if self.delivery.waiting.fetch_add(1, Relaxed) >= QUEUE_LENGTH {
            self.delivery.waiting.fetch_sub(1, Relaxed);
            self.delivery.queue_full.fetch_add(1, Relaxed);
            let reason = Reason::QueueOverflow;
            self.recorder.record_lost_data(&envelope, reason);
        } else if let Some(thread) = &self.thread {
            thread.send(envelope);
        }
    }

    fn flush(&self, timeout: Duration) -> bool {
        let thread = self.thread.as_ref();
        thread.is_some_and(|thread| thread.flush(timeout))
    }

    fn shutdown(&self, timeout: Duration) -> bool {
        let is_flushed = self.flush(timeout);
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

impl Drop for Queue {
    /// Ends the thread, which sends no more reports. The SDK would wait for the one that is being
    /// sent; another thread does that, so that the end of the program does not.
    fn drop(&mut self) {
        let thread = self.thread.take();
        let waiter = thread::Builder::new().spawn(move || drop(thread));
        drop(waiter);
    }
}

/// Sends reports, on the SDK's thread.
struct Sender {
    agent: Agent,
    url: String,
    authorization: String,
    scrubber: Scrubber,
    recorder: Recorder,
    delivery: Arc<Delivery>,
    /// The categories that the receiver has paused, and until when.
    limits: RateLimiter,
    /// How many reports had been lost when sending began to fail; `None` while it works.
    lost_before: Option<u64>,
}

/// Why a report could not be sent.
struct SendFailure {
    cause: String,
    /// The reason in the client report. `None` if the receiver itself has refused the report.
    reason: Option<Reason>,
}

impl Sender {
    fn deliver(&mut self, envelope: &Envelope) {
        let category = match envelope.event() {
            Some(_) => RateLimitingCategory::Error,
            None => RateLimitingCategory::Transaction,
        };
        let reason = if self.limits.is_disabled(category).is_some() {
            self.delivery.paused.fetch_add(1, Relaxed);
            Some(Reason::RatelimitBackoff)
        } else {
            match self.send(envelope) {
                Ok(()) => {
                    self.delivery.sent.fetch_add(1, Relaxed);
                    self.recover();
                    None
                }
                Err(SendFailure { cause, reason }) => {
                    self.delivery.undeliverable.fetch_add(1, Relaxed);
                    self.fail(cause);
                    reason
                }
            }
        };
        if let Some(reason) = reason {
            self.recorder.record_lost_data(envelope, reason);
        }
        self.delivery.waiting.fetch_sub(1, Relaxed);
    }

    /// Logs a failure, unless the one before it was logged.
    fn fail(&mut self, cause: String) {
        if self.lost_before.is_none() {
            self.lost_before = Some(self.delivery.lost().saturating_sub(1));
            tracing::warn!(
                error.cause = cause,
                "a report could not be sent to Sentry; those that follow are counted"
            );
        }
        *self.delivery.failure() = Some(cause);
    }

    fn recover(&mut self) {
        if let Some(before) = self.lost_before.take() {
            let lost = self.delivery.lost() - before;
            tracing::info!(reports = lost, "reports reach Sentry again; some were lost");
            *self.delivery.failure() = None;
        }
    }

    fn send(&mut self, envelope: &Envelope) -> Result<(), SendFailure> {
        let body = self.scrubbed(envelope).map_err(|error| SendFailure {
            cause: error.to_string(),
            reason: Some(Reason::InternalError),
        })?;
        let sent = self
            .agent
            .post(&self.url)
            .header("X-Sentry-Auth", &self.authorization)
            .header("Content-Type", "application/x-sentry-envelope")
            .send(&body[..]);
        let mut response = sent.map_err(|error| SendFailure {
            cause: self.scrubber.text(&error.to_string()).into_owned(),
            reason: Some(Reason::NetworkError),
        })?;
        let status = response.status();
        let header = |name: &str| response.headers().get(name)?.to_str().ok();
        if let Some(limits) = header("x-sentry-rate-limits") {
            self.limits.update_from_sentry_header(limits);
        } else if let Some(retry_after) = header("retry-after") {
            self.limits.update_from_retry_after(retry_after);
        } else if status == StatusCode::TOO_MANY_REQUESTS {
            self.limits.update_from_429();
        }
        // The answer is read to its end, so that the connection can be reused.
        let answer = response.body_mut().with_config().limit(MAX_ANSWER_BYTES);
        let _ = answer.read_to_vec();
        if status.is_success() {
            return Ok(());
        }
        let is_refused = status == StatusCode::TOO_MANY_REQUESTS;
        Err(SendFailure {
            cause: format!("the receiver answered {status}"),
            reason: (!is_refused).then_some(Reason::SendError),
        })
    }

    /// The bytes of a scrubbed envelope. It is a line for the envelope, then two for each item: the
    /// first holds the length of the second, which is JSON.
    fn scrubbed(&self, envelope: &Envelope) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        envelope.to_writer(&mut bytes)?;
        let mut scrubbed = Vec::with_capacity(bytes.len());
        let mut lines = bytes.split(|byte| *byte == b'\n');
        let mut push = |line: &[u8]| {
            scrubbed.extend_from_slice(line);
            scrubbed.push(b'\n');
        };
        push(lines.next().unwrap_or_default());
        while let (Some(head), Some(item)) = (lines.next(), lines.next()) {
            let mut head: Value = serde_json::from_slice(head)?;
            let mut item: Value = serde_json::from_slice(item)?;
            self.scrubber.json(&mut item);
            let item = item.to_string();
            head["length"] = item.len().into();
            push(head.to_string().as_bytes());
            push(item.as_bytes());
        }
        Ok(scrubbed)
    }
}
