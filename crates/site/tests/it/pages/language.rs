//! The language of a page, and its choice.

use axum::body::Body;
use http::{Method, Request};

use crate::support::app::{Answer, TestApp, request};
use crate::support::on_both_databases;

/// A page asked for with further headers.
async fn get(app: &TestApp, path: &str, headers: &[(&'static str, &str)]) -> Answer {
    let mut request = request(Method::GET, path);
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    app.send(request).await
}

fn post(form: &str, headers: &[(&'static str, &str)]) -> Request<Body> {
    let mut request = request(Method::POST, "/i18n/setlang/");
    let content_type = "application/x-www-form-urlencoded";
    for (name, value) in [&[("content-type", content_type)], headers].concat() {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    *request.body_mut() = Body::from(form.to_owned());
    request
}

on_both_databases! {
    async fn a_page_is_in_the_language_that_is_asked_for(app: TestApp) {
        let english = app.get("/").await.expect(200);
        assert_eq!(english.texts("h1"), ["Welcome to Holiday Homes"]);
        assert_eq!(english.header("content-language"), "en");
        assert_eq!(english.header("vary"), "Accept-Language, Cookie");
        assert_eq!(english.attributes("html", "lang"), ["en"]);
        let french = get(&app, "/", &[("accept-language", "fr-CA, en;q=0.5")]).await.expect(200);
        french.assert_valid_html();
        assert_eq!(french.texts("h1"), ["Bienvenue dans nos maisons de vacances"]);
        assert_eq!(french.header("content-language"), "fr");
        assert_eq!(french.attributes("html", "lang"), ["fr"]);
        let kept = [("accept-language", "fr"), ("cookie", "a=b; django_language=en")];
        assert_eq!(get(&app, "/", &kept).await.header("content-language"), "en");
    }

    async fn errors_are_in_the_language_too(app: TestApp) {
        let french = [("accept-language", "fr")];
        let answer = get(&app, "/nothing", &french).await.expect(404);
        answer.assert_valid_html();
        assert_eq!(answer.texts("h1"), ["Page introuvable"]);
        assert_eq!(answer.header("content-language"), "fr");
        app.sql("ALTER TABLE lettings_letting RENAME TO gone").await;
        let answer = get(&app, "/lettings/", &french).await.expect(500);
        assert_eq!(answer.texts("h1"), ["Une erreur s’est produite"]);
        let json = [("accept-language", "fr"), ("accept", "application/json")];
        let problem = get(&app, "/nothing", &json).await.expect(404).json();
        assert_eq!(problem["title"], "Page introuvable");
    }

    async fn the_operator_chooses_for_those_who_choose_nothing(app: TestApp) {
        let app = app.with(&[("LANGUAGE_CODE", "fr-fr")]);
        assert_eq!(app.get("/").await.header("content-language"), "fr");
        let english = [("accept-language", "en-GB")];
        assert_eq!(get(&app, "/", &english).await.header("content-language"), "en");
        let app = app.with(&[("LANGUAGE_CODE", "de")]);
        assert_eq!(app.get("/").await.header("content-language"), "en");
    }

    async fn every_page_has_the_switch_and_it_leads_back(app: TestApp) {
        app.add_letting(1, "Only").await;
        let page = app.get("/lettings/?page=1&x=%26").await.expect(200);
        assert_eq!(page.attributes("form.languages", "action"), ["/i18n/setlang/"]);
        assert_eq!(page.attributes("form.languages button", "value"), ["fr"]);
        assert_eq!(page.texts("form.languages button"), ["Français"]);
        let next = page.attributes("form.languages input", "value");
        // The page does not depend on other parameters, and names none.
        assert_eq!(next, ["/lettings/?page=1"]);
        let answer = app.send(post("language=fr&next=%2Flettings%2F%3Fpage%3D1", &[])).await;
        let answer = answer.expect(302);
        assert_eq!(answer.header("location"), "/lettings/?page=1");
        assert_eq!(
            answer.header("set-cookie"),
            "django_language=fr; Path=/; SameSite=Lax; Max-Age=31536000; HttpOnly"
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        let french = get(&app, "/lettings/", &[("cookie", "django_language=fr")]).await;
        assert_eq!(french.texts("h1"), ["Locations"]);
        assert_eq!(french.texts("form.languages button"), ["English"]);
        // Where an error happened the page does not say; the browser does.
        assert!(app.get("/nothing").await.attributes("form.languages input", "value").is_empty());
    }

    async fn the_switch_leads_nowhere_else(app: TestApp) {
        for (form, referer, expected) in [
            ("language=fr", "http://site.example/profiles/?page=2", "/profiles/?page=2"),
            ("language=fr", "", "/"),
            ("language=fr", "https://evil.example/x", "/"),
            ("language=fr&next=https://evil.example/", "", "/"),
            ("language=fr&next=//evil.example/", "http://site.example/a/", "/a/"),
            ("language=fr&next=/%5Cevil.example/", "", "/"),
            ("language=fr&next=/%0d%0aSet-Cookie:x=y", "", "/"),
            ("language=fr&next=http://site.example/lettings/", "", "/lettings/"),
        ] {
            let mut headers = Vec::new();
            if !referer.is_empty() {
                headers.push(("referer", referer));
            }
            let answer = app.send(post(form, &headers)).await.expect(302);
            assert_eq!(answer.header("location"), expected, "{form} {referer}");
        }
    }

    async fn every_page_has_an_address_in_each_language(app: TestApp) {
        let app = app.with(&[("PROFILE_EMAIL_PUBLIC", "True")]);
        app.add_letting(1, "Only").await;
        app.add_letting(2, "Other").await;
        app.add_profile(1, "ann").await;
        let pages = ["/", "/lettings/", "/lettings/?page=1", "/lettings/1/", "/profiles/", "/profiles/ann/"];
        for path in pages {
            // The first page has no number.
            let path_in_links = path.trim_end_matches("?page=1");
            let address = |prefix| format!("http://site.example{prefix}{path_in_links}");
            let alternates = [("en", "/en"), ("fr", "/fr"), ("x-default", "")];
            for (prefix, language) in [("/en", "en"), ("/fr", "fr"), ("", "fr")] {
                // Whoever has chosen French is not asked at an address of a language.
                let french = [("accept-language", "fr"), ("cookie", "django_language=fr")];
                let page = get(&app, &format!("{prefix}{path}"), &french).await.expect(200);
                page.assert_valid_html();
                assert_eq!(page.header("content-language"), language, "{prefix}{path}");
                let vary = if prefix.is_empty() { "Accept-Language, Cookie" } else { "Cookie" };
                assert_eq!(page.header("vary"), vary);
                assert_eq!(page.attributes("link[rel=canonical]", "href"), [address(prefix)]);
                let links = page.attributes("link[hreflang]", "href");
                assert_eq!(links, alternates.map(|(_, prefix)| address(prefix)));
                let tags = page.attributes("link[hreflang]", "hreflang");
                assert_eq!(tags, alternates.map(|(tag, _)| tag));
                for link in page.attributes("main a, header a, form.stay", "href") {
                    let stays = link.starts_with(&format!("{prefix}/")) || !link.starts_with('/');
                    assert!(stays, "{prefix}{path} leads to {link}");
                }
            }
        }
    }

    async fn addresses_of_a_language_behave_as_the_others(app: TestApp) {
        for (path, expected) in [("/fr", "/fr/"), ("/fr/lettings?page=2", "/fr/lettings/?page=2")] {
            assert_eq!(app.get(path).await.expect(301).header("location"), expected);
        }
        let missing = app.get("/fr/nothing/").await.expect(404);
        assert_eq!(missing.texts("h1"), ["Page introuvable"]);
        assert_eq!(missing.attributes("main a", "href"), ["/fr/", "/fr/lettings/", "/fr/profiles/"]);
        app.get("/fr/lettings/7/").await.expect(404);
        app.get("/de/").await.expect(404);
        app.get("/fr/robots.txt").await.expect(404);
        assert_eq!(app.get("/en/lettings/").await.texts("nav [aria-current]"), ["Lettings"]);
    }

    async fn at_an_address_of_a_language_the_switch_leads_to_the_other(app: TestApp) {
        app.add_letting(1, "Only").await;
        let page = app.get("/fr/lettings/1/").await.expect(200);
        let next = page.attributes("form.languages input", "value");
        assert_eq!(next, ["/fr/lettings/1/"]);
        for (language, next, expected) in [
            ("en", "/fr/lettings/1/", "/en/lettings/1/"),
            ("fr", "/en/lettings/?page=2", "/fr/lettings/?page=2"),
            ("fr", "/fr/", "/fr/"),
            ("de", "/fr/", "/fr/"),
            ("en", "/frogs/", "/frogs/"),
        ] {
            let answer = app.send(post(&format!("language={language}&next={next}"), &[])).await;
            assert_eq!(answer.expect(302).header("location"), expected);
        }
    }

    async fn what_makes_no_sense_changes_nothing(app: TestApp) {
        for form in ["", "language=de", "language=", "language=fr%0d%0aX", "next=/lettings/"] {
            let answer = app.send(post(form, &[])).await.expect(302);
            assert_eq!(answer.header("set-cookie"), "", "{form}");
        }
        let json = app.send(post("{\"language\":\"fr\"}", &[("content-type", "application/json")]));
        assert_eq!(json.await.expect(302).header("set-cookie"), "");
        let many = vec!["a=1"; 1_001].join("&");
        app.send(post(&many, &[])).await.expect(400).assert_valid_html();
        let large = "x".repeat(16 * 1024 + 1);
        app.send(post(&large, &[])).await.expect(413).assert_valid_html();
        app.get("/i18n/setlang/").await.expect(405);
    }

    async fn another_site_cannot_choose(app: TestApp) {
        for (origin, status) in [
            ("http://site.example", 302),
            ("https://site.example", 302),
            ("https://SITE.example", 302),
            ("https://evil.example", 403),
            ("https://site.example.evil.example", 403),
            ("https://site.example:8443", 403),
            ("null", 403),
            ("", 403),
        ] {
            let answer = app.send(post("language=fr", &[("origin", origin)])).await;
            let answer = answer.expect(status);
            assert_eq!(answer.header("set-cookie").is_empty(), status == 403, "{origin}");
        }
    }

    async fn over_https_the_cookie_stays_there(app: TestApp) {
        let answer = app.send(post("language=en", &[("x-forwarded-proto", "https")])).await;
        assert!(answer.header("set-cookie").ends_with("; Secure"), "{answer:?}");
    }
}
