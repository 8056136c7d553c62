//! What the gates, the measurements (`bench`) and the rehearsal share: child processes that end
//! with this one, throw-away servers, and sites of this program. Knows no gate.

pub mod output;
pub mod process;

pub mod guard;
pub mod packages;

pub mod django;
pub mod npm;
pub mod postgres;

pub mod client;
pub mod server;
pub mod sites;
pub mod story;
pub mod version;
