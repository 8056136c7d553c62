//! Pictures of places, drawn from their titles: the same title is always the same picture.
//!
//! The name of a picture holds all that it is drawn from, so that to draw one needs no database,
//! and an answer may be kept for ever. Knows nothing of HTTP.

mod canvas;
mod chance;
mod palette;
mod scenes;
mod things;

use std::fmt;
use std::str::FromStr;

use self::canvas::Canvas;
use self::chance::Chance;
use self::palette::Palette;

/// Counts up when pictures are drawn in another way: it is part of their addresses, and browsers
/// keep what is behind these for a year.
pub const VERSION: u8 = 1;

/// The width of a picture in its own units.
pub const WIDTH: i32 = 240;

/// The height of a picture in its own units.
pub const HEIGHT: i32 = 160;

/// What a picture is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    scene: Scene,
    seed: u32,
}

/// What kind of place it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scene {
    Coast,
    Desert,
    Grove,
    Lake,
    Lighthouse,
    Mountains,
    Town,
}

/// Every scene with its name and with the beginnings of words, English and French, that call for
/// it. Of several the first in this list is drawn.
const SCENES: [(Scene, &str, &[&str]); 7] = [
    (
        Scene::Lighthouse,
        "lighthouse",
        &[
            "lighthouse",
            "lantern",
            "phare",
            "beacon",
            "cliff",
            "falaise",
        ],
    ),
    (
        Scene::Desert,
        "desert",
        &[
            "desert", "désert", "joshua", "adobe", "mesa", "cactus", "rock", "ranch",
        ],
    ),
    (
        Scene::Lake,
        "lake",
        &[
            "lake",
            "lac",
            "river",
            "rivière",
            "houseboat",
            "bayou",
            "marsh",
            "marais",
            "dock",
            "péniche",
            "pond",
            "étang",
            "bog",
        ],
    ),
    (
        Scene::Coast,
        "coast",
        &[
            "ocean",
            "océan",
            "sea",
            "mer",
            "beach",
            "plage",
            "coast",
            "côte",
            "cove",
            "crique",
            "pier",
            "bay",
            "baie",
            "surf",
            "pirate",
            "caribbean",
            "caraïbes",
            "palm",
            "dune",
            "harbour",
            "harbor",
            "port",
            "tide",
            "salt",
        ],
    ),
    (
        Scene::Grove,
        "grove",
        &[
            "orange", "grove", "verger", "citrus", "lemon", "citron", "orchard", "garden",
            "jardin", "farm", "ferme", "barn", "grange", "almond", "fig", "silo", "vine", "vigne",
            "prairie", "maple", "green", "mushroom",
        ],
    ),
    (
        Scene::Mountains,
        "mountains",
        &[
            "mountain",
            "montagne",
            "cabin",
            "chalet",
            "canyon",
            "ridge",
            "snow",
            "neige",
            "frame",
            "summit",
            "sommet",
            "observatory",
            "forest",
            "forêt",
            "hygge",
            "pine",
            "alp",
            "hill",
            "colline",
        ],
    ),
    (
        Scene::Town,
        "town",
        &[
            "loft",
            "flat",
            "brownstone",
            "rowhouse",
            "row",
            "studio",
            "town",
            "ville",
            "city",
            "street",
            "rue",
            "rooftop",
            "appartement",
            "apartment",
            "schoolhouse",
            "shotgun",
        ],
    ),
];

impl Picture {
    /// The picture of a title.
    pub fn of(title: &str) -> Self {
        let seed = hash(title.trim());
        let words: Vec<String> = title
            .split(|c: char| !c.is_alphanumeric())
            .map(str::to_lowercase)
            .collect();
        let calls = |starts: &&[&str]| {
            let starts = starts.iter();
            let mut found = starts.filter(|start| words.iter().any(|word| begins(word, start)));
            found.next().is_some()
        };
        let called = SCENES.iter().find(|(_, _, starts)| calls(starts));
        // A number of its own: the drawing takes its chances from the seed.
        let any = &SCENES[seed as usize % SCENES.len()];
        let (scene, _, _) = called.unwrap_or(any);
        Self {
            scene: *scene,
            seed,
        }
    }

