//! A schema as data: tables, columns, models, migrations. It describes and does nothing.
//!
//! The words are Django's: a [`Kind`] is a model field's type, [`Model`] is what a content
//! type row stands for, [`MigrationName`] is a row of `django_migrations`.

/// Everything an application expects of its database.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// What an operator types to run the application, for messages that name a command.
    pub program: &'static str,
    /// The tables that Django made and that the application uses, each after those it
    /// references.
    pub tables: &'static [Table],
    /// The models in use, in the order in which Django registers their content types.
    pub models: &'static [Model],
    /// The rows that a database made from nothing has in `django_migrations`.
    pub migrations: &'static [MigrationName],
    /// What the application shows, each after what it references.
    pub parts: &'static [Part],
    /// An older form of the data, from which the present tables can be filled.
    pub legacy: Option<Legacy>,
    /// The application's own tables, which Django does not know.
    pub own: OwnTables,
}

/// A table of Django's.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name in the database.
    pub name: &'static str,
    /// Its columns, the primary key among them.
    pub columns: &'static [Column],
    /// Sets of columns that are unique together.
    pub unique_together: &'static [&'static [&'static str]],
}

/// A column, made by [`Column::new`] and its modifiers.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the database.
    pub name: &'static str,
    /// The type of the field that Django keeps there.
    pub kind: Kind,
    /// Whether NULL is allowed.
    pub null: bool,
    /// What the column is to an index.
    pub index: Index,
    /// The table whose `id` it points to.
    pub references: Option<&'static str>,
    /// What becomes of the row when the row that it points to is deleted.
    pub on_delete: OnDelete,
}

/// What the database does with a row when the row that it points to is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// It refuses the deletion at the end of the transaction: Django deletes the row itself before.
    Refuse,
    /// It deletes the row, since Django does not know of it.
    Cascade,
}

/// What a column is to an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// No index of its own.
    None,
    /// An index that allows repetition.
    Plain,
    /// A unique index.
    Unique,
    /// The primary key.
    PrimaryKey,
}

/// The type of a field, by Django's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `AutoField`: the primary key that counts by itself, 32 bits on PostgreSQL.
    AutoField,
    /// `BigAutoField`: the same with 64 bits.
    BigAutoField,
    /// `IntegerField`, also a reference to an `AutoField`.
    IntegerField,
    /// `BigIntegerField`, also a reference to a `BigAutoField`.
    BigIntegerField,
    /// `PositiveIntegerField`.
    PositiveIntegerField,
    /// `PositiveSmallIntegerField`.
    PositiveSmallIntegerField,
    /// `BooleanField`.
    BooleanField,
    /// `DateTimeField`.
    DateTimeField,
    /// `DateField`.
    DateField,
    /// `CharField` with its greatest length in characters.
    CharField(u16),
    /// `TextField`.
    TextField,
    /// `BinaryField`.
    BinaryField,
}

impl Column {
    /// A column that is neither NULL nor indexed; an auto field is the primary key.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        let index = match kind {
            Kind::AutoField | Kind::BigAutoField => Index::PrimaryKey,
            _ => Index::None,
        };
        Self {
            name,
            kind,
            null: false,
            index,
            references: None,
            on_delete: OnDelete::Refuse,
        }
    }

    /// The same, with another index.
    #[must_use]
    pub const fn index(self, index: Index) -> Self {
        Self { index, ..self }
    }

    /// The same, with NULL allowed.
    #[must_use]
    pub const fn null(self) -> Self {
        Self { null: true, ..self }
    }

    /// The same, pointing to the `id` of a table; indexed, as Django's `ForeignKey` is.
    #[must_use]
    pub const fn references(self, table: &'static str) -> Self {
        let index = match self.index {
            Index::None => Index::Plain,
            index => index,
        };
        Self {
            index,
            references: Some(table),
            ..self
        }
    }

    /// The same, deleted by the database with the row that it points to.
    #[must_use]
    pub const fn cascades(self) -> Self {
        let on_delete = OnDelete::Cascade;
        Self { on_delete, ..self }
    }
}

/// A model: the owner of a content type and of four permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    /// Its application's label.
    pub app: &'static str,
    /// Its name in lower case.
    pub model: &'static str,
    /// Its verbose name, as the names of the permissions show it.
    pub verbose_name: &'static str,
}

/// The actions for which Django makes a permission, in its order.
pub const PERMISSION_ACTIONS: [&str; 4] = ["add", "change", "delete", "view"];

/// A row of `django_migrations`: application and name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MigrationName {
    /// The application's label.
    pub app: &'static str,
    /// The migration's name, beginning with its four-digit number.
    pub name: &'static str,
}

impl MigrationName {
    /// The number that orders an application's migrations, `0001`.
    pub fn number(&self) -> &'static str {
        self.name.split('_').next().unwrap_or(self.name)
    }
}

