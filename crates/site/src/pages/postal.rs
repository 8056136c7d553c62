//! Addresses as their countries write them.

use serde_json::{Value, json};

use crate::countries::Country;
use crate::domain::letting::Detail;
use crate::frame::Frame;

/// The lines of an address, the country last. The street is absent where it is hidden.
pub fn lines(frame: &Frame, letting: &Detail) -> Vec<String> {
    let mut lines = local_lines(letting);
    lines.push(country_name(frame, &letting.country_iso_code));
    lines.retain(|line| !line.is_empty());
    lines
}

/// <https://schema.org/PostalAddress>
pub fn structured_data(letting: &Detail) -> Value {
    let street = street_line(letting);
    let country = Country::find(&letting.country_iso_code);
    json!({
        "@type": "PostalAddress",
        // Null is as good as absent (JSON-LD 1.1, 4.1).
        "streetAddress": Some(street).filter(|street| !street.is_empty()),
        "addressLocality": letting.city,
        "addressRegion": letting.state,
        "postalCode": letting.zip_code_text(),
        "addressCountry": country.map_or(&*letting.country_iso_code, |country| country.alpha_2),
    })
}

/// The name of a country by its three letters, which stand for themselves where no country has them.
fn country_name(frame: &Frame, alpha_3: &str) -> String {
    let language = frame.texts().language().language.as_str();
    let country = Country::find(alpha_3);
    country
        .map_or(alpha_3, |country| country.name(language))
        .to_owned()
}

/// The lines without the country, by the postal services of each.
fn local_lines(letting: &Detail) -> Vec<String> {
    let Detail { city, state, .. } = letting;
    let code = letting.zip_code_text();
    let street = street_line(letting);
    match &*letting.country_iso_code {
        "FRA" | "DEU" => vec![street, joined(&code, city)],
        // The postal code has a line of its own, below the town.
        "GBR" => vec![street, city.clone(), code],
        _ => vec![street, joined(&format!("{city}, {state}"), &code)],
    }
}

fn street_line(letting: &Detail) -> String {
    match &*letting.country_iso_code {
        "DEU" => joined(&letting.street, &letting.number),
        _ => joined(&letting.number, &letting.street),
    }
}

fn joined(one: &str, other: &str) -> String {
    format!("{one} {other}").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(number: &str, street: &str, state: &str, zip_code: &str, country: &str) -> Detail {
        Detail {
            title: "Retreat".to_owned(),
            number: number.to_owned(),
            street: street.to_owned(),
            city: "Town".to_owned(),
            state: state.to_owned(),
            zip_code: zip_code.to_owned(),
            postal_code: None,
            country_iso_code: country.to_owned(),
            has_home: false,
            seasons: Vec::new(),
        }
    }

    #[test]
    fn each_country_writes_in_its_own_order() {
        for (detail, expected) in [
            (
                detail("1", "Bay Road", "MA", "2134", "USA"),
                &["1 Bay Road", "Town, MA 02134"][..],
            ),
            (
                detail("12 bis", "rue de la Paix", "75", "1000", "FRA"),
                &["12 bis rue de la Paix", "01000 Town"],
            ),
            (
                Detail {
                    postal_code: Some("SW1A 1AA".to_owned()),
                    ..detail("10", "Downing Street", "LN", "0", "GBR")
                },
                &["10 Downing Street", "Town", "SW1A 1AA"],
            ),
            (
                detail("7", "Lange Straße", "SN", "1067", "DEU"),
                &["Lange Straße 7", "1067 Town"],
            ),
            (
                detail("3", "King Street", "ON", "123", "CAN"),
                &["3 King Street", "Town, ON 123"],
            ),
        ] {
            assert_eq!(local_lines(&detail), expected);
            let mut hidden = detail;
            hidden.hide_street();
            let without_street: Vec<_> = local_lines(&hidden);
            assert!(without_street[0].is_empty());
            assert_eq!(without_street[1..], expected[1..]);
        }
    }
}
