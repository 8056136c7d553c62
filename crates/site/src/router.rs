//! Every public address, and the layers that every request passes.

use std::sync::Arc;

use anyhow::Context as _;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use server::Limits;
use web::compression::compress_pages;
use web::error_page::show_error_pages;
use web::forwarded::read_forwarded;
use web::headers::set_security_headers;
use web::host::{check_host, check_host_is_single};
use web::page::Cacheable;
use web::page_cache::cache_pages;
use web::panic::catch_panics;
use web::request_limits::{BodyLimits, RequestLimits, limit_requests};
use web::request_log::log_requests;
use web::slash::RouterExt as _;

use crate::addresses::STATIC_ROUTE;
use crate::domain::letting::LettingId;
use crate::domain::profile::Username;
use crate::drafts::read_visits;
use crate::emails::decide_on_emails;
use crate::front::{Front, show_file_error};
use crate::pages::admin;
use crate::pages::admin::photo_upload::{PHOTO_UPLOAD, UPLOAD_BYTES};
use crate::pages::calendar_file::{CALENDAR_FILE, show_calendar_file};
use crate::pages::components::show_components;
use crate::pages::enquiry::{self, send_enquiry, show_enquiry};
use crate::pages::enquiry_thanks::show_enquiry_thanks;
use crate::pages::error::error_pages;
use crate::pages::feed::{self, show_feed};
use crate::pages::health::{show_health, show_readiness};
use crate::pages::home::show_home;
use crate::pages::icon::show_icon;
use crate::pages::language::set_language;
use crate::pages::legal_text::{show_legal, show_privacy, show_terms};
use crate::pages::letting_detail::show_letting;
use crate::pages::letting_list::list_lettings;
use crate::pages::metrics::show_metrics;
use crate::pages::photo::show_photo;
use crate::pages::picture::show_picture;
use crate::pages::place::{PlaceParts, show_place};
use crate::pages::profile_detail::show_profile;
use crate::pages::profile_list::list_profiles;
use crate::pages::robots::show_robots;
use crate::pages::sitemap::show_sitemap;
use crate::pages::suggestions::suggest_names;
use crate::settings::Settings;
use crate::state::AppState;

/// The most that a form holds that anybody may send, in bytes.
const PUBLIC_FORM_BYTES: usize = 16 * 1024;

/// The most that an enquiry holds, in bytes.
const ENQUIRY_BYTES: usize = 32 * 1024;

/// The most that a form of staff holds, in bytes: a thousand fields, and long texts in two
/// languages.
const STAFF_FORM_BYTES: usize = 256 * 1024;

/// The most bytes that each route reads of a request's body. A route that is not listed reads none.
const BODY_LIMITS: BodyLimits = &[
    ("/i18n/setlang/", PUBLIC_FORM_BYTES),
    (enquiry::PATH, ENQUIRY_BYTES),
    ("/en/lettings/{id}/enquiry/", ENQUIRY_BYTES),
    ("/fr/lettings/{id}/enquiry/", ENQUIRY_BYTES),
    ("/admin/login/", PUBLIC_FORM_BYTES),
    ("/admin/logout/", PUBLIC_FORM_BYTES),
    ("/admin/password_change/", PUBLIC_FORM_BYTES),
    ("/admin/password_reset/", PUBLIC_FORM_BYTES),
    ("/admin/reset/*", PUBLIC_FORM_BYTES),
    // Only staff may send this much, and in pieces.
    (PHOTO_UPLOAD, UPLOAD_BYTES),
    // Only staff may send this much: the sender is checked before the body is read.
    ("/admin/*", STAFF_FORM_BYTES),
];

/// The addresses of the site that are there once, whatever the language.
fn routes() -> Router<AppState> {
    Router::new()
        .page::<()>("/i18n/setlang/", post(set_language))
        .route("/pictures/{version}/{name}", get(show_picture))
        .route("/photos/{content}/{name}", get(show_photo))
        .route(CALENDAR_FILE, get(show_calendar_file))
        .route("/robots.txt", get(show_robots))
        .route("/sitemap.xml", get(show_sitemap))
        .route("/favicon.ico", get(show_icon))
        .route("/metrics", get(show_metrics))
}

/// The public pages, at addresses that begin with `prefix`: with a language, or with nothing where the
/// reader decides on it.
fn public_pages(prefix: &str, app: &AppState) -> Router<AppState> {
    let profile = get(show_profile).route_layer(from_fn_with_state(app.clone(), decide_on_emails));
    let letting = get(show_letting).route_layer(from_fn_with_state(app.clone(), read_visits));
    let at = |path: &str| format!("{prefix}{path}");
    Router::new()
        .page::<()>(&at("/lettings/"), get(list_lettings))
        .route(&at(feed::PATH), get(show_feed))
        .page::<()>(&at("/lettings/suggest/"), get(suggest_names))
        .page::<LettingId>(&at("/lettings/{id}/"), letting)
        .page::<PlaceParts>(&at("/lettings/in/{country}/"), get(show_place))
        .page::<PlaceParts>(&at("/lettings/in/{country}/{state}/"), get(show_place))
        .page::<PlaceParts>(
            &at("/lettings/in/{country}/{state}/{city}/"),
            get(show_place),
        )
        .page::<()>(&at("/profiles/"), get(list_profiles))
        .page::<Username>(&at("/profiles/{username}/"), profile)
        .page::<LettingId>(&at(enquiry::PATH), get(show_enquiry).post(send_enquiry))
        .page::<LettingId>(
            &at("/lettings/{id}/enquiry/thanks/"),
            get(show_enquiry_thanks),
        )
        .page::<()>(&at("/privacy/"), get(show_privacy))
        .page::<()>(&at("/legal/"), get(show_legal))
        .page::<()>(&at("/terms/"), get(show_terms))
}

