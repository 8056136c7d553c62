//! A month of all homes: which nights are taken and why, and the form to take some or to free them.

use askama::Template;
use axum::extract::State;
use chrono::{Datelike as _, Days, NaiveDate};
use db::Integer;
use sea_orm::EntityTrait as _;
use web::extract::{QueryValues, parse_digits};
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use admin::Staff;

use super::admin_frame::AdminFrame;
use super::letting_editor::LettingEditor;
use super::stay_form::{StayFields, Subject};
use crate::domain::stay::month::{Row, rows};
use crate::domain::stay::{self, Period, parse_day};
use crate::frame::Frame;
use crate::head::Head;
use crate::pages::availability::{first_of_month, later};
use crate::pages::dates;
use crate::state::AppState;

/// The address of the page.
pub const MONTH: &str = "/admin/calendar/";

/// How many homes a page shows.
const HOMES: u64 = 50;

/// The longest text that homes are looked for by, in characters.
const LONGEST_TEXT: usize = 100;

/// The page.
#[derive(Debug, Template)]
#[template(path = "pages/admin/month.html")]
pub struct MonthPage {
    frame: Frame,
    head: Head,
    admin_frame: AdminFrame,
    view: MonthView,
    /// The form, for the night or the stay that was chosen.
    form: Option<StayFields>,
    name: String,
    /// The days of the month: their numbers and weekdays, and whether it is today.
    days: Vec<(u32, String, bool)>,
    homes: Vec<HomeRow>,
    previous_month: String,
    next_month: String,
    previous: Option<String>,
    next: Option<String>,
}

impl Page for MonthPage {
    const CACHE: CachePolicy = CachePolicy::Never;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// A home with its nights.
#[derive(Debug)]
struct HomeRow {
    id: i64,
    title: String,
    nights: Vec<Night>,
}

/// A night of a home.
#[derive(Debug)]
struct Night {
    /// `free`, `over`, `clash`, or the kind of the stay.
    class: &'static str,
    /// The key of the words for it.
    label: &'static str,
    /// What is shown where there is no room for words.
    sign: &'static str,
    /// The page with the form for it.
    path: String,
}

/// Which part of the calendar is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthView {
    /// The first day of the month.
    pub first: NaiveDate,
    /// What the titles of the homes hold.
    pub text: String,
    /// The page of homes.
    pub page: u64,
}

impl MonthView {
    /// From the parameters of an address; what is wrong counts as not given.
    pub fn read(values: &QueryValues, today: NaiveDate) -> Self {
        let month = values.get("month").unwrap_or_default();
        let month =
            parse_day(&format!("{month}-01")).filter(|day| (1970..=2199).contains(&day.year()));
        let text = values.get("q").unwrap_or_default().trim();
        let text = text.chars().filter(|sign| !sign.is_control());
        let page = values.get("p").and_then(parse_digits);
        Self {
            first: month.unwrap_or_else(|| first_of_month(today)),
            text: text.take(LONGEST_TEXT).collect(),
            page: page
                .and_then(|page| u64::try_from(page).ok())
                .unwrap_or(1)
                .clamp(1, 1_000_000),
        }
    }

    /// The month as addresses have it.
    pub fn month(&self) -> String {
        self.first.format("%Y-%m").to_string()
    }

    /// The nights of the month.
    fn period(&self) -> Period {
        Period {
            arrival: self.first,
            departure: later(self.first, 1),
        }
    }

    /// The address of the page.
    pub fn address(&self) -> String {
        self.path(&[])
    }

    /// The same with further parameters.
    pub(super) fn path(&self, further: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("month", &self.month());
        if !self.text.is_empty() {
            query.append_pair("q", &self.text);
        }
        if self.page > 1 {
            query.append_pair("p", &self.page.to_string());
        }
        query.extend_pairs(further);
        format!("{MONTH}?{}", query.finish())
    }
}

/// `GET /admin/calendar/?month=2027-07`
pub async fn show_month(
    State(app): State<AppState>,
    LettingEditor(staff): LettingEditor,
    values: QueryValues,
    frame: Frame,
) -> web::Result<View<MonthPage>> {
    let view = MonthView::read(&values, app.calendar.today());
    let form = chosen(&app, &values).await?;
    page(&app, &staff, frame, (view, form)).await
}

