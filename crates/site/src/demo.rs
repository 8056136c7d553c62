//! Example lettings and profiles for a site that has none yet. Most lettings say what they offer and
//! cost; some do not, as those of an older site, and one is a draft. Many have photos, and nights that are taken.

mod data;
mod enquiries;
mod homes;
mod photos;
mod stays;

use accounts::{hashers, user};
use db::datetime::now;
use db::{Database, Integer};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, DbErr};

use self::data::{LETTINGS, PROFILES, SampleLetting, SampleProfile};
use crate::domain::{self, address, letting, profile};

/// How many examples were inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DemoCounts {
    /// Lettings, each with its address, most with what they offer and cost.
    pub lettings: usize,
    /// Profiles, each with its user.
    pub profiles: usize,
}

/// Fills a database that has no letting, no profile and no user, in one transaction. `None`
/// when there was something, and nothing was written.
pub async fn fill(db: &Database) -> Result<Option<DemoCounts>, DbErr> {
    let transaction = db.begin().await?;
    if !domain::is_empty(&transaction).await? {
        return Ok(None);
    }
    let homes = homes::all()?;
    let photos = photos::all().await?;
    let today = now().date_naive();
    for sample in LETTINGS {
        let letting = insert_letting(&transaction, sample).await?;
        let numbered = (0..).zip(&homes);
        let mut of_it = numbered.filter(|(_, home)| home.title == sample.title);
        if let Some((number, home)) = of_it.next() {
            homes::insert(&transaction, letting, (home, &photos), today).await?;
            stays::insert(&transaction, letting, number, today).await?;
            enquiries::insert(&transaction, letting, (number, today)).await?;
        }
    }
    for sample in PROFILES {
        insert_profile(&transaction, sample).await?;
    }
    transaction.commit().await?;
    Ok(Some(DemoCounts {
        lettings: LETTINGS.len(),
        profiles: PROFILES.len(),
    }))
}

async fn insert_letting(
    db: &impl ConnectionTrait,
    sample: &SampleLetting,
) -> Result<Integer, DbErr> {
    let address = address::ActiveModel {
        id: NotSet,
        number: Set(Integer(sample.number)),
        street: Set(sample.street.to_owned()),
        city: Set(sample.city.to_owned()),
        state: Set(sample.state.to_owned()),
        zip_code: Set(Integer(sample.zip_code)),
        country_iso_code: Set(sample.country.to_owned()),
    };
    let address = address.insert(db).await?;
    let letting = letting::ActiveModel {
        id: NotSet,
        title: Set(sample.title.to_owned()),
        address_id: Set(address.id),
    };
    letting.insert(db).await.map(|letting| letting.id)
}

/// The account cannot be logged in to: its password is Django's mark of an unusable one, and
/// it is not staff.
async fn insert_profile(db: &impl ConnectionTrait, sample: &SampleProfile) -> Result<(), DbErr> {
    let user = user::ActiveModel {
        id: NotSet,
        password: Set(hashers::unusable()),
        last_login: Set(None),
        is_superuser: Set(false),
        username: Set(sample.username.to_owned()),
        first_name: Set(sample.first_name.to_owned()),
        last_name: Set(sample.last_name.to_owned()),
        email: Set(email_of(sample.username)),
        is_staff: Set(false),
        is_active: Set(true),
        date_joined: Set(now()),
    };
    let user = user.insert(db).await?;
    let profile = profile::ActiveModel {
        id: NotSet,
        favorite_city: Set(sample.favorite_city.to_owned()),
        user_id: Set(user.id),
    };
    profile.insert(db).await.map(|_| ())
}

/// An address at example.com, made of those characters of the name that every mail system accepts.
fn email_of(username: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = username.chars().filter(is_plain).collect();
    let name = if name.is_empty() { "guest" } else { &name };
    format!("{}@example.com", name.to_lowercase())
}
