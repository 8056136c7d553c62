//! Pictures of places.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use web::extract::Path;

use crate::picture::{Picture, VERSION};

/// What is behind the address never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `GET /pictures/{version}/{name}`
pub async fn show_picture(Path((version, name)): Path<(String, String)>) -> web::Result<Response> {
    if version != VERSION.to_string() {
        return Err(web::Error::NotFound);
    }
    let picture: Picture = name.parse().map_err(|_| web::Error::NotFound)?;
    let headers = [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, FOR_EVER)];
    Ok((headers, picture.draw()).into_response())
}

/// The address of the picture of a title.
pub fn picture_of(title: &str) -> String {
    format!("/pictures/{VERSION}/{}", Picture::of(title).name())
}
