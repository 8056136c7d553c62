//! The library: its tables, and its models as the admin is told of them.

use std::collections::BTreeMap;
use std::pin::Pin;

use accounts::{schema, throttle};
use admin::model::{
    ExtraCells, Extras, Field, Fieldset, LABEL, ManyToMany, Model, Pages, TextPart, Thumbnail,
};
use admin::registry::App;
use db::schema::{Column, Index, Kind, Table};
use db::{Database, DbErr};
use web::i18n::Texts;

pub(crate) const APPS: &[App] = &[App {
    label: "library",
    name: "the-library",
    own_pages: &[],
}];

pub(crate) const MODELS: &[&Model] = &[&AUTHOR, &BOOK, &TAG, &COPY, &POSTER];

/// A table that only some libraries have.
pub(crate) const DEPENDENT_TABLES: &[(&str, &str, &str)] =
    &[("library_note", "book_id", "library.book")];

pub(crate) const AUTHOR: Model = Model {
    app: "library",
    name: "author",
    table: "library_author",
    singular: "author",
    plural: "authors",
    fields: &[
        Field::text("name", "name", 2..=40).unique(),
        Field::text("country", "country", 0..=2).clean(country),
        Field::boolean("is_guarded", "guarded"),
    ],
    label: &[TextPart::Value("name")],
    pages: Some(&Pages {
        columns: &[LABEL, "country"],
        search: &["name"],
        filters: &["country"],
        ordering: &["name"],
        fieldsets: &[Fieldset::plain(&["name", "country", "is_guarded"])],
        reserved: &["is_guarded"],
        ..Pages::BASE
    }),
    ..Model::BASE
};

pub(crate) const BOOK: Model = Model {
    app: "library",
    name: "book",
    table: "library_book",
    singular: "book",
    plural: "books",
    fields: &[
        Field::text("title", "title", 1..=60),
        Field::relation("author", "author", "library.author"),
        Field::text("isbn", "isbn", 3..=13).unique(),
        Field::integer("pages", "pages", 1..=9999),
        Field::boolean("is_lent", "lent").verbose_name("on loan"),
        Field::time("added", "added"),
        Field::optional_time("returned", "returned").written_by_program(),
        Field::many_to_many(
            "tags",
            "tags",
            ManyToMany {
                to: "library.tag",
                table: "library_book_tags",
                own_column: "book_id",
                other_column: "tag_id",
            },
        ),
    ],
    label: &[
        TextPart::Value("title"),
        TextPart::Text(" by "),
        TextPart::Value("author.name"),
    ],
    pages: Some(&Pages {
        columns: &[LABEL, "author", "author.country", "pages", "is_lent"],
        search: &["title", "author.name", "^isbn", "=pages"],
        filters: &["author", "tags", "is_lent", "author.country", "returned"],
        date_hierarchy: Some("added"),
        ordering: &["title"],
        fieldsets: &[
            Fieldset {
                title: None,
                fields: &["title", "author", "isbn", "pages"],
                embedded: Some("author"),
                wanted: &[],
            },
            Fieldset::titled("more", &["is_lent", "added", "returned", "tags"]),
        ],
        on_site: Some(&[
            TextPart::Text("/books/"),
            TextPart::Value("isbn"),
            TextPart::Text("/"),
        ]),
        ..Pages::BASE
    }),
    ..Model::BASE
};

pub(crate) const TAG: Model = Model {
    app: "library",
    name: "tag",
    table: "library_tag",
    singular: "tag",
    plural: "tags",
    fields: &[Field::text("word", "word", 1..=20).unique_in_any_case()],
    label: &[TextPart::Value("word")],
    pages: Some(&Pages {
        columns: &[LABEL],
        search: &[],
        filters: &[],
        ordering: &["-word"],
        fieldsets: &[Fieldset::plain(&["word"])],
        ..Pages::BASE
    }),
    ..Model::BASE
};

/// What stands on a shelf: goes with its book, and has no pages.
pub(crate) const COPY: Model = Model {
    app: "library",
    name: "copy",
    table: "library_copy",
    singular: "copy",
    plural: "copies",
    fields: &[
        Field::text("shelf", "shelf", 1..=10),
        Field::relation("book", "book", "library.book"),
    ],
    label: &[TextPart::Value("shelf")],
    ..Model::BASE
};

/// What hangs on a wall: fields of the kinds that the others have not.
pub(crate) const POSTER: Model = Model {
    app: "library",
    name: "poster",
    table: "library_poster",
    singular: "poster",
    plural: "posters",
    fields: &[
        Field::text("title", "title", 1..=20),
        Field::choice(
            "kind",
            "kind",
            &[("map", "kind-map"), ("print", "kind-print")],
        ),
        Field::optional_integer("width", "width", 10..=200),
        Field::text("note", "note", 0..=20).of_several_lines(),
    ],
    label: &[TextPart::Value("title")],
    pages: Some(&Pages {
        columns: &[LABEL, "kind", "width"],
        extras: Some(Extras {
            columns: &["wall", "frame"],
            find: walls,
        }),
        search: &["title"],
        filters: &["kind"],
        ordering: &["title"],
        fieldsets: &[Fieldset::plain(&["title", "kind", "width", "note"])],
        ..Pages::BASE
    }),
    ..Model::BASE
};

