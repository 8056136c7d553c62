//! Pictures of places.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use pictures::drawing::{Building, Config, Picture, Scene, VERSION};
use web::extract::Path;

/// What an address gives never changes: the address holds the version of the drawings.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `GET /pictures/{version}/{name}`
pub async fn show_picture(Path((version, name)): Path<(String, String)>) -> web::Result<Response> {
    if version != VERSION.to_string() {
        return Err(web::Error::NotFound);
    }
    let picture: Picture = name.parse().map_err(|_| web::Error::NotFound)?;
    let headers = [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, FOR_EVER)];
    Ok((headers, picture.draw()).into_response())
}

/// The address of the picture of a title.
pub fn picture_of(title: &str) -> String {
    let picture = Picture::of(title, &WORDS);
    format!("/pictures/{VERSION}/{}", picture.name())
}

/// The words, English and French, that name a landscape or what one lives in. A word that as often
/// names something else is left out: a bay may be a window, a port a wine, a ridge a street.
const WORDS: Config = Config {
    scenes: SCENES,
    buildings: BUILDINGS,
};

const SCENES: &[(Scene, &[&str])] = &[
    (
        Scene::Desert,
        &["desert", "désert", "desertscape", "mesa", "sahara"],
    ),
    (
        Scene::Lake,
        &[
            "lake",
            "lac",
            "lakefront",
            "lakehouse",
            "lakeside",
            "lakeview",
            "river",
            "riverbank",
            "riverfront",
            "riverside",
            "riverview",
            "rivière",
            "fleuve",
            "pond",
            "étang",
            "marsh",
            "marais",
            "bayou",
        ],
    ),
    (
        Scene::Coast,
        &[
            "ocean",
            "océan",
            "oceanfront",
            "oceanside",
            "oceanview",
            "sea",
            "mer",
            "seafront",
            "seashore",
            "seaside",
            "seaview",
            "beach",
            "plage",
            "beachfront",
            "beachside",
            "coast",
            "coastal",
            "cove",
            "crique",
            "caribbean",
            "caraïbe",
        ],
    ),
    (
        Scene::Grove,
        &[
            "grove",
            "orchard",
            "verger",
            "citrus",
            "orangery",
            "oranger",
            "orangeraie",
            "citronnier",
        ],
    ),
    (
        Scene::Mountains,
        &[
            "mountain",
            "montagne",
            "mountainside",
            "alp",
            "alpes",
            "alpine",
            "alpin",
            "peak",
            "summit",
            "sommet",
        ],
    ),
    (
        Scene::Forest,
        &["forest", "forêt", "woodland", "wood", "pine", "sapin"],
    ),
    (
        Scene::Town,
        &[
            "town",
            "ville",
            "city",
            "downtown",
            "street",
            "rue",
            "boulevard",
            "streetcar",
            "rowhouse",
            "townhouse",
            "brownstone",
            "quartier",
        ],
    ),
];

const BUILDINGS: &[(Building, &[&str])] = &[
    (Building::Lighthouse, &["lighthouse", "phare"]),
    (
        Building::Boat,
        &[
            "boat",
            "bateau",
            "houseboat",
            "péniche",
            "barge",
            "yacht",
            "voilier",
            "sailboat",
        ],
    ),
    (
        Building::Railcar,
        &[
            "train", "railcar", "railway", "caboose", "wagon", "sleeper", "sleeping",
        ],
    ),
    (
        Building::Caravan,
        &[
            "caravan",
            "caravane",
            "trailer",
            "airstream",
            "campervan",
            "camper",
            "roulotte",
        ],
    ),
    (Building::Dome, &["dome", "dôme", "igloo", "yurt", "yourte"]),
    (Building::Silo, &["silo"]),
    (
        Building::Barn,
        &["barn", "grange", "farm", "farmhouse", "ferme", "stable"],
    ),
    (
        Building::Cabin,
        &["cabin", "cabane", "chalet", "hut", "lodge", "frame"],
    ),
    (Building::Adobe, &["adobe", "hacienda", "pueblo", "casita"]),
    (
        Building::Flats,
        &[
            "loft",
            "flat",
            "apartment",
            "appartement",
            "studio",
            "penthouse",
            "condo",
            "duplex",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_gets_the_picture_of_what_it_names() {
        for (title, subject) in [
            ("Oceanview Retreat", "coast-house"),
            ("Pirates of the Caribbean Getaway", "coast-house"),
            ("La Maison du Phare", "plain-lighthouse"),
            ("Phare en mer", "coast-lighthouse"),
            ("Houseboat No. 7", "plain-boat"),
            ("Night Train Sleeping Car", "plain-railcar"),
            ("Chalet de montagne", "mountains-cabin"),
            ("The Packing House Loft", "plain-flats"),
            ("Les Orangers", "grove-house"),
            // In Georgia, without a desert; and streets, windows, people.
            ("Joshua Tree Green Haus /w Hot Tub", "plain-house"),
            ("Bay Window on Ridge Road", "plain-house"),
            ("Marshall’s, Riverdale", "plain-house"),
        ] {
            let address = picture_of(title);
            let start = format!("/pictures/{VERSION}/{subject}-");
            assert!(address.starts_with(&start), "{title}: {address}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_landscape_that_no_word_names_is_not_in_the_picture(title in "[A-Za-zé' ]{0,40}") {
            let words: Vec<String> = title
                .split(|c: char| !c.is_alphanumeric())
                .map(str::to_lowercase)
                .collect();
            let named = SCENES.iter().flat_map(|(_, names)| *names);
            let is_named = named.into_iter().any(|name| {
                words.iter().any(|word| word == name || *word == format!("{name}s"))
            });
            let is_plain = picture_of(&title).contains("/plain-");
            proptest::prop_assert_eq!(is_plain, !is_named);
        }
    }
}
