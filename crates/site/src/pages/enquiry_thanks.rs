//! What a guest is told whose enquiry was taken: its number. The address holds nothing about the guest.

use askama::Template;
use axum::extract::State;
use db::Integer;
use web::extract::{Path, QueryValues};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use crate::domain::enquiry;
use crate::domain::letting::LettingId;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/enquiry_thanks.html")]
pub struct EnquiryThanks {
    frame: Frame,
    head: Head,
    number: String,
    /// The path of the letting.
    path: String,
}

impl Page for EnquiryThanks {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /lettings/{id}/enquiry/thanks/?number=…`: 404 unless there is an enquiry of this number.
pub async fn show_enquiry_thanks(
    State(app): State<AppState>,
    Path(LettingId(id)): Path<LettingId>,
    values: QueryValues,
    frame: Frame,
) -> web::Result<View<EnquiryThanks>> {
    let number = values.get("number").ok_or(web::Error::NotFound)?;
    if !enquiry::is_number(number) || !enquiry::is_known(&app.db, Integer(id), number).await? {
        return Err(web::Error::NotFound);
    }
    Ok(View(EnquiryThanks {
        head: Head::private(frame.text("enquiry-thanks")),
        number: number.to_owned(),
        path: frame.path(&format!("/lettings/{id}/")),
        frame,
    }))
}
