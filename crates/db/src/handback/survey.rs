//! What a handback looks at before it decides. Reads only.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use super::catalog::{
    Attachment, Reference, Unique, attachments, count, references, rows, uniques,
};
use super::obstacles::{broken, lost};
use super::step::Changes;
use crate::adoption::{Entry, Kind, recorded};
use crate::inspect::{Found, inspect, problems, problems_of};
use crate::names::quoted;
use crate::origin::Origin;
use crate::schema::{Schema, Table};

/// Everything that a plan is made from.
#[derive(Debug)]
pub(super) struct Survey {
    pub(super) found: Found,
    /// The tables whose rows this program copied when it adopted the database, each after those
    /// that it refers to.
    pub(super) copied: Vec<Copied>,
    /// `django_migrations`, in the order applied.
    pub(super) migrations: Vec<Recorded>,
    /// How many rows each table of the models holds.
    pub(super) rows: Vec<(&'static str, u64)>,
    /// Every foreign key.
    pub(super) references: Vec<Reference>,
    /// What the adoption has written down of itself; empty where it was before adoptions did.
    pub(super) entries: Vec<Entry>,
    /// Every unique index.
    pub(super) uniques: Vec<Unique>,
    /// Every view and trigger.
    pub(super) attachments: Vec<Attachment>,
}

/// What becomes of a table in use when its rows have gone back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The program made it: it is dropped.
    Goes,
    /// Django had made it, and it was empty.
    Emptied,
    /// It held at the adoption what the other table did, and does so again.
    Stays,
}

impl Survey {
    /// What becomes of an application's table that leads back to another.
    pub(super) fn fate(&self, app: &str, target: &str) -> Fate {
        let mut ours = self.migrations.iter().filter(|row| row.is_ours);
        if self.has(Kind::Made, target) {
            Fate::Goes
        } else if self.has(Kind::Empty, target) {
            Fate::Emptied
        } else if self.has(Kind::Full, target) {
            Fate::Stays
        } else if ours.any(|row| row.app == app && row.name.starts_with("0001")) {
            Fate::Goes
        } else {
            Fate::Emptied
        }
    }

    /// Whether the program made the table of a part that was nowhere.
    pub(super) fn is_made_for_nothing(&self, target: &str) -> bool {
        let mut copied = self.copied.iter();
        self.has(Kind::Made, target) && copied.all(|copied| copied.target != target)
    }

    /// How many rows a table of the models holds.
    pub(super) fn rows_of(&self, target: &str) -> u64 {
        let mut rows = self.rows.iter();
        rows.find(|(table, _)| *table == target)
            .map_or(0, |(_, rows)| *rows)
    }

    /// The table that a column has to refer to when rows have gone back: the one before the adoption,
    /// empty where it referred to none; that of the rows, where the adoption made the column's table.
    /// `None` where the reference is not the adoption's.
    pub(super) fn former_aim(&self, reference: &Reference) -> Option<&str> {
        let name = format!("{}.{}", reference.table, reference.column);
        let mut entries = self.entries.iter();
        let entry = entries.find(|entry| entry.kind == Kind::Reference && entry.name == name);
        let mut copied = self
            .copied
            .iter()
            .filter(|_| self.is_made_for_nothing(&reference.table));
        let copied = copied.find(|copied| copied.target == reference.target);
        let source = copied.map(|copied| copied.source.as_str());
        entry.map(|entry| entry.detail.as_str()).or(source)
    }

    /// The columns of a table that are unique in the source, alone or together.
    pub(super) fn uniques_of(&self, table: &Table, source: &str) -> Vec<&[String]> {
        let is_known = |name: &String| table.columns.iter().any(|column| column.name == name);
        let uniques = self.uniques.iter().filter(|unique| {
            unique.table == source
                && unique.columns.iter().all(is_known)
                && unique.columns != ["id"]
        });
        uniques.map(|unique| &*unique.columns).collect()
    }

    /// The names of the triggers of a table; `None` where it has none.
    pub(super) fn triggers_of(&self, table: &str) -> Option<String> {
        let triggers = self.attachments.iter();
        let triggers = triggers.filter(|attachment| attachment.is_trigger_of(table));
        let names: Vec<_> = triggers.map(|of| format!("`{}`", of.name)).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    fn has(&self, kind: Kind, name: &str) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.kind == kind && entry.name == name)
    }
}

/// A table whose rows were copied from another.
#[derive(Debug, Clone)]
pub(super) struct Copied {
    /// The application that has the table.
    pub(super) app: &'static str,
    /// The model's name.
    pub(super) model: String,
    /// The application that had the rows before, as the name of their table tells.
    pub(super) former_app: String,
    /// The table that gained the rows.
    pub(super) target: &'static str,
    /// The table that they come from.
    pub(super) source: String,
    /// What was written since; `None` where one of the two is not there as expected.
    pub(super) changes: Option<Changes>,
    /// What keeps the source from taking the rows, or the target from going.
    pub(super) in_the_way: Vec<String>,
    /// Whether log entries and permissions can be given back to the former application's model.
    pub(super) model_returns: bool,
}

