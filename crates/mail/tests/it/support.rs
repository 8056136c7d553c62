//! What the tests share: an outbox, and a server that takes its letters.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use db::testing::{Backend, TestDatabase, needed};
use db::{Database, stored};
use mail::{About, Address, Config, Letter, Mailing, Outbox, Timing};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::Value;

pub(crate) const OUTBOX: Outbox = Outbox {
    table: "post_letter",
};

/// An outbox in a database that no other test sees.
pub(crate) struct Post {
    pub(crate) db: Database,
    pub(crate) database: TestDatabase,
}

/// What the table says of a letter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) message_id: String,
    pub(crate) text: String,
    pub(crate) waits: bool,
    pub(crate) is_sent: bool,
    pub(crate) attempts: i64,
    pub(crate) error: String,
}

impl Post {
    pub(crate) async fn open(backend: Backend) -> Self {
        let database = TestDatabase::empty(backend).await;
        if backend == Backend::Sqlite {
            std::fs::write(database.path(), "").unwrap();
        }
        let db = database.open();
        let table = mail::table(OUTBOX.table);
        for sql in db::ddl::create_table(db.get_database_backend(), &table) {
            db.execute_unprepared(&sql).await.unwrap();
        }
        Self { db, database }
    }

    /// Sends to an address such as `EMAIL_URL` holds.
    pub(crate) fn mailing(&self, url: &str) -> Mailing {
        self.timed(url, TIMING)
    }

    pub(crate) fn timed(&self, url: &str, timing: Timing) -> Mailing {
        let config = Config {
            outbox: OUTBOX,
            sender: "Books <post@books.example>".parse().unwrap(),
            destination: Some(url.parse().unwrap()),
            timing,
        };
        Mailing::new(self.db.clone(), config).unwrap()
    }

    pub(crate) async fn queue(&self, to: &str) -> i64 {
        OUTBOX.queue(&self.db, &letter(to)).await.unwrap()
    }

    pub(crate) async fn row(&self, id: i64) -> Option<Row> {
        let sql = format!(
            "SELECT message_id, text, next_attempt_at IS NOT NULL, sent_at IS NOT NULL, attempts, error \
             FROM {} WHERE id = $1",
            OUTBOX.table
        );
        let backend = self.db.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [id.into()]);
        let row = self.db.query_one_raw(statement).await.unwrap()?;
        let text = |index: usize| stored::text(&row, index).unwrap().value().unwrap();
        let boolean = |index: usize| stored::boolean(&row, index).unwrap().value().unwrap();
        Some(Row {
            message_id: text(0),
            text: text(1),
            waits: boolean(2),
            is_sent: boolean(3),
            attempts: stored::integer(&row, 4).unwrap().value().unwrap(),
            error: text(5),
        })
    }

    /// How many letters fulfil a condition.
    pub(crate) async fn count(&self, condition: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM {} WHERE {condition}", OUTBOX.table);
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        let row = self.db.query_one_raw(statement).await.unwrap().unwrap();
        stored::integer(&row, 0).unwrap().value().unwrap()
    }

    /// Lets every wait and lease be over.
    pub(crate) async fn let_time_pass(&self) {
        let sql = format!(
            "UPDATE {} SET next_attempt_at = '2001-02-03 04:05:06' WHERE next_attempt_at IS NOT NULL",
            OUTBOX.table
        );
        self.db.execute_unprepared(&sql).await.unwrap();
    }
}

/// Letters that fail are due again at once.
pub(crate) const TIMING: Timing = Timing {
    look: Duration::from_millis(20),
    first_wait: Duration::ZERO,
    longest_wait: Duration::ZERO,
    first_pause: Duration::ZERO,
    longest_pause: Duration::ZERO,
    ..Timing::production()
};

pub(crate) fn letter(to: &str) -> Letter {
    Letter {
        to: Address::parse(to).unwrap(),
        reply_to: None,
        subject: "A book, à lire".to_owned(),
        text: "Bonjour\n.\nFrom Zoë\n".to_owned(),
        html: String::new(),
        about: About::Nothing,
    }
}

/// `bench/peers/smtp/server.py`.
pub(crate) struct SmtpServer {
    child: Child,
    told: Receiver<Value>,
    pub(crate) port: u16,
}

impl SmtpServer {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/peers/smtp");
        let mut child = Command::new(needed("TEST_SMTP_PYTHON"))
            .arg("server.py")
            .args(arguments)
            .current_dir(folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, told) = channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Read all the time: it would wait at a pipe that is full.
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let told: Value = serde_json::from_str(&line).unwrap();
                if sender.send(told).is_err() {
                    return;
                }
            }
        });
        let mut server = Self {
            child,
            told,
            port: 0,
        };
        let port = server.next()["port"].as_u64().unwrap();
        server.port = u16::try_from(port).unwrap();
        server
    }

    /// With TLS and a login, and the address to use it by.
    pub(crate) fn secure(tls: &str, folder: &Path) -> (Self, String, PathBuf) {
        let authority = folder.join("ca.pem");
        let file = authority.to_str().unwrap();
        let server = Self::start(&["--tls", tls, "--ca", file, "--login", "ann:p/w:d"]);
        let scheme = if tls == "wrapped" { "smtps" } else { "smtp" };
        let url = format!(
            "{scheme}://ann:p%2Fw%3Ad@localhost:{}?ca={file}",
            server.port
        );
        (server, url, authority)
    }

    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// The next thing that it tells, which it has to tell soon.
    pub(crate) fn next(&self) -> Value {
        let told = self.told.recv_timeout(Duration::from_secs(30));
        told.expect("it tells something")
    }

    /// Ends it, and returns what it still had to tell.
    pub(crate) fn end(mut self) -> Vec<Value> {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.told.iter().collect()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn header(message: &Value, name: &str) -> String {
    let headers = message["headers"].as_array().unwrap();
    let found = headers.iter().find(|header| header[0] == name);
    found.map_or_else(String::new, |header| header[1].as_str().unwrap().to_owned())
}

macro_rules! on_both_databases {
    ($(
        $(#[$attribute:meta])*
        async fn $name:ident($subject:ident: Post) $body:block
    )*) => {
        db::on_both_databases! {
            crate::support::Post;
            $(
                $(#[$attribute])*
                async fn $name($subject) $body
            )*
        }
    };
}
pub(crate) use on_both_databases;
