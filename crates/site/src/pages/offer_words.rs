//! The words for what homes may be and have: keys of the catalogue.

/// The key of each kind of home, in the order of [`crate::domain::home::KINDS`].
pub const KINDS: &[(&str, &str)] = &[
    ("house", "offer-kind-house"),
    ("apartment", "offer-kind-apartment"),
    ("cabin", "offer-kind-cabin"),
    ("cottage", "offer-kind-cottage"),
    ("villa", "offer-kind-villa"),
    ("studio", "offer-kind-studio"),
    ("boat", "offer-kind-boat"),
    ("caravan", "offer-kind-caravan"),
    ("room", "offer-kind-room"),
    ("other", "offer-kind-other"),
];

/// The key of each amenity, in the order of [`crate::domain::home::amenity::AMENITIES`], in which they
/// are shown.
pub const AMENITIES: &[(&str, &str)] = &[
    ("wifi", "amenity-wifi"),
    ("kitchen", "amenity-kitchen"),
    ("washing-machine", "amenity-washing-machine"),
    ("dryer", "amenity-dryer"),
    ("air-conditioning", "amenity-air-conditioning"),
    ("heating", "amenity-heating"),
    ("fireplace", "amenity-fireplace"),
    ("tv", "amenity-tv"),
    ("workspace", "amenity-workspace"),
    ("dishwasher", "amenity-dishwasher"),
    ("refrigerator", "amenity-refrigerator"),
    ("oven", "amenity-oven"),
    ("microwave", "amenity-microwave"),
    ("coffee-maker", "amenity-coffee-maker"),
    ("bed-linen", "amenity-bed-linen"),
    ("towels", "amenity-towels"),
    ("hair-dryer", "amenity-hair-dryer"),
    ("iron", "amenity-iron"),
    ("bathtub", "amenity-bathtub"),
    ("cot", "amenity-cot"),
    ("high-chair", "amenity-high-chair"),
    ("parking", "amenity-parking"),
    ("garage", "amenity-garage"),
    ("car-charger", "amenity-car-charger"),
    ("bicycles", "amenity-bicycles"),
    ("terrace", "amenity-terrace"),
    ("balcony", "amenity-balcony"),
    ("garden", "amenity-garden"),
    ("barbecue", "amenity-barbecue"),
    ("pool", "amenity-pool"),
    ("hot-tub", "amenity-hot-tub"),
    ("sauna", "amenity-sauna"),
    ("sea-view", "amenity-sea-view"),
    ("waterfront", "amenity-waterfront"),
    ("boat", "amenity-boat"),
    ("step-free", "amenity-step-free"),
    ("lift", "amenity-lift"),
    ("wide-doors", "amenity-wide-doors"),
    ("smoke-alarm", "amenity-smoke-alarm"),
    ("carbon-monoxide-alarm", "amenity-carbon-monoxide-alarm"),
    ("fire-extinguisher", "amenity-fire-extinguisher"),
    ("first-aid-kit", "amenity-first-aid-kit"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::home::{self, amenity};

    #[test]
    fn every_kind_and_amenity_has_a_key() {
        let values = |words: &[(&'static str, &str)]| -> Vec<_> {
            words.iter().map(|(value, _)| *value).collect()
        };
        assert_eq!(values(KINDS), home::KINDS);
        assert_eq!(values(AMENITIES), amenity::AMENITIES);
    }
}
