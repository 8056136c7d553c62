//! Deployments of an image on Render. A plan is made from what was asked and what is live. Carried
//! out, it ends with a release that is live and verified from outside, or rolled back.
//!
//! [`plan`] is pure; [`execute`] carries a plan out, and decides only what the plan cannot know.
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
