//! What an operator wants of a handback.

/// What is wanted of a handback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandbackOptions {
    /// The tables that the owner's code reads; `None` to decide it from the database.
    pub form: Option<Form>,
    /// What becomes of the program's own tables.
    pub own_tables: OwnTables,
}

/// What becomes of the tables that only this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnTables {
    /// They are dropped.
    Drop,
    /// They stay.
    Keep,
}

/// The tables that the owner's code reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The tables that the adoption copied rows from.
    Legacy,
    /// Those that this program works on.
    Present,
}
