//! Verification from outside: what is found, and how long it is looked for.

use std::time::Duration;

use deploy::verify::table::Table;
use deploy::verify::{
    Absence, Address, BodyExpectation, Check, Expectations, HeaderExpectation, verify,
};

use crate::support::server::{Reply, Request, serve};
use crate::support::stand_in::Fault;
use crate::support::{Run, World, commit};

fn check(name: &'static str, address: Address) -> Check {
    Check::new(name, address, Duration::from_millis(300))
}

fn path(name: &'static str, path: &'static str) -> Check {
    check(name, Address::Path(path))
}

fn link(name: &'static str, page: &'static str, prefix: &'static str) -> Check {
    check(name, Address::FirstLink { page, prefix })
}

fn stylesheet(name: &'static str, page: &'static str) -> Check {
    check(name, Address::Stylesheet { page })
}

impl CheckExt for Check {
    fn if_there(self) -> Self {
        Self {
            absence: Absence::Passes,
            ..self
        }
    }

    fn with(self, body: BodyExpectation) -> Self {
        Self {
            body: vec![body],
            ..self
        }
    }

    fn header(self, name: &'static str, expected: HeaderExpectation) -> Self {
        Self {
            headers: vec![(name, expected)],
            ..self
        }
    }
}

/// Changes of a check, for short tables.
trait CheckExt {
    fn if_there(self) -> Self;
    fn with(self, body: BodyExpectation) -> Self;
    fn header(self, name: &'static str, expected: HeaderExpectation) -> Self;
}

fn verified(checks: Vec<Check>) -> Table {
    let address = serve(answer);
    let world = World::new(&[]);
    let expectations = Expectations {
        // The address may end in a slash.
        url: format!("http://{address}/"),
        commit: Some(commit('b')),
        health_path: "/commit",
        request_headers: &[("accept-language", "en")],
        checks,
    };
    let run = Run::new(&world);
    run.with_context(|ctx| verify(ctx, &expectations, Duration::ZERO).unwrap())
}

#[test]
fn what_is_wrong_is_named() {
    let table = verified(vec![
        path("a page", "/page"),
        path("an error", "/500"),
        path("nothing there", "/404"),
        path("may be missing", "/404").if_there(),
        path("may be missing, but broken", "/500").if_there(),
        path("slow", "/hang"),
        path("gone", "/close"),
        path("no HTTP", "/babble"),
        path("another text", "/page").with(BodyExpectation::Contains("something else")),
        path("empty", "/empty").with(BodyExpectation::NotEmpty),
        path("no header", "/page").header("x-none", HeaderExpectation::Equals("a")),
        path("another header", "/page")
            .header("x-frame-options", HeaderExpectation::Equals("DENY")),
        path("half a header", "/page")
            .header("cache-control", HeaderExpectation::Contains("immutable")),
        path("another commit", "/commit").with(BodyExpectation::HasCommit),
        path("no commit", "/page").with(BodyExpectation::HasCommit),
        path("built without a commit", "/unknown").with(BodyExpectation::HasCommit),
        Check {
            status: 301,
            ..path("a redirect is an answer", "/301")
        },
    ]);
    assert!(!table.is_passed());
    insta::assert_snapshot!(table);
}

#[test]
fn links_are_followed_on_the_site_alone() {
    let table = verified(vec![
        link("a link", "/page", "/books/"),
        link("no link", "/page", "/authors/"),
        link("no link needed", "/page", "/authors/").if_there(),
        link("a link to nothing", "/page", "/lost/").if_there(),
        link("a page that fails", "/500", "/books/"),
        link("a page that hangs", "/hang", "/books/"),
        stylesheet("a stylesheet elsewhere", "/page"),
        stylesheet("no stylesheet", "/empty"),
    ]);
    assert!(!table.is_passed());
    insta::assert_snapshot!(table);
}

fn answer(request: &Request) -> Reply {
    assert_eq!(request.header("accept-language"), Some("en"));
    let answer = |body: &str| Reply::Answer {
        status: 200,
        headers: vec![
            ("x-frame-options", "SAMEORIGIN".to_owned()),
            ("cache-control", "public".to_owned()),
        ],
        body: body.to_owned(),
    };
    match request.path.as_str() {
        "/page" => answer(
            "<link rel=stylesheet href=\"//cdn.example/s.css\"><a href=\"/books/1/\">one</a>\
             <a href=\"/lost/1/\">two</a>",
        ),
        "/books/1/" => answer("one"),
        "/empty" => answer(""),
        "/commit" => answer(&format!("{{\"commit\":\"{}\"}}", commit('a'))),
        "/unknown" => answer("{\"commit\":\"unknown\"}"),
        "/301" => Reply::status(301).with("location", "/page"),
        "/hang" => Reply::Hang,
        "/close" => Reply::Close,
        "/babble" => Reply::Babble,
        "/500" => Reply::status(500),
        _ => Reply::status(404),
    }
}

#[test]
fn a_right_site_passes() {
    let world = World::new(&[('a', "live")]);
    let run = Run::new(&world);
    let expectations = Expectations {
        commit: Some("aaaaaaaa".parse().unwrap()),
        ..world.expectations()
    };
    let table = run.with_context(|ctx| verify(ctx, &expectations, Duration::ZERO).unwrap());
    assert!(table.is_passed());
    insta::assert_snapshot!(table);
}

#[test]
fn what_settles_is_waited_for() {
    // The former release answers for a while, then the pages are not ready yet.
    let world = World::new(&[('a', "live")])
        .faults(3, "GET /healthz", &Reply::status(503))
        .fault("GET /static", Fault::Instead(Reply::status(503)))
        .fault("GET /static", Fault::Instead(Reply::Close));
    let run = Run::new(&world);
    let expectations = Expectations {
        commit: Some(commit('a')),
        ..world.expectations()
    };
    let commit_timeout = Duration::from_mins(1);
    let table = run.with_context(|ctx| verify(ctx, &expectations, commit_timeout).unwrap());
    assert!(table.is_passed(), "{table}");
    insta::assert_snapshot!(run.said());
    // What passed was not asked again.
    let state = world.state();
    let homes = state.requests.iter().filter(|one| one.path == "/books/7/");
    assert_eq!(homes.count(), 1);
}
