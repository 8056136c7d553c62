//! The states of the United States, by their codes of two letters.

/// A state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Its code: `CA`.
    pub code: &'static str,
    /// Its name in English.
    pub english: &'static str,
    /// Its name in French.
    pub french: &'static str,
}

impl State {
    /// The state of a code, or of a name in English, in any case; `None` if there is no such state.
    pub fn find(text: &str) -> Option<Self> {
        let text = text.trim();
        let mut all = STATES.iter();
        let found = all.find(|[code, english, _]| {
            code.eq_ignore_ascii_case(text) || english.eq_ignore_ascii_case(text)
        });
        found.map(|[code, english, french]| Self {
            code,
            english,
            french,
        })
    }

    /// The same within a country, of which the column holds three letters; only the United States have any.
    pub fn of(country: &str, text: &str) -> Option<Self> {
        if country.eq_ignore_ascii_case("USA") {
            Self::find(text)
        } else {
            None
        }
    }

    /// Its name in a language of the site, by the language's tag.
    pub fn name(self, language: &str) -> &'static str {
        if language == "fr" {
            self.french
        } else {
            self.english
        }
    }
}

/// Code, and the names in English and French.
#[rustfmt::skip]
const STATES: &[[&str; 3]] = &[
    ["AL", "Alabama", "Alabama"],
    ["AK", "Alaska", "Alaska"],
    ["AZ", "Arizona", "Arizona"],
    ["AR", "Arkansas", "Arkansas"],
    ["CA", "California", "Californie"],
    ["CO", "Colorado", "Colorado"],
    ["CT", "Connecticut", "Connecticut"],
    ["DE", "Delaware", "Delaware"],
    ["DC", "District of Columbia", "District de Columbia"],
    ["FL", "Florida", "Floride"],
    ["GA", "Georgia", "Géorgie"],
    ["HI", "Hawaii", "Hawaï"],
    ["ID", "Idaho", "Idaho"],
    ["IL", "Illinois", "Illinois"],
    ["IN", "Indiana", "Indiana"],
    ["IA", "Iowa", "Iowa"],
    ["KS", "Kansas", "Kansas"],
    ["KY", "Kentucky", "Kentucky"],
    ["LA", "Louisiana", "Louisiane"],
    ["ME", "Maine", "Maine"],
    ["MD", "Maryland", "Maryland"],
    ["MA", "Massachusetts", "Massachusetts"],
    ["MI", "Michigan", "Michigan"],
    ["MN", "Minnesota", "Minnesota"],
    ["MS", "Mississippi", "Mississippi"],
    ["MO", "Missouri", "Missouri"],
    ["MT", "Montana", "Montana"],
    ["NE", "Nebraska", "Nebraska"],
    ["NV", "Nevada", "Nevada"],
    ["NH", "New Hampshire", "New Hampshire"],
    ["NJ", "New Jersey", "New Jersey"],
    ["NM", "New Mexico", "Nouveau-Mexique"],
    ["NY", "New York", "État de New York"],
    ["NC", "North Carolina", "Caroline du Nord"],
    ["ND", "North Dakota", "Dakota du Nord"],
    ["OH", "Ohio", "Ohio"],
    ["OK", "Oklahoma", "Oklahoma"],
    ["OR", "Oregon", "Oregon"],
    ["PA", "Pennsylvania", "Pennsylvanie"],
    ["RI", "Rhode Island", "Rhode Island"],
    ["SC", "South Carolina", "Caroline du Sud"],
    ["SD", "South Dakota", "Dakota du Sud"],
    ["TN", "Tennessee", "Tennessee"],
    ["TX", "Texas", "Texas"],
    ["UT", "Utah", "Utah"],
    ["VT", "Vermont", "Vermont"],
    ["VA", "Virginia", "Virginie"],
    ["WA", "Washington", "Washington"],
    ["WV", "West Virginia", "Virginie-Occidentale"],
    ["WI", "Wisconsin", "Wisconsin"],
    ["WY", "Wyoming", "Wyoming"],
];
