//! Who asks, and for what.

pub(crate) mod ask;
pub(crate) mod crumbs;
pub(crate) mod draft;
pub(crate) mod engine;
pub(crate) mod model_form;
pub(crate) mod staff;
