//! The photos of the example lettings: rendered from scenes of our own by the example `demo-photos` of
//! `pictures`, which writes the WebP files that the site makes of a photo. The rest is made of these.

use db::{Integer, Transaction};
use pictures::photo::{Prepared, complete};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, DbErr};

use crate::domain::home::photo::{self, Added};

/// The size that the photos were rendered in, in pixels.
const SIZE: (u32, u32) = (1200, 800);

/// A photo, what is seen on it, and its files.
struct SamplePhoto {
    name: &'static str,
    alt_en: &'static str,
    alt_fr: &'static str,
    /// From the narrowest.
    files: [&'static [u8]; 2],
}

/// A photo a line: its folder, and what is seen on it in English and French.
macro_rules! photos {
    ($($name:literal: $english:literal, $french:literal;)*) => {
        &[$(SamplePhoto {
            name: $name,
            alt_en: $english,
            alt_fr: $french,
            files: [
                include_bytes!(concat!("photos/", $name, "/480.webp")),
                include_bytes!(concat!("photos/", $name, "/960.webp")),
            ],
        }),*]
    };
}

const PHOTOS: &[SamplePhoto] = photos! {
    "a-frame": "A wooden A-frame in the snow, with a lit window and pines around it",
        "Un chalet en A dans la neige, une fenêtre éclairée, des sapins tout autour";
    "adobe": "A house of clay with a turquoise door, cacti and table mountains",
        "Une maison en adobe à la porte turquoise, des cactus et des mesas";
    "bathroom": "A bathroom with green tiles, a round mirror and a washbasin on oak",
        "Une salle de bains carrelée de vert, un miroir rond et une vasque sur un meuble en chêne";
    "bedroom": "A bedroom with a double bed, two lamps and a striped rug",
        "Une chambre avec un lit double, deux lampes et un tapis à rayures";
    "brick-row": "A row of brick houses behind street trees",
        "Une rangée de maisons de brique derrière les arbres de la rue";
    "cabin": "A log cabin with a porch, in front of tall pines",
        "Une cabane en rondins avec une véranda, devant de grands sapins";
    "fireside": "A wooden living room in the evening, with a fire in the stove",
        "Un salon en bois le soir, un feu dans le poêle";
    "green-house": "A moss-green house with a porch, trees behind it",
        "Une maison vert mousse avec une véranda, des arbres à l’arrière";
    "hill-view": "Two chairs on a deck in the evening, with lanterns and a view of hills",
        "Deux fauteuils sur une terrasse le soir, des lanternes et une vue sur les collines";
    "kitchen": "A kitchen with green cupboards, a wooden table and a bowl of fruit",
        "Une cuisine aux placards verts, une table en bois et une coupe de fruits";
    "lemon-house": "A yellow house with a blue door, between lemon trees",
        "Une maison jaune à la porte bleue, entre des citronniers";
    "living-room": "A living room with a green sofa, an orange armchair and a window onto trees",
        "Un salon avec un canapé vert, un fauteuil orange et une fenêtre sur les arbres";
    "shingle-cottage": "A cottage of grey shingles behind a white fence, in the dunes",
        "Un cottage en bardeaux gris derrière une barrière blanche, dans les dunes";
    "twin-room": "A room with two single beds below a window",
        "Une chambre avec deux lits simples près d’une fenêtre";
    "water-view": "A laid table on a terrace above wide water",
        "Une table dressée sur une terrasse au-dessus de l’eau, à perte de vue";
    "white-house": "A white house with a porch and a red door, on a lawn",
        "Une maison blanche avec une véranda et une porte rouge, sur une pelouse";
    "white-house-evening": "The house in the evening, with light in all windows",
        "La maison le soir, toutes les fenêtres éclairées";
};

/// A photo with all files.
pub(super) struct WholePhoto {
    sample: &'static SamplePhoto,
    prepared: Prepared,
}

/// All photos, each made whole once, however many homes have it.
pub(super) async fn all() -> Result<Vec<WholePhoto>, DbErr> {
    let making = tokio::task::spawn_blocking(|| PHOTOS.iter().map(whole).collect());
    let made = making.await;
    made.map_err(|error| DbErr::Custom(format!("the photos were not made: {error}")))?
}

fn whole(sample: &'static SamplePhoto) -> Result<WholePhoto, DbErr> {
    let prepared = complete(SIZE, &sample.files);
    let prepared = prepared.map_err(|error| DbErr::Custom(format!("{}: {error}", sample.name)))?;
    Ok(WholePhoto { sample, prepared })
}

/// Gives a home photos, by their names, in that order.
pub(super) async fn insert(
    db: &Transaction,
    home: Integer,
    (photos, names): (&[WholePhoto], &[String]),
) -> Result<(), DbErr> {
    for name in names {
        let photo = photos.iter().find(|photo| photo.sample.name == name);
        let photo = photo.ok_or_else(|| DbErr::Custom(format!("no photo is named {name}")))?;
        let added = photo::add(db, home, &photo.prepared).await?;
        let Added::Photo(id) = added else {
            return Err(DbErr::Custom(format!("the photo {name}: {added:?}")));
        };
        let described = photo::ActiveModel {
            id: Set(id),
            alt_en: Set(photo.sample.alt_en.to_owned()),
            alt_fr: Set(photo.sample.alt_fr.to_owned()),
            ..Default::default()
        };
        described.update(db).await?;
    }
    Ok(())
}
