//! Forms that are left for a related object, and the way back.

use crate::conflicts::{CHANGE, LIST, borrowed, leave, resume_address, with};
use crate::forms::{stored, values};
use crate::support::on_both_databases;

/// Names of what was told beside fields: with many of them a form is as long as it may be.
fn notes(number: usize) -> Vec<String> {
    (0..number)
        .map(|number| format!("_note-{number}"))
        .collect()
}

/// The name of the draft in an address.
fn draft(address: &str) -> String {
    let (_, draft) = address.rsplit_once("_draft=").unwrap();
    draft.to_owned()
}

on_both_databases! {
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
        assert_eq!(page.texts("header p"), ["admin-draft-dropped", "admin-draft-gone"]);
    }

    async fn long_drafts_log_nobody_out(library: Library) {
        let mut ann = library.superuser().await;
        let (name, note) = (notes(8), "é".repeat(3_875));
        let mut fields: Vec<_> = name.iter().map(|name| (&**name, &*note)).collect();
        fields.extend([("title", "Typed"), ("_go", "author:choose")]);
        let mut left = Vec::new();
        for _ in 0..6 {
            left.push(leave(&mut ann, &fields).await);
        }
        // Told with the page that follows, and no longer with the next.
        let page = ann.get(left.last().unwrap()).await.expect(200);
        assert_eq!(page.texts("header p"), ["admin-draft-dropped"]);
        let back = format!("{CHANGE}?_resume={}", draft(&left[5]));
        let form = ann.get(&back).await.expect(200).form();
        assert_eq!(values(&form, "title"), ["Typed"]);
        let page = ann.get(&left[0]).await.expect(200);
        assert_eq!(page.texts("header p"), ["admin-draft-gone"]);
    }

    async fn what_is_too_long_to_be_kept_is_not_left(library: Library) {
        let mut ann = library.superuser().await;
        let (name, note) = (notes(18), "x".repeat(4_000));
        let mut fields: Vec<_> = name.iter().map(|name| (&**name, &*note)).collect();
        fields.extend([("title", "Typed"), ("_go", "author:choose")]);
        let opened = ann.get(CHANGE).await.expect(200).form();
        library.sql("UPDATE library_book SET pages = 99 WHERE id = 1").await;
        let left = with(&opened, &fields);
        let page = ann.post(CHANGE, &borrowed(&left)).await.expect(200);
        assert_eq!(page.texts("main .message p")[1..], ["admin-draft-long"]);
        let form = page.form();
        assert_eq!(values(&form, "title"), ["Typed"]);
        assert_eq!(values(&form, "pages"), ["99"]);
        let short = with(&form, &[("title", "Short")]);
        ann.post(CHANGE, &borrowed(&short)).await.expect(302);
        assert!(stored(&library, 1).await[0].starts_with("Short|1|111-1|99|"));
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
            let back = resume_address(&mut bob, list).await;
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
            here = resume_address(&mut ann, &list).await;
        }
        let back = resume_address(&mut ann, first.location()).await;
        let form = ann.get(&back).await.expect(200).form();
        assert_eq!(values(&form, "title"), ["Outer"]);
    }
}
