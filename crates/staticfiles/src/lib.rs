//! Static files for tower applications: collected, hashed, compressed, served.

#![doc = include_str!("../README.md")]

pub mod collect;
pub mod compress;
pub mod hash;
pub mod ignore;
pub mod manifest;
pub mod media_types;
mod parallel;
pub mod references;
pub mod serve;
pub mod source;
