//! What one instance at a time does: the table `oc_lettings_lease`. Whoever has a lease renews it; when the
//! holder dies, it ends, and another instance takes it.

use chrono::{DateTime, Utc};
use db::Database;
use sea_orm::ActiveValue::Set;
use sea_orm::Condition;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;

/// A row of `oc_lettings_lease`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_lease")]
pub struct Model {
    /// What is done.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Which instance does it.
    pub holder: String,
    /// Until when, unless it is renewed.
    pub expires_at: DateTime<Utc>,
}

#[expect(
    missing_docs,
    reason = "SeaORM asks for it; nothing is related from here"
)]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Takes a lease, or renews it: whether the holder has it now.
pub async fn take(db: &Database, wanted: Model, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let free = Condition::any()
        .add(Column::Holder.eq(&wanted.holder))
        .add(Column::ExpiresAt.lt(now));
    let taken = Entity::update_many()
        .col_expr(Column::Holder, Expr::val(&wanted.holder))
        .col_expr(Column::ExpiresAt, Expr::val(wanted.expires_at))
        .filter(Column::Name.eq(&wanted.name))
        .filter(free)
        .exec(db)
        .await?;
    if taken.rows_affected > 0 {
        return Ok(true);
    }
    let new = ActiveModel {
        name: Set(wanted.name),
        holder: Set(wanted.holder),
        expires_at: Set(wanted.expires_at),
    };
    let others = OnConflict::column(Column::Name).do_nothing().to_owned();
    let inserted = Entity::insert(new).on_conflict(others);
    Ok(inserted.exec_without_returning(db).await? > 0)
}
