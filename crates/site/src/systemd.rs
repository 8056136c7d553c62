//! The listening socket that systemd hands to a program that it starts, and what such a program
//! tells systemd: `sd_listen_fds(3)` and `sd_notify(3)`.
//!
//! The variables read here are no settings: systemd alone writes them, for this one process. So
//! neither `.env` nor the list of settings knows them.

use std::ffi::OsString;
use std::io;
use std::net::TcpListener;
#[cfg(target_os = "linux")]
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use anyhow::{Context as _, bail, ensure};
use listenfd::ListenFd;

/// The listening socket that this process was started with, if it was: `LISTEN_FDS`, for the
/// process that `LISTEN_PID` names.
///
/// It removes the variables from the environment, so that the socket is taken once. Call it before
/// any thread is started: another thread could read the environment meanwhile.
pub fn inherited_listener() -> anyhow::Result<Option<TcpListener>> {
    // Without `LISTEN_PID`, `listenfd` would take the sockets all the same; `sd_listen_fds(3)` does
    // not.
    if variable("LISTEN_PID").is_none() {
        return Ok(None);
    }
    let mut handed = ListenFd::from_env();
    match handed.len() {
        0 => return Ok(None),
        1 => {}
        more => bail!("LISTEN_FDS: {more} sockets were handed over, and one is listened on"),
    }
    let listener = handed.take_tcp_listener(0).context("LISTEN_FDS")?;
    ensure!(listener.is_some(), "LISTEN_FDS: there is no socket");
    Ok(listener)
}

/// What systemd is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notification {
    /// The program answers requests.
    Ready,
    /// The program has begun to stop.
    Stopping,
}

/// Tells systemd, if `NOTIFY_SOCKET` is set. A message that cannot be sent is logged, and the
/// program goes on: systemd says by itself what it did not hear.
pub fn notify(notification: Notification) {
    let Some(path) = variable("NOTIFY_SOCKET") else {
        return;
    };
    let message = match notification {
        Notification::Ready => "READY=1",
        Notification::Stopping => "STOPPING=1",
    };
    if let Err(error) = send(&path, message) {
        tracing::warn!(%error, "cannot tell systemd {message}");
    }
}

fn send(path: &OsString, message: &str) -> io::Result<()> {
    let address = match path.as_bytes().strip_prefix(b"@") {
        // `@` stands for the zero byte that begins a name in Linux's abstract namespace.
        #[cfg(target_os = "linux")]
        Some(name) => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(path)?,
    };
    UnixDatagram::unbound()?.send_to_addr(message.as_bytes(), &address)?;
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "systemd's word to this process, and no setting"
)]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_arrives_by_a_path_or_an_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let name = format!("oc-lettings-test-{}", std::process::id());
        let abstract_address = SocketAddr::from_abstract_name(&name).unwrap();
        for (receiver, address) in [
            (UnixDatagram::bind(&path).unwrap(), path.into_os_string()),
            (
                UnixDatagram::bind_addr(&abstract_address).unwrap(),
                format!("@{name}").into(),
            ),
        ] {
            send(&address, "READY=1").unwrap();
            let mut bytes = [0; 100];
            let length = receiver.recv(&mut bytes).unwrap();
            assert_eq!(&bytes[..length], b"READY=1");
        }
    }
}
