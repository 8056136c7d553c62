//! Deletions: what goes along, what is refused, and what is told of it.

use crate::support::models::pointing_to_books;
use crate::support::{Library, on_both_databases};

const AUTHORS: &str = "/admin/library/author/";
const CALVINO: &str = "/admin/library/author/2/delete/";

/// What is left: keys of authors, books, copies and pairs.
async fn remaining(library: &Library) -> [String; 4] {
    let mut left = Vec::new();
    for (table, column) in [
        ("library_author", "id"),
        ("library_book", "id"),
        ("library_copy", "id"),
        ("library_book_tags", "book_id"),
    ] {
        let sql = format!("SELECT CAST({column} AS text) FROM {table} ORDER BY {column}, id");
        left.push(library.texts(&sql).await.join(" "));
    }
    left.try_into().unwrap()
}

const ALL: [&str; 4] = ["1 2 3", "1 2 3 4", "1 2 3 4", "1 1 2 2 3"];
const WITHOUT_CALVINO: [&str; 4] = ["1 3", "1 3", "1 2 4", "1 1 3"];

on_both_databases! {
    async fn the_tree_is_shown_before_it_goes(library: Library) {
        let mut ann = library.superuser().await;
        let page = ann.get(CALVINO).await.expect(200);
        assert_eq!(page.texts("main h1"), ["admin-delete-title(model=author, object=Calvino)"]);
        assert_eq!(
            page.texts(".doomed :is(h2, li)"),
            [
                "admin-count(count=1, model=author)", "Calvino",
                "admin-count(count=2, model=books)",
                "Cosmicomics by Calvino", "Palomar by Calvino",
                "admin-count(count=1, model=copy)", "B1",
            ]
        );
        // What has no pages has no link.
        assert_eq!(
            page.attributes(".doomed a", "href"),
            ["author/2", "book/2", "book/4"].map(|end| format!("/admin/library/{end}/change/"))
        );
        assert_eq!(remaining(&library).await, ALL);
    }

    async fn what_points_to_it_goes_along(library: Library) {
        let mut ann = library.superuser().await;
        let answer = ann.post(CALVINO, &[("post", "yes")]).await;
        assert_eq!(answer.location(), AUTHORS);
        assert_eq!(remaining(&library).await, WITHOUT_CALVINO);
        assert_eq!(ann.messages().await, ["admin-deleted(model=author, object=Calvino)"]);
        // The history tells of the object alone, as Django's does.
        assert_eq!(library.history().await, ["ann 3 author 2 Calvino "]);
        let first = ann.get("/admin/").await.expect(200);
        assert_eq!(first.texts(".recent li.deleted > span"), ["Calvino"]);
        assert!(first.texts(".recent small")[0].starts_with("author · admin-told-deleted · "));
    }

    async fn a_tag_takes_its_pairs_and_no_book(library: Library) {
        let mut ann = library.superuser().await;
        let page = ann.get("/admin/library/tag/2/delete/").await.expect(200);
        assert_eq!(page.texts(".doomed h2"), ["admin-count(count=1, model=tag)"]);
        ann.post("/admin/library/tag/2/delete/", &[]).await.expect(302);
        assert_eq!(remaining(&library).await, ["1 2 3", "1 2 3 4", "1 2 3 4", "1 1 2"]);
    }

    async fn what_may_not_be_deleted_keeps_the_rest(library: Library) {
        let mut bob = library.staff(&["delete_author", "view_author"]).await;
        let page = bob.get(CALVINO).await.expect(200);
        assert_eq!(page.texts("main .message li"), ["books"]);
        assert_eq!(page.texts("main button"), [""; 0]);
        bob.post(CALVINO, &[("post", "yes")]).await.expect(403);
        let several = [("action", "delete_selected"), ("_selected_action", "2"), ("post", "yes")];
        bob.post(AUTHORS, &several).await.expect(403);
        assert_eq!(remaining(&library).await, ALL);
        assert_eq!(library.history().await, [""; 0]);
    }

    async fn what_has_no_pages_goes_with_what_it_belongs_to(library: Library) {
        // Nobody has given Bob a right to copies.
        let mut bob = library.staff(&["delete_author", "view_author", "delete_book"]).await;
        let page = bob.get(CALVINO).await.expect(200);
        assert_eq!(page.attributes(".doomed a", "href"), ["/admin/library/author/2/change/"]);
        assert_eq!(bob.post(CALVINO, &[]).await.location(), AUTHORS);
        assert_eq!(remaining(&library).await, WITHOUT_CALVINO);
    }

    async fn what_is_guarded_is_for_superusers(library: Library) {
        library.sql("UPDATE library_author SET is_guarded = TRUE WHERE id = 2").await;
        let mut bob = library.staff(&["change_author", "delete_author", "delete_book"]).await;
        let change = bob.get("/admin/library/author/2/change/").await.expect(200);
        assert_eq!(change.attributes("a.danger", "href"), [""; 0]);
        let page = bob.get(CALVINO).await.expect(200);
        assert_eq!(page.texts("main .message li"), ["authors"]);
        bob.post(CALVINO, &[]).await.expect(403);
        assert_eq!(remaining(&library).await, ALL);
        let mut ann = library.superuser().await;
        ann.post(CALVINO, &[]).await.expect(302);
        assert_eq!(remaining(&library).await, WITHOUT_CALVINO);
    }

    async fn several_are_asked_for_and_deleted(library: Library) {
        let mut ann = library.superuser().await;
        let list = "/admin/library/book/?o=4";
        let chosen = [("action", "delete_selected"), ("_selected_action", "1"), ("_selected_action", "3")];
        let page = ann.post(list, &chosen).await.expect(200);
        assert_eq!(
            page.texts(".doomed :is(h2, li)"),
            [
                "admin-count(count=2, model=books)", "Ficciones by Borges", "Solaris by Lem",
                "admin-count(count=3, model=copies)", "A1", "A2", "C1",
            ]
        );
        assert_eq!(page.attributes("input[name=_selected_action]", "value"), ["1", "3"]);
        assert_eq!(remaining(&library).await, ALL);
        let answer = ann.post(list, &[&chosen[..], &[("post", "yes")]].concat()).await;
        assert_eq!(answer.location(), list);
        assert_eq!(ann.messages().await, ["admin-deleted-several(count=2, model=books)"]);
        assert_eq!(remaining(&library).await, ["1 2 3", "2 4", "3", "2 2"]);
        assert_eq!(
            library.history().await,
            ["ann 3 book 1 Ficciones by Borges ", "ann 3 book 3 Solaris by Lem "]
        );
    }

    async fn of_two_at_once_one_deletes(library: Library) {
        let mut ann = library.superuser().await;
        let mut bob = library.staff(&["delete_author", "view_author", "delete_book"]).await;
        // Their tokens come with a page.
        ann.get(CALVINO).await.expect(200);
        bob.get(CALVINO).await.expect(200);
        let (first, second) = tokio::join!(ann.post(CALVINO, &[]), bob.post(CALVINO, &[]));
        let mut answers = [first.location(), second.location()];
        answers.sort_unstable();
        assert_eq!(answers, ["/admin/", AUTHORS]);
        assert_eq!(remaining(&library).await, WITHOUT_CALVINO);
        assert_eq!(library.history().await.len(), 1);
    }

    async fn what_is_gone_already_does_not_count(library: Library) {
        let mut ann = library.superuser().await;
        let list = "/admin/library/book/";
        let action = [("action", "delete_selected"), ("post", "yes")];
        let twice = [("_selected_action", "1"), ("_selected_action", "9"), ("_selected_action", "1")];
        ann.post(list, &[&action[..], &twice].concat()).await.expect(302);
        assert_eq!(ann.messages().await, ["admin-deleted-several(count=1, model=book)"]);
        let gone = [("_selected_action", "9")];
        ann.post(list, &[&action[..], &gone].concat()).await.expect(302);
        assert_eq!(ann.messages().await, ["admin-select-none"]);
        ann.post(list, &action).await.expect(302);
        assert_eq!(ann.messages().await, ["admin-select-none"]);
        assert_eq!(remaining(&library).await[1], "2 3 4");
    }

    async fn all_that_a_list_holds_are_deleted(library: Library) {
        let mut ann = library.superuser().await;
        let list = "/admin/library/book/?author__id__exact=2";
        let all = [("action", "delete_selected"), ("select_across", "1")];
        let page = ann.post(list, &all).await.expect(200);
        assert_eq!(page.attributes("input[name=select_across]", "value"), ["1"]);
        assert_eq!(page.texts(".doomed li")[..2], ["Cosmicomics by Calvino", "Palomar by Calvino"]);
        ann.post(list, &[&all[..], &[("post", "yes")]].concat()).await.expect(302);
        assert_eq!(remaining(&library).await, ["1 2 3", "1 3", "1 2 4", "1 1 3"]);
    }

    async fn rows_of_a_dependent_table_are_deleted_where_there_is_one(library: Library) {
        let mut ann = library.superuser().await;
        // There is no such table yet.
        ann.post("/admin/library/book/4/delete/", &[]).await.expect(302);
        library.create(&pointing_to_books("library_note")).await;
        library.sql("INSERT INTO library_note (book_id) VALUES (1), (2), (2)").await;
        ann.post(CALVINO, &[]).await.expect(302);
        assert_eq!(remaining(&library).await, WITHOUT_CALVINO);
        let notes = library.texts("SELECT CAST(book_id AS text) FROM library_note").await;
        assert_eq!(notes, ["1"]);
    }

    async fn who_was_told_of_less_is_asked_again(library: Library) {
        let mut ann = library.superuser().await;
        let page = ann.get(CALVINO).await.expect(200);
        assert_eq!(page.texts("[role=alert]"), [""; 0]);
        let told = page.attributes("[name=_version]", "value");
        let answer = [("post", "yes"), ("_version", told[0].as_str())];
        library.sql("INSERT INTO library_copy (shelf, book_id) VALUES ('B2', 4)").await;
        let again = ann.post(CALVINO, &answer).await.expect(200);
        assert_eq!(again.texts("[role=alert]"), ["admin-delete-other"]);
        assert_eq!(again.texts(".doomed li").last().unwrap(), "B2");
        assert_eq!(remaining(&library).await, ["1 2 3", "1 2 3 4", "1 2 3 4 5", "1 1 2 2 3"]);
        let told = again.attributes("[name=_version]", "value");
        let answer = ann.post(CALVINO, &[("post", "yes"), ("_version", told[0].as_str())]).await;
        assert_eq!(answer.location(), AUTHORS);
        assert_eq!(remaining(&library).await, WITHOUT_CALVINO);
    }

    async fn who_was_told_of_fewer_is_asked_again(library: Library) {
        let mut ann = library.superuser().await;
        let list = "/admin/library/author/?country__exact=IT";
        let all = [("action", "delete_selected"), ("select_across", "1")];
        let page = ann.post(list, &all).await.expect(200);
        let told = page.attributes("[name=_version]", "value");
        let answer = [&all[..], &[("post", "yes"), ("_version", told[0].as_str())]].concat();
        library.sql("UPDATE library_author SET country = 'IT' WHERE id = 3").await;
        let again = ann.post(list, &answer).await.expect(200);
        assert_eq!(again.texts("[role=alert]"), ["admin-delete-other"]);
        assert_eq!(again.texts(".doomed li")[..2], ["Calvino", "Lem"]);
        assert_eq!(remaining(&library).await, ALL);
        library.sql("UPDATE library_author SET country = 'PL' WHERE id = 3").await;
        assert_eq!(ann.post(list, &answer).await.location(), list);
        assert_eq!(remaining(&library).await, WITHOUT_CALVINO);
    }

    async fn in_another_order_it_is_still_the_same(library: Library) {
        let mut ann = library.superuser().await;
        let list = "/admin/library/book/?o=1";
        let chosen = [("action", "delete_selected"), ("_selected_action", "1"), ("_selected_action", "3")];
        let page = ann.post(list, &chosen).await.expect(200);
        let told = page.attributes("[name=_version]", "value");
        library.sql("UPDATE library_book SET title = 'Zahir' WHERE id = 1").await;
        let answer = [&chosen[..], &[("post", "yes"), ("_version", told[0].as_str())]].concat();
        assert_eq!(ann.post(list, &answer).await.location(), list);
        assert_eq!(remaining(&library).await[1], "2 4");
    }

    async fn what_another_table_refers_to_is_not_deleted(library: Library) {
        let mut ann = library.superuser().await;
        library.create(&pointing_to_books("archive_film")).await;
        library.sql("INSERT INTO archive_film (book_id) VALUES (2)").await;
        let held = "admin-delete-held-by(count=1, table=archive_film)";
        let page = ann.get(CALVINO).await.expect(200);
        assert_eq!(page.texts("[role=alert]"), [held]);
        assert_eq!(page.texts("button"), [""; 0]);
        let answer = ann.post(CALVINO, &[]).await;
        assert_eq!(answer.location(), "/admin/library/author/2/change/");
        assert_eq!(ann.messages().await, [held]);
        assert_eq!(remaining(&library).await, ALL);
        assert_eq!(library.history().await, [""; 0]);
    }
}
