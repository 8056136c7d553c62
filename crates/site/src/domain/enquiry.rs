//! What guests ask about a letting: the table `oc_lettings_enquiry`. A row is there before anybody is told of it.

pub mod answer;
pub mod inbox;
pub mod person;

use std::ops::RangeInclusive;

use accounts::hashers::random;
use accounts::signing::{Algorithm, Keys, salted_hmac_hex};
use chrono::{DateTime, Utc};
use db::rules::{self, BrokenRule, TextRule};
use db::{Integer, Transaction};
use mail::About;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QuerySelect as _, TryInsertResult};
use secrecy::ExposeSecret as _;
use serde::Deserialize;

/// Nobody has seen to it yet.
pub const NEW: &str = "new";
/// Staff has answered.
pub const ANSWERED: &str = "answered";
/// It has become a stay.
pub const BOOKED: &str = "booked";
/// The answer was no.
pub const DECLINED: &str = "declined";
/// Nobody has asked anything.
pub const SPAM: &str = "spam";
/// The states, in the order of the inbox.
pub const STATES: &[&str] = &[NEW, ANSWERED, BOOKED, DECLINED, SPAM];

/// How long a name may be, in characters.
pub const NAME: RangeInclusive<usize> = 1..=150;
/// How long an address may be.
pub const EMAIL: RangeInclusive<usize> = 3..=254;
/// How long a telephone number may be.
pub const TELEPHONE: RangeInclusive<usize> = 0..=32;
/// The most characters of a message.
pub const MESSAGE: usize = 2_000;
/// How many adults, children or pets may come.
pub const GUESTS: RangeInclusive<i64> = 0..=50;

/// The signs of a number: none that are taken for another, and no vowels, so that no word comes of it.
const SIGNS: &[u8] = b"23456789BCDFGHJKLMNPQRSTVWXZ";
/// A number is two groups of so many signs.
const GROUP: usize = 4;

/// What the digests of enquiries are made with, so that they fit nothing else.
const SALT: &str = "oc_lettings.enquiry";

/// An enquiry's key as it stands in an address: digits alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct EnquiryId(pub i64);

impl TryFrom<String> for EnquiryId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let id = web::extract::parse_digits(&text);
        id.map(Self).ok_or("not the id of an enquiry")
    }
}

/// A row of `oc_lettings_enquiry`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "oc_lettings_enquiry")]
pub struct Model {
    /// The primary key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// What is asked about.
    pub letting_id: Integer,
    /// What guest and staff call it.
    pub number: String,
    /// The same for the same question sent again: [`digest`].
    pub digest: String,
    /// One of [`STATES`].
    pub state: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// Who asks.
    pub name: String,
    /// Where the answer goes.
    pub email: String,
    /// May be empty.
    pub telephone: String,
    /// The day of the first night.
    pub arrival: Option<Date>,
    /// The day after the last night.
    pub departure: Option<Date>,
    /// How many adults come.
    pub adults: Integer,
    /// How many children.
    pub children: Integer,
    /// How many pets.
    pub pets: Integer,
    /// What else is asked.
    pub message: String,
    /// The language that the guest read.
    pub language: String,
    /// What the stay would have cost when it was asked for, in the smallest unit of the currency.
    pub quoted_total: Option<Integer>,
    /// The currency of that; may be empty.
    pub quoted_currency: String,
    /// The stay that was made of it. It may be gone.
    pub stay_id: Option<Integer>,
}

#[expect(
    missing_docs,
    reason = "SeaORM asks for it; nothing is related from here"
)]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

#[sea_orm::prelude::async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(self, _db: &C, _insert: bool) -> Result<Self, DbErr> {
        self.check()?;
        Ok(self)
    }
}

