//! Django's fixtures: records as JSON, from a database and into one. Knows no concrete model: they
//! are data, [`App`]s that hold [`Model`]s, which are made of the tables of `db::schema`.
//!
//! The format is that of `Django 5.2 core/serializers/{base,python,json}.py`, and what is written
//! with the same options is the same to the byte. [`choose()`] finds the models that somebody names,
//! [`dump()`] writes their records, [`load()`] reads such files into the database: all, or nothing.

pub mod rules;

mod choose;
mod dump;
mod encode;
mod faults;
mod load;
mod model;
mod natural;
mod read;
mod text;
mod value;

pub use self::choose::{Chosen, choose};
pub use self::dump::{Dump, dump};
pub use self::encode::Layout;
pub use self::faults::Faults;
pub use self::load::{Error as LoadError, Installed, Load, Unknown, load};
pub use self::model::{App, Default, ManyToMany, Model};
pub use self::natural::Keys;
pub use self::read::Source;
