//! What each variable takes, and what stands in for it.

use std::ffi::OsString;

use mail::{Address, Destination};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use server::Trusted;
use web::forwarded::AddressHeader;

use super::{Environment, RequiredSettings, SettingProblems, Settings, variables};

fn load(
    process: &[(&str, &str)],
    dotenv: &str,
    required: RequiredSettings,
) -> Result<Settings, SettingProblems> {
    let process = process
        .iter()
        .map(|(k, v)| (OsString::from(k), OsString::from(v)));
    Settings::from_environment(Environment::new(process, Some(dotenv)), required)
}

fn read(process: &[(&str, &str)]) -> Settings {
    load(process, "", RequiredSettings::Nothing).unwrap()
}

#[track_caller]
fn refused(name: &'static str, value: &str) {
    let problems = load(&[(name, value)], "", RequiredSettings::Nothing).unwrap_err();
    let names: Vec<_> = problems.list.iter().map(|problem| problem.name).collect();
    assert_eq!(names, [name], "{value:?}");
    // A value may be a secret, and a message ends in a log.
    let is_secret = ![
        "ALLOWED_HOSTS",
        "FORWARDED_ALLOW_IPS",
        "CSRF_TRUSTED_ORIGINS",
    ]
    .contains(&name);
    assert!(
        !is_secret || value.len() < 6 || !problems.to_string().contains(value),
        "{problems}"
    );
}

#[test]
fn defaults_hold_for_what_is_not_set() {
    let settings = read(&[]);
    assert!(!settings.debug && !settings.demo_data && settings.profile_email_public.is_none());
    assert_eq!(settings.port, 8000);
    assert_eq!(
        settings.database.address.to_string(),
        "SQLite file oc-lettings-site.sqlite3"
    );
    assert_eq!(settings.database.synchronous, db::Synchronous::Full);
    assert_eq!(settings.static_root.to_str(), Some("staticfiles"));
    assert_eq!(settings.forwarded.trusted, Trusted::loopback());
    assert_eq!(settings.forwarded.hops, 1);
    assert_eq!(settings.sentry.daily_404, 200);
    assert_eq!(settings.log.format, telemetry::log::Format::Text);
    assert_eq!(settings.log.colours, telemetry::log::Colours::OnTerminal);
    assert_eq!(settings.language.to_string(), "en-US");
    assert!(settings.secret_key.is_none() && settings.warnings.is_empty());
}

#[test]
fn truth_values_are_djangos_in_any_case() {
    for (value, expected) in [
        ("true", true),
        ("TRUE", true),
        ("1", true),
        ("Yes", true),
        ("on", true),
        ("False", false),
        ("0", false),
        ("no", false),
        ("OFF", false),
    ] {
        assert_eq!(read(&[("DEBUG", value)]).debug, expected, "{value}");
    }
    for value in ["maybe", "2", "t", "truee", "-"] {
        refused("DEBUG", value);
    }
}

