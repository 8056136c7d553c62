//! The one list of environment variables. `.env.example` and the table of
//! docs/en/reference/settings.md are made from it, and nothing else names a variable.

/// A variable that the program reads.
#[derive(Debug, Clone, Copy)]
pub struct Variable {
    /// Its name in the environment.
    pub name: &'static str,
    /// What it means, with the form of its value.
    pub meaning: &'static str,
    /// What holds when it is not set, as the documentation shows it.
    pub default: &'static str,
    /// A value that fits, for `.env.example`.
    pub example: &'static str,
}

/// Variables that belong together.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// What they are about, a heading.
    pub title: &'static str,
    /// In the order of the documentation.
    pub variables: &'static [Variable],
}

macro_rules! variables {
    ($(
        # $title:literal
        $($name:ident: $meaning:literal, default $default:literal, example $example:literal;)*
    )*) => {
        $($(
            #[doc = $meaning]
            pub const $name: Variable = Variable {
                name: stringify!($name),
                meaning: $meaning,
                default: $default,
                example: $example,
            };
        )*)*

        /// The groups, in the order of the documentation.
        pub const GROUPS: &[Group] = &[$(Group { title: $title, variables: &[$($name),*] }),*];

        /// Every variable, in that order.
        pub const ALL: &[Variable] = &[$($($name),*),*];
    };
}

