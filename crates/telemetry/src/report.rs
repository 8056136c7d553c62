//! Reports to Sentry. The vendor's SDK sends them; added is what it lacks for a web server: events
//! of answers, limits on their number, scrubbing, and a transport that reports what it loses.
//!
//! Knows requests as facts and answers as statuses; nothing of routers, pages and settings.
//! Without a [`Reporter`] there is no client, no thread and no connection.

mod background;
mod event;
mod limiter;
mod reporter;
mod tracked_request;
mod transport;

pub use self::background::{Background, REPORTED, panic_outside_of_requests};
pub use self::event::{Panic, WantsStack};
pub use self::reporter::{BadDsn, Config, FLUSH_LIMIT, Reporter, check_dsn};
pub use self::tracked_request::{
    Failure, RequestFacts, TracePolicy, TrackedRequest, UNMATCHED, breadcrumb, span, statement_span,
};
pub use self::transport::Counts;