#[test]
fn every_variable_has_a_grammar() {
    for (name, value) in [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "+80"),
        ("PORT", "8000 "),
        ("ALLOWED_HOSTS", "a/b"),
        ("DATABASE_URL", "oracle://scott:tiger@host"),
        ("DEMO_DATA", "perhaps"),
        ("PROFILE_EMAIL_PUBLIC", "x"),
        ("SENTRY_DSN", "sentry.example/12345"),
        ("SENTRY_DSN", "https://sentry.example/12345"),
        ("SENTRY_DSN", "https://key@sentry.example/"),
        ("SENTRY_ENVIRONMENT", "two words"),
        ("SENTRY_ENVIRONMENT", "prod/eu"),
        ("SENTRY_ENVIRONMENT", "None"),
        ("SENTRY_RELEASE", "two words"),
        ("SENTRY_RELEASE", "a/b"),
        ("SENTRY_RELEASE", ".."),
        ("SENTRY_TRACES_SAMPLE_RATE", "1.1"),
        ("SENTRY_TRACES_SAMPLE_RATE", "NaN"),
        ("SENTRY_SEND_DEFAULT_PII", "x"),
        ("SENTRY_DAILY_404", "-1"),
        ("SENTRY_DAILY_404", "65536"),
        ("CSRF_TRUSTED_ORIGINS", "example.com"),
        ("CSRF_TRUSTED_ORIGINS", "https://*"),
        ("FORWARDED_ALLOW_IPS", "10.0.0.0/33"),
        ("FORWARDED_HOPS", "0"),
        ("CLIENT_IP_HEADER", "not a header"),
        ("REQUEST_MEMORY", "63kB"),
        ("REQUEST_MEMORY", "2GB"),
        ("REQUEST_MEMORY", "16MiB"),
        ("REQUEST_MEMORY", "99999999999999999999MB"),
        ("PAGE_CACHE_SIZE", "1kB"),
        ("PAGE_CACHE_SIZE", "2GB"),
        ("SHUTDOWN_DELAY", "301"),
        ("SQLITE_SYNCHRONOUS", "OFF"),
        ("WEB_CONCURRENCY", "0"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_TOKEN", "two words"),
        ("LANGUAGE_CODE", "not a language"),
        ("CURRENCY", "dollars"),
        ("CURRENCY", "XXX"),
        ("TIME_ZONE", "Paris"),
        ("TIME_ZONE", "+02:00"),
        ("RENDER_EXTERNAL_HOSTNAME", "a b"),
        ("RENDER_EXTERNAL_HOSTNAME", "a.com,b.com"),
        ("RENDER_EXTERNAL_HOSTNAME", "*"),
        ("RENDER_API_KEY", "two words"),
        ("RENDER_SERVICE_ID", "two words"),
        ("RENDER_DEPLOY_HOOK_URL", "hook.example/secret"),
        // In clear a secret goes nowhere but to this machine.
        (
            "RENDER_DEPLOY_HOOK_URL",
            "http://api.render.com/deploy/srv-1?key=x",
        ),
        ("RENDER_API_URL", "http://api.render.com/v1"),
        ("RENDER_API_URL", "http://localhost@api.render.com/v1"),
        ("RENDER_API_URL", "http://localhost.example/v1"),
        ("RENDER_API_URL", "http://127.evil.example/v1"),
        ("RENDER_API_URL", "http://10.0.0.1/v1"),
        ("RENDER_API_URL", "HTTPS//api.render.com"),
    ] {
        refused(name, value);
    }
}

#[test]
fn those_of_letters_have_one_too() {
    for (name, value) in [
        ("EMAIL_URL", "mail.example.com"),
        ("EMAIL_URL", "smtp://ann@mail.example.com"),
        ("EMAIL_URL", "smtp://ann:secret@mail.example.com?tls=none"),
        ("EMAIL_URL", "smtps://mail.example.com?tls=none"),
        ("EMAIL_URL", "file:folder"),
        ("DEFAULT_FROM_EMAIL", "Lettings"),
        ("DEFAULT_FROM_EMAIL", "Lettings <lettings>"),
        ("ENQUIRY_EMAIL", "ann@example.com, bob@example.com"),
        ("ENQUIRY_RETENTION", "0"),
        ("ENQUIRY_RETENTION", "121"),
    ] {
        refused(name, value);
    }
}

