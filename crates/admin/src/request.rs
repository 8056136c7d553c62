//! The request: the user, the model, the form or draft that was sent; and the engine's state.

pub(crate) mod admin_request;
pub(crate) mod crumbs;
pub(crate) mod draft;
pub(crate) mod engine;
pub(crate) mod model_form;
pub(crate) mod staff;
