//! Names become addresses here, and what is not public goes no further. The connection is made to the very
//! addresses that were looked at, so that a name which answers otherwise the second time gains nothing.

use std::io;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::address::{Reach, is_public};

/// A resolver that knows public addresses alone.
#[derive(Debug)]
pub(super) struct Guard {
    resolver: DefaultResolver,
    reach: Reach,
}

/// All addresses of a name were refused.
#[derive(Debug, thiserror::Error)]
#[error("not a public address")]
pub(super) struct NotPublic;

/// A name has no addresses.
#[derive(Debug, thiserror::Error)]
#[error("unknown host")]
pub(super) struct UnknownHost;

impl Guard {
    pub(super) fn new(reach: Reach) -> Self {
        Self {
            resolver: DefaultResolver::default(),
            reach,
        }
    }
}

impl Resolver for Guard {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self
            .resolver
            .resolve(uri, config, timeout)
            .map_err(|error| match error {
                // What the system says of a name that it cannot look up.
                ureq::Error::Io(_) => ureq::Error::Io(io::Error::other(UnknownHost)),
                error => error,
            })?;
        let mut allowed = self.empty();
        for address in &found {
            let ip = address.ip();
            if is_public(ip) || (self.reach == Reach::Loopback && ip.is_loopback()) {
                allowed.push(*address);
            }
        }
        if allowed.is_empty() {
            return Err(ureq::Error::Io(io::Error::other(NotPublic)));
        }
        Ok(allowed)
    }
}
