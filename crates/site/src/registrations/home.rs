//! What a letting offers, in the admin: a home with its amenities and seasons.

use admin::model::{Field, Fieldset, Inline, LABEL, Limit, Model, Pages, TextPart, Unit, WordSet};

use crate::domain::home::{self, contact};
use crate::markdown;
use crate::pages::offer_words::{AMENITIES, KINDS};

/// What a letting offers and costs. Who may change the letting may change it.
pub const HOME: Model = Model {
    app: "homes",
    name: "home",
    table: "oc_lettings_home",
    singular: "model-home",
    plural: "model-homes",
    fields: FIELDS,
    label: &[TextPart::Value("letting.title")],
    pages: Some(&Pages {
        columns: &[
            LABEL,
            "kind",
            "sleeps",
            "bedrooms",
            "night_price",
            "is_published",
        ],
        search: &["letting.title", "summary_en", "summary_fr", "permit"],
        filters: &["is_published", "kind"],
        ordering: &["-id"],
        fieldsets: FIELDSETS,
        on_site: Some(&[
            TextPart::Text("/lettings/"),
            TextPart::Value("letting.id"),
            TextPart::Text("/"),
        ]),
        inlines: &[
            Inline {
                model: "homes.season",
                relation: "home",
                ordering: "first_night",
                most: 30,
            },
            Inline {
                model: "homes.contact",
                relation: "home",
                ordering: "id",
                most: 1,
            },
        ],
        links: &[
            (
                "home-photos",
                &[
                    TextPart::Text("/admin/lettings/letting/"),
                    TextPart::Value("letting.id"),
                    TextPart::Text("/photos/"),
                ],
            ),
            (
                "home-letting",
                &[
                    TextPart::Text("/admin/lettings/letting/"),
                    TextPart::Value("letting.id"),
                    TextPart::Text("/change/"),
                ],
            ),
        ],
        ..Pages::BASE
    }),
    part_of: Some("letting"),
    ordered: &[["min_nights", "max_nights"]],
    limits: &[Limit {
        field: "tax_amount",
        most: *home::TAX_HUNDREDTHS.end(),
        when: ("tax_kind", home::TAX_PERCENTAGE),
    }],
    ..Model::BASE
};

/// Nights with a price of their own, in the form of their home.
pub const SEASON: Model = Model {
    app: "homes",
    name: "season",
    table: "oc_lettings_season",
    singular: "model-season",
    plural: "model-seasons",
    fields: &[
        Field::relation("home", "model-home", "homes.home"),
        Field::date("first_night", "field-first-night"),
        Field::date("last_night", "field-last-night"),
        Field::integer("night_price", "field-night-price", home::PRICE).unit(Unit::Currency),
        Field::optional_integer("min_nights", "field-min-nights", home::NIGHTS),
    ],
    label: &[
        TextPart::Value("first_night"),
        TextPart::Text(" – "),
        TextPart::Value("last_night"),
    ],
    ordered: &[["first_night", "last_night"]],
    ..Model::BASE
};

/// To whom the questions about a home go, in the form of that home.
pub const CONTACT: Model = Model {
    app: "homes",
    name: "contact",
    table: "oc_lettings_contact",
    singular: "model-contact",
    plural: "model-contact",
    fields: &[
        Field::relation("home", "model-home", "homes.home").unique(),
        Field::text("email", "field-contact-email", contact::EMAIL)
            .input_type("email")
            .clean(clean_email)
            .help("help-contact-email"),
    ],
    label: &[TextPart::Value("email")],
    ..Model::BASE
};

