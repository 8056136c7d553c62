//! Searches of lettings: what comes first, what is told, and that nothing that is typed breaks them.

mod many;

use std::time::{Duration, Instant};

use http::header::ACCEPT_LANGUAGE;
use http::{HeaderValue, Method};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::admin::{PASSWORD, add_account};
use crate::support::app::{Answer, request};
use crate::support::visitor::Visitor;
use crate::support::{TestApp, on_both_databases};

/// What is asked for, what has to come first, and how many homes there are in all.
type Expected = (&'static str, &'static [&'static str], Option<usize>);

const LANTERN: &str = "Lantern House above the Cove";
const PIER: &str = "Pier End Studio";
const BOSTON: &str = "Widow's Walk on Beacon Hill";
const LIGHTHOUSE: &str = "Lighthouse Keeper's Second Bedroom";
const GROVE: &str = "Grove Keeper's Bungalow";
const TRAIN: &str = "Night Train Sleeping Car";
const BOAT: &str = "Houseboat No. 7";
const JOSHUA: &str = "Joshua Tree Green Haus /w Hot Tub";
const BROOKLYN: &str = "Brownstone with a Fig Tree";
const HYGGE: &str = "Underground Hygge";
const BAYOU: &str = "Bayou Porch Swing";
const BRASS: &str = "Shotgun House of the Brass Band";
const LEMON: &str = "Lemon House with the Blue Door";
const SNOW: &str = "A-Frame over the Snow Line";
const ERIE: &str = "Oceanview Retreat";
const OBSERVATORY: &str = "Observatory Hut";
const PALMS: &str = "Two Palms & a Hammock";

#[rustfmt::skip]
const SEARCHES: &[Expected] = &[
    // Cities, whole, begun, misspelt, in the other order.
    ("q=Newport Beach", &[PIER], Some(1)),
    ("q=beach newport", &[PIER], Some(1)),
    ("q=newprot beach", &[PIER], Some(1)),
    ("q=Newp Bea", &[PIER], Some(1)),
    ("q=NEWPORT", &[PIER, "'Silo Studio' Cottage"], Some(2)),
    ("q=Huntingtn", &[PALMS], Some(1)),
    ("q=bostno", &[BOSTON], Some(1)),
    ("q=brooklin", &[BROOKLYN], Some(1)),
    ("q=Laguna", &[LANTERN], None),
    ("q=san clemente", &["Swallow's Nest Garden Flat"], Some(1)),
    ("place=new york", &[BROOKLYN, HYGGE], Some(2)),
    ("place=brooklin", &[BROOKLYN], Some(1)),
    // States by name and code, in both languages, and a country.
    ("place=California", &[], Some(13)),
    ("place=CA", &[], Some(13)),
    ("place=californie", &[], Some(13)),
    ("place=Califronia", &[], Some(13)),
    ("q=CA", &[], Some(13)),
    ("q=Colorado", &[TRAIN], Some(1)),
    ("q=co", &[TRAIN], Some(1)),
    ("q=Massachusetts", &[BOSTON], Some(1)),
    ("place=ma", &[BOSTON], Some(1)),
    ("q=louisiane", &[BRASS, BAYOU], Some(2)),
    ("place=États-Unis", &[], Some(35)),
    ("place=etats unis", &[], Some(35)),
    ("q=fort davis texas", &[OBSERVATORY], Some(1)),
    // Titles.
    ("q=LIGHTHOUSE", &[LIGHTHOUSE], None),
    ("q=lighthouse keeper", &[LIGHTHOUSE], None),
    ("q=keepers", &[LIGHTHOUSE, GROVE], None),
    ("q=keeper\u{2019}s grove", &[GROVE], None),
    ("q=train night", &[TRAIN], None),
    ("q=the houseboat in seattle", &[BOAT], Some(1)),
    ("q=hygge", &[HYGGE], Some(1)),
    ("q=palms hamock", &[PALMS], Some(1)),
    // Words of summaries and descriptions, in both languages, with and without accents.
    ("q=seaplanes", &[BOAT], Some(1)),
    ("q=hydravions", &[BOAT], Some(1)),
    ("q=lac erie", &[ERIE], Some(1)),
    ("q=LAC ÉRIÉ", &[ERIE], Some(1)),
    ("q=écrevisses", &[BAYOU], Some(1)),
    ("q=ecrevisse", &[BAYOU], Some(1)),
    ("q=arbre de Josué", &[JOSHUA], None),
    ("q=1926", &[TRAIN], Some(1)),
    ("q=blue door lemons", &[LEMON], Some(1)),
    ("q=citrons", &[LEMON], None),
    // What it has, by the words of both languages.
    ("q=hot tub", &[JOSHUA], None),
    ("q=snow sauna", &[SNOW], None),
    ("q=band&place=louisiana", &[BRASS], Some(1)),
    // A draft, words that nothing has, and no words.
    ("q=cranberry bog", &[], Some(0)),
    ("q=xyzzyx", &[], Some(0)),
    ("q=newport xyzzyx", &[], Some(0)),
    ("q=!?%20…", &[], Some(0)),
];

fn path(query: &str) -> String {
    let parts = query.split('&').map(|part| {
        let (name, value) = part.split_once('=').unwrap();
        format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
    });
    format!("/lettings/?{}", parts.collect::<Vec<_>>().join("&"))
}

async fn ask(app: &TestApp, path: &str, language: &'static str) -> Answer {
    let mut request = request(Method::GET, path);
    let language = HeaderValue::from_static(language);
    request.headers_mut().insert(ACCEPT_LANGUAGE, language);
    app.send(request).await
}

/// The titles of the first page of what was found.
fn titles(answer: &Answer) -> Vec<String> {
    if answer.body.contains("class=\"dropped\"") {
        return Vec::new();
    }
    answer.texts("ul.cards a.title")
}

async fn demo(app: &TestApp) {
    site::demo::fill(&app.db).await.unwrap().unwrap();
    app.db.make_derived_tables().await.unwrap();
}

on_both_databases! {
    async fn what_is_looked_for_comes_first(app: TestApp) {
        demo(&app).await;
        let mut wrong = Vec::new();
        for (query, first, count) in SEARCHES {
            for language in ["en", "fr"] {
                let answer = ask(&app, &path(query), language).await.expect(200);
                let found = titles(&answer);
                let total = answer.texts("p.total").concat();
                let begins = found.iter().map(String::as_str).take(first.len()).eq(first.iter().copied());
                let is_total = count.is_none_or(|count| match count {
                    0 => found.is_empty(),
                    _ => total.starts_with(&format!("{count} ")),
                });
                if !(begins && is_total) {
                    wrong.push(format!("{query} ({language}): {total}: {found:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn filters_narrow_and_are_taken_off(app: TestApp) {
        demo(&app).await;
        let all = app.get("/lettings/").await.expect(200);
        all.assert_valid_html();
        assert_eq!(all.texts("p.total"), ["35 homes"]);
        assert!(all.attributes("meta[name=robots]", "content").is_empty());

        let path = "/lettings/?utm=x&place=california&guests=4&max=200&amenity=wifi&amenity=kitchen&sort=price";
        let found = app.get(path).await.expect(200);
        found.assert_valid_html();
        assert_eq!(found.attributes("meta[name=robots]", "content"), ["noindex, follow"]);
        assert!(found.attributes("link[rel=canonical]", "href").is_empty());
        assert_eq!(found.attributes(".chips a", "href"), [
            "/lettings/?guests=4&max=200&amenity=wifi&amenity=kitchen&sort=price",
            "/lettings/?place=california&max=200&amenity=wifi&amenity=kitchen&sort=price",
            "/lettings/?place=california&guests=4&amenity=wifi&amenity=kitchen&sort=price",
            "/lettings/?place=california&guests=4&max=200&amenity=kitchen&sort=price",
            "/lettings/?place=california&guests=4&max=200&amenity=wifi&sort=price",
            "/lettings/",
        ]);
        assert_eq!(found.attributes("input[type=checkbox][checked]", "value"), ["wifi", "kitchen"]);
        assert_eq!(found.attributes("option[selected]", "value"), ["", "price"]);
        assert_eq!(found.attributes("#search-place", "value"), ["california"]);
        let count = found.texts("ul.cards li.card").len();
        assert!((2..13).contains(&count), "{count}");

        // Each count is what the filter leaves.
        for (slug, kind) in [("fireplace", "amenity"), ("parking", "amenity"), ("house", "kind")] {
            let told = found.texts(&format!("[value={slug}]")).concat();
            let told = if kind == "kind" { told } else {
                found.texts("ul.offered li").into_iter().zip(found.attributes("ul.offered input", "value"))
                    .find(|(_, value)| value == slug).unwrap().0
            };
            let left = app.get(&format!("{path}&{kind}={slug}")).await.expect(200);
            let left = titles(&left).len();
            assert!(told.ends_with(&format!("({left})")), "{slug}: {told}, {left}");
        }
    }

    async fn what_is_wrong_is_told_beside_its_field(app: TestApp) {
        demo(&app).await;
        for (query, field, sentence) in [
            ("guests=lots", "guests", "Please enter a whole number from 1 to 50."),
            ("guests=99999999999999999999999", "guests", "Please enter a whole number from 1 to 50."),
            ("min=300&max=100", "max", "The highest price is below the lowest."),
            ("kind=castle", "kind", "Please choose from the list."),
            ("amenity=dragon", "amenity", "Please choose from the list."),
            ("sort=up", "sort", "Please choose from the list."),
            ("q=%00", "q", "This has characters that cannot be searched for."),
        ] {
            let answer = app.get(&format!("/lettings/?{query}&place=boston")).await.expect(200);
            answer.assert_valid_html();
            assert_eq!(answer.texts(&format!("#search-{field}-error")), [sentence], "{query}");
            assert_eq!(titles(&answer), [BOSTON], "{query}");
        }
        let page = app.get("/lettings/?q=boston&page=2").await;
        page.expect(404);
    }

    async fn where_nothing_is_found_there_is_a_way_on(app: TestApp) {
        demo(&app).await;
        let answer = app.get("/lettings/?place=boston&q=seaplanes").await.expect(200);
        answer.assert_valid_html();
        assert_eq!(answer.texts("p.total"), ["No home has all of this."]);
        assert_eq!(answer.attributes(".dropped a", "href"), ["/lettings/?q=seaplanes", "/lettings/?place=boston"]);
        assert_eq!(answer.texts("ul.cards a.title").len(), 1);
        let forgiven = app.get("/lettings/?q=lanttern").await.expect(200);
        assert_eq!(forgiven.texts("p.forgiven"), ["Nothing here has the word \u{201c}lanttern\u{201d}. It was read as \u{201c}lantern\u{201d}."]);
    }

    async fn what_changes_is_found_at_once_and_drafts_never(app: TestApp) {
        demo(&app).await;
        app.db.keep_derived_tables();
        let other = app.database.open();
        for (sql, query, title) in [
            ("UPDATE lettings_letting SET title = 'Zeppelin Hangar' WHERE id = 10", "q=zeppelin", Some("Zeppelin Hangar")),
            ("UPDATE lettings_address SET city = 'Quincy' WHERE id = (SELECT address_id FROM lettings_letting WHERE id = 10)", "place=quincy", Some("Zeppelin Hangar")),
            ("UPDATE oc_lettings_home SET is_published = (1 = 0) WHERE letting_id = 10", "q=zeppelin", None),
            ("UPDATE oc_lettings_home SET is_published = (1 = 1) WHERE letting_id = 10", "q=zeppelin", Some("Zeppelin Hangar")),
            ("DELETE FROM oc_lettings_amenity WHERE slug = 'hot-tub'", "amenity=hot-tub", None),
            ("DROP TABLE oc_lettings_words", "q=zeppelin", Some("Zeppelin Hangar")),
            ("DROP TABLE oc_lettings_spelling", "q=zepelin", Some("Zeppelin Hangar")),
            ("DROP TABLE oc_lettings_name", "q=zepelin", Some("Zeppelin Hangar")),
        ] {
            db::ConnectionTrait::execute_unprepared(&other, sql).await.unwrap();
            let start = Instant::now();
            let expected: Vec<_> = title.into_iter().collect();
            loop {
                // While a dropped index is made anew, a search may be refused for the moment.
                let answer = app.get(&path(query)).await;
                if answer.status == 200 && titles(&answer) == expected {
                    break;
                }
                assert!(answer.status == 200 || answer.status == 503, "{sql}: {}", answer.status);
                assert!(start.elapsed() < Duration::from_secs(20), "{sql}: {:?}", titles(&answer));
            }
        }
        app.db.close().await.unwrap();
    }

    async fn what_staff_saves_is_found_at_once(app: TestApp) {
        demo(&app).await;
        add_account(&app, 50, "staff", &[]).await;
        let mut staff = Visitor::new(&app);
        staff.log_in("staff", PASSWORD).await.expect(302);
        for (path, field, value, query, expected) in [
            ("/admin/lettings/letting/10/change/", "title", "Zeppelin Hangar", "q=zeppelin", Some("Zeppelin Hangar")),
            ("/admin/lettings/address/10/change/", "city", "Quincy", "place=quincy", Some("Zeppelin Hangar")),
        ] {
            let form = staff.get(path).await.expect(200);
            let mut fields = form.form_fields("form.record");
            let changed = fields.iter_mut().find(|(name, _)| name == field).unwrap();
            value.clone_into(&mut changed.1);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
            staff.post(path, &fields).await.expect(302);
            // No table is compared meanwhile: that is not allowed here.
            let found = titles(&app.get(&format!("/lettings/?{query}")).await.expect(200));
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{query}");
        }
    }

    async fn places_have_pages_to_which_lettings_lead(app: TestApp) {
        demo(&app).await;
        let letting = app.get("/lettings/10/").await.expect(200);
        letting.assert_valid_html();
        let way = letting.attributes("nav.crumbs a", "href");
        assert_eq!(way, ["/", "/lettings/", "/lettings/in/us/", "/lettings/in/us/ca/", "/lettings/in/us/ca/newport-beach/"]);
        for (path, heading, total, name) in [
            (&*way[2], "Holiday homes in United States", "35 homes", "United States"),
            (&way[3], "Holiday homes in California", "13 homes", "California"),
            (&way[4], "Holiday homes in Newport Beach, California", "1 home", "Newport Beach"),
        ] {
            let place = app.get(path).await.expect(200);
            place.assert_valid_html();
            assert_eq!(place.texts("h1"), [heading]);
            assert_eq!(place.texts("p.total"), [total]);
            assert_eq!(place.texts("[aria-current=page]").last().map(String::as_str), Some(name));
            assert_eq!(place.attributes("link[rel=canonical]", "href"), [format!("http://site.example{path}")]);
            assert!(place.attributes("meta[name=robots]", "content").is_empty());
        }
        assert_eq!(app.get("/lettings/in/us/ca/newport-beach").await.status, 301);
        for nowhere in ["/lettings/in/", "/lettings/in/fr/", "/lettings/in/us/CA/", "/lettings/in/us/ca/plymouth/", "/lettings/in/us/ma/plymouth/"] {
            assert_eq!(app.get(nowhere).await.status, 404, "{nowhere}");
        }
    }

    async fn a_place_that_is_called_otherwise_leads_to_its_new_address(app: TestApp) {
        demo(&app).await;
        add_account(&app, 50, "staff", &[]).await;
        let mut staff = Visitor::new(&app);
        staff.log_in("staff", PASSWORD).await.expect(302);
        let mut rename = async |city: &str| {
            let path = "/admin/lettings/address/10/change/";
            let form = staff.get(path).await.expect(200);
            let mut fields = form.form_fields("form.record");
            let changed = fields.iter_mut().find(|(name, _)| name == "city").unwrap();
            city.clone_into(&mut changed.1);
            let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
            staff.post(path, &fields).await.expect(302);
        };
        let leads = async |path: &str| {
            let answer = app.get(&format!("/fr/lettings/in/us/ca/{path}/")).await;
            (answer.status.as_u16(), answer.header("location").trim_start_matches("/fr/lettings/in/us/ca/").to_owned())
        };
        rename("Port  Nouveau").await;
        assert_eq!(leads("newport-beach").await, (301, "port-nouveau/".to_owned()));
        rename("Third Port").await;
        for old in ["newport-beach", "port-nouveau"] {
            assert_eq!(leads(old).await, (301, "third-port/".to_owned()), "{old}");
        }
        // A place that exists again is there; what left it last leads on.
        rename("Newport Beach").await;
        assert_eq!(leads("newport-beach").await.0, 200);
        assert_eq!(leads("third-port").await, (301, "newport-beach/".to_owned()));
        assert_eq!(leads("nowhere").await.0, 404);
        // What somebody else changes is kept, too, as soon as the tables have been compared.
        app.sql("UPDATE lettings_address SET city = 'Quincy' WHERE city = 'Newport Beach'").await;
        app.db.update_derived_tables().await.unwrap();
        assert_eq!(leads("newport-beach").await, (301, "quincy/".to_owned()));
        // It outlives the index.
        app.db.make_derived_tables().await.unwrap();
        assert_eq!(leads("third-port").await, (301, "quincy/".to_owned()));
    }

    async fn what_begins_so_is_suggested(app: TestApp) {
        demo(&app).await;
        let suggest = async |prefix: &str, text: &str| {
            let text = utf8_percent_encode(text, NON_ALPHANUMERIC);
            app.get(&format!("{prefix}/lettings/suggest/?q={text}")).await.expect(200)
        };
        for (text, expected) in [
            ("newp", &["Newport Beach, California"][..]),
            ("NEWPORT  b", &["Newport Beach, California"]),
            ("californie", &["California"]),
            ("ca", &["California"]),
            ("united st", &["United States"]),
            ("lighthouse k", &[LIGHTHOUSE]),
            ("houseboat no", &[BOAT]),
            // A draft, what stands within a name, and what nothing begins with.
            ("cranberry", &[]),
            ("hot tub", &[]),
            ("xyzzy", &[]),
            ("", &[]),
            ("!?", &[]),
        ] {
            let found = suggest("", text).await.texts("li .name");
            assert!(found.iter().zip(expected).all(|(found, expected)| found == expected), "{text}: {found:?}");
            assert!(found.len() >= expected.len(), "{text}: {found:?}");
            assert!(!expected.is_empty() || found.is_empty(), "{text}: {found:?}");
        }
        assert!(suggest("", "s").await.texts("li").len() <= 8);
        let french = suggest("/fr", "californ").await;
        assert_eq!(french.texts("li .name"), ["Californie"]);
        assert_eq!(french.texts("li .note"), ["Lieu"]);
        let paths = french.attributes("li", "data-path");
        assert_eq!(paths, ["/fr/lettings/in/us/ca/"]);
        app.get(&paths[0]).await.expect(200);
        // What is called otherwise now, or is elsewhere, is suggested by its new name alone.
        app.sql("UPDATE lettings_letting SET title = 'Zeppelin Hangar' WHERE id = 10").await;
        app.sql("UPDATE lettings_address SET city = 'Zebulon' WHERE city = 'Boston'").await;
        app.db.update_derived_tables().await.unwrap();
        for (text, expected) in [("ze", &["Zebulon, Massachusetts", "Zeppelin Hangar"][..]), ("boston", &[]), ("massach", &["Massachusetts"])] {
            assert_eq!(suggest("", text).await.texts("li .name"), expected, "{text}");
        }
    }

    async fn nothing_that_is_typed_breaks_a_search(app: TestApp) {
        demo(&app).await;
        let start = Instant::now();
        let mut asked = 0;
        for text in odd_texts() {
            for list in ["/lettings/?q", "/lettings/?place", "/profiles/?q", "/lettings/suggest/?q"] {
                let value = utf8_percent_encode(&text, NON_ALPHANUMERIC);
                let answer = app.get(&format!("{list}={value}")).await;
                assert_eq!(answer.status, 200, "{list}: {text:?}");
                asked += 1;
            }
        }
        for name in ["guests", "bedrooms", "min", "max", "kind", "amenity", "sort"] {
            for text in ["'", "1;--", "0x10", "1e3", "-1", "\u{661}", " 1 ", "%", "null", "1 OR 1=1"] {
                let value = utf8_percent_encode(text, NON_ALPHANUMERIC);
                let answer = app.get(&format!("/lettings/?{name}={value}")).await;
                assert_eq!(answer.status, 200, "{name}: {text:?}");
                asked += 1;
            }
        }
        for query in ["?q=%", "?q=%ff%fe", "?&&==&", "?q=a&q=b&q=%27", "?amenity=wifi&amenity=wifi", "?page=x", "?q=a&page=0"] {
            let answer = app.get(&format!("/lettings/{query}")).await;
            assert!(answer.status == 200 || query.contains("page"), "{query}");
        }
        assert!(asked > 200, "{asked}");
        // Each is bounded; this allows for a busy machine.
        assert!(start.elapsed() < Duration::from_millis(250) * asked, "{:?}", start.elapsed());
    }
}

/// Pieces of languages that programs read, and odd letters.
#[rustfmt::skip]
const ODD: &[&str] = &[
    "' OR '1'='1", "'; DROP TABLE lettings_letting; --", "\" OR \"\"=\"", "') UNION SELECT 1--",
    "$1", "?1", ":a", "\\", "\\'", "\\\\", "E'\\047'", "$$a$$", "/* */", "--", ";", "%", "_",
    "a%b_c", "NULL", "true", "AND", "OR", "NOT", "NEAR", "NEAR(a b, 3)", "a AND", "NOT a",
    "a NOT b", "\"a", "a\"", "\"\"", "a*", "*", "**", "^a", "a : b", "{a b} : c", "-a", "+a",
    "a + b", "(", ")", "(a", "a)", "title:sea", "rowid:1", "a,b", "a|b", "a&b", "!a", "a<->b",
    "a:*", "a:A", "'a':*", "<script>alert(1)</script>", "&amp;", "../../etc/passwd", "{{7*7}}",
    "%00", "\u{feff}", "\u{202e}abc", "e\u{301}\u{301}\u{301}", "\u{1f3e0}\u{200d}\u{1f30a}",
    "ﷺ", "ẞ", "İ", "ŉ", "𝔑𝔢𝔴𝔭𝔬𝔯𝔱", "½", "①", "大海", "Ελλάδα", "море", "شاطئ", "한국어",
];

/// What visitors do not type, and programs do.
fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> = ODD.iter().map(|text| (*text).to_owned()).collect();
    texts.extend((0..=0x1f).map(|code: u8| format!("a{}b", char::from(code))));
    texts.push("a\u{7f}b".to_owned());
    texts.extend(
        (0..=16)
            .filter_map(|plane: u32| char::from_u32(plane * 0x1_0000 + 0x0450))
            .map(|letter| letter.to_string().repeat(9)),
    );
    texts.extend(
        ["a", "é", " ", "a ", "'", "大", "\u{301}"].map(|part| part.repeat(10_000 / part.len())),
    );
    texts.push("zyxwv ".repeat(33));
    texts
}
