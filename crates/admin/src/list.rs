//! The list of a model: the query in its address, and the objects that are found.

pub(crate) mod date_hierarchy;
pub(crate) mod filters;
pub(crate) mod list_objects;
pub(crate) mod list_query;
pub(crate) mod pager;
