//! Which nights of a letting are free.

use sea_orm::{ConnectionTrait as _, DbErr};

use crate::admin::shared::number;
use crate::backup::back_up;
use crate::fixtures::run_on;
use crate::support::{TestApp, on_both_databases};

/// Takes nights of letting 1 by SQL, past every rule of the program.
async fn take(app: &TestApp, arrival: &str, departure: &str) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, uid, note, changed_at) \
         VALUES (1, '{arrival}', '{departure}', 'booking', 'x', '', '2027-01-01 00:00:00')"
    );
    app.db.execute_unprepared(&sql).await.map(drop)
}

async fn refused(app: &TestApp, sql: &str) -> bool {
    app.db.execute_unprepared(sql).await.is_err()
}

on_both_databases! {
    async fn nights_are_taken_once_whoever_writes(app: TestApp) {
        app.add_letting(1, "Bay Window").await;
        app.add_letting(2, "Loft").await;
        take(&app, "2027-07-10", "2027-07-17").await.unwrap();
        for (arrival, departure) in [
            ("2027-07-10", "2027-07-17"),
            ("2027-07-16", "2027-07-18"),
            ("2027-07-09", "2027-07-11"),
            ("2027-07-12", "2027-07-13"),
            ("2027-07-01", "2027-07-31"),
            // No night at all, and one backwards.
            ("2027-08-01", "2027-08-01"),
            ("2027-08-02", "2027-08-01"),
        ] {
            assert!(take(&app, arrival, departure).await.is_err(), "{arrival}");
        }
        take(&app, "2027-07-17", "2027-07-20").await.unwrap();
        take(&app, "2027-07-08", "2027-07-10").await.unwrap();
        let moved = "UPDATE oc_lettings_stay SET departure = '2027-07-18' WHERE departure = '2027-07-17'";
        assert!(refused(&app, moved).await);
        let other = "INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, uid, note, changed_at) \
                     VALUES (2, '2027-07-10', '2027-07-17', 'booking', 'x', '', '2027-01-01 00:00:00')";
        app.sql(other).await;
        assert!(refused(&app, "UPDATE oc_lettings_stay SET letting_id = 1 WHERE letting_id = 2").await);

        // What another site says may be true as well: people settle it.
        app.sql(
            "INSERT INTO oc_lettings_feed (id, letting_id, name, url, error, error_detail, etag, last_modified) \
             VALUES (1, 1, 'Other', 'https://example.com/a.ics', '', '', '', '')",
        )
        .await;
        app.sql(
            "INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, feed_id, uid, note, changed_at) \
             VALUES (1, '2027-07-10', '2027-07-17', 'imported', 1, 'y', '', '2027-01-01 00:00:00')",
        )
        .await;
        assert!(refused(&app, "UPDATE oc_lettings_stay SET feed_id = NULL").await);

        // A letting that Django deletes takes its nights with it.
        app.sql("DELETE FROM lettings_letting WHERE id = 1").await;
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_stay").await, 1);
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_feed").await, 0);
    }

    /// Eight want the same week: one has it.
    async fn eight_writers_at_once_take_a_night_once(app: TestApp) {
        app.add_letting(1, "Bay Window").await;
        for week in ["2027-07-03", "2027-07-10", "2027-07-17", "2027-07-24"] {
            let first: chrono::NaiveDate = week.parse().unwrap();
            let attempts = (0..8).map(|writer| {
                let arrival = first + chrono::Days::new(writer % 4);
                let departure = first + chrono::Days::new(7);
                let (arrival, departure) = (arrival.to_string(), departure.to_string());
                let app = &app;
                async move { take(app, &arrival, &departure).await }
            });
            let done = futures_util::future::join_all(attempts).await;
            let taken = done.iter().filter(|done| done.is_ok()).count();
            assert_eq!(taken, 1, "{week}: {done:?}");
        }
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_stay").await, 4);
    }

    /// A backup has the stays, and the database that comes of it refuses as the first did.
    async fn a_backup_keeps_the_refusal(app: TestApp) {
        app.add_letting(1, "Bay Window").await;
        take(&app, "2027-07-10", "2027-07-17").await.unwrap();
        app.db.close().await.unwrap();
        let file = back_up(&app.database, "site.backup");
        let again = run_on(&app.database, &["restore", file.to_str().unwrap(), "--replace"]);
        assert_eq!(again.code, Some(0), "{again:?}");
        let app = TestApp::unmigrated(app.database, &[]);
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_stay").await, 1);
        assert!(take(&app, "2027-07-16", "2027-07-18").await.is_err());
        take(&app, "2027-07-17", "2027-07-18").await.unwrap();
        let moved = "UPDATE oc_lettings_stay SET arrival = '2027-07-16' WHERE arrival = '2027-07-17'";
        assert!(refused(&app, moved).await);
    }
}
