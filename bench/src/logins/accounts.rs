//! The accounts that log in.

use xtask::process;
use xtask::server::Site;

use crate::accounts::PASSWORD;

/// How many logins are in flight at any time. Each has an account and an address of its own: a
/// login counts like a failure until its hash is computed, and one address may not have so many.
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
