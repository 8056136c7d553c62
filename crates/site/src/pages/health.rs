//! Liveness and readiness, for the platform that runs the program.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use sea_orm::{ConnectionTrait, Statement};
use serde::Serialize;

use crate::release::VERSION;
use crate::schema::SCHEMA;
use crate::state::AppState;

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    commit: &'static str,
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// `GET /healthz`: the program runs. It never asks the database: an outage there would have the
/// platform restart a program that is in order.
pub async fn show_health(State(app): State<AppState>) -> Response {
    let health = Health {
        status: "ok",
        version: VERSION,
        commit: app.telemetry.commit,
    };
    ([(CACHE_CONTROL, "no-store")], Json(health)).into_response()
}

/// `GET /readyz`: the program is not stopping, and the database answers and has the tables of this
/// release.
pub async fn show_readiness(State(app): State<AppState>) -> Response {
    let reason = if app.server.is_stopping() {
        Some("stopping")
    } else {
        match read_version(&app).await {
            Ok(true) => None,
            Err(error) if db::is_unavailable(&error) => Some("the database does not answer"),
            // The version is missing, or the whole table of versions.
            Ok(false) | Err(_) => Some("the database is not migrated; run: oc-lettings migrate"),
        }
    };
    let (status, word) = match reason {
        None => (StatusCode::OK, "ok"),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    };
    let readiness = Readiness {
        status: word,
        reason,
    };
    (status, [(CACHE_CONTROL, "no-store")], Json(readiness)).into_response()
}

/// Whether the newest version that this program knows is applied.
async fn read_version(app: &AppState) -> Result<bool, db::DbErr> {
    let own = &SCHEMA.own;
    let newest = own.versions.last().map_or(0, |version| version.number);
    let sql = format!(
        "SELECT 1 FROM \"{}\" WHERE version = $1",
        own.version_table.name
    );
    let backend = app.db.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [newest.into()]);
    Ok(app.db.query_one_raw(statement).await?.is_some())
}
