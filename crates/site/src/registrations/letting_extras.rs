//! What the list of lettings shows beside their fields: a cover, and what is still missing.

use std::collections::BTreeMap;
use std::pin::Pin;

use admin::model::{ExtraCells, Extras, Thumbnail};
use db::{Database, DbErr};
use web::i18n::Texts;

use crate::domain::home::photo::Photo;
use crate::domain::home::progress::{self, Part, Progress};
use crate::pages::shot::Shot;

/// Cover and completeness of lettings.
pub(super) const LETTING_EXTRAS: Extras = Extras {
    columns: &["field-completeness"],
    find,
};

type Found = Result<BTreeMap<i64, ExtraCells>, DbErr>;

fn find<'a>(
    db: &'a Database,
    lettings: &'a [i64],
    texts: &'a Texts,
) -> Pin<Box<dyn Future<Output = Found> + Send + 'a>> {
    Box::pin(async move {
        let without_home = ExtraCells {
            picture: None,
            texts: vec![texts.get("completeness-none")],
        };
        let mut cells: BTreeMap<_, _> = lettings
            .iter()
            .map(|letting| (*letting, without_home.clone()))
            .collect();
        for home in progress::of_lettings(db, lettings).await? {
            let found = ExtraCells {
                picture: home.cover.as_ref().map(|cover| thumbnail(cover, texts)),
                texts: vec![completeness(&home, texts)],
            };
            cells.insert(home.letting.0, found);
        }
        Ok(cells)
    })
}

fn thumbnail(cover: &Photo, texts: &Texts) -> Thumbnail {
    let shot = Shot::new(cover, texts.language().language.as_str());
    Thumbnail {
        address: shot.source,
        size: cover.sizes.first().copied().unwrap_or((1, 1)),
        alt: shot.alt,
    }
}

fn completeness(home: &Progress, texts: &Texts) -> String {
    if home.missing.is_empty() {
        return texts.get("completeness-whole");
    }
    let missing = home.missing.iter().map(|part| {
        texts.get(match part {
            Part::Photos => "part-photos",
            Part::Times => "part-times",
            Part::Place => "part-place",
            Part::Texts => "part-texts",
            Part::Amenities => "part-amenities",
            Part::Prices => "part-prices",
        })
    });
    let missing = missing.collect::<Vec<_>>().join(", ");
    texts.with("completeness-missing", [("parts", missing.into())])
}
