//! Random changes to the records, by the entities that every door of the program goes through.

use accounts::user;
use db::Integer;
use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use sea_orm::ActiveValue::{NotSet, Set, Unchanged};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _};
use site::domain::{address, letting, profile};

use crate::support::TestApp;

const WORDS: [&str; 6] = ["Bay", "O'Hara", "Café", "\"Loft\"", "水", "a|b"];

/// Rows for a database that has none: four lettings, with addresses, and two profiles.
pub(super) async fn give_rows(app: &TestApp) {
    for id in 1..=4 {
        app.sql(&format!(
            "INSERT INTO oc_lettings_site_address VALUES ({id}, {id}, 'Bay Road', 'Boston', 'MA', 2134, 'USA')"
        ))
        .await;
        app.sql(&format!(
            "INSERT INTO oc_lettings_site_letting VALUES ({id}, 'Letting {id}', {id})"
        ))
        .await;
    }
    for id in 1..=2 {
        app.sql(&format!(
            "INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, \
             email, is_staff, is_active, date_joined) VALUES ({id}, '!', FALSE, 'user{id}', \
             '', '', '', FALSE, TRUE, '2026-01-02 03:04:05')"
        ))
        .await;
        app.sql(&format!(
            "INSERT INTO oc_lettings_site_profile VALUES ({id}, 'Oslo', {id})"
        ))
        .await;
    }
    for table in [
        "oc_lettings_site_address",
        "oc_lettings_site_letting",
        "oc_lettings_site_profile",
        "auth_user",
    ] {
        app.sql(&format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
        ))
        .await;
    }
}

/// One change: something is added, changed, exchanged or deleted.
pub(super) async fn change(app: &TestApp, random: &mut StdRng) {
    let addresses = address::Entity::find().all(&app.db).await.unwrap();
    let lettings = letting::Entity::find().all(&app.db).await.unwrap();
    let word = *WORDS.choose(random).unwrap();
    let number = random.random_range(0..=9999);
    match random.random_range(0..9) {
        0 | 1 => {
            let address = new_address(number, word).insert(&app.db).await.unwrap();
            let letting = letting::ActiveModel {
                id: NotSet,
                title: Set(format!("{word} {number}")),
                address_id: Set(address.id),
            };
            letting.insert(&app.db).await.unwrap();
        }
        2 => {
            if let Some(letting) = lettings.choose(random) {
                letting::Entity::delete_by_id(letting.id)
                    .exec(&app.db)
                    .await
                    .unwrap();
            }
        }
        3 => {
            let is_free = |address: &&address::Model| {
                lettings
                    .iter()
                    .all(|letting| letting.address_id != address.id)
            };
            if let Some(address) = addresses.iter().find(is_free) {
                address::Entity::delete_by_id(address.id)
                    .exec(&app.db)
                    .await
                    .unwrap();
            }
        }
        4 => {
            if let Some(address) = addresses.choose(random) {
                let changed = address::ActiveModel {
                    id: Unchanged(address.id),
                    ..new_address(number, word)
                };
                changed.update(&app.db).await.unwrap();
            }
        }
        5 => {
            if let Some(letting) = lettings.choose(random) {
                let changed = letting::ActiveModel {
                    id: Unchanged(letting.id),
                    title: Set(format!("{word} again {number}")),
                    address_id: NotSet,
                };
                changed.update(&app.db).await.unwrap();
            }
        }
        6 => {
            if let [first, .., last] = &lettings[..] {
                exchange(app, first, last).await;
            }
        }
        _ => change_profiles(app, random, word).await,
    }
}

fn new_address(number: i64, word: &str) -> address::ActiveModel {
    address::ActiveModel {
        id: NotSet,
        number: Set(Integer(number)),
        street: Set(format!("{word} Street")),
        city: Set(word.to_owned()),
        state: Set("MA".to_owned()),
        zip_code: Set(Integer(number)),
        country_iso_code: Set("USA".to_owned()),
    }
}

/// Each of the two lettings moves to the other's address, by way of a third.
async fn exchange(app: &TestApp, first: &letting::Model, last: &letting::Model) {
    let between = new_address(1, "Between").insert(&app.db).await.unwrap();
    for (letting, to) in [
        (first, between.id),
        (last, first.address_id),
        (first, last.address_id),
    ] {
        let moved = letting::ActiveModel {
            id: Unchanged(letting.id),
            title: NotSet,
            address_id: Set(to),
        };
        moved.update(&app.db).await.unwrap();
    }
    address::Entity::delete_by_id(between.id)
        .exec(&app.db)
        .await
        .unwrap();
}

/// A profile changes its city, or gives way to another.
async fn change_profiles(app: &TestApp, random: &mut StdRng, word: &str) {
    let profiles = profile::Entity::find().all(&app.db).await.unwrap();
    match profiles.choose(random) {
        Some(profile) if random.random() => {
            let changed = profile::ActiveModel {
                id: Unchanged(profile.id),
                favorite_city: Set(word.to_owned()),
                user_id: NotSet,
            };
            changed.update(&app.db).await.unwrap();
        }
        _ => exchange_profiles(app, &profiles, word).await,
    }
}

/// A profile goes, and its user, or another without one, gets a new one.
async fn exchange_profiles(app: &TestApp, profiles: &[profile::Model], word: &str) {
    if let Some(profile) = profiles.first() {
        profile::Entity::delete_by_id(profile.id)
            .exec(&app.db)
            .await
            .unwrap();
    }
    let users = user::Entity::find().all(&app.db).await.unwrap();
    let has_none = |user: &&user::Model| {
        let mut left = profiles.iter().skip(1);
        left.all(|profile| profile.user_id != user.id)
    };
    if let Some(user) = users.iter().rev().find(has_none) {
        let new = profile::ActiveModel {
            id: NotSet,
            favorite_city: Set(word.to_owned()),
            user_id: Set(user.id),
        };
        new.insert(&app.db).await.unwrap();
    }
}
