//! What the site is about: addresses, lettings, homes, profiles. Rows, rules and questions; no HTTP.

pub mod address;
pub mod calendar_link;
pub mod enquiry;
pub mod feed;
pub mod history;
pub mod home;
pub mod last_changes;
pub mod lease;
pub mod legal;
pub mod letting;
pub mod prices;
pub mod profile;
pub mod quote;
pub mod search;
pub mod stay;

use db::{Database, Integer};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait, QueryFilter as _, QueryResult,
    QuerySelect as _, QueryTrait as _, Select,
};

/// Rows beyond so many are not counted one by one.
const FAR: u64 = 1_000;

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

/// A query whose rows are those of a sequence ([`db::derived`]), in its order.
struct InSequence<E: EntityTrait> {
    query: Select<E>,
    sequence: &'static str,
    /// The column of the ids that give the order.
    id: E::Column,
}

impl<E: EntityTrait> InSequence<E> {
    /// The rows from an offset on.
    async fn rows_from(self, db: &Database, offset: u64) -> Result<Vec<QueryResult>, DbErr> {
        let Self {
            query,
            sequence,
            id,
        } = self;
        if offset >= FAR {
            let near = async {
                let start = db.start_of(sequence, offset, &Order::Asc).await?;
                let query = query.clone().filter(id.gte(Integer(start.id)));
                db.query_all(query.offset(start.skip).as_query()).await
            };
            if let Some(rows) = db.with_derived(near).await {
                return Ok(rows);
            }
        }
        db.query_all(query.offset(offset).as_query()).await
    }
}
