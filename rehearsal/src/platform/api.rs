//! The part of Render's API that deployments need, and the deploy hook
//! (api-docs.render.com; render.com/docs/deploy-hooks).

use serde_json::{Value, json};

use super::deploys::{Deploy, Status};
use super::state::Shared;
use crate::http::{Reply, Request};

/// Answers a request.
pub(super) fn answer(platform: &Shared, request: &Request) -> Reply {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let service = &platform.config.service;
    let words: Vec<&str> = path.trim_matches('/').split('/').collect();
    if let ["deploy", id] = words[..] {
        // The deploy hook needs no `Authorization`: its address contains the key.
        return if id == service && value(query, "key") == platform.config.key {
            order(platform, &value(query, "imgURL"), "deploy_hook")
        } else {
            refuse(404, "no such deploy hook")
        };
    }
    if request.authorization != format!("Bearer {}", platform.config.key) {
        return refuse(401, "unauthorized");
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    match (&*request.method, &words[..]) {
        (_, ["v1", "services", id, ..]) if id != service => refuse(404, "no such service"),
        ("GET", ["v1", "services", _]) => show_service(platform),
        ("GET", ["v1", "services", _, "deploys"]) => list(platform, query),
        ("GET", ["v1", "services", _, "deploys", id]) => show(platform, id),
        ("POST", ["v1", "services", _, "deploys"]) => {
            let image = body["imageUrl"].as_str().unwrap_or_default();
            order(platform, image, "api")
        }
        ("POST", ["v1", "services", _, "deploys", id, "cancel"]) => cancel(platform, id),
        ("POST", ["v1", "services", _, "rollback"]) => roll_back(platform, &body),
        _ => refuse(404, "no such address"),
    }
}

fn show_service(platform: &Shared) -> Reply {
    let port = platform.lock().proxy.port;
    let config = &platform.config;
    reply(
        200,
        &json!({
            "id": config.service,
            "name": "oc-lettings",
            "type": "web_service",
            "imagePath": format!("{}:latest", config.image),
            "suspended": "not_suspended",
            "serviceDetails": {
                "url": format!("http://127.0.0.1:{port}"),
                "healthCheckPath": config.template.health_path,
                "runtime": "image",
            },
        }),
    )
}

/// Lists deployments, the newest first. `cursor` is the last one of the page before.
fn list(platform: &Shared, query: &str) -> Reply {
    let limit = value(query, "limit").parse().unwrap_or(20);
    let cursor = value(query, "cursor");
    let state = platform.lock();
    let mut deploys = state.deploys.iter().rev();
    if !cursor.is_empty() {
        deploys.find(|deploy| deploy.id == cursor);
    }
    let page = deploys
        .take(limit)
        .map(|deploy| json!({ "deploy": deploy.to_json(), "cursor": deploy.id }));
    reply(200, &page.collect())
}

fn show(platform: &Shared, id: &str) -> Reply {
    let state = platform.lock();
    match state.deploys.iter().find(|deploy| deploy.id == id) {
        Some(deploy) => reply(200, &deploy.to_json()),
        None => refuse(404, "no such deploy"),
    }
}

/// Cancels a deployment that has not ended. The instance before it goes on.
fn cancel(platform: &Shared, id: &str) -> Reply {
    let mut state = platform.lock();
    match state.deploys.iter_mut().find(|deploy| deploy.id == id) {
        Some(deploy) if deploy.has_ended() => refuse(400, "the deploy has ended"),
        Some(deploy) => {
            deploy.end(Status::Canceled);
            reply(200, &deploy.to_json())
        }
        None => refuse(404, "no such deploy"),
    }
}

fn order(platform: &Shared, image: &str, trigger: &'static str) -> Reply {
    // As at Render, host, repository and name of the image must be those of the service.
    let is_ours = image
        .strip_prefix(&platform.config.image)
        .is_some_and(|rest| rest.starts_with('@') || rest.starts_with(':'));
    if !is_ours {
        return refuse(400, "the image is not the one of the service");
    }
    let mut state = platform.lock();
    let deploy = Deploy::new(state.deploys.len(), image.to_owned(), trigger);
    let json = deploy.to_json();
    state.deploys.push(deploy);
    drop(state);
    platform.wake.notify_all();
    reply(201, &json)
}

fn roll_back(platform: &Shared, body: &Value) -> Reply {
    let id = body["deployId"].as_str().unwrap_or_default();
    let state = platform.lock();
    let Some(deploy) = state.deploys.iter().find(|deploy| deploy.id == id) else {
        return refuse(404, "no such deploy");
    };
    let image = deploy.reference.clone();
    drop(state);
    order(platform, &image, "rollback")
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply {
        status,
        body: body.to_string(),
    }
}

fn refuse(status: u16, message: &str) -> Reply {
    reply(status, &json!({ "message": message }))
}

/// The value of a name in a query, decoded.
fn value(query: &str, name: &str) -> String {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(found, _)| *found == name);
    values
        .next()
        .map_or_else(String::new, |(_, value)| decode(value))
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(*first));
        rest = if code.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_query_are_decoded() {
        let query = "key=abc&imgURL=docker.io%2Fuser%2Fimage%40sha256%3A00&limit=5";
        assert_eq!(value(query, "imgURL"), "docker.io/user/image@sha256:00");
        assert_eq!(value(query, "limit"), "5");
        assert_eq!(value(query, "nothing"), "");
        assert_eq!(decode("100%"), "100%");
    }
}
