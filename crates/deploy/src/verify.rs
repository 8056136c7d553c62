//! A site as its visitors see it: does it answer as the right commit, with the pages, files and
//! headers that are expected of it, in time? What is expected comes in as data.

mod html;
pub mod table;

use std::time::Duration;

use serde_json::Value;

use crate::clock::{Interrupted, seconds};
use crate::context::{Context, Event};
use crate::http::{
    Backoff, Client, Failure, HttpRequest, HttpResponse, NoResponse, TransientFailure,
};
use crate::image::Commit;

use self::table::{Row, Table, Verdict};

/// What is expected of a site.
#[derive(Debug, Clone)]
pub struct Expectations {
    /// Its address: scheme and host.
    pub url: String,
    /// The commit that it has to answer with; `None` if any will do.
    pub commit: Option<Commit>,
    /// The path at which it tells its commit, as the member `commit` of a JSON object.
    pub health_path: &'static str,
    /// Headers that are sent along.
    pub request_headers: &'static [(&'static str, &'static str)],
    /// The checks, in this order.
    pub checks: Vec<Check>,
}

/// A check of what is at one address.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its name in the table.
    pub name: &'static str,
    /// The address.
    pub address: Address,
    /// The expected status.
    pub status: u16,
    /// What is expected of the body.
    pub body: Vec<BodyExpectation>,
    /// What is expected of headers.
    pub headers: Vec<(&'static str, HeaderExpectation)>,
    /// How long the answer may take.
    pub budget: Duration,
    /// What it means if nothing is there.
    pub absence: Absence,
}

impl Check {
    /// Expects 200, with any body and any headers.
    pub fn new(name: &'static str, address: Address, budget: Duration) -> Self {
        Self {
            name,
            address,
            status: 200,
            body: Vec::new(),
            headers: Vec::new(),
            budget,
            absence: Absence::Fails,
        }
    }

    /// Whether 404 is a good answer. It never is at an address to which a page links.
    fn may_be_missing(&self) -> bool {
        self.absence == Absence::Passes && matches!(self.address, Address::Path(_))
    }
}

/// Where a check looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// At this path.
    Path(&'static str),
    /// At the first link of a page that goes on behind a prefix.
    FirstLink {
        /// The path of the page.
        page: &'static str,
        /// What the link begins with.
        prefix: &'static str,
    },
    /// At the stylesheet of a page.
    Stylesheet {
        /// The path of the page.
        page: &'static str,
    },
}

/// What is expected of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyExpectation {
    /// It holds this text.
    Contains(&'static str),
    /// There is something in it.
    NotEmpty,
    /// It is a JSON object with the right `commit`.
    HasCommit,
}

/// What is expected of a header's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderExpectation {
    /// Exactly this.
    Equals(&'static str),
    /// It holds this text.
    Contains(&'static str),
}

/// What it means if nothing is there: 404 at a path, or no link on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The check fails.
    Fails,
    /// The check passes.
    Passes,
}

/// Checks a site, and repeats the checks that fail until `Limits::settling` is over.
///
/// The commit comes first, for which it waits as long as `commit_timeout`: while another commit
/// answers, the checks say nothing of the release.
pub fn verify(
    ctx: Context<'_>,
    expectations: &Expectations,
    commit_timeout: Duration,
) -> Result<Table, Interrupted> {
    (ctx.observe)(&Event::Verifying {
        url: &expectations.url,
    });
    let client = Client::new();
    let site = SiteClient {
        ctx,
        expectations,
        client: &client,
    };
    let is_right = site.await_commit(commit_timeout)?;
    let mut rows = Vec::new();
    for check in &expectations.checks {
        ctx.clock.wait(Duration::ZERO)?;
        rows.push(site.run_check(check));
    }
    let start = ctx.clock.now();
    let is_failed = |rows: &[Row]| rows.iter().any(Row::is_failed);
    let is_over = || ctx.clock.now().saturating_sub(start) >= ctx.limits.settling;
    // While another commit answers, to repeat the checks would say nothing of the release.
    if is_right && is_failed(&rows) && !is_over() {
        for row in rows.iter().filter(|row| row.is_failed()) {
            (ctx.observe)(&Event::FailedForNow(row));
        }
        while is_failed(&rows) && !is_over() {
            ctx.clock.wait(ctx.limits.check_interval)?;
            for (row, check) in rows.iter_mut().zip(&expectations.checks) {
                if row.is_failed() {
                    *row = site.run_check(check);
                }
            }
        }
    }
    let table = Table { rows };
    (ctx.observe)(&Event::Verified(&table));
    Ok(table)
}

