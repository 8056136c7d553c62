//! Saves one letting with its address after the other, and prints the id of each once it is
//! saved: `save DATABASE_URL`. Whoever kills it finds out whether what was answered is there.

use std::env;

use anyhow::Context as _;
use db::{Address, Config, Database, DbErr, Integer, Synchronous};
use sea_orm::ActiveModelTrait as _;
use sea_orm::ActiveValue::{NotSet, Set};
use site::domain::{address, letting};

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "the ids are the answer")]
async fn main() -> anyhow::Result<()> {
    let url = env::args().nth(1).context("usage: save DATABASE_URL")?;
    let db = Database::new(Config {
        address: url.parse::<Address>()?,
        synchronous: Synchronous::Full,
        max_connections: 2,
        statement_limit: None,
        derived: &[],
    });
    loop {
        let Integer(id) = save(&db).await?;
        println!("{id}");
    }
}

/// As a form of the admin does: both rows, or none.
async fn save(db: &Database) -> Result<Integer, DbErr> {
    let transaction = db.begin().await?;
    let address = address::ActiveModel {
        id: NotSet,
        number: Set(Integer(7)),
        street: Set("Bay Road".to_owned()),
        city: Set("Newport Beach".to_owned()),
        state: Set("CA".to_owned()),
        zip_code: Set(Integer(92_660)),
        country_iso_code: Set("USA".to_owned()),
    };
    let address = address.insert(&transaction).await?;
    let letting = letting::ActiveModel {
        id: NotSet,
        title: Set(format!("House at address {}", address.id)),
        address_id: Set(address.id),
    };
    let letting = letting.insert(&transaction).await?;
    transaction.commit().await?;
    Ok(letting.id)
}
