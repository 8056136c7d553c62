//! The form in which a guest asks about a letting. It is a page of its own, beside the letting's, which is the
//! same for everybody and kept: this one holds a time that is signed, and is made anew each time.

use std::net::{IpAddr, Ipv4Addr};

use accounts::signing::Signer;
use askama::Template;
use axum::Extension;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use chrono::TimeDelta;
use db::Integer;
use db::datetime::now;
use http::header::{CACHE_CONTROL, LOCATION};
use http::{HeaderValue, StatusCode};
use web::extract::{Path, QueryValues};
use web::form::Form;
use web::forwarded::ClientAddress;
use web::i18n::Texts;
use web::origin::check_own_page;
use web::page::{CachePolicy, Page, View};

use super::enquiry_form::{AskField, AskedHome, Good, PricedStay, Problems, Typed, rule_of};
use super::pricing::Pricing;
use super::stay::Bill;
use crate::domain::home;
use crate::domain::legal::LegalPage;
use crate::domain::letting::{self, LettingId};
use crate::enquiries::{Asker, Question, Receipt, receive};
use crate::enquiry_counts::Outcome;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// The address of the form, at which it is sent, too.
pub const PATH: &str = "/lettings/{id}/enquiry/";

/// The purpose of the signature under the form's time.
const SALT: &str = "oc_lettings.enquiry.form";

/// A person takes longer than this to fill in the form.
const FASTEST: TimeDelta = TimeDelta::seconds(3);

/// A form that is older was not filled in by whoever opened it.
const OLDEST: TimeDelta = TimeDelta::hours(24);

/// The form's page.
#[derive(Debug, Template)]
#[template(path = "pages/enquiry.html")]
pub struct Enquiry {
    frame: Frame,
    head: Head,
    title: String,
    /// The path of the letting.
    path: String,
    fields: Vec<AskField>,
    /// What the stay costs, if somebody has said when, and it is for sale.
    bill: Option<Bill>,
    /// What is wrong with the whole; empty if nothing is.
    alarm: String,
    /// When the form was made, signed.
    stamp: String,
    /// How many months what is sent is kept.
    months: u16,
    /// The path of the page about privacy, if it is written.
    privacy: Option<String>,
}

impl Page for Enquiry {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// A letting with a home that everybody sees.
struct Subject {
    id: Integer,
    letting: letting::Detail,
    home: home::Model,
}

impl Subject {
    async fn find(app: &AppState, id: LettingId) -> web::Result<Self> {
        let found = letting::find(&app.db, id).await?;
        let found = found.ok_or(web::Error::NotFound)?;
        if found.is_draft || !found.letting.has_home {
            return Err(web::Error::NotFound);
        }
        let home = home::find(&app.db, Integer(id.0)).await?;
        Ok(Self {
            id: Integer(id.0),
            letting: found.letting,
            home: home.ok_or(web::Error::NotFound)?.facts,
        })
    }

    fn asked(&self, app: &AppState) -> AskedHome<'_> {
        AskedHome::new(&self.home, &self.letting.seasons, app.currency.digits())
    }

    fn path(&self) -> String {
        format!("/lettings/{}/", self.id.0)
    }
}

/// `GET /lettings/{id}/enquiry/`
pub async fn show_enquiry(
    State(app): State<AppState>,
    Path(id): Path<LettingId>,
    values: QueryValues,
    frame: Frame,
) -> web::Result<View<Enquiry>> {
    let subject = Subject::find(&app, id).await?;
    let typed = Typed::of_query(&values, &subject.asked(&app));
    let shown = look_at_stay(&app, &frame, &subject, &typed).await?;
    Ok(page(&app, frame, &subject, (&typed, shown)))
}

/// `POST /lettings/{id}/enquiry/`: stores the enquiry and leads to its number; or shows the form again, with
/// what is wrong, or with the price of the stay.
///
/// No token guards it, as public pages hold none: a page of another site is refused by what the browser says
/// about it.
pub async fn send_enquiry(
    State(app): State<AppState>,
    Path(id): Path<LettingId>,
    client: Option<Extension<ClientAddress>>,
    frame: Frame,
    request: Request,
) -> web::Result<Response> {
    check_own_page(&request)?;
    let subject = Subject::find(&app, id).await?;
    let form = Form::read(request, rule_of).await?;
    let typed = Typed::of_form(&form);
    if form.get("action") == Some("price") {
        let shown = look_at_stay(&app, &frame, &subject, &typed).await?;
        return Ok(page(&app, frame, &subject, (&typed, shown)).into_response());
    }
    let pricing = Pricing::new(&app, &frame);
    let good = match typed.read(&pricing, &subject.asked(&app)) {
        Ok(good) => good,
        Err(problems) => {
            app.enquiry_counts.count(Outcome::Wrong);
            let shown = Shown {
                alarm: frame.text("enquiry-not-sent"),
                problems,
                priced: None,
            };
            return Ok(page(&app, frame, &subject, (&typed, shown)).into_response());
        }
    };
    if !is_in_time(&app, id, form.get("stamp").unwrap_or_default()) {
        app.enquiry_counts.count(Outcome::Untimely);
        let shown = Shown {
            alarm: frame.text("enquiry-again"),
            priced: Some(good.priced),
            ..Shown::default()
        };
        return Ok(page(&app, frame, &subject, (&typed, shown)).into_response());
    }
    let asker = match form.get("website") {
        None | Some("") => Asker::Person,
        Some(_) => Asker::Program,
    };
    // All clients whose address is unknown count as one.
    let address = client.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |client| client.0.0);
    let priced = good.priced.clone();
    let question = question(&subject, good, asker);
    let receipt = receive(&app, &frame, &question, address).await?;
    answer(&app, frame, &subject, (&typed, priced, receipt))
}

