//! Every public address, and the layers that every request passes.

use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use http::StatusCode;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};
use web::error_page::show_error_pages;
use web::forwarded::read_forwarded;
use web::headers::set_security_headers;
use web::host::{check_host, check_host_is_single};
use web::panic::catch_panics;
use web::request_log::{self, log_requests};
use web::server::Limits;
use web::slash::RouterExt as _;

use crate::domain::letting::LettingId;
use crate::domain::profile::Username;
use crate::frame::Frame;
use crate::pages::error::error_pages;
use crate::pages::health::{show_health, show_readiness};
use crate::pages::home::show_home;
use crate::pages::letting_detail::show_letting;
use crate::pages::letting_list::list_lettings;
use crate::pages::profile_detail::show_profile;
use crate::pages::profile_list::list_profiles;
use crate::pages::robots::show_robots;
use crate::pages::sitemap::show_sitemap;
use crate::pages::sources::{show_icon, show_stylesheet};
use crate::settings::Settings;
use crate::state::AppState;

/// The addresses of the site.
fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(show_home))
        .page::<()>("/lettings/", get(list_lettings))
        .page::<LettingId>("/lettings/{id}/", get(show_letting))
        .page::<()>("/profiles/", get(list_profiles))
        .page::<Username>("/profiles/{username}/", get(show_profile))
        .route("/static/site.css", get(show_stylesheet))
        .route("/robots.txt", get(show_robots))
        .route("/sitemap.xml", get(show_sitemap))
        .route("/favicon.ico", get(show_icon))
}

/// The addresses that the platform asks, under whatever host it likes.
fn health_routes() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(show_health))
        .route("/readyz", get(show_readiness))
}

/// The whole application: routes within layers.
///
/// A request passes the layers from the last one written here to the first, its answer the
/// other way round. Errors leave the handlers bare; [`show_error_pages`] gives them their
/// page, [`log_requests`] writes each down once.
pub fn router(settings: &Settings, state: AppState) -> anyhow::Result<Router> {
    let layered = layers(settings, &state.frame, routes(), health_routes())?;
    Ok(layered.with_state(state))
}

/// The layers around any routes: tests put routes of their own here.
pub fn layers<S: Clone + Send + Sync + 'static>(
    settings: &Settings,
    frame: &Frame,
    routes: Router<S>,
    health_routes: Router<S>,
) -> anyhow::Result<Router<S>> {
    let limits = Limits::production();
    let hosts = Arc::new(settings.allowed_hosts.clone());
    let pages = error_pages(frame).context("render the 500 page")?;
    let routes = routes
        .fallback(|| async { web::Error::NotFound })
        .layer(from_fn_with_state(hosts, check_host));
    let health_routes = health_routes.layer(from_fn(check_host_is_single));
    Ok(routes
        .merge(health_routes)
        .layer(RequestBodyLimitLayer::new(limits.max_body_bytes))
        .layer(RequestBodyTimeoutLayer::new(limits.body_read_timeout))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            limits.request_timeout,
        ))
        .layer(from_fn_with_state(pages.clone(), show_error_pages))
        .layer(from_fn_with_state(pages, catch_panics))
        .layer(from_fn(set_security_headers))
        .layer(from_fn_with_state(
            request_log::Config {
                quiet_paths: &["/healthz", "/readyz"],
            },
            log_requests,
        ))
        .layer(from_fn_with_state(
            Arc::new(settings.forwarded.clone()),
            read_forwarded,
        )))
}
