//! The stand-in itself: how Render with its memory, a registry and a site answer, and what goes
//! wrong on the way.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::server::{Reply, Request};
use super::world::{HOOK_KEY, KEY, TOKEN, commit, digest};

/// A deployment at Render.
#[derive(Debug, Clone)]
pub(super) struct StandInDeployment {
    pub(super) image: char,
    /// What it is now, and what it will be each time it is looked at.
    pub(super) statuses: VecDeque<&'static str>,
    pub(super) is_listed: bool,
}

/// What goes wrong, once.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// In place of what would have been done.
    Instead(Reply),
    /// After it was done.
    After(Reply),
}

/// What stands for the outside.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The oldest first.
    pub(super) deployed: Vec<StandInDeployment>,
    /// What the deployments that are still to come will go through.
    pub(crate) coming: VecDeque<&'static [&'static str]>,
    /// By method and the beginning of the path.
    pub(super) faults: VecDeque<(&'static str, Fault)>,
    /// Those that come once a deployment was asked for.
    pub(super) faults_from_start: Vec<(&'static str, Fault)>,
    /// Images whose pages fail.
    pub(crate) bad: Vec<char>,
    /// Images that the registry does not have.
    pub(crate) missing: Vec<char>,
    /// What the registry asks for.
    pub(crate) challenge: Option<String>,
    pub(crate) is_suspended: bool,
    /// Somebody else deploys this when a request that begins so comes.
    pub(crate) intruder: Option<(&'static str, char)>,
    /// A deploy hook does not start anything.
    pub(crate) is_hook_idle: bool,
    pub(crate) requests: Vec<Request>,
}

impl State {
    pub(super) fn answer(&mut self, request: &Request) -> Reply {
        self.requests.push(request.clone());
        let asked = format!("{} {}", request.method, request.path);
        if let Some((at, image)) = self.intruder
            && asked.starts_with(at)
        {
            self.intruder = None;
            self.deploy(image);
        }
        if asked.starts_with("POST") {
            let from_start = std::mem::take(&mut self.faults_from_start);
            self.faults.extend(from_start);
        }
        let fault = match self.faults.iter().position(|(at, _)| asked.starts_with(at)) {
            Some(index) => self.faults.remove(index),
            None => None,
        };
        match fault {
            Some((_, Fault::Instead(reply))) => reply,
            Some((_, Fault::After(reply))) => {
                self.answer_rightly(request);
                reply
            }
            None => self.answer_rightly(request),
        }
    }

    fn answer_rightly(&mut self, request: &Request) -> Reply {
        let path = request.path.as_str();
        if let Some(path) = path.strip_prefix("/v1/services/srv-1") {
            if request.header("authorization") != Some(&format!("Bearer {KEY}")) {
                return Reply::json(401, &json!({"message": format!("no such key: {KEY}")}));
            }
            return self.answer_render(request, path);
        }
        if path.starts_with("/v2/") || path.starts_with("/token") {
            return self.answer_registry(request);
        }
        if path.starts_with("/deploy/") {
            return self.answer_hook(path);
        }
        self.answer_site(path)
    }

    fn answer_render(&mut self, request: &Request, path: &str) -> Reply {
        match (request.method.as_str(), path) {
            ("GET", "") => Reply::json(
                200,
                &json!({
                    "id": "srv-1",
                    "name": "books",
                    "imagePath": "docker.io/ann/books:latest",
                    "suspended": if self.is_suspended { "suspended" } else { "not_suspended" },
                    "serviceDetails": {"url": "https://books.onrender.example"},
                }),
            ),
            ("GET", path) if path.starts_with("/deploys?") => self.list(path),
            ("POST", "/deploys") => {
                let wish: Value = serde_json::from_str(&request.body).unwrap();
                assert_eq!(wish["clearCache"], "do_not_clear");
                let letter = letter(wish["imageUrl"].as_str().unwrap());
                self.deploy(letter);
                Reply::json(201, &self.show(self.deployed.len() - 1))
            }
            ("POST", path) if path.ends_with("/cancel") => {
                let index = self.find(path);
                self.deployed[index].statuses = ["canceled"].into();
                Reply::json(200, &self.show(index))
            }
            ("GET", path) => {
                let index = self.find(path);
                self.look_at(index);
                Reply::json(200, &self.show(index))
            }
            _ => Reply::status(405),
        }
    }

    pub(super) fn deploy(&mut self, image: char) {
        let statuses = self.coming.pop_front().unwrap_or(&["live"]);
        self.deployed.push(StandInDeployment {
            image,
            statuses: statuses.iter().copied().collect(),
            is_listed: true,
        });
        self.settle(self.deployed.len() - 1);
    }

    /// Time goes on for a deployment.
    fn look_at(&mut self, index: usize) {
        let statuses = &mut self.deployed[index].statuses;
        if statuses.len() > 1 {
            statuses.pop_front();
        }
        self.settle(index);
    }

    /// One that is live takes the place of the one before.
    fn settle(&mut self, index: usize) {
        if self.deployed[index].statuses[0] != "live" {
            return;
        }
        for (other, deployed) in self.deployed.iter_mut().enumerate() {
            if other != index && deployed.statuses[0] == "live" {
                deployed.statuses = ["deactivated"].into();
            }
        }
    }

    fn find(&self, path: &str) -> usize {
        let id = path.split('/').nth(2).unwrap();
        let number: usize = id.strip_prefix("dep-").unwrap().parse().unwrap();
        assert!(number <= self.deployed.len(), "{path}");
        number - 1
    }

    fn show(&self, index: usize) -> Value {
        let StandInDeployment {
            image, statuses, ..
        } = &self.deployed[index];
        json!({
            "id": format!("dep-{}", index + 1),
            "status": statuses[0],
            "image": {
                "ref": format!("docker.io/ann/books@{}", digest(*image)),
                "sha": digest(*image).as_str(),
            },
            "trigger": "api",
            "createdAt": format!("2026-11-24T14:{:02}:00Z", index / 60),
            "finishedAt": null,
        })
    }

    /// The newest first, in pages.
    fn list(&self, query: &str) -> Reply {
        let start = query.split_once("cursor=").map_or(0, |(_, cursor)| {
            cursor.trim_start_matches("after-").parse().unwrap()
        });
        let newest_first = (0..self.deployed.len()).rev();
        let listed = newest_first.filter(|index| self.deployed[*index].is_listed);
        let page = listed.enumerate().skip(start).take(100);
        let page = page.map(|(place, index)| {
            json!({"deploy": self.show(index), "cursor": format!("after-{}", place + 1)})
        });
        Reply::json(200, &page.collect::<Vec<_>>().into())
    }

    fn answer_registry(&mut self, request: &Request) -> Reply {
        let authorization = request.header("authorization");
        if request.path.starts_with("/token") {
            assert_eq!(
                request.path,
                "/token?service=registry%2Eexample&scope=repository%3Aann%2Fbooks%3Apull"
            );
            return match authorization {
                // ann:MARKER-of-the-password
                Some("Basic YW5uOk1BUktFUi1vZi10aGUtcGFzc3dvcmQ=") | None => {
                    Reply::json(200, &json!({"token": TOKEN}))
                }
                Some(_) => Reply::status(401),
            };
        }
        let bearer = format!("Bearer {TOKEN}");
        if let Some(challenge) = &self.challenge
            && authorization != Some(&bearer)
        {
            return Reply::status(401).with("www-authenticate", challenge);
        }
        assert!(
            request
                .header("accept")
                .unwrap()
                .contains("oci.image.index")
        );
        let wanted = letter(&request.path);
        Reply::status(if self.missing.contains(&wanted) {
            404
        } else {
            200
        })
    }

    fn answer_hook(&mut self, path: &str) -> Reply {
        if !path.contains(&format!(
            "key={HOOK_KEY}&imgURL=docker%2Eio%2Fann%2Fbooks%40sha256"
        )) {
            return Reply::json(401, &json!({"message": path}));
        }
        if !self.is_hook_idle {
            self.deploy(letter(path));
        }
        Reply::json(200, &json!({"deploy": {"id": "dep-x"}}))
    }

    fn answer_site(&mut self, path: &str) -> Reply {
        // Render looks on where there is only a hook.
        for index in 0..self.deployed.len() {
            if path == "/healthz" && self.deployed[index].statuses.len() > 1 {
                self.look_at(index);
            }
        }
        let live = self.deployed.iter().rev();
        let Some(image) = live.clone().find(|one| one.statuses[0] == "live") else {
            return Reply::status(503);
        };
        let is_bad = self.bad.contains(&image.image);
        let commit = commit(image.image);
        let html = |body: &str| {
            Reply::Answer {
                status: 200,
                headers: vec![("content-type", "text/html; charset=utf-8".to_owned())],
                body: body.to_owned(),
            }
            .with("x-frame-options", "DENY")
        };
        match path {
            "/healthz" => Reply::json(200, &json!({"status": "ok", "commit": commit.as_str()})),
            "/" if is_bad => Reply::status(500),
            "/" => html(
                "<link rel=\"stylesheet\" href=\"/static/books.0123.css\"><h1>Welcome</h1>\
                 <a href=\"/books/\">all</a><a href=\"/books/7/\">one</a>",
            ),
            "/books/7/" => html("one book"),
            "/static/books.0123.css" => {
                html("body{}").with("cache-control", "public, max-age=31536000, immutable")
            }
            _ => Reply::status(404),
        }
    }
}

/// The letter of the image that a text names by its digest.
fn letter(text: &str) -> char {
    let (_, digits) = text.replace("%3A", ":").split_once("sha256:").map_or_else(
        || panic!("no digest in {text}"),
        |(name, digits)| (name.to_owned(), digits.to_owned()),
    );
    digits.chars().next().unwrap()
}
