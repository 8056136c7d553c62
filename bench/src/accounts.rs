//! What the accounts of all measurements share.

use anyhow::ensure;
use xtask::client::Client;

/// The password of every account.
pub(crate) const PASSWORD: &str = "for-the-measurement-1";

/// A cookie and a form's token that belong together.
pub(crate) const CSRF_SECRET: &str = "abcdefghijklmnopqrstuvwxyzABCDEF";

/// Logs a member of the staff in.
pub(crate) fn log_in(client: &mut Client, username: &str) -> anyhow::Result<()> {
    let head = format!("Cookie: csrftoken={CSRF_SECRET}\r\n");
    let form = format!(
        "csrfmiddlewaretoken={CSRF_SECRET}&username={username}&password={PASSWORD}&next=/admin/"
    );
    let status = client.post("/admin/login/", &head, &form)?;
    ensure!(status == 302, "the login answered {status}");
    Ok(())
}
