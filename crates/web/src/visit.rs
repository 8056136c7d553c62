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
use crate::page::Cacheable;
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
pub struct VisitStore {
    /// The database with sessions and users.
    pub db: Database,
    /// What sessions and messages are signed with.
    pub keys: Keys,
}

/// The visit of one request; an extractor behind [`keep_visits`]. Clones share the visit.
#[derive(Clone)]
pub struct Visit(Arc<Mutex<VisitState>>);

/// The state of a visit, and what its answer has to change in the browser.
struct VisitState {
    visit_store: VisitStore,
    scheme: Scheme,
    /// The session key that the browser sent.
    sent_key: Option<SessionKey>,
    session: Option<Session>,
    /// The memory of the session's data, drafts of forms among it, counted until the request is
    /// answered.
    share: Option<Share>,
    user: Option<user::Model>,
    is_loaded: bool,
    session_cookie: CookieChange,
    secret: Option<CsrfSecret>,
    csrf_cookie: CookieChange,
    sent_messages: Option<String>,
    /// Messages of earlier requests that were not shown, then those of this request.
    messages: Vec<Message>,
    are_messages_read: bool,
    messages_cookie: CookieChange,
}

/// How the answer changes a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CookieChange {
    None,
    Set,
    Forget,
}

/// The layer: [`axum::middleware::from_fn_with_state`] with [`VisitStore`]. Its answers are never
/// cached (`Django 5.2 utils/cache.py`, `add_never_cache_headers`).
pub async fn keep_visits(
    State(visit_store): State<VisitStore>,
    mut request: Request,
    next: Next,
) -> Response {
    let visit = Visit(Arc::new(Mutex::new(VisitState::begin(
        visit_store,
        &request,
    ))));
    request.extensions_mut().insert(visit.clone());
    let mut response = next.run(request).await;
    let mut state = visit.0.lock().await;
    if let Err(error) = state.store_messages().await {
        // The page is right without them, so that the failure does not replace it.
        tracing::warn!(%error, "messages could not be kept");
    }
    if let Some(user) = &state.user {
        let id = UserId(user.id.to_string());
        response.extensions_mut().insert(id);
    }
    response.extensions_mut().remove::<Cacheable>();
    let headers = response.headers_mut();
    state.send_cookies(headers);
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
        let mut state = self.0.lock().await;
        state.load().await?;
        Ok(state.user.clone())
    }

    /// Logs a user in, with a new session key and a new CSRF secret.
    pub async fn log_in(&self, user: user::Model) -> Result<(), DbErr> {
        let mut state = self.0.lock().await;
        // An anonymous visitor's session keeps its content at a login, so it is loaded first.
        state.load().await?;
        let before = state.session.take();
        let VisitStore { db, keys } = &state.visit_store;
        let session = login::log_in(db, keys, before, &user).await?;
        state.session = Some(session);
        state.session_cookie = CookieChange::Set;
        state.user = Some(user);
        state.secret = Some(CsrfSecret::random());
        state.csrf_cookie = CookieChange::Set;
        Ok(())
    }

    /// Binds the session to the user's new password; every other session of the user ends.
    pub async fn keep_logged_in(&self, user: user::Model) -> Result<(), DbErr> {
        let mut state = self.0.lock().await;
        state.load().await?;
        state.renew_session(&user).await?;
        Ok(())
    }

    /// Ends the session, here and in the browser.
    pub async fn log_out(&self) -> Result<(), DbErr> {
        let mut state = self.0.lock().await;
        state.load().await?;
        state.end_session().await
    }

    /// The value that the session keeps under a name; `None` without a session.
    pub async fn get(&self, name: &str) -> Result<Option<Value>, DbErr> {
        let mut state = self.0.lock().await;
        state.load().await?;
        let session = state.session.as_ref();
        Ok(session.and_then(|session| session.data.get(name).cloned()))
    }

    /// Keeps a value in the session, which is in the database when this returns. Without a session
    /// nothing is kept.
    pub async fn keep(&self, name: &str, value: Value) -> Result<(), DbErr> {
        let mut state = self.0.lock().await;
        state.load().await?;
        let VisitStore { db, keys } = state.visit_store.clone();
        if let Some(session) = &mut state.session {
            session.data.insert(name, value);
            session::save(&db, &keys, session).await?;
        }
        Ok(())
    }

    /// Keeps a value as [`Visit::keep`] does. Where there is no session, one begins with it.
    pub async fn keep_anyway(&self, name: &str, value: Value) -> Result<(), DbErr> {
        let mut state = self.0.lock().await;
        state.load().await?;
        let VisitStore { db, keys } = state.visit_store.clone();
        if let Some(session) = &mut state.session {
            session.data.insert(name, value);
            session::save(&db, &keys, session).await?;
        } else {
            let mut data = session::Data::default();
            data.insert(name, value);
            state.session = Some(session::create(&db, &keys, data).await?);
            state.session_cookie = CookieChange::Set;
        }
        Ok(())
    }

    /// Forgets what the session keeps under a name.
    pub async fn forget(&self, name: &str) -> Result<(), DbErr> {
        let mut state = self.0.lock().await;
        state.load().await?;
        let VisitStore { db, keys } = state.visit_store.clone();
        if let Some(session) = &mut state.session
            && session.data.remove(name).is_some()
        {
            session::save(&db, &keys, session).await?;
        }
        Ok(())
    }

    /// A token for a form. The browser is sent the secret behind it.
    pub async fn csrf_token(&self) -> String {
        let mut state = self.0.lock().await;
        state.csrf_cookie = CookieChange::Set;
        state.secret.get_or_insert_with(CsrfSecret::random).token()
    }

    /// Whether a token is one of the secret that the browser sent.
    pub(crate) async fn csrf_matches(&self, token: &str) -> bool {
        let state = self.0.lock().await;
        let secret = state.secret.as_ref();
        secret.is_some_and(|secret| secret.matches(token))
    }

    /// Whether the browser sent a secret at all.
    pub(crate) async fn has_csrf_cookie(&self) -> bool {
        self.0.lock().await.secret.is_some()
    }

    /// Keeps a message for the next page that shows them; `level` is one of
    /// [`accounts::messages::level`].
    pub async fn add_message(&self, level: i64, text: String) -> Result<(), DbErr> {
        let mut state = self.0.lock().await;
        state.read_messages().await?;
        state.messages.push(Message {
            level,
            text,
            is_html: false,
            extra_tags: None,
        });
        Ok(())
    }

    /// The messages to show; they are not kept any longer.
    pub async fn take_messages(&self) -> Result<Vec<Message>, DbErr> {
        let mut state = self.0.lock().await;
        state.read_messages().await?;
        Ok(std::mem::take(&mut state.messages))
    }
}

