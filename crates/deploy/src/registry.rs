//! Asks a registry whether it has an image, by the API of the OCI distribution specification 1.1
//! with the token flow that Docker Hub asks for.

use std::net::Ipv4Addr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use ureq::http::Method;
use ureq::http::header::WWW_AUTHENTICATE;

use crate::clock::Interrupted;
use crate::context::Context;
use crate::http::{Client, Failure, HttpRequest, HttpResponse, host};
pub use crate::image::Presence;
use crate::image::{Image, Repository};

/// The host of Docker Hub in the names of images, and the address of its API, which has another.
const DOCKER_HUB: (&str, &str) = ("docker.io", "https://registry-1.docker.io");

/// Every media type that an image's manifest may have. A registry answers that an image is missing
/// if its manifest has a type that was not asked for.
const MANIFESTS: &str = "application/vnd.oci.image.index.v1+json, \
                         application/vnd.oci.image.manifest.v1+json, \
                         application/vnd.docker.distribution.manifest.list.v2+json, \
                         application/vnd.docker.distribution.manifest.v2+json";

/// The configuration of the registry.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The address, in place of the one that follows from the image's name.
    pub base_url: Option<String>,
    /// For images that are not public.
    pub credentials: Option<Credentials>,
}

/// An account of the registry.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Its name.
    pub username: String,
    /// Its password, or a token in its place.
    pub password: SecretString,
}

/// Asks the image's registry. If it cannot be asked, that is [`Presence::Unknown`] and no error.
pub fn presence(ctx: Context<'_>, config: &Config, image: &Image) -> Result<Presence, Interrupted> {
    let registry_client = RegistryClient {
        ctx,
        client: Client::new(),
        credentials: config.credentials.as_ref(),
        repository: &image.repository,
    };
    let base_url = match &config.base_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => base_url(&image.repository),
    };
    let path = image.repository.path();
    match registry_client.find_presence(&format!("{base_url}/v2/{path}/manifests/{}", image.digest))
    {
        Ok(presence) => Ok(presence),
        Err(Failure::Interrupted(interrupted)) => Err(interrupted),
        Err(failure) => Ok(Presence::Unknown(failure.to_string())),
    }
}

/// The address that follows from a name: without TLS only on this machine, as in Docker.
fn base_url(repository: &Repository) -> String {
    let host = repository.host();
    if host == DOCKER_HUB.0 {
        DOCKER_HUB.1.to_owned()
    } else if is_this_machine(host) {
        format!("http://{host}")
    } else {
        format!("https://{host}")
    }
}

fn is_this_machine(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or(host);
    let address = name.parse::<Ipv4Addr>();
    name == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

struct RegistryClient<'a> {
    ctx: Context<'a>,
    client: Client,
    credentials: Option<&'a Credentials>,
    repository: &'a Repository,
}

