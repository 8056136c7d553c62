//! Render's API: a web application, its deployments, and how one is started and cancelled. Knows
//! how requests look and which may be repeated, not what they are made for.

use std::collections::BTreeSet;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use ureq::http::Method;

use crate::clock::seconds;
use crate::context::Context;
use crate::history::{Deployment, History, Status};
use crate::http::{Backoff, Client, HttpRequest, HttpResponse, TransientFailure, host, refusal};
use crate::image::{Digest, Image, Repository};
use crate::limits::HISTORY_PAGE;

pub use crate::http::Failure;

/// The address of the API.
pub const BASE_URL: &str = "https://api.render.com/v1";

/// The configuration of the API.
#[derive(Debug, Clone)]
pub struct Config {
    /// [`BASE_URL`], or that of a stand-in.
    pub base_url: String,
    /// The key of the API.
    pub key: SecretString,
    /// The id of the web application, `srv-…`.
    pub id: String,
}

/// The API as one web application sees it.
#[derive(Debug, Clone)]
pub struct Render {
    config: Config,
    client: Client,
}

/// Why a deployment was not started.
#[derive(Debug, thiserror::Error)]
#[error("{failure}")]
pub struct NotStarted {
    /// What went wrong.
    pub failure: Failure,
    /// Whether Render may have started it all the same.
    pub may_have_started: bool,
}

/// A web application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebApplication {
    /// Its name on the dashboard.
    pub name: String,
    /// The name of its image, without tag and digest; `None` if Render does not tell it.
    pub repository: Option<Repository>,
    /// The address at which it answers.
    pub url: Option<String>,
    /// Whether somebody stopped it.
    pub is_suspended: bool,
}

impl Render {
    /// Sends no request.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            client: Client::new(),
        }
    }

    /// The web application itself.
    pub fn application(&self, ctx: Context<'_>) -> Result<WebApplication, Failure> {
        let found: wire::Application = self.get(ctx, "")?;
        Ok(WebApplication {
            repository: found.image_path.as_deref().and_then(repository),
            name: found.name,
            url: found.details.and_then(|details| details.url),
            is_suspended: found.suspended.is_some_and(|word| word == "suspended"),
        })
    }

    /// Its deployments, as far back as the limits go.
    pub fn history(&self, ctx: Context<'_>) -> Result<History, Failure> {
        let mut deployments = Vec::new();
        let mut cursor = String::new();
        for _ in 0..ctx.limits.history_pages {
            let page = self.page(ctx, &cursor)?;
            let is_last = page.len() < HISTORY_PAGE;
            for entry in page {
                cursor = entry.cursor.unwrap_or_default();
                deployments.push(entry.deploy.into());
            }
            if is_last || cursor.is_empty() {
                break;
            }
        }
        Ok(History::new(deployments))
    }

    /// One deployment.
    pub fn deployment(&self, ctx: Context<'_>, id: &str) -> Result<Deployment, Failure> {
        let found: wire::Deployment = self.get(ctx, &format!("/deploys/{}", encoded(id)))?;
        Ok(found.into())
    }

    /// Starts a deployment of an image, and returns it.
    ///
    /// Render may have started one although its answer did not arrive, or was an error, or told no
    /// id (202). Then it is looked for among those that are not `known` before the request is
    /// repeated: a second deployment would replace the first.
    pub fn start(
        &self,
        ctx: Context<'_>,
        image: &Image,
        known: &BTreeSet<String>,
    ) -> Result<Deployment, NotStarted> {
        let request = self.start_request(image);
        let mut backoff = Backoff::new(ctx, request.host());
        let mut may_have_started = false;
        loop {
            let failed = |failure| NotStarted {
                failure,
                may_have_started,
            };
            ctx.clock
                .wait(Duration::ZERO)
                .map_err(|interrupted| failed(interrupted.into()))?;
            let transient_failure = match self.client.send(&request, ctx.limits.request) {
                Ok(response) => match TransientFailure::of(&response) {
                    None if response.status == 202 => {
                        return self.queued(ctx, &response, image, known);
                    }
                    None => {
                        let read = self.read::<wire::Deployment>(&response);
                        return read.map(Deployment::from).map_err(|failure| NotStarted {
                            // A success is one even if its answer cannot be read.
                            may_have_started: matches!(failure, Failure::Unreadable { .. }),
                            failure,
                        });
                    }
                    Some(transient_failure) => transient_failure,
                },
                Err(no_response) => backoff.transient_failure(no_response).map_err(failed)?,
            };
            may_have_started |= transient_failure.may_have_arrived;
            // Looked for after the pause, and also if there is no further attempt: the last one may
            // have started a deployment.
            let paused = backoff.pause(transient_failure);
            if may_have_started && !matches!(paused, Err(Failure::Interrupted(_))) {
                let found = self.find_new(ctx, image, known);
                let found = found.map_err(|failure| NotStarted {
                    failure,
                    may_have_started,
                })?;
                if let Some(deployment) = found {
                    return Ok(deployment);
                }
                // Render lists no new deployment of the image, so that none was started.
                may_have_started = false;
            }
            paused.map_err(|failure| NotStarted {
                failure,
                may_have_started,
            })?;
        }
    }

    fn start_request(&self, image: &Image) -> HttpRequest<'static> {
        let body = serde_json::json!({
            "clearCache": "do_not_clear",
            "imageUrl": image.to_string(),
        });
        HttpRequest {
            method: Method::POST,
            json: Some(body.to_string()),
            ..self.request("/deploys")
        }
    }

    /// Asks Render to cancel a deployment. It is no error if that has ended already.
    pub fn cancel(&self, ctx: Context<'_>, id: &str) -> Result<(), Failure> {
        let request = HttpRequest {
            method: Method::POST,
            json: Some("{}".to_owned()),
            ..self.request(&format!("/deploys/{}/cancel", encoded(id)))
        };
        let response = self.client.send_with_retries(ctx, &request)?;
        match response.status {
            200..=299 | 400 | 404 | 409 => Ok(()),
            _ => Err(self.refusal(&response)),
        }
    }

    /// The deployment that Render has queued (202). If it is not in the answer, it is looked for
    /// until it is listed or the limit is over.
    fn queued(
        &self,
        ctx: Context<'_>,
        response: &HttpResponse,
        image: &Image,
        known: &BTreeSet<String>,
    ) -> Result<Deployment, NotStarted> {
        if let Ok(found) = serde_json::from_str::<wire::Deployment>(&response.body) {
            return Ok(found.into());
        }
        let failed = |failure| NotStarted {
            failure,
            may_have_started: true,
        };
        let start = ctx.clock.now();
        loop {
            if let Some(deployment) = self.find_new(ctx, image, known).map_err(failed)? {
                return Ok(deployment);
            }
            let elapsed = ctx.clock.now().saturating_sub(start);
            if elapsed >= ctx.limits.listing {
                let what = format!(
                    "the deployment is queued (202), but after {} it is not listed",
                    seconds(elapsed)
                );
                return Err(failed(self.unreadable(what)));
            }
            let waited = ctx.clock.wait(ctx.limits.poll_interval);
            waited.map_err(|interrupted| failed(interrupted.into()))?;
        }
    }

    fn find_new(
        &self,
        ctx: Context<'_>,
        image: &Image,
        known: &BTreeSet<String>,
    ) -> Result<Option<Deployment>, Failure> {
        let newest = self.page(ctx, "")?.into_iter();
        let mut newest = newest.map(|entry| Deployment::from(entry.deploy));
        Ok(newest
            .find(|one| one.digest.as_ref() == Some(&image.digest) && !known.contains(&one.id)))
    }

    fn page(&self, ctx: Context<'_>, cursor: &str) -> Result<Vec<wire::Entry>, Failure> {
        let mut path = format!("/deploys?limit={HISTORY_PAGE}");
        if !cursor.is_empty() {
            path += &format!("&cursor={}", encoded(cursor));
        }
        self.get(ctx, &path)
    }

    fn get<T: DeserializeOwned>(&self, ctx: Context<'_>, path: &str) -> Result<T, Failure> {
        let response = self.client.send_with_retries(ctx, &self.request(path))?;
        self.read(&response)
    }

    fn request(&self, path: &str) -> HttpRequest<'static> {
        let Config { base_url, key, id } = &self.config;
        let url = format!(
            "{}/services/{}{path}",
            base_url.trim_end_matches('/'),
            encoded(id)
        );
        HttpRequest {
            authorization: Some(format!("Bearer {}", key.expose_secret()).into()),
            headers: &[("accept", "application/json")],
            ..HttpRequest::get(&url)
        }
    }

    fn read<T: DeserializeOwned>(&self, response: &HttpResponse) -> Result<T, Failure> {
        if !(200..300).contains(&response.status) {
            return Err(self.refusal(response));
        }
        serde_json::from_str(&response.body).map_err(|error| self.unreadable(error.to_string()))
    }

    fn refusal(&self, response: &HttpResponse) -> Failure {
        refusal(
            host(&self.config.base_url),
            response,
            Some(&self.config.key),
        )
    }

    fn unreadable(&self, what: String) -> Failure {
        Failure::Unreadable {
            host: host(&self.config.base_url),
            what,
        }
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
        .to_string()
        .replace("%2D", "-")
}

