//! Who may change what belongs to a letting, on pages of the site's own.

use accounts::permission::permissions_of;
use admin::Staff;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use http::request::Parts;
use web::Error;

use crate::state::AppState;

/// Staff who may change lettings; others are sent to the login, or get a 403. It is decided before a
/// request's body is read.
#[derive(Debug)]
pub struct LettingEditor(pub Staff);

/// The permission: what belongs to a letting has none of its own.
const PERMISSION: &str = "lettings.change_letting";

impl FromRequestParts<AppState> for LettingEditor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Response> {
        let staff = Staff::from_request_parts(parts, app).await?;
        match permissions_of(&app.db, &staff.user).await {
            Ok(permissions) if permissions.has(PERMISSION) => Ok(Self(staff)),
            Ok(_) => Err(Error::Forbidden("the permission is missing").into_response()),
            Err(error) => Err(Error::from(error).into_response()),
        }
    }
}
