//! Forms that take their time: what others store meanwhile, and related objects on the way.

use crate::forms::{stored, values};
use crate::support::on_both_databases;
use crate::support::visitor::Visitor;

const LIST: &str = "/admin/library/book/";
const CHANGE: &str = "/admin/library/book/1/change/";

/// A form, as it was opened, with other values for some fields; without what a browser leaves out.
fn with(form: &[(String, String)], others: &[(&str, &str)]) -> Vec<(String, String)> {
    let is_other = |name: &str| others.iter().any(|(other, _)| *other == name);
    let kept = form.iter().filter(|(name, _)| !is_other(name)).cloned();
    let others = others
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    kept.chain(others).collect()
}

fn borrowed(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// The name of the draft in an address.
fn draft(address: &str) -> String {
    let (_, draft) = address.rsplit_once("_draft=").unwrap();
    draft.to_owned()
}

/// Leaves the form for a related object, with some fields filled in. The address that it leads to.
async fn leave(visitor: &mut Visitor<'_>, fields: &[(&str, &str)]) -> String {
    let left = visitor.fill_in(CHANGE, fields).await;
    left.location().to_owned()
}

/// The way back from the page that a form was left for.
async fn way_back(visitor: &mut Visitor<'_>, path: &str) -> String {
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
        // What she left alone is theirs, what she alone has changed is hers.
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
        // Having seen it, she stores what stands there.
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
        assert_eq!(page.errors(), ["pages: admin-error-integer(number=0)"]);
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
        // Who has written it himself decides.
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

    async fn a_form_waits_while_somebody_adds_an_author(library: Library) {
        let mut ann = library.superuser().await;
        let add = leave(&mut ann, &[("title", "Typed"), ("_go", "author:add")]).await;
        let id = draft(&add);
        assert_eq!(add, format!("/admin/library/author/add/?_draft={id}"));
        let added = ann.post(&add, &[("name", "Eco")]).await;
        let back = added.location().to_owned();
        assert_eq!(back, format!("{CHANGE}?_resume={id}&_chosen=4"));
        let form = ann.get(&back).await.expect(200).form();
        for (name, expected) in [
            ("title", &["Typed"][..]), ("author", &["4"]), ("pages", &["174"]), ("tags", &["1", "3"]),
        ] {
            assert_eq!(values(&form, name), expected, "{name}");
        }
        assert_eq!(ann.fill_in(&back, &[]).await.location(), LIST);
        assert_eq!(
            stored(&library, 1).await[0],
            "Typed|4|111-1|174|here|2024-01-02 03:04:05|-"
        );
        // What is saved waits no longer.
        let page = ann.get(&back).await.expect(200);
        assert_eq!(page.texts("header p").last().unwrap(), "admin-draft-gone");
        let unknown = ann.fill_in(CHANGE, &[("_go", "title:add")]).await;
        assert_eq!(unknown.status, 400);
    }

    async fn a_form_waits_while_somebody_chooses(library: Library) {
        let mut ann = library.superuser().await;
        let list = leave(&mut ann, &[("_go", "author:choose")]).await;
        let id = draft(&list);
        assert_eq!(list, format!("/admin/library/author/?_draft={id}"));
        let list = ann.get(&list).await.expect(200);
        let links = list.attributes("table.list tbody a", "href");
        assert_eq!(links[2], format!("{CHANGE}?_resume={id}&_chosen=3"));
        // One more of several joins the others.
        let add = leave(&mut ann, &[("_go", "tags:add")]).await;
        let added = ann.post(&add, &[("word", "old")]).await;
        let form = ann.get(added.location()).await.expect(200).form();
        assert_eq!(values(&form, "tags"), ["1", "4", "3"]);
    }

    async fn ones_own_change_of_a_related_object_is_no_conflict(library: Library) {
        let mut ann = library.superuser().await;
        // Saved, and back by itself; or saved with another button, and back by the link.
        for (button, country) in [("_save", "CH"), ("_continue", "UY")] {
            let author = leave(&mut ann, &[("pages", "200"), ("_go", "author:change")]).await;
            let saved = ann.fill_in(&author, &[("country", country), (button, "1")]).await;
            let mut back = saved.location().to_owned();
            if button == "_continue" {
                let links = ann.get(&back).await.expect(200).attributes(".message a", "href");
                back.clone_from(links.last().unwrap());
            }
            let form = ann.get(&back).await.expect(200).form();
            assert_eq!(values(&form, "author-country"), [country]);
            assert_eq!(values(&form, "pages"), ["200"]);
            ann.post(&back, &borrowed(&form)).await.expect(302);
            let countries = "SELECT country FROM library_author WHERE id = 1";
            assert_eq!(library.texts(countries).await, [country]);
        }
        assert!(stored(&library, 1).await[0].contains("|200|"));
    }

    async fn what_somebody_else_does_on_the_way_is_told(library: Library) {
        let mut ann = library.superuser().await;
        let list = leave(&mut ann, &[("title", "Typed"), ("_go", "author:choose")]).await;
        let back = ann.get(&list).await.expect(200).attributes(".message a", "href");
        library.sql("UPDATE library_book SET title = 'Theirs', pages = 99 WHERE id = 1").await;
        let form = ann.get(&back[0]).await.expect(200).form();
        assert_eq!(values(&form, "title"), ["Typed"]);
        assert_eq!(values(&form, "pages"), ["99"]);
        let page = ann.post(&back[0], &borrowed(&form)).await.expect(200);
        assert_eq!(page.texts("main .theirs"), ["admin-conflict-theirs(value=Theirs)"]);
    }

    async fn an_author_who_is_emptied_is_wrong(library: Library) {
        let mut ann = library.superuser().await;
        let page = ann.fill_in(CHANGE, &[("author-name", ""), ("author-country", "")]).await;
        let errors = page.expect(200).errors();
        assert_eq!(errors, ["author-name: form-required(number=0)"]);
        let names = "SELECT name FROM library_author WHERE id = 1";
        assert_eq!(library.texts(names).await, ["Borges"]);
    }

    async fn two_forms_that_are_left_at_once_are_not_mixed_up(library: Library) {
        let mut ann = library.superuser().await;
        let first = leave(&mut ann, &[("title", "First"), ("_go", "author:choose")]).await;
        let second = ann.fill_in("/admin/library/book/2/change/", &[("title", "Second"), ("_go", "author:choose")]).await;
        assert_ne!(draft(&first), draft(second.location()));
        // A draft belongs to the form that was left.
        let other = format!("/admin/library/book/3/change/?_resume={}", draft(&first));
        let form = ann.get(&other).await.expect(200).form();
        assert_eq!(values(&form, "title"), ["Solaris"]);
        let own = format!("{CHANGE}?_resume={}", draft(&first));
        let form = ann.get(&own).await.expect(200).form();
        assert_eq!(values(&form, "title"), ["First"]);
    }

    async fn who_loses_what_was_typed_is_told(library: Library) {
        let mut ann = library.superuser().await;
        let first = leave(&mut ann, &[("title", "First"), ("_go", "author:choose")]).await;
        for _ in 0..16 {
            leave(&mut ann, &[("_go", "author:choose")]).await;
        }
        let page = ann.get(&first).await.expect(200);
        assert_eq!(page.texts("header p"), ["admin-draft-gone"]);
    }

    async fn what_is_too_long_to_be_kept_is_not_left(library: Library) {
        let mut ann = library.superuser().await;
        let long = "x".repeat(70_000);
        let opened = ann.get(CHANGE).await.expect(200).form();
        library.sql("UPDATE library_book SET pages = 99 WHERE id = 1").await;
        let left = with(&opened, &[("title", &long), ("_go", "author:choose")]);
        let page = ann.post(CHANGE, &borrowed(&left)).await.expect(200);
        assert_eq!(page.texts("main .message p")[1..], ["admin-draft-long"]);
        let form = page.form();
        assert_eq!(values(&form, "title"), [long.as_str()]);
        assert_eq!(values(&form, "pages"), ["99"]);
        let short = with(&form, &[("title", "Short")]);
        ann.post(CHANGE, &borrowed(&short)).await.expect(302);
        assert!(stored(&library, 1).await[0].starts_with("Short|1|111-1|99|"));
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

    async fn who_takes_another_author_undoes_nothing_of_the_former(library: Library) {
        let mut ann = library.superuser().await;
        let country = "SELECT country FROM library_author WHERE id = 1";
        for (author, expected) in [("2", "Ficciones|2|"), ("1", "Ficciones|1|")] {
            library.sql("UPDATE library_book SET author_id = 1 WHERE id = 1").await;
            library.sql("UPDATE library_author SET country = 'AR' WHERE id = 1").await;
            let list = leave(&mut ann, &[("author", "2"), ("_go", "author:choose")]).await;
            library.sql("UPDATE library_author SET country = 'CH' WHERE id = 1").await;
            let back = ann.get(&list).await.expect(200).attributes(".message a", "href");
            let form = ann.get(&back[0]).await.expect(200).form();
            let form = with(&form, &[("author", author)]);
            ann.post(&back[0], &borrowed(&form)).await.expect(302);
            assert_eq!(library.texts(country).await, ["CH"], "{author}");
            assert!(stored(&library, 1).await[0].starts_with(expected));
        }
    }

    async fn after_a_choice_the_former_author_can_be_taken_again(library: Library) {
        let mut ann = library.superuser().await;
        let list = leave(&mut ann, &[("_go", "author:choose")]).await;
        let links = ann.get(&list).await.expect(200).attributes("table.list tbody a", "href");
        let form = ann.get(&links[1]).await.expect(200).form();
        assert_eq!((values(&form, "author"), values(&form, "author-name")), (vec!["2"], vec![""]));
        let former = with(&form, &[("author", "1")]);
        ann.post(CHANGE, &borrowed(&former)).await.expect(302);
        let changed = with(&form, &[("author", "1"), ("author-name", "Jorge Luis"), ("author-country", "AR")]);
        // It was empty: he has not seen what is there.
        let page = ann.post(CHANGE, &borrowed(&changed)).await.expect(200);
        assert_eq!(page.texts("main .theirs"), ["admin-conflict-theirs(value=Borges)"]);
        ann.post(CHANGE, &borrowed(&page.form())).await.expect(302);
        let names = "SELECT name FROM library_author WHERE id = 1";
        assert_eq!(library.texts(names).await, ["Jorge Luis"]);
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

    async fn who_loses_a_right_on_the_way_is_told_and_goes_on(library: Library) {
        let mut bob = library.staff(&["change_book", "view_book", "change_author", "view_author"]).await;
        let lists = [
            leave(&mut bob, &[("title", "Typed"), ("_go", "author:choose")]).await,
            leave(&mut bob, &[("author-name", "Jorge Luis"), ("_go", "author:choose")]).await,
        ];
        library
            .sql(
                "DELETE FROM auth_user_user_permissions WHERE permission_id = \
                 (SELECT id FROM auth_permission WHERE codename = 'change_author')",
            )
            .await;
        for (list, told) in lists.iter().zip([&[][..], &["admin-typed-lost"]]) {
            let back = way_back(&mut bob, list).await;
            let page = bob.get(&back).await.expect(200);
            assert_eq!(page.texts("header p"), told);
            bob.post(&back, &borrowed(&page.form())).await.expect(302);
            bob.get("/admin/").await;
        }
        assert!(stored(&library, 1).await[0].starts_with("Typed|1|"));
    }

    async fn a_form_that_waits_for_what_is_gone_is_not_lost(library: Library) {
        let mut ann = library.superuser().await;
        let change = leave(&mut ann, &[("title", "Typed"), ("_go", "author:change")]).await;
        let delete = change.replace("change", "delete");
        let back = ann.post(&delete, &[]).await.location().to_owned();
        let page = ann.get(&back).await.expect(200);
        assert_eq!(page.texts("[role=alert]"), ["admin-form-gone"]);
        ann.post("/admin/library/book/add/", &borrowed(&page.form())).await.expect(302);
        assert!(stored(&library, 5).await[0].starts_with("Typed|4|"));
        // What was looked for is gone: back to the form.
        let add = ann.post("/admin/library/book/add/", &[("title", "New"), ("author", "9"), ("_go", "author:change")]).await;
        let back = ann.get(add.location()).await.location().to_owned();
        let form = ann.get(&back).await.expect(200).form();
        assert_eq!(values(&form, "title"), ["New"]);
    }

    async fn what_a_choice_takes_the_place_of_is_told(library: Library) {
        let mut ann = library.superuser().await;
        let list = leave(&mut ann, &[("author-name", "Jorge Luis"), ("_go", "author:choose")]).await;
        let links = ann.get(&list).await.expect(200).attributes("table.list tbody a", "href");
        let page = ann.get(&links[1]).await.expect(200);
        assert_eq!(page.texts("main .theirs"), ["admin-conflict-typed(value=Jorge Luis)"]);
        // It goes along when something is wrong.
        let wrong = with(&page.form(), &[("pages", "many")]);
        let page = ann.post(&links[1], &borrowed(&wrong)).await.expect(200);
        assert_eq!(page.texts("main .theirs"), ["admin-conflict-typed(value=Jorge Luis)"]);
        // And so it is for a new book.
        let left = ann.post("/admin/library/book/add/", &[("author-name", "Eco"), ("_go", "author:choose")]).await;
        let links = ann.get(left.location()).await.attributes("table.list tbody a", "href");
        let page = ann.get(&links[1]).await.expect(200);
        assert_eq!(page.texts("main .theirs"), ["admin-conflict-typed(value=Eco)"]);
    }

    async fn what_was_stored_on_the_way_is_newer_than_what_was_typed_before(library: Library) {
        let mut ann = library.superuser().await;
        let author = leave(&mut ann, &[("author-name", "First"), ("_go", "author:change")]).await;
        let back = ann.fill_in(&author, &[("name", "Second")]).await.location().to_owned();
        let page = ann.get(&back).await.expect(200);
        assert_eq!(values(&page.form(), "author-name"), ["Second"]);
        assert_eq!(page.texts("main .theirs"), ["admin-conflict-typed(value=First)"]);
        ann.post(&back, &borrowed(&page.form())).await.expect(302);
    }

    async fn one_form_that_is_left_again_and_again_is_one_draft(library: Library) {
        let mut ann = library.superuser().await;
        let first = ann.fill_in("/admin/library/book/2/change/", &[("title", "Outer"), ("_go", "author:choose")]).await;
        let mut here = CHANGE.to_owned();
        for _ in 0..20 {
            let list = ann.fill_in(&here, &[("_go", "author:choose")]).await.location().to_owned();
            here = way_back(&mut ann, &list).await;
        }
        let back = way_back(&mut ann, first.location()).await;
        let form = ann.get(&back).await.expect(200).form();
        assert_eq!(values(&form, "title"), ["Outer"]);
    }
}