fn question(subject: &Subject, good: Good, asker: Asker) -> Question<'_> {
    Question {
        letting: (subject.id, &subject.letting.title),
        home: &subject.home,
        name: good.name,
        email: good.email,
        telephone: good.telephone,
        stay: good.priced.stay,
        pets: good.pets,
        quote: good.priced.quote,
        message: good.message,
        asker,
    }
}

fn answer(
    app: &AppState,
    frame: Frame,
    subject: &Subject,
    (typed, priced, receipt): (&Typed, PricedStay, Receipt),
) -> web::Result<Response> {
    match receipt {
        Receipt::Stored(number) => {
            let path = frame.path(&subject.path());
            see_other(&format!("{path}enquiry/thanks/?number={number}"))
        }
        Receipt::NotFree => {
            let mut problems = Problems::default();
            problems.add("from", frame.text("stay-taken"));
            let alarm = frame.text("enquiry-not-sent");
            let priced = None;
            let shown = Shown {
                alarm,
                problems,
                priced,
            };
            Ok(page(app, frame, subject, (typed, shown)).into_response())
        }
        Receipt::TooMany => {
            let shown = Shown {
                alarm: frame.text("enquiry-too-many"),
                priced: Some(priced),
                ..Shown::default()
            };
            let page = page(app, frame, subject, (typed, shown));
            Ok((StatusCode::TOO_MANY_REQUESTS, page).into_response())
        }
    }
}

/// 303, so that a page that is loaded again sends nothing again.
fn see_other(location: &str) -> web::Result<Response> {
    let location = HeaderValue::from_str(location);
    let location = location.map_err(|error| web::Error::Internal(error.into()))?;
    let no_store = HeaderValue::from_static("no-store");
    let headers = [(LOCATION, location), (CACHE_CONTROL, no_store)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// What the form shows beside what was typed.
#[derive(Debug, Default)]
struct Shown {
    alarm: String,
    problems: Problems,
    priced: Option<PricedStay>,
}

/// Looks at the stay alone: its price, or what is wrong with it. Without a day there is nothing to look at.
async fn look_at_stay(
    app: &AppState,
    frame: &Frame,
    subject: &Subject,
    typed: &Typed,
) -> web::Result<Shown> {
    let mut shown = Shown::default();
    if !typed.has_dates() {
        return Ok(shown);
    }
    let pricing = Pricing::new(app, frame);
    match typed.stay(&pricing, &subject.asked(app)) {
        Ok(priced) if are_free(app, subject, &priced).await? => shown.priced = Some(priced),
        Ok(_) => shown.problems.add("from", frame.text("stay-taken")),
        Err((field, sentence)) => shown.problems.add(field, sentence),
    }
    Ok(shown)
}

async fn are_free(app: &AppState, subject: &Subject, priced: &PricedStay) -> web::Result<bool> {
    let taken = priced.stay.period();
    let taken = crate::domain::stay::taken(&app.db, subject.id, taken).await?;
    Ok(taken.is_empty())
}

fn page(
    app: &AppState,
    frame: Frame,
    subject: &Subject,
    (typed, shown): (&Typed, Shown),
) -> View<Enquiry> {
    let pricing = Pricing::new(app, &frame);
    let bill = shown.priced.as_ref().and_then(|priced| {
        let quote = priced.quote.as_ref()?;
        Some(Bill::new(&pricing, &priced.stay, quote))
    });
    let title = subject.letting.title.clone();
    View(Enquiry {
        head: Head::private(frame.text_with("enquiry-title", "title", title.as_str())),
        fields: typed.fields(&pricing, &subject.asked(app), &shown.problems),
        bill,
        alarm: shown.alarm,
        stamp: signer(app).sign_at(&subject.id.0.to_string(), now()),
        months: app.enquiry_retention_months,
        privacy: frame.legal_path(LegalPage::Privacy),
        path: subject.path(),
        title,
        frame,
    })
}

fn signer(app: &AppState) -> Signer {
    Signer::new(&app.visits.keys, SALT)
}

/// Whether the form was made for this letting, neither just now nor long ago.
fn is_in_time(app: &AppState, LettingId(id): LettingId, stamp: &str) -> bool {
    let (signer, time) = (signer(app), now());
    let since = |age: TimeDelta| {
        let opened = signer.unsign_since(stamp, Some(time - age));
        opened.is_ok_and(|opened| opened.value == id.to_string())
    };
    since(OLDEST) && !since(FASTEST)
}