/// The commit that a site answers with, asked once; `None` if it does not tell.
pub fn running_commit(ctx: Context<'_>, expectations: &Expectations) -> Option<Commit> {
    let client = Client::new();
    let site = SiteClient {
        ctx,
        expectations,
        client: &client,
    };
    site.read_commit().ok()
}

/// What a site answers when it is asked for its commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WakeResult {
    /// The commit that it answers with.
    Commit(Commit),
    /// It answers, and tells no commit.
    NoCommit,
    /// It does not answer. The reason is to be read after the host. What is live is not known.
    Silent(String),
}

/// Asks a site for its commit, and repeats that as long as it may be asleep. A platform stops a
/// site that nobody visits. Until it is awake again, the next visitor has to wait, or gets an error
/// of the platform. A host that cannot be reached has no such platform: it is asked once.
pub fn wake(ctx: Context<'_>, expectations: &Expectations) -> Result<WakeResult, Interrupted> {
    let client = Client::new();
    let site = SiteClient {
        ctx,
        expectations,
        client: &client,
    };
    let request = site.request(expectations.health_path);
    let mut backoff = Backoff::new(ctx, request.host());
    loop {
        ctx.clock.wait(Duration::ZERO)?;
        let transient_failure = match client.send(&request, ctx.limits.request) {
            Ok(response) => {
                match TransientFailure::of(&response).filter(|_| is_of_platform(&response)) {
                    Some(transient_failure) => Ok(transient_failure),
                    None => {
                        return Ok(match commit_in(&response.body) {
                            Ok(commit) if response.status == 200 => WakeResult::Commit(commit),
                            _ => WakeResult::NoCommit,
                        });
                    }
                }
            }
            Err(NoResponse::Lost(why)) => backoff.transient_failure(NoResponse::Lost(why)),
            Err(no_response) => return Ok(WakeResult::Silent(no_response.to_string())),
        };
        match transient_failure.and_then(|transient_failure| backoff.pause(transient_failure)) {
            Ok(()) => {}
            Err(Failure::Interrupted(interrupted)) => return Err(interrupted),
            Err(Failure::Unavailable { why, elapsed, .. }) => {
                let silence = format!("{why}, even after {}", seconds(elapsed));
                return Ok(WakeResult::Silent(silence));
            }
            Err(failure) => return Ok(WakeResult::Silent(failure.to_string())),
        }
    }
}

/// Whether an answer may come from what stands in front of a site: the statuses of gateways (RFC
/// 9110, 15.6) and those of Cloudflare, which stands in front of Render.
fn is_of_platform(response: &HttpResponse) -> bool {
    matches!(response.status, 429 | 502..=504 | 520..=530)
}

struct SiteClient<'a> {
    ctx: Context<'a>,
    expectations: &'a Expectations,
    client: &'a Client,
}

/// The text that says what is missing on a page.
struct MissingLink(String);

