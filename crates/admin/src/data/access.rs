//! A user's permissions on the objects of a model.

use accounts::permission::Permissions;
use web::Error;

use super::record::Record;
use crate::description::model::Model;

/// What a user may do with the objects of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "Django's four permissions")]
pub struct Rights {
    /// See them. The right to change them includes it.
    pub view: bool,
    /// Add one.
    pub add: bool,
    /// Change one.
    pub change: bool,
    /// Delete one.
    pub delete: bool,
}

impl Rights {
    /// The rights that a user has by their permissions. If objects are added in two steps, the
    /// second is the form to change them, so that adding needs that right, too.
    pub fn of(permissions: &Permissions, model: &Model) -> Self {
        let has = |action| permissions.has(&model.permission(action));
        let change = has("change");
        let is_in_two_steps = model
            .pages
            .is_some_and(|pages| pages.add_fieldsets.is_some());
        Self {
            view: change || has("view"),
            add: has("add") && (change || !is_in_two_steps),
            change,
            delete: has("delete"),
        }
    }

    /// Whether there is any right.
    pub fn any(self) -> bool {
        self.view || self.add || self.change || self.delete
    }
}

/// Fails with 403 if the user lacks a right.
#[expect(
    clippy::fn_params_excessive_bools,
    reason = "the one thing it is asked"
)]
pub(crate) fn allow(is_allowed: bool) -> web::Result<()> {
    if is_allowed {
        Ok(())
    } else {
        Err(Error::Forbidden("the permission is missing"))
    }
}

/// The fields of a model that this user may not change: none for a superuser.
pub(crate) fn closed_fields(permissions: &Permissions, model: &Model) -> &'static [&'static str] {
    match (permissions, model.pages) {
        (Permissions::Some(_), Some(pages)) => pages.reserved,
        _ => &[],
    }
}

/// Whether this user may not change an object: one of its reserved fields is true, and they are no
/// superuser.
pub(crate) fn is_protected(permissions: &Permissions, model: &Model, record: &Record) -> bool {
    let mut closed = closed_fields(permissions, model).iter();
    closed.any(|name| record.is(name))
}
