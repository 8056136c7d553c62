//! Forms that take their time: what others store meanwhile.

use crate::forms::{stored, values};
use crate::support::on_both_databases;
use crate::support::visitor::Visitor;

pub(crate) const LIST: &str = "/admin/library/book/";
pub(crate) const CHANGE: &str = "/admin/library/book/1/change/";

/// A form, as it was opened, with other values for some fields; without what a browser leaves out.
pub(crate) fn with(form: &[(String, String)], others: &[(&str, &str)]) -> Vec<(String, String)> {
    let is_other = |name: &str| others.iter().any(|(other, _)| *other == name);
    let kept = form.iter().filter(|(name, _)| !is_other(name)).cloned();
    let others = others
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    kept.chain(others).collect()
}

pub(crate) fn borrowed(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// Leaves the form for a related object, with some fields filled in. The address that it leads to.
pub(crate) async fn leave(visitor: &mut Visitor<'_>, fields: &[(&str, &str)]) -> String {
    let left = visitor.fill_in(CHANGE, fields).await;
    left.location().to_owned()
}

/// The way back from the page that a form was left for.
pub(crate) async fn resume_address(visitor: &mut Visitor<'_>, path: &str) -> String {
    let page = visitor.get(path).await.expect(200);
    page.attributes(".message a", "href").swap_remove(0)
}

on_both_databases! {
    async fn who_is_too_late_is_told_what_was_stored_meanwhile(library: Library) {
        let mut ann = library.superuser().await;
        let mut bob = library.staff(&["change_book"]).await;
        let late = ann.get(CHANGE).await.expect(200).form();
        bob.fill_in(CHANGE, &[("title", "Fictions"), ("isbn", "999-9"), ("tags", "2")]).await.expect(302);
        let late = with(&late, &[("pages", "180"), ("isbn", "888-8")]);
        let page = ann.post(CHANGE, &borrowed(&late)).await.expect(200);
        assert_eq!(page.texts("main .message p"), ["admin-conflict", "admin-conflict-discard"]);
        // Fields left alone are the other's; fields that only this user has changed are this user's.
        assert_eq!(
            page.texts("main .theirs"),
            ["admin-conflict-kept", "admin-conflict-theirs(value=999-9)", "admin-conflict-kept"]
        );
        let seen = page.form();
        for (name, expected) in [
            ("title", &["Fictions"][..]), ("isbn", &["888-8"]), ("pages", &["180"]), ("tags", &["2"]),
        ] {
            assert_eq!(values(&seen, name), expected, "{name}");
        }
        assert_eq!(
            stored(&library, 1).await,
            ["Fictions|1|999-9|174|here|2024-01-02 03:04:05|-", "2"]
        );
        // Having seen it, the user stores what stands there.
        ann.post(CHANGE, &borrowed(&seen)).await.expect(302);
        assert_eq!(
            stored(&library, 1).await,
            ["Fictions|1|888-8|180|here|2024-01-02 03:04:05|-", "2"]
        );
    }

    async fn an_error_in_what_is_late_hides_nothing(library: Library) {
        let mut ann = library.superuser().await;
        let late = ann.get(CHANGE).await.expect(200).form();
        library.sql("UPDATE library_book SET title = 'Theirs' WHERE id = 1").await;
        let late = with(&late, &[("pages", "many")]);
        let page = ann.post(CHANGE, &borrowed(&late)).await.expect(200);
        assert_eq!(page.texts("main .theirs"), ["admin-conflict-kept"]);
        let page = ann.post(CHANGE, &borrowed(&page.form())).await.expect(200);
        assert_eq!(page.errors(), ["pages: admin-error-integer(number=)"]);
        let right = with(&page.form(), &[("pages", "180")]);
        ann.post(CHANGE, &borrowed(&right)).await.expect(302);
        assert_eq!(stored(&library, 1).await[0], "Theirs|1|111-1|180|here|2024-01-02 03:04:05|-");
    }

    async fn who_changes_the_same_to_the_same_is_not_disturbed(library: Library) {
        let mut ann = library.superuser().await;
        let late = ann.get(CHANGE).await.expect(200).form();
        library.sql("UPDATE library_book SET title = 'Fictions' WHERE id = 1").await;
        let late = with(&late, &[("title", "Fictions")]);
        ann.post(CHANGE, &borrowed(&late)).await.expect(302);
    }

    async fn what_the_program_records_is_no_change_of_somebody(library: Library) {
        let mut ann = library.superuser().await;
        let late = ann.get(CHANGE).await.expect(200).form();
        library.sql("UPDATE library_book SET returned = '2024-12-31 01:02:03' WHERE id = 1").await;
        let late = with(&late, &[("pages", "180")]);
        ann.post(CHANGE, &borrowed(&late)).await.expect(302);
        let expected = "Ficciones|1|111-1|180|here|2024-01-02 03:04:05|2024-12-31 01:02:03";
        assert_eq!(stored(&library, 1).await[0], expected);
        // Whoever has written it decides.
        let late = with(&late, &[("returned_0", "2025-01-01"), ("returned_1", "00:00")]);
        let page = ann.post(CHANGE, &borrowed(&late)).await.expect(200);
        assert!(page.texts("main .theirs")[0].starts_with("admin-conflict-theirs(value=2024-12-31"));
    }

    async fn another_program_tells_of_no_version(library: Library) {
        let mut ann = library.superuser().await;
        let late = ann.get(CHANGE).await.expect(200).form();
        library.sql("UPDATE library_book SET title = 'Theirs' WHERE id = 1").await;
        let late: Vec<_> = borrowed(&late).into_iter().filter(|(name, _)| *name != "_version").collect();
        ann.post(CHANGE, &late).await.expect(302);
        assert!(stored(&library, 1).await[0].starts_with("Ficciones|"));
    }

    async fn what_is_stored_instead_keeps_the_way_back(library: Library) {
        let mut ann = library.superuser().await;
        let change = "/admin/library/book/1/change/?_changelist_filters=q%3Do";
        let late = ann.get(change).await.expect(200).form();
        library.sql("UPDATE library_book SET title = 'Theirs' WHERE id = 1").await;
        let page = ann.post(change, &borrowed(&late)).await.expect(200);
        assert_eq!(page.attributes(".message a", "href"), [change]);
        let saved = ann.post(change, &borrowed(&page.form())).await;
        assert_eq!(saved.location(), "/admin/library/book/?q=o");
    }

    async fn what_was_deleted_meanwhile_can_be_added_anew(library: Library) {
        let mut ann = library.superuser().await;
        let late = ann.get(CHANGE).await.expect(200).form();
        library.sql("DELETE FROM library_book_tags").await;
        library.sql("DELETE FROM library_copy").await;
        library.sql("DELETE FROM library_book WHERE id = 1").await;
        let late = with(&late, &[("pages", "180")]);
        let page = ann.post(CHANGE, &borrowed(&late)).await.expect(200);
        assert_eq!(page.texts("[role=alert]"), ["admin-form-gone"]);
        let action = page.attributes("form.record", "action");
        assert_eq!(action, ["/admin/library/book/add/"]);
        ann.post(&action[0], &borrowed(&page.form())).await.expect(302);
        assert_eq!(
            stored(&library, 5).await,
            ["Ficciones|1|111-1|180|here|2024-01-02 03:04:05|-", "1", "3"]
        );
        // Who may not add is led away.
        let mut bob = library.staff(&["change_book"]).await;
        let answer = bob.post(CHANGE, &borrowed(&late)).await;
        assert_eq!(answer.location(), "/admin/");
    }

    async fn what_was_deleted_with_its_author_is_added_with_him(library: Library) {
        let mut ann = library.superuser().await;
        let late = ann.get(CHANGE).await.expect(200).form();
        ann.post("/admin/library/author/1/delete/", &[]).await.expect(302);
        let page = ann.post(CHANGE, &borrowed(&late)).await.expect(200);
        ann.post("/admin/library/book/add/", &borrowed(&page.form())).await.expect(302);
        let author = "SELECT name FROM library_author WHERE id = 4";
        assert_eq!(library.texts(author).await, ["Borges"]);
        assert!(stored(&library, 5).await[0].starts_with("Ficciones|4|"));
    }

    async fn an_author_who_is_emptied_is_wrong(library: Library) {
        let mut ann = library.superuser().await;
        let page = ann.fill_in(CHANGE, &[("author-name", ""), ("author-country", "")]).await;
        let errors = page.expect(200).errors();
        assert_eq!(errors, ["author-name: form-required(number=)"]);
        let names = "SELECT name FROM library_author WHERE id = 1";
        assert_eq!(library.texts(names).await, ["Borges"]);
    }

    async fn another_author_is_not_given_what_was_about_the_former(library: Library) {
        let mut ann = library.superuser().await;
        // On the way to a related object, and without it.
        let view = leave(&mut ann, &[("title", "Mine"), ("_go", "author:choose")]).await;
        let opened = ann.get(CHANGE).await.expect(200).form();
        library.sql("UPDATE library_book SET author_id = 2 WHERE id = 1").await;
        let back = ann.get(&view).await.expect(200).attributes(".message a", "href");
        let resumed = ann.get(&back[0]).await.expect(200).form();
        for (name, expected) in [("author", "2"), ("author-name", "Calvino"), ("title", "Mine")] {
            assert_eq!(values(&resumed, name), [expected]);
        }
        let page = ann.post(CHANGE, &borrowed(&with(&opened, &[("title", "Late")]))).await.expect(200);
        assert_eq!(page.texts("main .theirs"), ["admin-conflict-kept"]);
        assert_eq!(values(&page.form(), "author-name"), ["Calvino"]);
        // What was typed of the former is told, and not stored of the other.
        let typed = with(&opened, &[("author-name", "Jorge Luis")]);
        let page = ann.post(CHANGE, &borrowed(&typed)).await.expect(200);
        assert_eq!(
            page.texts("main .theirs"),
            ["admin-conflict-kept", "admin-conflict-typed(value=Jorge Luis)"]
        );
        assert_eq!(values(&page.form(), "author-name"), ["Calvino"]);
        ann.post(&back[0], &borrowed(&resumed)).await.expect(302);
        ann.post(CHANGE, &borrowed(&page.form())).await.expect(200);
        let names = library.texts("SELECT name FROM library_author ORDER BY id").await;
        assert_eq!(names, ["Borges", "Calvino", "Lem"]);
        assert!(stored(&library, 1).await[0].starts_with("Mine|2|"));
    }

    async fn two_who_choose_the_same_author_agree(library: Library) {
        let mut ann = library.superuser().await;
        let opened = ann.get(CHANGE).await.expect(200).form();
        library.sql("UPDATE library_book SET author_id = 2 WHERE id = 1").await;
        let chosen = with(&opened, &[("author", "2"), ("pages", "180")]);
        ann.post(CHANGE, &borrowed(&chosen)).await.expect(302);
        assert!(stored(&library, 1).await[0].starts_with("Ficciones|2|111-1|180|"));
    }

    async fn what_was_typed_of_an_author_is_told_when_the_book_is_gone(library: Library) {
        let mut ann = library.superuser().await;
        let opened = ann.get(CHANGE).await.expect(200).form();
        ann.post("/admin/library/book/1/delete/", &[]).await.expect(302);
        let typed = with(&opened, &[("author-name", "Jorge Luis")]);
        let page = ann.post(CHANGE, &borrowed(&typed)).await.expect(200);
        assert_eq!(page.texts("[role=alert]"), ["admin-form-gone"]);
        assert_eq!(page.texts("main .theirs"), ["admin-conflict-typed(value=Jorge Luis)"]);
        ann.post("/admin/library/book/add/", &borrowed(&page.form())).await.expect(302);
        assert!(stored(&library, 5).await[0].starts_with("Ficciones|1|"));
    }

    async fn who_has_lost_a_right_is_told(library: Library) {
        let mut bob = library.staff(&["change_book", "view_book", "change_author"]).await;
        let opened = bob.get(CHANGE).await.expect(200).form();
        library
            .sql(
                "DELETE FROM auth_user_user_permissions WHERE permission_id = \
                 (SELECT id FROM auth_permission WHERE codename = 'change_author')",
            )
            .await;
        let typed = with(&opened, &[("author-name", "Jorge Luis")]);
        bob.post(CHANGE, &borrowed(&typed)).await.expect(403);
        bob.post(CHANGE, &borrowed(&with(&opened, &[("pages", "180")]))).await.expect(302);
        assert!(stored(&library, 1).await[0].starts_with("Ficciones|1|111-1|180|"));
    }

    async fn what_is_emptied_is_said_to_be(library: Library) {
        let mut ann = library.superuser().await;
        library.sql("UPDATE library_book SET returned = '2024-01-02 10:00:01' WHERE id = 1").await;
        let opened = ann.get(CHANGE).await.expect(200).form();
        library.sql("UPDATE library_book SET returned = '2024-01-02 10:00:02' WHERE id = 1").await;
        library.sql("DELETE FROM library_book_tags WHERE book_id = 1").await;
        let mine = with(&opened, &[("tags", "2"), ("returned_1", "10:00:03")]);
        let page = ann.post(CHANGE, &borrowed(&mine)).await.expect(200);
        assert_eq!(
            page.texts("main .theirs"),
            ["admin-conflict-theirs(value=2024-01-02 10:00:02)", "admin-conflict-emptied"]
        );
    }

    async fn what_is_wrong_is_not_brought_up_to_date_untold(library: Library) {
        let mut ann = library.superuser().await;
        let opened = ann.get(CHANGE).await.expect(200).form();
        library.sql("UPDATE library_author SET country = 'CH' WHERE id = 1").await;
        let both = with(&opened, &[("author", "2"), ("author-name", "Jorge Luis")]);
        let page = ann.post(CHANGE, &borrowed(&both)).await.expect(200);
        assert_eq!(page.errors(), ["author: admin-error-either"]);
        let back = with(&page.form(), &[("author", "1")]);
        let page = ann.post(CHANGE, &borrowed(&back)).await.expect(200);
        assert_eq!(page.texts("main .theirs"), ["admin-conflict-kept"]);
        assert_eq!(values(&page.form(), "author-country"), ["CH"]);
    }

    async fn nothing_typed_moves_to_another_author(library: Library) {
        let mut ann = library.superuser().await;
        // Chosen otherwise by both.
        let opened = ann.get(CHANGE).await.expect(200).form();
        library.sql("UPDATE library_book SET author_id = 3 WHERE id = 1").await;
        let typed = with(&opened, &[("author", "2"), ("author-name", "Jorge Luis")]);
        let page = ann.post(CHANGE, &borrowed(&typed)).await.expect(200);
        assert_eq!(
            page.texts("main .theirs"),
            ["admin-conflict-theirs(value=Lem)", "admin-conflict-typed(value=Jorge Luis)"]
        );
        let theirs = with(&page.form(), &[("author", "3")]);
        ann.post(CHANGE, &borrowed(&theirs)).await.expect(302);
        // Typed into the form that a choice had emptied, and moved by somebody else.
        let list = leave(&mut ann, &[("_go", "author:choose")]).await;
        let links = ann.get(&list).await.expect(200).attributes("table.list tbody a", "href");
        let form = ann.get(&links[1]).await.expect(200).form();
        library.sql("UPDATE library_book SET author_id = 1 WHERE id = 1").await;
        let typed = with(&form, &[("author", "3"), ("author-name", "Stanislaw"), ("author-country", "PL")]);
        let page = ann.post(CHANGE, &borrowed(&typed)).await.expect(200);
        assert_eq!(
            page.texts("main .theirs"),
            [
                "admin-conflict-kept",
                "admin-conflict-typed(value=Stanislaw)",
                "admin-conflict-typed(value=PL)",
            ]
        );
        ann.post(CHANGE, &borrowed(&page.form())).await.expect(302);
        let names = library.texts("SELECT name FROM library_author ORDER BY id").await;
        assert_eq!(names, ["Borges", "Calvino", "Lem"]);
    }
}