variables! {
    # "What every site sets"
    DEBUG: "Development mode: `true/1/yes/on` or `false/0/no/off`, any case. Never on a public site.",
        default "False", example "False";
    SECRET_KEY: "Signs sessions and tokens; 256 random bits, such as `make env` writes. Required when `DEBUG` is off; in debug, while every allowed host is local, a fixed development key stands in.",
        default "", example "";
    SECRET_KEY_FALLBACKS: "Earlier secret keys that still open what they signed, comma list.",
        default "", example "";
    ALLOWED_HOSTS: "Host names the site answers to, apart by commas or spaces: `example.com`, `.example.com` for it and all below, `*` for all; `example.com:8443` where links to the site name that port. Required when `DEBUG` is off; in debug the local names are always in.",
        default "", example "localhost,127.0.0.1";
    DATABASE_URL: "`sqlite:///relative/path`, `sqlite:////absolute/path`, `postgres://user:password@host:port/database` with the parameters of docs/en/running/postgresql.md.",
        default "sqlite:///oc-lettings-site.sqlite3", example "sqlite:///oc-lettings-site.sqlite3";

    # "Behind a proxy"
    FORWARDED_ALLOW_IPS: "Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: addresses and networks apart by commas or spaces, `*` for all.",
        default "127.0.0.1,::1; on Render *", example "127.0.0.1,::1";
    FORWARDED_HOPS: "Which entry of `X-Forwarded-For` and `X-Forwarded-Proto`, counted from the right, tells of the client: the number of proxies in front, 1 to 100.",
        default "1; on Render 2", example "1";
    CLIENT_IP_HEADER: "Header in which a trusted proxy gives the client's address alone, in place of `X-Forwarded-For`.",
        default "none; on Render `CF-Connecting-IP`, from a private peer", example "";
    CSRF_TRUSTED_ORIGINS: "Other origins that may send forms, each with its scheme, apart by commas or spaces: `https://example.com`, `https://*.example.com`.",
        default "", example "";

    # "Pages and their data"
    LANGUAGE_CODE: "Language of whoever asks for none: a tag such as `en-us` or `fr`.",
        default "en-us", example "en-us";
    CURRENCY: "Currency of all prices: its code by ISO 4217, such as `USD` or `EUR`. Amounts that are stored keep their numbers when it changes.",
        default "USD", example "USD";
    TIME_ZONE: "Time zone that says which day it is where the homes are: a name of the IANA, such as `America/Los_Angeles`.",
        default "UTC", example "UTC";
    PROFILE_EMAIL_PUBLIC: "Whether profile pages show the e-mail address to everybody; off: only to staff, and search engines are told of no profile.",
        default "on for a database that was there before, off for one made new", example "False";
    DEMO_DATA: "Whether `serve` fills a database without letting, profile and user with the demo data.",
        default "False", example "False";
    STATIC_ROOT: "Folder that `collectstatic` writes and `serve` reads.",
        default "staticfiles", example "staticfiles";
    STATICFILES_DIRS: "Further folders of static sources, comma list.",
        default "", example "";

    # "Letters"
    EMAIL_URL: "Where letters go: `smtp://user:password@host:587` (by STARTTLS, which a password requires), `smtps://user:password@host:465`, `console:` or `file:/folder`. `?tls=none` switches STARTTLS off, with a password for a server on this machine alone; `?ca=/file.pem` names the certificates to trust. What is special in user or password is percent-encoded. Without it letters wait in the outbox.",
        default "none; in debug `console:`", example "";
    DEFAULT_FROM_EMAIL: "Whom letters are from: `lettings@example.com` or `Name <lettings@example.com>`, which the server of `EMAIL_URL` has to take.",
        default "webmaster@localhost", example "";
    ENQUIRY_EMAIL: "Where enquiries go whose home names no address of its own.",
        default "", example "";
    ENQUIRY_RETENTION: "Months after which enquiries are deleted, 1 to 120.",
        default "36", example "36";

    # "The server"
    PORT: "TCP port that `serve` listens on, 1 to 65535, on all addresses.",
        default "8000", example "8000";
    WEB_CONCURRENCY: "Threads that answer requests, 1 to 512.",
        default "the number of processors", example "2";
    REQUEST_MEMORY: "What all requests together may keep in memory, bodies and answers under way: a size such as `16MB`, from `64kB` to `1GB`. Beyond it they are answered 503.",
        default "16MB", example "16MB";
    PAGE_CACHE_SIZE: "What finished public pages may take in memory: a size such as `32MB`, from `64kB` to `1GB`; `0` keeps none.",
        default "32MB", example "32MB";
    SHUTDOWN_DELAY: "Seconds between the stop signal and the end of listening, 0 to 300.",
        default "0", example "0";
    SQLITE_SYNCHRONOUS: "When SQLite waits for the disk: `FULL` (nothing answered is lost) or `NORMAL`.",
        default "FULL", example "FULL";

    # "Log and metrics"
    LOG_LEVEL: "Least severity logged: `debug`, `info`, `warning`, `error`, which `critical` means too.",
        default "info", example "info";
    LOG_FORMAT: "`text` for people or `json`, one object a line.",
        default "text", example "text";
    NO_COLOR: "With any value at all nothing has colours, not even on a terminal.",
        default "", example "";
    METRICS_TOKEN: "Bearer token that opens `/metrics`; without it the address is a 404.",
        default "", example "";

    # "Error reports"
    SENTRY_DSN: "Where errors are reported, the address of a Sentry project; empty: nowhere.",
        default "", example "";
    SENTRY_ENVIRONMENT: "Environment named in error reports.",
        default "production", example "production";
    SENTRY_RELEASE: "Release named in error reports.",
        default "the built commit", example "";
    SENTRY_TRACES_SAMPLE_RATE: "Share of requests that are traced, 0 to 1.",
        default "0", example "0";
    SENTRY_SEND_DEFAULT_PII: "Whether error reports name the user's address and e-mail.",
        default "False", example "False";
    SENTRY_DAILY_404: "Most reports a day (UTC) of addresses that do not exist, and as many of pages that are not there below addresses that do, 0 to 65535; 0: none.",
        default "200", example "200";

    # "The first account"
    DJANGO_SUPERUSER_USERNAME: "For `createsuperuser --noinput` alone: the name of the account.",
        default "", example "";
    DJANGO_SUPERUSER_EMAIL: "For `createsuperuser --noinput` alone: its e-mail address.",
        default "", example "";
    DJANGO_SUPERUSER_PASSWORD: "For `createsuperuser --noinput` alone: its password; without one none opens it.",
        default "", example "";

    # "Deployment"
    RENDER_EXTERNAL_HOSTNAME: "Set by Render: the service's public name, which joins `ALLOWED_HOSTS`.",
        default "", example "";
    RENDER_API_KEY: "For `deploy` alone: the key of Render's API.",
        default "", example "";
    RENDER_SERVICE_ID: "For `deploy` alone: the service's id, `srv-…`.",
        default "", example "";
    RENDER_DEPLOY_HOOK_URL: "For `deploy` alone: the secret address that starts a deployment, where there is no API key.",
        default "", example "";
    RENDER_API_URL: "For `deploy` alone: where Render's API is, over `https`; a rehearsal has a stand-in on this machine.",
        default "https://api.render.com/v1", example "https://api.render.com/v1";
    DOCKERHUB_USERNAME: "For `deploy` alone: the account that may look at the image, where it is not public.",
        default "", example "";
    DOCKERHUB_TOKEN: "For `deploy` alone: the access token of that account.",
        default "", example "";
}
