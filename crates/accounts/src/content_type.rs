//! Content types, which permissions and log entries refer to: the table `django_content_type`.

use db::Integer;
use sea_orm::entity::prelude::*;

/// A row of `django_content_type`: a model. Its key differs from one database to the next.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "django_content_type")]
pub struct Model {
    /// Its key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// The application's label.
    pub app_label: String,
    /// The model's name in lower case.
    pub model: String,
}

#[expect(
    missing_docs,
    reason = "SeaORM asks for it; nothing is related from here"
)]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The row of a model.
pub async fn find(
    db: &impl ConnectionTrait,
    app_label: &str,
    model: &str,
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::AppLabel.eq(app_label))
        .filter(Column::Model.eq(model))
        .one(db)
        .await
}
