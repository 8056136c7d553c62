//! A visit: the user of a request, and what is kept for the next request, in Django's cookies.
//!
//! Nothing is read from the database until a handler asks, so that a route behind [`keep_visits`]
//! costs a visitor without a session nothing. What a handler changes is in the database before its
//! answer is made. The layer sends the cookies, and keeps messages that were not shown.

use std::fmt;
use std::sync::Arc;

use accounts::csrf::CsrfSecret;
use accounts::login::{self, Visitor};
use accounts::messages::{self, Message};
use accounts::session::{self, Lifetime, Session, SessionKey};
use accounts::signing::Keys;
use accounts::user;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use db::datetime::now;
use db::{Database, DbErr};
use http::header::{CACHE_CONTROL, EXPIRES, VARY};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use server::{Account, Share};
use tokio::sync::Mutex;

use crate::cookie::{self, Cookie, ReadableBy};
use crate::error::Error;
use crate::forwarded::Scheme;
use crate::request_log::UserId;

/// Django's `SESSION_COOKIE_NAME`.
pub const SESSION_COOKIE: &str = "sessionid";
/// Django's `CSRF_COOKIE_NAME`.
pub const CSRF_COOKIE: &str = "csrftoken";
/// The cookie of Django's message storage.
pub const MESSAGES_COOKIE: &str = "messages";

/// Django's `CSRF_COOKIE_AGE`: a year of 52 weeks.
const CSRF_AGE_SECONDS: i64 = 60 * 60 * 24 * 7 * 52;

/// Where visits are kept; cheap to clone.
#[derive(Debug, Clone)]
pub struct Visits {
    /// The database with sessions and users.
    pub db: Database,
    /// What sessions and messages are signed with.
    pub keys: Keys,
}

/// The visit of one request; an extractor behind [`keep_visits`]. Clones share the visit.
#[derive(Clone)]
pub struct Visit(Arc<Mutex<Kept>>);

/// The state of a visit, and what its answer has to change in the browser.
struct Kept {
    visits: Visits,
    scheme: Scheme,
    /// The session key that the browser sent.
    sent_key: Option<SessionKey>,
    session: Option<Session>,
    /// The memory of the session's data, drafts of forms among it, counted until the request is
    /// answered.
    share: Option<Share>,
    user: Option<user::Model>,
    is_loaded: bool,
    session_cookie: Change,
    secret: Option<CsrfSecret>,
    csrf_cookie: Change,
    sent_messages: Option<String>,
    /// Messages of earlier requests that were not shown, then those of this request.
    messages: Vec<Message>,
    are_messages_read: bool,
    messages_cookie: Change,
}

/// How the answer changes a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    Set,
    Forget,
}

/// The layer: [`axum::middleware::from_fn_with_state`] with [`Visits`]. Its answers are never
/// cached (`Django 5.2 utils/cache.py`, `add_never_cache_headers`).
pub async fn keep_visits(
    State(visits): State<Visits>,
    mut request: Request,
    next: Next,
) -> Response {
    let visit = Visit(Arc::new(Mutex::new(Kept::begin(visits, &request))));
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;
    let mut kept = visit.0.lock().await;
    if let Err(error) = kept.store_messages().await {
        // The page is right without them, so that the failure does not replace it.
        tracing::warn!(%error, "messages could not be kept");
    }
    if let Some(user) = &kept.user {
        let id = UserId(user.id.to_string());
        response.extensions_mut().insert(id);
    }
    let headers = response.headers_mut();
    kept.send_cookies(headers);
    let never = "max-age=0, no-cache, no-store, must-revalidate, private";
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(never));
    let past = HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT");
    headers.insert(EXPIRES, past);
    headers.append(VARY, HeaderValue::from_static("Cookie"));
    response
}

impl Visit {
    /// The user who is logged in.
    pub async fn user(&self) -> Result<Option<user::Model>, DbErr> {
        let mut kept = self.0.lock().await;
        kept.load().await?;
        Ok(kept.user.clone())
    }

    /// Logs a user in, with a new session key and a new CSRF secret.
    pub async fn log_in(&self, user: user::Model) -> Result<(), DbErr> {
        let mut kept = self.0.lock().await;
        // An anonymous visitor's session keeps its content at a login, so it is loaded first.
        kept.load().await?;
        let before = kept.session.take();
        let Visits { db, keys } = &kept.visits;
        let session = login::log_in(db, keys, before, &user).await?;
        kept.session = Some(session);
        kept.session_cookie = Change::Set;
        kept.user = Some(user);
        kept.secret = Some(CsrfSecret::random());
        kept.csrf_cookie = Change::Set;
        Ok(())
    }

