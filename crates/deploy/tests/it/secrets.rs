//! Whatever is shown, it shows no secret.

use deploy::context::Context;
use deploy::plan::{CurrentState, Decision, plan};
use deploy::registry::{Presence, presence};
use deploy::render::Render;

use crate::support::run::release_request;
use crate::support::server::Reply;
use crate::support::world::{HOOK_KEY, KEY, PASSWORD, TOKEN};
use crate::support::{Run, World, image};

/// The marker that every secret holds.
const MARKER: &str = "MARKER";

#[track_caller]
fn assert_hidden(text: &str) {
    for secret in [KEY, HOOK_KEY, PASSWORD, TOKEN, MARKER] {
        assert!(!text.contains(secret), "{text}");
    }
    // Nor in the form in which it is sent.
    assert!(
        !text.contains("TUFSS0VS") && !text.contains("YW5uOk1BU"),
        "{text}"
    );
}

/// An answer that repeats what it was asked with.
fn echo(status: u16) -> Reply {
    let message = format!("no such key: Bearer {KEY}");
    Reply::json(status, &serde_json::json!({"message": message}))
}

/// Likewise of a deploy hook.
fn echo_path(status: u16) -> Reply {
    let message = format!("/deploy/srv-1?key={HOOK_KEY}");
    Reply::json(status, &serde_json::json!({"message": message}))
}

#[test]
fn debug_shows_no_secret() {
    let world = World::new(&[]);
    let render = Render::new(world.config());
    assert_hidden(&format!("{:?}{:#?}", world.config(), render));
    assert_hidden(&format!("{:?}{:?}", world.hook(), world.registry()));
}

#[test]
fn messages_show_no_secret() {
    let start = "POST /v1/services/srv-1/deploys";
    let look = "GET /v1/services/srv-1/deploys/dep-";
    for status in [400, 401, 403, 404, 409, 422, 500, 503] {
        for request in [start, look] {
            let world = World::new(&[('a', "live")]).faults(50, request, &echo(status));
            let run = Run::new(&world);
            let outcome = run.deploy('b');
            assert_hidden(&run.said());
            assert_hidden(&format!("{outcome:?}"));
        }
        let world = World::new(&[('a', "live")]).faults(50, "POST /deploy/", &echo_path(status));
        let run = Run::new(&world);
        let outcome = run.deploy_by_hook('b');
        assert_hidden(&run.said());
        assert_hidden(&format!("{outcome:?}"));
    }
}

#[test]
fn addresses_that_cannot_be_asked_are_not_shown() {
    let world = World::new(&[('a', "live")]);
    let run = Run::new(&world);
    let mut texts = Vec::new();
    for url in [
        format!("http://127.0.0.1:1/deploy?key={HOOK_KEY}"),
        format!("http://no host/{HOOK_KEY}"),
        format!("{HOOK_KEY}\n"),
        format!("ftp://127.0.0.1/{HOOK_KEY}"),
    ] {
        let hook = deploy::hook::Hook { url: url.into() };
        let current = CurrentState {
            render: None,
            presence: Presence::Present,
            running: None,
            order: run.order,
        };
        let Ok(Decision::Execute(plan)) = plan(&release_request('b'), &current) else {
            panic!("no plan");
        };
        let outcome = run.with_context(|ctx: Context<'_>| {
            deploy::hook::execute(ctx, &hook, &world.expectations(), &plan, None)
        });
        texts.push(outcome.to_string());
        assert_hidden(&format!("{outcome:?}"));
    }
    assert_hidden(&run.said());
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_key_that_cannot_be_sent_is_not_shown() {
    let world = World::new(&[]);
    let mut config = world.config();
    config.key = format!("{KEY}\n").into();
    let run = Run::new(&world);
    let error = run.with_context(|ctx| Render::new(config).application(ctx).unwrap_err());
    assert_hidden(&format!("{error} {error:?} {}", run.said()));
    let mut registry = world.registry();
    registry.credentials.as_mut().unwrap().password = format!("{PASSWORD}\n").into();
    world.state().challenge = Some("Basic realm=\"books\"".to_owned());
    let found = run.with_context(|ctx| presence(ctx, &registry, &image('b')).unwrap());
    assert_hidden(&format!("{found:?} {}", run.said()));
}
