//! The admin engine: lists, forms, deletions and history of models that are described by data.
//!
//! It knows no concrete model. [`model`] is what it is told, [`registry`] checks that, and
//! [`router()`] serves the pages at Django's addresses, each within a [`Layout`] of the site.
//!
//! The folders are layers, each of which knows those before it alone: `description`, `data`, `words`,
//! `form`, `list`, `request`, `pages`. What takes a request redirects, keeps something in the session or
//! asks what the user may do; the layers below get the database, the registry and the texts.

mod data;
mod description;
mod form;
mod list;
mod pages;
mod request;
mod router;
mod words;

pub use self::data::access::Rights;
pub use self::description::{model, registry, schema};
pub use self::request::engine::{Admin, Config, FramedPage, Layout};
pub use self::request::staff::{INDEX, LOGIN, Staff, redirect};
pub use self::router::router;
