//! What an inspection finds, as values. Pure: no database here.

use std::collections::{BTreeMap, BTreeSet};

use crate::origin::Origin;
use crate::schema::Part;

/// The tables of a database and their columns.
pub type Tables = BTreeMap<String, BTreeMap<String, FoundColumn>>;

/// A column of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundColumn {
    /// The type by the database's catalogue, in lower case.
    pub type_name: String,
    /// The kinds of values that the type stores unchanged.
    pub value_kinds: &'static [ValueKind],
    /// Whether an INSERT has to give a value: the column is NOT NULL without a default.
    pub must_be_given: bool,
    /// Whether it is a generated column, which cannot be written to.
    pub is_computed: bool,
    /// The key or unique index that consists of this column alone.
    pub key: Key,
    /// What its foreign key refers to.
    pub references: Option<Reference>,
}

/// A kind of values that a field needs and a column stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Whole numbers of 16 bits.
    SmallInteger,
    /// Whole numbers of 32 or 64 bits.
    Integer,
    /// True and false.
    Boolean,
    /// Dates with a time.
    Timestamp,
    /// Dates alone.
    Date,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

/// A view, index or other relation that is not a table and takes up a table's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherRelation {
    /// What it is, in one or two words.
    pub kind: String,
    /// The columns of a view.
    pub columns: BTreeMap<String, FoundColumn>,
}

/// The key that a column is by itself, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Values may repeat.
    None,
    /// A unique index.
    Unique,
    /// The primary key.
    Primary,
    /// The primary key, whose numbers the database gives.
    AutoIncrement,
}

/// What a foreign key refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The table, which on SQLite need not be there.
    pub table: String,
    /// The column; empty where it is the table's primary key.
    pub column: String,
}

impl Reference {
    /// Whether the target is the other table's `id`, as it is in every reference of Django's.
    pub(crate) fn leads_to_ids(&self) -> bool {
        self.column.is_empty() || self.column.eq_ignore_ascii_case("id")
    }
}

/// Everything that a plan is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// Every table.
    pub tables: Tables,
    /// Views, indexes and others, whose names no table can have.
    pub other_relations: BTreeMap<String, OtherRelation>,
    /// `django_migrations`, in the order applied: application and name.
    pub migrations: Vec<(String, String)>,
    /// The code names of the permissions by application and model, of every content type.
    pub permissions: BTreeMap<(String, String), BTreeSet<String>>,
    /// The tables that have the columns of a part, whatever they are called.
    pub candidates: Vec<Candidate>,
    /// The tables and views that have only some of the columns.
    pub near_misses: Vec<NearMiss>,
    /// Which table was filled from which when the database was adopted, as it is recorded.
    pub sources: BTreeMap<String, String>,
    /// PostgreSQL's `server_encoding`; `None` on SQLite.
    pub encoding: Option<String>,
    /// The program's own versions applied here: number and oldest compatible one.
    pub versions: Vec<(i64, i64)>,
    /// The origin of the database; `None` before the first migration.
    pub origin: Option<Origin>,
}

impl Findings {
    /// The candidate of a part with that table name.
    pub(crate) fn candidate(&self, part: &Part, table: &str) -> Option<&Candidate> {
        let mut candidates = self.candidates.iter();
        candidates.find(|found| found.part == part && found.table == table)
    }

    /// The near misses of a part, those with most rows first.
    pub(crate) fn near_misses_of(&self, part: &Part) -> Vec<&NearMiss> {
        let near = self
            .near_misses
            .iter()
            .filter(|near| near.candidate.part == part);
        let mut near: Vec<_> = near.collect();
        near.sort_by_key(|near| std::cmp::Reverse(near.candidate.rows));
        near
    }

    /// How many rows a candidate has; 0 if there is no such candidate.
    pub(crate) fn rows(&self, part: &Part, table: &str) -> i64 {
        self.candidate(part, table).map_or(0, |found| found.rows)
    }
}

/// A table that has the columns of a part, whatever its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub table: String,
    /// The part.
    pub part: &'static Part,
    /// How many rows it holds.
    pub rows: i64,
    /// How many of them the part's own table does not hold, value by value.
    pub unlike: i64,
}

/// A table or view that has some columns of a part, so that an operator may mean it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The table or view, and its rows.
    pub candidate: Candidate,
    /// Why it is not a candidate.
    pub wrong: Vec<String>,
}