type FoundWalls = Result<BTreeMap<i64, ExtraCells>, DbErr>;

/// Each poster's wall is told with how many were asked for; the first has a picture, and the last nothing.
fn walls<'a>(
    _: &'a Database,
    keys: &'a [i64],
    texts: &'a Texts,
) -> Pin<Box<dyn Future<Output = FoundWalls> + Send + 'a>> {
    Box::pin(async move {
        let cells = |key: i64| ExtraCells {
            picture: (key == 1).then(|| Thumbnail {
                address: "/walls/1.jpg".to_owned(),
                size: (48, 32),
                alt: "A \"wall\"".to_owned(),
            }),
            texts: vec![format!("{key} of {}", keys.len()), texts.get("oak")],
        };
        let walls = keys.iter().filter(|key| **key != 3);
        Ok(walls.map(|key| (*key, cells(*key))).collect())
    })
}

/// Two letters, written large.
fn country(typed: &str) -> Result<String, &'static str> {
    if typed.len() == 2 && typed.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        Ok(typed.to_uppercase())
    } else {
        Err("error-country")
    }
}

pub(crate) const FAILURES: &str = "library_login_failure";

/// Django's tables, and those of the library.
pub(crate) fn tables() -> Vec<Table> {
    vec![
        schema::CONTENT_TYPE,
        schema::PERMISSION,
        schema::GROUP,
        schema::GROUP_PERMISSIONS,
        schema::USER,
        schema::USER_GROUPS,
        schema::USER_PERMISSIONS,
        schema::SESSION,
        throttle::table(FAILURES),
        admin::schema::LOG_ENTRY,
        AUTHORS,
        BOOKS,
        TAGS,
        BOOK_TAGS,
        COPIES,
        POSTERS,
    ]
}

const AUTHORS: Table = Table {
    name: "library_author",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("name", Kind::CharField(40)).index(Index::Unique),
        Column::new("country", Kind::CharField(2)),
        Column::new("is_guarded", Kind::BooleanField),
    ],
    unique_together: &[],
};

const BOOKS: Table = Table {
    name: "library_book",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("title", Kind::CharField(60)),
        Column::new("author_id", Kind::BigIntegerField).references("library_author"),
        Column::new("isbn", Kind::CharField(13)).index(Index::Unique),
        Column::new("pages", Kind::PositiveSmallIntegerField),
        Column::new("is_lent", Kind::BooleanField),
        Column::new("added", Kind::DateTimeField),
        Column::new("returned", Kind::DateTimeField).null(),
    ],
    unique_together: &[],
};

const TAGS: Table = Table {
    name: "library_tag",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("word", Kind::CharField(20)).index(Index::Unique),
    ],
    unique_together: &[],
};

const BOOK_TAGS: Table = Table {
    name: "library_book_tags",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("book_id", Kind::BigIntegerField).references("library_book"),
        Column::new("tag_id", Kind::BigIntegerField).references("library_tag"),
    ],
    unique_together: &[&["book_id", "tag_id"]],
};

const COPIES: Table = Table {
    name: "library_copy",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("shelf", Kind::CharField(10)),
        Column::new("book_id", Kind::BigIntegerField).references("library_book"),
    ],
    unique_together: &[],
};

const POSTERS: Table = Table {
    name: "library_poster",
    columns: &[
        Column::new("id", Kind::BigAutoField),
        Column::new("title", Kind::CharField(20)),
        Column::new("kind", Kind::CharField(8)),
        Column::new("width", Kind::PositiveSmallIntegerField).null(),
        Column::new("note", Kind::TextField),
    ],
    unique_together: &[],
};

/// A table of somebody else that points to books.
pub(crate) const fn pointing_to_books(name: &'static str) -> Table {
    const COLUMNS: &[Column] = &[
        Column::new("id", Kind::BigAutoField),
        Column::new("book_id", Kind::BigIntegerField).references("library_book"),
    ];
    Table {
        name,
        columns: COLUMNS,
        unique_together: &[],
    }
}

/// What stands in the library at first; the keys count from 1.
pub(crate) const ROWS: &[&str] = &[
    "INSERT INTO library_author (name, country, is_guarded) VALUES \
     ('Borges', 'AR', FALSE), ('Calvino', 'IT', FALSE), ('Lem', 'PL', FALSE)",
    "INSERT INTO library_book (title, author_id, isbn, pages, is_lent, added, returned) VALUES \
     ('Ficciones', 1, '111-1', 174, FALSE, '2024-01-02 03:04:05', NULL), \
     ('Cosmicomics', 2, '222-2', 153, TRUE, '2024-02-03 04:05:06', NULL), \
     ('Solaris', 3, '333-3', 204, FALSE, '2024-03-04 05:06:07', '2024-05-06 07:08:09'), \
     ('Palomar', 2, '444-4', 130, FALSE, '2024-04-05 06:07:08', NULL)",
    "INSERT INTO library_tag (word) VALUES ('fantasy'), ('space'), ('short')",
    "INSERT INTO library_book_tags (book_id, tag_id) VALUES (1, 1), (1, 3), (2, 2), (2, 3), (3, 2)",
    "INSERT INTO library_copy (shelf, book_id) VALUES ('A1', 1), ('A2', 1), ('B1', 2), ('C1', 3)",
];
