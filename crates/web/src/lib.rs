//! The web framework of the house: what every page shares, and no page of its own.
//!
//! It knows HTTP, hosts, proxies, headers, errors and languages; it knows no SQL and nothing of
//! the site that uses it.

pub mod compression;
pub mod request_limits;
pub mod request_log;

pub mod forwarded;
pub mod headers;
pub mod host;
pub mod panic;

pub mod accept;
pub mod error;
pub mod error_page;

pub mod cookie;
pub mod csrf;
pub mod extract;
pub mod form;
pub mod i18n;
pub mod multipart;
pub mod origin;
pub mod page;
pub mod page_cache;
pub mod slash;
pub mod visit;

pub use crate::error::{Error, Result, describe};
