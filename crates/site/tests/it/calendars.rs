//! The calendars of a letting: given to other sites, and read from them.

use axum::body::Body;
use chrono::NaiveDate;
use http::{Method, Request};
use sea_orm::EntityTrait as _;
use site::domain::{feed, stay};

use crate::admin::add_account;
use crate::admin::shared::{entries, logged_in, number, texts};
use crate::homes::add_home;
use crate::support::app::{Answer, SetDay, request};
use crate::support::feed_site::FeedSite;
use crate::support::visitor::Visitor;
use crate::support::{CapturedLog, TestApp, on_both_databases};

const PATH: &str = "/admin/lettings/letting/1/calendars/";
const TODAY: &str = "2026-11-01";

/// A letting, on a day, whose calendars of other sites may lie on this machine.
async fn letting(app: TestApp, day: &SetDay) -> TestApp {
    let app = app.reading_feeds_here(day, &[]);
    app.add_letting(1, "Bay Window").await;
    app
}

async fn with_staff(app: &TestApp) -> Visitor<'_> {
    add_account(app, 1, "ann", &[]).await;
    logged_in(app, "ann").await
}

/// Adds a calendar as staff does, and gives the page with what became of it.
async fn add(visitor: &mut Visitor<'_>, name: &str, url: &str) -> Answer {
    let fields = [("action", "add"), ("name", name), ("url", url)];
    visitor.post(PATH, &fields).await.expect(302);
    visitor.get(PATH).await.expect(200)
}

/// The nights that are taken: UID, arrival, departure.
async fn imported(app: &TestApp) -> Vec<(String, NaiveDate, NaiveDate)> {
    let stays = stay::Entity::find().all(&app.db).await.unwrap();
    let mut stays: Vec<_> = stays
        .into_iter()
        .filter(|stay| stay.feed_id.is_some())
        .map(|stay| (stay.uid, stay.arrival, stay.departure))
        .collect();
    stays.sort_by_key(|stay| stay.1);
    stays
}

fn nights(uid: &str, arrival: &str, departure: &str) -> (String, NaiveDate, NaiveDate) {
    (
        uid.to_owned(),
        arrival.parse().unwrap(),
        departure.parse().unwrap(),
    )
}

async fn take(app: &TestApp, arrival: &str, departure: &str, kind: &str) {
    app.sql(&format!(
        "INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, uid, note, changed_at) VALUES \
         (1, '{arrival}', '{departure}', '{kind}', '{arrival}@oc-lettings', 'Marguerite', '2026-10-01 12:00:00')"
    ))
    .await;
}

fn asking(path: &str, known: &str) -> Request<Body> {
    let mut request = request(Method::GET, path);
    request
        .headers_mut()
        .insert("if-none-match", known.parse().unwrap());
    request
}

/// The path of the calendar that the page shows.
fn given(page: &Answer) -> String {
    let address = page.attributes("#given", "value").concat();
    address
        .strip_prefix("http://site.example")
        .unwrap()
        .to_owned()
}

