//! The grammar of each kind of value. Pure; an error reads after the variable's name and
//! never repeats the value.

use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use chrono_tz::Tz;
use http::HeaderName;
use ipnet::IpNet;
use secrecy::SecretString;
use server::Trusted;
use web::host::AllowedHosts;

use crate::calendar::Calendar;
use crate::money::Currency;

type Result<T> = std::result::Result<T, String>;

/// `true/1/yes/on` or `false/0/no/off`, any case.
pub(super) fn boolean(value: &str) -> Result<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("must be `true`, `1`, `yes` or `on`, or `false`, `0`, `no` or `off`".to_owned()),
    }
}

/// The entries of a list apart by commas, without the spaces around them and without empty ones. It
/// is for entries that may hold white space themselves.
fn comma_list(value: &str) -> impl Iterator<Item = &str> {
    let entries = value.split(',').map(str::trim);
    entries.filter(|entry| !entry.is_empty())
}

/// The entries of a list apart by commas or white space, as owners of Django sites write either.
fn list(value: &str) -> impl Iterator<Item = &str> {
    let entries = value.split(|c: char| c == ',' || c.is_whitespace());
    entries.filter(|entry| !entry.is_empty())
}

/// A whole number within bounds.
pub(super) fn number(value: &str, least: u16, most: u16) -> Result<u16> {
    let is_digits = value.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse() {
        Ok(number) if is_digits && (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("must be a whole number from {least} to {most}")),
    }
}

/// A size in memory, in bytes: a whole number and `kB`, `MB` or `GB`, in any case, each 1,024 of
/// the one before, as PostgreSQL reads its own.
pub(super) fn size(value: &str) -> Result<usize> {
    const LEAST: usize = 64 * 1024;
    const MOST: usize = 1024 * 1024 * 1024;
    let wrong = || "must be a size such as `16MB`, from `64kB` to `1GB`".to_owned();
    let end = value.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = value.split_at(end);
    let unit = match unit.trim_start().to_ascii_lowercase().as_str() {
        "b" | "" => 1,
        "kb" => 1024,
        "mb" => 1024 * 1024,
        "gb" => 1024 * 1024 * 1024,
        _ => return Err(wrong()),
    };
    let number: usize = number.parse().map_err(|_| wrong())?;
    let bytes = number.checked_mul(unit);
    bytes
        .filter(|bytes| (LEAST..=MOST).contains(bytes))
        .ok_or_else(wrong)
}

/// A share, 0 to 1.
pub(super) fn share(value: &str) -> Result<f32> {
    match value.parse::<f32>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("must be a number from 0 to 1".to_owned()),
    }
}

/// The hosts of a list.
pub(super) fn hosts(value: &str) -> Result<AllowedHosts> {
    AllowedHosts::parse(list(value))
        .map_err(|error| format!("has an entry that is no host: {error}"))
}

/// The name of one host.
pub(super) fn host(value: &str) -> Result<String> {
    let is_one = !value.contains(['*', ',']) && !value.starts_with('.');
    match AllowedHosts::parse([value]) {
        Ok(_) if is_one => Ok(value.to_owned()),
        _ => Err("must be the name of a host".to_owned()),
    }
}

/// Secrets of a comma list.
pub(super) fn secrets(value: &str) -> Vec<SecretString> {
    comma_list(value).map(SecretString::from).collect()
}

/// Folders of a comma list.
pub(super) fn folders(value: &str) -> Vec<PathBuf> {
    comma_list(value).map(PathBuf::from).collect()
}

/// Addresses and networks of a list, or `*`.
pub(super) fn proxies(value: &str) -> Result<Trusted> {
    if list(value).any(|entry| entry == "*") {
        return Ok(Trusted::Any);
    }
    let network = |entry: &str| {
        IpNet::from_str(entry)
            .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| format!("has an entry that is no address and no network: `{entry}`"))
    };
    list(value)
        .map(network)
        .collect::<Result<_>>()
        .map(Trusted::Networks)
}

/// The code of a currency.
pub(super) fn currency(value: &str) -> Result<Currency> {
    Currency::parse(value.trim()).ok_or_else(|| {
        "must be the code of a currency in use by ISO 4217, such as `USD` or `EUR`".to_owned()
    })
}

