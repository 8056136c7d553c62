//! Users, as far as their profiles show them: the table `auth_user`.

use chrono::{DateTime, Utc};
use db::Integer;
use sea_orm::entity::prelude::*;

/// A row of `auth_user`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_user")]
pub struct Model {
    /// Its key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// The password's hash in Django's form.
    pub password: String,
    /// When the user last logged in.
    pub last_login: Option<DateTime<Utc>>,
    /// Whether every permission is granted.
    pub is_superuser: bool,
    /// Unique, matched exactly.
    pub username: String,
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// May be empty.
    pub email: String,
    /// Whether the admin is open to the user.
    pub is_staff: bool,
    /// Whether the user may log in.
    pub is_active: bool,
    /// When the account was made.
    pub date_joined: DateTime<Utc>,
}

#[expect(
    missing_docs,
    reason = "SeaORM asks for it; nothing is related from here"
)]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
