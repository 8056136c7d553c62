//! The program's log, its reports to Sentry and its metrics.
//!
//! It knows requests as facts and answers as statuses; it knows no router, page, user or setting.

pub mod log;
pub mod metrics;
pub mod report;
pub mod scrub;
