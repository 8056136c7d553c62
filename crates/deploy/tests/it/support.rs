//! What the tests share: a server, the world it stands for, and runs in that world.

pub(crate) mod clock;
pub(crate) mod run;
pub(crate) mod server;
pub(crate) mod stand_in;
pub(crate) mod world;

pub(crate) use self::clock::TestClock;
pub(crate) use self::run::Run;
pub(crate) use self::world::{World, commit, digest, image};
