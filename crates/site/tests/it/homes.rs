//! What lettings offer and cost, in tables of the program's own: their rules, and every way out of a
//! database and into one.

use db::{Database, Integer};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, PaginatorTrait as _};
use site::domain::home::{self, amenity, season};

use crate::admin::add_account;
use crate::admin::shared::logged_in;
use crate::backup::{back_up, rows_of};
use crate::fixtures::{dump, load, run_on};
use crate::page_cache::asked;
use crate::support::{Backend, TestApp, TestDatabase, on_both_databases};

/// A home as somebody enters it.
pub(crate) fn good_home(letting: i64) -> home::ActiveModel {
    home::ActiveModel {
        id: NotSet,
        letting_id: Set(Integer(letting)),
        is_published: Set(true),
        kind: Set("cabin".to_owned()),
        sleeps: Set(Integer(4)),
        bedrooms: Set(Integer(2)),
        double_beds: Set(Integer(1)),
        single_beds: Set(Integer(2)),
        sofa_beds: Set(Integer(0)),
        half_bathrooms: Set(Integer(3)),
        area: Set(Some(Integer(84))),
        check_in: Set("15:00".to_owned()),
        check_out: Set("11:00".to_owned()),
        allows_pets: Set(true),
        allows_smoking: Set(false),
        allows_children: Set(true),
        latitude: Set(Some(Integer(3_364_123))),
        longitude: Set(Some(Integer(-11_791_877))),
        permit: Set("SLP-1234".to_owned()),
        shows_street: Set(true),
        summary_en: Set("A cabin above the bay.".to_owned()),
        summary_fr: Set("Une cabane au-dessus de la baie.".to_owned()),
        description_en: Set("Wake up\n\n* to gulls\n* to *coffee*".to_owned()),
        description_fr: Set(String::new()),
        night_price: Set(Some(Integer(12_000))),
        weekend_price: Set(Some(Integer(15_000))),
        cleaning_price: Set(Integer(6_000)),
        deposit: Set(Integer(30_000)),
        min_nights: Set(Integer(2)),
        max_nights: Set(Some(Integer(28))),
        guests_included: Set(Some(Integer(2))),
        further_guest_price: Set(Integer(2_000)),
        weekly_percentage: Set(Integer(10)),
        monthly_percentage: Set(Integer(20)),
        tax_kind: Set(home::TAX_PERCENTAGE.to_owned()),
        tax_amount: Set(Integer(1_000)),
        tax_cap: Set(None),
    }
}

/// Adds a letting with all that a home has.
pub(crate) async fn add_home(app: &TestApp, letting: i64) -> home::Model {
    app.add_letting(letting, "Cabin").await;
    let home = good_home(letting).insert(&app.db).await.unwrap();
    for slug in ["wifi", "step-free"] {
        let new = amenity::ActiveModel {
            id: NotSet,
            home_id: Set(home.id),
            slug: Set(slug.to_owned()),
        };
        new.insert(&app.db).await.unwrap();
    }
    good_season(home.id).insert(&app.db).await.unwrap();
    home
}

fn good_season(home: Integer) -> season::ActiveModel {
    season::ActiveModel {
        id: NotSet,
        home_id: Set(home),
        first_night: Set("2027-07-01".parse().unwrap()),
        last_night: Set("2027-08-31".parse().unwrap()),
        night_price: Set(Integer(20_000)),
        min_nights: Set(Some(Integer(7))),
    }
}

/// How many homes, amenities and seasons there are.
pub(crate) async fn counts(db: &Database) -> [u64; 3] {
    [
        home::Entity::find().count(db).await.unwrap(),
        amenity::Entity::find().count(db).await.unwrap(),
        season::Entity::find().count(db).await.unwrap(),
    ]
}