impl ActiveModel {
    fn check(&self) -> Result<(), BrokenRule> {
        if let Set(state) = &self.state {
            rules::choice("state", state, STATES)?;
        }
        for (field, value, allowed) in [
            ("number", &self.number, 1..=16),
            ("digest", &self.digest, 1..=64),
            ("name", &self.name, NAME),
            ("email", &self.email, EMAIL),
            ("telephone", &self.telephone, TELEPHONE),
            ("language", &self.language, 2..=8),
            ("quoted_currency", &self.quoted_currency, 0..=3),
        ] {
            if let Set(text) = value {
                rules::text(field, text, allowed)?;
            }
        }
        if let Set(message) = &self.message {
            TextRule::lines(MESSAGE).check("message", message)?;
        }
        for (field, value) in [
            ("adults", &self.adults),
            ("children", &self.children),
            ("pets", &self.pets),
        ] {
            if let Set(Integer(number)) = value {
                rules::number(field, *number, GUESTS)?;
            }
        }
        if let (Set(Some(arrival)), Set(Some(departure))) = (&self.arrival, &self.departure)
            && departure <= arrival
        {
            let (field, other) = ("departure", "arrival");
            return Err(BrokenRule::Order { field, other });
        }
        Ok(())
    }
}

/// A new number, such as `7K3F-9QXM`.
pub fn new_number() -> String {
    let [first, second] = [(); 2].map(|()| random::text(SIGNS, GROUP));
    format!("{first}-{second}")
}

/// The same for the same question: 64 hexadecimal digits that tell nothing without the key.
pub fn digest(keys: &Keys, parts: &[&str]) -> String {
    // Lengths in front keep two questions apart whose parts join to the same text.
    let parts = parts.iter().map(|part| format!("{}:{part}", part.len()));
    let text: String = parts.collect();
    let secret = keys.current.expose_secret().as_bytes();
    salted_hmac_hex(SALT, text.as_bytes(), secret, Algorithm::Sha256)
}

/// What letters about an enquiry are about.
pub fn about(Integer(id): Integer) -> About {
    About::Record {
        kind: "enquiry",
        id,
    }
}

/// Stores an enquiry, unless the same one is there already. The number is that of the stored one, the key that
/// of a new one.
pub async fn store(db: &Transaction, row: ActiveModel) -> Result<(String, Option<Integer>), DbErr> {
    let row = row.before_save(db, true).await?;
    let digest = row.digest.clone().unwrap();
    let number = row.number.clone().unwrap();
    let inserted = Entity::insert(row)
        .on_conflict_do_nothing_on([Column::Digest])
        .exec_without_returning(db)
        .await?;
    let stored: Option<(String, Integer)> = Entity::find()
        .select_only()
        .columns([Column::Number, Column::Id])
        .filter(Column::Digest.eq(digest))
        .into_tuple()
        .one(db)
        .await?;
    let Some((stored, id)) = stored else {
        // It was deleted between the two statements.
        return Ok((number, None));
    };
    let is_new = matches!(inserted, TryInsertResult::Inserted(_)) && stored == number;
    Ok((stored, is_new.then_some(id)))
}

/// Whether a text could be a number.
pub fn is_number(text: &str) -> bool {
    let is_group =
        |group: &str| group.len() == GROUP && group.bytes().all(|byte| SIGNS.contains(&byte));
    let groups = text.split_once('-');
    groups.is_some_and(|(first, second)| is_group(first) && is_group(second))
}

/// The number of the enquiry with a digest.
pub async fn number_of(db: &impl ConnectionTrait, digest: &str) -> Result<Option<String>, DbErr> {
    Entity::find()
        .select_only()
        .column(Column::Number)
        .filter(Column::Digest.eq(digest))
        .into_tuple()
        .one(db)
        .await
}

/// Whether there is an enquiry of this number about a letting.
pub async fn is_known(
    db: &impl ConnectionTrait,
    letting: Integer,
    number: &str,
) -> Result<bool, DbErr> {
    let found = Entity::find()
        .filter(Column::Number.eq(number))
        .filter(Column::LettingId.eq(letting));
    Ok(found.count(db).await? > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_two_groups_of_plain_signs() {
        let number = new_number();
        assert_eq!(number.len(), 9, "{number}");
        assert!(is_number(&number), "{number}");
        assert_ne!(number, new_number());
        for text in [
            "",
            "-",
            "7K3F9QXM",
            "7K3F-9QX",
            "7K3F-9QXÉ",
            "7k3f-9qxm",
            "7K3F-9QXM-",
        ] {
            assert!(!is_number(text), "{text}");
        }
    }
}
