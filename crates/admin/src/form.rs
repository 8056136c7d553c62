//! The form of an object: reading the values that were sent, and the fields that a page shows.

pub(crate) mod clean;
pub(crate) mod conflict;
pub(crate) mod inline_form;
pub(crate) mod object_form;
mod rows;
pub(crate) mod version;
pub(crate) mod widget;
