//! Deployments of an image on Render: from what was asked and what is there to a plan, from the
//! plan to a release that is live and verified from outside, or undone.
//!
//! [`plan`] decides and does nothing; [`execute`] does and decides nothing that the plan could.
//! What is expected of the site comes in as data ([`verify::Expectations`]): this crate knows no
//! page of it. Nothing here reads the environment; secrets come in as `SecretString` and leave
//! only in the requests that need them.

pub mod clock;
pub mod context;
pub mod image;
pub mod limits;

pub mod history;
pub mod order;
pub mod plan;

pub mod hook;
mod http;
pub mod registry;
pub mod render;

pub mod execute;
pub mod verify;
