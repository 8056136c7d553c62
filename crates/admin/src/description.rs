//! What the engine is told of a site: its models, as data.

pub mod model;
pub mod registry;
pub mod schema;
pub(crate) mod value;
