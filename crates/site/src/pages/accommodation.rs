//! What a letting's page tells machines of the letting, in the words of schema.org: what is known, and no
//! more.

use db::Integer;
use serde_json::{Map, Value, json};

use super::postal;
use crate::domain::home::{self, Home, amenity};
use crate::domain::letting::Detail;

/// So many photos search engines ask of a vacation rental:
/// <https://developers.google.com/search/docs/appearance/structured-data/vacation-rental>.
const PHOTOS_OF_RENTAL: usize = 8;

/// What search engines call amenities, where they have other names than we; the page named above lists them.
const NAMES_OF_AMENITIES: &[(&str, &str)] = &[
    ("air-conditioning", "ac"),
    ("barbecue", "outdoorGrill"),
    ("cot", "crib"),
    ("hot-tub", "hotTub"),
    ("iron", "ironingBoard"),
    ("lift", "elevator"),
    ("oven", "ovenStove"),
    ("terrace", "patio"),
];

/// The unit of square metres, by UN/CEFACT.
const SQUARE_METRE: &str = "MTK";

/// A letting, with what is told of it beside its row.
#[derive(Debug, Clone, Copy)]
pub struct Described<'a> {
    /// Its key, which identifies it.
    pub id: i64,
    /// The address of its page, in full.
    pub url: &'a str,
    /// Its title and address.
    pub letting: &'a Detail,
    /// What it offers, where somebody has said.
    pub home: Option<&'a Home>,
    /// A sentence about it in the page's language; may be empty.
    pub summary: &'a str,
    /// The addresses of its photos, in full.
    pub photos: &'a [String],
}

/// <https://schema.org/VacationRental> where all is there that search engines ask of one, else
/// <https://schema.org/Accommodation>.
pub fn structured_data(described: Described<'_>) -> Value {
    let Described { letting, home, .. } = described;
    let mut data = Map::new();
    data.insert("@context".to_owned(), "https://schema.org".into());
    data.insert("name".to_owned(), letting.title.as_str().into());
    data.insert("url".to_owned(), described.url.into());
    data.insert("address".to_owned(), postal::structured_data(letting));
    if !described.photos.is_empty() {
        data.insert("image".to_owned(), json!(described.photos));
    }
    if !described.summary.is_empty() {
        data.insert("description".to_owned(), described.summary.into());
    }
    let kind = match home {
        None => "Accommodation",
        Some(home) => {
            let place = coordinates(&home.facts);
            let is_rental = place.is_some() && described.photos.len() >= PHOTOS_OF_RENTAL;
            data.extend(place.into_iter().flatten());
            if is_rental {
                data.extend(rental(described.id, home));
                "VacationRental"
            } else {
                data.extend(rooms(home));
                "Accommodation"
            }
        }
    };
    data.insert("@type".to_owned(), kind.into());
    Value::Object(data)
}

/// What a rental has and an accommodation has not.
fn rental(id: i64, home: &Home) -> Map<String, Value> {
    let facts = &home.facts;
    let mut place = rooms(home);
    place.insert("@type".to_owned(), "Accommodation".into());
    let whole = match &*facts.kind {
        "room" => "PrivateRoom",
        _ => "EntirePlace",
    };
    place.insert("additionalType".to_owned(), whole.into());
    let mut rental = named([
        ("identifier", id.to_string().into()),
        ("additionalType", capitalised(&facts.kind).into()),
        ("containsPlace", Value::Object(place)),
    ]);
    for (name, time) in [
        ("checkinTime", &facts.check_in),
        ("checkoutTime", &facts.check_out),
    ] {
        if !time.is_empty() {
            rental.insert(name.to_owned(), time.as_str().into());
        }
    }
    rental
}

/// What <https://schema.org/Accommodation> has for a home, beside its name and address.
fn rooms(home: &Home) -> Map<String, Value> {
    let facts = &home.facts;
    let amenities = amenity::AMENITIES.iter().filter(|slug| home.has(slug));
    let amenities = amenities.map(|slug| {
        let mut names = NAMES_OF_AMENITIES.iter();
        let name = names.find(|(ours, _)| ours == slug);
        let name = name.map_or(*slug, |(_, theirs)| *theirs);
        json!({"@type": "LocationFeatureSpecification", "name": name, "value": true})
    });
    let occupancy = json!({"@type": "QuantitativeValue", "maxValue": facts.sleeps.0});
    let mut rooms = named([
        ("occupancy", occupancy),
        ("numberOfBedrooms", facts.bedrooms.0.into()),
        ("petsAllowed", facts.allows_pets.into()),
        ("smokingAllowed", facts.allows_smoking.into()),
        ("amenityFeature", amenities.collect()),
    ]);
    let beds = [
        ("Double", facts.double_beds),
        ("Single", facts.single_beds),
        ("SofaBed", facts.sofa_beds),
    ];
    let beds = beds.into_iter().filter(|(_, count)| count.0 > 0);
    let bed = |(kind, count): (_, Integer)| json!({"@type": "BedDetails", "numberOfBeds": count.0, "typeOfBed": kind});
    let beds: Vec<_> = beds.map(bed).collect();
    if !beds.is_empty() {
        rooms.insert("bed".to_owned(), beds.into());
    }
    // A whole number is asked for: a room without shower and bath is none.
    if facts.half_bathrooms.0 >= 2 {
        let bathrooms = facts.half_bathrooms.0 / 2;
        rooms.insert("numberOfBathroomsTotal".to_owned(), bathrooms.into());
    }
    if let Some(area) = facts.area {
        let size = json!({"@type": "QuantitativeValue", "value": area.0, "unitCode": SQUARE_METRE});
        rooms.insert("floorSize".to_owned(), size);
    }
    rooms
}

