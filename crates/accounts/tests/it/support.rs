//! What the tests share: Django's tables with a few accounts in them.

use std::num::NonZeroUsize;

use accounts::authenticate::{Credentials, LoginGate, OpenTo, Outcome, authenticate};
use accounts::hashers::{self, Hashing};
use accounts::signing::Keys;
use accounts::throttle::{self, Throttle};
use accounts::{schema, user};
use db::Database;
use db::datetime::now;
pub(crate) use db::testing::Backend;
use db::testing::TestDatabase;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, Statement};

/// Accounts in a database that no other test sees.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) db: Database,
    pub(crate) keys: Keys,
    pub(crate) throttle: Throttle,
    /// Kept until the end.
    _database: TestDatabase,
}

pub(crate) const FAILURES: &str = "shop_login_attempt";

/// The password of everybody here.
pub(crate) const PASSWORD: &str = "correct-horse";

impl Shop {
    pub(crate) async fn open(backend: Backend) -> Self {
        let database = TestDatabase::empty(backend).await;
        if backend == Backend::Sqlite {
            std::fs::write(database.path(), "").unwrap();
        }
        let db = database.open();
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
        Self {
            db,
            keys,
            throttle,
            _database: database,
        }
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

    pub(crate) fn login_gate(&self) -> LoginGate {
        let hashing = Hashing::new(NonZeroUsize::MIN);
        LoginGate::new(self.db.clone(), hashing, self.throttle.clone())
    }

    /// Somebody who wants to come in.
    pub(crate) async fn try_in(&self, username: &str, password: &str, open_to: OpenTo) -> Outcome {
        self.try_at(&self.login_gate(), username, password, open_to)
            .await
    }

    pub(crate) async fn try_at(
        &self,
        login_gate: &LoginGate,
        username: &str,
        password: &str,
        open_to: OpenTo,
    ) -> Outcome {
        let credentials = Credentials {
            username,
            password: password.into(),
            address: "192.0.2.1".parse().unwrap(),
            device: None,
            open_to,
        };
        let outcome = authenticate(login_gate, credentials).await;
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

/// Each test twice, with a [`Shop`] on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($(
        $(#[$attribute:meta])*
        async fn $name:ident($subject:ident: Shop) $body:block
    )*) => {
        db::on_both_databases! {
            crate::support::Shop;
            $(
                $(#[$attribute])*
                async fn $name($subject) $body
            )*
        }
    };
}
pub(crate) use on_both_databases;
