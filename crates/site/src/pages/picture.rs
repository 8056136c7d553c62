//! Pictures of places.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use pictures::drawing::{Config, Picture, Scene, VERSION};
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
    let picture = Picture::of(title, &Config { words: WORDS });
    format!("/pictures/{VERSION}/{}", picture.name())
}

/// The words, English and French, that call for a scene.
const WORDS: &[(Scene, &[&str])] = &[
    (
        Scene::Lighthouse,
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
        &[
            "desert", "désert", "joshua", "adobe", "mesa", "cactus", "rock", "ranch",
        ],
    ),
    (
        Scene::Lake,
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
        &[
            "orange", "grove", "verger", "citrus", "lemon", "citron", "orchard", "garden",
            "jardin", "farm", "ferme", "barn", "grange", "almond", "fig", "silo", "vine", "vigne",
            "prairie", "maple", "green", "mushroom",
        ],
    ),
    (
        Scene::Mountains,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_that_says_what_it_is_gets_the_scene_of_it() {
        for (title, scene) in [
            ("Oceanview Retreat", "coast"),
            ("Pirates of the Caribbean Getaway", "coast"),
            ("La Maison du Phare", "lighthouse"),
            ("Joshua Tree Green Haus /w Hot Tub", "desert"),
            ("Houseboat No. 7", "lake"),
            ("Chalet de montagne", "mountains"),
            ("The Packing House Loft", "town"),
            ("Les Orangers", "grove"),
        ] {
            let address = picture_of(title);
            let start = format!("/pictures/{VERSION}/{scene}-");
            assert!(address.starts_with(&start), "{title}: {address}");
        }
    }
}
