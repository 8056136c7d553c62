//! Users: the table `auth_user`, its rules, and the names that people type.

use std::fmt;

use chrono::{DateTime, Utc};
use db::datetime::now;
use db::rules::{self, BrokenRule, TextRule};
use db::{Integer, stored};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, Func};
use sea_orm::{
    DbBackend, DbErr, FromQueryResult, QueryOrder as _, QueryResult, QuerySelect as _, Statement,
};
use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory as _};

/// A row of `auth_user`. Its `Debug` shows who it is, and nothing else.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "auth_user")]
pub struct Model {
    /// Its key.
    #[sea_orm(primary_key)]
    pub id: Integer,
    /// The password's hash in Django's form.
    pub password: String,
    /// When the user last logged in.
    pub last_login: Option<DateTime<Utc>>,
    /// Whether every permission is granted.
    pub is_superuser: bool,
    /// Unique, matched exactly.
    pub username: String,
    /// May be empty.
    pub first_name: String,
    /// May be empty.
    pub last_name: String,
    /// May be empty.
    pub email: String,
    /// Whether the admin is open to the user.
    pub is_staff: bool,
    /// Whether the user may log in.
    pub is_active: bool,
    /// When the account was made.
    pub date_joined: DateTime<Utc>,
}

impl fmt::Debug for Model {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("User")
            .field("id", &self.id.0)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

#[expect(
    missing_docs,
    reason = "SeaORM asks for it; nothing is related from here"
)]
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

/// Lengths, as Django 5.2 has them; which characters a username may have is [`Username`]'s, since
/// a row that is there already need not obey.
#[sea_orm::prelude::async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(self, _db: &C, _insert: bool) -> Result<Self, DbErr> {
        for (field, value, allowed) in [
            ("username", &self.username, 1..=150),
            ("password", &self.password, 1..=128),
            ("first_name", &self.first_name, 0..=150),
            ("last_name", &self.last_name, 0..=150),
            ("email", &self.email, 0..=254),
        ] {
            if let Set(value) = value {
                rules::text(field, value, allowed)?;
            }
        }
        Ok(self)
    }
}

/// A row that may hold values of wrong types, as SQLite allows. It must neither fail a page nor make
/// its account recognisable at the login. A wrong boolean reads as false, so that it grants nothing. A
/// wrong text reads as empty, which no password matches.
struct LenientModel(Model);

impl FromQueryResult for LenientModel {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        let name = |column: Column| format!("{prefix}{}", column.as_str());
        let text = |column| {
            let text = stored::text(row, name(column).as_str())?;
            Ok::<_, DbErr>(text.value().unwrap_or_default())
        };
        let boolean = |column| {
            let boolean = stored::boolean(row, name(column).as_str())?;
            Ok::<_, DbErr>(boolean.value().unwrap_or(false))
        };
        let time = |column| Ok::<_, DbErr>(stored::time(row, name(column).as_str())?.value());
        Ok(Self(Model {
            id: row.try_get(prefix, Column::Id.as_str())?,
            password: text(Column::Password)?,
            last_login: time(Column::LastLogin)?,
            is_superuser: boolean(Column::IsSuperuser)?,
            username: text(Column::Username)?,
            first_name: text(Column::FirstName)?,
            last_name: text(Column::LastName)?,
            email: text(Column::Email)?,
            is_staff: boolean(Column::IsStaff)?,
            is_active: boolean(Column::IsActive)?,
            date_joined: time(Column::DateJoined)?.unwrap_or(DateTime::UNIX_EPOCH),
        }))
    }
}

/// The one user that a query finds.
async fn one(db: &impl ConnectionTrait, query: Select<Entity>) -> Result<Option<Model>, DbErr> {
    let found = query.limit(1).into_model::<LenientModel>().one(db).await?;
    Ok(found.map(|LenientModel(user)| user))
}

/// The user of exactly that name.
pub async fn find_by_username(
    db: &impl ConnectionTrait,
    username: &str,
) -> Result<Option<Model>, DbErr> {
    // No row has such a name, and PostgreSQL takes no NUL in a text.
    if rules::text("username", username, 1..=150).is_err() {
        return Ok(None);
    }
    one(db, Entity::find().filter(Column::Username.eq(username))).await
}