/// One kind of objects that the application shows. Tables of the same columns under another name
/// may hold such objects too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// What an operator calls it on the command line: the model's name.
    pub name: &'static str,
    /// What messages call several.
    pub plural: &'static str,
    /// The application's label.
    pub app: &'static str,
    /// The table of [`Schema::tables`] that is shown.
    pub table: &'static str,
}

/// Tables of an earlier form, whose rows are copied and which are then left as they are.
#[derive(Debug, Clone, Copy)]
pub struct Legacy {
    /// What to call the earlier form in messages.
    pub name: &'static str,
    /// What is copied, each after what it references.
    pub copies: &'static [CopyRows],
    /// The rows that `django_migrations` gains by the copy.
    pub migrations: &'static [MigrationName],
}

/// One table's rows into another's, column by column, ids kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyRows {
    /// The application whose table gains them.
    pub app: &'static str,
    /// The table that keeps its rows.
    pub from: &'static str,
    /// The table of [`Schema::tables`] that gains them; every column of it is copied.
    pub to: &'static str,
}

/// The tables that only this program knows, and how they came about.
#[derive(Debug, Clone, Copy)]
pub struct OwnTables {
    /// Where applied versions are recorded.
    pub version_table: &'static Table,
    /// Where it is recorded, in the column `origin`, how the database came to the program.
    pub origin_table: &'static Table,
    /// Where it is recorded, in the columns `target` and `source`, which table was filled from which.
    pub source_table: &'static Table,
    /// Where an adoption writes down what else it did: see [`crate::adoption`].
    pub adoption_table: &'static Table,
    /// All versions, oldest first, numbered from 1. Each only adds.
    pub versions: &'static [Version],
    /// The tables of the versions that hold what people have entered, each after those it references.
    pub records: &'static [&'static Table],
    /// What rows of the versions' tables may not share.
    pub exclusions: &'static [Exclusion],
    /// Tables that belong to no version, since they can be made anew at any time.
    pub derived: &'static [DerivedTable],
}

/// Periods of days that may not overlap, by the database itself: an exclusion constraint on PostgreSQL,
/// triggers on SQLite. A period has its first day and not its last, and is never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exclusion {
    /// The table whose rows are periods.
    pub table: &'static str,
    /// The column of whole numbers whose value overlapping periods may not share.
    pub of: &'static str,
    /// The column of the first day.
    pub from: &'static str,
    /// The column of the day after the last.
    pub to: &'static str,
    /// A row with a value in this column may overlap any other.
    pub unless: &'static str,
}

/// One addition to the program's own tables.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    /// Its number.
    pub number: i64,
    /// What it brought, in a few words with dashes.
    pub name: &'static str,
    /// The lowest version whose programs can still work on the result.
    pub oldest_compatible: i64,
    /// The tables it adds.
    pub tables: &'static [Table],
}

/// A table whose rows are made from other tables, for a question that those have no index for: see
/// [`crate::derived`].
#[derive(Debug, Clone, Copy)]
pub struct DerivedTable {
    /// The table itself.
    pub table: &'static Table,
    /// What its rows are made from.
    pub content: Content,
    /// The index by whose words its rows are found.
    pub words: Option<WordIndex>,
}

/// An index of words beside a derived table of rows: FTS5 on SQLite, `tsvector` on PostgreSQL. See
/// [`crate::words`].
#[derive(Debug, Clone, Copy)]
pub struct WordIndex {
    /// The index.
    pub table: &'static Table,
    /// Whoever changes what `words` gives has to raise it, so that the index is made anew.
    pub version: u32,
    /// Words of the index with their spellings that lack a letter: the columns `spelling` and `word`.
    pub spelling: &'static Table,
    /// The columns of the derived table that the words are made from.
    pub columns: &'static [&'static str],
    /// The words of a row's columns, by parts of the document: letters and digits alone, between spaces.
    pub words: fn(&[String]) -> [String; WORD_PARTS],
    /// What is found by how its name begins.
    pub names: Option<NameIndex>,
}

/// Names beside an index of words, for what is to be found while somebody types. A name of which no row is
/// left stays until the index is made anew, so that whoever reads it looks whether it still holds.
#[derive(Debug, Clone, Copy)]
pub struct NameIndex {
    /// The columns `kind`, `name`, `target` and `sample`: the last row of the derived table that had the name.
    pub table: &'static Table,
    /// The names of a row, by its key and its columns.
    pub names: fn(i64, &[String]) -> Vec<Name>,
    /// Where it is kept what was found elsewhere before.
    pub moves: Option<Moves>,
}

