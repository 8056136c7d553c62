//! How long everything may take, each limit with a name. Nothing here waits for ever.

use std::time::Duration;

/// The limits of a run.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// One request to Render or to the registry, with its answer.
    pub request: Duration,
    /// How long a request that fails is repeated, from its first attempt.
    pub retry: Duration,
    /// The first pause between two attempts; each is twice the one before.
    pub first_pause: Duration,
    /// The longest pause, unless an answer asks for a longer one.
    pub longest_pause: Duration,
    /// Between two looks at a deployment.
    pub poll_interval: Duration,
    /// From the start of a deployment until it is live.
    pub deployment: Duration,
    /// How long a deployment that Render took on without telling its id may stay unlisted.
    pub listing: Duration,
    /// From the request to cancel a deployment until it has ended.
    pub cancellation: Duration,
    /// How long the former release may still answer although the new one is live by Render's word.
    pub switch: Duration,
    /// How long checks that fail are repeated.
    pub settling: Duration,
    /// Between two attempts at checks that fail, or two questions for the commit.
    pub check_interval: Duration,
    /// How many deployments of the past are looked at, in pages of [`HISTORY_PAGE`].
    pub history_pages: usize,
}

/// Deployments in one page of Render's list: the most it gives.
pub const HISTORY_PAGE: usize = 100;

impl Limits {
    /// The limits of a real deployment.
    ///
    /// Render gives a new instance 15 minutes to become healthy, after it has fetched the image.
    pub const fn production() -> Self {
        Self {
            request: Duration::from_secs(15),
            retry: Duration::from_mins(2),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(30),
            poll_interval: Duration::from_secs(5),
            deployment: Duration::from_mins(20),
            listing: Duration::from_mins(1),
            cancellation: Duration::from_mins(1),
            switch: Duration::from_secs(30),
            settling: Duration::from_secs(30),
            check_interval: Duration::from_secs(5),
            history_pages: 5,
        }
    }
}
