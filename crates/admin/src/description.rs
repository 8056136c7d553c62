//! The description of a site's models, as data.

mod field;
pub mod model;
pub mod registry;
pub mod schema;
pub(crate) mod scale;
pub(crate) mod value;
