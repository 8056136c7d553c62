//! The world of a deployment: Render with its memory, a registry, and the site that is live.
//! Images are called by a letter, which is every digit of their digest and of their commit.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use deploy::hook::Hook;
use deploy::image::{Commit, Digest, Image};
use deploy::registry::{self, Credentials};
use deploy::render::Config;
use deploy::verify::{Absence, Address, BodyExpectation, Check, Expectations, HeaderExpectation};

use super::server::{Reply, serve};
use super::stand_in::{Fault, StandInDeployment, State};

/// Secrets: none of them may ever be shown.
pub(crate) const KEY: &str = "rnd_MARKER-of-the-key";
pub(crate) const HOOK_KEY: &str = "MARKER-of-the-hook";
pub(crate) const PASSWORD: &str = "MARKER-of-the-password";
pub(crate) const TOKEN: &str = "MARKER-of-the-token";

pub(crate) fn digest(letter: char) -> Digest {
    let digits = letter.to_string().repeat(64);
    format!("sha256:{digits}").parse().unwrap()
}

pub(crate) fn commit(letter: char) -> Commit {
    letter.to_string().repeat(40).parse().unwrap()
}

pub(crate) fn image(letter: char) -> Image {
    format!("ann/books@{}", digest(letter)).parse().unwrap()
}

pub(crate) struct World {
    state: Arc<Mutex<State>>,
    pub(crate) address: String,
}

impl World {
    /// Deployments of the past, the oldest first.
    pub(crate) fn new(past: &[(char, &'static str)]) -> Self {
        let state = Arc::new(Mutex::new(State {
            deployed: past
                .iter()
                .map(|(image, status)| StandInDeployment {
                    image: *image,
                    statuses: [*status].into(),
                    is_listed: true,
                })
                .collect(),
            ..State::default()
        }));
        let shared = Arc::clone(&state);
        let address = serve(move |request| shared.lock().unwrap().answer(request));
        Self { state, address }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The next deployment goes through these statuses, one each time it is looked at.
    pub(crate) fn coming(self, statuses: &'static [&'static str]) -> Self {
        self.state().coming.push_back(statuses);
        self
    }

    /// A deployment that somebody started, going through these statuses.
    pub(crate) fn begin(self, image: char, statuses: &'static [&'static str]) -> Self {
        let mut state = self.state();
        state.coming.push_front(statuses);
        state.deploy(image);
        drop(state);
        self
    }

    pub(crate) fn bad(self, image: char) -> Self {
        self.state().bad.push(image);
        self
    }

    /// The next request that begins so goes wrong.
    pub(crate) fn fault(self, request: &'static str, fault: Fault) -> Self {
        self.state().faults.push_back((request, fault));
        self
    }

    pub(crate) fn faults(mut self, count: usize, request: &'static str, reply: &Reply) -> Self {
        for _ in 0..count {
            self = self.fault(request, Fault::Instead(reply.clone()));
        }
        self
    }

    /// Likewise, once a deployment was asked for.
    pub(crate) fn faults_from_start(
        self,
        count: usize,
        request: &'static str,
        reply: &Reply,
    ) -> Self {
        let faults = std::iter::repeat_n((request, Fault::Instead(reply.clone())), count);
        self.state().faults_from_start.extend(faults);
        self
    }

    /// How many deployments there are.
    pub(crate) fn deployed(&self) -> usize {
        self.state().deployed.len()
    }

    pub(crate) fn config(&self) -> Config {
        Config {
            base_url: format!("http://{}/v1", self.address),
            key: KEY.into(),
            id: "srv-1".to_owned(),
        }
    }

    pub(crate) fn hook(&self) -> Hook {
        Hook {
            url: format!("http://{}/deploy/srv-1?key={HOOK_KEY}", self.address).into(),
        }
    }

    pub(crate) fn registry(&self) -> registry::Config {
        registry::Config {
            base_url: Some(format!("http://{}", self.address)),
            credentials: Some(Credentials {
                username: "ann".to_owned(),
                password: PASSWORD.into(),
            }),
        }
    }

    pub(crate) fn expectations(&self) -> Expectations {
        Expectations {
            url: format!("http://{}", self.address),
            commit: None,
            health_path: "/healthz",
            request_headers: &[("accept-language", "en")],
            checks: checks(),
        }
    }

    /// How many deployments Render was asked for.
    pub(crate) fn started(&self) -> usize {
        let state = self.state();
        let requests = state.requests.iter();
        let wishes = requests.filter(|request| request.method == "POST");
        wishes
            .filter(|request| request.path.ends_with("/deploys"))
            .count()
    }
}

fn check(name: &'static str, address: Address) -> Check {
    Check::new(name, address, Duration::from_millis(500))
}

fn checks() -> Vec<Check> {
    vec![
        Check {
            body: vec![BodyExpectation::HasCommit],
            ..check("health", Address::Path("/healthz"))
        },
        Check {
            body: vec![BodyExpectation::Contains("Welcome")],
            headers: vec![
                ("x-frame-options", HeaderExpectation::Equals("DENY")),
                ("content-type", HeaderExpectation::Contains("html")),
            ],
            ..check("home", Address::Path("/"))
        },
        Check {
            absence: Absence::Passes,
            ..check(
                "one book",
                Address::FirstLink {
                    page: "/",
                    prefix: "/books/",
                },
            )
        },
        Check {
            absence: Absence::Passes,
            ..check("admin", Address::Path("/admin/login/"))
        },
        Check {
            body: vec![BodyExpectation::NotEmpty],
            headers: vec![("cache-control", HeaderExpectation::Contains("immutable"))],
            ..check("stylesheet", Address::Stylesheet { page: "/" })
        },
        Check {
            status: 404,
            ..check("not found", Address::Path("/nothing-here/"))
        },
    ]
}
