//! A PostgreSQL server and a database on it, as an address and libpq's variables name them.

use std::collections::BTreeMap;
use std::env::home_dir;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};
use secrecy::{ExposeSecret as _, SecretString};

use super::error::AddressError;
use super::{rules, uri};

/// A server and how to connect to it. The parameters are checked; nothing is connected.
#[derive(Clone)]
pub struct Server {
    /// The parameters under libpq's names, without the password.
    parameters: BTreeMap<String, String>,
    password: Option<SecretString>,
    port: Option<u16>,
    tls: TlsMode,
}

/// libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TlsMode {
    Disable,
    /// TLS if the server offers it. Also libpq's `allow`, which starts without TLS and retries with it
    /// if the server insists: the driver does not retry.
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// The value of `sslrootcert` that means the system's trusted authorities.
const SYSTEM: &str = "system";

impl Server {
    /// Reads what follows `postgres://`.
    pub(super) fn parse(rest: &str) -> Result<Self, AddressError> {
        let mut parameters = BTreeMap::new();
        for (name, value) in uri::parse(rest)? {
            rules::check(&name, &value)?;
            parameters.insert(name, value);
        }
        // As in libpq: an empty value counts as absent, except where only certain words are allowed.
        let is_word = |name: &str| ["connect_timeout", "pgbouncer", "sslmode"].contains(&name);
        parameters.retain(|name, value| !value.is_empty() || is_word(name));
        for (variable, name) in rules::VARIABLES {
            // The address wins over the environment, as in libpq.
            if let Some(value) = self::variable(variable)
                && !parameters.contains_key(*name)
            {
                rules::check(name, &value).map_err(|error| error.of_variable(variable))?;
                parameters.insert((*name).to_owned(), value);
            }
        }
        if !parameters.contains_key("user") && variable("PGUSER").is_none() {
            let user = system_user().ok_or(AddressError::Form(
                "it names no user, and the system has no name for the one that this program runs as",
            ))?;
            parameters.insert("user".to_owned(), user);
        }
        let password = parameters.remove("password").map(SecretString::from);
        let server = Self {
            port: port(&parameters)?,
            tls: tls_mode(&parameters)?,
            password,
            parameters,
        };
        server.check()?;
        Ok(server)
    }

    fn check(&self) -> Result<(), AddressError> {
        for name in ["host", "hostaddr"] {
            let value = self.parameter(name).unwrap_or_default();
            if value.contains(',') {
                return Err(AddressError::Unsupported {
                    parameter: name.to_owned(),
                    reason: "the driver tries one host, and several are named",
                });
            }
            if value.starts_with('@') {
                return Err(AddressError::Unsupported {
                    parameter: name.to_owned(),
                    reason: "the driver does not know abstract sockets: name a folder",
                });
            }
        }
        let address = self.parameter("hostaddr");
        if address.is_some_and(|address| address.parse::<std::net::IpAddr>().is_err()) {
            return Err(value("hostaddr", "it is an IP address"));
        }
        if address.is_some() && self.tls == TlsMode::VerifyFull {
            return Err(AddressError::Unsupported {
                parameter: "hostaddr".to_owned(),
                reason: "the driver would look for the address in the server's certificate, and not \
                         for the host: name the host alone",
            });
        }
        if self.parameters.contains_key("sslcert") != self.parameters.contains_key("sslkey") {
            return Err(value("sslcert", "it goes with `sslkey`, and neither alone"));
        }
        let known = ["true", "false"];
        if self
            .parameter("pgbouncer")
            .is_some_and(|word| !known.contains(&word))
        {
            return Err(value("pgbouncer", "it is `true` or `false`"));
        }
        let wait = self.parameter("connect_timeout");
        if wait.is_some_and(|wait| wait.trim().parse::<i32>().is_err()) {
            return Err(value("connect_timeout", "it is a whole number of seconds"));
        }
        Ok(())
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The password in the address, so that callers can remove it from texts.
    pub fn password(&self) -> Option<&SecretString> {
        self.password.as_ref()
    }

    /// Whether the address says `pgbouncer=true`: a pooler gives each transaction another session.
    pub(crate) fn is_pooled(&self) -> bool {
        self.parameter("pgbouncer") == Some("true")
    }

    /// The query that answers `true` on a server which `target_session_attrs` excludes.
    pub(crate) fn refused_if(&self) -> Option<&'static str> {
        match self.parameter("target_session_attrs")? {
            "read-write" => Some("SELECT current_setting('transaction_read_only')::boolean::text"),
            "primary" => Some("SELECT pg_is_in_recovery()::text"),
            _ => None,
        }
    }

