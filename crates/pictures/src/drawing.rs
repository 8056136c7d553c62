//! Pictures of places, drawn from their titles: the same title is always the same picture.
//!
//! The name of a picture holds all that it is drawn from, so that drawing needs no database, and an
//! answer may be kept for ever. Knows neither HTTP nor the words of titles: [`Config`] says which
//! of them call for which scene.

mod canvas;
mod palette;
mod random;
mod scenes;
mod things;

use std::str::FromStr;

use self::canvas::Canvas;
use self::palette::Palette;
use self::random::Random;

/// The version of the drawings. It counts up when pictures are drawn in another way. Whoever serves
/// pictures puts it into their addresses, since browsers keep for a year what is behind these.
pub const VERSION: u8 = 1;

/// The width of a picture in its own units.
const WIDTH: i32 = 240;

/// The height of a picture in its own units.
const HEIGHT: i32 = 160;

/// Which words of titles call for which scenes.
#[derive(Debug, Clone, Copy)]
pub struct Config {
    /// The beginnings of words, in small letters, that call for a scene. Where a title has words of
    /// several scenes, the first in this list is drawn. A beginning of up to four letters has to be
    /// the whole word, or all of it but a final `s`: `sea` is in `Seas` and not in `Seattle`.
    pub words: &'static [(Scene, &'static [&'static str])],
}

/// A picture, as what it is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    scene: Scene,
    /// The seed of everything that is left to chance.
    seed: u32,
}

/// What kind of place is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// A lighthouse above the sea.
    Lighthouse,
    /// Table mountains and sand.
    Desert,
    /// Water with a shore around it.
    Lake,
    /// The sea and a beach.
    Coast,
    /// Trees in rows, with or without fruits.
    Grove,
    /// Peaks and pines.
    Mountains,
    /// Houses side by side.
    Town,
}

impl Scene {
    /// All scenes. A title that calls for none is given one of these by its seed. So their order is
    /// a part of the addresses, and may only change with [`VERSION`].
    const ALL: [Self; 7] = [
        Self::Lighthouse,
        Self::Desert,
        Self::Lake,
        Self::Coast,
        Self::Grove,
        Self::Mountains,
        Self::Town,
    ];

    /// The first part of a picture's name.
    fn name(self) -> &'static str {
        match self {
            Self::Lighthouse => "lighthouse",
            Self::Desert => "desert",
            Self::Lake => "lake",
            Self::Coast => "coast",
            Self::Grove => "grove",
            Self::Mountains => "mountains",
            Self::Town => "town",
        }
    }
}

impl Picture {
    /// The picture of a title. Its seed is a hash of the title, and its scene is what a word of the
    /// title calls for; without such a word, the seed chooses. White space around the title does
    /// not count.
    pub fn of(title: &str, config: &Config) -> Self {
        let seed = hash(title.trim());
        let words: Vec<String> = title
            .split(|c: char| !c.is_alphanumeric())
            .map(str::to_lowercase)
            .collect();
        let is_called = |starts: &[&str]| {
            let mut starts = starts.iter();
            starts.any(|start| words.iter().any(|word| begins(word, start)))
        };
        let mut scenes = config.words.iter();
        let called = scenes.find(|(_, starts)| is_called(starts));
        let any = Scene::ALL[seed as usize % Scene::ALL.len()];
        let scene = called.map_or(any, |(scene, _)| *scene);
        Self { scene, seed }
    }

    /// Its name, for the last part of an address, such as `coast-d2d90366.svg`: ASCII letters,
    /// digits, `-` and `.`. Parsing the name gives the same picture.
    pub fn name(self) -> String {
        format!("{}-{:08x}.svg", self.scene.name(), self.seed)
    }

    /// Draws it: an SVG document of a few kilobytes without scripts, styles or references, the same
    /// for the same picture on every machine.
    pub fn draw(self) -> String {
        let mut random = Random::new(u64::from(self.seed));
        let palette = Palette::choose(&mut random);
        let mut canvas = Canvas::new(WIDTH, HEIGHT);
        match self.scene {
            Scene::Coast => scenes::coast(&mut canvas, &palette, &mut random),
            Scene::Desert => scenes::desert(&mut canvas, &palette, &mut random),
            Scene::Grove => scenes::grove(&mut canvas, &palette, &mut random),
            Scene::Lake => scenes::lake(&mut canvas, &palette, &mut random),
            Scene::Lighthouse => scenes::lighthouse(&mut canvas, &palette, &mut random),
            Scene::Mountains => scenes::mountains(&mut canvas, &palette, &mut random),
            Scene::Town => scenes::town(&mut canvas, &palette, &mut random),
        }
        canvas.finish()
    }
}