on_both_databases! {
    async fn a_home_keeps_its_rules(app: TestApp) {
        app.add_letting(1, "Cabin").await;
        let good = || good_home(1);
        let number = |number| Set(Integer(number));
        let some = |number| Set(Some(Integer(number)));
        let text = |length| Set("x".repeat(length));
        for (bad, problem) in vec![
            (home::ActiveModel { kind: text(3), ..good() }, "kind must be one of"),
            (home::ActiveModel { sleeps: number(0), ..good() }, "sleeps must"),
            (home::ActiveModel { sleeps: number(51), ..good() }, "sleeps must"),
            (home::ActiveModel { bedrooms: number(31), ..good() }, "bedrooms must"),
            (home::ActiveModel { half_bathrooms: number(-1), ..good() }, "half_bathrooms must"),
            (home::ActiveModel { area: some(0), ..good() }, "area must"),
            (home::ActiveModel { latitude: some(9_000_001), ..good() }, "latitude must"),
            (home::ActiveModel { longitude: some(-18_000_001), ..good() }, "longitude must"),
            (home::ActiveModel { check_in: text(5), ..good() }, "check_in must be written as 15:00"),
            (home::ActiveModel { check_out: Set("24:00".to_owned()), ..good() }, "check_out must"),
            (home::ActiveModel { check_out: Set("9:00".to_owned()), ..good() }, "check_out must"),
            (home::ActiveModel { permit: text(65), ..good() }, "permit must"),
            (home::ActiveModel { summary_fr: text(161), ..good() }, "summary_fr must"),
            (home::ActiveModel { summary_en: Set("a\nb".to_owned()), ..good() }, "summary_en must"),
            (home::ActiveModel { description_en: text(5_001), ..good() }, "description_en must"),
            (home::ActiveModel { description_fr: Set("\0".to_owned()), ..good() }, "description_fr must"),
            (home::ActiveModel { night_price: some(-1), ..good() }, "night_price must"),
            (home::ActiveModel { cleaning_price: number(1_000_000_001), ..good() }, "cleaning_price must"),
            (home::ActiveModel { min_nights: number(0), ..good() }, "min_nights must"),
            (home::ActiveModel { max_nights: some(1), ..good() }, "max_nights must not be below min_nights"),
            (home::ActiveModel { weekly_percentage: number(101), ..good() }, "weekly_percentage must"),
            (home::ActiveModel { tax_amount: number(10_001), ..good() }, "tax_amount must"),
            (home::ActiveModel { tax_kind: text(0), ..good() }, "tax_kind must be one of"),
        ] {
            let error = bad.insert(&app.db).await.unwrap_err().to_string();
            assert!(error.contains(problem), "{problem} is not in: {error}");
        }
        let home = good().insert(&app.db).await.unwrap();
        assert!(good().insert(&app.db).await.is_err(), "a second home of one letting");
        // SQLite says at the end of the transaction that the letting is missing.
        let transaction = app.db.begin().await.unwrap();
        let orphan = good_home(2).insert(&transaction).await;
        assert!(orphan.is_err() || transaction.commit().await.is_err(), "a home of no letting");
        let slug = |slug: &str| amenity::ActiveModel {
            id: NotSet,
            home_id: Set(home.id),
            slug: Set(slug.to_owned()),
        };
        let error = slug("dragon").insert(&app.db).await.unwrap_err().to_string();
        assert!(error.contains("slug must be one of"), "{error}");
        slug("wifi").insert(&app.db).await.unwrap();
        assert!(slug("wifi").insert(&app.db).await.is_err(), "once a home");
        let backwards = season::ActiveModel {
            last_night: Set("2027-06-30".parse().unwrap()),
            ..good_season(home.id)
        };
        let error = backwards.insert(&app.db).await.unwrap_err().to_string();
        assert!(error.contains("last_night must not be below first_night"), "{error}");
    }

    async fn a_home_goes_with_its_letting(app: TestApp) {
        add_home(&app, 1).await;
        add_home(&app, 2).await;
        assert_eq!(counts(&app.db).await, [2, 4, 2]);
        app.sql("DELETE FROM lettings_letting WHERE id = 1").await;
        assert_eq!(counts(&app.db).await, [1, 2, 1]);
        app.sql("DELETE FROM oc_lettings_home").await;
        assert_eq!(counts(&app.db).await, [0, 0, 0]);
    }

    async fn a_page_says_what_a_letting_offers(app: TestApp) {
        add_home(&app, 2).await;
        app.add_letting(3, "Bare").await;
        let page = app.get("/lettings/2/").await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts("title"), ["Cabin, Boston – sleeps 4"]);
        assert_eq!(page.texts(".crumbs li"), ["Home", "Lettings", "United States", "Massachusetts", "Boston", "Cabin"]);
        let french = app.get("/fr/lettings/2/").await.expect(200);
        assert_eq!(french.texts("title"), ["Cabin, Boston – pour 4 personnes"]);
        assert_eq!(page.texts(".offer h2"), ["Cabin"]);
        assert_eq!(page.texts(".summary"), ["A cabin above the bay."]);
        let description = r#"<meta name="description" content="A cabin above the bay.">"#;
        assert!(page.body.contains(description), "{}", page.body);
        let size = ["Sleeps 4", "2 bedrooms", "1.5 bathrooms", "904 sq ft"];
        assert_eq!(page.texts(".glance li"), size);
        assert_eq!(page.texts(".prose p"), ["Wake up"]);
        assert_eq!(page.texts(".prose li"), ["to gulls", "to coffee"]);
        assert_eq!(page.texts(".amenities li"), ["Wi-Fi", "Step-free access"]);
        let lists = [
            "1 double bed",
            "2 single beds",
            "Check-in from 3 PM",
            "Check-out by 11 AM",
            "Children are welcome",
            "Pets are welcome",
            "No smoking",
            "Permit or registration: SLP-1234",
        ];
        assert_eq!(page.texts(".plain li"), lists);
        let data = &page.linked_data()[0];
        assert_eq!(data["occupancy"]["maxValue"], 4);
        assert_eq!(data["address"]["streetAddress"], "2 Bay Road");
        assert_eq!(data["amenityFeature"][1]["name"], "step-free");

        let french = app.send(asked("/lettings/2/", &[("accept-language", "fr")])).await.expect(200);
        french.assert_valid_html();
        assert_eq!(french.texts(".summary"), ["Une cabane au-dessus de la baie."]);
        assert_eq!(french.texts(".prose p"), ["Wake up"], "the other language");
        assert_eq!(french.texts(".glance li")[2], "1,5 salle de bains");

        let cards = app.get("/lettings/").await.expect(200).texts(".card p");
        assert_eq!(cards, ["Boston, MA", "Sleeps 4 · 2 bedrooms", "from $120 a night", "Boston, MA"]);
        assert!(app.get("/lettings/3/").await.expect(200).texts(".offer").is_empty());
    }

    async fn a_page_hides_the_street_and_shows_no_markup_of_a_text(app: TestApp) {
        add_home(&app, 2).await;
        app.sql(
            "UPDATE oc_lettings_home SET shows_street = FALSE, \
             description_en = '<script>alert(1)</script> [a](javascript:alert(1))', \
             summary_en = '<b>bold</b>'",
        )
        .await;
        let page = app.get("/lettings/2/").await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts("address"), ["Boston, MA 02134 United States"]);
        assert!(!page.body.contains("Bay"), "{}", page.body);
        assert!(page.linked_data()[0]["address"]["streetAddress"].is_null());
        assert_eq!(page.texts(".summary"), ["<b>bold</b>"]);
        assert!(page.attributes(".prose a", "href").is_empty());
        assert!(page.attributes(".prose script", "src").is_empty());
        assert!(page.texts(".prose")[0].contains("<script>alert(1)</script>"));
    }

    async fn a_draft_is_nowhere_but_for_staff(app: TestApp) {
        for id in [1, 3] {
            app.add_letting(id, &format!("No. {id}")).await;
        }
        add_home(&app, 2).await;
        app.add_profile(5, "ann").await;
        app.sql("UPDATE profiles_profile SET favorite_city = 'Boston'").await;
        let pages = ["/", "/lettings/", "/lettings/1/", "/lettings/3/", "/profiles/ann/", "/sitemap.xml", "/lettings/feed.atom"];
        for path in pages {
            let page = app.get(path).await.expect(200);
            assert!(page.body.contains("/lettings/2/"), "{path}");
        }
        app.sql("UPDATE oc_lettings_home SET is_published = FALSE").await;
        for path in pages {
            let page = app.get(path).await.expect(200);
            assert!(!page.body.contains("/lettings/2/"), "{path}");
        }
        // The neighbours of a draft are each other's.
        let page = app.get("/lettings/1/").await;
        assert_eq!(page.attributes("main a[rel=next]", "href"), ["/lettings/3/"]);
        app.get("/lettings/2/").await.expect(404);

        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let page = root.get("/lettings/2/").await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts("main .draft"), ["A draft: staff alone see this page."]);
        assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
        assert!(page.header("cache-control").contains("no-store"));
        assert!(root.get("/lettings/1/").await.texts("main .draft").is_empty());
        app.sql("UPDATE auth_user SET is_staff = FALSE WHERE id = 601").await;
        root.get("/lettings/2/").await.expect(404);
    }

    async fn the_admin_deletes_a_letting_with_its_home(app: TestApp) {
        add_home(&app, 1).await;
        add_home(&app, 2).await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        root.post("/admin/lettings/letting/1/delete/", &[("post", "yes")]).await.expect(302);
        assert_eq!(counts(&app.db).await, [1, 2, 1]);
        root.post("/admin/lettings/address/2/delete/", &[("post", "yes")]).await.expect(302);
        assert_eq!(counts(&app.db).await, [0, 0, 0]);
    }

    async fn fixtures_have_homes_if_they_are_asked_for(app: TestApp) {
        add_home(&app, 1).await;
        let homes = dump(&app.database, &["homes", "--indent", "1"]);
        for part in [
            "\"model\": \"homes.home\"",
            "\"letting\": 1",
            "\"half_bathrooms\": 3",
            "\"slug\": \"step-free\"",
            "\"first_night\": \"2027-07-01\"",
        ] {
            assert!(homes.contains(part), "{part} is not in {homes}");
        }
        assert!(!dump(&app.database, &[]).contains("homes."));
        let all = dump(&app.database, &["--own"]);
        assert!(all.contains("homes.season"));

        app.sql("DELETE FROM lettings_letting").await;
        app.sql("DELETE FROM lettings_address").await;
        load(&app.database, &all);
        assert_eq!(dump(&app.database, &["homes", "--indent", "1"]), homes);
        assert_eq!(dump(&app.database, &["--own"]), all);
        let bad = homes.replace("\"step-free\"", "\"dragon\"");
        let refused = crate::fixtures::try_to_load(&app.database, &bad, &[]);
        assert!(refused.err.contains("slug"), "{refused:?}");
    }

    async fn a_backup_has_homes(app: TestApp) {
        add_home(&app, 1).await;
        app.db.close().await.unwrap();
        let before = rows_of(&app.database).await;
        let file = back_up(&app.database, "homes.backup");
        app.sql("DELETE FROM lettings_letting").await;
        assert_eq!(counts(&app.db).await, [0, 0, 0]);
        app.db.close().await.unwrap();
        let file = file.to_str().unwrap();
        let restored = run_on(&app.database, &["restore", file, "--replace"]);
        assert_eq!(restored.code, Some(0), "{restored:?}");
        assert_eq!(rows_of(&app.database).await, before);
        app.sql("DELETE FROM lettings_letting").await;
        assert_eq!(counts(&app.db).await, [0, 0, 0], "they still go with it");
    }

    async fn a_handback_counts_what_goes(app: TestApp) {
        add_home(&app, 1).await;
        app.db.close().await.unwrap();
        let planned = run_on(&app.database, &["handback", "--plan"]);
        for told in [
            "Drop table oc_lettings_home: 1 rows go with it",
            "Drop table oc_lettings_amenity: 2 rows go with it",
            "Drop table oc_lettings_season: 1 rows go with it",
        ] {
            assert!(planned.out.contains(told), "{told} is not in {planned:?}");
        }
        let done = run_on(&app.database, &["handback", "--output", "before.backup"]);
        assert_eq!(done.code, Some(0), "{done:?}");
        let left = rows_of(&app.database).await;
        assert!(!left.iter().any(|row| row.starts_with("oc_lettings_")), "{left:?}");
        assert!(left.iter().any(|row| row.starts_with("lettings_letting: ")), "{left:?}");
    }
}

