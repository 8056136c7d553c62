//! The files of photos.
//!
//! Those of drafts are not kept from anybody who knows their address: it holds 128 bits of a hash of the
//! photo itself, so that only who was shown it can, and an address that is asked for with and without a
//! session could not be kept by caches for ever.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, HeaderValue};
use server::SharedBody;
use staticfiles::serve::Lasting;
use web::extract::Path;

use crate::domain::home::photo::file;
use crate::state::AppState;

/// `GET /photos/{content}/{name}`
pub async fn show_photo(
    State(app): State<AppState>,
    Path((content, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> web::Result<Response> {
    let media_type = file::media_type(&name).ok_or(web::Error::NotFound)?;
    if !file::is_content(&content) {
        return Err(web::Error::NotFound);
    }
    let bytes = app.photos.find(&app.db, &content, &name).await?;
    let etag = HeaderValue::try_from(format!("\"{content}/{name}\""));
    let photo = Lasting {
        bytes,
        media_type: HeaderValue::from_static(media_type.name()),
        etag: etag.map_err(|error| web::Error::Internal(error.into()))?,
    };
    let mut response = photo.respond(&headers).map(Body::from);
    // `Photos` has counted it.
    response.extensions_mut().insert(SharedBody);
    Ok(response)
}
