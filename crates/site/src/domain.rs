//! What the site is about: addresses, lettings, profiles. Rows, rules and questions; no HTTP.

pub mod address;
pub mod letting;
pub mod profile;

use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ConnectionTrait, DbErr};

/// Whether there is no letting, no profile and no user: a site that nobody has filled yet.
pub async fn is_empty(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let mut query = Query::select();
    for table in ["lettings_letting", "profiles_profile", "auth_user"] {
        let any = Query::select().expr(Expr::val(1)).from(table).to_owned();
        query.expr(Expr::exists(any).not());
    }
    let Some(row) = db.query_one(&query).await? else {
        return Ok(false);
    };
    for index in 0..3 {
        if !row.try_get_by_index::<bool>(index)? {
            return Ok(false);
        }
    }
    Ok(true)
}
