//! Deployments against a stand-in for Render, the registry and the site: each status, each error,
//! each interruption. Time is made up; HTTP is real, on this machine.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

mod failures;
mod hooks;
mod orders;
mod plans;
mod registries;
mod releases;
mod secrets;
mod verifications;
mod waking;
