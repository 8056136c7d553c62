//! What guests ask: taken, stored, told to staff, answered, booked, erased.

use accounts::signing::{Keys, Signer};
use axum::body::Body;
use chrono::TimeDelta;
use db::datetime::now;
use http::{Method, Request};

use crate::admin::add_account;
use crate::admin::shared::{logged_in, number, texts};
use crate::homes::add_home;
use crate::support::app::{Answer, SECRET_KEY, SetDay, request};
use crate::support::browser::form;
use crate::support::visitor::Visitor;
use crate::support::{TestApp, on_both_databases};

const PATH: &str = "/lettings/1/enquiry/";

const GOOD: [(&str, &str); 9] = [
    ("name", "Zoë Vidal"),
    ("email", "Zoe@Example.com"),
    ("telephone", "+33 1 23 45 67 89"),
    ("from", "2027-04-05"),
    ("to", "2027-04-12"),
    ("adults", "2"),
    ("children", "1"),
    ("pets", "1"),
    ("message", "Is the bay far?\r\n\r\nThank you"),
];

/// The time of a form, as if it had been opened so long ago.
fn stamp(letting: i64, age: TimeDelta) -> String {
    let keys = Keys {
        current: SECRET_KEY.into(),
        fallbacks: Vec::new(),
    };
    let signer = Signer::new(&keys, "oc_lettings.enquiry.form");
    signer.sign_at(&letting.to_string(), now() - age)
}

