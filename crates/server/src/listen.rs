//! The listening socket, and the signals that stop the server.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How many connections the system holds for us until they are accepted. Linux takes the smaller of
/// this and `net.core.somaxconn` (4096 by default).
pub const LISTEN_BACKLOG: i32 = 2048;

/// How many unsent bytes of an answer the system buffers for a connection. Without this limit Linux
/// buffers megabytes (`net.ipv4.tcp_wmem`) for a client that may never read them. Bytes that were sent
/// and not acknowledged do not count, so that the speed over a long distance does not suffer.
pub const MAX_UNSENT_BYTES: u32 = 128 * 1024;

/// A bound address on which nobody can connect yet. The caller prepares everything else in between,
/// knowing that the port is ours.
#[derive(Debug)]
pub struct BoundSocket(Socket);

impl BoundSocket {
    /// Lets clients connect. Must be called inside a tokio runtime.
    pub fn listen(self) -> io::Result<TcpListener> {
        self.0.listen(LISTEN_BACKLOG)?;
        TcpListener::from_std(self.0.into())
    }
}

/// Binds `address`. The unspecified IPv6 address also serves IPv4, whatever the system's default is.
pub fn bind(address: SocketAddr) -> io::Result<BoundSocket> {
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
    limit_unsent(&SockRef::from(&socket))?;
    socket.bind(&address.into())?;
    Ok(BoundSocket(socket))
}

/// Binds a port on all addresses: `[::]` for both families or, without IPv6, `0.0.0.0`.
pub fn bind_all(port: u16) -> io::Result<BoundSocket> {
    match bind((Ipv6Addr::UNSPECIFIED, port).into()) {
        // Without IPv6 the error depends on where IPv6 was switched off, so that any error but one leads
        // to IPv4. If the port is in use, IPv4 alone must not be taken: half of the addresses would be
        // somebody else's.
        Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
            bind((Ipv4Addr::UNSPECIFIED, port).into())
        }
        result => result,
    }
}

/// Listens on a socket that another process, such as systemd, has bound and passed on. Must be called
/// inside a tokio runtime.
pub fn inherit(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    let socket = SockRef::from(&listener);
    if !socket.is_listener()? {
        let reason = "the socket is not listening";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    limit_unsent(&socket)?;
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// Sets [`MAX_UNSENT_BYTES`] on a listening socket, from which accepted connections inherit it.
#[cfg_attr(
    not(target_os = "linux"),
    expect(clippy::unnecessary_wraps, reason = "only Linux has the option")
)]
fn limit_unsent(socket: &SockRef<'_>) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    socket.set_tcp_notsent_lowat(MAX_UNSENT_BYTES)?;
    #[cfg(not(target_os = "linux"))]
    let _ = socket;
    Ok(())
}

/// The signals that ask a process to stop: SIGTERM, SIGINT and SIGQUIT.
#[derive(Debug)]
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
}

impl StopSignals {
    /// Watches for them from now on. Must be called inside a tokio runtime.
    pub fn watch() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    /// Waits for the next of them.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            _ = self.quit.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::*;

    // Not with the tests of `it`: for a moment the child has a copy of every socket, and a listener
    // that a test there has just closed would still answer.
    #[tokio::test]
    async fn sigterm_sigint_and_sigquit_ask_for_the_stop() {
        let mut signals = StopSignals::watch().unwrap();
        for name in ["TERM", "INT", "QUIT", "TERM"] {
            let kill = format!("kill -{name} {}", std::process::id());
            assert!(
                Command::new("sh")
                    .args(["-c", &kill])
                    .status()
                    .unwrap()
                    .success()
            );
            tokio::time::timeout(Duration::from_secs(20), signals.next())
                .await
                .unwrap();
        }
    }

    #[tokio::test]
    async fn only_a_listening_socket_can_be_inherited() {
        let bound = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        let address: SocketAddr = "127.0.0.1:0".parse().unwrap();
        bound.bind(&address.into()).unwrap();
        let error = inherit(bound.into()).unwrap_err();
        assert_eq!(error.to_string(), "the socket is not listening");

        let listening = std::net::TcpListener::bind(address).unwrap();
        let address = listening.local_addr().unwrap();
        let inherited = inherit(listening).unwrap();
        assert_eq!(inherited.local_addr().unwrap(), address);
        let connecting = std::net::TcpStream::connect(address).unwrap();
        let (_, peer) = inherited.accept().await.unwrap();
        assert_eq!(peer, connecting.local_addr().unwrap());
    }
}
