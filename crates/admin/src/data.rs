//! Rows of described models in the database, and the permissions on them. Knows no request and no
//! text of a page.

pub(crate) mod access;
pub(crate) mod deletion;
pub(crate) mod far;
pub(crate) mod history;
pub(crate) mod labels;
pub(crate) mod on_site;
pub(crate) mod query;
pub(crate) mod record;
pub(crate) mod referrers;
pub(crate) mod row;
pub(crate) mod search;
pub(crate) mod span;
