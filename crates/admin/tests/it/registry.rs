//! Descriptions that contradict themselves or each other have a name each.

use admin::model::{Field, Fieldset, Inline, ManyToMany, Model, Pages, TextPart};
use admin::registry::{App, Registry};

use crate::support::models::{APPS, AUTHOR, BOOK, MODELS};

const PAGES: Pages = Pages {
    columns: &[],
    search: &[],
    filters: &[],
    ordering: &[],
    fieldsets: &[],
    ..Pages::BASE
};

/// An essay about a book, with nothing wrong.
const ESSAY: Model = Model {
    app: "library",
    name: "essay",
    table: "library_essay",
    singular: "essay",
    plural: "essays",
    fields: &[
        Field::text("title", "title", 0..=20),
        Field::relation("book", "book", "library.book"),
        Field::optional_time("printed", "printed"),
        Field::password("seal", "seal"),
        READERS,
    ],
    label: &[TextPart::Value("book.author.name")],
    pages: Some(&PAGES),
    ..Model::BASE
};

const READERS: Field = Field::many_to_many(
    "readers",
    "readers",
    ManyToMany {
        to: "library.author",
        table: "library_essay_readers",
        own_column: "essay_id",
        other_column: "author_id",
    },
);

fn with_pages(pages: Pages) -> Model {
    Model {
        pages: Some(Box::leak(Box::new(pages))),
        ..ESSAY
    }
}

fn with_fields(fields: &[Field]) -> Model {
    Model {
        fields: fields.to_vec().leak(),
        label: &[],
        ..ESSAY
    }
}