/// The most users of one e-mail address that [`find_by_email`] returns.
const MAX_OF_EMAIL: u64 = 20;

/// The users of an e-mail address, whatever its case (`Django 5.2 contrib/auth/forms.py`,
/// `PasswordResetForm.get_users`). The database compares first, which on SQLite knows the case of ASCII
/// alone; what it finds is compared as Unicode does, so that a letter that only looks alike is another.
pub async fn find_by_email(db: &impl ConnectionTrait, email: &str) -> Result<Vec<Model>, DbErr> {
    if rules::text("email", email, 1..=254).is_err() {
        return Ok(Vec::new());
    }
    let stored = Expr::expr(Func::lower(Expr::col(Column::Email)));
    let same = ExprTrait::eq(stored, Func::lower(Expr::val(email)));
    let query = Entity::find().filter(same);
    let query = query.order_by_asc(Column::Id).limit(MAX_OF_EMAIL);
    let found = query.into_model::<LenientModel>().all(db).await?;
    let found = found.into_iter().map(|LenientModel(user)| user);
    let folded = fold_username(email);
    Ok(found
        .filter(|user| fold_username(&user.email) == folded)
        .collect())
}

/// The rows whose name equals this one but for case and Unicode's forms of characters
/// ([`fold_username`]). Works on any column of names, not only on [`crate::schema::USER`]'s.
///
/// On PostgreSQL the transaction takes a lock on the folded name. Otherwise two transactions could both
/// find nothing, and both insert the name.
pub async fn find_alike(
    db: &impl ConnectionTrait,
    (table, column): (&str, &str),
    name: &str,
) -> Result<Vec<(Integer, String)>, DbErr> {
    let backend = db.get_database_backend();
    let folded = fold_username(name);
    if name.contains('\0') {
        return Ok(Vec::new());
    }
    if backend == DbBackend::Postgres {
        let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
        let key = format!("{table}.{column} {folded}");
        let lock = Statement::from_sql_and_values(backend, sql, [key.into()]);
        db.query_all_raw(lock).await?;
    }
    // Neither database folds as Unicode does, so that all names with non-ASCII characters are fetched and
    // compared here.
    let sql = format!(
        "SELECT \"id\", \"{column}\" FROM \"{table}\" WHERE lower(\"{column}\") = lower($1) \
         OR octet_length(\"{column}\") <> length(\"{column}\")"
    );
    let statement = Statement::from_sql_and_values(backend, sql, [name.into()]);
    let mut alike = Vec::new();
    for row in db.query_all_raw(statement).await? {
        let (id, stored) = (row.try_get_by(0)?, stored::text(&row, 1)?.text());
        if fold_username(&stored) == folded {
            alike.push((id, stored));
        }
    }
    Ok(alike)
}

/// One stored hash of each kind and cost. The cost of PBKDF2, bcrypt and Argon2 is in the first
/// characters, so that grouping by these is enough. (For Argon2 they may include some of the salt.)
pub async fn stored_hashes(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT min(password) FROM auth_user \
               WHERE password LIKE 'pbkdf2%' OR password LIKE 'bcrypt%' \
               OR password LIKE 'argon2$%' OR password LIKE 'scrypt$%' \
               GROUP BY CASE WHEN password LIKE 'scrypt$%' THEN password \
               WHEN password LIKE 'argon2$%' THEN substr(password, 1, 38) \
               ELSE substr(password, 1, 21) END";
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await?;
    let hashes = rows.iter().map(|row| Ok(stored::text(row, 0)?.value()));
    let hashes: Result<Vec<_>, DbErr> = hashes.collect();
    Ok(hashes?.into_iter().flatten().collect())
}

/// The user with that key.
pub async fn find_by_id(db: &impl ConnectionTrait, id: Integer) -> Result<Option<Model>, DbErr> {
    one(db, Entity::find_by_id(id)).await
}

/// A new account for staff with every permission.
#[derive(Debug, Clone)]
pub struct NewSuperuser {
    /// Its name.
    pub username: Username,
    /// May be empty.
    pub email: String,
    /// The hash to store: [`crate::hashers::encode`] or [`crate::hashers::unusable`].
    pub password: String,
}

