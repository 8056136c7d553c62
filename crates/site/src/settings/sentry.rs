//! The settings of error reports.

use secrecy::SecretString;

use super::environment::Environment;
use super::{grammar, variables as variable};

/// Where errors are reported, and how much of them.
#[derive(Debug)]
pub struct Sentry {
    /// `SENTRY_DSN`
    pub dsn: Option<SecretString>,
    /// `SENTRY_ENVIRONMENT`
    pub environment: String,
    /// `SENTRY_RELEASE`
    pub release: Option<String>,
    /// `SENTRY_TRACES_SAMPLE_RATE`
    pub traces_sample_rate: f32,
    /// `SENTRY_SEND_DEFAULT_PII`
    pub send_default_pii: bool,
    /// `SENTRY_DAILY_404`
    pub daily_404: u16,
}

impl Sentry {
    pub(super) fn read(vars: &mut Environment) -> Self {
        Self {
            dsn: vars.read(variable::SENTRY_DSN, None, grammar::sentry_dsn),
            environment: vars.read(
                variable::SENTRY_ENVIRONMENT,
                "production".to_owned(),
                grammar::sentry_environment,
            ),
            release: vars.read(variable::SENTRY_RELEASE, None, grammar::sentry_release),
            traces_sample_rate: vars.read(variable::SENTRY_TRACES_SAMPLE_RATE, 0.0, grammar::share),
            send_default_pii: vars.read(variable::SENTRY_SEND_DEFAULT_PII, false, grammar::boolean),
            daily_404: vars.read(variable::SENTRY_DAILY_404, 200, |value| {
                grammar::number(value, 0, u16::MAX)
            }),
        }
    }
}
