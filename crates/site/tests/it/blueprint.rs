//! `render.yaml`, by the rules of Render's Blueprint specification as far as the file goes: what
//! is not among the fields and values known here is refused, as Render refuses it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use server::Limits;
use site::settings::variables;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Blueprint {
    services: Vec<WebApplication>,
    databases: Vec<Database>,
}

/// A web service from an image. Fields of services that are built are none of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "some fields only have to be of the right kind")]
struct WebApplication {
    r#type: Web,
    name: String,
    runtime: Runtime,
    image: Image,
    plan: Plan,
    region: Region,
    num_instances: Option<u8>,
    docker_command: Option<String>,
    pre_deploy_command: Option<String>,
    health_check_path: String,
    max_shutdown_delay_seconds: u16,
    domains: Option<Vec<String>>,
    env_vars: Vec<Variable>,
}

#[derive(Debug, Deserialize)]
enum Web {
    #[serde(rename = "web")]
    Web,
}

#[derive(Debug, Deserialize)]
enum Runtime {
    #[serde(rename = "image")]
    Image,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "credentials only have to be of the right kind")]
struct Image {
    url: String,
    creds: Option<Credentials>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "they only have to be of the right kind")]
struct Credentials {
    from_registry_creds: Named,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it only has to be there")]
struct Named {
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Plan {
    Free,
    Starter,
    Standard,
    Pro,
    #[serde(rename = "pro plus")]
    ProPlus,
    #[serde(rename = "pro max")]
    ProMax,
    #[serde(rename = "pro ultra")]
    ProUltra,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Region {
    Frankfurt,
    Ohio,
    Oregon,
    Singapore,
    Virginia,
}

/// A key with exactly one way to its value.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Variable {
    key: String,
    /// A number or a truth value would need quotes.
    value: Option<String>,
    generate_value: Option<bool>,
    sync: Option<bool>,
    from_database: Option<FromDatabase>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FromDatabase {
    name: String,
    property: Property,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Property {
    ConnectionString,
    Database,
    Host,
    Password,
    Port,
    User,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "some fields only have to be of the right kind")]
struct Database {
    name: String,
    plan: DatabasePlan,
    region: Region,
    #[serde(rename = "databaseName")]
    within: Option<String>,
    user: Option<String>,
    postgres_major_version: Option<String>,
    /// Empty: from Render's own network alone.
    ip_allow_list: Vec<AllowedNetwork>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum DatabasePlan {
    Free,
    #[serde(rename = "basic-256mb")]
    Basic256mb,
    #[serde(rename = "basic-1gb")]
    Basic1gb,
    #[serde(rename = "basic-4gb")]
    Basic4gb,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "they only have to be of the right kind")]
struct AllowedNetwork {
    source: String,
    description: Option<String>,
}

/// Render gives at most so many seconds between SIGTERM and SIGKILL.
const MOST_SHUTDOWN_SECONDS: u64 = 300;
/// What Render's own processes listen on.
const RESERVED_PORTS: [&str; 3] = ["18012", "18013", "19099"];
/// What has to be a secret, and so may not stand in the file.
const SECRETS: [&str; 5] = [
    "SECRET_KEY",
    "DATABASE_URL",
    "EMAIL_URL",
    "SENTRY_DSN",
    "METRICS_TOKEN",
];

#[test]
fn the_blueprint_is_one_that_render_takes() {
    assert_eq!(problems(&text()), Vec::<String>::new());
}

/// A change of the file, and what is found then.
const BAD_CHANGES: &[(&str, &str, &str)] = &[
    (
        "    plan: starter\n",
        "    plan: huge\n",
        "unknown variant `huge`",
    ),
    (
        "    region: frankfurt\n    #",
        "    region: paris\n    #",
        "unknown variant `paris`",
    ),
    ("runtime: image", "runtime: rust", "unknown variant `rust`"),
    ("type: web", "type: worker", "unknown variant `worker`"),
    ("      url: ", "      ref: ", "unknown field `ref`"),
    (
        "    plan: starter\n",
        "    plan: starter\n    buildCommand: make\n",
        "unknown field `buildCommand`",
    ),
    (
        "healthCheckPath: /healthz",
        "healthCheckPath: healthz",
        "the health check is not /healthz",
    ),
    (
        "Seconds: 45",
        "Seconds: 30",
        "less time to stop than the program takes",
    ),
    (
        "Seconds: 45",
        "Seconds: 301",
        "more time to stop than Render gives",
    ),
    (
        "generateValue: true",
        "generateValue: true\n        sync: false",
        "SECRET_KEY has 2 ways to a value",
    ),
    ("value: \"False\"", "value: False", "quote"),
    (
        "key: DEBUG",
        "key: DEBUGGING",
        "DEBUGGING is no variable of the site",
    ),
    ("key: DEBUG", "key: DEMO_DATA", "DEMO_DATA is there twice"),
    (
        "          name: oc-lettings-database",
        "          name: other",
        "there is no database other",
    ),
    (
        "property: connectionString",
        "property: url",
        "unknown variant `url`",
    ),
    (
        "- key: SENTRY_DSN\n        sync: false",
        "- key: SENTRY_DSN\n        value: x",
        "SENTRY_DSN stands in the file",
    ),
    (
        "sync: false",
        "sync: true",
        "ALLOWED_HOSTS is not asked for",
    ),
    (
        "    plan: basic-256mb\n    region: frankfurt",
        "    plan: free\n    region: oregon",
        "the database is in another region",
    ),
    (
        "key: LOG_FORMAT\n        value: json",
        "key: PORT\n        value: \"18012\"",
        "PORT is one of Render's own",
    ),
    ("    ipAllowList: []\n", "", "missing field `ipAllowList`"),
    (
        "docker.io/your-account",
        "https://docker.io/your-account",
        "the image has no name",
    ),
];

#[test]
fn what_render_refuses_is_found() {
    for (from, to, expected) in BAD_CHANGES {
        let text = text();
        assert!(text.contains(from), "{from}");
        let problems = problems(&text.replacen(from, to, 1));
        let is_found = problems.iter().any(|problem| problem.contains(expected));
        assert!(is_found, "{from} -> {to}: {problems:?}");
    }
}

/// The environment that Render would give is one that the program starts with.
#[test]
fn the_program_takes_what_the_blueprint_sets() {
    let blueprint = parse(&text()).unwrap();
    let set = blueprint.services[0].env_vars.iter().map(|variable| {
        let value = variable
            .value
            .clone()
            .unwrap_or_else(|| match &*variable.key {
                "DATABASE_URL" => "postgresql://user:word@dpg-1-a/oc_lettings".to_owned(),
                // An answer that was left empty.
                _ if variable.sync == Some(false) => String::new(),
                _ => "q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq0w=".to_owned(),
            });
        (variable.key.clone(), value)
    });
    let by_render = [
        ("PORT", "10000"),
        ("RENDER_EXTERNAL_HOSTNAME", "site.onrender.com"),
    ];
    let by_render = by_render.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let process = set
        .chain(by_render)
        .map(|(name, value)| (name.into(), value.into()));
    let environment = site::settings::Environment::new(process, None);
    let settings = site::settings::Settings::from_environment(
        environment,
        site::settings::RequiredSettings::Serve,
    );
    let settings = settings.unwrap();
    assert_eq!(settings.port, 10000);
    assert!(settings.allowed_hosts.allows("site.onrender.com"));
    assert!(!settings.debug && settings.on_render());
}

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../render.yaml");
    fs::read_to_string(path).unwrap()
}

/// What has no quotes and looks like a number or a truth value is no text.
fn parse(text: &str) -> Result<Blueprint, serde_saphyr::Error> {
    let options = serde_saphyr::options! { no_schema: true };
    serde_saphyr::from_str_with_options(text, options)
}

fn problems(text: &str) -> Vec<String> {
    let blueprint = match parse(text) {
        Ok(blueprint) => blueprint,
        Err(error) => return vec![error.to_string()],
    };
    let mut problems = Vec::new();
    let mut find = |is_wrong: bool, what: String| {
        if is_wrong {
            problems.push(what);
        }
    };
    for service in &blueprint.services {
        let image = service.image.url.split('/').collect::<Vec<_>>();
        find(
            image.len() != 3 || image.contains(&""),
            "the image has no name".to_owned(),
        );
        let path = &service.health_check_path;
        find(
            path != "/healthz",
            format!("the health check is not /healthz: {path}"),
        );
        let seconds = u64::from(service.max_shutdown_delay_seconds);
        let grace = Limits::production().shutdown_grace.as_secs();
        find(
            seconds <= grace,
            "less time to stop than the program takes".to_owned(),
        );
        find(
            seconds > MOST_SHUTDOWN_SECONDS,
            "more time to stop than Render gives".to_owned(),
        );
        let mut keys = BTreeSet::new();
        for variable in &service.env_vars {
            let key = &variable.key;
            find(!keys.insert(key), format!("{key} is there twice"));
            let is_known = variables::ALL.iter().any(|known| known.name == key);
            find(!is_known, format!("{key} is no variable of the site"));
            for problem in variable_problems(variable, &blueprint.databases) {
                find(true, problem);
            }
        }
        let has_other_region = |database: &Database| database.region != service.region;
        find(
            blueprint.databases.iter().any(has_other_region),
            "the database is in another region: the private network ends there".to_owned(),
        );
    }
    problems
}

fn variable_problems(variable: &Variable, databases: &[Database]) -> Vec<String> {
    let Variable {
        key,
        value,
        generate_value,
        sync,
        from_database,
    } = variable;
    let ways = [
        value.is_some(),
        generate_value.is_some(),
        sync.is_some(),
        from_database.is_some(),
    ];
    let ways = ways.into_iter().filter(|is_there| *is_there).count();
    let mut problems = Vec::new();
    if ways != 1 {
        problems.push(format!("{key} has {ways} ways to a value"));
    }
    if *sync == Some(true) {
        problems.push(format!("{key} is not asked for"));
    }
    if value.is_some() && SECRETS.contains(&&**key) {
        problems.push(format!("{key} stands in the file"));
    }
    let is_reserved = value
        .as_deref()
        .is_some_and(|port| RESERVED_PORTS.contains(&port));
    if key == "PORT" && is_reserved {
        problems.push("PORT is one of Render's own".to_owned());
    }
    if let Some(FromDatabase { name, property }) = from_database {
        if !databases.iter().any(|database| database.name == *name) {
            problems.push(format!("there is no database {name}"));
        }
        if *property != Property::ConnectionString {
            problems.push(format!("{key} is no address of a database"));
        }
    }
    problems
}
