//! What is planned, and what is refused.

use deploy::history::{Deployment, History, Status};
use deploy::image::Image;
use deploy::order::Order;
use deploy::plan::{Asked, Found, FoundAtRender, Intent, Refusal, Target, plan, roll_back_to};
use deploy::registry::Presence;

use crate::support::run::asked;
use crate::support::{commit, digest};

/// The live image is `a`, before it was `c`; `b` is new.
pub(crate) fn found() -> Found {
    Found {
        render: Some(FoundAtRender {
            repository: Some("ann/books".parse().unwrap()),
            is_suspended: false,
            history: history(&[('a', "live"), ('c', "deactivated")]),
        }),
        presence: Presence::There,
        running: Some(commit('a')),
        order: Order::Newer,
    }
}

/// The newest first.
fn history(deployments: &[(char, &str)]) -> History {
    let numbers = (1..=deployments.len()).rev();
    let deployments = numbers.zip(deployments);
    let deployments = deployments.map(|(number, (image, status))| Deployment {
        id: format!("dep-{number}"),
        status: Status::from_word(status),
        digest: Some(digest(*image)),
        created_at: Some(format!("2026-11-24T14:{number:02}:00Z")),
        finished_at: None,
        trigger: None,
    });
    History::new(deployments.collect())
}

fn with_history(deployments: &[(char, &str)]) -> Found {
    let mut found = found();
    found.render.as_mut().unwrap().history = history(deployments);
    found
}

fn with_order(order: Order) -> Found {
    Found { order, ..found() }
}

fn without_render() -> Found {
    Found {
        render: None,
        ..found()
    }
}

fn without_commit() -> Asked {
    Asked {
        commit: None,
        ..asked('b')
    }
}

fn shown(all: impl IntoIterator<Item = (&'static str, Asked, Found)>) -> String {
    let mut shown = String::new();
    for (name, asked, found) in all {
        let decision = plan(&asked, &found).unwrap();
        shown += &format!("=== {name}\n{decision}\n\n");
    }
    shown
}

#[test]
fn the_history_decides_how_it_begins() {
    let under_way = with_history(&[('b', "queued"), ('a', "live")]);
    let other_under_way = with_history(&[('d', "queued"), ('a', "live")]);
    let rolled_back = [('a', "live"), ('b', "deactivated"), ('a', "deactivated")];
    insta::assert_snapshot!(shown([
        ("a newer image", asked('b'), found()),
        ("live before", asked('c'), with_order(Order::Older)),
        ("live now", asked('a'), with_order(Order::Same)),
        ("under way", asked('b'), under_way),
        ("another is under way", asked('b'), other_under_way),
        ("nothing was ever live", asked('b'), with_history(&[])),
        ("the only one", asked('a'), with_history(&[('a', "live")])),
        ("bad once, again", asked('b'), with_history(&rolled_back)),
    ]));
}

#[test]
fn what_is_not_known_is_noted() {
    let silent = Found {
        running: None,
        order: Order::LiveUnknown,
        ..found()
    };
    let private = Found {
        presence: Presence::NotTold("registry.example does not let the public look".to_owned()),
        ..found()
    };
    let nameless = {
        let mut found = found();
        found.render.as_mut().unwrap().repository = None;
        found
    };
    insta::assert_snapshot!(shown([
        (
            "the same commit, built again",
            asked('b'),
            with_order(Order::Same)
        ),
        (
            "no commit is asked for",
            without_commit(),
            with_order(Order::NotAsked)
        ),
        ("the site does not tell its commit", asked('b'), silent),
        (
            "there is no repository",
            asked('b'),
            with_order(Order::NoRepository)
        ),
        ("the registry does not tell", asked('b'), private),
        ("Render does not tell its image", asked('b'), nameless),
    ]));
}

#[test]
fn a_deploy_hook_has_no_history() {
    let back = Asked {
        intent: Intent::RollBack,
        ..asked('c')
    };
    let older = Found {
        order: Order::Older,
        ..without_render()
    };
    insta::assert_snapshot!(shown([
        ("a newer commit", asked('b'), without_render()),
        ("the commit answers already", asked('a'), without_render()),
        ("back to an older commit", back, older),
    ]));
}

#[test]
fn refusals() {
    let missing = Found {
        presence: Presence::Missing,
        ..found()
    };
    let suspended = {
        let mut found = found();
        found.render.as_mut().unwrap().is_suspended = true;
        found
    };
    let other: Image = format!("registry.example/ann/books@{}", digest('b'))
        .parse()
        .unwrap();
    let other = Asked {
        image: other,
        ..asked('b')
    };
    let slip = Asked {
        commit: Some(commit('b')),
        ..asked('a')
    };
    let older_by_hook = Found {
        order: Order::Older,
        ..without_render()
    };
    let order = |order| (asked('b'), with_order(order));
    let all = [
        ("missing in the registry", (asked('b'), missing), false),
        ("another name", (other, found()), true),
        ("live, and of another commit", (slip, found()), false),
        ("suspended", (asked('b'), suspended), false),
        ("an older commit", order(Order::Older), false),
        (
            "an older commit by a hook",
            (asked('b'), older_by_hook),
            false,
        ),
        ("another branch", order(Order::Apart), false),
        (
            "the live commit is not here",
            order(Order::LiveNotHere),
            false,
        ),
        ("the commit is not here", order(Order::AskedNotHere), false),
        (
            "a hook without a commit",
            (without_commit(), without_render()),
            true,
        ),
    ];
    let mut transcript = String::new();
    for (name, (asked, found), is_usage) in all {
        let refusal = plan(&asked, &found).unwrap_err();
        assert_eq!(refusal.is_usage(), is_usage, "{name}");
        transcript += &format!("=== {name}\n{refusal}\n");
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn a_roll_back_leads_only_to_what_was_live() {
    let history = history(&[('b', "live"), ('d', "canceled"), ('a', "deactivated")]);
    let to = |target| roll_back_to(&history, &target);
    assert_eq!(to(Target::Previous), Ok(digest('a')));
    assert_eq!(to(Target::Digest(digest('a'))), Ok(digest('a')));
    let refusal = to(Target::Digest(digest('d'))).unwrap_err();
    assert_eq!(refusal, Refusal::NeverLive(digest('d')));
    assert!(!refusal.is_usage());
    let none = roll_back_to(&History::default(), &Target::Previous).unwrap_err();
    insta::assert_snapshot!(format!("{refusal}\n{none}"));
}