impl SiteClient<'_> {
    /// Whether the right commit answers before the timeout is over.
    fn await_commit(&self, commit_timeout: Duration) -> Result<bool, Interrupted> {
        let Some(commit) = &self.expectations.commit else {
            return Ok(true);
        };
        let start = self.ctx.clock.now();
        loop {
            self.ctx.clock.wait(Duration::ZERO)?;
            let response = match self.read_commit() {
                Ok(running) if running.is_same_as(commit) => return Ok(true),
                Ok(running) => format!("the site answers as {running}"),
                Err(why) => format!("the site {why}"),
            };
            let elapsed = self.ctx.clock.now().saturating_sub(start);
            if elapsed >= commit_timeout {
                return Ok(false);
            }
            (self.ctx.observe)(&Event::AwaitingCommit {
                commit,
                response: &response,
                elapsed,
            });
            self.ctx.clock.wait(self.ctx.limits.check_interval)?;
        }
    }

    fn read_commit(&self) -> Result<Commit, String> {
        let response = self.get(self.expectations.health_path, self.ctx.limits.request)?;
        if response.status != 200 {
            return Err(format!("answered {}", response.status));
        }
        commit_in(&response.body)
    }

    fn get(&self, path: &str, limit: Duration) -> Result<HttpResponse, String> {
        let response = self.client.send(&self.request(path), limit);
        response.map_err(|no_response| no_response.to_string())
    }

    fn request(&self, path: &str) -> HttpRequest<'_> {
        let url = format!("{}{path}", self.expectations.url.trim_end_matches('/'));
        HttpRequest {
            headers: self.expectations.request_headers,
            ..HttpRequest::get(&url)
        }
    }

    fn run_check(&self, check: &Check) -> Row {
        let row = |address: String, took, verdict| Row {
            name: check.name,
            address,
            took,
            verdict,
        };
        let path = match self.find(check) {
            Ok(Ok(path)) => path,
            Ok(Err(MissingLink(what))) => {
                let verdict = match check.absence {
                    Absence::Passes => Verdict::Absent(what),
                    Absence::Fails => Verdict::Failed(what),
                };
                return row("-".to_owned(), Duration::ZERO, verdict);
            }
            Err(why) => return row("-".to_owned(), Duration::ZERO, Verdict::Failed(why)),
        };
        let start = self.ctx.clock.now();
        let response = self.get(&path, check.budget);
        let took = self.ctx.clock.now().saturating_sub(start);
        let verdict = match response {
            Err(why) => Verdict::Failed(why),
            Ok(response) if response.status == 404 && check.may_be_missing() => {
                Verdict::Absent("there is none".to_owned())
            }
            Ok(response) => match self.judge(check, &response) {
                Ok(()) => Verdict::Passed,
                Err(why) => Verdict::Failed(why),
            },
        };
        row(path, took, verdict)
    }

    /// The path of a check, which may be in a link: then the page is read first.
    fn find(&self, check: &Check) -> Result<Result<String, MissingLink>, String> {
        let (page, of_page): (_, fn(&str, &str) -> Option<String>) = match check.address {
            Address::Path(path) => return Ok(Ok(path.to_owned())),
            Address::FirstLink { page, .. } => (page, html::first_link),
            Address::Stylesheet { page } => (page, |page, _| html::stylesheet(page)),
        };
        let prefix = match check.address {
            Address::FirstLink { prefix, .. } => prefix,
            _ => "",
        };
        let response = self.get(page, check.budget);
        let response = response.map_err(|why| format!("{page} {why}"))?;
        if response.status != 200 {
            return Err(format!("{page} answered {}", response.status));
        }
        match of_page(&response.body, prefix) {
            Some(link) if link.starts_with('/') && !link.starts_with("//") => Ok(Ok(link)),
            Some(_) => Err(format!("the link on {page} leads to another host")),
            None if prefix.is_empty() => Ok(Err(MissingLink(format!("{page} has no stylesheet")))),
            None => Ok(Err(MissingLink(format!(
                "{page} has no link below {prefix}"
            )))),
        }
    }

    fn judge(&self, check: &Check, response: &HttpResponse) -> Result<(), String> {
        if response.status != check.status {
            return Err(format!(
                "answered {} in place of {}",
                response.status, check.status
            ));
        }
        for body in &check.body {
            self.judge_body(*body, &response.body)?;
        }
        for (name, expected) in &check.headers {
            let value = response.headers.get(*name);
            let value = value.map(|value| String::from_utf8_lossy(value.as_bytes()));
            judge_header(name, *expected, value.as_deref())?;
        }
        Ok(())
    }

    fn judge_body(&self, expected: BodyExpectation, body: &str) -> Result<(), String> {
        match expected {
            BodyExpectation::Contains(text) if !body.contains(text) => {
                Err(format!("does not hold `{text}`"))
            }
            BodyExpectation::NotEmpty if body.is_empty() => Err("is empty".to_owned()),
            BodyExpectation::HasCommit => match &self.expectations.commit {
                None => Ok(()),
                Some(commit) => match commit_in(body)? {
                    told if told.is_same_as(commit) => Ok(()),
                    told => Err(format!("answers as {told} in place of {commit}")),
                },
            },
            BodyExpectation::Contains(_) | BodyExpectation::NotEmpty => Ok(()),
        }
    }
}

fn judge_header(
    name: &str,
    expected: HeaderExpectation,
    value: Option<&str>,
) -> Result<(), String> {
    let Some(value) = value else {
        return Err(format!("has no header `{name}`"));
    };
    match expected {
        HeaderExpectation::Equals(text) if value != text => {
            Err(format!("has `{name}: {value}` in place of `{text}`"))
        }
        HeaderExpectation::Contains(text) if !value.contains(text) => {
            Err(format!("has `{name}: {value}` without `{text}`"))
        }
        HeaderExpectation::Equals(_) | HeaderExpectation::Contains(_) => Ok(()),
    }
}

fn commit_in(body: &str) -> Result<Commit, String> {
    let json: Option<Value> = serde_json::from_str(body).ok();
    let told = json.as_ref().and_then(|json| json.get("commit")?.as_str());
    let told = told.ok_or("does not tell its commit")?;
    told.parse()
        .map_err(|_| "does not know its commit".to_owned())
}
