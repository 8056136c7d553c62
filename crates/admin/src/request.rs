//! Who asks, and for what.

pub(crate) mod admin_request;
pub(crate) mod crumbs;
pub(crate) mod draft;
pub(crate) mod engine;
pub(crate) mod model_form;
pub(crate) mod staff;
