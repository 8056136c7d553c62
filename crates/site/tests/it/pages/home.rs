//! `/`

use crate::support::on_both_databases;

on_both_databases! {
    async fn the_home_page_welcomes_and_leads_on(app: TestApp) {
        app.add_letting(1, "Oceanview Retreat").await;
        let answer = app.get("/").await.expect(200);
        answer.assert_valid_html();
        assert_eq!(answer.texts("title"), ["Holiday Homes"]);
        assert_eq!(answer.texts("h1"), ["Welcome to Holiday Homes"]);
        let links = answer.attributes("main a", "href");
        assert_eq!(links, ["/profiles/", "/lettings/"]);
        assert!(!answer.body.contains("oc-lettings demo"), "{}", answer.body);
    }

    async fn an_empty_site_says_how_to_fill_it(app: TestApp) {
        let answer = app.get("/").await.expect(200);
        answer.assert_valid_html();
        let commands = answer.texts("code");
        assert_eq!(commands, ["oc-lettings demo", "python manage.py createsuperuser"]);
        app.add_profile(1, "ann").await;
        let answer = app.get("/").await.expect(200);
        assert_eq!(answer.texts("code"), Vec::<String>::new());
    }
}

mod snapshots {
    use crate::support::{Backend, TestApp};

    #[tokio::test]
    async fn the_empty_home_page() {
        let app = TestApp::new(Backend::Sqlite).await.unwrap();
        insta::assert_snapshot!(app.get("/").await.body);
    }
}