#[test]
fn every_variable_can_be_set() {
    let settings = read(&[
        ("SECRET_KEY_FALLBACKS", "one, two"),
        ("DATABASE_URL", "postgresql://ann@db.example/books"),
        ("PORT", "10000"),
        ("STATIC_ROOT", "/srv/static"),
        ("STATICFILES_DIRS", "a, b"),
        ("SENTRY_DSN", "https://key@sentry.example/42"),
        ("SENTRY_ENVIRONMENT", "staging"),
        ("SENTRY_RELEASE", "1.2"),
        ("SENTRY_TRACES_SAMPLE_RATE", "0.25"),
        ("SENTRY_SEND_DEFAULT_PII", "on"),
        ("SENTRY_DAILY_404", "0"),
        (
            "CSRF_TRUSTED_ORIGINS",
            "https://example.com, https://*.example.org",
        ),
        ("FORWARDED_ALLOW_IPS", "10.0.0.0/8, ::1"),
        ("FORWARDED_HOPS", "2"),
        ("CLIENT_IP_HEADER", "True-Client-IP"),
        ("REQUEST_MEMORY", "24 mb"),
        ("PAGE_CACHE_SIZE", "0"),
        ("SHUTDOWN_DELAY", "5"),
        ("SQLITE_SYNCHRONOUS", "normal"),
        ("WEB_CONCURRENCY", "3"),
        ("LOG_LEVEL", "WARNING"),
        ("LOG_FORMAT", "json"),
        ("NO_COLOR", "0"),
        ("METRICS_TOKEN", "token"),
        ("LANGUAGE_CODE", "fr"),
        ("CURRENCY", "eur"),
        ("TIME_ZONE", "Europe/Paris"),
        ("EMAIL_URL", "smtps://ann:secret@mail.example.com"),
        ("DEFAULT_FROM_EMAIL", "Lettings <lettings@example.com>"),
        ("ENQUIRY_EMAIL", "owner@example.com"),
        ("ENQUIRY_RETENTION", "12"),
        ("RENDER_EXTERNAL_HOSTNAME", "site.onrender.com"),
        ("RENDER_API_KEY", "rnd_key"),
        ("RENDER_SERVICE_ID", "srv-1"),
        ("RENDER_DEPLOY_HOOK_URL", "https://api.example/deploy"),
    ]);
    assert_eq!(settings.request_memory_bytes, 24 * 1024 * 1024);
    assert_eq!(settings.page_cache_bytes, 0);
    assert_eq!(settings.currency.code(), "EUR");
    assert!(format!("{:?}", settings.calendar).contains("Europe/Paris"));
    assert_eq!(settings.secret_key_fallbacks.len(), 2);
    assert_eq!(
        settings.database.address.to_string(),
        "PostgreSQL database books at db.example:5432"
    );
    assert_eq!(settings.staticfiles_dirs.len(), 2);
    assert_eq!(settings.csrf_trusted_origins.len(), 2);
    assert!((settings.sentry.traces_sample_rate - 0.25).abs() < f32::EPSILON);
    assert_eq!(settings.sentry.daily_404, 0);
    assert_eq!(settings.forwarded.hops, 2);
    let mail = &settings.mail;
    assert!(matches!(&mail.destination, Some(Destination::Smtp(server)) if server.port == 465));
    assert_eq!(mail.sender.address().as_str(), "lettings@example.com");
    let enquiries = mail.enquiries.as_ref().map(Address::as_str);
    assert_eq!(enquiries, Some("owner@example.com"));
    assert_eq!(mail.enquiry_retention_months, 12);
    assert_eq!(settings.log.level, tracing::Level::WARN);
    assert_eq!(settings.log.colours, telemetry::log::Colours::Never);
    assert_eq!(settings.language.to_string(), "fr");
    assert!(settings.on_render() && settings.allowed_hosts.allows("site.onrender.com"));
}

#[test]
fn letters_go_to_the_console_in_debug_alone() {
    let debug = read(&[("DEBUG", "1")]).mail;
    assert!(matches!(debug.destination, Some(Destination::Console)));
    let mail = read(&[]).mail;
    assert!(mail.destination.is_none() && mail.enquiries.is_none() && !mail.is_sender_chosen);
    assert_eq!(mail.sender.address().as_str(), "webmaster@localhost");
    assert_eq!(mail.enquiry_retention_months, 36);
}

#[test]
fn a_stand_in_for_render_may_be_on_this_machine() {
    for url in [
        "https://api.example/v1",
        "http://localhost:81/v1",
        "http://127.0.0.1:81",
        "http://[::1]:81/v1",
    ] {
        let settings = read(&[("RENDER_API_URL", url)]);
        assert_eq!(settings.deploy.api_url.as_deref(), Some(url));
    }
}

