//! The settings of single commands: `createsuperuser` and `deploy`.

use secrecy::SecretString;

use super::environment::Environment;
use super::{grammar, variables as variable};

/// What the `createsuperuser` command need not ask.
#[derive(Debug, Clone, Default)]
pub struct Superuser {
    /// `DJANGO_SUPERUSER_USERNAME`
    pub username: Option<String>,
    /// `DJANGO_SUPERUSER_EMAIL`
    pub email: Option<String>,
    /// `DJANGO_SUPERUSER_PASSWORD`
    pub password: Option<SecretString>,
}

impl Superuser {
    pub(super) fn read(vars: &Environment) -> Self {
        Self {
            username: vars
                .get(variable::DJANGO_SUPERUSER_USERNAME)
                .map(str::to_owned),
            email: vars
                .get(variable::DJANGO_SUPERUSER_EMAIL)
                .map(str::to_owned),
            password: vars
                .get(variable::DJANGO_SUPERUSER_PASSWORD)
                .map(SecretString::from),
        }
    }
}

/// What the `deploy` command needs.
#[derive(Debug)]
pub struct Deploy {
    /// `RENDER_API_KEY`
    pub api_key: Option<SecretString>,
    /// `RENDER_SERVICE_ID`
    pub service_id: Option<String>,
    /// `RENDER_DEPLOY_HOOK_URL`
    pub hook_url: Option<SecretString>,
    /// `RENDER_API_URL`
    pub api_url: Option<String>,
    /// `DOCKERHUB_USERNAME`
    pub registry_username: Option<String>,
    /// `DOCKERHUB_TOKEN`
    pub registry_token: Option<SecretString>,
}

impl Deploy {
    pub(super) fn read(vars: &mut Environment) -> Self {
        let visible = |value: &str| grammar::visible(value).map(Some);
        Self {
            api_key: vars
                .read(variable::RENDER_API_KEY, None, visible)
                .map(SecretString::from),
            service_id: vars.read(variable::RENDER_SERVICE_ID, None, visible),
            hook_url: vars.read(variable::RENDER_DEPLOY_HOOK_URL, None, grammar::secret_url),
            api_url: vars.read(variable::RENDER_API_URL, None, grammar::safe_url),
            registry_username: vars.read(variable::DOCKERHUB_USERNAME, None, visible),
            registry_token: vars
                .read(variable::DOCKERHUB_TOKEN, None, visible)
                .map(SecretString::from),
        }
    }

    pub(super) fn require(&self, vars: &mut Environment) {
        if self.api_key.is_some() && self.service_id.is_none() {
            vars.require(
                variable::RENDER_SERVICE_ID,
                "must be set with RENDER_API_KEY",
            );
        }
        if self.api_key.is_none() && self.hook_url.is_none() {
            let what = "must be set, with RENDER_SERVICE_ID, or RENDER_DEPLOY_HOOK_URL alone";
            vars.require(variable::RENDER_API_KEY, what);
        }
        match (&self.registry_username, &self.registry_token) {
            (Some(_), None) => {
                vars.require(
                    variable::DOCKERHUB_TOKEN,
                    "must be set with DOCKERHUB_USERNAME",
                );
            }
            (None, Some(_)) => {
                vars.require(
                    variable::DOCKERHUB_USERNAME,
                    "must be set with DOCKERHUB_TOKEN",
                );
            }
            _ => {}
        }
    }
}
