//! Forms: what is typed, checked, stored, and told in the history.

use crate::support::visitor::Answer;
use crate::support::{Library, on_both_databases};

const LIST: &str = "/admin/library/book/";
const ADD: &str = "/admin/library/book/add/";
const CHANGE: &str = "/admin/library/book/1/change/";

/// A book that is right in all its fields.
const FIASCO: &[(&str, &str)] = &[
    ("title", " Fiasco "),
    ("author", "3"),
    ("isbn", "555-5"),
    ("pages", "322.0"),
    ("is_lent", "on"),
    ("added_0", "2024-06-07"),
    ("added_1", "08:09"),
    ("returned_0", "2025-01-01"),
    ("returned_1", "23:59:58.5"),
    ("tags", "2"),
    ("tags", "1"),
    ("tags", "2"),
];

/// The same with another value in a field.
fn fiasco_with<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let others = FIASCO.iter().copied().filter(|(other, _)| *other != name);
    others.chain([(name, value)]).collect()
}

/// A book as it is stored, with its tags.
pub(crate) async fn stored(library: &Library, key: i64) -> Vec<String> {
    let book = format!(
        "SELECT title || '|' || CAST(author_id AS text) || '|' || isbn || '|' || \
         CAST(pages AS text) || '|' || CASE WHEN is_lent THEN 'lent' ELSE 'here' END || '|' || \
         substr(CAST(added AS text), 1, 19) || '|' || \
         COALESCE(substr(CAST(returned AS text), 1, 19), '-') FROM library_book WHERE id = {key}"
    );
    let tags = format!(
        "SELECT CAST(tag_id AS text) FROM library_book_tags WHERE book_id = {key} ORDER BY tag_id"
    );
    [library.texts(&book).await, library.texts(&tags).await].concat()
}

pub(crate) fn values<'a>(form: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    let fields = form.iter().filter(|(found, _)| found == name);
    fields.map(|(_, value)| value.as_str()).collect()
}

/// What the history's page of the first book tells.
fn history_texts(page: &Answer) -> Vec<String> {
    page.texts("table.history tbody td:nth-child(3)")
}

