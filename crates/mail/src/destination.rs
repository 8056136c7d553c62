//! Where letters go: a server, a folder, or the console, by an address.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use url::Url;

/// Where letters go.
#[derive(Debug, Clone)]
pub enum Destination {
    /// `smtp://…` and `smtps://…`
    Smtp(SmtpServer),
    /// `console:`: the standard output, for development.
    Console,
    /// `file:/folder`: a file for each letter.
    Folder(PathBuf),
}

/// A server that takes letters.
#[derive(Debug, Clone)]
pub struct SmtpServer {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub encryption: Encryption,
    /// The name and the password of a login.
    pub login: Option<(String, SecretString)>,
    /// A file in PEM with the certificates that are trusted in place of the usual authorities.
    pub authorities: Option<PathBuf>,
}

/// How the connection to a server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// From its first byte.
    FromStart,
    /// By STARTTLS, without which nothing is sent.
    Required,
    /// By STARTTLS where the server offers it. Whoever is between could take the offer away.
    WhereOffered,
    /// Not at all.
    No,
}

/// Why a text is no [`Destination`]. It never repeats the text, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDestination {
    /// It begins with none of the known words.
    #[error(
        "must be `smtp://user:password@host:587`, `smtps://user:password@host:465`, `console:` or \
         `file:/folder`"
    )]
    Scheme,
    /// The server's host is missing, or no name and no address.
    #[error("must name a host after `smtp://` or `smtps://`")]
    Host,
    /// A name without a password, or the other way round.
    #[error("must hold both a user and a password, or neither")]
    Login,
    /// A parameter that is unknown, or has another value than those known.
    #[error(
        "has a parameter that is not known: there are `tls=required`, `tls=optional`, `tls=none` \
         (with `smtp://` alone) and `ca=/file.pem`"
    )]
    Parameter,
    /// A password would be sent unencrypted to another machine.
    #[error(
        "must not send a password unencrypted: `tls=none` and `tls=optional` with a password are for \
         a server on this machine alone"
    )]
    Unencrypted,
    /// There is a path after the host.
    #[error("must end after the host and the port, but for `?tls=…` and `?ca=…`")]
    Path,
    /// The folder is not named from the root.
    #[error("must name a folder from the root, `file:/folder`")]
    Folder,
}

impl FromStr for Destination {
    type Err = InvalidDestination;

    fn from_str(text: &str) -> Result<Self, InvalidDestination> {
        let text = text.trim();
        match text.split_once(':') {
            Some(("console", "" | "//")) => Ok(Self::Console),
            Some(("file", path)) => {
                let path = path.strip_prefix("//").unwrap_or(path);
                let path = percent_decode_str(path).decode_utf8_lossy();
                if !path.starts_with('/') {
                    return Err(InvalidDestination::Folder);
                }
                Ok(Self::Folder(PathBuf::from(path.into_owned())))
            }
            Some(("smtp" | "smtps", rest)) if rest.starts_with("//") => {
                let url = Url::parse(text).map_err(|_| InvalidDestination::Host)?;
                Ok(Self::Smtp(SmtpServer::from_url(&url)?))
            }
            _ => Err(InvalidDestination::Scheme),
        }
    }
}

/// The ports of submission (RFC 6409, RFC 8314).
const SUBMISSION: u16 = 587;
const SUBMISSION_BY_TLS: u16 = 465;

impl SmtpServer {
    fn from_url(url: &Url) -> Result<Self, InvalidDestination> {
        let host = url.host_str().unwrap_or_default();
        if !is_host(host) {
            return Err(InvalidDestination::Host);
        }
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(InvalidDestination::Path);
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() && !password.is_empty() => {
                Some((decoded(user), decoded(password).into()))
            }
            _ => return Err(InvalidDestination::Login),
        };
        let is_wrapped = url.scheme() == "smtps";
        let mut encryption = match (is_wrapped, &login) {
            (true, _) => Encryption::FromStart,
            (false, Some(_)) => Encryption::Required,
            (false, None) => Encryption::WhereOffered,
        };
        let mut authorities = None;
        for (name, value) in url.query_pairs() {
            match (&*name, &*value) {
                ("tls", "required") if !is_wrapped => encryption = Encryption::Required,
                ("tls", "optional") if !is_wrapped => encryption = Encryption::WhereOffered,
                ("tls", "none") if !is_wrapped => encryption = Encryption::No,
                ("ca", path) if !path.is_empty() => authorities = Some(PathBuf::from(path)),
                _ => return Err(InvalidDestination::Parameter),
            }
        }
        let is_open = matches!(encryption, Encryption::WhereOffered | Encryption::No);
        if is_open && login.is_some() && !is_loopback(host) {
            return Err(InvalidDestination::Unencrypted);
        }
        let default_port = if is_wrapped {
            SUBMISSION_BY_TLS
        } else {
            SUBMISSION
        };
        Ok(Self {
            host: bare(host).to_owned(),
            port: url.port().unwrap_or(default_port),
            encryption,
            login,
            authorities,
        })
    }
}

