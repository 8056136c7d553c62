//! Who sees drafts: lettings whose home is not published. For staff they have a page, marked as a draft; for
//! everybody else they do not exist.

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use db::DbErr;
use web::cookie;
use web::visit::{SESSION_COOKIE, Visit, keep_visits};

use crate::state::AppState;

/// The layer around pages of lettings: a request with a session's cookie has its visit read, since it may
/// be from staff. No such answer is cached. Everybody else is given the same answer.
pub async fn read_visits(State(app): State<AppState>, request: Request, next: Next) -> Response {
    if cookie::find(request.headers(), SESSION_COOKIE).is_some() {
        return keep_visits(State(app.visits.clone()), request, next).await;
    }
    next.run(request).await
}

/// Whether a visit is one of staff.
pub async fn are_shown_to(visit: Option<Extension<Visit>>) -> Result<bool, DbErr> {
    match visit {
        Some(Extension(visit)) => Ok(visit.user().await?.is_some_and(|user| user.is_staff)),
        None => Ok(false),
    }
}
