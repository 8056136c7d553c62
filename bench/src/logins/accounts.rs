//! The accounts that log in.

use xtask::process;
use xtask::server::Site;

use crate::accounts::PASSWORD;

/// Logins in flight at any time, each of an account and from an address of its own: more failures
/// than an address may have are counted while their hashes are computed.
pub(super) const LOGINS: u32 = 50;

pub(super) fn make_accounts(site: Site<'_>) -> anyhow::Result<()> {
    for number in 0..LOGINS {
        let name = format!("user{number}");
        let mut command = site.command();
        command
            .args(["createsuperuser", "--noinput", "--username", &name])
            .env("DJANGO_SUPERUSER_PASSWORD", PASSWORD);
        process::read(&mut command)?;
    }
    Ok(())
}
