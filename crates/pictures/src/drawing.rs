//! Pictures of places, drawn from their titles: the same title is always the same picture.
//!
//! A picture shows what the title names. A landscape that nobody named is not drawn: where there is
//! none, a front, a door, a window or tiles say nothing about the place.
//!
//! The name of a picture holds all that it is drawn from, so that drawing needs no database, and an
//! answer may be kept for ever. Knows neither HTTP nor the words of titles: [`Config`] says which
//! of them name what.

mod buildings;
mod canvas;
mod palette;
mod plain;
mod random;
mod scenes;
mod subject;
mod things;

use std::str::FromStr;

pub use self::subject::{Building, Scene};

use self::canvas::Canvas;
use self::palette::Palette;
use self::random::Random;

/// The version of the drawings. It counts up when pictures are drawn in another way. Whoever serves
/// pictures puts it into their addresses, since browsers keep for a year what is behind these.
pub const VERSION: u8 = 2;

/// The width of a picture in its own units.
const WIDTH: i32 = 240;

/// The height of a picture in its own units.
const HEIGHT: i32 = 160;

/// Which words of titles name what. Words are in small letters, and count as a whole: `sea` is in
/// `Seas`, since a final `s` may follow, and not in `Seaton`. Where a title names several, the first
/// in a list is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// The words for landscapes.
    pub scenes: &'static [(Scene, &'static [&'static str])],
    /// The words for what one lives in.
    pub buildings: &'static [(Building, &'static [&'static str])],
}

/// A picture, as what it is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    scene: Scene,
    building: Building,
    /// The seed of everything that is left to chance.
    seed: u32,
}

impl Picture {
    /// The picture of a title: of what its words name, with a hash of the title as the seed. White
    /// space around the title does not count.
    pub fn of(title: &str, config: &Config) -> Self {
        let words: Vec<String> = title
            .split(|c: char| !c.is_alphanumeric())
            .map(str::to_lowercase)
            .collect();
        Self {
            scene: named(&words, config.scenes).unwrap_or(Scene::Plain),
            building: named(&words, config.buildings).unwrap_or(Building::House),
            seed: hash(title.trim()),
        }
    }

    /// Its name, for the last part of an address, such as `coast-house-d2d90366.svg`: ASCII letters,
    /// digits, `-` and `.`. Parsing the name gives the same picture.
    pub fn name(self) -> String {
        let (scene, building) = (self.scene.name(), self.building.name());
        format!("{scene}-{building}-{:08x}.svg", self.seed)
    }

    /// Draws it: an SVG document of a few kilobytes without scripts, styles or references, the same
    /// for the same picture on every machine.
    pub fn draw(self) -> String {
        let mut random = Random::new(u64::from(self.seed));
        let palette = Palette::choose(&mut random);
        let mut canvas = Canvas::new(WIDTH, HEIGHT);
        let draw = match self.scene {
            Scene::Plain => plain::plain,
            Scene::Coast => scenes::coast,
            Scene::Lake => scenes::lake,
            Scene::Desert => scenes::desert,
            Scene::Grove => scenes::grove,
            Scene::Forest => scenes::forest,
            Scene::Mountains => scenes::mountains,
            Scene::Town => scenes::town,
        };
        draw(&mut canvas, &palette, &mut random, self.building);
        canvas.finish()
    }
}

/// What is named first in a list by any of a title's words.
fn named<T: Copy>(words: &[String], list: &[(T, &[&str])]) -> Option<T> {
    let is_named = |names: &[&str]| {
        let mut names = names.iter();
        names.any(|name| words.iter().any(|word| is_word(word, name)))
    };
    let found = list.iter().find(|(_, names)| is_named(names));
    found.map(|(what, _)| *what)
}

/// Whether a word is `name`, but for a final `s`.
fn is_word(word: &str, name: &str) -> bool {
    // Nearly all are told apart by their first byte, and a long list has thousands of pairs.
    word.as_bytes().first() == name.as_bytes().first()
        && (word == name || word.strip_suffix('s') == Some(name))
}

/// Reads what [`Picture::name`] writes. Any other form is refused, a number with capital letters or
/// fewer digits too, so that a picture has one address.
impl FromStr for Picture {
    type Err = NotAPicture;

    fn from_str(name: &str) -> Result<Self, NotAPicture> {
        let stem = name.strip_suffix(".svg").ok_or(NotAPicture)?;
        let (subject, seed) = stem.rsplit_once('-').ok_or(NotAPicture)?;
        let (scene, building) = subject.split_once('-').ok_or(NotAPicture)?;
        let mut scenes = Scene::ALL.into_iter();
        let scene = scenes.find(|known| known.name() == scene);
        let mut buildings = Building::ALL.into_iter();
        let building = buildings.find(|known| known.name() == building);
        let picture = Self {
            scene: scene.ok_or(NotAPicture)?,
            building: building.ok_or(NotAPicture)?,
            seed: u32::from_str_radix(seed, 16).map_err(|_| NotAPicture)?,
        };
        (picture.name() == name)
            .then_some(picture)
            .ok_or(NotAPicture)
    }
}

/// The error for a text that is the name of no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a picture")]
pub struct NotAPicture;