    /// Binds the session to the user's new password; every other session of the user ends.
    pub async fn keep_logged_in(&self, user: user::Model) -> Result<(), DbErr> {
        let mut kept = self.0.lock().await;
        kept.load().await?;
        kept.renew(&user).await?;
        Ok(())
    }

    /// Ends the session, here and in the browser.
    pub async fn log_out(&self) -> Result<(), DbErr> {
        let mut kept = self.0.lock().await;
        kept.load().await?;
        kept.end().await
    }

    /// The value that the session keeps under a name; `None` without a session.
    pub async fn get(&self, name: &str) -> Result<Option<Value>, DbErr> {
        let mut kept = self.0.lock().await;
        kept.load().await?;
        let session = kept.session.as_ref();
        Ok(session.and_then(|session| session.data.get(name).cloned()))
    }

    /// Keeps a value in the session, which is in the database when this returns. Without a session
    /// nothing is kept.
    pub async fn keep(&self, name: &str, value: Value) -> Result<(), DbErr> {
        let mut kept = self.0.lock().await;
        kept.load().await?;
        let Visits { db, keys } = kept.visits.clone();
        if let Some(session) = &mut kept.session {
            session.data.insert(name, value);
            session::save(&db, &keys, session).await?;
        }
        Ok(())
    }

    /// A token for a form. The browser is sent the secret behind it.
    pub async fn csrf_token(&self) -> String {
        let mut kept = self.0.lock().await;
        kept.csrf_cookie = Change::Set;
        kept.secret.get_or_insert_with(CsrfSecret::random).token()
    }

    /// Whether a token is one of the secret that the browser sent.
    pub(crate) async fn csrf_matches(&self, token: &str) -> bool {
        let kept = self.0.lock().await;
        let secret = kept.secret.as_ref();
        secret.is_some_and(|secret| secret.matches(token))
    }

    /// Whether the browser sent a secret at all.
    pub(crate) async fn has_csrf_cookie(&self) -> bool {
        self.0.lock().await.secret.is_some()
    }

    /// Keeps a message for the next page that shows them; `level` is one of
    /// [`accounts::messages::level`].
    pub async fn add_message(&self, level: i64, text: String) -> Result<(), DbErr> {
        let mut kept = self.0.lock().await;
        kept.read_messages().await?;
        kept.messages.push(Message {
            level,
            text,
            is_html: false,
            extra_tags: None,
        });
        Ok(())
    }

    /// The messages to show; they are not kept any longer.
    pub async fn take_messages(&self) -> Result<Vec<Message>, DbErr> {
        let mut kept = self.0.lock().await;
        kept.read_messages().await?;
        Ok(std::mem::take(&mut kept.messages))
    }
}

impl Kept {
    fn begin(visits: Visits, request: &Request) -> Self {
        let headers = request.headers();
        let scheme = request.extensions().get().copied();
        Self {
            visits,
            scheme: scheme.unwrap_or(Scheme::Http),
            sent_key: cookie::find(headers, SESSION_COOKIE).and_then(SessionKey::parse),
            session: None,
            share: request.extensions().get().map(Account::share),
            user: None,
            is_loaded: false,
            session_cookie: Change::None,
            secret: cookie::find(headers, CSRF_COOKIE).and_then(CsrfSecret::parse),
            csrf_cookie: Change::None,
            sent_messages: cookie::find(headers, MESSAGES_COOKIE).map(str::to_owned),
            messages: Vec::new(),
            are_messages_read: false,
            messages_cookie: Change::None,
        }
    }

    /// Finds the session and its user, once.
    async fn load(&mut self) -> Result<(), DbErr> {
        if self.is_loaded {
            return Ok(());
        }
        let Some(key) = self.sent_key.clone() else {
            self.is_loaded = true;
            return Ok(());
        };
        let Visits { db, keys } = self.visits.clone();
        let loaded = session::load(&db, &keys, key).await?;
        self.is_loaded = true;
        let Some(loaded) = loaded else {
            // The session has expired, or the key is forged or of another site: the browser need
            // not send it again.
            self.session_cookie = Change::Forget;
            return Ok(());
        };
        if let Some(share) = &mut self.share {
            share.add(loaded.session.data.size_bytes());
        }
        let visitor = login::visitor_of(&db, &keys, &loaded.session).await?;
        self.session = Some(loaded.session);
        match visitor {
            Visitor::Anonymous => {}
            Visitor::User { user, must_renew } if must_renew || loaded.must_renew => {
                self.renew(&user).await?;
            }
            Visitor::User { user, .. } => self.user = Some(user),
            Visitor::Stale => self.end().await?,
        }
        Ok(())
    }

