//! How many lettings a further filter would leave.

use std::collections::BTreeMap;

use db::found::rows;
use db::words::one_of;
use db::{ConnectionTrait as _, Database, Integer};
use sea_orm::DbErr;

use super::hit::{EXACT, Found};

/// How many a further filter would leave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// By kind.
    pub kinds: BTreeMap<String, usize>,
    /// By amenity.
    pub amenities: BTreeMap<String, usize>,
}

/// Counts what was found; `None` if that is too much.
pub async fn counts(db: &Database, found: &Found) -> Result<Option<Counts>, DbErr> {
    if found.hits.len() > EXACT {
        return Ok(None);
    }
    let mut counts = Counts::default();
    if found.hits.is_empty() {
        return Ok(Some(counts));
    }
    for kind in found.hits.iter().filter_map(|hit| hit.kind.clone()) {
        *counts.kinds.entry(kind).or_default() += 1;
    }
    let ids: Vec<_> = found.hits.iter().map(|hit| hit.id).collect();
    let (condition, ids) = one_of(db.get_database_backend(), "home.letting_id", 1, &ids);
    let sql = format!(
        "SELECT amenity.slug, count(*) FROM oc_lettings_home AS home \
         JOIN oc_lettings_amenity AS amenity ON amenity.home_id = home.id \
         WHERE {condition} GROUP BY amenity.slug"
    );
    for row in rows(db, sql, vec![ids.into()]).await? {
        let slug = row.try_get_by_index(0)?;
        let Integer(count) = row.try_get_by_index(1)?;
        let count = usize::try_from(count).unwrap_or_default();
        counts.amenities.insert(slug, count);
    }
    Ok(Some(counts))
}
