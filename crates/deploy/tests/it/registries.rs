//! Whether a registry has an image, by whatever way it wants to be asked.

use deploy::registry::{Config, Presence, presence};

use crate::support::server::Reply;
use crate::support::world::{HOOK_KEY, PASSWORD, TOKEN};
use crate::support::{Run, World, image};

fn challenge(world: &World, realm_scheme: &str) -> String {
    format!(
        "Bearer realm=\"{realm_scheme}://{}/token\",service=\"registry.example\",\
         scope=\"repository:ann/books:pull\"",
        world.address
    )
}

fn ask(world: &World, config: &Config) -> (Presence, String) {
    let run = Run::new(world);
    let found = run.with_context(|ctx| presence(ctx, config, &image('b')).unwrap());
    (found, run.said())
}

fn not_told(presence: &Presence, world: &World) -> String {
    match presence {
        Presence::Unknown(why) => why.replace(&world.address, "HOST"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_has_the_image_or_has_not() {
    let world = World::new(&[]);
    assert_eq!(ask(&world, &world.registry()).0, Presence::Present);
    world.state().missing.push('b');
    assert_eq!(ask(&world, &world.registry()).0, Presence::Missing);
    let request = world.state().requests[0].clone();
    assert_eq!(request.method, "HEAD");
    assert_eq!(
        request.path,
        format!("/v2/ann/books/manifests/{}", image('b').digest)
    );
    assert_eq!(request.header("authorization"), None);
}

#[test]
fn a_token_is_fetched_where_one_is_wanted() {
    for is_known in [true, false] {
        let world = World::new(&[]);
        world.state().challenge = Some(challenge(&world, "http"));
        world.state().missing.push('a');
        let mut config = world.registry();
        if !is_known {
            config.credentials = None;
        }
        assert_eq!(ask(&world, &config).0, Presence::Present);
        let state = world.state();
        let asked: Vec<_> = state
            .requests
            .iter()
            .map(|request| {
                let shown = request.header("authorization").unwrap_or("nothing");
                let (scheme, _) = shown.split_once(' ').unwrap_or((shown, ""));
                format!("{} with {scheme}", request.method)
            })
            .collect();
        let for_token = if is_known {
            "GET with Basic"
        } else {
            "GET with nothing"
        };
        assert_eq!(asked, ["HEAD with nothing", for_token, "HEAD with Bearer"]);
    }
}

#[test]
fn a_registry_with_a_plain_login_is_shown_the_password() {
    let world = World::new(&[]);
    world.state().challenge = Some("Basic realm=\"books\"".to_owned());
    // The stand-in takes nothing but its token.
    let (found, _) = ask(&world, &world.registry());
    insta::assert_snapshot!(not_told(&found, &world), @"HOST does not let ann look at ann/books");
    let state = world.state();
    let shown = state.requests[1].header("authorization").unwrap();
    assert!(shown.starts_with("Basic "), "{shown}");
}

#[test]
fn what_is_not_told_is_no_refusal() {
    let all: [(&str, World); 8] = [
        (
            "forbidden",
            World::new(&[]).faults(1, "HEAD", &Reply::status(403)),
        ),
        (
            "401 without a challenge",
            World::new(&[]).faults(1, "HEAD", &Reply::status(401)),
        ),
        ("a challenge of another kind", {
            let reply = Reply::status(401).with("www-authenticate", "Negotiate");
            World::new(&[]).faults(1, "HEAD", &reply)
        }),
        ("no token", {
            let world = World::new(&[]).faults(1, "GET /token", &Reply::status(401));
            world.state().challenge = Some(challenge(&world, "http"));
            world
        }),
        ("a token that is none", {
            let reply = Reply::json(200, &serde_json::json!({"expires_in": 5}));
            let world = World::new(&[]).faults(1, "GET /token", &reply);
            world.state().challenge = Some(challenge(&world, "http"));
            world
        }),
        ("a password without TLS", {
            let world = World::new(&[]);
            let realm = "Bearer realm=\"http://auth.example/token\"";
            world.state().challenge = Some(realm.to_owned());
            world
        }),
        (
            "rate limit",
            World::new(&[]).faults(99, "HEAD", &Reply::status(429)),
        ),
        ("elsewhere", {
            let reply = Reply::status(307).with("location", "/");
            World::new(&[]).faults(1, "HEAD", &reply)
        }),
    ];
    let mut transcript = String::new();
    for (name, world) in all {
        let (found, said) = ask(&world, &world.registry());
        let why = not_told(&found, &world);
        for secret in [PASSWORD, TOKEN, HOOK_KEY] {
            assert!(!format!("{why}{said}").contains(secret), "{why}");
        }
        transcript += &format!("{name}: {why}\n");
    }
    insta::assert_snapshot!(transcript);
}
