//! Fields that are a choice of words, that may be empty, that have several lines.

use crate::support::on_both_databases;

const LIST: &str = "/admin/library/poster/";
const ADD: &str = "/admin/library/poster/add/";
const CHANGE: &str = "/admin/library/poster/1/change/";

const STORED: &str = "SELECT title || '|' || kind || '|' || \
    COALESCE(CAST(width AS text), '-') || '|' || note FROM library_poster ORDER BY id";

on_both_databases! {
    async fn a_new_object_has_the_first_choice(library: Library) {
        let mut ann = library.superuser().await;
        let page = ann.get(ADD).await.expect(200);
        let choices = page.attributes("select[name=kind] option", "value");
        assert_eq!(choices, ["", "map", "print"]);
        assert_eq!(page.texts("select[name=kind] option[selected]"), ["kind-map"]);
        assert!(page.attributes("input[name=width]", "required").is_empty());
        assert_eq!(page.attributes("textarea[name=note]", "maxlength"), ["20"]);
    }

    async fn what_is_typed_is_stored_and_shown_again(library: Library) {
        let mut ann = library.superuser().await;
        let fields = [("title", "Sea"), ("kind", "print"), ("width", ""), ("note", "one\r\n<two>")];
        assert_eq!(ann.post(ADD, &fields).await.location(), LIST);
        assert_eq!(library.texts(STORED).await, ["Sea|print|-|one\n<two>"]);
        let page = ann.get(CHANGE).await.expect(200);
        assert_eq!(page.texts("select[name=kind] option[selected]"), ["kind-print"]);
        assert_eq!(page.texts("textarea[name=note]"), ["one <two>"]);
        ann.fill_in(CHANGE, &[("width", "80")]).await.expect(302);
        ann.fill_in(CHANGE, &[("note", "one\r\n<two>")]).await.expect(302);
        ann.fill_in(CHANGE, &[("width", "")]).await.expect(302);
        assert_eq!(library.texts(STORED).await, ["Sea|print|-|one\n<two>"]);
        assert_eq!(
            library.history().await,
            [
                "ann 1 poster 1 Sea [{\"added\": {}}]",
                "ann 2 poster 1 Sea [{\"changed\": {\"fields\": [\"Width\"]}}]",
                "ann 2 poster 1 Sea []",
                "ann 2 poster 1 Sea [{\"changed\": {\"fields\": [\"Width\"]}}]",
            ]
        );
    }

    async fn what_is_none_of_the_choices_is_refused(library: Library) {
        let mut ann = library.superuser().await;
        let post = |kind: &'static str, note: &'static str| {
            [("title", "Sea"), ("kind", kind), ("width", "9"), ("note", note)]
        };
        for (kind, note, errors) in [
            (
                "globe",
                "",
                &["kind: admin-error-choice(number=)", "width: admin-error-least(number=10)"][..],
            ),
            ("", "", &["kind: form-required(number=)", "width: admin-error-least(number=10)"]),
        ] {
            let page = ann.post(ADD, &post(kind, note)).await.expect(200);
            assert_eq!(page.errors(), errors, "{kind} {note}");
        }
        assert_eq!(library.texts(STORED).await, [""; 0]);
    }

    async fn a_list_shows_the_choice_by_its_name_and_narrows_by_it(library: Library) {
        library
            .sql(
                "INSERT INTO library_poster (title, kind, width, note) VALUES \
                 ('Sea', 'print', NULL, ''), ('Hills', 'map', 90, ''), ('Odd', 'globe', 90, '')",
            )
            .await;
        let mut ann = library.superuser().await;
        let list = ann.get(LIST).await.expect(200);
        let text = list.texts("tbody").concat();
        for word in ["kind-map", "globe", "kind-print"] {
            assert!(text.contains(word), "{word} is not in {text}");
        }
        let list = ann.get("/admin/library/poster/?kind__exact=map").await.expect(200);
        let text = list.texts("tbody").concat();
        assert!(text.contains("Hills") && !text.contains("Sea"), "{text}");
    }
}
