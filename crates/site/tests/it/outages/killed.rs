//! A program that is killed while it saves loses nothing that it said it had saved.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::Rng as _;
use rand::rngs::StdRng;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::backup::{back_up, rows_of};
use crate::support::program::command;
use crate::support::{TestDatabase, chance, on_both_databases};

const KILLS: usize = 10;

/// Lets a moment pass without giving up the processor.
fn wait(random: &mut StdRng, longest: Duration) {
    let start = Instant::now();
    let moment = longest.mul_f64(random.random());
    while start.elapsed() < moment {
        std::hint::spin_loop();
    }
}

/// Runs `examples/save.rs` until it has told some ids, and kills it a little later.
fn save_until_killed(url: &str, random: &mut StdRng) -> Vec<i64> {
    let program = Path::new(env!("CARGO_BIN_EXE_oc-lettings"));
    let saver = program.parent().unwrap().join("examples/save");
    let mut saver = Command::new(saver);
    let mut child = saver.arg(url).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let wanted = random.random_range(1..=20);
    let id = |line: std::io::Result<String>| line.unwrap().parse().unwrap();
    let mut ids: Vec<i64> = lines.by_ref().take(wanted).map(id).collect();
    assert_eq!(ids.len(), wanted, "it ended before it was killed");
    wait(random, Duration::from_millis(5));
    child.kill().unwrap();
    child.wait().unwrap();
    ids.extend(lines.map(id));
    ids
}

on_both_databases! {
    async fn what_was_answered_is_there_after_a_kill(app: TestApp) {
        app.db.close().await.unwrap();
        let mut random = chance();
        let mut answered = BTreeSet::new();
        for _ in 0..KILLS {
            answered.extend(save_until_killed(&app.database.url, &mut random));
        }
        let db = app.database.open();
        let backend = db.get_database_backend();
        let query = async |sql: &str| {
            let rows = db.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
            let value = |row: &sea_orm::QueryResult| row.try_get_by_index(0);
            rows.iter().map(value).collect::<Result<Vec<i64>, _>>().unwrap()
        };
        let saved = "SELECT l.id FROM lettings_letting AS l \
            JOIN lettings_address AS a ON a.id = l.address_id \
            WHERE l.title = 'House at address ' || CAST(a.id AS varchar(20))";
        let saved: BTreeSet<_> = query(saved).await.into_iter().collect();
        let lost: Vec<_> = answered.difference(&saved).collect();
        assert!(lost.is_empty(), "{lost:?}");
        assert!(saved.len() - answered.len() <= KILLS, "{saved:?} {answered:?}");
        let addresses = query("SELECT count(*) FROM lettings_address").await[0];
        assert_eq!(addresses, i64::try_from(saved.len()).unwrap());
        db.close().await.unwrap();
        // Which looks at every page, index and foreign key of SQLite's.
        back_up(&app.database, "site.backup");
    }

    async fn a_restore_that_is_killed_leaves_one_database_or_the_other(app: TestApp) {
        site::demo::fill(&app.db).await.unwrap();
        app.db.close().await.unwrap();
        let demo = rows_of(&app.database).await;
        let file = back_up(&app.database, "demo.backup");
        app.sql("DELETE FROM lettings_letting").await;
        app.db.close().await.unwrap();
        let none = rows_of(&app.database).await;
        let none_file = back_up(&app.database, "none.backup");
        let mut random = chance();
        let variables = [("DATABASE_URL", app.database.url.as_str())];
        let is_demo = async |database: &TestDatabase| {
            let rows = rows_of(database).await;
            assert!(rows == demo || rows == none, "neither: {rows:?}");
            rows == demo
        };
        for _ in 0..KILLS {
            let other = if is_demo(&app.database).await { &none_file } else { &file };
            let mut restore = command(app.database.folder.path(), &variables);
            restore.args(["restore", other.to_str().unwrap(), "--replace"]);
            let mut child = restore.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            wait(&mut random, Duration::from_millis(200));
            child.kill().unwrap();
            child.wait().unwrap();
            is_demo(&app.database).await;
        }
    }
}
