//! Which nights of a letting are free.

use sea_orm::{ConnectionTrait as _, DbErr};

use crate::admin::add_account;
use crate::admin::shared::{logged_in, number};
use crate::backup::back_up;
use crate::fixtures::run_on;
use crate::homes::add_home;
use crate::support::app::{Answer, SetDay};
use crate::support::visitor::Visitor;
use crate::support::{TestApp, on_both_databases};

type Fields = Vec<(String, String)>;

/// The page that a link of the calendar leads to, and what its form holds.
/// A week that another site says is taken.
async fn add_imported_stay(app: &TestApp) {
    app.sql(
        "INSERT INTO oc_lettings_feed (id, letting_id, name, url, error, error_detail, etag, last_modified) \
         VALUES (1, 1, 'Other', 'https://example.com/a.ics', '', '', '', '')",
    )
    .await;
    app.sql(
        "INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, feed_id, uid, note, changed_at) \
         VALUES (1, '2027-07-10', '2027-07-17', 'imported', 1, 'y', '', '2027-01-01 00:00:00')",
    )
    .await;
}

async fn form_at(staff: &mut Visitor<'_>, link: &str) -> (Answer, Fields) {
    let page = staff
        .get(link.trim_end_matches("#staying"))
        .await
        .expect(200);
    let fields = page.form_fields(".staying");
    (page, fields)
}

/// Sends a form of the calendar with other values for some fields.
async fn send(staff: &mut Visitor<'_>, fields: &Fields, changes: &[(&str, &str)]) -> Answer {
    let is_changed = |name: &str| changes.iter().any(|(changed, _)| *changed == name);
    let kept = fields.iter().filter(|(name, _)| !is_changed(name));
    let mut sent: Vec<_> = kept.map(|(name, value)| (&**name, &**value)).collect();
    sent.extend(changes);
    staff.post("/admin/calendar/?month=2027-07", &sent).await
}

/// Takes nights of letting 1 by SQL, past every rule of the program.
async fn take(app: &TestApp, arrival: &str, departure: &str) -> Result<(), DbErr> {
    let sql = format!(
        "INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, uid, note, changed_at) \
         VALUES (1, '{arrival}', '{departure}', 'booking', 'x', '', '2027-01-01 00:00:00')"
    );
    app.db.execute_unprepared(&sql).await.map(drop)
}

async fn refused(app: &TestApp, sql: &str) -> bool {
    app.db.execute_unprepared(sql).await.is_err()
}