    async fn renew(&mut self, user: &user::Model) -> Result<(), DbErr> {
        let Some(session) = self.session.take() else {
            return Ok(());
        };
        let Visits { db, keys } = &self.visits;
        self.session = login::keep_logged_in(db, keys, session, user).await?;
        // There is no session any more if another request has logged out meanwhile.
        if self.session.is_some() {
            self.user = Some(user.clone());
            self.session_cookie = Change::Set;
        } else {
            self.user = None;
            self.session_cookie = Change::Forget;
        }
        Ok(())
    }

    async fn end(&mut self) -> Result<(), DbErr> {
        if let Some(session) = self.session.take() {
            session::delete(&self.visits.db, &session.key).await?;
        }
        self.user = None;
        self.session_cookie = Change::Forget;
        Ok(())
    }

    /// Reads the messages that earlier requests left, once.
    async fn read_messages(&mut self) -> Result<(), DbErr> {
        if self.are_messages_read {
            return Ok(());
        }
        self.are_messages_read = true;
        let Some(sent) = self.sent_messages.take() else {
            return Ok(());
        };
        // The cookie has been read. It is sent again only if messages stay unshown.
        self.messages_cookie = Change::Forget;
        let Some(found) = messages::find(&self.visits.keys, &sent) else {
            return Ok(());
        };
        self.messages = found.messages;
        // Messages that the cookie had no room for are in the session.
        if found.has_more {
            self.load().await?;
            if let Some(session) = &mut self.session {
                self.messages.extend(session.data.take_messages());
                session::save(&self.visits.db, &self.visits.keys, session).await?;
            }
        }
        Ok(())
    }

    /// Puts messages that were not shown into the cookie, and those that it has no room for into
    /// the session.
    async fn store_messages(&mut self) -> Result<(), DbErr> {
        if !self.are_messages_read || self.messages.is_empty() {
            return Ok(());
        }
        let kept = messages::keep(&self.visits.keys, &self.messages, now());
        if !kept.rest.is_empty() {
            self.load().await?;
            if let Some(session) = &mut self.session {
                session.data.set_messages(&kept.rest);
                session::save(&self.visits.db, &self.visits.keys, session).await?;
            }
        }
        self.sent_messages = kept.cookie;
        self.messages_cookie = Change::Set;
        Ok(())
    }

    fn send_cookies(&self, headers: &mut HeaderMap) {
        let scheme = self.scheme;
        let of_server = |name, value, max_age_seconds| Cookie {
            name,
            value,
            path: "/",
            max_age_seconds,
            readable_by: ReadableBy::Server,
            scheme,
        };
        match (self.session_cookie, &self.session) {
            (Change::Set, Some(session)) => {
                let age = match session.data.lifetime(now()) {
                    Lifetime::Browser => None,
                    Lifetime::Age(age) => Some(age.num_seconds()),
                };
                of_server(SESSION_COOKIE, session.key.as_str(), age).set(headers);
            }
            (Change::Forget, _) => cookie::forget(headers, SESSION_COOKIE, scheme),
            _ => {}
        }
        if let (Change::Set, Some(secret)) = (self.csrf_cookie, &self.secret) {
            // Scripts may send it as a header: Django's `CSRF_COOKIE_HTTPONLY` is off.
            let cookie = Cookie {
                readable_by: ReadableBy::Scripts,
                ..of_server(CSRF_COOKIE, secret.as_str(), Some(CSRF_AGE_SECONDS))
            };
            cookie.set(headers);
        }
        match (self.messages_cookie, &self.sent_messages) {
            (Change::Set, Some(value)) => of_server(MESSAGES_COOKIE, value, None).set(headers),
            (Change::Forget, _) => cookie::forget(headers, MESSAGES_COOKIE, scheme),
            _ => {}
        }
    }
}

impl fmt::Debug for Visit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Visit(…)")
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let visit = parts.extensions.get().cloned();
        visit.ok_or_else(|| Error::Internal(anyhow::anyhow!("the address keeps no visits")))
    }
}