/// The addresses of the site, and in debug mode the page of all components.
fn all_routes(settings: &Settings, app: &AppState) -> Router<AppState> {
    let mut routes = routes()
        .route("/", get(show_home))
        .merge(public_pages("", app))
        .merge(admin::routes(settings, app));
    for language in app.languages.known() {
        let prefix = format!("/{language}");
        routes = routes
            .page::<()>(&format!("{prefix}/"), get(show_home))
            .merge(public_pages(&prefix, app));
    }
    if settings.debug {
        routes.page::<()>("/components/", get(show_components))
    } else {
        routes
    }
}

/// The addresses of health checks, which are answered under any host, since the platform chooses
/// it.
fn health_routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(show_health))
        .route("/readyz", get(show_readiness))
}

/// The whole application: routes within layers, behind [`Front`], which answers static files.
///
/// A request passes the layers from the last one written here to the first, its answer the other
/// way round. Handlers return errors without a page: [`show_error_pages`] adds it, and
/// [`log_requests`] logs each error once.
pub fn router(settings: &Settings, state: AppState) -> anyhow::Result<Front> {
    let log = Arc::new(state.telemetry.request_log());
    let routes = Routes::of_site(settings, &state);
    let layered = layers(settings, &state, routes)?;
    Ok(Front {
        log,
        files: state.static_files.clone(),
        pages: state.page_cache.clone(),
        hosts: Arc::new(settings.allowed_hosts.clone()),
        router: layered.with_state(state),
    })
}

/// The routes within the layers. Tests put their own here.
#[derive(Debug)]
pub struct Routes {
    /// The routes of pages.
    pub pages: Router<AppState>,
    /// The routes that are answered under any host.
    pub health: Router<AppState>,
    /// The most bytes that they read of a request's body.
    pub body_limits: BodyLimits,
}

impl Routes {
    fn of_site(settings: &Settings, app: &AppState) -> Self {
        Self {
            pages: all_routes(settings, app),
            health: health_routes(),
            body_limits: BODY_LIMITS,
        }
    }
}

/// The layers around any routes.
pub fn layers(
    settings: &Settings,
    state: &AppState,
    routes: Routes,
) -> anyhow::Result<Router<AppState>> {
    let log = Arc::new(state.telemetry.request_log());
    Ok(layers_without_log(settings, state, routes)?.layer(from_fn_with_state(log, log_requests)))
}

/// The application without its request log, to measure what logging costs.
pub fn router_without_log(settings: &Settings, state: AppState) -> anyhow::Result<Router> {
    let forwarded = Arc::clone(&state.telemetry.forwarded);
    let routes = Routes::of_site(settings, &state);
    let layered = layers_without_log(settings, &state, routes)?;
    Ok(layered
        .layer(from_fn_with_state(forwarded, read_forwarded))
        .with_state(state))
}

/// All layers but the request log.
fn layers_without_log(
    settings: &Settings,
    state: &AppState,
    routes: Routes,
) -> anyhow::Result<Router<AppState>> {
    let limits = Limits::production();
    let request_limits = RequestLimits {
        limits,
        stats: state.server.clone(),
        memory: state.request_memory.clone(),
        always_answered: ALWAYS_ANSWERED,
        body_limits: routes.body_limits,
    };
    let hosts = Arc::new(settings.allowed_hosts.clone());
    let pages = error_pages(state).context("render the 500 page")?;
    let routes = routes
        .pages
        .fallback(|| async { (Extension(Cacheable), web::Error::NotFound) })
        .layer(from_fn_with_state(hosts.clone(), check_host))
        // A layer is around the routes that are there when it is added. These are merged behind
        // `check_host`, so that they are answered under any host.
        .merge(routes.health.layer(from_fn(check_host_is_single)))
        .layer(from_fn_with_state(request_limits, limit_requests))
        .layer(from_fn_with_state(pages.clone(), show_error_pages))
        .layer(from_fn_with_state(pages.clone(), catch_panics))
        .layer(from_fn_with_state(state.page_cache.clone(), cache_pages))
        .layer(compress_pages());
    // `Front` has found the error already, and no body is read: these routes have only the layers
    // that an error's page needs.
    let file_errors = Router::new()
        .route(STATIC_ROUTE, any(show_file_error))
        .layer(from_fn_with_state(hosts, check_host))
        .layer(from_fn_with_state(pages, show_error_pages));
    Ok(routes
        .merge(file_errors)
        .layer(from_fn(set_security_headers)))
}

/// Answered however many requests are in flight, since the operator looks at these above all then.
const ALWAYS_ANSWERED: &[&str] = &["/healthz", "/readyz", "/metrics"];