/// Makes an account for staff with every permission. A name that is taken is the database's error.
pub async fn create_superuser(
    db: &impl ConnectionTrait,
    new: NewSuperuser,
) -> Result<Model, DbErr> {
    let user = ActiveModel {
        id: NotSet,
        password: Set(new.password),
        last_login: Set(None),
        is_superuser: Set(true),
        username: Set(new.username.0),
        first_name: Set(String::new()),
        last_name: Set(String::new()),
        email: Set(normalize_email(&new.email)),
        is_staff: Set(true),
        is_active: Set(true),
        date_joined: Set(now()),
    };
    user.insert(db).await
}

/// Stores another hash. Ends the user's sessions, which are bound to the hash.
pub async fn set_password(
    db: &impl ConnectionTrait,
    id: Integer,
    encoded: String,
) -> Result<(), DbErr> {
    rules::text("password", &encoded, 1..=128)?;
    // One column, not the whole record: others of its values may be unreadable.
    let query = Entity::update_many().col_expr(Column::Password, Expr::val(encoded));
    let updated = query.filter(Column::Id.eq(id)).exec(db).await?;
    if updated.rows_affected == 0 {
        return Err(DbErr::RecordNotUpdated);
    }
    Ok(())
}

/// Stores another hash of the same password, unless somebody has stored another meanwhile. `true`
/// when it was stored.
pub(crate) async fn replace_password(
    db: &impl ConnectionTrait,
    user: &Model,
    encoded: &str,
) -> Result<bool, DbErr> {
    let result = Entity::update_many()
        .col_expr(Column::Password, Expr::val(encoded))
        .filter(Column::Id.eq(user.id))
        .filter(Column::Password.eq(user.password.as_str()))
        .exec(db)
        .await?;
    Ok(result.rows_affected == 1)
}

/// Stores when a user last logged in.
pub(crate) async fn record_login(
    db: &impl ConnectionTrait,
    id: Integer,
    time: DateTime<Utc>,
) -> Result<(), DbErr> {
    let query = Entity::update_many().col_expr(Column::LastLogin, Expr::val(time));
    query.filter(Column::Id.eq(id)).exec(db).await.map(drop)
}

/// What may be typed as a username, before it is normalised.
pub const TYPED_USERNAME: TextRule = TextRule::line(150);

/// What may be typed as a password, before it is compared or hashed. Django has no such limit; none
/// of those that people choose comes near this one.
pub const TYPED_PASSWORD: TextRule = TextRule::line(4_096);

/// What may be typed as an e-mail address.
pub const TYPED_EMAIL: TextRule = TextRule::line(254);

/// A name for an account, in Unicode's composed form (NFKC), of the characters that Django allows:
/// letters and digits of any script, and `@ . + - _` (`Django 5.2 contrib/auth/validators.py`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Username(String);

/// Why a text is no name for an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUsername {
    /// The name is empty.
    #[error("a username must not be empty")]
    Empty,
    /// More than 150 characters.
    #[error("a username has at most 150 characters")]
    TooLong,
    /// Something else than letters, digits and `@ . + - _`.
    #[error("a username may have letters, digits and @ . + - _ only")]
    Character,
}