impl RegistryClient<'_> {
    fn find_presence(&self, manifest: &str) -> Result<Presence, Failure> {
        let head = |authorization| HttpRequest {
            method: Method::HEAD,
            authorization,
            headers: &[("accept", MANIFESTS)],
            ..HttpRequest::get(manifest)
        };
        let mut response = self.client.send_with_retries(self.ctx, &head(None))?;
        if response.status == 401 {
            let authorization = self.authorize(&response)?;
            if authorization.is_some() {
                response = self
                    .client
                    .send_with_retries(self.ctx, &head(authorization))?;
            }
        }
        let host = host(manifest);
        Ok(match response.status {
            200..=299 => Presence::Present,
            404 => Presence::Missing,
            401 | 403 => {
                let who = match self.credentials {
                    Some(credentials) => &*credentials.username,
                    None => "the public",
                };
                let path = self.repository.path();
                Presence::Unknown(format!("{host} does not let {who} look at {path}"))
            }
            status => Presence::Unknown(format!("{host} answered {status}")),
        })
    }

    /// The `Authorization` that the registry's challenge asks for; `None` if it cannot be had.
    fn authorize(&self, refusal: &HttpResponse) -> Result<Option<SecretString>, Failure> {
        let challenges = refusal.headers.get_all(WWW_AUTHENTICATE);
        let challenges = challenges.iter().filter_map(|value| value.to_str().ok());
        for challenge in challenges {
            let (scheme, parameters) = challenge.split_once(' ').unwrap_or((challenge, ""));
            if scheme.eq_ignore_ascii_case("basic") {
                return Ok(self.credentials.map(Credentials::basic));
            }
            if !scheme.eq_ignore_ascii_case("bearer") {
                continue;
            }
            if let Some(realm) = parameter(parameters, "realm") {
                let by = parameter(parameters, "service").unwrap_or_default();
                return self.fetch_token(&realm, &by);
            }
        }
        Ok(None)
    }

    fn fetch_token(&self, realm: &str, by: &str) -> Result<Option<SecretString>, Failure> {
        let unreadable = |what: &str| Failure::Unreadable {
            host: host(realm),
            what: what.to_owned(),
        };
        if !realm.starts_with("https://") && !is_this_machine(&host(realm)) {
            return Err(unreadable("it wants a password without TLS"));
        }
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let separator = if realm.contains('?') { '&' } else { '?' };
        let scope = format!("repository:{}:pull", self.repository.path());
        let (by, scope) = (encoded(by), encoded(&scope));
        let request = HttpRequest {
            authorization: self.credentials.map(Credentials::basic),
            ..HttpRequest::get(&format!("{realm}{separator}service={by}&scope={scope}"))
        };
        let response = self.client.send_with_retries(self.ctx, &request)?;
        if !(200..300).contains(&response.status) {
            return Ok(None);
        }
        let told: Option<Token> = serde_json::from_str(&response.body).ok();
        let token = told.and_then(|told| told.token.or(told.access_token));
        let token = token.ok_or_else(|| unreadable("there is no token in it"))?;
        Ok(Some(format!("Bearer {token}").into()))
    }
}

impl Credentials {
    fn basic(&self) -> SecretString {
        let pair = format!("{}:{}", self.username, self.password.expose_secret());
        format!("Basic {}", STANDARD.encode(pair)).into()
    }
}

/// The answer with the token. Docker Hub gives it both names, others one of them.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// A parameter of a challenge: RFC 9110 11.2, with or without quotes.
fn parameter(parameters: &str, wanted: &str) -> Option<String> {
    let mut rest = parameters;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_once(',').unwrap_or((after, "")),
        };
        if name
            .trim()
            .trim_start_matches(',')
            .trim()
            .eq_ignore_ascii_case(wanted)
        {
            return Some(value.trim().to_owned());
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_follows_from_the_name() {
        for (name, expected) in [
            ("ann/books", "https://registry-1.docker.io"),
            ("registry.example/books", "https://registry.example"),
            (
                "registry.example:5000/books",
                "https://registry.example:5000",
            ),
            ("127.0.0.1:5000/books", "http://127.0.0.1:5000"),
            ("localhost/books", "http://localhost"),
            ("127.evil.example/books", "https://127.evil.example"),
        ] {
            assert_eq!(base_url(&name.parse().unwrap()), expected);
        }
    }

    #[test]
    fn challenges_are_read() {
        let text = "realm=\"https://auth.example/token?a=b,c\", service=registry.example ,\
                    Scope=\"repository:ann/books:pull\"";
        let read = |name| parameter(text, name);
        assert_eq!(read("realm").unwrap(), "https://auth.example/token?a=b,c");
        assert_eq!(read("service").unwrap(), "registry.example");
        assert_eq!(read("scope").unwrap(), "repository:ann/books:pull");
        assert_eq!(read("error"), None);
        assert_eq!(parameter("realm=\"never closed", "realm"), None);
        assert_eq!(parameter("", "realm"), None);
    }
}