on_both_databases! {
    async fn our_calendar_has_our_stays_and_no_guest(app: TestApp) {
        let app = letting(app, &SetDay::new(TODAY)).await;
        let other = FeedSite::start();
        other.put_stays("/a.ics", &[("theirs", "2026-12-20", "2026-12-27")]);
        take(&app, "2026-12-01", "2026-12-05", "booking").await;
        take(&app, "2026-12-05", "2026-12-06", "block").await;
        take(&app, "2026-01-05", "2026-01-06", "block").await;
        let mut ann = with_staff(&app).await;
        app.get("/lettings/1/calendar/.ics").await.expect(404);
        add(&mut ann, "Airbnb", &other.url("/a.ics")).await;
        ann.post(PATH, &[("action", "renew")]).await.expect(302);
        let page = ann.get(PATH).await.expect(200);
        page.assert_valid_html();
        let path = given(&page);
        let answer = app.get(&path).await.expect(200);
        assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "private, no-cache");
        assert_eq!(answer.header("x-robots-tag"), "noindex");
        insta::allow_duplicates! {
            insta::assert_snapshot!("calendar_file", answer.body.replace("\r\n", "\n"));
        }
        let etag = answer.header("etag").to_owned();
        for known in [etag.as_str(), &format!("\"x\", {etag}"), "*", etag.trim_start_matches("W/")] {
            let again = app.send(asking(&path, known)).await.expect(304);
            assert_eq!((again.body.as_str(), again.header("etag")), ("", etag.as_str()));
        }
        app.send(asking(&path, "\"x\"")).await.expect(200);
        let head = app.send(request(Method::HEAD, &path)).await.expect(200);
        assert_eq!((head.body.as_str(), head.header("etag")), ("", etag.as_str()));

        // Only who knows the secret can read it.
        for wrong in [
            "/lettings/1/calendar/x.ics".to_owned(),
            path.replace(".ics", ""),
            path.replace(".ics", ".ICS"),
            path.replace("/1/", "/2/"),
            path.to_uppercase().replace("/LETTINGS/1/CALENDAR/", "/lettings/1/calendar/").replace(".ICS", ".ics"),
        ] {
            app.get(&wrong).await.expect(404);
        }
        ann.post(PATH, &[("action", "renew")]).await.expect(302);
        app.get(&path).await.expect(404);
        let renewed = given(&ann.get(PATH).await.expect(200));
        app.get(&renewed).await.expect(200);
        take(&app, "2026-12-27", "2026-12-28", "block").await;
        assert_ne!(app.get(&renewed).await.expect(200).header("etag"), etag);
        assert_eq!(entries(&app).await.last().unwrap(),
            r#"lettings.letting 2 Bay Window [{"changed":{"fields":["Address"],"name":"calendar","object":"Bay Window"}}]"#);
    }

    async fn the_secret_of_a_calendar_is_in_no_log(app: TestApp) {
        let app = letting(app, &SetDay::new(TODAY)).await;
        let mut ann = with_staff(&app).await;
        ann.post(PATH, &[("action", "renew")]).await.expect(302);
        let path = given(&ann.get(PATH).await.expect(200));
        let secret = path.rsplit('/').next().unwrap().trim_end_matches(".ics");
        let log = CapturedLog::start();
        app.get(&path).await.expect(200);
        // Nor is a former one, which is told as an address that is not there.
        app.get(&path.replace("/1/", "/2/")).await.expect(404);
        let lines = log.lines();
        assert!(lines.len() >= 2, "{lines:?}");
        for line in lines {
            assert!(!line.to_string().contains(secret), "{line}");
        }
    }

    async fn the_calendar_of_a_draft_is_there(app: TestApp) {
        add_home(&app, 1).await;
        app.sql("UPDATE oc_lettings_home SET is_published = FALSE").await;
        app.get("/lettings/1/").await.expect(404);
        let mut ann = with_staff(&app).await;
        ann.post(PATH, &[("action", "renew")]).await.expect(302);
        let path = given(&ann.get(PATH).await.expect(200));
        assert!(app.get(&path).await.expect(200).body.contains("NAME:Cabin\r\n"));
    }

    async fn nights_of_other_sites_follow_them(app: TestApp) {
        let day = SetDay::new(TODAY);
        let app = letting(app, &day).await;
        let other = FeedSite::start();
        other.put_stays("/a.ics", &[
            ("one", "2026-12-01", "2026-12-05"),
            ("two", "2026-12-05", "2026-12-06"),
            ("block", "2026-11-01", "2026-11-03"),
        ]);
        let mut ann = with_staff(&app).await;
        let page = add(&mut ann, "Airbnb", &other.url("/a.ics")).await;
        assert_eq!(page.texts(".message"), ["Airbnb was read."]);
        page.assert_valid_html();
        assert_eq!(imported(&app).await, [
            nights("block", "2026-11-01", "2026-11-03"),
            nights("one", "2026-12-01", "2026-12-05"),
            nights("two", "2026-12-05", "2026-12-06"),
        ]);
        let stored = stay::Entity::find().all(&app.db).await.unwrap();
        assert!(!format!("{stored:?}").contains("Marguerite"));
        let number_of = |uid: &str| stored.iter().find(|stay| stay.uid == uid).unwrap().id;

        // Until half an hour has passed nothing is asked; then what has not changed is not sent again.
        other.asked();
        assert_eq!(app.feeds.read_due().await.unwrap(), 0);
        assert!(other.asked().is_empty());
        day.set("2026-11-02");
        assert_eq!(app.feeds.read_due().await.unwrap(), 1);
        assert_eq!(other.asked(), ["/a.ics"]);
        assert_eq!(imported(&app).await.len(), 3);

        // A guest changes the dates, another one cancels, and the block moves by a day.
        day.set("2026-11-03");
        other.put_stays("/a.ics", &[
            ("one", "2026-12-02", "2026-12-06"),
            ("block of today", "2026-11-02", "2026-11-04"),
        ]);
        assert_eq!(app.feeds.read_due().await.unwrap(), 1);
        assert_eq!(imported(&app).await, [
            nights("block of today", "2026-11-02", "2026-11-04"),
            nights("one", "2026-12-02", "2026-12-06"),
        ]);
        let stored = stay::Entity::find().all(&app.db).await.unwrap();
        assert!(stored.iter().any(|stay| stay.id == number_of("one")), "it is the same stay");

        // What cannot be read changes nothing, and is told.
        for (status, body, told) in [
            (404, "", "The other site refused it with the answer 404. Has it made a new address?"),
            (200, "<!DOCTYPE html><title>Log in</title>", "There is no calendar at this address."),
            (200, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "The calendar breaks off in the middle."),
        ] {
            other.put("/a.ics", status, body);
            let id = feed::Entity::find().one(&app.db).await.unwrap().unwrap().id;
            ann.post(PATH, &[("action", &format!("read-{id}"))]).await.expect(302);
            let page = ann.get(PATH).await.expect(200);
            assert_eq!(page.texts(".message"), [format!("Airbnb: {told}")]);
            assert_eq!(page.texts(".feeds td .error"), [told]);
            assert!(page.body.contains("Last read on November 3, 2026 at 12:00"), "{}", page.body);
            assert_eq!(imported(&app).await.len(), 2);
        }
        other.put("/a.ics", 200, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTART:soon\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
        day.set("2026-11-04");
        app.feeds.read_due().await.unwrap();
        assert!(imported(&app).await.is_empty());
        ann.headers.push(("accept-language", "fr".to_owned()));
        let page = ann.get(PATH).await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts(".feeds td .error"), ["Une entrée n’a pas pu être lue : vérifiez sur l’autre site si elle prend des nuits."]);
    }

    async fn a_calendar_that_is_removed_takes_its_nights_along(app: TestApp) {
        let app = letting(app, &SetDay::new(TODAY)).await;
        let other = FeedSite::start();
        other.put_stays("/a.ics", &[("one", "2026-12-01", "2026-12-05")]);
        take(&app, "2026-12-20", "2026-12-22", "booking").await;
        let mut ann = with_staff(&app).await;
        let page = add(&mut ann, "Airbnb", &other.url("/a.ics")).await;
        let remove = page.attributes(".feeds button", "value")[1].clone();
        ann.post(PATH, &[("action", &remove)]).await.expect(302);
        let page = ann.get(PATH).await.expect(200);
        assert_eq!(page.texts(".message"), ["Airbnb was removed with the nights that came from there."]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM oc_lettings_stay").await, 1);
        // The key of another letting's calendar, and none at all, do nothing.
        for action in ["remove-1", "read-77", "remove-", "x", ""] {
            ann.post(PATH, &[("action", action)]).await.expect(302);
        }
        let entries = entries(&app).await;
        assert!(entries[0].ends_with(r#"[{"added":{"name":"calendar","object":"Airbnb"}}]"#), "{entries:?}");
        assert!(entries[1].ends_with(r#"[{"deleted":{"name":"calendar","object":"Airbnb"}}]"#), "{entries:?}");
        assert_eq!(entries.len(), 2);
    }

    async fn nights_that_two_take_are_shown_and_left_to_people(app: TestApp) {
        let app = letting(app, &SetDay::new(TODAY)).await;
        let other = FeedSite::start();
        other.put_stays("/a.ics", &[("a", "2026-12-01", "2026-12-05"), ("a2", "2026-12-20", "2026-12-21")]);
        other.put_stays("/b.ics", &[("b", "2026-12-04", "2026-12-08")]);
        take(&app, "2026-12-07", "2026-12-10", "booking").await;
        let mut ann = with_staff(&app).await;
        add(&mut ann, "Airbnb", &other.url("/a.ics")).await;
        let page = add(&mut ann, "Vrbo", &other.url("/b.ics")).await;
        page.assert_valid_html();
        assert_eq!(page.texts(".warning li"), [
            "Airbnb and Vrbo both take the nights from December 4 to December 5, 2026. Settle it there: nothing was changed here.",
            "Vrbo and This site both take the nights from December 7 to December 8, 2026. Settle it there: nothing was changed here.",
        ]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM oc_lettings_stay").await, 4);
    }

    async fn addresses_that_cannot_be_read_are_refused_with_a_reason(app: TestApp) {
        app.add_letting(1, "Bay Window").await;
        let mut ann = with_staff(&app).await;
        for (url, why) in [
            ("", "This field is required."),
            ("airbnb", "The address has to begin with https://."),
            ("http://example.com/a.ics", "The address has to begin with https://."),
            ("https://", "This is not an address."),
            ("https://me:secret@example.com/a.ics", "The address must not hold a name and a password."),
            ("https://127.0.0.1/a.ics", "This address is not one that everybody can reach."),
            ("https://[fd00::1]/a.ics", "This address is not one that everybody can reach."),
        ] {
            let fields = [("action", "add"), ("name", "Airbnb"), ("url", url)];
            let page = ann.post(PATH, &fields).await.expect(200);
            page.assert_valid_html();
            assert_eq!(page.texts("#url-error"), [why], "{url}");
            assert_eq!(page.attributes("#url", "value"), [url]);
            assert_eq!(page.attributes("#name", "value"), ["Airbnb"]);
        }
        let page = ann.post(PATH, &[("action", "add"), ("name", &"x".repeat(65)), ("url", "https://example.com/a.ics")]).await.expect(200);
        assert_eq!(page.texts("#name-error").len(), 1);
        // By its name a machine of ours is found to be one only when it is asked.
        let page = add(&mut ann, "Ours", "https://localhost:1/a.ics").await;
        assert_eq!(page.texts(".message"), ["Ours: The address leads to a machine that not everybody can reach."]);
        let twice = [("action", "add"), ("name", "Again"), ("url", " https://localhost:1/a.ics")];
        assert_eq!(ann.post(PATH, &twice).await.expect(200).texts("#url-error"), ["This calendar is there already."]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM oc_lettings_feed").await, 1);
    }

    async fn ten_calendars_are_read_and_no_more(app: TestApp) {
        let app = letting(app, &SetDay::new(TODAY)).await;
        let other = FeedSite::start();
        let mut ann = with_staff(&app).await;
        for number in 0..10 {
            let path = format!("/{number}.ics");
            other.put_stays(&path, &[]);
            add(&mut ann, &path, &other.url(&path)).await;
        }
        let page = ann.get(PATH).await.expect(200);
        assert!(page.attributes("#url", "value").is_empty());
        let fields = [("action", "add"), ("name", "x"), ("url", &other.url("/10.ics"))];
        ann.post(PATH, &fields).await.expect(200);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM oc_lettings_feed").await, 10);
    }

    async fn who_may_not_change_lettings_sees_no_calendar(app: TestApp) {
        app.add_letting(1, "Bay Window").await;
        app.get(PATH).await.expect(302);
        add_account(&app, 7, "eve", &[("is_superuser", "FALSE")]).await;
        let mut eve = logged_in(&app, "eve").await;
        eve.get(PATH).await.expect(403);
        eve.post(PATH, &[("action", "renew")]).await.expect(403);
        let mut ann = with_staff(&app).await;
        ann.get("/admin/lettings/letting/2/calendars/").await.expect(404);
        let form = ann.get("/admin/lettings/letting/1/change/").await.expect(200);
        assert!(form.attributes(".ways a", "href").contains(&PATH.to_owned()));
    }

    async fn one_instance_reads_and_another_takes_over(app: TestApp) {
        let day = SetDay::new(TODAY);
        let app = letting(app, &day).await;
        let other = FeedSite::start();
        for number in 0..45 {
            other.put_stays(&format!("/{number}.ics"), &[("x", "2026-12-01", "2026-12-02")]);
            app.sql(&format!(
                "INSERT INTO oc_lettings_feed (letting_id, name, url, error, error_detail, etag, last_modified) \
                 VALUES (1, 'a', '{}', '', '', '', '')",
                other.url(&format!("/{number}.ics"))
            ))
            .await;
        }
        let second = app.feeds_beside(&day, &[]);
        // They look at the same moment, and each calendar is read once.
        let (one, two) = tokio::join!(app.feeds.read_due(), second.read_due());
        assert_eq!((one.unwrap() + two.unwrap(), other.asked().len()), (45, 45));
        assert_eq!(imported(&app).await.len(), 45);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM oc_lettings_lease").await, 1);
        // Whoever had the lease is gone; a day later it has ended.
        app.sql("UPDATE oc_lettings_lease SET holder = 'somebody else'").await;
        app.sql("UPDATE oc_lettings_feed SET attempted_at = NULL").await;
        assert_eq!(app.feeds.read_due().await.unwrap(), 0);
        assert_eq!(second.read_due().await.unwrap(), 0);
        day.set("2026-11-02");
        assert_eq!(second.read_due().await.unwrap(), 45);
        assert_eq!(app.feeds.read_due().await.unwrap(), 0);
    }

    async fn after_a_day_of_failures_the_alarm_sounds_once(app: TestApp) {
        let day = SetDay::new(TODAY);
        let app = letting(app, &day).await;
        let other = FeedSite::start();
        other.put_stays("/secret.ics", &[("one", "2026-12-01", "2026-12-05")]);
        let mut ann = with_staff(&app).await;
        add(&mut ann, "Airbnb", &other.url("/secret.ics")).await;
        add(&mut ann, "Never", &other.url("/never.ics")).await;
        let log = CapturedLog::start();
        let alarms = || {
            let lines = log.lines();
            let alarms = lines.iter().filter(|line| line["message"].as_str().is_some_and(|text| text.contains("calendar")));
            alarms.map(|line| format!("{} {}", line["level"], line["feed.problem"])).collect::<Vec<_>>()
        };
        other.put("/secret.ics", 503, "");
        for (now, expected) in [
            // Never read, and asked for the second time.
            ("2026-11-02", 2),
            ("2026-11-03", 2),
            ("2026-11-04", 2),
        ] {
            day.set(now);
            app.feeds.read_due().await.unwrap();
            assert_eq!(alarms().len(), expected, "{now} {:?}", log.lines());
            assert_eq!(app.feeds.counts().alarmed(), 2);
        }
        assert!(alarms()[0].to_lowercase().contains("error"), "{:?}", alarms());
        assert!(!format!("{:?}", log.lines()).contains("secret.ics"));
        assert_eq!(imported(&app).await.len(), 1);
        // It can be read again, and fails again: that is another alarm, a day later.
        other.put_stays("/secret.ics", &[]);
        day.set("2026-11-05");
        app.feeds.read_due().await.unwrap();
        assert_eq!(app.feeds.counts().alarmed(), 1);
        other.put("/secret.ics", 503, "");
        day.set("2026-11-06");
        app.feeds.read_due().await.unwrap();
        assert_eq!((alarms().len(), app.feeds.counts().alarmed()), (3, 2));
        let attempts: u64 = app.feeds.counts().attempts().iter().map(|(_, count)| count).sum();
        assert_eq!(attempts, 12);
    }

    async fn the_owner_has_one_letter_about_a_calendar_that_cannot_be_read(app: TestApp) {
        let day = SetDay::new(TODAY);
        let variables = [("ENQUIRY_EMAIL", "desk@example.com"), ("LANGUAGE_CODE", "fr")];
        let app = app.reading_feeds_here(&day, &variables);
        add_home(&app, 1).await;
        let other = FeedSite::start();
        other.put_stays("/secret.ics", &[("one", "2026-12-01", "2026-12-05")]);
        let mut ann = with_staff(&app).await;
        add(&mut ann, "Airbnb", &other.url("/secret.ics")).await;
        let letters = "SELECT recipient || ' ' || subject || ' ' || text || html FROM oc_lettings_letter ORDER BY id";
        other.put("/secret.ics", 503, "");
        // Two read it at the same moment.
        day.set("2026-11-02");
        let feed = feed::Entity::find().one(&app.db).await.unwrap().unwrap();
        let second = app.feeds_beside(&day, &variables);
        let (one, two) = tokio::join!(app.feeds.read(vec![feed.clone()]), second.read(vec![feed]));
        one.and(two).unwrap();
        for now in ["2026-11-03", "2026-11-04"] {
            day.set(now);
            assert_eq!(app.feeds.read_due().await.unwrap(), 1);
        }
        let told = texts(&app, letters).await;
        assert_eq!(told.len(), 1, "{told:?}");
        let start = "desk@example.com Un calendrier ne peut pas être lu\u{a0}: Airbnb, Cabin Ce calendrier";
        assert!(told[0].starts_with(start), "{told:?}");
        for fact in ["Dernière lecture: 2026-11-01 12:00", "la réponse 503", "<td>Airbnb</td>"] {
            assert!(told[0].contains(fact), "{fact} in {told:?}");
        }
        assert!(!told[0].contains("secret.ics") && !told[0].contains("href"), "{told:?}");

        // It is read again, and fails again: that is another letter, to the address that the home has now.
        app.sql("INSERT INTO oc_lettings_contact (home_id, email) SELECT id, 'owner@example.com' FROM oc_lettings_home").await;
        for (now, status) in [("2026-11-05", 200), ("2026-11-06", 503), ("2026-11-07", 503)] {
            match status {
                200 => other.put_stays("/secret.ics", &[]),
                status => other.put("/secret.ics", status, ""),
            }
            day.set(now);
            app.feeds.read_due().await.unwrap();
        }
        let told = texts(&app, letters).await;
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[1].starts_with("owner@example.com "), "{told:?}");

        // Nobody is written to where nobody has said whom.
        let app = app.reading_feeds_here(&day, &[]);
        app.sql("DELETE FROM oc_lettings_contact").await;
        app.sql("UPDATE oc_lettings_feed SET alarmed_at = NULL").await;
        day.set("2026-11-08");
        app.feeds.read_due().await.unwrap();
        assert_eq!(app.feeds.counts().alarmed(), 1);
        assert_eq!(texts(&app, letters).await.len(), 2);
    }
}
