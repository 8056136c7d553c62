//! The pages that the law asks for: written by staff, shown and linked once they are.

use crate::admin::add_account;
use crate::admin::shared::{logged_in, number};
use crate::fixtures::run_on;
use crate::support::app::Answer;
use crate::support::on_both_databases;
use crate::support::visitor::Visitor;

const FORM: &str = "/admin/guests/legal/privacy/change/";

/// The form of a page as a browser sends it, with these texts.
async fn write(visitor: &mut Visitor<'_>, page: &Answer, action: &str, texts: [&str; 2]) -> Answer {
    let state = page.attributes("input[name=state]", "value");
    let fields = [
        ("state", state[0].as_str()),
        ("action", action),
        ("text_en", texts[0]),
        ("text_fr", texts[1]),
    ];
    visitor.post(FORM, &fields).await
}

on_both_databases! {
    async fn a_page_is_there_once_it_is_written(app: TestApp) {
        add_account(&app, 601, "root", &[]).await;
        for path in ["/privacy/", "/legal/", "/terms/", "/en/privacy/", "/fr/terms/"] {
            app.get(path).await.expect(404);
        }
        assert_eq!(app.get("/").await.expect(200).texts(".bottom a"), [""; 0]);
        let mut root = logged_in(&app, "root").await;
        let index = root.get("/admin/").await.expect(200);
        assert!(index.attributes(".apps a", "href").contains(&"/admin/guests/legal/".to_owned()));
        let list = root.get("/admin/guests/legal/").await.expect(200);
        list.assert_valid_html();
        assert_eq!(list.texts(".panel p"), ["Not written yet."; 3]);
        let page = root.get(FORM).await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts(".preview"), [""; 0]);

        let shown = write(&mut root, &page, "preview", ["*What* we keep\r\n\r\n<b>", ""]).await.expect(200);
        shown.assert_valid_html();
        assert_eq!(shown.texts(".preview em"), ["What"]);
        assert_eq!(shown.texts(".preview b"), [""; 0]);
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_legal_text").await, 0);

        let saved = write(&mut root, &shown, "save", ["*What* we keep", ""]).await.expect(302);
        assert_eq!(saved.header("location"), "/admin/guests/legal/");
        let list = root.get("/admin/guests/legal/").await.expect(200);
        assert_eq!(list.texts(".message.success"), ["The text was saved."]);
        assert_eq!(list.texts(".panel p")[1..], ["Not written yet."; 2]);

        let page = app.get("/privacy/").await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts("h1"), ["Privacy"]);
        assert_eq!(page.texts(".prose em"), ["What"]);
        assert_eq!(page.header("cache-control"), "public, no-cache");
        assert_eq!(page.attributes("link[rel=canonical]", "href"), ["http://site.example/privacy/"]);
        let french = app.get("/fr/privacy/").await.expect(200);
        french.assert_valid_html();
        assert_eq!(french.texts("h1"), ["Vie privée"]);
        assert_eq!(french.attributes(".prose", "lang"), ["en"], "the other language");
        for (path, link) in [("/", "/privacy/"), ("/fr/lettings/", "/fr/privacy/"), ("/profiles/", "/privacy/")] {
            assert_eq!(app.get(path).await.expect(200).attributes(".bottom a", "href"), [link]);
        }
        assert_eq!(root.get("/admin/").await.attributes(".bottom a", "href"), ["/privacy/"]);
        assert_eq!(root.get(FORM).await.attributes(".bottom a", "href"), ["/privacy/"]);
        app.get("/terms/").await.expect(404);
        let sitemap = app.get("/sitemap.xml").await.expect(200);
        assert!(sitemap.body.contains("<loc>http://site.example/fr/privacy/</loc><lastmod>"), "{}", sitemap.body);

        // An emptied page is none.
        let page = root.get(FORM).await.expect(200);
        write(&mut root, &page, "save", [" ", "\r\n"]).await.expect(302);
        app.get("/privacy/").await.expect(404);
        assert_eq!(app.get("/").await.texts(".bottom a"), [""; 0]);
    }

    async fn nobody_writes_over_anybody(app: TestApp) {
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let empty = root.get(FORM).await.expect(200);
        write(&mut root, &empty, "save", ["first", ""]).await.expect(302);
        for page in [empty, root.get(FORM).await.expect(200)] {
            write(&mut root, &page, "save", ["second", ""]).await;
        }
        // The first of the two was made of an empty page, the second of what was stored.
        let page = root.get(FORM).await.expect(200);
        assert_eq!(page.texts("textarea")[0], "second");
        write(&mut root, &page, "save", ["third", ""]).await.expect(302);
        let crossed = write(&mut root, &page, "save", ["fourth", "quatrième"]).await.expect(200);
        crossed.assert_valid_html();
        assert!(crossed.texts(".message.error")[0].starts_with("Somebody else has changed"));
        assert_eq!(crossed.texts("textarea"), ["fourth", "quatrième"], "nothing is lost");
        write(&mut root, &crossed, "save", ["fourth", "quatrième"]).await.expect(302);

        let page = root.get(FORM).await.expect(200);
        let long = "é".repeat(12_001);
        let refused = write(&mut root, &page, "save", [&long, "a\0b"]).await.expect(200);
        refused.assert_valid_html();
        assert_eq!(refused.texts("textarea")[0], long, "nothing is lost");
        assert_eq!(refused.texts(".errors").len(), 2);
        assert_eq!(app.get("/fr/privacy/").await.expect(200).texts(".prose p"), ["quatrième"]);
    }

    async fn whoever_changes_lettings_writes_them(app: TestApp) {
        add_account(&app, 601, "guest", &[("is_superuser", "FALSE")]).await;
        let mut guest = logged_in(&app, "guest").await;
        guest.get(FORM).await.expect(403);
        guest.get("/admin/guests/legal/").await.expect(403);
        assert_eq!(guest.get("/admin/").await.expect(200).texts(".apps a"), [""; 0]);
        guest.post(FORM, &[("text_en", "x")]).await.expect(403);
        app.sql(
            "INSERT INTO auth_user_user_permissions (user_id, permission_id) \
             SELECT 601, id FROM auth_permission WHERE codename = 'change_letting'",
        )
        .await;
        guest.get(FORM).await.expect(200);
        guest.get("/admin/guests/legal/other/change/").await.expect(404);
        app.get(FORM).await.expect(302);
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_legal_text").await, 0);
    }

    async fn a_deployment_is_told_what_is_not_written(app: TestApp) {
        app.sql(
            "INSERT INTO oc_lettings_legal_text (slug, text_en, text_fr, changed_at) VALUES \
             ('legal', '', 'Nous', '2026-11-30 00:00:00'), ('terms', '', '', '2026-11-30 00:00:00')",
        )
        .await;
        app.db.close().await.unwrap();
        let checked = run_on(&app.database, &["check", "--deploy", "--tag", "database"]);
        let told = "oc_lettings.W016: Pages that the law asks for are not written: /privacy/, /terms/.";
        assert!(checked.out.contains(told), "{checked:?}");
        let checked = run_on(&app.database, &["check", "--tag", "database"]);
        assert!(!checked.out.contains("W016"), "{checked:?}");
    }
}
