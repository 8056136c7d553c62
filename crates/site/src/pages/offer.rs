//! What a letting offers, as its page shows it.

use super::dates;
use super::offer_icons::ICONS;
use super::offer_words::{AMENITIES, KINDS};
use crate::domain::home::{self, Home};
use crate::frame::Frame;
use crate::markdown;

/// What a letting offers, in words.
#[derive(Debug)]
pub struct Offer {
    /// The kind of home.
    pub kind: String,
    /// A sentence about it; may be empty.
    pub summary: String,
    /// A text about it as HTML that is safe to show; may be empty.
    pub description: String,
    /// For how many, and how large.
    pub facts: Vec<String>,
    /// Where one sleeps.
    pub beds: Vec<String>,
    /// What it has, in the order of the list.
    pub amenities: Vec<OfferedAmenity>,
    /// When to come and to leave, and who may not.
    pub rules: Vec<String>,
}

/// What a home has, in words and as a sign.
#[derive(Debug)]
pub struct OfferedAmenity {
    /// What it is called.
    pub name: String,
    /// The lines of its icon, as SVG writes a path; may be empty.
    pub icon: &'static str,
}

/// A thousand square metres, in square feet.
const SQUARE_FEET: i64 = 10_764;

impl Offer {
    /// The words for a home in a country.
    pub fn new(frame: &Frame, home: &Home, country: &str) -> Self {
        let facts = &home.facts;
        let is_french = frame.texts().language().language.as_str() == "fr";
        let (summary, description) = if is_french {
            let summary = first_given(&facts.summary_fr, &facts.summary_en);
            (
                summary,
                first_given(&facts.description_fr, &facts.description_en),
            )
        } else {
            let summary = first_given(&facts.summary_en, &facts.summary_fr);
            (
                summary,
                first_given(&facts.description_en, &facts.description_fr),
            )
        };
        let shown = AMENITIES.iter();
        let shown = shown.filter(|(slug, _)| home.has(slug));
        let mut kinds = KINDS.iter();
        let kind = kinds.find(|(kind, _)| *kind == facts.kind);
        let (_, kind) = kind.unwrap_or(&("other", "offer-kind-other"));
        Self {
            kind: frame.text(kind),
            summary: summary.to_owned(),
            description: markdown::html(description),
            facts: size(frame, facts, country),
            beds: beds(frame, facts),
            amenities: shown
                .map(|(slug, key)| OfferedAmenity {
                    name: frame.text(key),
                    icon: icon(slug),
                })
                .collect(),
            rules: rules(frame, facts, country),
        }
    }
}

fn icon(slug: &str) -> &'static str {
    let mut icons = ICONS.iter();
    let icon = icons.find(|(known, _)| *known == slug);
    icon.map_or("", |(_, lines)| lines)
}

/// The first text, or the second where it is empty: each language falls back on the other.
fn first_given<'a>(one: &'a str, other: &'a str) -> &'a str {
    if one.trim().is_empty() { other } else { one }
}

fn size(frame: &Frame, facts: &home::Model, country: &str) -> Vec<String> {
    let mut size = vec![
        frame.text_with("offer-sleeps", "count", facts.sleeps.0),
        frame.text_with("offer-bedrooms", "count", facts.bedrooms.0),
    ];
    let halves = facts.half_bathrooms.0;
    if halves > 0 {
        let point = frame.text("decimal-point");
        let half = if halves % 2 == 1 {
            format!("{point}5")
        } else {
            String::new()
        };
        let number = format!("{}{half}", halves / 2);
        let values = [("halves", halves.into()), ("number", number.into())];
        size.push(frame.texts().with("offer-bathrooms", values));
    }
    if let Some(area) = facts.area {
        size.push(if country == "USA" {
            let feet = (area.0 * SQUARE_FEET + 500) / 1_000;
            frame.text_with("offer-square-feet", "number", feet.to_string())
        } else {
            frame.text_with("offer-square-metres", "number", area.0.to_string())
        });
    }
    size
}

fn beds(frame: &Frame, facts: &home::Model) -> Vec<String> {
    let kinds = [
        ("offer-double-beds", facts.double_beds),
        ("offer-single-beds", facts.single_beds),
        ("offer-sofa-beds", facts.sofa_beds),
    ];
    let some = kinds.into_iter().filter(|(_, count)| count.0 > 0);
    some.map(|(key, count)| frame.text_with(key, "count", count.0))
        .collect()
}

fn rules(frame: &Frame, facts: &home::Model, country: &str) -> Vec<String> {
    let mut rules = Vec::new();
    for (key, time) in [
        ("offer-check-in", &facts.check_in),
        ("offer-check-out", &facts.check_out),
    ] {
        if !time.is_empty() {
            rules.push(frame.text_with(key, "time", dates::time(frame, country, time)));
        }
    }
    for (key, is_allowed) in [
        ("offer-children", facts.allows_children),
        ("offer-pets", facts.allows_pets),
        ("offer-smoking", facts.allows_smoking),
    ] {
        let answer = if is_allowed { "yes" } else { "no" };
        rules.push(frame.text_with(key, "allowed", answer));
    }
    if !facts.permit.is_empty() {
        rules.push(frame.text_with("offer-permit", "number", facts.permit.as_str()));
    }
    rules
}
