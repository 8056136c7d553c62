//! Who may get in, and what gets out.

use db::origin::Origin;
use secrecy::{ExposeSecret as _, SecretString};
use server::Trusted;

use super::key::{LEAST_BITS, bits};
use super::{CheckInput, CheckMessage, warning};

/// How `django-admin startproject` begins a key that was never meant for a public site:
/// `Django 5.2 core/checks/security/base.py`. Where that asks for 50 characters, five of them
/// different, [`bits`] judges by what a key holds.
const INSECURE_PREFIX: &str = "django-insecure-";

pub(super) fn debug_is_off(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let is_wrong = input.settings.debug;
    is_wrong.then(|| {
        warning(
            "security.W018",
            "DEBUG is on.",
            "Set DEBUG=False: debug pages show more than visitors should see.",
        )
    })
}

pub(super) fn secret_key_is_strong(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let settings = input.settings;
    let is_strong =
        !settings.has_development_key() && settings.secret_key.as_ref().is_some_and(is_strong);
    let is_wrong = !is_strong;
    is_wrong.then(|| warning(
        "security.W009",
        "SECRET_KEY is missing or weak: too short, of words or repetitions, or one that was made \
         for development.",
        "Set SECRET_KEY to 256 random bits such as `make env` writes, and the old one as \
         SECRET_KEY_FALLBACKS.",
    ))
}

pub(super) fn fallback_keys_are_strong(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let all_strong = input.settings.secret_key_fallbacks.iter().all(is_strong);
    let is_wrong = !all_strong;
    is_wrong.then(|| {
        warning(
            "security.W025",
            "A key in SECRET_KEY_FALLBACKS is weak.",
            "Take it out: whoever guesses it can sign in as anybody.",
        )
    })
}

pub(super) fn some_host_is_allowed(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let is_wrong = input.settings.allowed_hosts.is_empty();
    is_wrong.then(|| {
        warning(
            "security.W020",
            "ALLOWED_HOSTS is empty.",
            "Set ALLOWED_HOSTS to the names of the site.",
        )
    })
}

pub(super) fn not_every_host_is_allowed(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let is_wrong = input.settings.allowed_hosts.allows_any();
    is_wrong.then(|| {
        warning(
            "oc_lettings.W001",
            "ALLOWED_HOSTS contains `*`: the site answers to any name.",
            "Name the hosts of the site: links are made from the name that a request gives.",
        )
    })
}

pub(super) fn https_is_seen(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let trusts_nobody_else = input.settings.forwarded.trusted == Trusted::loopback();
    let is_wrong = trusts_nobody_else;
    is_wrong.then(|| {
        warning(
            "security.W004",
            "Only a proxy on this machine is believed that a request came over https; behind any \
         other there is no HSTS, and cookies are not marked as secure.",
            "Set FORWARDED_ALLOW_IPS to the addresses of the proxy that ends TLS.",
        )
    })
}

pub(super) fn errors_are_reported(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let is_wrong = input.settings.sentry.dsn.is_none();
    is_wrong.then(|| {
        warning(
            "oc_lettings.W002",
            "SENTRY_DSN is not set: failures are in the log alone.",
            "Set SENTRY_DSN to the address of a Sentry project.",
        )
    })
}

pub(super) fn emails_are_not_public(input: &CheckInput<'_>) -> Option<CheckMessage> {
    let is_adopted = input
        .database
        .and_then(|plan| plan.as_ref().ok())
        .is_some_and(|plan| plan.origin == Origin::Adopted);
    let is_wrong = input.settings.profile_email_public.unwrap_or(is_adopted);
    is_wrong.then(|| {
        warning(
            "oc_lettings.W003",
            "Everybody sees the e-mail addresses on profile pages: PROFILE_EMAIL_PUBLIC is on, or \
             not set on a database that was there before.",
            "Set PROFILE_EMAIL_PUBLIC=False, unless their owners agreed.",
        )
    })
}

fn is_strong(key: &SecretString) -> bool {
    let key = key.expose_secret();
    !key.starts_with(INSECURE_PREFIX) && bits(key) >= LEAST_BITS
}
