//! A stand-in for Render, for the registry and for the proxy in front of a real site: enough of
//! them for the command. What Render can do wrong is tried in the crate `deploy`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What every secret holds.
pub(crate) const MARKER: &str = "MARKER";
pub(crate) const KEY: &str = "rnd_MARKER-key";

/// A deployment: the letter that its digest and its commit are made of, and its status.
pub(crate) type FakeDeployment = (char, &'static str);

pub(crate) struct StandIn {
    pub(crate) address: String,
    state: Arc<Mutex<StandInState>>,
}

#[derive(Default)]
struct StandInState {
    /// The oldest first.
    deployed: Vec<FakeDeployment>,
    /// What becomes of the next deployment.
    next: &'static str,
    /// The site behind the proxy.
    site: Option<String>,
    has_image: bool,
    /// So many visitors more are told by the platform that nobody is awake.
    asleep: usize,
    /// Methods and paths.
    requests: Vec<String>,
}

impl StandIn {
    /// In front of a site, if there is one.
    pub(crate) fn start(
        deployed: &[FakeDeployment],
        next: &'static str,
        site: Option<&str>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = Arc::new(Mutex::new(StandInState {
            deployed: deployed.to_vec(),
            next,
            site: site.map(str::to_owned),
            has_image: true,
            asleep: 0,
            requests: Vec::new(),
        }));
        let (shared, own) = (Arc::clone(&state), address.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Each answer ends its connection.
                answer(stream, &shared, &own);
            }
        });
        Self { address, state }
    }

    pub(crate) fn fall_asleep(&self, visitors: usize) {
        self.state.lock().unwrap().asleep = visitors;
    }

    pub(crate) fn lose_image(&self) {
        self.state.lock().unwrap().has_image = false;
    }

    /// The name of an image in the stand-in's registry.
    pub(crate) fn image(&self, letter: char) -> String {
        format!("{}/ann/site@{}", self.address, digest(letter))
    }

    pub(crate) fn requests(&self, what: &str) -> usize {
        let state = self.state.lock().unwrap();
        let requests = state.requests.iter();
        requests.filter(|request| request.starts_with(what)).count()
    }
}

pub(crate) fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

pub(crate) fn commit(letter: char) -> String {
    letter.to_string().repeat(40)
}

fn answer(stream: TcpStream, state: &Mutex<StandInState>, own: &str) {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let mut words = head.split_whitespace();
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then_some(value)
    });
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let mut state = state.lock().unwrap();
    state.requests.push(format!("{method} {path}"));
    let body = String::from_utf8(body).unwrap();
    let is_known = head.contains(&format!("Bearer {KEY}\r\n"));
    let (status, text) = match path.strip_prefix("/v1/services/srv-1") {
        Some(_) if !is_known => (401, json!({"message": "Unauthorized"}).to_string()),
        Some(path) => (200, state.render(method, path, &body, own).to_string()),
        None if path.starts_with("/v2/") && state.has_image => (200, String::new()),
        None if path.starts_with("/v2/") => (404, String::new()),
        None if path.starts_with("/hook") => {
            state.deploy(path);
            (200, "{}".to_owned())
        }
        None => match state.visit(path) {
            Ok(text) => (200, text),
            Err(relayed) => {
                let _ = reader.get_mut().write_all(&relayed);
                return;
            }
        },
    };
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    );
    let _ = reader.get_mut().write_all(answer.as_bytes());
}

impl StandInState {
    fn render(&mut self, method: &str, path: &str, body: &str, own: &str) -> Value {
        if path.is_empty() {
            return json!({
                "name": "lettings",
                "imagePath": format!("{own}/ann/site:latest"),
                "suspended": "not_suspended",
                "serviceDetails": {"url": format!("http://{own}")},
            });
        }
        if method == "POST" {
            self.deploy(body);
            return self.show(self.deployed.len() - 1);
        }
        if path.starts_with("/deploys?") {
            let newest_first = (0..self.deployed.len()).rev();
            let listed = newest_first.map(|index| json!({"deploy": self.show(index)}));
            return listed.collect::<Vec<_>>().into();
        }
        let number: usize = path.rsplit('-').next().unwrap().parse().unwrap();
        self.show(number - 1)
    }

    fn deploy(&mut self, text: &str) {
        let text = text.replace("%3A", ":");
        let (_, digits) = text.split_once("sha256:").unwrap();
        if self.next == "live" {
            for (_, status) in &mut self.deployed {
                *status = "deactivated";
            }
        }
        let letter = digits.chars().next().unwrap();
        self.deployed.push((letter, self.next));
    }

    fn show(&self, index: usize) -> Value {
        let (image, status) = self.deployed[index];
        json!({
            "id": format!("dep-{}", index + 1),
            "status": status,
            "image": {"ref": format!("x/y@{}", digest(image))},
            "trigger": "api",
            "createdAt": format!("2026-11-24T14:{index:02}:00Z"),
            "finishedAt": null,
        })
    }

    /// What a visitor gets: the commit of what is live, all else from the site.
    fn visit(&mut self, path: &str) -> Result<String, Vec<u8>> {
        if let Some(left) = self.asleep.checked_sub(1) {
            self.asleep = left;
            return Err(
                b"HTTP/1.1 502 X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec(),
            );
        }
        let mut deployed = self.deployed.iter();
        let live = deployed.find(|(_, status)| *status == "live");
        if let (Some((letter, _)), "/healthz") = (live, path) {
            return Ok(json!({"status": "ok", "commit": commit(*letter)}).to_string());
        }
        let Some(site) = &self.site else {
            return Err(
                b"HTTP/1.1 503 X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_vec(),
            );
        };
        let mut stream = TcpStream::connect(site).unwrap();
        let request = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut relayed = Vec::new();
        stream.read_to_end(&mut relayed).unwrap();
        Err(relayed)
    }
}
