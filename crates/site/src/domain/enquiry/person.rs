//! What is stored about one person, known by an e-mail address: told to them, and erased (GDPR, articles 15, 17
//! and 20).

use chrono::{DateTime, Utc};
use db::{Integer, Transaction};
use mail::Outbox;
use sea_orm::sea_query::{Expr, ExprTrait as _, Func, SimpleExpr};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryOrder as _, Statement,
};
use serde_json::{Value, json};

use super::{Column, Entity, Model, inbox};

/// All about somebody.
#[derive(Debug, Clone)]
pub struct Person {
    /// What they asked, the oldest first.
    pub enquiries: Vec<Model>,
    /// The letters that they were sent, and those about what they asked.
    pub letters: Vec<Letter>,
}

/// A letter, sent or not.
#[derive(Debug, Clone)]
pub struct Letter {
    id: Integer,
    recipient: String,
    /// Its subject.
    pub subject: String,
    text: String,
    queued_at: DateTime<Utc>,
    /// When it was sent, if it was.
    pub sent_at: Option<DateTime<Utc>>,
}

impl Person {
    /// Whether nothing is stored.
    pub fn is_unknown(&self) -> bool {
        self.enquiries.is_empty() && self.letters.is_empty()
    }

    /// All of it in a form that programs read.
    pub fn to_json(&self) -> Value {
        let enquiries = self.enquiries.iter().map(|enquiry| {
            json!({
                "number": enquiry.number,
                "letting": enquiry.letting_id.0,
                "state": enquiry.state,
                "received_at": enquiry.received_at.to_rfc3339(),
                "name": enquiry.name,
                "email": enquiry.email,
                "telephone": enquiry.telephone,
                "arrival": enquiry.arrival.map(|day| day.to_string()),
                "departure": enquiry.departure.map(|day| day.to_string()),
                "adults": enquiry.adults.0,
                "children": enquiry.children.0,
                "pets": enquiry.pets.0,
                "message": enquiry.message,
                "language": enquiry.language,
                "quoted_total": enquiry.quoted_total.map(|total| total.0),
                "quoted_currency": enquiry.quoted_currency,
            })
        });
        let letters = self.letters.iter().map(|letter| {
            json!({
                "to": letter.recipient,
                "subject": letter.subject,
                "text": letter.text,
                "queued_at": letter.queued_at.to_rfc3339(),
                "sent_at": letter.sent_at.map(|time| time.to_rfc3339()),
            })
        });
        json!({
            "enquiries": enquiries.collect::<Vec<_>>(),
            "letters": letters.collect::<Vec<_>>(),
        })
    }
}

/// What is stored about an address. Case does not count: most mailboxes do not tell it apart.
pub async fn find(db: &impl ConnectionTrait, outbox: Outbox, email: &str) -> Result<Person, DbErr> {
    let enquiries = Entity::find()
        .filter(same(Expr::col(Column::Email), email))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    let mut letters = Vec::new();
    for enquiry in &enquiries {
        letters.extend(letters_about(db, outbox, enquiry.id).await?);
    }
    let to_them = "LOWER(recipient) = $1";
    for letter in letters_where(db, outbox, to_them, &email.to_lowercase()).await? {
        if !letters.iter().any(|known: &Letter| known.id == letter.id) {
            letters.push(letter);
        }
    }
    letters.sort_by_key(|letter| letter.id.0);
    Ok(Person { enquiries, letters })
}

/// The letters about an enquiry, in the order in which they were written.
pub async fn letters_about(
    db: &impl ConnectionTrait,
    outbox: Outbox,
    Integer(enquiry): Integer,
) -> Result<Vec<Letter>, DbErr> {
    let about = format!("enquiry:{enquiry}");
    letters_where(db, outbox, "about = $1", &about).await
}

/// Erases what was found. The stays that were made of enquiries hold nothing about the guest, and remain.
pub async fn erase(db: &Transaction, outbox: Outbox, person: &Person) -> Result<(), DbErr> {
    let ids: Vec<_> = person.enquiries.iter().map(|enquiry| enquiry.id).collect();
    inbox::delete(db, outbox, &ids).await?;
    for letter in &person.letters {
        let sql = format!("DELETE FROM {} WHERE id = $1", outbox.table);
        let backend = db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [letter.id.into()]);
        db.execute_raw(statement).await?;
    }
    Ok(())
}

fn same(column: Expr, email: &str) -> SimpleExpr {
    Func::lower(column).eq(email.to_lowercase())
}

async fn letters_where(
    db: &impl ConnectionTrait,
    outbox: Outbox,
    condition: &str,
    value: &str,
) -> Result<Vec<Letter>, DbErr> {
    let sql = format!(
        "SELECT id, recipient, subject, text, queued_at, sent_at FROM {} WHERE {condition} \
         ORDER BY id",
        outbox.table
    );
    let backend = db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [value.into()]);
    let rows = db.query_all_raw(statement).await?;
    let letter = |row: &sea_orm::QueryResult| {
        Ok(Letter {
            id: row.try_get("", "id")?,
            recipient: row.try_get("", "recipient")?,
            subject: row.try_get("", "subject")?,
            text: row.try_get("", "text")?,
            queued_at: row.try_get("", "queued_at")?,
            sent_at: row.try_get("", "sent_at")?,
        })
    };
    rows.iter().map(letter).collect()
}