/// The names of all problems with the library and an essay.
fn problems(essay: Model) -> Vec<String> {
    let essay: &'static Model = Box::leak(Box::new(essay));
    let models = [MODELS, &[essay]].concat();
    let problems = Registry::new(APPS, &models).err().unwrap_or_default();
    problems.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn check(essay: Model, expected: &[&str]) {
    assert_eq!(problems(essay), expected);
}

#[test]
fn a_right_description_passes() {
    check(ESSAY, &[]);
    check(
        with_pages(Pages {
            columns: &["__str__", "id", "title", "book", "book.author.country"],
            search: &["^title", "=book.title", "book.id"],
            filters: &[
                "title",
                "readers",
                "book",
                "book.author",
                "book.is_lent",
                "printed",
            ],
            date_hierarchy: Some("book.added"),
            ordering: &["-printed", "book.author.name"],
            fieldsets: &[Fieldset {
                title: None,
                fields: &["title", "book", "readers"],
                embedded: Some("book"),
                wanted: &[],
            }],
            add_fieldsets: Some(const { &[Fieldset::plain(&["title"])] }),
            on_site: Some(&[TextPart::Text("/"), TextPart::Value("book.isbn")]),
            reserved: &["readers"],
            ..Pages::BASE
        }),
        &[],
    );
}

#[test]
fn models_are_there_once_and_in_an_application() {
    check(
        Model {
            name: "book",
            ..ESSAY
        },
        &["(admin.E001) library.book: is described twice"],
    );
    let elsewhere = Model {
        app: "archive",
        ..ESSAY
    };
    check(
        elsewhere,
        &["(admin.E002) archive.essay: belongs to no application of the admin: archive"],
    );
    // Without pages it needs none.
    check(
        Model {
            pages: None,
            ..elsewhere
        },
        &[],
    );
}

#[test]
fn fields_are_there_once_and_lead_somewhere() {
    const TITLE: Field = Field::text("title", "title", 0..=20);
    check(
        with_fields(&[TITLE, TITLE]),
        &["(admin.E003) library.essay.title: is described twice"],
    );
    check(
        with_fields(&[Field::text("id", "id", 0..=20)]),
        &["(admin.E003) library.essay.id: is described twice"],
    );
    check(
        with_fields(&[Field::relation("film", "film", "library.film")]),
        &["(admin.E004) library.essay.film: leads to a model that nobody describes: library.film"],
    );
    let films = Field::many_to_many(
        "films",
        "films",
        ManyToMany {
            to: "film",
            table: "library_essay_films",
            own_column: "essay_id",
            other_column: "film_id",
        },
    );
    check(
        with_fields(&[films]),
        &["(admin.E004) library.essay.films: leads to a model that nobody describes: film"],
    );
}

#[test]
#[expect(clippy::reversed_empty_ranges, reason = "that is what is wrong")]
fn bounds_are_in_order() {
    check(
        with_fields(&[
            Field::integer("pages", "pages", 2..=1),
            Field::text("title", "title", 5..=4),
        ]),
        &[
            "(admin.E005) library.essay.pages: 2 is above 1",
            "(admin.E005) library.essay.title: 5 is above 4",
        ],
    );
}

#[test]
fn paths_lead_to_a_column() {
    check(
        Model {
            label: &[
                TextPart::Text("nothing"),
                TextPart::Value("book.nothing"),
                TextPart::Value("title.book"),
                TextPart::Value("readers"),
            ],
            ..ESSAY
        },
        &[
            "(admin.E006) library.essay: has nothing at book.nothing",
            "(admin.E006) library.essay: has nothing at title.book",
            "(admin.E006) library.essay: has nothing at readers",
        ],
    );
    let nothing = |id: &str| vec![format!("({id}) library.essay: has nothing at nothing")];
    for (id, pages) in [
        (
            "admin.E007",
            Pages {
                columns: &["nothing"],
                ..PAGES
            },
        ),
        (
            "admin.E008",
            Pages {
                search: &["^nothing"],
                ..PAGES
            },
        ),
        (
            "admin.E009",
            Pages {
                filters: &["nothing"],
                ..PAGES
            },
        ),
        (
            "admin.E010",
            Pages {
                ordering: &["-nothing"],
                ..PAGES
            },
        ),
        (
            "admin.E011",
            Pages {
                on_site: Some(&[TextPart::Value("nothing")]),
                ..PAGES
            },
        ),
    ] {
        assert_eq!(problems(with_pages(pages)), nothing(id));
    }
}

#[test]
fn a_list_is_narrowed_down_by_what_it_can_be() {
    let filters = Pages {
        filters: &["seal", "book.tags"],
        date_hierarchy: Some("title"),
        ..PAGES
    };
    check(
        with_pages(filters),
        &[
            "(admin.E009) library.essay: cannot be narrowed down by seal",
            "(admin.E009) library.essay: cannot be narrowed down by book.tags",
            "(admin.E016) library.essay: has no time at title",
        ],
    );
}

#[test]
fn a_choice_has_words() {
    check(
        with_fields(&[
            Field::text("title", "title", 1..=9),
            Field::choice("kind", "kind", &[]),
        ]),
        &["(admin.E017) library.essay.kind: has no choice"],
    );
}

#[test]
fn a_form_has_fields_once() {
    let unknown = Fieldset::plain(&["title", "nothing", "title"]);
    let sets: &'static [Fieldset] = Box::leak(Box::new([unknown]));
    let twice = [
        "(admin.E012) library.essay: has no field nothing",
        "(admin.E013) library.essay: shows title twice",
    ];
    for pages in [
        Pages {
            fieldsets: sets,
            ..PAGES
        },
        Pages {
            add_fieldsets: Some(sets),
            ..PAGES
        },
    ] {
        check(with_pages(pages), &twice);
    }
    check(
        with_pages(Pages {
            reserved: &["nothing"],
            ..PAGES
        }),
        &["(admin.E015) library.essay: has no field nothing"],
    );
}

#[test]
fn only_a_relation_of_the_form_to_a_model_with_pages_is_embedded() {
    let copied = with_fields(&[Field::relation("copy", "copy", "library.copy")]);
    for (model, fields, embedded) in [
        (ESSAY, &["title", "book"][..], "nothing"),
        (ESSAY, &["title", "book"], "title"),
        (ESSAY, &["readers"], "readers"),
        (ESSAY, &["title"], "book"),
        (copied, &["copy"], "copy"),
    ] {
        let set = Fieldset {
            title: None,
            fields,
            embedded: Some(embedded),
            wanted: &[],
        };
        let pages = Pages {
            fieldsets: Box::leak(Box::new([set])),
            ..PAGES
        };
        let model = Model {
            fields: model.fields,
            label: &[],
            ..with_pages(pages)
        };
        let text =
            format!("(admin.E014) library.essay: cannot have the form of {embedded} in its own");
        check(model, &[&text]);
    }
}

#[test]
fn parts_orders_and_rows_go_by_what_is_there() {
    for part_of in ["title", "nothing"] {
        let part = Model {
            part_of: Some(part_of),
            ..ESSAY
        };
        let text = format!("(admin.E018) library.essay: is a part of nothing at {part_of}");
        check(part, &[&text]);
    }
    let ordered = Model {
        ordered: &[["title", "nothing"]],
        ..ESSAY
    };
    check(
        ordered,
        &["(admin.E019) library.essay: has no field nothing"],
    );
    for (model, relation) in [
        ("library.none", "book"),
        ("library.book", "none"),
        ("library.book", "author"),
    ] {
        let inline = Inline {
            model,
            relation,
            ordering: "id",
            most: 1,
        };
        let pages = Pages {
            inlines: Box::leak(Box::new([inline])),
            ..PAGES
        };
        let text = format!("(admin.E020) library.essay: cannot have rows of {model} in its form");
        check(with_pages(pages), &[&text]);
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let apps = [App {
        label: "nothing",
        name: "nothing",
        own_pages: &[],
    }];
    let problems = Registry::new(&apps, &[&AUTHOR, &BOOK]).unwrap_err();
    let found: Vec<_> = problems
        .iter()
        .map(|problem| (problem.id, problem.subject.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            ("admin.E002", "library.author"),
            ("admin.E002", "library.book"),
            ("admin.E004", "library.book.tags"),
        ]
    );
}