/// A table of what has moved, with the columns `path` and `moved_to`. Unlike derived ones it cannot be made
/// anew: it remembers.
#[derive(Debug, Clone, Copy)]
pub struct Moves {
    /// The table.
    pub table: &'static Table,
    /// Where a row was and where it is, by its columns before and after, if that is to be kept: letters,
    /// digits, `-` and `/`.
    pub moved: fn(&[String], &[String]) -> Option<[String; 2]>,
}

/// A name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// What it is the name of.
    pub kind: &'static str,
    /// Letters and digits alone, between spaces.
    pub name: String,
    /// What it leads to: letters, digits, `-` and `/`.
    pub target: String,
}

/// The parts of a document. A search says in which a word has to be.
pub const WORD_PARTS: usize = 4;

/// What the rows of a derived table are made from.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// A row for each row of a query.
    Rows(RowQuery),
    /// The sizes of blocks of neighbouring rows, by which the row at a position is found. The table has
    /// the columns `sequence`, `first_id` and `row_count`.
    Blocks(&'static [Sequence]),
}

/// A query whose rows a derived table holds, in parts of SQL that both databases understand.
#[derive(Debug, Clone, Copy)]
pub struct RowQuery {
    /// What follows FROM.
    pub from: &'static str,
    /// The expression of the table's first column, which is its key: whole numbers.
    pub key: &'static str,
    /// The expressions of the other columns.
    pub values: &'static [&'static str],
    /// The tables that `from` names.
    pub sources: &'static [Source],
    /// Further tables that the expressions read, whose rows each belong to a row of the query.
    pub details: &'static [Detail],
}

/// A table whose rows are read for a row of a query, or decide whether it is there.
#[derive(Debug, Clone, Copy)]
pub struct Detail {
    /// Its name.
    pub table: &'static str,
    /// A query of the keys of the rows that its rows belong to, up to its `id`, after which the ids follow:
    /// `SELECT book_id FROM chapter WHERE id`.
    pub keys: &'static str,
}

/// A table that a query reads.
#[derive(Debug, Clone, Copy)]
pub struct Source {
    /// Its name.
    pub table: &'static str,
    /// The expression of its `id` in the query.
    pub id: &'static str,
}

/// Rows in the order of their ids, of which the one at a position is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Sequence {
    /// What it is called: the table's name where it holds all rows of a table.
    pub name: &'static str,
    /// What follows FROM.
    pub from: &'static str,
    /// The table whose ids give the order.
    pub source: Source,
}

/// The tables in which FTS5 keeps an index, by what follows its name (<https://sqlite.org/fts5.html>).
const FTS5_TABLES: [&str; 5] = ["data", "idx", "content", "docsize", "config"];

impl OwnTables {
    /// All tables, those of the versions first.
    pub(crate) fn tables(&self) -> impl DoubleEndedIterator<Item = &'static Table> {
        let versions = self.versions.iter().flat_map(|version| version.tables);
        versions.chain(self.derived_tables())
    }

    /// The derived tables and what belongs to their indexes of words.
    fn derived_tables(&self) -> impl DoubleEndedIterator<Item = &'static Table> {
        let tables = |derived: &DerivedTable| {
            let words = derived.words.map(|index| {
                let names = index.names.map(|names| names.table);
                [index.spelling, index.table].into_iter().chain(names)
            });
            std::iter::once(derived.table).chain(words.into_iter().flatten())
        };
        self.derived.iter().flat_map(tables)
    }

    /// Whether a trigger of that name is one that refuses rows of [`OwnTables::exclusions`].
    pub(crate) fn is_trigger(&self, name: &str) -> bool {
        self.exclusions
            .iter()
            .any(|exclusion| exclusion_triggers(exclusion).contains(&name.to_owned()))
    }

    /// Whether a table of that name is a derived one, or one of those in which SQLite keeps an index of
    /// words.
    pub(crate) fn is_derived(&self, name: &str) -> bool {
        self.derived_names().any(|known| known == name)
    }

    /// The names of the tables for which [`OwnTables::is_derived`] holds.
    pub(crate) fn derived_names(&self) -> impl Iterator<Item = String> {
        let indexes = self.derived.iter().filter_map(|derived| derived.words);
        let shadows = indexes
            .flat_map(|index| FTS5_TABLES.map(|suffix| format!("{}_{suffix}", index.table.name)));
        let tables = self.derived_tables();
        tables.map(|table| table.name.to_owned()).chain(shadows)
    }
}

/// The names of the triggers that refuse a new row and a changed one.
pub(crate) fn exclusion_triggers(exclusion: &Exclusion) -> [String; 2] {
    ["insert", "update"].map(|event| format!("{}_overlap_{event}", exclusion.table))
}

impl Schema {
    /// The table of that name among [`Schema::tables`].
    pub(crate) fn table(&self, name: &str) -> Option<&'static Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}
