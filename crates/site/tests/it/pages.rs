//! What visitors see.

mod home;
mod lettings;
mod machines;
mod metrics;
mod profiles;
