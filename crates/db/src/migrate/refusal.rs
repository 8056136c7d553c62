//! Why a database is not migrated, in words for its operator.

use std::fmt;

/// Why a database is not touched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Something is missing or of another kind.
    #[error("the database is not one this program can use, and was left as it was:{}", List(.0))]
    Unexpected(Vec<String>),
    /// It belongs to something else: which tables it holds.
    #[error(
        "none of the tables in the database is Django's or the site's, and it was left as it was: it \
         holds {0}. Is it the database of something else? A new one has to be empty"
    )]
    Foreign(String),
    /// Nothing is missing, and keys, references or further columns keep the site from working on it.
    #[error("the database is not one this program can use, and was left as it was:{}", List(.0))]
    Faulty(Vec<String>),
    /// Rows break the rules of the table that they are to be in.
    #[error(
        "the database holds rows that the tables of the site cannot hold, and was left as it \
         was:{}\nMend them, and run the command again; delete only what nobody needs.",
        List(.0)
    )]
    Rows(Vec<String>),
    /// There is more than one place, or an unknown one, that rows could come from.
    #[error(
        "which tables the site is to show cannot be told, and the database was left as it \
         was:{}{}",
        List(.problems),
        Ways { program, commands, has_nearly: *has_nearly, leave: leave.as_deref() }
    )]
    Undecided {
        /// What an operator types to run the application.
        program: &'static str,
        /// What was found, for each part.
        problems: Vec<String>,
        /// Whether something that nearly has the columns holds rows.
        has_nearly: bool,
        /// What may be said with `--from`, one for each set of tables; none where there is nothing.
        commands: Vec<String>,
        /// What says that the tables stay empty, where they are there.
        leave: Option<String>,
    },
    /// What an operator has named cannot be taken.
    #[error("`--from` cannot be followed, and the database was left as it was:{}", List(.0))]
    Named(Vec<String>),
    /// A later program has changed it in a way that this one cannot work with.
    #[error(
        "the database was migrated by a later release, which needs version {oldest_compatible} \
         of the program's own tables; this release has version {ours}. It was left as it was; \
         run the later release"
    )]
    TooNew {
        /// The oldest version that can still work on it.
        oldest_compatible: i64,
        /// The newest version this program has.
        ours: i64,
    },
}

/// One problem a line.
struct List<'a>(&'a [String]);

impl fmt::Display for List<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut problems = self.0.iter();
        problems.try_for_each(|problem| write!(formatter, "\n  - {problem}"))
    }
}

/// The commands that an operator can choose from.
struct Ways<'a> {
    program: &'a str,
    commands: &'a [String],
    has_nearly: bool,
    leave: Option<&'a str>,
}

impl fmt::Display for Ways<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = self.program;
        if self.commands.is_empty() && self.leave.is_none() {
            formatter.write_str("\nIs it the database of the site?")?;
        }
        if !self.commands.is_empty() {
            formatter.write_str(
                "\nTo have rows shown, name their tables: they are copied, ids kept, and stay where \
                 they are.",
            )?;
        }
        for command in self.commands {
            write!(formatter, "\n    {program} migrate --from {command}")?;
        }
        if self.has_nearly {
            formatter.write_str(
                "\nWhat nearly has the columns can be shown once a table has them all: make one of it \
                 (`CREATE TABLE … AS SELECT …`), and name that with `--from`.",
            )?;
        }
        if let Some(leave) = self.leave {
            write!(
                formatter,
                "\nTo begin with empty tables, and leave any other rows out:\n    \
                 {program} migrate --from {leave}"
            )?;
        }
        Ok(())
    }
}
