//! Whoever observes a database is told of every statement once, and of no value.

use std::sync::{Arc, Mutex};

use db::observe::{Observer, Outcome, StatementReport};
use db::{Database, Integer};
use futures_util::FutureExt as _;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, EntityTrait as _};
use site::domain::address;
use site::domain::letting::{self, LettingId};

use crate::support::on_both_databases;

/// Writes down each statement, and what came of it.
#[derive(Debug, Default)]
struct RecordedStatements(Mutex<Vec<(String, String)>>);

impl Observer for RecordedStatements {
    fn statement(&self, report: &StatementReport<'_>) {
        assert!(report.duration.as_secs() < 60);
        let outcome = match report.outcome {
            Outcome::Done { rows } => format!("{rows} rows"),
            Outcome::Failed(error) => error.to_string(),
            Outcome::Abandoned => "abandoned".to_owned(),
        };
        let mut notes = self.0.lock().unwrap();
        notes.push((report.sql.to_owned(), outcome));
    }
}

impl RecordedStatements {
    /// Compares what was written since the last time.
    #[track_caller]
    fn assert_taken(&self, expected: &[(&str, &str)]) {
        let notes = std::mem::take(&mut *self.0.lock().unwrap());
        let words: Vec<_> = notes
            .iter()
            .map(|(sql, outcome)| (sql.split(' ').next().unwrap(), outcome.as_str()))
            .collect();
        for value in ["Hidden", "4711"] {
            assert!(
                notes.iter().all(|(sql, _)| !sql.contains(value)),
                "{notes:?}"
            );
        }
        assert_eq!(words, expected);
    }
}

on_both_databases! {
    async fn a_letting_and_its_neighbours_are_one_statement(app: TestApp) {
        for id in [2, 5, 9] {
            app.add_letting(id, &format!("Letting {id}")).await;
        }
        let notes = Arc::new(RecordedStatements::default());
        let db = Database::observed(app.database.config(), notes.clone());
        for (id, previous, next, rows) in [
            (2, None, Some(5), "2 rows"),
            (5, Some(2), Some(9), "3 rows"),
            (9, Some(5), None, "2 rows"),
        ] {
            let found = letting::find(&db, LettingId(id)).await.unwrap().unwrap();
            assert_eq!(found.letting.title, format!("Letting {id}"));
            assert_eq!(found.previous.map(|card| card.id), previous.map(Integer));
            assert_eq!(found.next.map(|card| card.id), next.map(Integer));
            notes.assert_taken(&[("SELECT", rows)]);
        }
        for id in [0, 3, 10, i64::MAX] {
            assert_eq!(letting::find(&db, LettingId(id)).await.unwrap(), None);
        }
        db.close().await.unwrap();
    }

    async fn every_statement_is_told_once_and_without_its_values(app: TestApp) {
        let notes = Arc::new(RecordedStatements::default());
        let db = Database::observed(app.database.config(), notes.clone());
        let new = || address::ActiveModel {
            id: NotSet,
            number: Set(Integer(4711)),
            street: Set("Hidden Road".to_owned()),
            city: Set("Boston".to_owned()),
            state: Set("MA".to_owned()),
            zip_code: Set(Integer(2134)),
            country_iso_code: Set("USA".to_owned()),
        };
        let transaction = db.begin().await.unwrap();
        new().insert(&transaction).await.unwrap();
        transaction.commit().await.unwrap();
        notes.assert_taken(&[("BEGIN", "0 rows"), ("INSERT", "1 rows"), ("COMMIT", "0 rows")]);

        let transaction = db.begin().await.unwrap();
        new().insert(&transaction).await.unwrap();
        address::Entity::find().all(&transaction).await.unwrap();
        transaction.rollback().await.unwrap();
        notes.assert_taken(&[
            ("BEGIN", "0 rows"),
            ("INSERT", "1 rows"),
            ("SELECT", "2 rows"),
            ("ROLLBACK", "0 rows"),
        ]);

        address::Entity::find().all(&db).await.unwrap();
        address::Entity::find_by_id(Integer(99)).one(&db).await.unwrap();
        db.execute_unprepared("UPDATE lettings_address SET number = 2").await.unwrap();
        notes.assert_taken(&[("SELECT", "1 rows"), ("SELECT", "0 rows"), ("UPDATE", "1 rows")]);
    }

    async fn a_failure_and_an_answer_nobody_waits_for_are_told(app: TestApp) {
        let notes = Arc::new(RecordedStatements::default());
        let mut config = app.database.config();
        config.max_connections = 1;
        let db = Database::observed(config, notes.clone());
        // The one connection is taken, so that the statement has to wait.
        let transaction = db.begin().await.unwrap();
        notes.assert_taken(&[("BEGIN", "0 rows")]);
        assert!(db.execute_unprepared("SELECT 1").now_or_never().is_none());
        notes.assert_taken(&[("SELECT", "abandoned")]);
        transaction.rollback().await.unwrap();
        notes.assert_taken(&[("ROLLBACK", "0 rows")]);

        let error = db.execute_unprepared("DELETE FROM nothing").await.unwrap_err();
        notes.assert_taken(&[("DELETE", &error.to_string())]);
    }

    async fn the_state_of_the_pool_can_be_read(app: TestApp) {
        let db = app.database.open();
        assert_eq!(db.pool_status(), None);
        let transaction = db.begin().await.unwrap();
        let busy = db.pool_status().unwrap();
        assert_eq!((busy.size, busy.idle, busy.in_use, busy.max), (1, 0, 1, 4));
        transaction.commit().await.unwrap();
        // The connection goes back on a task of its own.
        while db.pool_status().unwrap().in_use > 0 {
            tokio::task::yield_now().await;
        }
        let free = db.pool_status().unwrap();
        assert_eq!((free.size, free.idle, free.in_use, free.max), (1, 1, 0, 4));
        db.close().await.unwrap();
        assert_eq!(db.pool_status(), None);
    }
}
