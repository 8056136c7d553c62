//! The pages, each with its handlers.

pub(crate) mod change_form;
pub(crate) mod change_list;
pub(crate) mod delete;
pub(crate) mod export;
pub(crate) mod history;
pub(crate) mod index;
pub(crate) mod links;
pub(crate) mod password;