/// The rows of homes refer to the table of lettings, which goes when the old tables take its rows back.
async fn homes_do_not_keep_the_original_site_from_its_rows(database: TestDatabase) {
    let app = TestApp::on(database, &[]).await;
    add_home(&app, 70).await;
    app.db.close().await.unwrap();
    let handback = |options: &[&str]| {
        let args = [&["handback", "--to", "original"], options].concat();
        run_on(&app.database, &args)
    };
    let kept = handback(&["--keep"]);
    assert_eq!(kept.code, Some(2), "{kept:?}");
    let told = "`oc_lettings_home` cannot be kept: its 1 rows belong to";
    assert!(kept.err.contains(told), "{kept:?}");
    let done = handback(&["--output", "before.backup"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    let left = rows_of(&app.database).await;
    let gone = [
        "oc_lettings_home: ",
        "oc_lettings_amenity: ",
        "lettings_letting: ",
    ];
    let is_gone = |row: &String| gone.iter().any(|name| row.starts_with(name));
    assert!(!left.iter().any(is_gone), "{left:?}");
    assert!(left.iter().any(|row| row.contains("Cabin")), "{left:?}");
}

#[tokio::test]
async fn homes_do_not_keep_the_original_site_from_its_rows_on_sqlite() {
    let database = crate::handback::original(Backend::Sqlite).await;
    homes_do_not_keep_the_original_site_from_its_rows(database).await;
}

#[tokio::test]
async fn homes_do_not_keep_the_original_site_from_its_rows_on_postgresql() {
    let database = crate::handback::original(Backend::Postgres).await;
    homes_do_not_keep_the_original_site_from_its_rows(database).await;
}
