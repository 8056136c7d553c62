//! Hands one message on, and says what became of it.

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use db::new_file::{Existing, NewFile};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret as _;
use tokio::time::timeout;

use crate::destination::{Destination, Encryption, SmtpServer};
use crate::message::{Outgoing, Sender};

/// How long connecting to a server may take, for each of its addresses.
const CONNECT_LIMIT: Duration = Duration::from_secs(20);

/// How long the end of a connection may take.
const QUIT_LIMIT: Duration = Duration::from_secs(2);

/// What letters are handed to.
#[derive(Debug)]
pub(crate) enum Transport {
    Smtp(Box<Smtp>),
    Console,
    Folder(PathBuf),
}

/// A server, and what is needed to connect to it.
pub(crate) struct Smtp {
    server: SmtpServer,
    tls: Option<TlsParameters>,
    hello: ClientId,
}

/// A transport in use. Letters follow each other over one connection, which is dropped with whatever
/// goes wrong on it: after that nobody could tell which answer belongs to what.
pub(crate) struct Session<'a> {
    transport: &'a Transport,
    connection: Option<AsyncSmtpConnection>,
}

/// What became of a message.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// It was taken.
    Taken,
    /// This message is not taken, now or later.
    Refused(Reason),
    /// This message is not taken now.
    Deferred(Reason),
    /// No message could be handed over.
    Unreachable(Reason),
}

/// Why a message was not taken.
#[derive(Debug)]
pub(crate) struct Reason {
    /// For staff: what the server has said, which may name addresses.
    pub(crate) whole: String,
    /// For the log: nothing of what the server has said but its code.
    pub(crate) logged: String,
}

impl Reason {
    fn plain(text: String) -> Self {
        Self {
            logged: text.clone(),
            whole: text,
        }
    }
}

/// Why a destination cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// The file of certificates cannot be read.
    #[error("read the certificates that EMAIL_URL names: {0}")]
    Authorities(#[from] io::Error),
    /// The file holds no certificates, or the host cannot be in one.
    #[error("make ready for TLS: {0}")]
    Tls(#[from] SmtpError),
}

impl Transport {
    pub(crate) fn new(destination: &Destination, sender: &Sender) -> Result<Self, Unusable> {
        Ok(match destination {
            Destination::Console => Self::Console,
            Destination::Folder(folder) => Self::Folder(folder.clone()),
            Destination::Smtp(server) => Self::Smtp(Box::new(Smtp::new(server, sender)?)),
        })
    }

    pub(crate) fn session(&self) -> Session<'_> {
        Session {
            transport: self,
            connection: None,
        }
    }
}

impl Session<'_> {
    /// Hands a message over, within a time.
    pub(crate) async fn deliver(
        &mut self,
        message: &Outgoing,
        name: &str,
        limit: Duration,
    ) -> Delivery {
        let written = match self.transport {
            Transport::Smtp(smtp) => {
                // Taken out: if the time is over in the middle, it is dropped.
                let former = self.connection.take();
                return match timeout(limit, smtp.send(former, message)).await {
                    Ok((delivery, connection)) => {
                        self.connection = connection;
                        delivery
                    }
                    Err(_) => Delivery::Unreachable(Reason::plain(
                        "the server did not answer in time".to_owned(),
                    )),
                };
            }
            Transport::Console => print(message),
            Transport::Folder(folder) => write(folder, name, message),
        };
        match written {
            Ok(()) => Delivery::Taken,
            Err(error) => Delivery::Unreachable(Reason::plain(error.to_string())),
        }
    }

    /// Takes leave of the server.
    pub(crate) async fn end(self) {
        if let Some(mut connection) = self.connection {
            // All letters were taken: nothing depends on the answer.
            let _ = timeout(QUIT_LIMIT, connection.quit()).await;
        }
    }
}

impl fmt::Debug for Smtp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.server.fmt(formatter)
    }
}