#[test]
fn on_render_every_proxy_is_believed_unless_told_otherwise() {
    let render = ("RENDER_EXTERNAL_HOSTNAME", "site.onrender.com");
    assert_eq!(read(&[render]).forwarded.trusted, Trusted::Any);
    let told = read(&[render, ("FORWARDED_ALLOW_IPS", "10.0.0.1")]);
    assert_ne!(told.forwarded.trusted, Trusted::Any);
    assert_eq!(
        read(&[("FORWARDED_ALLOW_IPS", "*")]).forwarded.trusted,
        Trusted::Any
    );
}

#[test]
fn on_render_cloudflare_is_counted_unless_told_otherwise() {
    let render = ("RENDER_EXTERNAL_HOSTNAME", "site.onrender.com");
    let hops = ("FORWARDED_HOPS", "3");
    let header = ("CLIENT_IP_HEADER", "True-Client-IP");
    let cloudflare = || AddressHeader::NamedByPrivatePeer("cf-connecting-ip".parse().unwrap());
    let named = || AddressHeader::Named("true-client-ip".parse().unwrap());
    for (variables, hops, address) in [
        (&[][..], 1, AddressHeader::ForwardedFor),
        (&[hops], 3, AddressHeader::ForwardedFor),
        (&[header], 1, named()),
        (&[hops, header], 3, named()),
        (&[render], 2, cloudflare()),
        (&[render, hops], 3, AddressHeader::ForwardedFor),
        (&[render, header], 2, named()),
        (&[render, hops, header], 3, named()),
    ] {
        let forwarded = read(variables).forwarded;
        assert_eq!(
            (forwarded.hops, forwarded.address),
            (hops, address),
            "{variables:?}"
        );
    }
}

#[test]
fn the_development_key_stands_in_only_where_nobody_else_can_ask() {
    let local = load(&[("DEBUG", "1")], "", RequiredSettings::Serve).unwrap();
    assert!(local.has_development_key());
    assert_eq!(local.warnings.len(), 1);
    for variables in [
        &[("DEBUG", "1"), ("ALLOWED_HOSTS", "site.example")][..],
        &[("DEBUG", "1"), ("ALLOWED_HOSTS", "*")],
        &[
            ("DEBUG", "1"),
            ("RENDER_EXTERNAL_HOSTNAME", "site.onrender.com"),
        ],
        &[("ALLOWED_HOSTS", "localhost")],
    ] {
        let problems = load(variables, "", RequiredSettings::Serve).unwrap_err();
        assert_eq!(problems.list[0].name, "SECRET_KEY", "{variables:?}");
    }
}

#[test]
fn a_list_of_nothing_is_not_set() {
    let variables = [("SECRET_KEY", "x"), ("ALLOWED_HOSTS", " , ")];
    let problems = load(&variables, "", RequiredSettings::Serve).unwrap_err();
    assert_eq!(problems.list[0].name, "ALLOWED_HOSTS");
}

#[test]
fn the_process_wins_over_the_file_even_with_an_empty_value() {
    let settings = load(
        &[("PORT", "9000")],
        "PORT=9001\nDEBUG=1",
        RequiredSettings::Nothing,
    )
    .unwrap();
    assert!(settings.debug && settings.port == 9000);
    let settings = load(
        &[("PORT", ""), ("DEBUG", "")],
        "PORT=x\nDEBUG=1",
        RequiredSettings::Nothing,
    )
    .unwrap();
    assert!(!settings.debug && settings.port == 8000);
}

#[test]
fn quotes_of_the_process_are_taken_off_with_a_warning() {
    for value in ["\"key\"", "'key'"] {
        let settings = read(&[("SECRET_KEY", value)]);
        assert_eq!(settings.secret_key.unwrap().expose_secret(), "key");
        let warning =
            "SECRET_KEY has quotes around its value in the environment; they were taken off";
        assert_eq!(settings.warnings, [warning]);
    }
    assert!(read(&[("SECRET_KEY", "it's")]).warnings.is_empty());
}