impl VisitState {
    fn begin(visit_store: VisitStore, request: &Request) -> Self {
        let headers = request.headers();
        let scheme = request.extensions().get().copied();
        Self {
            visit_store,
            scheme: scheme.unwrap_or(Scheme::Http),
            sent_key: cookie::find(headers, SESSION_COOKIE).and_then(SessionKey::parse),
            session: None,
            share: request.extensions().get().map(Account::share),
            user: None,
            is_loaded: false,
            session_cookie: CookieChange::None,
            secret: cookie::find(headers, CSRF_COOKIE).and_then(CsrfSecret::parse),
            csrf_cookie: CookieChange::None,
            sent_messages: cookie::find(headers, MESSAGES_COOKIE).map(str::to_owned),
            messages: Vec::new(),
            are_messages_read: false,
            messages_cookie: CookieChange::None,
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
        let VisitStore { db, keys } = self.visit_store.clone();
        let loaded = session::load(&db, &keys, key).await?;
        self.is_loaded = true;
        let Some(loaded) = loaded else {
            // The session has expired, or the key is forged or of another site: the browser need
            // not send it again.
            self.session_cookie = CookieChange::Forget;
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
                self.renew_session(&user).await?;
            }
            Visitor::User { user, .. } => self.user = Some(user),
            Visitor::Stale => self.end_session().await?,
        }
        Ok(())
    }

    async fn renew_session(&mut self, user: &user::Model) -> Result<(), DbErr> {
        let Some(session) = self.session.take() else {
            return Ok(());
        };
        let VisitStore { db, keys } = &self.visit_store;
        self.session = login::keep_logged_in(db, keys, session, user).await?;
        // There is no session any more if another request has logged out meanwhile.
        if self.session.is_some() {
            self.user = Some(user.clone());
            self.session_cookie = CookieChange::Set;
        } else {
            self.user = None;
            self.session_cookie = CookieChange::Forget;
        }
        Ok(())
    }

    async fn end_session(&mut self) -> Result<(), DbErr> {
        if let Some(session) = self.session.take() {
            session::delete(&self.visit_store.db, &session.key).await?;
        }
        self.user = None;
        self.session_cookie = CookieChange::Forget;
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
        self.messages_cookie = CookieChange::Forget;
        let Some(found) = messages::find(&self.visit_store.keys, &sent) else {
            return Ok(());
        };
        self.messages = found.messages;
        // Messages that the cookie had no room for are in the session.
        if found.has_more {
            self.load().await?;
            if let Some(session) = &mut self.session {
                self.messages.extend(session.data.take_messages());
                session::save(&self.visit_store.db, &self.visit_store.keys, session).await?;
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
        let stored = messages::keep(&self.visit_store.keys, &self.messages, now());
        if !stored.rest.is_empty() {
            self.load().await?;
            if let Some(session) = &mut self.session {
                session.data.set_messages(&stored.rest);
                session::save(&self.visit_store.db, &self.visit_store.keys, session).await?;
            }
        }
        self.sent_messages = stored.cookie;
        self.messages_cookie = CookieChange::Set;
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
            (CookieChange::Set, Some(session)) => {
                let age = match session.data.lifetime(now()) {
                    Lifetime::Browser => None,
                    Lifetime::Age(age) => Some(age.num_seconds()),
                };
                of_server(SESSION_COOKIE, session.key.as_str(), age).set(headers);
            }
            (CookieChange::Forget, _) => cookie::forget(headers, SESSION_COOKIE, scheme),
            _ => {}
        }
        if let (CookieChange::Set, Some(secret)) = (self.csrf_cookie, &self.secret) {
            // Scripts may send it as a header: Django's `CSRF_COOKIE_HTTPONLY` is off.
            let cookie = Cookie {
                readable_by: ReadableBy::Scripts,
                ..of_server(CSRF_COOKIE, secret.as_str(), Some(CSRF_AGE_SECONDS))
            };
            cookie.set(headers);
        }
        match (self.messages_cookie, &self.sent_messages) {
            (CookieChange::Set, Some(value)) => {
                of_server(MESSAGES_COOKIE, value, None).set(headers);
            }
            (CookieChange::Forget, _) => cookie::forget(headers, MESSAGES_COOKIE, scheme),
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