impl Smtp {
    fn new(server: &SmtpServer, sender: &Sender) -> Result<Self, Unusable> {
        let tls = match server.encryption {
            Encryption::No => None,
            _ => Some(tls_parameters(server)?),
        };
        Ok(Self {
            server: server.clone(),
            tls,
            // The machine's own name would be a container's, which says nothing.
            hello: ClientId::Domain(sender.address().domain().to_owned()),
        })
    }

    /// Sends a message over a connection that is there, or a new one, and returns the connection if the
    /// next message may follow on it.
    async fn send(
        &self,
        former: Option<AsyncSmtpConnection>,
        message: &Outgoing,
    ) -> (Delivery, Option<AsyncSmtpConnection>) {
        let mut connection = match self.connection(former).await {
            Ok(connection) => connection,
            // Whatever the server has answered, such as 535 to the login, is no fault of the letter's.
            Err(error) => return (Delivery::Unreachable(reason(&error)), None),
        };
        match connection.send(&message.envelope, &message.bytes).await {
            Ok(_) => (Delivery::Taken, Some(connection)),
            Err(error) => (judge(&error), None),
        }
    }

    /// The connection that is there, if it still answers, or a new one: encrypted and logged in.
    async fn connection(
        &self,
        former: Option<AsyncSmtpConnection>,
    ) -> Result<AsyncSmtpConnection, SmtpError> {
        if let Some(mut former) = former
            && former.test_connected().await
        {
            return Ok(former);
        }
        let Self { server, tls, hello } = self;
        let address = (server.host.as_str(), server.port);
        let from_start = tls
            .clone()
            .filter(|_| server.encryption == Encryption::FromStart);
        let limit = Some(CONNECT_LIMIT);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, limit, hello, from_start, None).await?;
        let wants_tls = match server.encryption {
            Encryption::Required => true,
            Encryption::WhereOffered => connection.can_starttls(),
            Encryption::FromStart | Encryption::No => false,
        };
        if let Some(tls) = tls.clone().filter(|_| wants_tls) {
            // Without the offer it fails.
            connection.starttls(tls, hello).await?;
        }
        if let Some((user, password)) = &server.login {
            let password = password.expose_secret().to_owned();
            let credentials = Credentials::new(user.clone(), password);
            connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
        }
        Ok(connection)
    }
}

fn tls_parameters(server: &SmtpServer) -> Result<TlsParameters, Unusable> {
    let mut builder = TlsParametersBuilder::new(server.host.clone());
    if let Some(file) = &server.authorities {
        let certificate = Certificate::from_pem(&std::fs::read(file)?)?;
        builder = builder
            .certificate_store(CertificateStore::None)
            .add_root_certificate(certificate);
    }
    Ok(builder.build()?)
}

/// What an error means that came while the letter was handed over.
fn judge(error: &SmtpError) -> Delivery {
    let reason = reason(error);
    match error.status() {
        // 421 is said at any time by a server that closes the connection (RFC 5321, section 3.8).
        Some(code) if u16::from(code) == 421 => Delivery::Unreachable(reason),
        Some(_) if error.is_permanent() => Delivery::Refused(reason),
        Some(_) => Delivery::Deferred(reason),
        None => Delivery::Unreachable(reason),
    }
}

fn reason(error: &SmtpError) -> Reason {
    let whole = error.to_string();
    match error.status() {
        Some(code) => Reason {
            logged: format!("the server answered {code}"),
            whole,
        },
        None => Reason::plain(whole),
    }
}

fn print(message: &Outgoing) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let line = "-".repeat(79);
    let text = String::from_utf8_lossy(&message.bytes).replace("\r\n", "\n");
    writeln!(out, "{text}\n{line}")?;
    out.flush()
}

fn write(folder: &Path, name: &str, message: &Outgoing) -> io::Result<()> {
    let path = folder.join(format!("{name}.eml"));
    let mut file = NewFile::begin(&path, Existing::Replace)?;
    file.file.write_all(&message.bytes)?;
    file.finish().map(drop)
}
