//! `/`

use crate::support::on_both_databases;

on_both_databases! {
    async fn the_home_page_welcomes_and_leads_on(app: TestApp) {
        app.add_letting(1, "Oceanview Retreat").await;
        let answer = app.get("/").await.expect(200);
        answer.assert_valid_html();
        assert_eq!(answer.texts("title"), ["Holiday Homes"]);
        assert_eq!(answer.texts("h1"), ["Welcome to Holiday Homes"]);
        assert_eq!(answer.attributes(".ways a", "href"), ["/lettings/", "/profiles/"]);
        assert!(!answer.body.contains("oc-lettings demo"), "{}", answer.body);
    }

    async fn the_home_page_shows_the_six_newest(app: TestApp) {
        for id in 1..=8 {
            app.add_letting(id, &format!("No. {id}")).await;
        }
        let answer = app.get("/").await.expect(200);
        let titles = ["No. 8", "No. 7", "No. 6", "No. 5", "No. 4", "No. 3"];
        assert_eq!(answer.texts(".cards a"), titles);
        assert_eq!(answer.attributes(".cards a", "href")[0], "/lettings/8/");
        assert_eq!(answer.texts(".cards p")[0], "Boston, MA");
    }

    async fn links_and_previews_are_told_of_the_page(app: TestApp) {
        let answer = app.get("/").await.expect(200);
        let site = "http://site.example/";
        assert_eq!(answer.attributes("link[rel=canonical]", "href"), [site]);
        assert_eq!(answer.attributes("meta[property='og:title']", "content"), ["Holiday Homes"]);
        assert_eq!(answer.attributes("meta[property='og:url']", "content"), [site]);
        assert_eq!(answer.attributes("meta[name=description]", "content").len(), 1);
        let [data] = &answer.linked_data()[..] else { panic!("{}", answer.body) };
        assert_eq!(data["@type"], "WebSite");
        assert_eq!(data["url"], site);
        for link in answer.attributes("link[rel=icon], link[rel=manifest]", "href") {
            app.get(&link).await.expect(200);
        }
        let icons = answer.attributes("link[rel=apple-touch-icon]", "href");
        app.get(&icons[0]).await.expect(200);
        let images = answer.attributes("meta[property='og:image']", "content");
        app.get(images[0].strip_prefix("http://site.example").unwrap()).await.expect(200);
    }

    async fn an_empty_site_says_how_to_fill_it(app: TestApp) {
        let answer = app.get("/").await.expect(200);
        answer.assert_valid_html();
        let commands = answer.texts("code");
        assert_eq!(commands, ["oc-lettings demo", "oc-lettings createsuperuser"]);
        app.add_profile(1, "ann").await;
        let answer = app.get("/").await.expect(200);
        assert_eq!(answer.texts("code"), Vec::<String>::new());
    }
}

mod snapshots {
    use crate::support::{Backend, TestApp};

    #[tokio::test]
    async fn the_empty_home_page() {
        let app = TestApp::open(Backend::Sqlite).await;
        insta::assert_snapshot!(app.get("/").await.body);
    }
}
