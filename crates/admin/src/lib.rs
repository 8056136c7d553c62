//! The admin engine: lists, forms, deletions and history of models that are described by data.
//!
//! It knows no concrete model. [`model`] is what it is told, [`registry`] checks that, and
//! [`router`] serves the pages at Django's addresses, each within a [`Layout`] of the site.

pub mod model;
pub mod registry;
pub mod schema;

mod ask;
mod change_form;
mod change_list;
mod crumbs;
mod dates;
mod delete;
mod draft;
mod export;
mod filters;
mod form;
mod history;
mod history_page;
mod index;
mod labels;
mod links;
mod list_query;
mod listed;
mod pager;
mod password;
mod query;
mod record;
mod router;
mod search;
mod span;
mod staff;
mod typed;
mod value;
mod widget;

pub use self::ask::{Admin, Config, Layout, Sheet};
pub use self::router::router;
pub use self::staff::{INDEX, LOGIN, Rights, Staff, redirect};
