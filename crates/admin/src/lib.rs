//! The admin engine: lists, forms, deletions and history of models that are described by data.
//!
//! It knows no concrete model. [`model`] has the types of a description, [`registry`] checks
//! descriptions, and [`router()`] serves the pages at Django's addresses, each within a [`Layout`]
//! of the site.
//!
//! The folders are layers, each of which uses only those before it: `description`, `data`, `words`,
//! `form`, `list`, `request`, `pages`. Only the last two see the request: they redirect and write
//! to the session. The layers below are given what they need: the database, the registry, the
//! texts, the user's permissions.

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
pub use self::request::engine::{Admin, AfterDeletion, Config, FramedPage, Layout, Skip};
pub use self::request::staff::{INDEX, LOGIN, Staff, redirect};
pub use self::router::router;