impl Copied {
    fn new(app: &'static str, target: &'static str, source: String) -> Self {
        let model = target.strip_prefix(app).unwrap_or(target);
        let model = model.trim_start_matches('_').to_owned();
        let former_app = source.strip_suffix(&*model).unwrap_or(&source);
        Self {
            app,
            former_app: former_app.trim_end_matches('_').to_owned(),
            model,
            target,
            source,
            changes: None,
            in_the_way: Vec::new(),
            model_returns: false,
        }
    }
}

/// A row of `django_migrations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) id: i64,
    pub(super) app: String,
    pub(super) name: String,
    /// Whether this program's adoption recorded it.
    pub(super) is_ours: bool,
}

/// How long an adoption takes at most from the rows of `django_migrations` that it adds to the record
/// of its first version, in the same transaction.
const LONGEST_ADOPTION: TimeDelta = TimeDelta::seconds(60);

pub(super) async fn survey(
    connection: &impl ConnectionTrait,
    schema: &Schema,
) -> Result<Survey, DbErr> {
    let found = inspect(connection, schema).await?;
    let entries = if problems(schema.own.adoption_table, &found.tables).is_empty() {
        recorded(connection, schema).await?
    } else {
        Vec::new()
    };
    let mut survey = Survey {
        migrations: migrations(connection, schema, &found, &entries).await?,
        references: references(connection).await?,
        uniques: uniques(connection).await?,
        attachments: attachments(connection).await?,
        entries,
        copied: Vec::new(),
        rows: Vec::new(),
        found,
    };
    for copy in schema.legacy.iter().flat_map(|legacy| legacy.copies) {
        if survey.found.tables.contains_key(copy.to) {
            let rows = count(connection, &format!("FROM {}", quoted(copy.to))).await?;
            survey.rows.push((copy.to, rows));
        }
    }
    survey.copied = copied(schema, &survey);
    // The names of all of them come first: they refer to one another.
    for number in 0..survey.copied.len() {
        let looked = look_at(connection, schema, &survey, &survey.copied[number]).await?;
        survey.copied[number] = looked;
    }
    Ok(survey)
}

/// The program's own tables, oldest first.
pub(super) fn own_tables(schema: &Schema) -> impl DoubleEndedIterator<Item = &'static Table> {
    let versions = schema.own.versions.iter();
    versions.flat_map(|version| version.tables)
}

async fn migrations(
    connection: &impl ConnectionTrait,
    schema: &Schema,
    found: &Found,
    entries: &[Entry],
) -> Result<Vec<Recorded>, DbErr> {
    let migrations = schema.table("django_migrations");
    if migrations.is_none_or(|table| !problems(table, &found.tables).is_empty()) {
        return Ok(Vec::new());
    }
    let adopted = if found.versions.is_empty() {
        None
    } else {
        let table = quoted(schema.own.version_table.name);
        let sql = format!("SELECT applied FROM {table} ORDER BY version LIMIT 1");
        let rows = rows(connection, &sql).await?;
        rows.first().and_then(|row| time(row, 0))
    };
    let legacy: Vec<_> = schema.legacy.iter().collect();
    let is_of_adoption = |app: &str, name: &str| {
        let mut migrations = legacy.iter().flat_map(|legacy| legacy.migrations);
        migrations.any(|migration| migration.app == app && migration.name == name)
    };
    let is_recorded = |app: &str| {
        let copies = legacy.iter().flat_map(|legacy| legacy.copies);
        let mut targets = copies.filter(|copy| copy.app == app).map(|copy| copy.to);
        targets.any(|to| found.sources.contains_key(to))
    };
    let sql = "SELECT CAST(id AS bigint), app, name, applied FROM django_migrations ORDER BY id";
    let rows = rows(connection, sql).await?;
    let recorded = rows.iter().map(|row| {
        let (app, name): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        let took = adopted.zip(time(row, 3)).map(|(end, start)| end - start);
        // A database that was handed back with our own tables, and adopted again, has its first
        // version from the first time.
        let fits = took.is_some_and(|took| {
            took <= LONGEST_ADOPTION && (took >= TimeDelta::zero() || is_recorded(&app))
        });
        let id: i64 = row.try_get_by_index(0)?;
        let is_ours = if entries.is_empty() {
            found.origin == Some(Origin::Adopted) && fits && is_of_adoption(&app, &name)
        } else {
            let mut entries = entries.iter();
            let key = id.to_string();
            schema.parts.iter().any(|part| part.app == app)
                && entries.any(|entry| entry.kind == Kind::Migration && entry.detail == key)
        };
        Ok(Recorded {
            id,
            app,
            name,
            is_ours,
        })
    });
    recorded.collect()
}

/// A time that is not written as Django writes it tells nothing.
fn time(row: &QueryResult, index: usize) -> Option<DateTime<Utc>> {
    row.try_get_by_index(index).ok()
}

