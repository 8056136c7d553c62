//! `/profiles/` and `/profiles/{username}/`

use crate::support::on_both_databases;

on_both_databases! {
    async fn the_list_has_every_username_as_a_link_in_id_order(app: TestApp) {
        for (id, username) in [(9, "zoë"), (3, "b@c.d+e-f_g"), (4, "大海")] {
            app.add_profile(id, username).await;
        }
        let answer = app.get("/profiles/").await.expect(200);
        answer.assert_valid_html();
        assert_eq!(answer.texts("title"), ["Profiles"]);
        assert_eq!(answer.texts("h1"), ["Profiles"]);
        assert_eq!(answer.texts("main li a"), ["b@c.d+e-f_g", "大海", "zoë"]);
        for (link, username) in answer
            .attributes("main li a", "href")
            .iter()
            .zip(["b@c.d+e-f_g", "大海", "zoë"])
        {
            let detail = app.get(link).await.expect(200);
            assert_eq!(detail.texts("h1"), [username]);
        }
    }

    async fn an_empty_list_says_so(app: TestApp) {
        let answer = app.get("/profiles/").await.expect(200);
        assert_eq!(answer.texts("main p"), ["No profiles are available."]);
    }

    async fn a_user_without_profile_has_no_page(app: TestApp) {
        app.add_profile(1, "ann").await;
        app.sql("DELETE FROM profiles_profile").await;
        app.get("/profiles/ann/").await.expect(404);
        assert_eq!(app.get("/profiles/").await.texts("main li"), Vec::<String>::new());
    }

    async fn the_list_comes_in_pages_too(app: TestApp) {
        for id in 1..=101 {
            app.add_profile(id, &format!("user{id}")).await;
        }
        let first = app.get("/profiles/").await.expect(200);
        assert_eq!(first.attributes("head link[rel=next]", "href"), ["/profiles/?page=2"]);
        let second = app.get("/profiles/?page=2").await.expect(200);
        assert_eq!(second.texts("ul.list a"), ["user101"]);
    }

    async fn a_profile_shows_what_it_always_showed(app: TestApp) {
        app.add_profile(1, "HeadlinesGazer").await;
        let app = app.with(&[("PROFILE_EMAIL_PUBLIC", "on")]);
        let answer = app.get("/profiles/HeadlinesGazer/").await.expect(200);
        answer.assert_valid_html();
        assert_eq!(answer.texts("title"), ["HeadlinesGazer"]);
        assert_eq!(answer.texts("dt"), ["First name", "Last name", "Email", "Favorite city"]);
        assert_eq!(answer.texts("dd"), ["Ann", "Lee", "ann@example.com", "Oslo"]);
        for path in ["headlinesgazer", "Headlines", "%00", "%FF", "a%2Fb"] {
            app.get(&format!("/profiles/{path}/")).await.expect(404);
        }
    }

    async fn a_profile_shows_the_lettings_of_the_favourite_city(app: TestApp) {
        app.add_profile(1, "ann").await;
        app.add_letting(1, "Here").await;
        app.add_letting(2, "There").await;
        let answer = app.get("/profiles/ann/").await.expect(200);
        assert_eq!(answer.texts(".cards a"), Vec::<String>::new());
        app.sql("UPDATE lettings_address SET city = 'OSLO' WHERE id = 2").await;
        let answer = app.get("/profiles/ann/").await.expect(200);
        answer.assert_valid_html();
        assert_eq!(answer.texts(".cards a"), ["There"]);
        assert_eq!(answer.texts("main h2"), ["A letting in Oslo"]);
        app.sql("UPDATE lettings_address SET city = 'Oslo' WHERE id = 1").await;
        let answer = app.get("/profiles/ann/").await.expect(200);
        assert_eq!(answer.texts(".cards a"), ["Here", "There"]);
        assert_eq!(answer.texts("main h2"), ["Lettings in Oslo"]);
        // No city is no place to look for.
        app.sql("UPDATE profiles_profile SET favorite_city = ''").await;
        let answer = app.get("/profiles/ann/").await.expect(200);
        assert_eq!(answer.texts(".cards a"), Vec::<String>::new());
        answer.assert_valid_html();
    }

    async fn a_user_has_initials(app: TestApp) {
        app.add_profile(1, "ann").await;
        assert_eq!(app.get("/profiles/").await.texts(".avatar"), ["AL"]);
        assert_eq!(app.get("/profiles/ann/").await.texts(".avatar"), ["AL"]);
    }

    async fn the_email_is_not_for_everybody_when_the_operator_says_so(app: TestApp) {
        app.add_profile(1, "ann").await;
        let app = app.with(&[("PROFILE_EMAIL_PUBLIC", "off")]);
        let answer = app.get("/profiles/ann/").await.expect(200);
        assert!(!answer.body.contains("ann@example.com"), "{}", answer.body);
        assert_eq!(answer.texts("dt"), ["First name", "Last name", "Favorite city"]);
    }
}

mod snapshots {
    use crate::support::{Backend, TestApp};

    #[tokio::test]
    async fn a_profile_and_the_list() {
        let app = TestApp::open(Backend::Sqlite).await;
        app.add_profile(1, "two-suitcases").await;
        let app = app.with(&[("PROFILE_EMAIL_PUBLIC", "on")]);
        insta::assert_snapshot!(
            "profile_detail",
            app.get("/profiles/two-suitcases/").await.body
        );
        insta::assert_snapshot!("profile_list", app.get("/profiles/").await.body);
    }
}