    /// The limit on connecting, from `connect_timeout`. As in libpq, 0 and less mean no limit, and 1 is
    /// raised to 2 seconds.
    pub(crate) fn connect_limit(&self) -> Option<Duration> {
        let seconds: i64 = self.parameter("connect_timeout")?.trim().parse().ok()?;
        let seconds = u64::try_from(seconds).ok().filter(|seconds| *seconds > 0)?;
        Some(Duration::from_secs(seconds.max(2)))
    }

    /// The certificate and key files that a connection reads, each with the parameter that names it.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&'static str, &str)> {
        ["sslrootcert", "sslcert", "sslkey"]
            .into_iter()
            .filter(|_| self.tls != TlsMode::Disable)
            .filter_map(|name| Some((name, self.parameter(name)?)))
            .filter(|(_, file)| *file != SYSTEM)
    }

    /// The driver's options for this server, including libpq's variables and password file.
    pub(crate) fn options(&self) -> PgConnectOptions {
        let options = self.driver_options(&[]);
        // Without a database libpq takes the one named after the user. The options are made a second
        // time with that name, since the driver looks up the password file by it.
        let own = options.get_username().to_owned();
        let options = match options.get_database() {
            Some(_) => options,
            None => self.driver_options(&[("dbname", &own)]),
        };
        self.with_tls(options)
    }

    /// The options without TLS. They pass through a URL, since only parsing one makes the driver read
    /// the password file.
    fn driver_options(&self, further: &[(&str, &str)]) -> PgConnectOptions {
        let mut url = "postgres:///?".to_owned();
        let mut add = |name: &str, value: &str| {
            let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
            url.push_str(&format!("{name}={value}&"));
        };
        for name in [
            "host",
            "hostaddr",
            "user",
            "dbname",
            "application_name",
            "options",
        ] {
            if let Some(value) = self.parameter(name) {
                add(name, value);
            }
        }
        let fallback = self.parameter("fallback_application_name");
        let named = self.parameters.contains_key("application_name");
        if let Some(name) = fallback.filter(|_| !named && variable("PGAPPNAME").is_none()) {
            add("application_name", name);
        }
        if let Some(port) = self.port {
            add("port", &port.to_string());
        }
        if let Some(password) = &self.password {
            add("password", password.expose_secret());
        }
        for (name, value) in further {
            add(name, value);
        }
        // The driver cannot refuse this URL: every parameter was checked, every value is encoded.
        PgConnectOptions::from_str(&url).unwrap_or_default()
    }

    /// Adds TLS as libpq does: none on a Unix socket; `require` verifies the certificate if there are
    /// authorities to verify it with; files under `~/.postgresql` are the defaults.
    fn with_tls(&self, mut options: PgConnectOptions) -> PgConnectOptions {
        let is_socket = options.get_socket().is_some() || options.get_host().starts_with('/');
        let authorities = match self.parameter("sslrootcert") {
            Some(SYSTEM) => system_authorities(),
            Some(file) => Some(PathBuf::from(file)),
            None => default_file("root.crt"),
        };
        if let Some(file) = &authorities {
            options = options.ssl_root_cert(file);
        }
        let own = match (self.parameter("sslcert"), self.parameter("sslkey")) {
            (Some(certificate), Some(key)) => Some((certificate.into(), key.into())),
            _ => default_file("postgresql.crt").zip(default_file("postgresql.key")),
        };
        if let Some((certificate, key)) = own {
            options = options.ssl_client_cert(certificate).ssl_client_key(key);
        }
        let tls = if is_socket {
            TlsMode::Disable
        } else {
            self.tls
        };
        options.ssl_mode(match tls {
            TlsMode::Disable => PgSslMode::Disable,
            TlsMode::Prefer => PgSslMode::Prefer,
            TlsMode::Require if authorities.is_none() => PgSslMode::Require,
            TlsMode::Require | TlsMode::VerifyCa => PgSslMode::VerifyCa,
            TlsMode::VerifyFull => PgSslMode::VerifyFull,
        })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = self.options();
        let database = options.get_database().unwrap_or_default();
        write!(formatter, "PostgreSQL database {database} at ")?;
        let (host, port) = (options.get_host(), options.get_port());
        match options.get_socket() {
            Some(folder) => write!(formatter, "{}:{port}", folder.display()),
            None if host.contains(':') => write!(formatter, "[{host}]:{port}"),
            None => write!(formatter, "{host}:{port}"),
        }
    }
}

