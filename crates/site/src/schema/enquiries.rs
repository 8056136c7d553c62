//! The tables of what guests ask and staff answer, and of the letters about it.

use db::schema::{Column, Index, Kind, Table};

use super::homes::HOME;

/// What somebody asked about a letting.
pub(super) const ENQUIRY: Table = Table {
    name: "oc_lettings_enquiry",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("letting_id", Kind::BigIntegerField)
            .references("lettings_letting")
            .cascades(),
        // What guest and staff call it.
        Column::new("number", Kind::CharField(16)).index(Index::Unique),
        // The same for the same question sent again.
        Column::new("digest", Kind::CharField(64)).index(Index::Unique),
        Column::new("state", Kind::CharField(16)).index(Index::Plain),
        Column::new("received_at", Kind::DateTimeField).index(Index::Plain),
        Column::new("name", Kind::CharField(150)),
        Column::new("email", Kind::CharField(254)).index(Index::Plain),
        Column::new("telephone", Kind::CharField(32)),
        Column::new("arrival", Kind::DateField).null(),
        Column::new("departure", Kind::DateField).null(),
        Column::new("adults", Kind::PositiveSmallIntegerField),
        Column::new("children", Kind::PositiveSmallIntegerField),
        Column::new("pets", Kind::PositiveSmallIntegerField),
        Column::new("message", Kind::TextField),
        Column::new("language", Kind::CharField(8)),
        // What the quote came to when it was asked, in the smallest unit of the currency.
        Column::new("quoted_total", Kind::BigIntegerField).null(),
        Column::new("quoted_currency", Kind::CharField(3)),
        // The stay that was made of it. It may be gone.
        Column::new("stay_id", Kind::BigIntegerField).null(),
    ],
    unique_together: &[],
};

/// Texts that staff answers with.
pub(super) const ANSWER: Table = Table {
    name: "oc_lettings_answer",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("name", Kind::CharField(64)).index(Index::Unique),
        Column::new("text_en", Kind::TextField),
        Column::new("text_fr", Kind::TextField),
    ],
    unique_together: &[],
};

/// To whom the questions about a home go: one row, or none.
pub(super) const CONTACT: Table = Table {
    name: "oc_lettings_contact",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("home_id", Kind::BigIntegerField)
            .index(Index::Unique)
            .references(HOME.name)
            .cascades(),
        Column::new("email", Kind::CharField(254)),
    ],
    unique_together: &[],
};

/// The pages that the law asks for, by their addresses.
pub(super) const LEGAL_TEXT: Table = Table {
    name: "oc_lettings_legal_text",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("slug", Kind::CharField(16)).index(Index::Unique),
        Column::new("text_en", Kind::TextField),
        Column::new("text_fr", Kind::TextField),
        Column::new("changed_at", Kind::DateTimeField),
    ],
    unique_together: &[],
};

/// Letters to be sent, and those that were.
pub(super) const LETTER: Table = mail::table("oc_lettings_letter");
