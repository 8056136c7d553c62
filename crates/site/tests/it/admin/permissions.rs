//! Who may do what: every address of every model, for everybody.

mod accounts;
mod matrix;
