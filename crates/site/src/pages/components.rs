//! Every component beside every other, in both themes and all languages: for whoever works on the
//! look of the site. In debug mode alone.

use askama::Template;
use axum::extract::State;
use web::i18n::Texts;
use web::page::{CachePolicy, Page, View};

use super::card::{Avatar, LettingCard, ProfileCard};
use super::pager::Pager;
use crate::frame::Frame;
use crate::head::Head;
use crate::state::AppState;

/// Titles of every length, with words that call for a scene and without.
const TITLES: [&str; 7] = [
    "A",
    "Lantern House above the Cove",
    "Adobe of the Long Table",
    "Houseboat No. 7",
    "A-Frame over the Snow Line",
    "The Mushroom Dome Retreat & LAND of Paradise Suite with a Terrace, a Library, Two Bathtubs \
     and a View over All of the Valley, as Far as the Sea, where the Boats Come In",
    "Donaudampfschifffahrtsgesellschaftskapitänskajütenferienwohnungsvermietung",
];

const USERNAMES: [&str; 8] = [
    "HeadlinesGazer",
    "4meRomance",
    "Zoë",
    "大海",
    "x",
    "tidewalker",
    "two-suitcases",
    "averyveryveryverylongusernamethatgoesonandon@example.com",
];

/// The page of all components.
#[derive(Debug, Template)]
#[template(path = "pages/components.html")]
pub struct Components {
    frame: Frame,
    head: Head,
    samples: Vec<Sample>,
}

/// The components once, in one language and one theme.
#[derive(Debug)]
struct Sample {
    frame: Frame,
    /// Of the stylesheet: `light` or `dark`.
    theme: &'static str,
    lettings: Vec<LettingCard>,
    profiles: Vec<ProfileCard>,
    avatars: Vec<Avatar>,
    pager: Pager,
}

impl Page for Components {
    const CACHE: CachePolicy = CachePolicy::Public;

    fn texts(&self) -> &Texts {
        self.frame.texts()
    }
}

/// `GET /components/`
pub async fn show_components(
    State(app): State<AppState>,
    frame: Frame,
) -> web::Result<View<Components>> {
    let languages = app.languages.known().iter();
    let samples = languages.flat_map(|language| {
        let frame = frame.clone().in_language(app.languages.texts(language));
        ["light", "dark"].map(|theme| sample(frame.clone(), theme))
    });
    Ok(View(Components {
        samples: samples.collect(),
        head: Head::private(frame.text("components-title")),
        frame,
    }))
}

fn sample(frame: Frame, theme: &'static str) -> Sample {
    let profile = |username: &&str| ProfileCard {
        path: "/components/".to_owned(),
        avatar: Avatar::of(username, username, ""),
        username: (*username).to_owned(),
        favorite_city: "Český Krumlov".to_owned(),
    };
    Sample {
        frame,
        theme,
        lettings: LettingCard::samples(&TITLES),
        profiles: USERNAMES.iter().map(profile).collect(),
        avatars: Avatar::samples(),
        pager: Pager {
            path: "/components/".to_owned(),
            number: 12,
            pages: Some(417),
            previous: Some("/components/?page=11".to_owned()),
            next: Some("/components/?page=13".to_owned()),
        },
    }
}
