//! `/lettings/` and `/lettings/{id}/`

use crate::support::on_both_databases;

on_both_databases! {
    async fn the_list_has_every_title_as_a_link_in_id_order(app: TestApp) {
        for (id, title) in [(7, "Last"), (2, "Second <b>"), (1, "Première 大海 & 'co'")] {
            app.add_letting(id, title).await;
        }
        let answer = app.get("/lettings/").await.expect(200);
        answer.assert_valid_html();
        assert_eq!(answer.texts("title"), ["Lettings"]);
        assert_eq!(answer.texts("h1"), ["Lettings"]);
        let titles = answer.texts("main li a");
        assert_eq!(titles, ["Première 大海 & 'co'", "Second <b>", "Last"]);
        let links = answer.attributes("main li a", "href");
        assert_eq!(links, ["/lettings/1/", "/lettings/2/", "/lettings/7/"]);
    }

    async fn an_empty_list_says_so(app: TestApp) {
        let answer = app.get("/lettings/").await.expect(200);
        answer.assert_valid_html();
        assert_eq!(answer.texts("main p"), ["No lettings are available."]);
        app.get("/lettings/?page=2").await.expect(404);
    }

    async fn a_long_list_comes_in_pages_of_twenty_four(app: TestApp) {
        for id in 1..=49 {
            app.add_letting(id, &format!("No. {id}")).await;
        }
        let first = app.get("/lettings/").await.expect(200);
        first.assert_valid_html();
        assert_eq!(first.texts("ul.list a").len(), 24);
        assert_eq!(first.attributes("head link[rel=next]", "href"), ["/lettings/?page=2"]);
        assert_eq!(first.attributes("main a[rel=next]", "href"), ["/lettings/?page=2"]);
        assert!(first.attributes("[rel=prev]", "href").is_empty());

        let second = app.get("/lettings/?page=2").await.expect(200);
        assert_eq!(second.texts("ul.list a")[0], "No. 25");
        let canonical = "http://site.example/lettings/?page=2";
        assert_eq!(second.attributes("link[rel=canonical]", "href"), [canonical]);
        assert_eq!(second.attributes("head link[rel=prev]", "href"), ["/lettings/"]);
        assert_eq!(second.attributes("head link[rel=next]", "href"), ["/lettings/?page=3"]);

        let third = app.get("/lettings/?page=3").await.expect(200);
        assert_eq!(third.texts("ul.list a"), ["No. 49"]);
        assert_eq!(third.attributes("main a[rel=prev]", "href"), ["/lettings/?page=2"]);
        assert!(third.attributes("[rel=next]", "href").is_empty());

        for page in ["4", "0", "-1", "x", "", "99999999999999999999", "9223372036854775807"] {
            app.get(&format!("/lettings/?page={page}")).await.expect(404);
        }
    }

    async fn exactly_twenty_four_are_one_page(app: TestApp) {
        for id in 1..=24 {
            app.add_letting(id, "One of many").await;
        }
        let answer = app.get("/lettings/").await.expect(200);
        assert!(answer.attributes("[rel=next]", "href").is_empty());
        app.get("/lettings/?page=2").await.expect(404);
    }

    async fn a_letting_shows_its_address(app: TestApp) {
        app.add_letting(5, "The Mushroom Dome Retreat & LAND <i>").await;
        let answer = app.get("/lettings/5/").await.expect(200);
        answer.assert_valid_html();
        let title = "The Mushroom Dome Retreat & LAND <i>";
        assert_eq!(answer.texts("title"), [title]);
        assert_eq!(answer.texts("h1"), [title]);
        assert_eq!(answer.texts("address"), ["5 Bay Road Boston, MA 02134 United States"]);
        let links = answer.texts("a");
        for link in ["Back", "Home", "Profiles"] {
            assert!(links.iter().any(|text| text == link), "{link} in {links:?}");
        }
        let place = ["/lettings/in/us/", "/lettings/in/us/ma/", "/lettings/in/us/ma/boston/"];
        let way = [&["/", "/lettings/"][..], &place].concat();
        assert_eq!(answer.attributes(".crumbs a", "href"), way);
        assert_eq!(answer.attributes(".back a", "href"), ["/lettings/"]);
    }

    async fn a_letting_can_be_found_on_a_map(app: TestApp) {
        app.add_letting(5, "Any").await;
        let answer = app.get("/lettings/5/").await.expect(200);
        let query = "5%20Bay%20Road%2C%20Boston%2C%20MA%2002134%2C%20United%20States";
        assert_eq!(answer.attributes(".to-app", "href"), [format!("geo:0,0?q={query}")]);
        let map = format!("https://www.openstreetmap.org/search?query={query}");
        assert_eq!(answer.attributes("a[rel~=external]", "href"), [map]);
    }

    async fn a_letting_leads_to_those_before_and_after(app: TestApp) {
        for id in [2, 5, 9] {
            app.add_letting(id, &format!("No. {id}")).await;
        }
        for (id, previous, next) in [(2, None, Some(5)), (5, Some(2), Some(9)), (9, Some(5), None)] {
            let answer = app.get(&format!("/lettings/{id}/")).await.expect(200);
            for (rel, expected) in [("prev", previous), ("next", next)] {
                let links = answer.attributes(&format!("a[rel={rel}]"), "href");
                let expected: Option<String> = expected.map(|id| format!("/lettings/{id}/"));
                assert_eq!(links, Vec::from_iter(expected), "{rel} of {id}");
            }
        }
    }

    async fn machines_are_told_what_a_letting_is(app: TestApp) {
        app.add_letting(5, "</script><b> & \"co\"").await;
        let answer = app.get("/lettings/5/").await.expect(200);
        answer.assert_valid_html();
        let [accommodation, crumbs] = &answer.linked_data()[..] else { panic!("{}", answer.body) };
        assert_eq!(
            *accommodation,
            serde_json::json!({
                "@context": "https://schema.org",
                "@type": "Accommodation",
                "name": "</script><b> & \"co\"",
                "url": "http://site.example/lettings/5/",
                "address": {
                    "@type": "PostalAddress",
                    "streetAddress": "5 Bay Road",
                    "addressLocality": "Boston",
                    "addressRegion": "MA",
                    "postalCode": "02134",
                    "addressCountry": "US",
                },
            })
        );
        assert_eq!(crumbs["@type"], "BreadcrumbList");
        assert_eq!(crumbs["itemListElement"][1]["item"], "http://site.example/lettings/");
        assert_eq!(crumbs["itemListElement"].as_array().unwrap().len(), 6);
    }

    async fn an_id_is_digits_alone_and_never_too_large(app: TestApp) {
        app.add_letting(1, "Only").await;
        for id in ["1", "01", "0000000000000000000000001"] {
            app.get(&format!("/lettings/{id}/")).await.expect(200);
        }
        for id in [
            "2",
            "0",
            "-1",
            "+1",
            "abc",
            "1a",
            "1.0",
            "%31%00",
            "%D9%A1",
            "9223372036854775807",
            "9223372036854775808",
            "99999999999999999999999999",
            "%FF",
        ] {
            app.get(&format!("/lettings/{id}/")).await.expect(404);
        }
    }
}

mod snapshots {
    use crate::support::{Backend, TestApp};

    #[tokio::test]
    async fn a_letting_and_the_list() {
        let app = TestApp::open(Backend::Sqlite).await;
        app.add_letting(3, "'Silo Studio' Cottage").await;
        insta::assert_snapshot!("letting_detail", app.get("/lettings/3/").await.body);
        insta::assert_snapshot!("letting_list", app.get("/lettings/").await.body);
    }
}
