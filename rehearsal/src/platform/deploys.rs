//! The deployments of the platform, with the names of Render's API.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The status of a deployment (api-docs.render.com/reference/retrieve-deploy).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Created,
    UpdateInProgress,
    Live,
    Deactivated,
    UpdateFailed,
    Canceled,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::UpdateInProgress => "update_in_progress",
            Self::Live => "live",
            Self::Deactivated => "deactivated",
            Self::UpdateFailed => "update_failed",
            Self::Canceled => "canceled",
        }
    }
}

#[derive(Debug)]
pub(super) struct Deploy {
    /// `dep-…`.
    pub(super) id: String,
    /// The image with its digest.
    pub(super) reference: String,
    pub(super) status: Status,
    trigger: &'static str,
    ordered: Instant,
    created_at: String,
    finished_at: Option<String>,
    /// From the order to the end.
    pub(super) took: Option<Duration>,
}

impl Deploy {
    /// A deployment that was just ordered.
    pub(super) fn new(number: usize, reference: String, trigger: &'static str) -> Self {
        Self {
            id: format!("dep-rehearsal{number:04}"),
            reference,
            status: Status::Created,
            trigger,
            ordered: Instant::now(),
            created_at: now(),
            finished_at: None,
            took: None,
        }
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.status == Status::Created
    }

    pub(super) fn has_ended(&self) -> bool {
        self.finished_at.is_some()
    }

    pub(super) fn begin(&mut self) {
        self.status = Status::UpdateInProgress;
    }

    pub(super) fn end(&mut self, status: Status) {
        self.status = status;
        self.finished_at = Some(now());
        self.took = Some(self.ordered.elapsed());
    }

    /// Notes that another deployment takes its place.
    pub(super) fn deactivate(&mut self) {
        if self.status == Status::Live {
            self.status = Status::Deactivated;
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let digest = self.reference.split_once('@').map(|(_, digest)| digest);
        json!({
            "id": self.id,
            "image": { "ref": self.reference, "sha": digest, "registryCredential": "" },
            "status": self.status.name(),
            "trigger": self.trigger,
            "createdAt": self.created_at,
            "updatedAt": self.finished_at.as_ref().unwrap_or(&self.created_at),
            "finishedAt": self.finished_at,
        })
    }
}

/// The time as `date` prints it, so that no crate is needed for it.
fn now() -> String {
    let mut date = xtask::process::command("date", &["-u", "+%Y-%m-%dT%H:%M:%S.%6NZ"]);
    let date = xtask::process::read(&mut date);
    date.map(|date| date.trim().to_owned()).unwrap_or_default()
}
