//! A photo as pages show it: its addresses in both forms and all widths.

use crate::domain::home::photo::{Photo, file};

/// The address of a file of a photo.
fn address_of(content: &str, name: &str) -> String {
    format!("/photos/{content}/{name}")
}

/// A photo in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shot {
    /// What is seen on it; empty if nobody has said, or if the page says it beside it.
    pub alt: String,
    /// The `srcset` of the modern form.
    pub webp: String,
    /// The `srcset` of the form that everything reads.
    pub jpeg: String,
    /// What is shown by a browser that knows neither.
    pub source: String,
    /// The whole photo at its largest.
    pub largest: String,
    /// The width of the largest, in pixels: with the height it gives the shape.
    pub width: u32,
    /// The height of the largest, in pixels.
    pub height: u32,
    /// The crop for `og:image`.
    pub card: String,
}

impl Shot {
    /// With its text in a language, or in the other where it has none in this one.
    pub fn new(photo: &Photo, language: &str) -> Self {
        let texts = [&photo.alt_en, &photo.alt_fr];
        let [first, second] = match language {
            "fr" => [texts[1], texts[0]],
            _ => texts,
        };
        let alt = if first.trim().is_empty() {
            second
        } else {
            first
        };
        Self {
            alt: alt.clone(),
            ..Self::decorative(photo)
        }
    }

    /// For a place where what is seen on it is said beside it.
    pub fn decorative(photo: &Photo) -> Self {
        let address = |name: &str| address_of(&photo.content, name);
        let source_set = |extension: &str| {
            let sizes = photo.sizes.iter();
            let sizes = sizes.map(|(width, _)| {
                let address = address(&format!("{width}.{extension}"));
                format!("{address} {width}w")
            });
            sizes.collect::<Vec<_>>().join(", ")
        };
        let (width, height) = photo.largest();
        let smallest = photo.sizes.first().map_or(width, |(width, _)| *width);
        Self {
            alt: String::new(),
            webp: source_set("webp"),
            jpeg: source_set("jpg"),
            source: address(&format!("{smallest}.jpg")),
            largest: address(&format!("{width}.jpg")),
            width,
            height,
            card: address(file::CARD),
        }
    }

    /// Whether the crop has the whole size that previews of links ask for, and not a smaller one.
    pub fn has_whole_card(&self) -> bool {
        let (width, height) = pictures::photo::CARD_SIZE;
        self.width >= width && self.height >= height
    }
}