    /// Its name as the last part of an address.
    pub fn name(self) -> String {
        format!("{self}.svg")
    }

    /// Draws it: an SVG document without scripts, styles or references.
    pub fn draw(self) -> String {
        let mut chance = Chance::new(u64::from(self.seed));
        let palette = Palette::choose(&mut chance);
        let mut canvas = Canvas::new(WIDTH, HEIGHT);
        match self.scene {
            Scene::Coast => scenes::coast(&mut canvas, &palette, &mut chance),
            Scene::Desert => scenes::desert(&mut canvas, &palette, &mut chance),
            Scene::Grove => scenes::grove(&mut canvas, &palette, &mut chance),
            Scene::Lake => scenes::lake(&mut canvas, &palette, &mut chance),
            Scene::Lighthouse => scenes::lighthouse(&mut canvas, &palette, &mut chance),
            Scene::Mountains => scenes::mountains(&mut canvas, &palette, &mut chance),
            Scene::Town => scenes::town(&mut canvas, &palette, &mut chance),
        }
        canvas.finish()
    }
}

/// A short word has to be the whole word, or its plural: `mer` is not in `merry`.
fn begins(word: &str, start: &str) -> bool {
    if start.chars().count() > 4 {
        word.starts_with(start)
    } else {
        word == start || word.strip_suffix('s') == Some(start)
    }
}

impl fmt::Display for Picture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut scenes = SCENES.iter();
        let found = scenes.find(|(scene, _, _)| *scene == self.scene);
        let name = found.map_or("", |(_, name, _)| name);
        write!(formatter, "{name}-{:08x}", self.seed)
    }
}

/// Reads the name of a picture; only the form that is written is read, so that one picture has
/// one address.
impl FromStr for Picture {
    type Err = NotAPicture;

    fn from_str(name: &str) -> Result<Self, NotAPicture> {
        let stem = name.strip_suffix(".svg").ok_or(NotAPicture)?;
        let (scene, seed) = stem.rsplit_once('-').ok_or(NotAPicture)?;
        let mut scenes = SCENES.iter();
        let found = scenes.find(|(_, name, _)| *name == scene);
        let picture = Self {
            scene: found.ok_or(NotAPicture)?.0,
            seed: u32::from_str_radix(seed, 16).map_err(|_| NotAPicture)?,
        };
        (picture.name() == name)
            .then_some(picture)
            .ok_or(NotAPicture)
    }
}

/// The name of no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a picture")]
pub struct NotAPicture;

/// FNV-1a, folded to 32 bits: short names, and the same on every machine and in every release.
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

    #[test]
    fn a_title_that_says_what_it_is_gets_the_scene_of_it() {
        for (title, scene) in [
            ("Oceanview Retreat", Scene::Coast),
            ("Pirates of the Caribbean Getaway", Scene::Coast),
            ("La Maison du Phare", Scene::Lighthouse),
            ("Joshua Tree Green Haus /w Hot Tub", Scene::Desert),
            ("Houseboat No. 7", Scene::Lake),
            ("Chalet de montagne", Scene::Mountains),
            ("The Packing House Loft", Scene::Town),
            ("Les Orangers", Scene::Grove),
        ] {
            assert_eq!(Picture::of(title).scene, scene, "{title}");
        }
        // No word of the sea in it.
        let merry = Picture::of("Merry").scene;
        assert_eq!(merry, SCENES[hash("Merry") as usize % SCENES.len()].0);
    }

    #[test]
    fn the_picture_of_a_title_stays_as_it_is() {
        let picture = Picture::of("Oceanview Retreat");
        assert_eq!(picture.name(), "coast-d2d90366.svg");
        insta::assert_snapshot!(picture.draw());
    }

    #[test]
    fn many_titles_are_many_pictures() {
        let titles = (0..1_000).map(|number| format!("House {number}"));
        let drawn: BTreeSet<String> = titles.map(|title| Picture::of(&title).draw()).collect();
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
            let picture = Picture::of(&title);
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