/// What was copied: as the adoption has recorded it or, before adoptions did, as its rows of
/// `django_migrations` tell.
fn copied(schema: &Schema, survey: &Survey) -> Vec<Copied> {
    let sources = &survey.found.sources;
    let is_before = survey.entries.is_empty();
    let was_copied = |app: &str| {
        let mut ours = survey.migrations.iter().filter(|row| row.is_ours);
        ours.any(|row| row.app == app && !row.name.starts_with("0001"))
    };
    let known = schema.legacy.iter().flat_map(|legacy| legacy.copies);
    let copied = known.filter_map(|copy| {
        let source = if sources.is_empty() {
            (is_before && was_copied(copy.app)).then(|| copy.from.to_owned())
        } else {
            sources.get(copy.to).cloned()
        };
        source.map(|source| Copied::new(copy.app, copy.to, source))
    });
    copied.collect()
}

/// The same, with what there is to know of it.
async fn look_at(
    connection: &impl ConnectionTrait,
    schema: &Schema,
    survey: &Survey,
    copied: &Copied,
) -> Result<Copied, DbErr> {
    let mut copied = Copied {
        model_returns: model_returns(connection, survey, copied).await?,
        ..copied.clone()
    };
    let Some(table) = schema.table(copied.target) else {
        return Ok(copied);
    };
    copied.in_the_way = problems(table, &survey.found.tables);
    let old = problems_of(&copied.source, table, &survey.found.tables);
    copied.in_the_way.extend(old);
    if copied.in_the_way.is_empty() {
        let changes = changes(connection, table, &copied.source).await?;
        copied.in_the_way = lost(schema, survey, table, &copied);
        let broken = broken(connection, survey, table, &copied, changes).await?;
        copied.in_the_way.extend(broken);
        copied.changes = Some(changes);
    }
    Ok(copied)
}

/// What was written to the table and not to the source.
async fn changes(
    connection: &impl ConnectionTrait,
    table: &Table,
    source: &str,
) -> Result<Changes, DbErr> {
    let (here, there) = (quoted(table.name), quoted(source));
    let differs = differs(table, "here", "there");
    Ok(Changes {
        rows: count(connection, &format!("FROM {here}")).await?,
        changed: count(
            connection,
            &format!(
                "FROM {here} AS here JOIN {there} AS there ON there.id = here.id WHERE {differs}"
            ),
        )
        .await?,
        new: count(
            connection,
            &format!("FROM {here} AS here WHERE {}", missing("here", &there)),
        )
        .await?,
        deleted: count(
            connection,
            &format!("FROM {there} AS there WHERE {}", missing("there", &here)),
        )
        .await?,
    })
}

/// Whether a row of two tables differs in any column but its key.
pub(super) fn differs(table: &Table, here: &str, there: &str) -> String {
    let columns = table.columns.iter().map(|column| quoted(column.name));
    let columns = columns.filter(|name| name != "\"id\"");
    let differ = columns.map(|name| format!("{here}.{name} IS DISTINCT FROM {there}.{name}"));
    format!("({})", differ.collect::<Vec<_>>().join(" OR "))
}

/// Whether the row of an alias has no counterpart in a table.
pub(super) fn missing(alias: &str, table: &str) -> String {
    format!("NOT EXISTS (SELECT 1 FROM {table} AS other WHERE other.id = {alias}.id)")
}

/// Tables of Django's own whose rows about a model are moved or removed with it.
const ABOUT_MODELS: [&str; 4] = [
    "django_admin_log",
    "auth_permission",
    "auth_group_permissions",
    "auth_user_user_permissions",
];

/// Whether both applications have the model's content type, and nothing refers to the newer one, or
/// to its permissions, but Django's own tables.
async fn model_returns(
    connection: &impl ConnectionTrait,
    survey: &Survey,
    copied: &Copied,
) -> Result<bool, DbErr> {
    let (app, model) = (copied.app, &*copied.model);
    let known = &survey.found.permissions;
    let is_known = |app: &str| known.contains_key(&(app.to_owned(), model.to_owned()));
    if !is_known(app) || !is_known(&copied.former_app) {
        return Ok(false);
    }
    for reference in &survey.references {
        let keys = match &*reference.target {
            "django_content_type" => "SELECT type.id FROM django_content_type AS type",
            "auth_permission" => {
                "SELECT permission.id FROM auth_permission AS permission \
                 JOIN django_content_type AS type ON type.id = permission.content_type_id"
            }
            _ => continue,
        };
        if ABOUT_MODELS.contains(&&*reference.table) {
            continue;
        }
        let sql = format!(
            "SELECT count(*) FROM {} WHERE {} IN ({keys} WHERE type.app_label = $1 \
             AND type.model = $2)",
            quoted(&reference.table),
            quoted(&reference.column)
        );
        let backend = connection.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, [app.into(), model.into()]);
        let row = connection.query_one_raw(statement).await?;
        let rows: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
        if rows > 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