/// The form for what an address has chosen: a stay, or the night of a letting.
async fn chosen(app: &AppState, values: &QueryValues) -> web::Result<Option<StayFields>> {
    let key = |name| values.get(name).and_then(parse_digits).map(Integer);
    if let Some(stay) = key("stay") {
        let stay = stay::Entity::find_by_id(stay).one(&app.db).await?;
        let Some(stay) = stay else {
            return Ok(None);
        };
        let subject = Subject::find(&app.db, stay.letting_id).await?;
        return Ok(subject.map(|subject| StayFields::of(subject, &stay)));
    }
    let night = values.get("night").and_then(parse_day);
    let (Some(letting), Some(night)) = (key("letting"), night) else {
        return Ok(None);
    };
    let subject = Subject::find(&app.db, letting).await?;
    Ok(subject.map(|subject| StayFields::new(subject, night)))
}

/// The page with a form, if there is one.
pub(super) async fn page(
    app: &AppState,
    staff: &Staff,
    frame: Frame,
    (view, form): (MonthView, Option<StayFields>),
) -> web::Result<View<MonthPage>> {
    let today = app.calendar.today();
    let offset = (view.page - 1).saturating_mul(HOMES);
    let mut found = rows(&app.db, &view.text, view.period(), (offset, HOMES + 1)).await?;
    let size = usize::try_from(HOMES).unwrap_or(usize::MAX);
    let has_next = found.len() > size;
    found.truncate(size);
    let on_page = |page| {
        MonthView {
            page,
            ..view.clone()
        }
        .address()
    };
    let in_month = |first| {
        MonthView {
            first,
            ..view.clone()
        }
        .address()
    };
    let before = view.first - Days::new(1);
    let days = view
        .first
        .iter_days()
        .take_while(|day| day.month() == view.first.month());
    let days: Vec<NaiveDate> = days.collect();
    Ok(View(MonthPage {
        head: Head::private(frame.text("month-title")),
        admin_frame: AdminFrame::of(staff, app).await?,
        name: dates::month(&frame, view.first),
        homes: found
            .iter()
            .map(|row| home_row(&view, row, (&days, today)))
            .collect(),
        days: days
            .iter()
            .map(|day| {
                (
                    day.day(),
                    dates::weekday_letters(&frame, *day),
                    *day == today,
                )
            })
            .collect(),
        previous_month: in_month(first_of_month(before)),
        next_month: in_month(later(view.first, 1)),
        previous: (view.page > 1).then(|| on_page(view.page - 1)),
        next: has_next.then(|| on_page(view.page + 1)),
        view,
        form,
        frame,
    }))
}

fn home_row(view: &MonthView, row: &Row, (days, today): (&[NaiveDate], NaiveDate)) -> HomeRow {
    let id = row.letting.0.to_string();
    let night = |day: &NaiveDate| {
        let is_in = |stay: &&stay::Model| stay.arrival <= *day && *day < stay.departure;
        let mut stays = row.stays.iter().filter(is_in);
        let (class, label, sign) = match (stays.next(), stays.next()) {
            (None, _) if *day < today => ("over", "month-over", "·"),
            (None, _) => ("free", "month-free", "–"),
            (Some(_), Some(_)) => ("clash", "month-clash", "!"),
            (Some(stay), None) => kind_words(&stay.kind),
        };
        let of_day = row.stays.iter().find(is_in);
        let path = match of_day {
            Some(stay) => view.path(&[("stay", &stay.id.0.to_string())]),
            None => view.path(&[("letting", &id), ("night", &day.to_string())]),
        };
        Night {
            class,
            label,
            sign,
            path,
        }
    };
    HomeRow {
        id: row.letting.0,
        title: row.title.clone(),
        nights: days.iter().map(night).collect(),
    }
}

/// The class, the words and the sign of a kind of stay.
fn kind_words(kind: &str) -> (&'static str, &'static str, &'static str) {
    match kind {
        stay::BOOKING => ("booking", "month-booking", "B"),
        stay::IMPORTED => ("imported", "month-imported", "↓"),
        _ => ("block", "month-block", "×"),
    }
}
