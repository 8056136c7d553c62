//! Where the server listens, and what tells it to stop.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How many connections the system holds for us until they are accepted. Linux takes the smaller of
/// this and `net.core.somaxconn` (4096 by default).
pub const LISTEN_BACKLOG: i32 = 2048;

/// Listens on `address`; on the unspecified IPv6 address for IPv4 too, whatever the system's
/// default is. Must be called inside a tokio runtime.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(false)?;
    }
    // A restarted server need not wait until its predecessor's connections have left TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(LISTEN_BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// Listens on all addresses: `[::]` for both families or, on a system without IPv6, `0.0.0.0`.
pub fn bind_all(port: u16) -> io::Result<TcpListener> {
    match bind((Ipv6Addr::UNSPECIFIED, port).into()) {
        // Without IPv6 the system says one of several things, depending on where it was switched
        // off. But a port somebody else has must not leave us with half of the addresses.
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            bind((Ipv4Addr::UNSPECIFIED, port).into())
        }
        result => result,
    }
}

/// Watches for the signals that ask a process to stop, from this call on: the returned future
/// resolves at the first SIGTERM or SIGINT. Must be called inside a tokio runtime.
pub fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::*;

    // Not with the tests of `it`: for a moment the child has a copy of every socket, and a listener
    // that a test there has just closed would still answer.
    #[tokio::test]
    async fn sigterm_and_sigint_ask_for_the_stop() {
        for name in ["TERM", "INT"] {
            let asked = shutdown_signal().unwrap();
            let kill = format!("kill -{name} {}", std::process::id());
            assert!(
                Command::new("sh")
                    .args(["-c", &kill])
                    .status()
                    .unwrap()
                    .success()
            );
            tokio::time::timeout(Duration::from_secs(20), asked)
                .await
                .unwrap();
        }
    }
}