on_both_databases! {
    async fn a_book_is_added(library: Library) {
        let mut ann = library.superuser().await;
        let answer = ann.post(ADD, FIASCO).await;
        assert_eq!(answer.location(), LIST);
        assert_eq!(
            stored(&library, 5).await,
            ["Fiasco|3|555-5|322|lent|2024-06-07 08:09:00|2025-01-01 23:59:58", "1", "2"]
        );
        assert_eq!(library.history().await, ["ann 1 book 5 Fiasco by Lem [{\"added\": {}}]"]);
        let first = ann.get("/admin/").await.expect(200);
        assert_eq!(first.texts("header p"), ["admin-added(model=book, object=Fiasco by Lem)"]);
        assert_eq!(
            first.attributes(".recent li.added a", "href"),
            ["/admin/library/book/5/change/"]
        );
    }

    async fn the_button_says_where_it_goes_on(library: Library) {
        let mut ann = library.superuser().await;
        let kept = "?_changelist_filters=q%3Da%26p%3D2";
        for (key, isbn, button, query, location, message) in [
            (5, "555", "_save", kept, "/admin/library/book/?q=a&p=2".to_owned(), "admin-added"),
            (6, "666", "_continue", "", format!("{LIST}6/change/"), "admin-added-continue"),
            (7, "777", "_continue", kept, format!("{LIST}7/change/{kept}"), "admin-added-continue"),
            (8, "888", "_addanother", kept, format!("{ADD}{kept}"), "admin-added-another"),
        ] {
            let fields = [&fiasco_with("isbn", isbn)[..], &[(button, "1")]].concat();
            let answer = ann.post(&format!("{ADD}{query}"), &fields).await;
            assert_eq!(answer.location(), location);
            let message = format!("{message}(model=book, object=Fiasco by Lem)");
            assert_eq!(ann.messages().await, [message]);
            assert_eq!(stored(&library, key).await.len(), 3);
        }
        for (button, location, message) in [
            ("_save", LIST, "admin-changed"),
            ("_continue", CHANGE, "admin-changed-continue"),
            ("_addanother", ADD, "admin-changed-another"),
        ] {
            let answer = ann.fill_in(CHANGE, &[(button, "1")]).await;
            assert_eq!(answer.location(), location);
            let message = format!("{message}(model=book, object=Ficciones by Borges)");
            assert_eq!(ann.messages().await, [message]);
        }
    }

    async fn an_empty_form_says_what_is_required(library: Library) {
        let mut ann = library.superuser().await;
        let page = ann.post(ADD, &[]).await.expect(200);
        assert_eq!(
            page.errors(),
            [
                "title: form-required(number=)",
                "author: admin-error-embedded",
                "isbn: form-required(number=)",
                "pages: form-required(number=)",
                "added: form-required(number=)",
            ]
        );
        assert_eq!(page.texts("main .message p"), ["admin-form-errors(count=5)"]);
        assert_eq!(page.texts("main h1"), ["admin-add-title(model=book)"]);
        assert_eq!(library.history().await, [""; 0]);
    }

    async fn each_field_has_its_rules(library: Library) {
        let mut ann = library.superuser().await;
        let long = "x".repeat(61);
        for (name, value, expected) in [
            ("title", long.as_str(), "title: admin-error-long(number=60)"),
            ("title", "a\0b", "title: admin-error-nul(number=)"),
            ("author", "9", "author: admin-error-choice(number=)"),
            ("author", "x", "author: admin-error-choice(number=)"),
            ("isbn", "12", "isbn: admin-error-short(number=3)"),
            ("isbn", "111-1", "isbn: admin-error-taken(field=isbn, model=book)"),
            ("pages", "0", "pages: admin-error-least(number=1)"),
            ("pages", "10000", "pages: admin-error-most(number=9999)"),
            ("pages", "many", "pages: admin-error-integer(number=)"),
            ("added_0", "2024-02-30", "added: admin-error-time(number=)"),
            ("added_0", "", "added: admin-error-time(number=)"),
            ("added_1", "24:00", "added: admin-error-time(number=)"),
            ("added_1", "23:59:60", "added: admin-error-time(number=)"),
            ("returned_1", "", "returned: admin-error-time(number=)"),
            ("returned_0", "10000-01-01", "returned: admin-error-time(number=)"),
            ("tags", "4", "tags: admin-error-choice(number=)"),
            ("tags", "x", "tags: admin-error-choice(number=)"),
        ] {
            let page = ann.post(ADD, &fiasco_with(name, value)).await.expect(200);
            assert_eq!(page.errors(), [expected], "{name} {value}");
        }
        let page = ann.post("/admin/library/author/add/", &[("name", "Eco"), ("country", "i1")]).await;
        assert_eq!(page.expect(200).errors(), ["country: error-country(number=)"]);
        assert_eq!(library.history().await, [""; 0]);
        ann.post("/admin/library/author/add/", &[("name", "Eco"), ("country", "it")]).await;
        let countries = library.texts("SELECT country FROM library_author WHERE name = 'Eco'").await;
        assert_eq!(countries, ["IT"]);
    }

    async fn what_was_typed_is_shown_again(library: Library) {
        let mut ann = library.superuser().await;
        let form = ann.post(ADD, &fiasco_with("pages", "many")).await.expect(200).form();
        for (name, expected) in [
            ("title", &[" Fiasco "][..]), ("author", &["3"]), ("pages", &["many"]), ("is_lent", &["on"]),
            ("added_0", &["2024-06-07"]), ("added_1", &["08:09"]), ("tags", &["1", "2"]),
        ] {
            assert_eq!(values(&form, name), expected, "{name}");
        }
    }

    async fn a_form_opens_with_what_its_address_says(library: Library) {
        let mut ann = library.superuser().await;
        let page = ann.get(&format!("{ADD}?author=2&tags=1&tags=3&title=A+B&is_lent=on")).await;
        let form = page.expect(200).form();
        for (name, expected) in [
            ("title", &["A B"][..]), ("author", &["2"]), ("isbn", &[""]), ("is_lent", &["on"]),
            ("tags", &["1", "3"]), ("returned_0", &[""]), ("returned_1", &[""]),
        ] {
            assert_eq!(values(&form, name), expected, "{name}");
        }
        // What must have a time has that of now.
        assert_eq!(values(&form, "added_0")[0].len(), 10);
    }

    async fn a_change_writes_what_differs_and_tells_of_it(library: Library) {
        let mut ann = library.superuser().await;
        let fields = [
            ("title", "Fictions"), ("is_lent", "on"), ("tags", "2"), ("tags", "3"),
            ("returned_0", "2024-12-31"), ("returned_1", "00:00"),
        ];
        assert_eq!(ann.fill_in(CHANGE, &fields).await.location(), LIST);
        assert_eq!(
            stored(&library, 1).await,
            ["Fictions|1|111-1|174|lent|2024-01-02 03:04:05|2024-12-31 00:00:00", "2", "3"]
        );
        assert_eq!(
            library.history().await,
            ["ann 2 book 1 Fictions by Borges \
              [{\"changed\": {\"fields\": [\"Title\", \"On loan\", \"Returned\", \"Tags\"]}}]"]
        );
        let page = ann.get("/admin/library/book/1/history/").await.expect(200);
        assert_eq!(history_texts(&page), ["admin-told-changed(fields=title, lent, returned, tags)"]);
        // The other books stay as they are.
        assert_eq!(stored(&library, 2).await[1..], ["2", "3"]);
    }

    async fn several_can_be_none(library: Library) {
        let mut ann = library.superuser().await;
        let form = ann.get(CHANGE).await.expect(200).form();
        let form: Vec<_> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .filter(|(name, _)| *name != "tags")
            .collect();
        assert_eq!(ann.post(CHANGE, &form).await.location(), LIST);
        assert_eq!(stored(&library, 1).await.len(), 1);
        assert!(library.history().await[0].ends_with("[{\"changed\": {\"fields\": [\"Tags\"]}}]"));
    }

    async fn saving_what_is_stored_changes_nothing(library: Library) {
        let mut ann = library.superuser().await;
        library.sql("UPDATE library_book SET added = '2024-01-02 03:04:05.123456' WHERE id = 1").await;
        let form = ann.get(CHANGE).await.expect(200).form();
        assert_eq!(values(&form, "added_1"), ["03:04:05"]);
        let before = stored(&library, 1).await;
        // Its own number is not taken by another.
        assert_eq!(ann.fill_in(CHANGE, &[]).await.location(), LIST);
        assert_eq!(stored(&library, 1).await, before);
        // A form has whole seconds; what is below them stays.
        let added = "SELECT substr(CAST(added AS text), 1, 26) FROM library_book WHERE id = 1";
        assert_eq!(library.texts(added).await, ["2024-01-02 03:04:05.123456"]);
        assert_eq!(library.history().await, ["ann 2 book 1 Ficciones by Borges []"]);
        let page = ann.get("/admin/library/book/1/history/").await.expect(200);
        assert_eq!(history_texts(&page), ["admin-told-nothing"]);
        let taken = ann.fill_in(CHANGE, &[("isbn", "333-3")]).await.expect(200);
        assert_eq!(taken.errors(), ["isbn: admin-error-taken(field=isbn, model=book)"]);
    }

    async fn an_object_has_ways_on(library: Library) {
        let mut ann = library.superuser().await;
        let page = ann.get(CHANGE).await.expect(200);
        assert_eq!(
            page.attributes("main .heading .ways a", "href"),
            ["/admin/library/book/1/history/", "/books/111-1/"]
        );
        assert_eq!(page.attributes("main a.danger", "href"), ["/admin/library/book/1/delete/"]);
        let kind = library
            .texts("SELECT CAST(id AS text) FROM django_content_type WHERE model = 'book'")
            .await;
        let on_site = ann.get(&format!("/admin/r/{}/1/", kind[0])).await;
        assert_eq!(on_site.location(), "/books/111-1/");
        let none = ann.get("/admin/library/book/1/history/").await.expect(200);
        assert_eq!(none.texts("main .lead"), ["admin-history-none"]);
    }
}
