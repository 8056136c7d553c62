//! Places as addresses of pages: a country, a state in it, a city in that.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest as _, Sha256};

use crate::countries::Country;
use crate::states::State;
use crate::words::slug;

/// The bytes of a hash that tell places apart.
const TOKEN_BYTES: usize = 12;

/// What is percent-encoded in the parts of an address.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');

/// A place, by the parts of its address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The country's two letters in lower case: `us`.
    pub country: String,
    /// The state, in the United States by its code: `ca`.
    pub state: Option<String>,
    /// The city: `newport-beach`.
    pub city: Option<String>,
}

impl Place {
    /// The city of an address, from what its columns hold.
    pub fn of(country: &str, state: &str, city: &str) -> Self {
        let code = Country::find(country).map(|country| country.alpha_2);
        let state = State::of(country, state).map_or(state, |state| state.code);
        Self {
            country: slug(code.unwrap_or(country)),
            state: Some(slug(state)),
            city: Some(slug(city)),
        }
    }

    /// The place itself, then those that it is in.
    pub fn with_those_around(&self) -> Vec<Self> {
        let mut all = vec![self.clone()];
        if self.city.is_some() {
            all.push(Self {
                city: None,
                ..self.clone()
            });
        }
        if self.state.is_some() {
            all.push(Self {
                city: None,
                state: None,
                ..self.clone()
            });
        }
        all
    }

    /// Whether it is that place, or in it.
    pub fn is_in(&self, other: &Self) -> bool {
        self.with_those_around().contains(other)
    }

    /// The address of its page.
    pub fn path(&self) -> String {
        let parts = self.parts().map(|part| {
            let part = utf8_percent_encode(part, ENCODED);
            format!("{part}/")
        });
        format!("/lettings/in/{}", parts.collect::<String>())
    }

    /// The parts of its address, between slashes: what it is called where no other language matters.
    pub fn key(&self) -> String {
        self.parts().collect::<Vec<_>>().join("/")
    }

    /// The place of a [`Place::key`].
    pub fn of_key(key: &str) -> Self {
        let mut parts = key.split('/').map(str::to_owned);
        Self {
            country: parts.next().unwrap_or_default(),
            state: parts.next(),
            city: parts.next(),
        }
    }

    /// The last part, as words; empty where it has none.
    pub fn words(&self) -> String {
        let last = self.parts().last().unwrap_or_default();
        last.replace('-', " ").trim().to_owned()
    }

    /// The word by which the lettings there are found in the index. It is as long for every place.
    pub fn token(&self) -> String {
        let hash = Sha256::digest(self.key());
        let hash = hash.iter().take(TOKEN_BYTES);
        let hash: String = hash.map(|byte| format!("{byte:02x}")).collect();
        format!("in{hash}")
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        let parts = [Some(&self.country), self.state.as_ref(), self.city.as_ref()];
        parts.into_iter().flatten().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_has_an_address_and_so_has_what_is_around_it() {
        let place = Place::of("USA", "California", "Newport Beach");
        let paths: Vec<_> = place.with_those_around().iter().map(Place::path).collect();
        assert_eq!(
            paths,
            [
                "/lettings/in/us/ca/newport-beach/",
                "/lettings/in/us/ca/",
                "/lettings/in/us/",
            ]
        );
        assert_eq!(
            Place::of("FRA", "Île-de-France", "").path(),
            "/lettings/in/fr/ile-de-france/-/"
        );
        assert_eq!(
            Place::of("FRA", "大", "海").path(),
            "/lettings/in/fr/%E5%A4%A7/%E6%B5%B7/"
        );
        assert_eq!(place.key(), "us/ca/newport-beach");
        for place in place.with_those_around() {
            assert_eq!(Place::of_key(&place.key()), place);
        }
        assert_eq!(place.words(), "newport beach");
        assert_eq!(Place::of("FRA", "", "").words(), "");
        assert_eq!(place.token().len(), 26);
        assert_ne!(place.token(), Place::of("USA", "CA", "Newport").token());
    }
}