const FIELDS: &[Field] = &[
    Field::relation("letting", "field-letting", "lettings.letting").unique(),
    Field::boolean("is_published", "field-is-published")
        .default_true()
        .help("help-is-published"),
    Field::choice("kind", "field-kind", KINDS),
    Field::integer("sleeps", "field-sleeps", home::SLEEPS).default_number(2),
    Field::integer("bedrooms", "field-bedrooms", home::BEDROOMS).default_number(1),
    Field::integer("double_beds", "field-double-beds", home::BEDS).default_number(1),
    Field::integer("single_beds", "field-single-beds", home::BEDS).default_number(0),
    Field::integer("sofa_beds", "field-sofa-beds", home::BEDS).default_number(0),
    Field::integer(
        "half_bathrooms",
        "field-half-bathrooms",
        home::HALF_BATHROOMS,
    )
    .unit(Unit::Half)
    .default_number(2)
    .help("help-half-bathrooms"),
    Field::optional_integer("area", "field-area", home::AREA).help("help-area"),
    Field::text("check_in", "field-check-in", 0..=5)
        .input_type("time")
        .clean(clean_time),
    Field::text("check_out", "field-check-out", 0..=5)
        .input_type("time")
        .clean(clean_time),
    Field::boolean("allows_pets", "field-allows-pets"),
    Field::boolean("allows_smoking", "field-allows-smoking"),
    Field::boolean("allows_children", "field-allows-children").default_true(),
    Field::optional_integer("latitude", "field-latitude", home::LATITUDE)
        .unit(Unit::Decimal(5))
        .help("help-latitude"),
    Field::optional_integer("longitude", "field-longitude", home::LONGITUDE).unit(Unit::Decimal(5)),
    Field::text("permit", "field-permit", home::PERMIT).help("help-permit"),
    Field::boolean("shows_street", "field-shows-street")
        .default_true()
        .help("help-shows-street"),
    Field::text("summary_en", "field-summary-en", home::SUMMARY).help("help-summary"),
    Field::text("summary_fr", "field-summary-fr", home::SUMMARY).help("help-summary"),
    Field::text(
        "description_en",
        "field-description-en",
        0..=home::DESCRIPTION,
    )
    .of_several_lines()
    .preview(markdown::html)
    .help("help-description"),
    Field::text(
        "description_fr",
        "field-description-fr",
        0..=home::DESCRIPTION,
    )
    .of_several_lines()
    .preview(markdown::html)
    .help("help-description"),
    Field::words(
        "amenities",
        "field-amenities",
        WordSet {
            table: "oc_lettings_amenity",
            own_column: "home_id",
            word_column: "slug",
            choices: AMENITIES,
        },
    ),
    Field::optional_integer("night_price", "field-night-price", home::PRICE)
        .unit(Unit::Currency)
        .help("help-night-price"),
    Field::optional_integer("weekend_price", "field-weekend-price", home::PRICE)
        .unit(Unit::Currency)
        .help("help-weekend-price"),
    Field::integer("min_nights", "field-min-nights", home::NIGHTS).default_number(1),
    Field::optional_integer("max_nights", "field-max-nights", home::NIGHTS),
    Field::integer("cleaning_price", "field-cleaning-price", home::PRICE)
        .unit(Unit::Currency)
        .default_number(0)
        .help("help-cleaning-price"),
    Field::optional_integer("guests_included", "field-guests-included", home::SLEEPS)
        .help("help-guests-included"),
    Field::integer(
        "further_guest_price",
        "field-further-guest-price",
        home::PRICE,
    )
    .unit(Unit::Currency)
    .default_number(0),
    Field::integer(
        "weekly_percentage",
        "field-weekly-percentage",
        home::PERCENTAGE,
    )
    .default_number(0),
    Field::integer(
        "monthly_percentage",
        "field-monthly-percentage",
        home::PERCENTAGE,
    )
    .default_number(0)
    .help("help-monthly-percentage"),
    Field::integer("deposit", "field-deposit", home::PRICE)
        .unit(Unit::Currency)
        .default_number(0)
        .help("help-deposit"),
    Field::choice(
        "tax_kind",
        "field-tax-kind",
        &[
            (home::NO_TAX, "tax-none"),
            (home::TAX_PER_ADULT_NIGHT, "tax-adult-night"),
            (home::TAX_PERCENTAGE, "tax-percentage"),
        ],
    ),
    Field::integer("tax_amount", "field-tax-amount", home::PRICE)
        .unit(Unit::Decimal(2))
        .default_number(0)
        .help("help-tax-amount"),
    Field::optional_integer("tax_cap", "field-tax-cap", home::PRICE)
        .unit(Unit::Currency)
        .help("help-tax-cap"),
];

const FIELDSETS: &[Fieldset] = &[
    Fieldset::titled("home-publication", &["letting", "is_published", "kind"]),
    Fieldset::titled(
        "home-size",
        &["sleeps", "bedrooms", "half_bathrooms", "area"],
    ),
    Fieldset::titled("home-beds", &["double_beds", "single_beds", "sofa_beds"]),
    Fieldset::titled(
        "home-rules",
        &[
            "check_in",
            "check_out",
            "allows_pets",
            "allows_smoking",
            "allows_children",
        ],
    )
    .wants(&[&["check_in"], &["check_out"]]),
    Fieldset::titled(
        "home-place",
        &["shows_street", "latitude", "longitude", "permit"],
    )
    .wants(&[&["latitude"], &["longitude"]]),
    Fieldset::titled(
        "home-texts",
        &[
            "summary_en",
            "summary_fr",
            "description_en",
            "description_fr",
        ],
    )
    .wants(&[
        &["summary_en", "summary_fr"],
        &["description_en", "description_fr"],
    ]),
    Fieldset::titled("home-amenities", &["amenities"]).wants(&[&["amenities"]]),
    Fieldset::titled(
        "home-prices",
        &[
            "night_price",
            "weekend_price",
            "min_nights",
            "max_nights",
            "cleaning_price",
            "guests_included",
            "further_guest_price",
            "weekly_percentage",
            "monthly_percentage",
            "deposit",
            "tax_kind",
            "tax_amount",
            "tax_cap",
        ],
    )
    .wants(&[&["night_price"]]),
];

fn clean_email(typed: &str) -> Result<String, &'static str> {
    let address = mail::Address::parse(typed).map_err(|_| "enquiry-no-email")?;
    Ok(address.as_str().to_owned())
}

fn clean_time(typed: &str) -> Result<String, &'static str> {
    match home::check_time("", typed) {
        Ok(()) => Ok(typed.to_owned()),
        Err(_) => Err("error-time-of-day"),
    }
}
