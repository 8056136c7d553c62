//! Who may do what: nothing is open that was not granted.

use accounts::user;
use sea_orm::ActiveValue::Set;

use crate::support::{account, on_both_databases};

const LIST: &str = "/admin/library/book/";

/// Every page of a model, and what they answer to GET.
async fn statuses(visitor: &mut crate::support::visitor::Visitor<'_>) -> Vec<u16> {
    let mut statuses = Vec::new();
    for end in ["", "add/", "1/change/", "1/delete/", "1/history/"] {
        statuses.push(visitor.get(&format!("{LIST}{end}")).await.status);
    }
    statuses
}

/// The same to a form that is sent.
async fn sent(visitor: &mut crate::support::visitor::Visitor<'_>) -> Vec<u16> {
    let delete = [("action", "delete_selected"), ("_selected_action", "1")];
    let mut statuses = vec![visitor.post(LIST, &delete).await.status];
    for end in ["add/", "1/change/", "1/delete/"] {
        let answer = visitor.post(&format!("{LIST}{end}"), &[]).await;
        statuses.push(answer.status);
    }
    statuses
}

on_both_databases! {
    async fn strangers_are_led_to_the_login(library: Library) {
        let guest = user::ActiveModel { is_staff: Set(false), ..account("guest") };
        let mut guest = library.log_in(guest).await;
        let mut stranger = library.visitor();
        for visitor in [&mut guest, &mut stranger] {
            let answer = visitor.get("/admin/library/book/?q=a&p=2").await;
            assert_eq!(
                answer.location(),
                "/admin/login/?next=/admin/library/book/%3Fq%3Da%26p%3D2"
            );
            assert_eq!(statuses(visitor).await, [302; 5]);
            assert_eq!(sent(visitor).await, [302; 4]);
        }
        assert_eq!(library.texts("SELECT title FROM library_book").await.len(), 4);
    }

    async fn staff_without_rights_get_nothing(library: Library) {
        let mut bob = library.staff(&[]).await;
        assert_eq!(statuses(&mut bob).await, [403; 5]);
        assert_eq!(sent(&mut bob).await, [403; 4]);
        bob.get("/admin/library/").await.expect(404);
        let first = bob.get("/admin/").await.expect(200);
        assert_eq!(first.texts("main .lead"), ["admin-nothing"]);
        assert_eq!(first.texts("main .app"), [""; 0]);
        let choices = "/admin/autocomplete/?app_label=library&model_name=book&field_name=author";
        bob.get(choices).await.expect(403);
    }

    async fn who_may_view_changes_nothing(library: Library) {
        let mut bob = library.staff(&["view_book"]).await;
        assert_eq!(statuses(&mut bob).await, [200, 403, 200, 403, 200]);
        // The list has no action for them.
        assert_eq!(sent(&mut bob).await, [302, 403, 403, 403]);
        assert_eq!(bob.messages().await, ["admin-action-none"]);
        let page = bob.get("/admin/library/book/1/change/").await;
        assert!(page.form().is_empty(), "{:?}", page.form());
        assert_eq!(page.attributes("main button", "name"), [""; 0]);
        assert_eq!(page.texts("main .shown .value")[0], "Ficciones");
        assert_eq!(library.texts("SELECT title FROM library_book").await.len(), 4);
    }

    async fn each_right_opens_its_own_pages(library: Library) {
        let mut bob = library.staff(&["add_book", "delete_book"]).await;
        assert_eq!(statuses(&mut bob).await, [403, 200, 403, 200, 403]);
        let app = bob.get("/admin/library/").await.expect(200);
        assert_eq!(app.attributes("main .app a", "href"), ["/admin/library/book/add/"]);
        // Deleted: and as they may not see the list, to the first page.
        let answer = bob.post("/admin/library/book/4/delete/", &[]).await;
        assert_eq!(answer.location(), "/admin/");
        assert_eq!(library.texts("SELECT title FROM library_book").await.len(), 3);
    }

    async fn who_may_change_may_view(library: Library) {
        let mut bob = library.staff(&["change_book"]).await;
        assert_eq!(statuses(&mut bob).await, [200, 403, 200, 403, 200]);
        let answer = bob.fill_in("/admin/library/book/1/change/", &[("title", "Tlön")]).await;
        assert_eq!(answer.location(), LIST);
        let titles = library.texts("SELECT title FROM library_book WHERE id = 1").await;
        assert_eq!(titles, ["Tlön"]);
    }

    async fn a_model_without_pages_has_no_address(library: Library) {
        let mut ann = library.superuser().await;
        for end in ["", "add/", "1/", "1/change/", "1/delete/", "1/history/"] {
            ann.get(&format!("/admin/library/copy/{end}")).await.expect(404);
        }
        let app = ann.get("/admin/library/").await.expect(200);
        let lists = ["author", "book", "tag", "poster"].map(|name| format!("/admin/library/{name}/"));
        assert_eq!(app.attributes("main .app a.more", "href"), lists);
        for address in ["/admin/other/", "/admin/library/nothing/"] {
            ann.get(address).await.expect(404);
        }
    }

    async fn an_object_that_is_not_there_leads_to_the_first_page(library: Library) {
        let mut ann = library.superuser().await;
        for (end, key) in [("9/change/", "9"), ("x/change/", "x"), ("9/delete/", "9"),
            ("9/history/", "9"), ("-1/change/", "-1"), ("x/", "x")]
        {
            let answer = ann.get(&format!("{LIST}{end}")).await;
            assert_eq!(answer.location(), "/admin/", "{end}");
            let expected = format!("admin-missing(key={key}, model=book)");
            assert_eq!(ann.messages().await, [expected], "{end}");
        }
        assert_eq!(ann.get("/admin/library/book/3/").await.location(), "/admin/library/book/3/change/");
    }

    async fn a_form_without_a_token_does_nothing(library: Library) {
        let mut ann = library.superuser().await;
        ann.keep("csrftoken", "another-secret-that-is-none");
        assert_eq!(sent(&mut ann).await, [403; 4]);
        assert_eq!(library.texts("SELECT title FROM library_book").await.len(), 4);
    }
}
