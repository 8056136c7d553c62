//! The description of a site's models, as data.

pub mod model;
pub mod registry;
pub mod schema;
pub(crate) mod value;
