//! Django's databases from Rust: the connection, the schema as data, adoption and migrations.
//!
//! One code path serves SQLite and PostgreSQL; the dialect is chosen by the address at run
//! time. This crate knows Django's conventions (how tables, indexes, constraints, content
//! types and migration rows look) and no concrete model: an application hands it a
//! [`schema::Schema`] and asks for a [`migrate::Plan`].

pub mod address;
pub mod adoption;
pub mod backup;
pub mod changes;
pub mod datetime;
pub mod ddl;
pub mod derived;
pub mod found;
pub mod handback;
pub mod inspect;
pub mod integer;
pub mod long_work;
pub mod migrate;
pub mod names;
pub mod new_file;
pub mod observe;
pub mod origin;
pub mod references;
pub mod rules;
pub mod schema;
pub mod stored;
#[cfg(feature = "testing")]
pub mod testing;
pub mod words;

mod connection;
mod error;
mod file_pool;
mod limit;
mod path;
mod pool;
mod sessions;
mod shared;
mod sqlite_file;
mod transaction;
mod writing;

pub use crate::address::Address;
pub use crate::connection::{Database, PoolStatus, Transaction};
pub use crate::error::{is_locked, is_unavailable, refusal};
pub use crate::integer::Integer;
pub use crate::pool::{Config, Synchronous};
pub use sea_orm::{ConnectionTrait, DbBackend, DbErr};
