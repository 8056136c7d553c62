//! The derived table of the names by which profiles are found, and the index of their words. It has no e-mail
//! address: those are not searched.

use db::schema::{
    Column, Content, DerivedTable, Index, Kind, RowQuery, Source, Table, WORD_PARTS, WordIndex,
};

use crate::words::folded;

/// The parts of the index: the username, first and last name.
pub const USERNAME: usize = 0;
/// First and last name.
pub const NAMES: usize = 1;

/// The name of the table.
pub const PERSON_TABLE: &str = PERSON.name;

/// Profiles with a user.
pub(super) const PROFILE_PERSON: DerivedTable = DerivedTable {
    table: &PERSON,
    content: Content::Rows(RowQuery {
        from: "profiles_profile AS profile JOIN auth_user AS person ON person.id = profile.user_id",
        key: "profile.id",
        values: &["person.username", "person.first_name", "person.last_name"],
        sources: &[
            Source {
                table: "profiles_profile",
                id: "profile.id",
            },
            Source {
                table: "auth_user",
                id: "person.id",
            },
        ],
        details: &[],
    }),
    words: Some(WORDS),
};

/// The index of words.
pub const WORDS: WordIndex = WordIndex {
    table: &WORD_TABLE,
    version: 2,
    spelling: &SPELLING,
    columns: &["username", "first_name", "last_name"],
    words: person_words,
    names: None,
};

const PERSON: Table = Table {
    name: "oc_lettings_person",
    columns: &[
        Column::new("profile_id", Kind::BigIntegerField).index(Index::PrimaryKey),
        Column::new("username", Kind::TextField).null(),
        Column::new("first_name", Kind::TextField).null(),
        Column::new("last_name", Kind::TextField).null(),
    ],
    unique_together: &[],
};

const WORD_TABLE: Table = Table {
    name: "oc_lettings_person_words",
    columns: &[Column::new("profile_id", Kind::BigIntegerField).index(Index::PrimaryKey)],
    unique_together: &[],
};

const SPELLING: Table = Table {
    name: "oc_lettings_person_spelling",
    columns: &[
        Column::new("spelling", Kind::CharField(64)),
        Column::new("word", Kind::CharField(64)),
    ],
    unique_together: &[&["spelling", "word"]],
};

fn person_words(values: &[String]) -> [String; WORD_PARTS] {
    let mut parts = [const { String::new() }; WORD_PARTS];
    if let [username, first, last] = values {
        parts[USERNAME] = folded(username);
        parts[NAMES] = folded(&format!("{first} {last}"));
    }
    parts
}
