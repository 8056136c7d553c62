//! What visitors see.

mod components;
mod home;
mod language;
mod lettings;
mod machines;
mod metrics;
mod pictures;
mod profiles;
