//! Places in words, and the way to them.

use crate::countries::Country;
use crate::domain::search::place::NamedPlace;
use crate::frame::Frame;
use crate::places::Place;
use crate::states::State;

/// A step of the way to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    /// In words.
    pub name: String,
    /// The address.
    pub path: String,
}

/// The way to a place, by the names of a city in it: the country, the state, the city.
pub fn crumbs(frame: &Frame, city: &NamedPlace, place: &Place) -> Vec<Crumb> {
    let mut around = place.with_those_around();
    around.reverse();
    let names = [
        country_name(frame, city),
        state_name(frame, city),
        city.city.clone(),
    ];
    let crumbs = around.into_iter().zip(names);
    let crumbs = crumbs.map(|(place, name)| Crumb {
        name,
        path: place.path(),
    });
    crumbs.filter(|crumb| !crumb.name.is_empty()).collect()
}

/// What a place is called, by the names of a city in it: "Newport Beach, California".
pub fn name_of(frame: &Frame, city: &NamedPlace, place: &Place) -> String {
    match (&place.state, &place.city) {
        (_, Some(_)) => {
            let names = [city.city.clone(), state_name(frame, city)];
            let names: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
            names.join(", ")
        }
        (Some(_), None) => state_name(frame, city),
        (None, None) => country_name(frame, city),
    }
}

fn state_name(frame: &Frame, city: &NamedPlace) -> String {
    let state = State::of(&city.country, &city.state);
    state.map_or(city.state.clone(), |state| {
        state.name(&frame.language()).to_owned()
    })
}

fn country_name(frame: &Frame, city: &NamedPlace) -> String {
    let country = Country::find(&city.country);
    country.map_or(city.country.clone(), |country| {
        country.name(&frame.language()).to_owned()
    })
}