/// Where it is, to five decimals; `None` where nobody has said, or the street is hidden, which the
/// coordinates would give away.
fn coordinates(facts: &home::Model) -> Option<Map<String, Value>> {
    let (latitude, longitude) = facts.latitude.zip(facts.longitude)?;
    facts.shows_street.then(|| {
        named([
            ("latitude", degrees(latitude.0)),
            ("longitude", degrees(longitude.0)),
        ])
    })
}

/// Hundred-thousandths of a degree as a number with five decimals, which a text keeps to the last zero.
fn degrees(value: i64) -> Value {
    let sign = if value < 0 { "-" } else { "" };
    let value = value.unsigned_abs();
    format!("{sign}{}.{:05}", value / 100_000, value % 100_000).into()
}

fn capitalised(kind: &str) -> String {
    let mut characters = kind.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

fn named<const COUNT: usize>(values: [(&str, Value); COUNT]) -> Map<String, Value> {
    let values = values.into_iter();
    values
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cabin() -> Home {
        let some = |number| Some(Integer(number));
        let text = |text: &str| text.to_owned();
        Home {
            facts: home::Model {
                id: Integer(1),
                letting_id: Integer(5),
                is_published: true,
                kind: text("cabin"),
                sleeps: Integer(4),
                bedrooms: Integer(2),
                double_beds: Integer(1),
                single_beds: Integer(2),
                sofa_beds: Integer(0),
                half_bathrooms: Integer(3),
                area: some(84),
                check_in: text("15:00"),
                check_out: String::new(),
                allows_pets: true,
                allows_smoking: false,
                allows_children: true,
                latitude: some(3_364_123),
                longitude: some(-11_791_870),
                permit: String::new(),
                shows_street: true,
                summary_en: String::new(),
                summary_fr: String::new(),
                description_en: String::new(),
                description_fr: String::new(),
                night_price: None,
                weekend_price: None,
                cleaning_price: Integer(0),
                deposit: Integer(0),
                min_nights: Integer(1),
                max_nights: None,
                guests_included: None,
                further_guest_price: Integer(0),
                weekly_percentage: Integer(0),
                monthly_percentage: Integer(0),
                tax_kind: text("none"),
                tax_amount: Integer(0),
                tax_cap: None,
            },
            amenities: vec![text("wifi"), text("hot-tub")],
        }
    }

    fn told(home: &Home, photos: usize) -> Value {
        let letting = Detail {
            title: "Cabin".to_owned(),
            number: "5".to_owned(),
            street: "Bay Road".to_owned(),
            city: "Boston".to_owned(),
            state: "MA".to_owned(),
            zip_code: "2134".to_owned(),
            postal_code: None,
            country_iso_code: "USA".to_owned(),
            has_home: true,
            seasons: Vec::new(),
        };
        structured_data(Described {
            id: 5,
            url: "https://site.example/lettings/5/",
            letting: &letting,
            home: Some(home),
            summary: "A cabin.",
            photos: &vec!["https://site.example/photo".to_owned(); photos],
        })
    }

    #[test]
    fn a_rental_has_all_that_search_engines_ask_for() {
        let data = told(&cabin(), 8);
        assert_eq!(data["@type"], "VacationRental");
        assert_eq!(data["identifier"], "5");
        assert_eq!(data["additionalType"], "Cabin");
        assert_eq!(data["latitude"], "33.64123");
        assert_eq!(data["longitude"], "-117.91870");
        assert_eq!(data["checkinTime"], "15:00");
        assert!(data.get("checkoutTime").is_none());
        assert_eq!(data["image"].as_array().unwrap().len(), 8);
        let place = &data["containsPlace"];
        assert_eq!(place["additionalType"], "EntirePlace");
        assert_eq!(place["occupancy"]["maxValue"], 4);
        assert_eq!(place["bed"][1]["numberOfBeds"], 2);
        assert_eq!(place["numberOfBathroomsTotal"], 1);
        assert_eq!(place["floorSize"]["unitCode"], "MTK");
        assert_eq!(place["amenityFeature"][0]["name"], "wifi");
        assert_eq!(place["amenityFeature"][1]["name"], "hotTub");
    }

    #[test]
    fn what_lacks_something_is_an_accommodation() {
        let data = told(&cabin(), 7);
        assert_eq!(data["@type"], "Accommodation");
        assert_eq!(data["occupancy"]["maxValue"], 4);
        assert!(data.get("containsPlace").is_none());
        // The coordinates would give away what the owner hides.
        let mut hidden = cabin();
        hidden.facts.shows_street = false;
        let data = told(&hidden, 8);
        assert_eq!(data["@type"], "Accommodation");
        assert!(data.get("latitude").is_none());
    }

    #[test]
    fn a_place_has_five_decimals() {
        for (value, expected) in [
            (3_364_123, "33.64123"),
            (-11_791_870, "-117.91870"),
            (-5, "-0.00005"),
            (0, "0.00000"),
        ] {
            assert_eq!(degrees(value), expected);
        }
    }
}
