//! Feeds of other sites, fetched: over https, within bounds of time and bytes, and from public addresses
//! alone, whatever their names resolve to and wherever they redirect to.

mod address;
mod guard;

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;
use ureq::http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION,
};
use ureq::http::{HeaderMap, HeaderName, Response, StatusCode};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

pub use address::{ADDRESS_BYTES_MAX, Address, AddressError, Reach, is_public};
use guard::Guard;

use crate::read::BYTES_MAX;

/// How many times a feed may send us elsewhere.
const REDIRECTS_MAX: usize = 3;

/// How many bytes the fields of an answer may have.
const HEADER_BYTES_MAX: usize = 32 * 1024;

/// How many bytes the marks of a version may have, to be sent back.
const MARK_BYTES_MAX: usize = 300;

/// What feeds are fetched with.
#[derive(Clone, Debug)]
pub struct Config {
    /// How long a feed may take in all.
    pub time_limit: Duration,
    /// Which addresses may be asked.
    pub reach: Reach,
    /// What we call ourselves.
    pub user_agent: String,
}

/// The marks of the version that was read last, as the other site wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It is what it was.
    Unchanged,
    /// Another version, or one without marks.
    Changed {
        /// At most [`BYTES_MAX`].
        bytes: Vec<u8>,
        /// The marks to ask with the next time.
        version: Version,
    },
}

/// Why nothing came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The address, or one that it redirects to, cannot be asked.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The name belongs to a machine that is not public.
    #[error("the address is not a public one")]
    NotPublic,
    /// Nobody knows the name.
    #[error("the name of the host is unknown")]
    UnknownHost,
    /// No connection came about, or it broke.
    #[error("the host does not answer")]
    NoAnswer,
    /// The host could not prove who it is.
    #[error("the host has no valid certificate")]
    Certificate,
    /// It took longer than it may.
    #[error("the host takes too long")]
    TooSlow,
    /// It has more than [`BYTES_MAX`].
    #[error("more than 1 MiB")]
    TooLarge,
    /// More than three in a row.
    #[error("too many redirects")]
    TooManyRedirects,
    /// It was refused.
    #[error("answered with the status {0}")]
    Status(u16),
    /// The answer breaks the rules of HTTP, or those of its compression.
    #[error("the answer cannot be understood")]
    Broken,
}

/// Fetches feeds. Each call takes its thread until the answer is there.
#[derive(Clone, Debug)]
pub struct Fetcher {
    agent: Agent,
    config: Config,
}

impl Fetcher {
    /// One that keeps no connection open.
    pub fn new(config: Config) -> Self {
        let settings = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .max_response_header_size(HEADER_BYTES_MAX)
            // A proxy of the environment would resolve the name by itself.
            .proxy(None)
            .user_agent(config.user_agent.as_str())
            .build();
        let guard = Guard::new(config.reach);
        Self {
            agent: Agent::with_parts(settings, DefaultConnector::new(), guard),
            config,
        }
    }

    /// Fetches a feed, unless it is what it was.
    pub fn fetch(&self, address: &Address, known: &Version) -> Result<Fetched, FetchError> {
        let deadline = Instant::now() + self.config.time_limit;
        let mut address = address.clone();
        for _ in 0..=REDIRECTS_MAX {
            let response = self.ask(&address, known, deadline)?;
            match response.status() {
                StatusCode::OK => return changed(response),
                StatusCode::NOT_MODIFIED if *known != Version::default() => {
                    return Ok(Fetched::Unchanged);
                }
                StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT => {
                    let target = header(response.headers(), &LOCATION).ok_or(FetchError::Broken)?;
                    address = address.join(&target, self.config.reach)?;
                }
                status => return Err(FetchError::Status(status.as_u16())),
            }
        }
        Err(FetchError::TooManyRedirects)
    }

    fn ask(
        &self,
        address: &Address,
        known: &Version,
        deadline: Instant,
    ) -> Result<Response<Body>, FetchError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(FetchError::TooSlow);
        }
        let mut request = self
            .agent
            .get(address.as_str())
            .header(ACCEPT, "text/calendar, */*;q=0.1")
            .header(ACCEPT_ENCODING, "gzip");
        if let Some(etag) = &known.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(last_modified) = &known.last_modified {
            request = request.header(IF_MODIFIED_SINCE, last_modified);
        }
        let request = request.config().timeout_global(Some(left)).build();
        request.call().map_err(|error| failure(&error))
    }
}

fn changed(response: Response<Body>) -> Result<Fetched, FetchError> {
    let version = Version {
        etag: header(response.headers(), &ETAG).filter(|mark| mark.len() <= MARK_BYTES_MAX),
        last_modified: header(response.headers(), &LAST_MODIFIED)
            .filter(|mark| mark.len() <= MARK_BYTES_MAX),
    };
    let encoding = header(response.headers(), &CONTENT_ENCODING);
    let body = response.into_body().into_reader();
    let bytes = match encoding.as_deref() {
        None | Some("" | "identity") => read_within(body)?,
        Some("gzip" | "x-gzip") => read_within(MultiGzDecoder::new(body))?,
        Some(_) => return Err(FetchError::Broken),
    };
    Ok(Fetched::Changed { bytes, version })
}

fn read_within(body: impl Read) -> Result<Vec<u8>, FetchError> {
    let mut bytes = Vec::new();
    let mut within = body.take(BYTES_MAX as u64 + 1);
    within.read_to_end(&mut bytes).map_err(|error| {
        let inner = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<ureq::Error>());
        match (inner, error.kind()) {
            (Some(inner), _) => failure(inner),
            (None, ErrorKind::TimedOut) => FetchError::TooSlow,
            (None, _) => FetchError::Broken,
        }
    })?;
    if bytes.len() > BYTES_MAX {
        return Err(FetchError::TooLarge);
    }
    Ok(bytes)
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.to_owned())
}

fn failure(error: &ureq::Error) -> FetchError {
    use ureq::Error;
    match error {
        Error::HostNotFound => FetchError::UnknownHost,
        Error::Timeout(_) => FetchError::TooSlow,
        Error::Tls(_) | Error::Rustls(_) => FetchError::Certificate,
        Error::Io(error) => match error.get_ref() {
            Some(inner) if inner.is::<guard::NotPublic>() => FetchError::NotPublic,
            Some(inner) if inner.is::<guard::UnknownHost>() => FetchError::UnknownHost,
            Some(inner) if inner.is::<Error>() => {
                inner.downcast_ref().map_or(FetchError::NoAnswer, failure)
            }
            // rustls wraps what it has against a certificate.
            _ if error.kind() == ErrorKind::InvalidData => FetchError::Certificate,
            _ if error.kind() == ErrorKind::TimedOut => FetchError::TooSlow,
            _ => FetchError::NoAnswer,
        },
        Error::ConnectionFailed => FetchError::NoAnswer,
        _ => FetchError::Broken,
    }
}