/// A form with other values for some fields.
fn with<'a>(others: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = GOOD.to_vec();
    for (name, value) in others {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

/// As a browser sends a form of the page.
fn post(path: &str, fields: &[(&str, &str)]) -> Request<Body> {
    let mut request = request(Method::POST, path);
    let headers = request.headers_mut();
    let content_type = "application/x-www-form-urlencoded";
    headers.insert("content-type", content_type.parse().unwrap());
    headers.insert("origin", "http://site.example".parse().unwrap());
    headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
    *request.body_mut() = Body::from(form(fields));
    request
}

/// Sends a form that was opened a minute ago.
async fn ask(app: &TestApp, path: &str, others: &[(&str, &str)]) -> Answer {
    let stamp = stamp(1, TimeDelta::minutes(1));
    let mut fields = with(others);
    fields.push(("stamp", &stamp));
    app.send(post(path, &fields)).await
}

/// An application on a day in March 2027, with a home that is let.
async fn opened(app: TestApp, variables: &[(&str, &str)]) -> TestApp {
    let app = app.on_days(&SetDay::new("2027-03-01"), variables);
    add_home(&app, 1).await;
    app
}

const LETTERS: &str =
    "SELECT recipient || ' <' || reply_to || '> ' || subject FROM oc_lettings_letter ORDER BY id";

const STORED: &str = "SELECT name || ' ' || email || ' ' || telephone || ' ' || CAST(arrival AS text) || ' ' \
     || CAST(departure AS text) || ' ' || CAST(adults AS text) || CAST(children AS text) || CAST(pets AS text) \
     || ' ' || state || ' ' || language || ' ' || CAST(quoted_total AS text) || ' ' || message FROM oc_lettings_enquiry";

async fn count(app: &TestApp) -> i64 {
    number(app, "SELECT count(*) FROM oc_lettings_enquiry").await
}

async fn id_of(app: &TestApp) -> i64 {
    number(app, "SELECT MAX(id) FROM oc_lettings_enquiry").await
}

on_both_databases! {
    async fn a_guest_asks_and_both_are_written_to(app: TestApp) {
        let app = opened(app, &[("ENQUIRY_EMAIL", "desk@example.com")]).await;
        let letting = app.get("/fr/lettings/1/").await.expect(200);
        assert_eq!(letting.attributes(".ask-us a", "href"), ["/fr/lettings/1/enquiry/"]);
        assert_eq!(letting.attributes(".stay button[formaction]", "formaction"), ["/fr/lettings/1/enquiry/"]);
        let page = app.get("/lettings/1/enquiry/?from=2027-04-05&to=2027-04-12&adults=2&children=1").await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.attributes("#from", "value"), ["2027-04-05"]);
        assert_eq!(page.texts(".bill .total strong").len(), 1);
        assert!(page.texts(".notice-of-use")[0].contains("36 months"));

        let answer = ask(&app, "/fr/lettings/1/enquiry/", &[]).await.expect(303);
        let thanks = answer.header("location").to_owned();
        assert!(thanks.starts_with("/fr/lettings/1/enquiry/thanks/?number="), "{thanks}");
        let page = app.get(&thanks).await.expect(200);
        page.assert_valid_html();
        let number_told = page.texts(".thanks strong")[0].clone();
        assert!(thanks.ends_with(&number_told));
        assert_eq!(page.texts("h1"), ["Merci de votre demande"]);
        app.get(&thanks.replace("lettings/1", "lettings/2")).await.expect(404);

        let total = number(&app, "SELECT quoted_total FROM oc_lettings_enquiry").await;
        let expected = format!(
            "Zoë Vidal Zoe@example.com +33 1 23 45 67 89 2027-04-05 2027-04-12 211 new fr {total} \
             Is the bay far?\n\nThank you"
        );
        assert_eq!(texts(&app, STORED).await, [expected]);
        assert!(total > 7 * 12_000 / 2, "{total}");
        let letters = texts(&app, LETTERS).await;
        assert_eq!(letters.len(), 2, "{letters:?}");
        assert!(letters[0].starts_with("Zoe@example.com <> Votre demande"), "{letters:?}");
        assert!(letters[1].starts_with("desk@example.com <Zoe@example.com> Enquiry "), "{letters:?}");
        let bodies = texts(&app, "SELECT text || html FROM oc_lettings_letter ORDER BY id").await;
        // Whoever types the address of somebody else has us write nothing of his own to them.
        assert!(!bodies[0].contains("Zo\u{eb}") && !bodies[0].contains("bay far"), "{}", bodies[0]);
        assert!(bodies[1].contains("Is the bay far?") && bodies[1].contains("Vidal"), "{}", bodies[1]);

        // Twice is once.
        let again = ask(&app, "/fr/lettings/1/enquiry/", &[]).await.expect(303);
        assert_eq!(again.header("location"), thanks);
        assert_eq!(count(&app).await, 1);
        assert_eq!(texts(&app, LETTERS).await.len(), 2);
    }

    async fn a_home_has_an_address_of_its_own(app: TestApp) {
        let app = opened(app, &[("ENQUIRY_EMAIL", "desk@example.com")]).await;
        app.sql("INSERT INTO oc_lettings_contact (home_id, email) SELECT id, 'owner@example.com' FROM oc_lettings_home").await;
        ask(&app, PATH, &[]).await.expect(303);
        assert!(texts(&app, LETTERS).await[1].starts_with("owner@example.com "));
        let app = app.on_days(&SetDay::new("2027-03-01"), &[]);
        app.sql("DELETE FROM oc_lettings_contact").await;
        ask(&app, PATH, &[("name", "Ann")]).await.expect(303);
        assert_eq!(texts(&app, LETTERS).await.len(), 3, "the guest alone is written to");
        assert_eq!(count(&app).await, 2);
    }

    async fn what_is_wrong_is_told_beside_its_field(app: TestApp) {
        let app = opened(app, &[]).await;
        app.sql(
            "INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, uid, note, changed_at) \
             VALUES (1, '2027-05-10', '2027-05-17', 'booking', 'x', '', '2027-01-01 00:00:00')",
        )
        .await;
        let long = "x".repeat(2_001);
        for (name, value, field) in [
            ("name", "", "name"),
            ("name", "a\r\nBcc: b@example.com", "name"),
            ("name", &long, "name"),
            ("email", "", "email"),
            ("email", "ann", "email"),
            ("email", "ann@example.com\r\nBcc: bob@example.com", "email"),
            ("email", "ann@example.com, bob@example.com", "email"),
            ("email", "ann@[127.0.0.1]", "email"),
            ("telephone", "\0", "telephone"),
            ("from", "", "from"),
            ("from", "2027-02-28", "from"),
            ("from", "2027-13-45", "from"),
            ("to", "2027-04-05", "to"),
            ("to", "2027-04-06", "to"),
            ("to", "2028-04-06", "to"),
            ("adults", "0", "adults"),
            ("adults", "9", "adults"),
            ("adults", "-1", "adults"),
            ("children", "many", "children"),
            ("pets", "51", "pets"),
            ("message", "", "message"),
            ("message", &long, "message"),
            ("message", "\u{7}", "message"),
        ] {
            let page = ask(&app, PATH, &[(name, value)]).await.expect(200);
            page.assert_valid_html();
            assert_eq!(page.attributes(".errors", "id"), [format!("{field}-error")], "{name} {value:?}");
            assert_eq!(page.texts(".message.error").len(), 1);
            // What was typed is still there.
            let kept = if name == "telephone" { "#message" } else { "#telephone" };
            let kept = page.attributes(kept, "value").into_iter().chain(page.texts(kept));
            assert!(kept.collect::<String>().len() > 5, "{name}");
        }
        let page = ask(&app, PATH, &[("message", &long)]).await.expect(200);
        assert_eq!(page.texts("#message"), [long]);
        let page = ask(&app, PATH, &[("from", "2027-05-16"), ("to", "2027-05-20")]).await.expect(200);
        assert_eq!(page.texts("#from-error"), ["Some of these nights are taken. The calendar shows which are free."]);
        ask(&app, PATH, &[("from", "2027-05-17"), ("to", "2027-05-20")]).await.expect(303);
        assert_eq!(count(&app).await, 1);
        // The price is shown without anything being stored.
        let page = ask(&app, PATH, &[("action", "price"), ("name", "")]).await.expect(200);
        assert_eq!((page.texts(".bill").len(), page.texts(".errors").len()), (1, 0));
        assert_eq!(count(&app).await, 1);
    }

    async fn only_a_page_of_ours_may_send(app: TestApp) {
        let app = opened(app, &[]).await;
        let stamp = stamp(1, TimeDelta::minutes(1));
        let mut fields = with(&[]);
        fields.push(("stamp", &stamp));
        for (origin, site, status) in [
            (None, None, 403),
            (Some("https://evil.example"), None, 403),
            (Some("null"), None, 403),
            (Some("http://site.example"), Some("cross-site"), 403),
            (None, Some("none"), 403),
            (Some("https://evil.example"), Some("same-origin"), 403),
            (Some("null"), Some("same-origin"), 303),
            (None, Some("same-origin"), 303),
            (Some("http://site.example"), None, 303),
        ] {
            let mut request = post(PATH, &fields);
            request.headers_mut().remove("origin");
            request.headers_mut().remove("sec-fetch-site");
            for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
                if let Some(value) = value {
                    request.headers_mut().insert(name, value.parse().unwrap());
                }
            }
            let answer = app.send(request).await;
            assert_eq!(answer.status.as_u16(), status, "{origin:?} {site:?}");
        }
        assert_eq!(count(&app).await, 1);
        let large = "x".repeat(40_000);
        let answer = ask(&app, PATH, &[("message", &large)]).await;
        assert_eq!(answer.status.as_u16(), 413);
    }

    async fn programs_are_told_from_people(app: TestApp) {
        let app = opened(app, &[("ENQUIRY_EMAIL", "desk@example.com")]).await;
        for stamp in [
            stamp(1, TimeDelta::zero()),
            stamp(1, TimeDelta::hours(25)),
            stamp(2, TimeDelta::minutes(1)),
            stamp(1, TimeDelta::minutes(1)).to_uppercase(),
            String::new(),
        ] {
            let mut fields = with(&[]);
            fields.push(("stamp", &stamp));
            let page = app.send(post(PATH, &fields)).await.expect(200);
            assert_eq!(page.texts(".message.error"), ["Please look over your enquiry, and send it once more."]);
            assert_eq!(page.attributes("#name", "value"), ["Zoë Vidal"]);
        }
        assert_eq!(count(&app).await, 0);
        // What fills in what nobody sees is kept, and nobody is written to.
        ask(&app, PATH, &[("website", "https://example.com")]).await.expect(303);
        assert_eq!(texts(&app, "SELECT state FROM oc_lettings_enquiry").await, ["spam"]);
        assert_eq!(texts(&app, LETTERS).await, [""; 0]);
    }

    async fn an_address_asks_five_times_an_hour(app: TestApp) {
        let app = opened(app, &[]).await;
        let names = ["a", "b", "c", "d", "e", "f", "g"];
        for (index, name) in names.iter().enumerate() {
            let answer = ask(&app, PATH, &[("name", name)]).await;
            let status = if index < 5 { 303 } else { 429 };
            assert_eq!(answer.status.as_u16(), status, "{index}");
            if status == 429 {
                assert_eq!(answer.attributes("#name", "value"), [*name]);
            }
        }
        assert_eq!(count(&app).await, 5);
        // The same as before is no new one.
        ask(&app, PATH, &[("name", "a")]).await.expect(303);
        // An address elsewhere is another.
        let stamp = stamp(1, TimeDelta::minutes(1));
        let mut fields = with(&[("name", "h")]);
        fields.push(("stamp", &stamp));
        let mut elsewhere = post(PATH, &fields);
        elsewhere.headers_mut().insert("x-forwarded-for", "192.0.2.7".parse().unwrap());
        app.send(elsewhere).await.expect(303);
        assert_eq!(count(&app).await, 6);
    }

    async fn what_becomes_of_enquiries_is_counted(app: TestApp) {
        let app = opened(app, &[("METRICS_TOKEN", "the-token-of-this-test")]).await;
        ask(&app, PATH, &[("email", "ann")]).await.expect(200);
        app.send(post(PATH, &with(&[]))).await.expect(200);
        for name in ["a", "b", "c", "c"] {
            ask(&app, PATH, &[("name", name)]).await.expect(303);
        }
        ask(&app, PATH, &[("website", "x")]).await.expect(303);
        app.sql(
            "INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, uid, note, changed_at) \
             VALUES (1, '2027-05-10', '2027-05-17', 'booking', 'x', '', '2027-01-01 00:00:00')",
        )
        .await;
        ask(&app, PATH, &[("from", "2027-05-16"), ("to", "2027-05-20")]).await.expect(200);
        // Nor is the price of a stay an enquiry.
        ask(&app, PATH, &[("action", "price")]).await.expect(200);
        ask(&app, PATH, &[("name", "d")]).await.expect(303);
        ask(&app, PATH, &[("name", "e")]).await.expect(429);
        let mut request = request(Method::GET, "/metrics");
        let token = "Bearer the-token-of-this-test".parse().unwrap();
        request.headers_mut().insert("authorization", token);
        let metrics = app.send(request).await.expect(200);
        let lines = metrics.body.lines().filter_map(|line| line.strip_prefix("enquiries_total{outcome="));
        assert_eq!(lines.collect::<Vec<_>>(), [
            "\"stored\"} 4", "\"spam\"} 1", "\"repeated\"} 1", "\"wrong\"} 1", "\"untimely\"} 1",
            "\"taken\"} 1", "\"throttled\"} 1",
        ]);
    }

    async fn drafts_and_lettings_without_a_home_are_not_asked_about(app: TestApp) {
        let app = opened(app, &[]).await;
        app.add_letting(2, "Bare").await;
        assert_eq!(app.get("/lettings/2/").await.expect(200).texts(".ask-us"), [""; 0]);
        app.get("/lettings/2/enquiry/").await.expect(404);
        app.get("/lettings/9/enquiry/").await.expect(404);
        app.get("/lettings/1/enquiry/").await.expect(200);
        app.sql("UPDATE oc_lettings_home SET night_price = NULL, weekend_price = NULL").await;
        let page = app.get("/lettings/1/enquiry/?from=2027-04-05&to=2027-04-12").await.expect(200);
        assert_eq!((page.texts(".bill").len(), page.texts(".errors").len()), (0, 0));
        ask(&app, PATH, &[]).await.expect(303);
        app.sql("UPDATE oc_lettings_home SET is_published = FALSE").await;
        app.get("/lettings/1/enquiry/").await.expect(404);
        ask(&app, PATH, &[]).await.expect(404);
    }

    async fn staff_answers_and_books(app: TestApp) {
        let app = opened(app, &[("ENQUIRY_EMAIL", "desk@example.com")]).await;
        add_account(&app, 601, "root", &[]).await;
        ask(&app, "/fr/lettings/1/enquiry/", &[]).await.expect(303);
        let mut root = logged_in(&app, "root").await;
        assert!(root.get("/admin/").await.attributes(".apps a", "href").contains(&"/admin/guests/enquiries/".to_owned()));
        let list = root.get("/admin/guests/enquiries/?state=new").await.expect(200);
        list.assert_valid_html();
        assert_eq!(list.texts(".inbox h2"), ["Cabin"]);
        assert_eq!(root.get("/admin/guests/enquiries/?state=booked").await.texts(".inbox h2"), [""; 0]);
        let path = list.attributes(".inbox h2 a", "href")[0].clone();

        // A prepared answer comes in the guest's language.
        let new = [("name", "Far"), ("text_en", "It is near."), ("text_fr", "C’est tout près.")];
        root.post("/admin/guests/answers/new/", &new).await.expect(302);
        let twice = root.post("/admin/guests/answers/new/", &new).await.expect(200);
        twice.assert_valid_html();
        assert_eq!(twice.texts(".errors"), ["Another answer has this name."]);
        let key = number(&app, "SELECT id FROM oc_lettings_answer").await;
        let page = root.get(&format!("{path}?answer={key}")).await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts("#answer"), ["C’est tout près."]);
        let empty = root.post(&path, &[("action", "answer"), ("answer", " ")]).await.expect(200);
        assert_eq!(empty.texts("#answer-error"), ["Write an answer first."]);
        root.post(&path, &[("action", "answer"), ("answer", "C’est tout près.\r\nÀ bientôt")]).await.expect(302);
        let page = root.get(&path).await.expect(200);
        assert_eq!(page.texts(".message.success"), ["The answer is on its way."]);
        assert_eq!(page.texts(".facts dd")[0], "Answered");
        assert!(texts(&app, LETTERS).await[2].starts_with("Zoe@example.com <desk@example.com> Votre demande"));

        root.post(&path, &[("action", "book")]).await.expect(302);
        let page = root.get(&path).await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts(".facts dd")[0], "Booked");
        assert_eq!(page.texts("button[value=book]"), [""; 0]);
        assert!(texts(&app, LETTERS).await[3].starts_with("Zoe@example.com <desk@example.com> Réservé"));
        let stay = "SELECT CAST(arrival AS text) || ' ' || CAST(departure AS text) || ' ' || kind || ' ' || note FROM oc_lettings_stay";
        let number_given = texts(&app, "SELECT number FROM oc_lettings_enquiry").await[0].clone();
        assert_eq!(texts(&app, stay).await, [format!("2027-04-05 2027-04-12 booking {number_given}")]);
        root.post(&path, &[("action", "book")]).await.expect(302);
        assert_eq!(root.get(&path).await.texts(".message"), ["It was booked already."]);

        // A second guest does not get the night; one who asked before is told by staff.
        let taken = ask(&app, PATH, &[("name", "Ann")]).await.expect(200);
        assert_eq!(taken.attributes(".errors", "id"), ["from-error"]);
        app.sql("UPDATE oc_lettings_enquiry SET state = 'new'").await;
        root.post(&path, &[("action", "book")]).await.expect(302);
        let page = root.get(&path).await.expect(200);
        assert!(page.texts(".message.error")[0].starts_with("These nights are taken by now"));
        assert_eq!(page.texts(".facts dd")[0], "New", "nothing was changed");
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_stay").await, 1);
        assert_eq!(texts(&app, LETTERS).await.len(), 4);
        root.post(&path, &[("action", "mark"), ("state", "declined")]).await.expect(302);
        root.post(&path, &[("action", "mark"), ("state", "booked")]).await.expect(400);
        assert_eq!(root.get(&path).await.texts(".facts dd")[0], "Declined");
    }

    async fn a_person_is_told_and_forgotten(app: TestApp) {
        let app = opened(app, &[("ENQUIRY_EMAIL", "desk@example.com")]).await;
        add_account(&app, 601, "root", &[]).await;
        ask(&app, PATH, &[]).await.expect(303);
        ask(&app, PATH, &[("email", "other@example.com")]).await.expect(303);
        let mut root = logged_in(&app, "root").await;
        let path = "/admin/guests/person/";
        root.get(path).await.expect(200).assert_valid_html();
        let found = root.post(path, &[("email", "ZOE@example.com"), ("action", "find")]).await.expect(200);
        found.assert_valid_html();
        let told = "1 enquiry and 2 letters are stored about ZOE@example.com.";
        assert_eq!(found.texts(".panel [role=status]"), [told]);
        let file = root.post(path, &[("email", "zoe@example.com"), ("action", "export")]).await.expect(200);
        assert_eq!(file.header("content-disposition"), "attachment; filename=\"person.json\"");
        let json = file.json();
        assert_eq!(json["enquiries"][0]["name"], "Zoë Vidal");
        assert_eq!(json["letters"].as_array().unwrap().len(), 2);
        let unsure = root.post(path, &[("email", "zoe@example.com"), ("action", "erase")]).await.expect(200);
        assert!(unsure.texts(".message.error")[0].starts_with("Nothing was erased"));
        root.post(path, &[("email", "zoe@example.com"), ("action", "erase"), ("sure", "yes")]).await.expect(302);
        assert_eq!(texts(&app, "SELECT email FROM oc_lettings_enquiry").await, ["other@example.com"]);
        assert_eq!(texts(&app, LETTERS).await.len(), 2);
        let nothing = root.post(path, &[("email", "zoe@example.com"), ("action", "find")]).await.expect(200);
        assert_eq!(nothing.texts(".panel [role=status]"), ["Nothing is stored about this address."]);
    }

    async fn whoever_may_not_change_lettings_sees_no_guest(app: TestApp) {
        let app = opened(app, &[]).await;
        ask(&app, PATH, &[]).await.expect(303);
        add_account(&app, 601, "guest", &[("is_superuser", "FALSE")]).await;
        let entry = format!("/admin/guests/enquiries/{}/", id_of(&app).await);
        let mut guest = logged_in(&app, "guest").await;
        for path in ["/admin/guests/enquiries/", &entry, "/admin/guests/answers/", "/admin/guests/answers/new/", "/admin/guests/person/"] {
            guest.get(path).await.expect(403);
            app.get(path).await.expect(302);
        }
        for path in [&*entry, "/admin/guests/answers/new/", "/admin/guests/person/"] {
            guest.post(path, &[("action", "book"), ("email", "zoe@example.com")]).await.expect(403);
            Visitor::new(&app).post(path, &[("action", "book")]).await.expect(403);
        }
        assert_eq!(texts(&app, "SELECT state FROM oc_lettings_enquiry").await, ["new"]);
    }

    async fn enquiries_go_after_their_time(app: TestApp) {
        let app = opened(app, &[]).await;
        ask(&app, PATH, &[]).await.expect(303);
        ask(&app, PATH, &[("name", "Ann")]).await.expect(303);
        app.sql("UPDATE oc_lettings_enquiry SET received_at = '2020-01-01 00:00:00' WHERE name = 'Ann'").await;
        app.db.close().await.unwrap();
        let swept = crate::fixtures::run_on(&app.database, &["clearsessions"]);
        assert_eq!(swept.code, Some(0), "{swept:?}");
        assert_eq!(count(&app).await, 1);
        assert_eq!(texts(&app, LETTERS).await.len(), 1);
    }
}