/// Without user name, password and parameters.
impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

fn port(parameters: &BTreeMap<String, String>) -> Result<Option<u16>, AddressError> {
    let Some(text) = parameters.get("port") else {
        return Ok(None);
    };
    if text.contains(',') {
        return Err(AddressError::Unsupported {
            parameter: "port".to_owned(),
            reason: "the driver tries one host, and several are named",
        });
    }
    match text.trim().parse() {
        Ok(port) if port > 0 => Ok(Some(port)),
        // The message does not repeat the text: after a `/` in a password, the password's rest is read
        // as a port.
        _ => Err(value(
            "port",
            "it is a number from 1 to 65535 (a `/` in a password is written `%2F`)",
        )),
    }
}

fn tls_mode(parameters: &BTreeMap<String, String>) -> Result<TlsMode, AddressError> {
    let is_system = parameters
        .get("sslrootcert")
        .is_some_and(|file| file == SYSTEM);
    match parameters.get("sslmode").map(String::as_str) {
        None if is_system => Ok(TlsMode::VerifyFull),
        Some("verify-full") => Ok(TlsMode::VerifyFull),
        Some(_) if is_system => Err(value(
            "sslmode",
            "with `sslrootcert=system` it is `verify-full`: anybody can have a certificate of an \
             authority that everybody trusts",
        )),
        Some("disable") => Ok(TlsMode::Disable),
        None | Some("allow" | "prefer") => Ok(TlsMode::Prefer),
        Some("require") => Ok(TlsMode::Require),
        Some("verify-ca") => Ok(TlsMode::VerifyCa),
        Some(_) => Err(value(
            "sslmode",
            "it is `disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`",
        )),
    }
}

fn value(parameter: &str, expected: &'static str) -> AddressError {
    AddressError::Value {
        parameter: parameter.to_owned(),
        expected,
    }
}

/// The name of the user that the program runs as, libpq's default. The driver has no default.
fn system_user() -> Option<String> {
    let id = rustix::process::geteuid().as_raw().to_string();
    let users = std::fs::read("/etc/passwd").ok()?;
    let users = String::from_utf8_lossy(&users);
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == id).then(|| name.to_owned())
    })
}

/// The file at libpq's default path, `~/.postgresql/{name}`, if it exists.
fn default_file(name: &str) -> Option<PathBuf> {
    let path = home_dir()?.join(".postgresql").join(name);
    path.is_file().then_some(path)
}

/// The system's file of trusted authorities, by OpenSSL's variable `SSL_CERT_FILE` or at the path of
/// Debian and Alpine, Red Hat, SUSE or macOS.
fn system_authorities() -> Option<PathBuf> {
    let named = variable("SSL_CERT_FILE").map(PathBuf::from);
    let usual = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    let usual = || usual.iter().map(Path::new).find(|path| path.is_file());
    named.or_else(|| usual().map(Path::to_owned))
}

#[expect(
    clippy::disallowed_methods,
    reason = "libpq's variables, which fill what an address leaves out"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