/// The image's name in an address that may end in a tag or a digest.
fn repository(path: &str) -> Option<Repository> {
    let name = path.split('@').next().unwrap_or(path);
    name.parse().ok()
}

impl From<wire::Deployment> for Deployment {
    fn from(found: wire::Deployment) -> Self {
        let digest = found.image.as_ref().and_then(wire::Image::digest);
        Self {
            id: found.id,
            status: Status::from_word(&found.status),
            digest,
            created_at: found.created_at,
            finished_at: found.finished_at,
            trigger: found.trigger,
        }
    }
}

/// What Render writes, as far as it is read.
mod wire {
    use super::{Deserialize, Digest};

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct Application {
        pub(super) name: String,
        pub(super) image_path: Option<String>,
        pub(super) suspended: Option<String>,
        #[serde(rename = "serviceDetails")]
        pub(super) details: Option<Details>,
    }

    #[derive(Debug, Deserialize)]
    pub(super) struct Details {
        pub(super) url: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    pub(super) struct Entry {
        pub(super) deploy: Deployment,
        pub(super) cursor: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct Deployment {
        pub(super) id: String,
        pub(super) status: String,
        pub(super) image: Option<Image>,
        pub(super) created_at: Option<String>,
        pub(super) finished_at: Option<String>,
        pub(super) trigger: Option<String>,
    }

    #[derive(Debug, Deserialize)]
    pub(super) struct Image {
        #[serde(rename = "ref")]
        reference: Option<String>,
        sha: Option<String>,
    }

    impl Image {
        /// The digest that was asked for, or else the one that a tag was resolved to.
        pub(super) fn digest(&self) -> Option<Digest> {
            let asked = self.reference.as_deref().and_then(|reference| {
                let (_, digest) = reference.split_once('@')?;
                digest.parse().ok()
            });
            asked.or_else(|| {
                let sha = self.sha.as_deref()?;
                let digits = sha.strip_prefix("sha256:").unwrap_or(sha);
                format!("sha256:{digits}").parse().ok()
            })
        }
    }
}
