//! What the tests share: a library on a database that no other test sees, and its visitors.

pub(crate) mod catalogue;
pub(crate) mod models;
pub(crate) mod visitor;

use std::num::NonZeroUsize;
use std::sync::Arc;

use accounts::hashers::{self, Hashing};
use accounts::signing::Keys;
use accounts::{login, user};
use admin::registry::Registry;
use admin::{Admin, router};
use axum::Router;
use db::Database;
use db::datetime::now;
use db::schema::Table;
use db::testing::{Backend, TestDatabase};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, Statement};
use web::csrf::TrustedOrigins;
use web::visit::VisitStore;

use self::catalogue::{PlainLayout, languages};
use self::visitor::Visitor;

/// The admin of a library.
pub(crate) struct Library {
    pub(crate) db: Database,
    pub(crate) router: Router,
    keys: Keys,
    /// Kept until the end.
    _database: TestDatabase,
}

impl Library {
    pub(crate) async fn open(backend: Backend) -> Self {
        let database = TestDatabase::empty(backend).await;
        if backend == Backend::Sqlite {
            std::fs::write(database.path(), "").unwrap();
        }
        let db = database.open();
        let keys = Keys {
            current: "a-key-for-the-tests-of-a-library".into(),
            fallbacks: Vec::new(),
        };
        let admin = Admin::new(admin::Config {
            registry: Registry::new(models::APPS, models::MODELS).unwrap(),
            db: db.clone(),
            hashing: Hashing::new(NonZeroUsize::MIN),
            languages: languages(),
            layout: Arc::new(PlainLayout),
            dependent_tables: models::DEPENDENT_TABLES,
            after_deletion: |_| Box::pin(async { Ok(()) }),
        });
        let visit_store = VisitStore {
            db: db.clone(),
            keys: keys.clone(),
        };
        let library = Self {
            router: router(admin, visit_store, &TrustedOrigins::default()),
            db,
            keys,
            _database: database,
        };
        library.fill().await;
        library
    }

    async fn fill(&self) {
        for table in &models::tables() {
            self.create(table).await;
        }
        for sql in models::ROWS {
            self.sql(sql).await;
        }
        for model in models::MODELS {
            let (app, name) = (model.app, model.name);
            self.sql(&format!(
                "INSERT INTO django_content_type (app_label, model) VALUES ('{app}', '{name}')"
            ))
            .await;
            for action in ["add", "change", "delete", "view"] {
                self.sql(&format!(
                    "INSERT INTO auth_permission (content_type_id, codename, name) \
                     SELECT id, '{action}_{name}', '' FROM django_content_type \
                     WHERE model = '{name}'"
                ))
                .await;
            }
        }
    }

    pub(crate) async fn create(&self, table: &Table) {
        for sql in db::ddl::create_table(self.db.get_database_backend(), table) {
            self.sql(&sql).await;
        }
    }

    pub(crate) async fn sql(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.unwrap();
    }

    /// The first column of all rows, which has to be a text.
    pub(crate) async fn texts(&self, sql: &str) -> Vec<String> {
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        let rows = self.db.query_all_raw(statement).await.unwrap();
        let texts = rows.iter().map(|row| row.try_get_by_index(0).unwrap());
        texts.collect()
    }

    /// The history, in order: who, what, on which object, with which words.
    pub(crate) async fn history(&self) -> Vec<String> {
        self.texts(
            "SELECT u.username || ' ' || CAST(l.action_flag AS text) || ' ' || c.model || ' ' || \
             l.object_id || ' ' || l.object_repr || ' ' || l.change_message \
             FROM django_admin_log l JOIN auth_user u ON u.id = l.user_id \
             JOIN django_content_type c ON c.id = l.content_type_id ORDER BY l.id",
        )
        .await
    }

    /// A visitor who is not logged in.
    pub(crate) fn visitor(&self) -> Visitor<'_> {
        Visitor::new(self)
    }

    /// Somebody who may do everything.
    pub(crate) async fn superuser(&self) -> Visitor<'_> {
        let user = user::ActiveModel {
            is_superuser: Set(true),
            ..account("ann")
        };
        self.log_in(user).await
    }

    /// One of the staff, with these permissions: `view_book`.
    pub(crate) async fn staff(&self, permissions: &[&str]) -> Visitor<'_> {
        let visitor = self.log_in(account("bob")).await;
        for permission in permissions {
            self.sql(&format!(
                "INSERT INTO auth_user_user_permissions (user_id, permission_id) \
                 SELECT u.id, p.id FROM auth_user u, auth_permission p \
                 WHERE u.username = 'bob' AND p.codename = '{permission}'"
            ))
            .await;
        }
        visitor
    }

    /// Adds an account and a session of it.
    pub(crate) async fn log_in(&self, user: user::ActiveModel) -> Visitor<'_> {
        let user = user.insert(&self.db).await.unwrap();
        let session = login::log_in(&self.db, &self.keys, None, &user).await;
        let mut visitor = self.visitor();
        visitor.keep("sessionid", session.unwrap().key.as_str());
        visitor
    }
}

/// One of the staff, without any rights.
pub(crate) fn account(username: &str) -> user::ActiveModel {
    user::ActiveModel {
        id: NotSet,
        password: Set(hashers::encode_with(
            "tulip-anchor-9",
            "abcdefghijklmnopqrstuv",
            10,
        )),
        last_login: Set(None),
        is_superuser: Set(false),
        username: Set(username.to_owned()),
        first_name: Set(String::new()),
        last_name: Set(String::new()),
        email: Set(String::new()),
        is_staff: Set(true),
        is_active: Set(true),
        date_joined: Set(now()),
    }
}

/// Each test twice, with a [`Library`] on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($(
        $(#[$attribute:meta])*
        async fn $name:ident($subject:ident: Library) $body:block
    )*) => {
        db::on_both_databases! {
            crate::support::Library;
            $(
                $(#[$attribute])*
                async fn $name($subject) $body
            )*
        }
    };
}
pub(crate) use on_both_databases;