#[test]
fn a_file_that_is_no_dotenv_file_is_told_by_its_lines() {
    let problems = load(&[], "PORT=1\nhunter2\n", RequiredSettings::Nothing).unwrap_err();
    assert_eq!(problems.list[0].name, ".env");
    assert!(
        problems
            .to_string()
            .contains("line 2: no `=` after the name"),
        "{problems}"
    );
    assert!(!problems.to_string().contains("hunter2"), "{problems}");
}

#[test]
fn secrets_do_not_show() {
    let settings = read(&[
        ("SECRET_KEY", "hunter2-key"),
        ("SECRET_KEY_FALLBACKS", "hunter2-old"),
        ("SENTRY_DSN", "https://hunter2@sentry.example/1"),
        ("DATABASE_URL", "postgres://ann:hunter2@db.example/books"),
        ("METRICS_TOKEN", "hunter2-token"),
        ("RENDER_API_KEY", "hunter2-render"),
        ("RENDER_DEPLOY_HOOK_URL", "https://api.example/hunter2"),
    ]);
    let shown = format!("{settings:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn every_example_fits_its_variable() {
    for variable in variables::ALL {
        if !variable.example.is_empty() {
            read(&[(variable.name, variable.example)]);
        }
    }
}

proptest! {
    #[test]
    fn no_value_panics(index in 0..variables::ALL.len(), value in ".*") {
        let name = variables::ALL[index].name;
        let _ = load(&[(name, &value)], "", RequiredSettings::Serve);
    }
}

#[test]
fn lists_are_apart_by_commas_or_white_space() {
    let settings = read(&[
        ("ALLOWED_HOSTS", "localhost 127.0.0.1,\texample.com"),
        (
            "CSRF_TRUSTED_ORIGINS",
            "https://a.example https://b.example",
        ),
        ("FORWARDED_ALLOW_IPS", "10.0.0.1 10.1.0.0/16"),
        ("LOG_LEVEL", "CRITICAL"),
    ]);
    for host in ["localhost", "127.0.0.1", "example.com"] {
        assert!(settings.allowed_hosts.allows(host), "{host}");
    }
    assert_eq!(settings.csrf_trusted_origins.len(), 2);
    let Trusted::Networks(networks) = settings.forwarded.trusted else {
        panic!("networks were named");
    };
    assert_eq!(networks.len(), 2);
    assert_eq!(settings.log.level, tracing::Level::ERROR);
}

#[test]
fn names_that_sentry_would_discard_are_refused() {
    refused("SENTRY_ENVIRONMENT", &"e".repeat(65));
    refused("SENTRY_RELEASE", &"r".repeat(201));
    let settings = read(&[("SENTRY_RELEASE", &"r".repeat(200))]);
    assert_eq!(settings.sentry.release.unwrap().len(), 200);
}

#[test]
fn names_with_djangos_prefix_are_hinted_at() {
    let dotenv = "DJANGO_SECRET_KEY=x\nDJANGO_DEBUG=True\nDJANGO_NOTHING=1\n";
    let problems = load(
        &[("DJANGO_ALLOWED_HOSTS", "a")],
        dotenv,
        RequiredSettings::Serve,
    )
    .unwrap_err();
    let text = problems.to_string();
    assert!(
        text.contains("DJANGO_SECRET_KEY is set, which is not read"),
        "{text}"
    );
    assert!(
        text.contains("DJANGO_ALLOWED_HOSTS is set, which is not read"),
        "{text}"
    );
    let settings = load(&[("SECRET_KEY", "y")], dotenv, RequiredSettings::Nothing).unwrap();
    assert_eq!(
        settings.warnings,
        ["DJANGO_DEBUG is set, which is not read: the name is DEBUG"]
    );
}
