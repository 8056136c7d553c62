//! What is done with each parameter that a PostgreSQL address may have (`PostgreSQL 17 docs,
//! 34.1.2`). libpq supports more than the driver. A parameter that the driver would ignore is refused,
//! so that nobody relies on it.

use super::error::AddressError;

/// How a parameter is handled.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// [`super::Server`] reads it.
    Read,
    /// The values that ask for what the driver does anyway, and why any other value is refused.
    Only(&'static [&'static str], &'static str),
    /// It sets keep-alives or Kerberos. The driver has neither, and ignoring it does no harm.
    NoEffect,
}

use Rule::{NoEffect, Only, Read};

const NO_FILE: &str = "the driver does not read that file: write what it says into the address";
const NOT_CHECKED: &str = "the driver does not check that";

/// Every parameter of libpq by name, and `pgbouncer`, which is ours. Sorted.
const RULES: &[(&str, Rule)] = &[
    ("application_name", Read),
    (
        "channel_binding",
        Only(
            &["disable", "prefer"],
            "the driver does not bind the login to the TLS channel: leave it out, and have \
             `sslmode=verify-full` say who the server is",
        ),
    ),
    (
        "client_encoding",
        Only(
            &["UTF8", "utf8", "UTF-8", "utf-8", "auto"],
            "texts are read as UTF-8",
        ),
    ),
    ("connect_timeout", Read),
    ("dbname", Read),
    ("fallback_application_name", Read),
    ("gssdelegation", NoEffect),
    (
        "gssencmode",
        Only(&["disable", "prefer"], "the driver does not speak Kerberos"),
    ),
    ("gsslib", NoEffect),
    ("host", Read),
    ("hostaddr", Read),
    ("keepalives", NoEffect),
    ("keepalives_count", NoEffect),
    ("keepalives_idle", NoEffect),
    ("keepalives_interval", NoEffect),
    ("krbsrvname", NoEffect),
    (
        "load_balance_hosts",
        Only(
            &["disable", "random"],
            "there is one host: it may be `disable` or `random`",
        ),
    ),
    ("max_protocol_version", NoEffect),
    (
        "min_protocol_version",
        Only(&["3.0"], "the driver speaks version 3.0 of the protocol"),
    ),
    ("options", Read),
    (
        "passfile",
        Only(&[], "name the file in the variable PGPASSFILE"),
    ),
    ("password", Read),
    ("pgbouncer", Read),
    ("port", Read),
    (
        "replication",
        Only(
            &["false", "off", "no", "0"],
            "the site reads and writes tables",
        ),
    ),
    ("require_auth", Only(&[], NOT_CHECKED)),
    ("requirepeer", Only(&[], NOT_CHECKED)),
    ("service", Only(&[], NO_FILE)),
    ("servicefile", Only(&[], NO_FILE)),
    (
        "ssl_max_protocol_version",
        Only(&["TLSv1.3"], "the driver speaks TLS 1.2 and 1.3"),
    ),
    (
        "ssl_min_protocol_version",
        Only(
            &["TLSv1", "TLSv1.1", "TLSv1.2"],
            "the driver speaks TLS 1.2 and 1.3",
        ),
    ),
    ("sslcert", Read),
    (
        "sslcertmode",
        Only(
            &["allow"],
            "the driver shows its certificate when it is asked",
        ),
    ),
    (
        "sslcompression",
        Only(&["0"], "the driver does not compress"),
    ),
    ("sslcrl", Only(&[], NOT_CHECKED)),
    ("sslcrldir", Only(&[], NOT_CHECKED)),
    ("sslkey", Read),
    ("sslmode", Read),
    (
        "sslnegotiation",
        Only(
            &["postgres"],
            "the driver asks the server first whether it speaks TLS",
        ),
    ),
    (
        "sslpassword",
        Only(&[], "the driver reads no key that is encrypted: decrypt it"),
    ),
    ("sslrootcert", Read),
    (
        "sslsni",
        Only(&["1"], "the driver tells the name in any case"),
    ),
    (
        "target_session_attrs",
        Only(
            &["any", "read-write", "primary", "prefer-standby"],
            "the site has to write: it may be `any`, `read-write`, `primary` or `prefer-standby`",
        ),
    ),
    ("tcp_user_timeout", NoEffect),
    ("user", Read),
];

/// Checks one parameter of an address.
pub(super) fn check(name: &str, value: &str) -> Result<(), AddressError> {
    let rule = RULES.iter().find(|(known, _)| *known == name);
    match rule {
        Some((_, Read | NoEffect)) => Ok(()),
        Some((_, Only(values, _))) if values.contains(&value) => Ok(()),
        Some((known, Only(_, reason))) => Err(AddressError::Unsupported {
            parameter: (*known).to_owned(),
            reason,
        }),
        None => Err(AddressError::UnknownParameter(shown(name))),
    }
}

/// The variables of libpq that the driver does not read, and the parameters that they fill where an
/// address leaves them out. (It reads `PGHOST`, `PGHOSTADDR`, `PGPORT`, `PGUSER`, `PGPASSWORD`,
/// `PGDATABASE`, `PGAPPNAME`, `PGOPTIONS`, `PGSSLCERT`, `PGSSLKEY` and `PGPASSFILE`.)
pub(super) const VARIABLES: &[(&str, &str)] = &[
    ("PGCHANNELBINDING", "channel_binding"),
    ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGGSSENCMODE", "gssencmode"),
    ("PGREQUIREAUTH", "require_auth"),
    ("PGREQUIREPEER", "requirepeer"),
    ("PGSERVICE", "service"),
    ("PGSSLCRL", "sslcrl"),
    ("PGSSLCRLDIR", "sslcrldir"),
    ("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"),
    ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
    ("PGSSLMODE", "sslmode"),
    ("PGSSLNEGOTIATION", "sslnegotiation"),
    ("PGSSLROOTCERT", "sslrootcert"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"),
];

/// The name of an unknown parameter for a message. A `?` or `&` in a password makes its rest look like
/// a name, so that only a short word of letters is repeated.
fn shown(name: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphabetic() || "_-".contains(c);
    if name.len() <= 32 && name.chars().all(is_name) {
        name.to_owned()
    } else {
        "…".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_parameter_has_one_rule() {
        assert!(RULES.is_sorted_by(|(one, _), (next, _)| one < next));
        for (variable, parameter) in VARIABLES {
            assert!(
                RULES.iter().any(|(name, _)| name == parameter),
                "{variable}"
            );
        }
    }

    #[test]
    fn what_may_be_a_secret_is_not_repeated() {
        for name in ["Hunter2", "p%40ss", "correct-horse-battery-staple-and-more"] {
            let error = check(name, "").unwrap_err().to_string();
            assert!(!error.contains(name), "{error}");
        }
        let error = check("ssl-mode", "").unwrap_err().to_string();
        assert!(error.contains("`ssl-mode`"), "{error}");
    }
}