/// Whether a text is a name of letters, digits, dashes and dots, or an address.
fn is_host(host: &str) -> bool {
    let is_name = |host: &str| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        !host.is_empty() && host.bytes().all(is_allowed)
    };
    is_name(host) || bare(host).parse::<IpAddr>().is_ok()
}

/// An IPv6 address without its brackets.
fn bare(host: &str) -> &str {
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    inner.unwrap_or(host)
}

/// Whether a host is this machine, whatever a name server says.
fn is_loopback(host: &str) -> bool {
    let address = bare(host).parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn server(text: &str) -> SmtpServer {
        match text.parse() {
            Ok(Destination::Smtp(server)) => server,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_server_is_encrypted_unless_it_is_here() {
        for (text, host, port, encryption) in [
            (
                "smtps://ann:a@mail.example.com",
                "mail.example.com",
                465,
                Encryption::FromStart,
            ),
            (
                "smtps://mail.example.com:2465/",
                "mail.example.com",
                2465,
                Encryption::FromStart,
            ),
            (
                "smtp://ann:a@mail.example.com:2525",
                "mail.example.com",
                2525,
                Encryption::Required,
            ),
            (
                "smtp://mail.example.com",
                "mail.example.com",
                587,
                Encryption::WhereOffered,
            ),
            (
                "smtp://mail.example.com?tls=required",
                "mail.example.com",
                587,
                Encryption::Required,
            ),
            ("smtp://relay:25?tls=none", "relay", 25, Encryption::No),
            (
                "smtp://ann:a@127.0.0.1:1025?tls=none",
                "127.0.0.1",
                1025,
                Encryption::No,
            ),
            (
                "smtp://ann:a@[::1]:1025?tls=optional",
                "::1",
                1025,
                Encryption::WhereOffered,
            ),
        ] {
            let server = server(text);
            let found = (&*server.host, server.port, server.encryption);
            assert_eq!(found, (host, port, encryption), "{text}");
        }
    }

    #[test]
    fn a_login_is_decoded_and_not_told_by_debug() {
        let server =
            server("smtps://ann%40example.com:p%2F%3A%20w%C3%A9@mail.example.com?ca=/ca.pem");
        let (user, password) = server.login.as_ref().unwrap();
        assert_eq!(user, "ann@example.com");
        assert_eq!(password.expose_secret(), "p/: wé");
        assert_eq!(server.authorities, Some(PathBuf::from("/ca.pem")));
        assert!(!format!("{server:?}").contains("wé"));
    }

    #[test]
    fn letters_go_to_a_folder_or_the_console() {
        for text in ["file:/var/mail", "file:///var/mail"] {
            let found = text.parse();
            let Ok(Destination::Folder(folder)) = found else {
                panic!("{found:?}");
            };
            assert_eq!(folder, PathBuf::from("/var/mail"));
        }
        assert!(matches!("console:".parse(), Ok(Destination::Console)));
    }

    #[test]
    fn what_is_no_destination_is_said_without_the_text() {
        for (text, problem) in [
            ("mail.example.com", InvalidDestination::Scheme),
            ("smtp:mail.example.com", InvalidDestination::Scheme),
            ("http://mail.example.com", InvalidDestination::Scheme),
            ("smtp://", InvalidDestination::Host),
            ("smtp://ann:a@:25", InvalidDestination::Host),
            ("smtp://a%20b", InvalidDestination::Host),
            ("smtp://mail.example.com:port", InvalidDestination::Host),
            ("smtp://ann@mail.example.com", InvalidDestination::Login),
            ("smtp://:a@mail.example.com", InvalidDestination::Login),
            (
                "smtp://mail.example.com?tls=maybe",
                InvalidDestination::Parameter,
            ),
            (
                "smtps://mail.example.com?tls=none",
                InvalidDestination::Parameter,
            ),
            (
                "smtp://mail.example.com?timeout=3",
                InvalidDestination::Parameter,
            ),
            (
                "smtp://ann:a@mail.example.com?tls=none",
                InvalidDestination::Unencrypted,
            ),
            ("smtp://mail.example.com/path", InvalidDestination::Path),
            ("file:folder", InvalidDestination::Folder),
            ("console:loud", InvalidDestination::Scheme),
        ] {
            let found = text.parse::<Destination>();
            assert_eq!(found.err(), Some(problem), "{text}");
        }
    }
}
