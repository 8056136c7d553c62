//! The rows of described models. Asks the database; knows no request and no text of a page.

pub(crate) mod doomed;
pub(crate) mod history;
pub(crate) mod labels;
pub(crate) mod query;
pub(crate) mod record;
pub(crate) mod search;
pub(crate) mod span;
