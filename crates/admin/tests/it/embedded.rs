//! The form of a relation's object within another form, and fields that are for superusers alone.

use crate::support::{Library, on_both_databases};

const LIST: &str = "/admin/library/book/";
const ADD: &str = "/admin/library/book/add/";
const CHANGE: &str = "/admin/library/book/1/change/";

/// A book without an author.
const NAME_OF_THE_ROSE: &[(&str, &str)] = &[
    ("title", "The Name of the Rose"),
    ("isbn", "555-5"),
    ("pages", "502"),
    ("added_0", "2024-06-07"),
    ("added_1", "08:09"),
];

async fn authors(library: &Library) -> Vec<String> {
    library
        .texts(
            "SELECT name || ' ' || country || CASE WHEN is_guarded THEN '!' ELSE '' END \
             FROM library_author ORDER BY id",
        )
        .await
}

fn rose_with<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [NAME_OF_THE_ROSE, fields].concat()
}

fn names(form: &[(String, String)]) -> Vec<&str> {
    let names = form.iter().map(|(name, _)| name.as_str());
    names.filter(|name| name.starts_with("author")).collect()
}

on_both_databases! {
    async fn an_author_is_made_with_the_book(library: Library) {
        let mut ann = library.superuser().await;
        let fields = [("author", ""), ("author-name", "Eco"), ("author-country", "it")];
        let answer = ann.post(ADD, &rose_with(&fields)).await;
        assert_eq!(answer.location(), LIST);
        assert_eq!(authors(&library).await[3..], ["Eco IT"]);
        assert_eq!(
            library.history().await,
            [
                "ann 1 author 4 Eco [{\"added\": {}}]",
                "ann 1 book 5 The Name of the Rose by Eco [{\"added\": {}}]",
            ]
        );
    }

    async fn an_author_is_chosen_or_made(library: Library) {
        let mut ann = library.superuser().await;
        for (fields, expected) in [
            (
                &[("author", "2"), ("author-name", "Eco")][..],
                &["author: admin-error-either"][..],
            ),
            (
                &[("author-country", "i1")],
                &[
                    "author-name: form-required(number=)",
                    "author-country: error-country(number=)",
                ],
            ),
            (
                &[("author-name", "Lem")],
                &["author-name: admin-error-taken(field=name, model=author)"],
            ),
            (&[("author-name", " ")], &["author: admin-error-embedded"]),
        ] {
            let page = ann.post(ADD, &rose_with(fields)).await.expect(200);
            assert_eq!(page.errors(), expected);
        }
        // What is wrong above leaves nothing below.
        let fields = [("author-name", "Eco"), ("isbn", "111-1")];
        ann.post(ADD, &rose_with(&fields)).await.expect(200);
        assert_eq!(authors(&library).await.len(), 3);
        let answer = ann.post(ADD, &rose_with(&[("author", "2"), ("author-name", "")])).await;
        assert_eq!(answer.location(), LIST);
        assert_eq!(authors(&library).await.len(), 3);
    }

    async fn an_author_is_changed_with_the_book(library: Library) {
        let mut ann = library.superuser().await;
        let fields = [("author-country", "ch"), ("pages", "175")];
        ann.fill_in(CHANGE, &fields).await.expect(302);
        assert_eq!(authors(&library).await[0], "Borges CH");
        assert_eq!(
            library.history().await,
            [
                "ann 2 author 1 Borges [{\"changed\": {\"fields\": [\"Country\"]}}]",
                "ann 2 book 1 Ficciones by Borges [{\"changed\": {\"fields\": [\"Pages\"]}}]",
            ]
        );
        // One that stays as it is has no entry.
        ann.fill_in(CHANGE, &[("pages", "176")]).await.expect(302);
        assert_eq!(library.history().await.len(), 3);
    }

    async fn another_author_is_chosen_and_the_former_stays(library: Library) {
        let mut ann = library.superuser().await;
        ann.fill_in(CHANGE, &[("author", "2")]).await.expect(302);
        let chosen = "SELECT CAST(author_id AS text) FROM library_book WHERE id = 1";
        assert_eq!(library.texts(chosen).await, ["2"]);
        assert_eq!(authors(&library).await, ["Borges AR", "Calvino IT", "Lem PL"]);
        let fields = [("author", "3"), ("author-name", "Italo Calvino")];
        let page = ann.fill_in(CHANGE, &fields).await.expect(200);
        assert_eq!(page.errors(), ["author: admin-error-either"]);
        assert_eq!(library.texts(chosen).await, ["2"]);
        // A box that was ticked counts as well as a text.
        let fields = [("author", "3"), ("author-is_guarded", "on")];
        let page = ann.fill_in(CHANGE, &fields).await.expect(200);
        assert_eq!(page.errors(), ["author: admin-error-either"]);
    }

    async fn the_embedded_form_needs_its_own_right(library: Library) {
        let mut bob = library.staff(&["add_book", "change_book", "view_author"]).await;
        for path in [ADD, CHANGE] {
            assert_eq!(names(&bob.get(path).await.expect(200).form()), ["author"; 1][..usize::from(path == CHANGE)]);
        }
        bob.fill_in(CHANGE, &[("author-name", "Nobody"), ("pages", "9")]).await.expect(302);
        let page = bob.post(ADD, &rose_with(&[("author-name", "Eco")])).await.expect(200);
        assert_eq!(page.errors(), ["author: form-required(number=)"]);
        assert_eq!(authors(&library).await, ["Borges AR", "Calvino IT", "Lem PL"]);
    }

    async fn reserved_fields_are_for_superusers(library: Library) {
        let mut bob = library.staff(&["add_author", "change_author"]).await;
        let change = "/admin/library/author/1/change/";
        let fields = [("is_guarded", "on"), ("country", "ch")];
        bob.fill_in(change, &fields).await.expect(302);
        bob.post("/admin/library/author/add/", &[("name", "Eco"), ("is_guarded", "on")]).await.expect(302);
        assert_eq!(authors(&library).await, ["Borges CH", "Calvino IT", "Lem PL", "Eco "]);
        let mut ann = library.superuser().await;
        ann.fill_in(change, &fields).await.expect(302);
        assert_eq!(authors(&library).await[0], "Borges CH!");
        // Now the whole of it is.
        bob.get(change).await.expect(200);
        bob.post(change, &[("name", "Nobody")]).await.expect(403);
        assert_eq!(authors(&library).await[0], "Borges CH!");
    }

    async fn reserved_fields_are_for_superusers_in_other_forms_too(library: Library) {
        let mut bob = library.staff(&["add_book", "change_book", "add_author", "change_author"]).await;
        let form = bob.get(CHANGE).await.expect(200).form();
        assert_eq!(names(&form), ["author", "author-name", "author-country"]);
        let fields = [("author-is_guarded", "on"), ("author-country", "ch")];
        bob.fill_in(CHANGE, &fields).await.expect(302);
        let fields = [("author-name", "Eco"), ("author-is_guarded", "on")];
        bob.post(ADD, &rose_with(&fields)).await.expect(302);
        assert_eq!(authors(&library).await, ["Borges CH", "Calvino IT", "Lem PL", "Eco "]);
        library.sql("UPDATE library_author SET is_guarded = TRUE WHERE id = 1").await;
        let page = bob.get(CHANGE).await.expect(200);
        assert_eq!(names(&page.form()), ["author"]);
        bob.fill_in(CHANGE, &[("author-name", "Nobody")]).await.expect(302);
        assert_eq!(authors(&library).await[0], "Borges CH!");
    }
}
