//! The cards of lettings and profiles in lists.

use super::picture::picture_of;
use super::pricing::Pricing;
use super::shot::Shot;
use crate::addresses::profile_path;
use crate::domain::letting::{self, Size};
use crate::domain::profile;
use crate::frame::Frame;

/// A letting in a list.
#[derive(Debug)]
pub struct LettingCard {
    /// The path of its page.
    pub path: String,
    /// The path of its picture.
    pub picture: String,
    /// Its title.
    pub title: String,
    /// City and state.
    pub place: String,
    /// For how many, where somebody has said.
    pub size: Option<Size>,
    /// From what a night is, where nights are for sale.
    pub price: Option<String>,
    /// Its first photo, which takes the picture's place.
    pub cover: Option<Shot>,
}

impl LettingCard {
    /// The cards of several.
    pub fn all(pricing: &Pricing<'_>, lettings: Vec<letting::Card>) -> Vec<Self> {
        let cards = lettings.into_iter();
        cards.map(|letting| Self::new(pricing, letting)).collect()
    }

    /// The card of one.
    pub fn new(pricing: &Pricing<'_>, letting: letting::Card) -> Self {
        Self {
            path: pricing.frame.path(&format!("/lettings/{}/", letting.id)),
            picture: picture_of(&letting.title),
            title: letting.title,
            place: format!("{}, {}", letting.city, letting.state),
            size: letting.size,
            price: letting.prices.map(|prices| pricing.from(&prices)),
            cover: letting.cover.as_ref().map(Shot::decorative),
        }
    }

    /// Cards for the page of components, which lead back to it.
    pub(super) fn samples(titles: &[&str]) -> Vec<Self> {
        let sample = |title: &&str| Self {
            path: "/components/".to_owned(),
            picture: picture_of(title),
            title: (*title).to_owned(),
            place: "San Juan Capistrano, CA".to_owned(),
            size: None,
            price: None,
            cover: None,
        };
        titles.iter().map(sample).collect()
    }
}

/// A profile in a list.
#[derive(Debug)]
pub struct ProfileCard {
    /// The path of its page.
    pub path: String,
    /// What is drawn for its user.
    pub avatar: Avatar,
    /// The user's name.
    pub username: String,
    /// The favourite city; may be empty.
    pub favorite_city: String,
}

impl ProfileCard {
    /// The cards of several.
    pub fn all(frame: &Frame, profiles: Vec<profile::Card>) -> Vec<Self> {
        let cards = profiles.into_iter();
        cards.map(|profile| Self::new(frame, profile)).collect()
    }

    fn new(frame: &Frame, profile: profile::Card) -> Self {
        Self {
            path: frame.path(&profile_path(&profile.username)),
            avatar: Avatar::of(&profile.username, &profile.first_name, &profile.last_name),
            username: profile.username,
            favorite_city: profile.favorite_city,
        }
    }
}

/// How many colours the stylesheet has for avatars: `tint-0` and on.
const TINTS: usize = 8;

/// A user's initials in a colour of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Avatar {
    /// One or two letters; `?` if no name has any.
    pub initials: String,
    /// The number of the colour in the stylesheet.
    pub tint: usize,
}

impl Avatar {
    /// From the names of a user: the first letters of first and last name, else of the username.
    pub fn of(username: &str, first_name: &str, last_name: &str) -> Self {
        let initials: String = [first_name, last_name]
            .into_iter()
            .filter_map(initial)
            .collect();
        let initials = if initials.is_empty() {
            initial(username).unwrap_or_else(|| "?".to_owned())
        } else {
            initials
        };
        let sum = username.bytes().fold(0_usize, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(usize::from(byte))
        });
        Self {
            initials,
            tint: sum % TINTS,
        }
    }

    /// An avatar in each colour.
    pub(super) fn samples() -> Vec<Self> {
        let sample = |tint| Self {
            initials: "OC".to_owned(),
            tint,
        };
        (0..TINTS).map(sample).collect()
    }
}

/// The first letter or digit of a name, as a capital.
fn initial(name: &str) -> Option<String> {
    let first = name.chars().find(|character| character.is_alphanumeric())?;
    Some(first.to_uppercase().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_names_and_else_of_the_username() {
        for (username, first, last, expected) in [
            ("jal", "Jamie", "Lal", "JL"),
            ("jal", "", "o'Neill", "O"),
            ("jal", "Jamie", " ", "J"),
            ("@jal", "", "", "J"),
            ("大海", "海", "林", "海林"),
            ("éa", "", "", "É"),
            ("4me", "", "", "4"),
            ("-._", "", "", "?"),
        ] {
            assert_eq!(
                Avatar::of(username, first, last).initials,
                expected,
                "{username}"
            );
        }
    }
}
