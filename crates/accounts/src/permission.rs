//! Permissions: the table `auth_permission`, and which of them a user has, directly or by a group.

use std::collections::BTreeSet;

use db::{Integer, stored};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait as _, Query, SelectStatement};
use sea_orm::{Condition, QuerySelect as _, QueryTrait as _};

use crate::{content_type, user};

/// A row of `auth_permission`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_permission")]
pub struct Model {
    /// Its key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// What it says of itself, in English.
    pub name: String,
    /// The model it is about.
    pub content_type_id: Integer,
    /// `add_book`, unique within the model.
    pub codename: String,
}

#[expect(missing_docs, reason = "SeaORM asks for it; the variant says it")]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "content_type::Entity",
        from = "Column::ContentTypeId",
        to = "content_type::Column::Id"
    )]
    ContentType,
}

impl Related<content_type::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::ContentType.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// Everything that a user may do, as `application.codename`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permissions {
    /// Every permission.
    All,
    /// These permissions.
    Some(BTreeSet<String>),
}

impl Permissions {
    /// Whether one is granted: `has("shop.add_book")`.
    pub fn has(&self, permission: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(permissions) => permissions.contains(permission),
        }
    }

    /// Whether any permission of an application is granted.
    pub fn has_any_of(&self, app_label: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(permissions) => permissions.iter().any(|permission| {
                let app = permission.split_once('.').map(|(app, _)| app);
                app == Some(app_label)
            }),
        }
    }
}

/// The permissions of a user, directly or by a group. A superuser has all, an inactive account none
/// (`Django 5.2 contrib/auth/backends.py`).
pub async fn permissions_of(
    db: &impl ConnectionTrait,
    user: &user::Model,
) -> Result<Permissions, DbErr> {
    if !user.is_active {
        return Ok(Permissions::Some(BTreeSet::new()));
    }
    if user.is_superuser {
        return Ok(Permissions::All);
    }
    let granted = Condition::any()
        .add(Column::Id.in_subquery(granted_to(user.id)))
        .add(Column::Id.in_subquery(granted_to_groups_of(user.id)));
    let query = Entity::find()
        .inner_join(content_type::Entity)
        .select_only()
        .column(content_type::Column::AppLabel)
        .column(Column::Codename)
        .filter(granted);
    let rows = db.query_all(query.as_query()).await?;
    let names = rows.iter().map(|row| {
        Ok(format!(
            "{}.{}",
            stored::shown(row, 0)?,
            stored::shown(row, 1)?
        ))
    });
    Ok(Permissions::Some(names.collect::<Result<_, DbErr>>()?))
}

fn granted_to(user: Integer) -> SelectStatement {
    Query::select()
        .column("permission_id")
        .from("auth_user_user_permissions")
        .and_where(Expr::col("user_id").eq(user))
        .to_owned()
}

fn granted_to_groups_of(user: Integer) -> SelectStatement {
    let groups = Query::select()
        .column("group_id")
        .from("auth_user_groups")
        .and_where(Expr::col("user_id").eq(user))
        .to_owned();
    Query::select()
        .column("permission_id")
        .from("auth_group_permissions")
        .and_where(Expr::col("group_id").in_subquery(groups))
        .to_owned()
}
