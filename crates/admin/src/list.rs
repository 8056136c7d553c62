//! The list of a model: what its address asks for, and what of it is found.

pub(crate) mod dates;
pub(crate) mod filters;
pub(crate) mod list_query;
pub(crate) mod listed;
pub(crate) mod pager;
