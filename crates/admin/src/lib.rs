//! The admin engine: lists, forms, deletions and history of models that are described by data.
//!
//! It knows no concrete model. [`model`] is what it is told, [`registry`] checks that, and
//! [`router`] serves the pages at Django's addresses, each within a [`Layout`] of the site.

mod data;
mod description;
mod form;
mod list;
mod pages;
mod request;
mod router;

pub use self::description::{model, registry, schema};
pub use self::request::ask::{Admin, Config, Layout, Sheet};
pub use self::request::staff::{INDEX, LOGIN, Rights, Staff, redirect};
pub use self::router::router;
