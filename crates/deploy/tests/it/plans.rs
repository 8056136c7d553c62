//! What is planned, and what is refused.

use deploy::history::{Deployment, History, Status};
use deploy::image::Image;
use deploy::order::CommitOrder;
use deploy::plan::{
    CurrentState, Intent, Refusal, ReleaseRequest, RenderState, Target, plan, roll_back_to,
};
use deploy::registry::Presence;

use crate::support::run::release_request;
use crate::support::{commit, digest};

/// The live image is `a`, before it was `c`; `b` is new.
pub(crate) fn current() -> CurrentState {
    CurrentState {
        render: Some(RenderState {
            repository: Some("ann/books".parse().unwrap()),
            is_suspended: false,
            history: history(&[('a', "live"), ('c', "deactivated")]),
        }),
        presence: Presence::Present,
        running: Some(commit('a')),
        order: CommitOrder::Newer,
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

fn with_history(deployments: &[(char, &str)]) -> CurrentState {
    let mut current = current();
    current.render.as_mut().unwrap().history = history(deployments);
    current
}

fn with_order(order: CommitOrder) -> CurrentState {
    CurrentState { order, ..current() }
}

fn without_render() -> CurrentState {
    CurrentState {
        render: None,
        ..current()
    }
}

fn without_commit() -> ReleaseRequest {
    ReleaseRequest {
        commit: None,
        ..release_request('b')
    }
}

fn shown(all: impl IntoIterator<Item = (&'static str, ReleaseRequest, CurrentState)>) -> String {
    let mut shown = String::new();
    for (name, release_request, current) in all {
        let decision = plan(&release_request, &current).unwrap();
        shown += &format!("=== {name}\n{decision}\n\n");
    }
    shown
}

#[test]
fn the_history_decides_how_it_begins() {
    let under_way = with_history(&[('b', "queued"), ('a', "live")]);
    let other_under_way = with_history(&[('d', "queued"), ('a', "live")]);
    let rolled_back = [('a', "live"), ('b', "deactivated"), ('a', "deactivated")];
    let transcript = shown([
        ("a newer image", release_request('b'), current()),
        (
            "live before",
            release_request('c'),
            with_order(CommitOrder::Older),
        ),
        (
            "live now",
            release_request('a'),
            with_order(CommitOrder::Same),
        ),
        ("under way", release_request('b'), under_way),
        (
            "another is under way",
            release_request('b'),
            other_under_way,
        ),
        (
            "nothing was ever live",
            release_request('b'),
            with_history(&[]),
        ),
        (
            "the only one",
            release_request('a'),
            with_history(&[('a', "live")]),
        ),
        (
            "bad once, again",
            release_request('b'),
            with_history(&rolled_back),
        ),
    ]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn what_is_not_known_is_noted() {
    let silent = CurrentState {
        running: None,
        order: CommitOrder::LiveUnknown,
        ..current()
    };
    let private = CurrentState {
        presence: Presence::Unknown("registry.example does not let the public look".to_owned()),
        ..current()
    };
    let nameless = {
        let mut current = current();
        current.render.as_mut().unwrap().repository = None;
        current
    };
    let transcript = shown([
        (
            "the same commit, built again",
            release_request('b'),
            with_order(CommitOrder::Same),
        ),
        (
            "no commit is asked for",
            without_commit(),
            with_order(CommitOrder::NotRequested),
        ),
        (
            "the site does not tell its commit",
            release_request('b'),
            silent,
        ),
        (
            "there is no repository",
            release_request('b'),
            with_order(CommitOrder::NoRepository),
        ),
        ("the registry does not tell", release_request('b'), private),
        (
            "Render does not tell its image",
            release_request('b'),
            nameless,
        ),
    ]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn a_deploy_hook_has_no_history() {
    let back = ReleaseRequest {
        intent: Intent::RollBack,
        ..release_request('c')
    };
    let older = CurrentState {
        order: CommitOrder::Older,
        ..without_render()
    };
    let transcript = shown([
        ("a newer commit", release_request('b'), without_render()),
        (
            "the commit answers already",
            release_request('a'),
            without_render(),
        ),
        ("back to an older commit", back, older),
    ]);
    insta::assert_snapshot!(transcript);
}

#[test]
fn refusals() {
    let missing = CurrentState {
        presence: Presence::Missing,
        ..current()
    };
    let suspended = {
        let mut current = current();
        current.render.as_mut().unwrap().is_suspended = true;
        current
    };
    let other: Image = format!("registry.example/ann/books@{}", digest('b'))
        .parse()
        .unwrap();
    let other = ReleaseRequest {
        image: other,
        ..release_request('b')
    };
    let slip = ReleaseRequest {
        commit: Some(commit('b')),
        ..release_request('a')
    };
    let older_by_hook = CurrentState {
        order: CommitOrder::Older,
        ..without_render()
    };
    let order = |order| (release_request('b'), with_order(order));
    let all = [
        (
            "missing in the registry",
            (release_request('b'), missing),
            false,
        ),
        ("another name", (other, current()), true),
        ("live, and of another commit", (slip, current()), false),
        ("suspended", (release_request('b'), suspended), false),
        ("an older commit", order(CommitOrder::Older), false),
        (
            "an older commit by a hook",
            (release_request('b'), older_by_hook),
            false,
        ),
        ("another branch", order(CommitOrder::Diverged), false),
        (
            "the live commit is not here",
            order(CommitOrder::LiveNotInRepository),
            false,
        ),
        (
            "the commit is not here",
            order(CommitOrder::RequestedNotInRepository),
            false,
        ),
        (
            "a hook without a commit",
            (without_commit(), without_render()),
            true,
        ),
    ];
    let mut transcript = String::new();
    for (name, (release_request, current), is_usage) in all {
        let refusal = plan(&release_request, &current).unwrap_err();
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