/// Whether a word begins with `start`. A start of up to four letters has to be the whole word but
/// for a final `s`: `mer` is not in `merry`.
fn begins(word: &str, start: &str) -> bool {
    // Nearly all are told apart by their first byte, and a long list has thousands of pairs.
    if word.as_bytes().first() != start.as_bytes().first() {
        return false;
    }
    if start.chars().count() > 4 {
        word.starts_with(start)
    } else {
        word == start || word.strip_suffix('s') == Some(start)
    }
}

/// Reads what [`Picture::name`] writes. Any other form is refused, a number with capital letters or
/// fewer digits too, so that a picture has one address.
impl FromStr for Picture {
    type Err = NotAPicture;

    fn from_str(name: &str) -> Result<Self, NotAPicture> {
        let stem = name.strip_suffix(".svg").ok_or(NotAPicture)?;
        let (scene, seed) = stem.rsplit_once('-').ok_or(NotAPicture)?;
        let mut scenes = Scene::ALL.into_iter();
        let found = scenes.find(|known| known.name() == scene);
        let picture = Self {
            scene: found.ok_or(NotAPicture)?,
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
        words: &[
            (Scene::Lake, &["river", "étang"]),
            (Scene::Coast, &["ocean", "sea", "mer"]),
        ],
    };

    #[test]
    fn a_title_gets_the_first_scene_that_a_word_of_it_calls_for() {
        for (title, scene) in [
            ("Oceanview Retreat", Scene::Coast),
            ("RIVER by the sea", Scene::Lake),
            ("L’Étang bleu", Scene::Lake),
            ("Seven Seas", Scene::Coast),
        ] {
            assert_eq!(Picture::of(title, &CONFIG).scene, scene, "{title}");
        }
        // No word of the sea in it.
        let merry = Picture::of("Merry", &CONFIG);
        assert_eq!(merry, Picture::of("Merry", &Config { words: &[] }));
    }

    #[test]
    fn every_scene_is_met_without_words() {
        let titles = (0..100).map(|number| format!("House {number}"));
        let pictures = titles.map(|title| Picture::of(&title, &Config { words: &[] }));
        let scenes: BTreeSet<_> = pictures.map(|picture| picture.scene.name()).collect();
        assert_eq!(scenes.len(), Scene::ALL.len());
    }

    #[test]
    fn the_picture_of_a_title_stays_as_it_is() {
        let picture = Picture::of("Oceanview Retreat", &CONFIG);
        assert_eq!(picture.name(), "coast-d2d90366.svg");
        insta::assert_snapshot!(picture.draw());
    }

    /// Browsers have kept pictures under their addresses: where this fails, [`VERSION`] counts up.
    #[test]
    fn no_picture_changes_under_its_address() {
        let mut all = String::new();
        for scene in Scene::ALL {
            for number in 0..100_u32 {
                let seed = hash(&number.to_string());
                let picture = Picture { scene, seed };
                all += &picture.name();
                all += &picture.draw();
            }
        }
        for number in 0..100 {
            let title = format!("House {number}");
            all += &Picture::of(&title, &Config { words: &[] }).name();
        }
        assert_eq!((VERSION, hash(&all)), (1, 0x3c6e_c501));
    }

    #[test]
    fn many_titles_are_many_pictures() {
        let titles = (0..1_000).map(|number| format!("House {number}"));
        let pictures = titles.map(|title| Picture::of(&title, &CONFIG));
        let drawn: BTreeSet<String> = pictures.map(Picture::draw).collect();
        assert!(drawn.len() > 990, "{}", drawn.len());
    }

    #[test]
    fn names_of_another_form_are_refused() {
        for name in [
            "",
            "coast.svg",
            "coast-1",
            "coast-1.svg",
            "coast-0000000G.svg",
            "coast-0000000A.svg",
            "coast-+0000001.svg",
            "moon-00000001.svg",
            "Coast-00000001.svg",
            "coast-000000001.svg",
        ] {
            assert_eq!(name.parse::<Picture>(), Err(NotAPicture), "{name}");
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
        fn no_name_panics(name in "[a-z]*-?[0-9a-f]*(\\.svg)?") {
            let _ = name.parse::<Picture>();
        }
    }
}
