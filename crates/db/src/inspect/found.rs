//! What an inspection finds, as values. Pure: no database here.

use std::collections::{BTreeMap, BTreeSet};

use crate::origin::Origin;
use crate::schema::Part;

/// The tables of a database and their columns.
pub type Tables = BTreeMap<String, BTreeMap<String, FoundColumn>>;

/// A column as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundColumn {
    /// The type as the database tells it, in lower case.
    pub type_name: String,
    /// What that keeps as it is given.
    pub keeps: &'static [Values],
    /// Whether an INSERT has to give a value: NULL is not allowed, and nothing stands in for it.
    pub must_be_given: bool,
    /// Whether the database computes it, so that nobody writes to it.
    pub is_computed: bool,
    /// What the column alone is to an index.
    pub key: Key,
    /// What its foreign key refers to.
    pub references: Option<Reference>,
}

/// A sort of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// Whole numbers of 16 bits.
    SmallNumbers,
    /// Whole numbers of 32 or 64 bits.
    WholeNumbers,
    /// True and false.
    TruthValues,
    /// Dates with a time.
    PointsInTime,
    /// Texts.
    Texts,
}

/// Something that has a name among the tables, and is none: a view, an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoTable {
    /// What it is, in one or two words.
    pub kind: String,
    /// The columns of a view.
    pub columns: BTreeMap<String, FoundColumn>,
}

/// What a column alone is to an index, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Values may repeat.
    None,
    /// They may not.
    Unique,
    /// The primary key.
    Primary,
    /// The primary key, which the database gives a number to.
    Counting,
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
    /// Whether the values are ids of the other table, as those of every reference of ours.
    pub(crate) fn leads_to_ids(&self) -> bool {
        self.column.is_empty() || self.column.eq_ignore_ascii_case("id")
    }
}

/// What a plan is made from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Every table.
    pub tables: Tables,
    /// What has a name that a table cannot have any more.
    pub no_tables: BTreeMap<String, NoTable>,
    /// `django_migrations`, in the order applied: application and name.
    pub migrations: Vec<(String, String)>,
    /// The code names of the permissions by application and model, of every content type.
    pub permissions: BTreeMap<(String, String), BTreeSet<String>>,
    /// The tables that have the columns of a part, whatever they are called.
    pub candidates: Vec<Candidate>,
    /// The tables and views that nearly have them.
    pub near: Vec<Near>,
    /// Which table was filled from which when the database was adopted, as it is recorded.
    pub sources: BTreeMap<String, String>,
    /// How PostgreSQL stores texts.
    pub encoding: Option<String>,
    /// The program's own versions applied here: number and oldest compatible one.
    pub versions: Vec<(i64, i64)>,
    /// How the database came to the program, once it has.
    pub origin: Option<Origin>,
}

impl Found {
    /// The table with the columns of a part that has that name.
    pub(crate) fn candidate(&self, part: &Part, table: &str) -> Option<&Candidate> {
        let mut candidates = self.candidates.iter();
        candidates.find(|found| found.part == part && found.table == table)
    }

    /// What nearly has the columns of a part, the fullest first.
    pub(crate) fn nearly(&self, part: &Part) -> Vec<&Near> {
        let near = self.near.iter().filter(|near| near.like.part == part);
        let mut near: Vec<_> = near.collect();
        near.sort_by_key(|near| std::cmp::Reverse(near.like.rows));
        near
    }

    /// How many rows such a table has; none where there is no such table.
    pub(crate) fn rows(&self, part: &Part, table: &str) -> i64 {
        self.candidate(part, table).map_or(0, |found| found.rows)
    }
}

/// A table with the columns of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub table: String,
    /// Of which part.
    pub part: &'static Part,
    /// How many rows it holds.
    pub rows: i64,
    /// How many of them the part's own table does not hold, value by value.
    pub unlike: i64,
}

/// A table or a view that nearly has the columns of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// Which, and how many rows it holds.
    pub like: Candidate,
    /// What keeps it from being read as one.
    pub wrong: Vec<String>,
}
