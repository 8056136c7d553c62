//! The description of a site's models, as data.

mod extras;
mod field;
pub mod model;
pub mod registry;
pub(crate) mod scale;
pub mod schema;
pub(crate) mod value;
