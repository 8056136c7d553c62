//! The form of an object: what it sends, and what it shows.

pub(crate) mod clean;
pub(crate) mod meanwhile;
pub(crate) mod sheet;
pub(crate) mod widget;