/// The day in a time zone.
pub(super) fn calendar(value: &str) -> Result<Calendar> {
    let zone: Tz = value.trim().parse().map_err(|_| {
        "must be the name of a time zone of the IANA, such as `Europe/Paris` or `UTC`".to_owned()
    })?;
    Ok(Calendar::new(zone))
}

/// The name of an HTTP header.
pub(super) fn header_name(value: &str) -> Result<HeaderName> {
    HeaderName::from_str(value).map_err(|_| "must be the name of a header".to_owned())
}

/// Origins of a list, each a scheme and a host, whose first label may be `*`.
pub(super) fn origins(value: &str) -> Result<Vec<String>> {
    let origin = |entry: &str| {
        let host = entry
            .strip_prefix("https://")
            .or_else(|| entry.strip_prefix("http://"))
            .map(|host| host.strip_prefix("*.").unwrap_or(host));
        match host {
            Some(host)
                if host != "*" && !host.starts_with('.') && AllowedHosts::parse([host]).is_ok() =>
            {
                Ok(entry.to_owned())
            }
            _ => Err(format!(
                "has an entry that is no origin such as `https://example.com`: `{entry}`"
            )),
        }
    };
    list(value).map(origin).collect()
}

/// The address of a Sentry project: `https://key@host/…/project`.
pub(super) fn sentry_dsn(value: &str) -> Result<Option<SecretString>> {
    match telemetry::report::check_dsn(value) {
        Ok(()) => Ok(Some(value.into())),
        Err(error) => Err(format!("{error}; empty, it reports nowhere")),
    }
}

/// The name of an environment, by Sentry's rules (docs.sentry.io, *Environments*): Sentry discards
/// events with another.
pub(super) fn sentry_environment(value: &str) -> Result<String> {
    let is_allowed = value.len() <= 64 && value != "None" && !value.contains('/');
    match visible(value) {
        Ok(name) if is_allowed => Ok(name),
        _ => Err(
            "must be a name that Sentry takes: at most 64 visible ASCII characters, no `/`, no \
             spaces, and not `None`"
                .to_owned(),
        ),
    }
}

/// The name of a release, by Sentry's rules (docs.sentry.io, *Releases*).
pub(super) fn sentry_release(value: &str) -> Result<Option<String>> {
    let is_allowed =
        value.len() <= 200 && !value.contains(['/', '\\']) && ![".", ".."].contains(&value);
    match visible(value) {
        Ok(name) if is_allowed => Ok(Some(name)),
        _ => Err(
            "must be a name that Sentry takes: at most 200 visible ASCII characters, no `/`, no \
             `\\`, no spaces, and neither `.` nor `..`"
                .to_owned(),
        ),
    }
}

/// An address that is a secret itself.
pub(super) fn secret_url(value: &str) -> Result<Option<SecretString>> {
    Ok(safe_url(value)?.map(SecretString::from))
}

/// An address that secrets are sent to: over TLS, so that nobody on the way reads them; in clear
/// to this machine alone, where a stand-in may be.
pub(super) fn safe_url(value: &str) -> Result<Option<String>> {
    let uri = value.parse::<http::Uri>().ok();
    let is_safe = uri.is_some_and(|uri| match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(host)) => !host.is_empty(),
        (Some("http"), Some(host)) => is_loopback(host),
        _ => false,
    });
    if is_safe {
        Ok(Some(value.to_owned()))
    } else {
        Err(
            "must be an address that begins with `https://` (`http://` to this machine alone)"
                .to_owned(),
        )
    }
}

/// Whether a host is this machine whatever a name server says: `localhost` (RFC 6761), or a
/// loopback address.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// One of a few words, in any case.
pub(super) fn one_of<T: Copy>(value: &str, words: &[(&str, T)]) -> Result<T> {
    let found = words
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(value));
    found.map(|(_, meaning)| *meaning).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        format!("must be one of {}", words.join(", "))
    })
}

/// A text of visible characters, for tokens and names that end in a header.
pub(super) fn visible(value: &str) -> Result<String> {
    if value.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(value.to_owned())
    } else {
        Err("must hold visible ASCII characters alone, no spaces".to_owned())
    }
}

/// A language tag, `en-us`.
pub(super) fn language(value: &str) -> Result<fluent_templates::LanguageIdentifier> {
    value
        .parse()
        .map_err(|_| "must be a language tag such as `en-us` or `fr`".to_owned())
}
