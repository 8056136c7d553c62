//! What the tests share: Django's tables with a few accounts in them.

use std::num::NonZeroUsize;

use accounts::authenticate::{Credentials, Entrance, OpenTo, Outcome, authenticate};
use accounts::hashers::{self, Hashing};
use accounts::signing::Keys;
use accounts::throttle::{self, Throttle};
use accounts::{schema, user};
use db::datetime::now;
use db::{Config, Database, Synchronous};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, Statement};
use tempfile::TempDir;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Sqlite,
    Postgres,
}

/// Accounts in a database that no other test sees.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) db: Database,
    pub(crate) keys: Keys,
    pub(crate) throttle: Throttle,
    /// Where a SQLite file is; removed at the end.
    _folder: TempDir,
}

pub(crate) const FAILURES: &str = "shop_login_failure";

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "correct-horse";

impl Shop {
    /// `None`, with the reason printed, where there is no server.
    pub(crate) async fn open(backend: Backend) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = match backend {
            Backend::Sqlite => {
                let path = folder.path().join("shop.sqlite3");
                std::fs::write(&path, "").unwrap();
                format!("sqlite:///{}", path.display())
            }
            Backend::Postgres => {
                let Some(server) = variable("TEST_POSTGRES_URL") else {
                    skip("no PostgreSQL: TEST_POSTGRES_URL is not set");
                    return None;
                };
                create_database(&server).await
            }
        };
        let db = Database::new(config(&url));
        let tables = [
            schema::CONTENT_TYPE,
            schema::PERMISSION,
            schema::GROUP,
            schema::GROUP_PERMISSIONS,
            schema::USER,
            schema::USER_GROUPS,
            schema::USER_PERMISSIONS,
            schema::SESSION,
            throttle::table(FAILURES),
        ];
        for table in &tables {
            for sql in db::ddl::create_table(db.get_database_backend(), table) {
                db.execute_unprepared(&sql).await.unwrap();
            }
        }
        let keys = Keys {
            current: "a-key-for-the-tests-of-a-shop".into(),
            fallbacks: Vec::new(),
        };
        let throttle = Throttle::new(db.clone(), FAILURES, keys.clone());
        Some(Self {
            db,
            keys,
            throttle,
            _folder: folder,
        })
    }

    /// Counts as another instance does, which takes no turns with this one.
    pub(crate) fn throttle_elsewhere(&self) -> Throttle {
        Throttle::new(self.db.clone(), FAILURES, self.keys.clone())
    }

    /// The keys after a change: what was signed before is opened by the earlier one.
    pub(crate) fn changed_keys(&self) -> Keys {
        Keys {
            current: "the-next-key".into(),
            fallbacks: vec![self.keys.current.clone()],
        }
    }

    /// An active account without any rights, with a hash that costs a test no time.
    pub(crate) async fn add_user(&self, username: &str) -> user::Model {
        let hash = hashers::encode_with(PASSWORD, "abcdefghijklmnopqrstuv", 10);
        let user = user::ActiveModel {
            id: NotSet,
            password: Set(hash),
            last_login: Set(None),
            is_superuser: Set(false),
            username: Set(username.to_owned()),
            first_name: Set(String::new()),
            last_name: Set(String::new()),
            email: Set(String::new()),
            is_staff: Set(false),
            is_active: Set(true),
            date_joined: Set(now()),
        };
        user.insert(&self.db).await.unwrap()
    }

    pub(crate) async fn user(&self, username: &str) -> user::Model {
        let user = user::find_by_username(&self.db, username).await;
        user.unwrap().unwrap()
    }

    pub(crate) fn entrance(&self) -> Entrance {
        Entrance {
            db: self.db.clone(),
            hashing: Hashing::new(NonZeroUsize::MIN),
            throttle: self.throttle.clone(),
        }
    }

    /// Somebody who wants to come in.
    pub(crate) async fn try_in(&self, username: &str, password: &str, open_to: OpenTo) -> Outcome {
        let credentials = Credentials {
            username,
            password: password.into(),
            address: "192.0.2.1".parse().unwrap(),
            open_to,
        };
        let outcome = authenticate(&self.entrance(), credentials).await;
        outcome.unwrap()
    }

    pub(crate) async fn sql(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.unwrap();
    }

    /// The first column of the first row, as a text.
    pub(crate) async fn text(&self, sql: &str) -> String {
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        let row = self.db.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }
}

fn config(url: &str) -> Config {
    Config {
        address: url.parse().unwrap(),
        synchronous: Synchronous::Normal,
        max_connections: 4,
    }
}

async fn create_database(server: &str) -> String {
    let (base, _) = server.rsplit_once('/').unwrap();
    let name = format!("test_{:032x}", rand::random::<u128>());
    let admin = Database::new(config(server));
    let sql = format!("CREATE DATABASE {name}");
    admin.execute_unprepared(&sql).await.unwrap();
    admin.close().await.unwrap();
    format!("{base}/{name}")
}

/// Says why a test does not run; where everything has to run, that is a failure.
pub(crate) fn skip(reason: &str) {
    tell_skipped(reason);
    let has_to_run = variable("CI").is_some_and(|value| value != "false");
    assert!(!has_to_run, "nothing may be skipped here: {reason}");
}

/// Says why a test does not run that needs what is no part of the project.
#[expect(
    clippy::print_stderr,
    reason = "the reason is for whoever runs the tests"
)]
pub(crate) fn tell_skipped(reason: &str) {
    eprintln!("skipped: {reason}");
}

#[expect(
    clippy::disallowed_methods,
    reason = "what the test run is told, not a setting"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Each test twice, with a [`Shop`] on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($(
        $(#[$attribute:meta])*
        async fn $name:ident($shop:ident: Shop) $body:block
    )*) => {
        $(async fn $name($shop: crate::support::Shop) $body)*

        mod sqlite {
            $(
                $(#[$attribute])*
                #[tokio::test]
                async fn $name() {
                    let backend = crate::support::Backend::Sqlite;
                    if let Some(shop) = crate::support::Shop::open(backend).await {
                        super::$name(shop).await;
                    }
                }
            )*
        }

        mod postgres {
            $(
                $(#[$attribute])*
                #[tokio::test]
                async fn $name() {
                    let backend = crate::support::Backend::Postgres;
                    if let Some(shop) = crate::support::Shop::open(backend).await {
                        super::$name(shop).await;
                    }
                }
            )*
        }
    };
}
pub(crate) use on_both_databases;
