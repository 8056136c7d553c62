//! The steps of a handback, and what an owner reads of them.

use std::fmt;

/// What was written here since the rows were copied.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// All rows.
    pub rows: u64,
    /// Rows whose values differ from the row with the same id in the old table.
    pub changed: u64,
    /// Rows that the old table does not have.
    pub new: u64,
    /// Rows of the old table that were deleted here.
    pub deleted: u64,
}

/// One change to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Makes the rows of a table equal to those of another; ids are kept.
    CarryRows {
        /// The table that gives.
        from: &'static str,
        /// The table that takes.
        to: String,
        /// What it gains and loses.
        changes: Changes,
    },
    /// Log entries and permissions of a model become those of another application's, and its
    /// content type goes.
    ReturnModel {
        /// The model's name.
        model: String,
        /// The application that has it.
        from: &'static str,
        /// The application that had it before.
        to: String,
    },
    /// Removes a row of `django_migrations`.
    ForgetMigration {
        /// Its key.
        id: i64,
        /// The application's label.
        app: String,
        /// The migration's name.
        name: String,
    },
    /// Restores the target of a foreign key that the adoption has changed.
    RestoreReference {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The table that it refers to now.
        from: String,
        /// The former one; empty where it had no foreign key.
        to: String,
    },
    /// Removes a table.
    DropTable(&'static str),
    /// Removes a table of this program's that holds what people have entered.
    DropRecords {
        /// The table.
        table: &'static str,
        /// How many rows are lost with it.
        rows: u64,
    },
    /// Removes the record of one of the program's own versions, so that a later migration applies it
    /// again.
    ForgetVersion {
        /// The version.
        number: i64,
        /// Where it is recorded.
        table: &'static str,
    },
    /// Removes the rows of a table that stays: Django had made it before the adoption filled it.
    EmptyTable(&'static str),
}

impl Step {
    /// Whether it removes that table.
    pub(super) fn drops(&self, table: &str) -> bool {
        match self {
            Self::DropTable(dropped) | Self::DropRecords { table: dropped, .. } => {
                *dropped == table
            }
            _ => false,
        }
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rows,
            changed,
            new,
            deleted,
        } = self;
        write!(
            formatter,
            "{rows} rows, {changed} changed, {new} new, {deleted} deleted"
        )
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CarryRows { from, to, changes } => {
                write!(formatter, "Carry {from} to {to}: {changes}")
            }
            Self::ReturnModel { model, from, to } => write!(
                formatter,
                "Give history and permissions of {from}.{model} back to {to}.{model}"
            ),
            Self::ForgetMigration { app, name, .. } => {
                write!(formatter, "Forget migration {app}.{name}")
            }
            Self::RestoreReference {
                table, column, to, ..
            } if to.is_empty() => {
                write!(formatter, "Take away the foreign key of {table}.{column}")
            }
            Self::RestoreReference {
                table, column, to, ..
            } => write!(formatter, "Have {table}.{column} refer to {to} again"),
            Self::DropTable(name) => write!(formatter, "Drop table {name}"),
            Self::DropRecords { table, rows } => {
                write!(formatter, "Drop table {table}: {rows} rows go with it")
            }
            Self::ForgetVersion { number, .. } => {
                write!(formatter, "Forget the program's own version {number}")
            }
            Self::EmptyTable(name) => write!(formatter, "Empty table {name}"),
        }
    }
}
