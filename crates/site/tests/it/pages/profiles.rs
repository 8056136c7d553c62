//! `/profiles/` and `/profiles/{username}/`

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sea_orm::{EntityTrait as _, PaginatorTrait as _};
use site::domain::profile::listing;

use crate::admin::{PASSWORD, add_account};
use crate::support::visitor::Visitor;
use crate::support::{TestApp, on_both_databases};

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

    async fn profiles_are_found_by_name(app: TestApp) {
        for (id, username, first, last) in [
            (1, "tidewalker", "Zoë", "Lefèvre"),
            (2, "jean-paul.d", "Jean-Paul", "D'Été"),
            (3, "大海", "Mary Ann", "Smith"),
            (4, "mary", "Anna", "Tide"),
            (5, "quiet", "", ""),
        ] {
            app.add_profile(id, username).await;
            let names = format!("first_name = '{}', last_name = '{}'", first, last.replace('\'', "''"));
            let who = format!("(SELECT user_id FROM profiles_profile WHERE id = {id})");
            app.sql(&format!("UPDATE auth_user SET {names}, email = 'secret{id}@post.example' WHERE id = {who}")).await;
        }
        app.db.make_derived_tables().await.unwrap();
        let everybody = app.get("/profiles/").await.expect(200);
        everybody.assert_valid_html();
        assert_eq!(everybody.texts("p.total"), ["5 profiles"]);
        for (query, found) in [
            ("tide", &["tidewalker", "mary"][..]),
            ("TIDEWALKER", &["tidewalker"]),
            ("zoe", &["tidewalker"]),
            ("lefevre zoë", &["tidewalker"]),
            ("tidewolker", &["tidewalker"]),
            ("mary", &["mary", "大海"]),
            ("ann", &["大海", "mary"]),
            ("jean paul", &["jean-paul.d"]),
            ("d’été", &["jean-paul.d"]),
            ("大", &["大海"]),
            ("secret1", &[]),
            ("post", &[]),
            ("oslo", &[]),
            ("!?", &[]),
        ] {
            let path = format!("/profiles/?q={}", utf8_percent_encode(query, NON_ALPHANUMERIC));
            let answer = app.get(&path).await.expect(200);
            answer.assert_valid_html();
            assert_eq!(answer.texts("main li a.title"), found, "{query}");
            assert_eq!(answer.attributes("#search-q", "value"), [query]);
            assert_eq!(answer.attributes("meta[name=robots]", "content"), ["noindex"]);
            let total = match found.len() {
                0 => "No profile has such a name.".to_owned(),
                1 => "1 profile".to_owned(),
                count => format!("{count} profiles"),
            };
            assert_eq!(answer.texts("p.total"), [total], "{query}");
            assert_eq!(answer.texts("p.forgiven").len(), usize::from(query == "tidewolker"));
        }
        app.get("/profiles/?q=tide&page=2").await.expect(404);
        let long = app.get(&format!("/profiles/?q={}", "a".repeat(201))).await.expect(200);
        assert_eq!(long.texts("#search-q-error"), ["Please use 200 characters at most."]);
        // What somebody else changes is found as soon as the tables have been compared.
        app.sql("UPDATE auth_user SET first_name = 'Zacharias' WHERE username = 'quiet'").await;
        app.db.update_derived_tables().await.unwrap();
        let renamed = app.get("/profiles/?q=zacharias").await.expect(200);
        assert_eq!(renamed.texts("main li a.title"), ["quiet"]);
    }

    async fn profiles_found_come_in_pages_too(app: TestApp) {
        for id in 1..=101 {
            app.add_profile(id, &format!("user {id}")).await;
        }
        app.db.make_derived_tables().await.unwrap();
        let first = app.get("/profiles/?q=user").await.expect(200);
        assert_eq!(first.texts("p.total"), ["101 profiles"]);
        assert_eq!(first.attributes("a[rel=next]", "href"), ["/profiles/?q=user&page=2"]);
        let second = app.get("/profiles/?q=user&page=2").await.expect(200);
        assert_eq!(second.texts("ul.list a"), ["user 101"]);
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

    async fn search_engines_are_told_of_nobody_who_is_not_to_be_found(app: TestApp) {
        let site = "http://site.example";
        app.add_profile(1, "ann").await;
        app.add_profile(2, "bea").await;
        add_account(&app, 7, "bo", &[]).await;
        let told = async |app: &TestApp| {
            let mut told = Vec::new();
            for path in ["/profiles/", "/profiles/ann/", "/fr/profiles/bea/"] {
                let page = app.get(path).await.expect(200);
                page.assert_valid_html();
                let robots = page.attributes("meta[name=robots]", "content");
                let address = format!("{site}{path}");
                let listed = app.get("/sitemap.xml").await.texts("loc").contains(&address);
                assert_eq!(robots.is_empty(), listed, "{path}");
                assert_eq!(page.attributes("link[rel=canonical]", "href").is_empty(), !listed);
                told.push(listed);
            }
            told
        };
        // As long as addresses are for staff alone, so is who is here.
        assert_eq!(told(&app).await, [false, false, false]);
        let app = app.with(&[("PROFILE_EMAIL_PUBLIC", "on")]);
        assert_eq!(told(&app).await, [true, true, true]);
        let mut bo = Visitor::new(&app);
        bo.log_in("bo", PASSWORD).await.expect(302);
        let form = "/admin/profiles/profile/1/change/";
        let page = bo.get(form).await.expect(200);
        let mut fields = page.form_fields("form.record");
        fields.push(("profile-new1-is_unlisted".to_owned(), "on".to_owned()));
        let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        bo.post(form, &fields).await.expect(302);
        assert_eq!(told(&app).await, [true, false, true]);
        let sitemap = app.get("/sitemap.xml").await.texts("loc");
        assert!(sitemap.contains(&format!("{site}/profiles/bea/")), "{sitemap:?}");
        // The row goes with its profile, whoever deletes that.
        app.sql("DELETE FROM profiles_profile WHERE id = 1").await;
        assert_eq!(listing::Entity::find().count(&app.db).await.unwrap(), 0);
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