impl Username {
    /// From what somebody typed.
    pub fn parse(typed: &str) -> Result<Self, InvalidUsername> {
        let name = normalize_username(typed).map_err(|broken| match broken {
            BrokenRule::Control { .. } => InvalidUsername::Character,
            _ => InvalidUsername::TooLong,
        })?;
        match name.chars().count() {
            0 => Err(InvalidUsername::Empty),
            1..=150 if name.chars().all(is_allowed) => Ok(Self(name)),
            1..=150 => Err(InvalidUsername::Character),
            _ => Err(InvalidUsername::TooLong),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The characters of Python's `\w`, and those that Django adds.
fn is_allowed(character: char) -> bool {
    matches!(character, '_' | '@' | '.' | '+' | '-')
        || matches!(
            character.general_category_group(),
            GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number
        )
}

/// What somebody typed as a username in the form in which names are stored: without space around
/// it, and composed. What breaks [`TYPED_USERNAME`] is refused before it is composed, since NFKC
/// makes 18 characters of some (`Django 5.2 contrib/auth/forms.py`, `UsernameField.to_python`).
pub fn normalize_username(typed: &str) -> Result<String, BrokenRule> {
    let typed = typed.trim();
    TYPED_USERNAME.check("username", typed)?;
    Ok(typed.nfkc().collect())
}

/// A name in a form that similar names share: composed, in one case. `ß` becomes `ss`, and a final sigma
/// becomes a plain one, by way of upper case.
pub fn fold_username(name: &str) -> String {
    name.nfkc()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkc()
        .collect()
}

/// The domain of an address in small letters, as Django's `normalize_email` does it.
pub fn normalize_email(email: &str) -> String {
    match email.trim().rsplit_once('@') {
        Some((name, domain)) => format!("{name}@{}", domain.to_lowercase()),
        None => email.to_owned(),
    }
}

/// Whether a text looks like an e-mail address: a name of the usual characters, and a domain with
/// a dot, or `localhost`.
pub fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let is_in_name = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-".contains(c);
    let is_in_label = |c: char| c.is_alphanumeric() || c == '-';
    let is_label = |label: &str| {
        let length = label.chars().count();
        let has_edge = label.starts_with('-') || label.ends_with('-');
        (1..=63).contains(&length) && label.chars().all(is_in_label) && !has_edge
    };
    let is_name = name
        .split('.')
        .all(|part| !part.is_empty() && part.chars().all(is_in_name));
    let is_domain =
        domain == "localhost" || (domain.contains('.') && domain.split('.').all(is_label));
    text.chars().count() <= 254 && is_name && is_domain
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_those_that_django_takes() {
        for (typed, name) in [
            ("ann", "ann"),
            (" ann\n", "ann"),
            ("Ann.O+Neil-3@home_", "Ann.O+Neil-3@home_"),
            ("ré\u{65}\u{301}", "réé"),
            ("ﬁnn", "finn"),
            ("日本１", "日本1"),
            ("五Ⅷ²", "五VIII2"),
        ] {
            assert_eq!(
                Username::parse(typed).map(|name| name.0).as_deref(),
                Ok(name)
            );
        }
        let long = "é".repeat(151);
        for (typed, problem) in [
            ("", InvalidUsername::Empty),
            (" \t", InvalidUsername::Empty),
            (long.as_str(), InvalidUsername::TooLong),
            ("ann b", InvalidUsername::Character),
            ("ann\0", InvalidUsername::Character),
            ("an\nn", InvalidUsername::Character),
            ("\u{fdfa}".repeat(150).as_str(), InvalidUsername::TooLong),
            (
                "\u{fdfa}".repeat(860_000).as_str(),
                InvalidUsername::TooLong,
            ),
            ("ann/b", InvalidUsername::Character),
            // A sign that Rust's `is_alphanumeric` takes, and Python's `\w` does not.
            ("क\u{93f}", InvalidUsername::Character),
            ("Ⓐ🏠", InvalidUsername::Character),
        ] {
            assert_eq!(Username::parse(typed), Err(problem), "{typed}");
        }
    }

    #[test]
    fn names_that_look_alike_are_folded_alike() {
        for (left, right) in [
            ("root", "ROOT"),
            ("root", "ｒｏｏｔ"),
            ("José", "jose\u{301}".to_uppercase().as_str()),
            ("straße", "STRASSE"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ﬁnn", "FINN"),
        ] {
            assert_eq!(fold_username(left), fold_username(right), "{left} {right}");
        }
        for (left, right) in [("jose", "josé"), ("ann", "anne"), ("o", "ö")] {
            assert_ne!(fold_username(left), fold_username(right), "{left} {right}");
        }
    }

    #[test]
    fn addresses_keep_their_name_and_have_a_small_domain() {
        assert_eq!(normalize_email(" Ann@B@Example.COM "), "Ann@B@example.com");
        assert_eq!(normalize_email("no address "), "no address ");
        for good in [
            "ann@example.com",
            "a.b+c@x-y.example",
            "ann@localhost",
            "ann@bücher.example",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@example",
            "a..b@example.com",
            "a b@example.com",
            "ann@-a.example",
            "ann@a..b",
            "ann@example.com\n",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_name_is_too_much(typed: String) {
            if let Ok(name) = Username::parse(&typed) {
                prop_assert_eq!(Username::parse(name.as_str()), Ok(name));
            }
            is_email(&typed);
        }
    }
}