/// FNV-1a (Fowler, Noll and Vo), folded to 32 bits. Names are short, and the same on every machine
/// and in every release.
fn hash(text: &str) -> u32 {
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, mix);
    let folded = (hash ^ (hash >> 32)) & u64::from(u32::MAX);
    u32::try_from(folded).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const CONFIG: Config = Config {
        scenes: &[
            (Scene::Lake, &["river", "étang"]),
            (Scene::Coast, &["ocean", "sea", "mer"]),
        ],
        buildings: &[(Building::Boat, &["houseboat", "péniche"])],
    };

    const NO_WORDS: Config = Config {
        scenes: &[],
        buildings: &[],
    };

    #[test]
    fn a_title_gets_what_its_words_name() {
        for (title, scene, building) in [
            ("Ocean Retreat", Scene::Coast, Building::House),
            ("RIVER by the sea", Scene::Lake, Building::House),
            ("L’Étang bleu", Scene::Lake, Building::House),
            ("Seven Seas", Scene::Coast, Building::House),
            ("Houseboat No. 7", Scene::Plain, Building::Boat),
            ("Péniche en mer", Scene::Coast, Building::Boat),
            // No word of the sea, of a river or of a boat in them.
            ("Merry Seaton", Scene::Plain, Building::House),
            ("Riverdale", Scene::Plain, Building::House),
        ] {
            let picture = Picture::of(title, &CONFIG);
            assert_eq!(
                (picture.scene, picture.building),
                (scene, building),
                "{title}"
            );
        }
    }

    #[test]
    fn the_picture_of_a_title_stays_as_it_is() {
        let picture = Picture::of("Ocean Retreat", &CONFIG);
        assert_eq!(picture.name(), "coast-house-50316f28.svg");
        insta::assert_snapshot!(picture.draw());
    }

    /// Browsers have kept pictures under their addresses: where this fails, [`VERSION`] counts up.
    #[test]
    fn no_picture_changes_under_its_address() {
        let mut all = String::new();
        for scene in Scene::ALL {
            for building in Building::ALL {
                for number in 0..20_u32 {
                    let seed = hash(&number.to_string());
                    let picture = Picture {
                        scene,
                        building,
                        seed,
                    };
                    all += &picture.name();
                    all += &picture.draw();
                }
            }
        }
        assert_eq!((VERSION, hash(&all)), (2, 0xb615_1ddf));
    }

    #[test]
    fn many_titles_are_many_pictures() {
        let titles = (0..1_000).map(|number| format!("House {number}"));
        let pictures = titles.map(|title| Picture::of(&title, &CONFIG));
        let drawn: BTreeSet<String> = pictures.map(Picture::draw).collect();
        assert!(drawn.len() > 980, "{}", drawn.len());
    }

    /// The colours that water, hills, sand and rock have, and nothing else.
    fn landscape_colours(seed: u32) -> Vec<&'static str> {
        let palette = Palette::choose(&mut Random::new(u64::from(seed)));
        [palette.land, palette.earth, palette.stone, palette.water].concat()
    }

    #[test]
    fn names_of_another_form_are_refused() {
        for name in [
            "",
            "coast.svg",
            "coast-house.svg",
            "coast-00000001.svg",
            "coast-house-1",
            "coast-house-1.svg",
            "coast-house-0000000G.svg",
            "coast-house-0000000A.svg",
            "coast-house-+0000001.svg",
            "moon-house-00000001.svg",
            "coast-moon-00000001.svg",
            "Coast-house-00000001.svg",
            "coast-house-000000001.svg",
        ] {
            assert_eq!(name.parse::<Picture>(), Err(NotAPicture), "{name}");
        }
    }

    #[test]
    fn the_colours_of_landscapes_are_in_landscapes() {
        for scene in Scene::ALL {
            let building = Building::House;
            let picture = Picture {
                scene,
                building,
                seed: 7,
            };
            let drawing = picture.draw();
            let mut colours = landscape_colours(7).into_iter();
            let is_there = colours.any(|colour| drawing.contains(colour));
            assert_eq!(is_there, scene != Scene::Plain, "{}", scene.name());
        }
    }

    proptest! {
        #[test]
        fn whatever_the_title_there_is_a_picture_of_few_bytes(title in ".*") {
            let picture = Picture::of(&title, &CONFIG);
            prop_assert_eq!(picture.name().parse(), Ok(picture));
            let drawing = picture.draw();
            prop_assert!(drawing.len() < 8_000, "{} bytes", drawing.len());
            prop_assert!(drawing.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
            prop_assert!(drawing.ends_with("</svg>"));
        }

        #[test]
        fn where_no_landscape_is_named_none_is_drawn(title in ".*", building in 0..Building::ALL.len()) {
            let picture = Picture::of(&title, &NO_WORDS);
            prop_assert_eq!(picture.scene, Scene::Plain);
            let building = Building::ALL[building];
            let drawing = Picture { building, ..picture }.draw();
            for colour in landscape_colours(picture.seed) {
                prop_assert!(!drawing.contains(colour), "{} in {}", colour, drawing);
            }
        }

        #[test]
        fn no_name_panics(name in "[a-z]*-?[a-z]*-?[0-9a-f]*(\\.svg)?") {
            let _ = name.parse::<Picture>();
        }
    }
}
