//! The steps of a plan, and what an operator reads of them.

use std::fmt;

use super::repair::{Fault, Repair};
use super::sources::Source;
use crate::adoption::Entry;
use crate::origin::Origin;
use crate::schema::{MigrationName, Model, Part};

/// One addition to the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Makes a table with its indexes and constraints.
    CreateTable(&'static str),
    /// Repairs keys, references or defaults of a table; rows and ids are kept.
    Repair(Repair),
    /// Copies another table's rows, ids kept.
    CopyRows(Source),
    /// Adds a row to `django_migrations`.
    RecordMigration(MigrationName),
    /// Adds a model's content type and those of its permissions that are missing.
    RegisterModel(Model),
    /// Gives the holders of permissions on the copied table's model those on the new model.
    KeepPermissions(Source),
    /// Applies one of the program's own versions.
    ApplyVersion(i64, &'static str),
    /// Records how the database came to the program.
    RecordOrigin(Origin),
    /// Records the table that a handback returns a part's rows to.
    RecordSource(Source),
    /// Records the other changes, and the state of the tables before, for a handback.
    RecordAdoption(Vec<Entry>),
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateTable(name) => write!(formatter, "Create table {name}"),
            Self::Repair(repair) => write!(formatter, "{repair}"),
            Self::CopyRows(copy) => {
                write!(
                    formatter,
                    "Copy rows of {} to {}",
                    copy.table, copy.part.table
                )
            }
            Self::RecordMigration(migration) => {
                write!(
                    formatter,
                    "Record migration {}.{}",
                    migration.app, migration.name
                )
            }
            Self::RegisterModel(model) => write!(
                formatter,
                "Add content type and permissions of {}.{}",
                model.app, model.model
            ),
            Self::KeepPermissions(copy) => {
                let Part { name, app, .. } = copy.part;
                let before = copy.table.strip_suffix(name);
                let before = before.and_then(|before| before.strip_suffix('_'));
                match before {
                    Some(before) => write!(formatter, "Keep permissions for {before}.{name}")?,
                    None => write!(formatter, "Keep permissions for {}", copy.table)?,
                }
                write!(formatter, " as permissions for {app}.{name}")
            }
            Self::ApplyVersion(number, name) => {
                write!(
                    formatter,
                    "Apply the program's own version {number} ({name})"
                )
            }
            Self::RecordOrigin(origin) => {
                write!(formatter, "Record that the database was {origin}")
            }
            Self::RecordSource(source) => write!(
                formatter,
                "Record that the way back from {} is to {}",
                source.part.table, source.table
            ),
            Self::RecordAdoption(_) => formatter.write_str("Record what is done, for the way back"),
        }
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Set table {} right:", self.table)?;
        for (number, fault) in self.faults.iter().enumerate() {
            if number > 0 {
                formatter.write_str(";")?;
            }
            match fault {
                Fault::Key(column) => write!(formatter, " {column} becomes its primary key")?,
                Fault::Reference { column, from, to } => {
                    write!(formatter, " {column} refers to {to} in place of {from}")?;
                }
                Fault::Default { column, value } => {
                    write!(
                        formatter,
                        " {column}, which must be given, gets the default {value}"
                    )?;
                }
            }
        }
        Ok(())
    }
}