on_both_databases! {
    async fn a_page_shows_which_nights_are_free(app: TestApp) {
        let day = SetDay::new("2027-07-05");
        add_home(&app, 1).await;
        app.sql("DELETE FROM oc_lettings_season").await;
        let app = app.on_days(&day, &[]);
        take(&app, "2027-07-01", "2027-07-06").await.unwrap();
        take(&app, "2027-07-10", "2027-07-13").await.unwrap();
        take(&app, "2028-06-30", "2028-07-02").await.unwrap();
        let page = app.get("/lettings/1/").await.expect(200);
        page.assert_valid_html();
        let months = page.texts(".months caption");
        assert_eq!(months.len(), 12);
        assert_eq!((&*months[0], &*months[11]), ("July 2027", "June 2028"));
        let taken = ["5 taken", "10 taken", "11 taken", "12 taken", "30 taken"];
        assert_eq!(page.texts(".months .taken"), taken);
        let french = app.get("/fr/lettings/1/").await.expect(200);
        assert_eq!(french.texts(".months caption")[0], "juillet 2027");
        assert_eq!(french.texts(".months table:first-child th")[0], "lu");

        // A price is told for free nights alone; the guests of the one leave as those of the other come.
        let asked = |from, to| format!("/lettings/1/?from={from}&to={to}&adults=2&children=0");
        for (from, to, is_free) in [
            ("2027-07-06", "2027-07-10", true),
            ("2027-07-13", "2027-07-16", true),
            ("2027-07-06", "2027-07-11", false),
            ("2027-07-12", "2027-07-15", false),
            ("2027-07-09", "2027-07-14", false),
            // Further ahead than the page shows.
            ("2028-07-01", "2028-07-05", false),
        ] {
            let page = app.get(&asked(from, to)).await.expect(200);
            assert_eq!(page.texts(".bill .total").len(), usize::from(is_free), "{from}");
            let told = page.texts("#from-error");
            assert_eq!(told.len(), usize::from(!is_free), "{from}");
            assert!(told.iter().all(|told| told.starts_with("Some of these nights are taken.")));
        }

        // A letting of which nobody has said anything has no calendar.
        app.add_letting(2, "Loft").await;
        assert_eq!(app.get("/lettings/2/").await.expect(200).texts(".months").len(), 0);
    }

    async fn staff_takes_a_night_in_two_clicks(app: TestApp) {
        add_home(&app, 1).await;
        add_account(&app, 7, "owner", &[]).await;
        let app = app.on_days(&SetDay::new("2027-07-05"), &[]);
        let mut staff = logged_in(&app, "owner").await;
        let page = staff.get("/admin/calendar/").await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts("h1"), ["July 2027"]);
        assert_eq!(page.texts(".taking td.over").len(), 4);
        let nights = page.attributes(".taking td.free a", "href");
        assert_eq!(nights.len(), 27);
        assert!(nights[5].contains("letting=1&night=2027-07-10"), "{}", nights[5]);

        // The first click.
        let (page, fields) = form_at(&mut staff, &nights[5]).await;
        page.assert_valid_html();
        assert!(fields.contains(&("arrival".to_owned(), "2027-07-10".to_owned())));
        assert!(fields.contains(&("departure".to_owned(), "2027-07-11".to_owned())));
        // The second.
        send(&mut staff, &fields, &[("action", "save")]).await.expect(302);
        let page = staff.get("/admin/calendar/?month=2027-07").await;
        assert_eq!(page.texts(".message"), ["The nights are taken."]);
        assert_eq!(page.texts(".taking td.block"), ["×"]);
        assert_eq!(app.get("/lettings/1/").await.texts(".months .taken"), ["10 taken"]);

        // A second time, over another stay, backwards, no day at all: told, and what was typed is kept.
        let taken = "Some of these nights are taken already.";
        for (arrival, departure, told) in [
            ("2027-07-10", "2027-07-11", taken),
            ("2027-07-08", "2027-07-12", taken),
            ("2027-07-12", "2027-07-12", "The departure has to be after the arrival."),
            ("12 July", "2027-07-14", "Write a day as 2027-07-03."),
        ] {
            let typed = [("arrival", arrival), ("departure", departure), ("action", "save")];
            let page = send(&mut staff, &fields, &typed).await.expect(200);
            page.assert_valid_html();
            assert_eq!(page.texts(".staying .error"), [told], "{arrival}");
            assert_eq!(page.attributes("#arrival", "value"), [arrival]);
        }
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_stay").await, 1);
    }

    async fn staff_changes_a_stay_and_frees_it(app: TestApp) {
        add_home(&app, 1).await;
        add_account(&app, 7, "owner", &[]).await;
        add_account(&app, 8, "clerk", &[("is_superuser", "FALSE")]).await;
        let app = app.on_days(&SetDay::new("2027-07-05"), &[]);
        take(&app, "2027-07-10", "2027-07-11").await.unwrap();
        let mut staff = logged_in(&app, "owner").await;
        let page = staff.get("/admin/calendar/").await.expect(200);
        let link = page.attributes(".taking td.booking a", "href").remove(0);
        let (_, fields) = form_at(&mut staff, &link).await;
        let moved = [("departure", "2027-07-13"), ("note", "Ann comes late"), ("action", "save")];
        send(&mut staff, &fields, &moved).await.expect(302);
        // Whoever has seen another state is told, and changes nothing.
        send(&mut staff, &fields, &[("action", "free")]).await.expect(302);
        let page = staff.get("/admin/calendar/").await;
        let told = page.texts(".message");
        assert!(told.iter().any(|told| told.contains("Somebody else has changed this")), "{told:?}");
        assert_eq!(page.texts(".taking td.booking").len(), 3);
        // What staff notes is for staff.
        assert!(!app.get("/lettings/1/").await.body.contains("Ann"));
        let (_, fields) = form_at(&mut staff, &link).await;
        send(&mut staff, &fields, &[("action", "free")]).await.expect(302);
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_stay").await, 0);
        assert_eq!(number(&app, "SELECT count(*) FROM django_admin_log").await, 2);

        // Who may not change lettings sees no calendar.
        let mut clerk = logged_in(&app, "clerk").await;
        clerk.get("/admin/calendar/").await.expect(403);
        app.get("/admin/calendar/").await.expect(302);
    }

    async fn a_search_finds_what_is_free(app: TestApp) {
        for id in [1, 2] {
            add_home(&app, id).await;
        }
        app.add_letting(3, "Barn").await;
        app.sql("UPDATE lettings_letting SET title = 'Bay Window' WHERE id = 1").await;
        app.sql("UPDATE lettings_letting SET title = 'Loft' WHERE id = 2").await;
        app.db.make_derived_tables().await.unwrap();
        let titles = async |query: &str| {
            let page = app.get(&format!("/lettings/?{query}")).await.expect(200);
            page.assert_valid_html();
            if page.texts(".dropped").is_empty() {
                page.texts("ul.cards a.title")
            } else {
                Vec::new()
            }
        };
        take(&app, "2027-07-10", "2027-07-17").await.unwrap();
        assert_eq!(titles("from=2027-07-12&to=2027-07-14").await, ["Loft"]);
        assert_eq!(titles("from=2027-07-17&to=2027-07-20").await, ["Loft", "Bay Window"]);
        assert_eq!(titles("from=2027-07-03&to=2027-07-11").await, ["Loft"]);
        assert_eq!(titles("from=2027-07-12&to=2027-07-14&q=window").await, [""; 0]);
        // A day alone, or none, is told and narrows nothing.
        for query in ["from=2027-07-12", "from=2027-07-12&to=soon", "from=2027-07-12&to=2027-07-12"] {
            assert_eq!(titles(query).await.len(), 3, "{query}");
            let page = app.get(&format!("/lettings/?{query}")).await;
            assert_eq!(page.texts("#search-to-error").len(), 1, "{query}");
            assert_eq!(page.attributes("#search-from", "value"), ["2027-07-12"]);
        }
        let page = app.get("/lettings/?from=2027-07-12&to=2027-07-14&guests=2").await;
        assert!(page.texts(".chips a")[0].contains("July 12 to July 14, 2027"));
        assert_eq!(page.attributes(".chips a", "href")[0], "/lettings/?guests=2");
    }

    async fn nights_are_taken_once_whoever_writes(app: TestApp) {
        app.add_letting(1, "Bay Window").await;
        app.add_letting(2, "Loft").await;
        take(&app, "2027-07-10", "2027-07-17").await.unwrap();
        for (arrival, departure) in [
            ("2027-07-10", "2027-07-17"),
            ("2027-07-16", "2027-07-18"),
            ("2027-07-09", "2027-07-11"),
            ("2027-07-12", "2027-07-13"),
            ("2027-07-01", "2027-07-31"),
            // No night at all, and one backwards.
            ("2027-08-01", "2027-08-01"),
            ("2027-08-02", "2027-08-01"),
        ] {
            assert!(take(&app, arrival, departure).await.is_err(), "{arrival}");
        }
        take(&app, "2027-07-17", "2027-07-20").await.unwrap();
        take(&app, "2027-07-08", "2027-07-10").await.unwrap();
        let moved = "UPDATE oc_lettings_stay SET departure = '2027-07-18' WHERE departure = '2027-07-17'";
        assert!(refused(&app, moved).await);
        let other = "INSERT INTO oc_lettings_stay (letting_id, arrival, departure, kind, uid, note, changed_at) \
                     VALUES (2, '2027-07-10', '2027-07-17', 'booking', 'x', '', '2027-01-01 00:00:00')";
        app.sql(other).await;
        assert!(refused(&app, "UPDATE oc_lettings_stay SET letting_id = 1 WHERE letting_id = 2").await);

        // What another site says may be true as well: people settle it.
        add_imported_stay(&app).await;
        assert!(refused(&app, "UPDATE oc_lettings_stay SET feed_id = NULL").await);

        // A letting that Django deletes takes its nights with it.
        app.sql("DELETE FROM lettings_letting WHERE id = 1").await;
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_stay").await, 1);
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_feed").await, 0);
    }

    /// The form of such a stay has no fields: somebody has written the request by hand.
    async fn what_another_site_says_is_changed_there(app: TestApp) {
        add_home(&app, 1).await;
        add_account(&app, 7, "owner", &[]).await;
        add_imported_stay(&app).await;
        let app = app.on_days(&SetDay::new("2027-07-05"), &[]);
        let mut staff = logged_in(&app, "owner").await;
        let page = staff.get("/admin/calendar/").await.expect(200);
        let link = page.attributes(".taking td.imported a", "href")[0].clone();
        let (page, fields) = form_at(&mut staff, &link).await;
        let said = page.texts(".staying p");
        assert_eq!(said, ["Another site says so, and it is changed there: 2027-07-10 – 2027-07-17"]);
        for changes in [
            &[("action", "free")][..],
            &[("arrival", "2027-07-20"), ("departure", "2027-07-21"), ("kind", "block"), ("action", "save")],
            &[("action", "save")],
        ] {
            let answer = send(&mut staff, &fields, changes).await.expect(302);
            let page = staff.get(answer.header("location")).await.expect(200);
            page.assert_valid_html();
            let told = "This stay comes from the calendar of another site. Change it there: nothing was changed here.";
            assert_eq!(page.texts(".message.error"), [told], "{changes:?}");
            assert_eq!(page.texts(".staying p"), said);
        }
        let unchanged = "SELECT count(*) FROM oc_lettings_stay WHERE arrival = '2027-07-10' AND feed_id = 1";
        assert_eq!(number(&app, unchanged).await, 1);
    }

    /// Eight want the same week: one has it.
    async fn eight_writers_at_once_take_a_night_once(app: TestApp) {
        app.add_letting(1, "Bay Window").await;
        for week in ["2027-07-03", "2027-07-10", "2027-07-17", "2027-07-24"] {
            let first: chrono::NaiveDate = week.parse().unwrap();
            let attempts = (0..8).map(|writer| {
                let arrival = first + chrono::Days::new(writer % 4);
                let departure = first + chrono::Days::new(7);
                let (arrival, departure) = (arrival.to_string(), departure.to_string());
                let app = &app;
                async move { take(app, &arrival, &departure).await }
            });
            let done = futures_util::future::join_all(attempts).await;
            let taken = done.iter().filter(|done| done.is_ok()).count();
            assert_eq!(taken, 1, "{week}: {done:?}");
        }
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_stay").await, 4);
    }

    /// A backup has the stays, and the database that comes of it refuses as the first did.
    async fn a_backup_keeps_the_refusal(app: TestApp) {
        app.add_letting(1, "Bay Window").await;
        take(&app, "2027-07-10", "2027-07-17").await.unwrap();
        app.db.close().await.unwrap();
        let file = back_up(&app.database, "site.backup");
        let again = run_on(&app.database, &["restore", file.to_str().unwrap(), "--replace"]);
        assert_eq!(again.code, Some(0), "{again:?}");
        let app = TestApp::unmigrated(app.database, &[]);
        assert_eq!(number(&app, "SELECT count(*) FROM oc_lettings_stay").await, 1);
        assert!(take(&app, "2027-07-16", "2027-07-18").await.is_err());
        take(&app, "2027-07-17", "2027-07-18").await.unwrap();
        let moved = "UPDATE oc_lettings_stay SET arrival = '2027-07-16' WHERE arrival = '2027-07-17'";
        assert!(refused(&app, moved).await);
    }
}
