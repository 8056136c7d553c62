//! Homes in the admin: what a letting offers, with its amenities and seasons in one form.

use super::add_account;
use super::shared::{entries, logged_in, number, texts};
use crate::homes::{add_home, counts};
use crate::support::app::Answer;
use crate::support::visitor::Visitor;
use crate::support::{TestApp, on_both_databases};

const ADD: &str = "/admin/homes/home/add/?letting=501";
const LIST: &str = "/admin/homes/home/";

/// The form of a page as a browser would send it, with other values for some fields. A field of
/// several values is given with each of them, one that is not to be sent with none.
pub(super) fn sent(page: &Answer, others: &[(&str, &[&str])]) -> Vec<(String, String)> {
    let mut fields = page.form_fields("main form.record");
    for (name, values) in others {
        fields.retain(|(other, _)| other != name);
        let values = values
            .iter()
            .map(|value| ((*name).to_owned(), (*value).to_owned()));
        fields.extend(values);
    }
    fields
}

/// Adds an account with one permission.
async fn add_staff(app: &TestApp, id: i64, username: &str, codename: &str) {
    add_account(app, id, username, &[("is_superuser", "FALSE")]).await;
    app.sql(&format!(
        "INSERT INTO auth_user_user_permissions (user_id, permission_id) \
         SELECT {id}, id FROM auth_permission WHERE codename = '{codename}'"
    ))
    .await;
}

pub(super) async fn post(
    visitor: &mut Visitor<'_>,
    path: &str,
    fields: &[(String, String)],
) -> Answer {
    let fields: Vec<_> = fields
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    visitor.post(path, &fields).await
}

/// What an owner enters.
const ENTERED: &[(&str, &[&str])] = &[
    ("kind", &["cabin"]),
    ("sleeps", &["6"]),
    ("half_bathrooms", &["1,5"]),
    ("area", &["84"]),
    ("check_in", &["15:00"]),
    ("latitude", &["33.64123"]),
    ("longitude", &["-117.91877"]),
    ("summary_en", &["A cabin above the bay."]),
    ("description_en", &["Wake up\r\n\r\n* to gulls"]),
    ("amenities", &["wifi", "step-free"]),
    ("night_price", &["125"]),
    ("weekend_price", &["150.50"]),
    ("tax_kind", &["percentage"]),
    ("tax_amount", &["10.5"]),
    ("season-new1-first_night", &["2027-07-01"]),
    ("season-new1-last_night", &["2027-08-31"]),
    ("season-new1-night_price", &["200"]),
    ("season-new1-min_nights", &["7"]),
    ("_save", &["1"]),
];

const STORED: &str = "SELECT CAST(sleeps AS text) || ' ' || CAST(half_bathrooms AS text) || ' ' || check_in \
     || ' ' || CAST(latitude AS text) || ' ' || CAST(longitude AS text) || ' ' || CAST(night_price AS text) \
     || ' ' || CAST(weekend_price AS text) || ' ' || CAST(tax_amount AS text) || ' ' || description_en \
     FROM oc_lettings_home";

const SEASONS: &str = "SELECT CAST(first_night AS text) || ' ' || CAST(last_night AS text) || ' ' \
     || CAST(night_price AS text) FROM oc_lettings_season ORDER BY first_night";

const AMENITIES: &str = "SELECT slug FROM oc_lettings_amenity ORDER BY slug";

/// The address of the form of the only home.
async fn form_of(app: &TestApp) -> String {
    let id = number(app, "SELECT MAX(id) FROM oc_lettings_home").await;
    format!("/admin/homes/home/{id}/change/")
}

fn season(page: &Answer) -> String {
    let name = page.attributes("input[name^='season-'][name$='-night_price']", "name");
    name[0].trim_end_matches("night_price").to_owned()
}

on_both_databases! {
    async fn an_owner_describes_a_home_in_one_form(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let letting = root.get("/admin/lettings/letting/501/change/").await.expect(200);
        assert!(letting.attributes(".ways a", "href").contains(&ADD.to_owned()));
        let page = root.get(ADD).await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.attributes("select[name=letting] option[selected]", "value"), ["501"]);
        post(&mut root, ADD, &sent(&page, ENTERED)).await.expect(302);
        assert_eq!(
            texts(&app, STORED).await,
            ["6 3 15:00 3364123 -11791877 12500 15050 1050 Wake up\n\n* to gulls"]
        );
        assert_eq!(texts(&app, AMENITIES).await, ["step-free", "wifi"]);
        assert_eq!(texts(&app, SEASONS).await, ["2027-07-01 2027-08-31 20000"]);
        let entry = "lettings.letting 2 Old Mill [{\"added\": {\"name\": \"home\", \"object\": \"Old Mill\"}}, \
                     {\"added\": {\"name\": \"season\", \"object\": \"2027-07-01 – 2027-08-31\"}}]";
        assert_eq!(entries(&app).await, [entry]);
        // It is shown as it was typed, and the letting leads to it.
        let form = form_of(&app).await;
        let address = root.get(ADD).await.expect(302);
        assert_eq!(address.header("location"), form);
        let page = root.get(&form).await.expect(200);
        page.assert_valid_html();
        let value = |name: &str| page.attributes(&format!("#id_{name}"), "value").concat();
        assert_eq!(
            ["half_bathrooms", "latitude", "weekend_price", "night_price", "tax_amount"].map(value),
            ["1.5", "33.64123", "150.50", "125", "10.5"]
        );
        let history = root.get(&form.replace("change", "history")).await.expect(200);
        let told = "Added home “Old Mill”. Added season “2027-07-01 – 2027-08-31”.";
        assert!(history.texts("main td").contains(&told.to_owned()), "{:?}", history.texts("main td"));
        // Saved as it is, nothing of it changes.
        post(&mut root, &form, &sent(&page, &[("_save", &["1"])])).await.expect(302);
        assert_eq!(entries(&app).await[1], "lettings.letting 2 Old Mill []");
        let list = root.get(LIST).await.expect(200);
        list.assert_valid_html();
        let cells = list.texts("#result tbody td, table tbody td");
        assert!(cells.iter().any(|cell| cell == "125"), "{cells:?}");
        root.get("/lettings/501/").await.expect(200);
    }

    async fn what_is_wrong_in_a_home_is_told_at_its_field(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let page = root.get(ADD).await.expect(200);
        let season = "season-new1-";
        let name = |field: &str| format!("{season}{field}");
        let [first, last, price] = ["first_night", "last_night", "night_price"].map(name);
        for (field, values, error) in [
            ("sleeps", "0", "Enter 1 or more."),
            ("half_bathrooms", "1.3", "Enter a whole number or a half, such as 1.5."),
            ("latitude", "91", "Enter 90 or less."),
            ("longitude", "1.123456", "At most 5 decimal places."),
            ("night_price", "much", "Enter a number, such as 12 or 12.50."),
            ("night_price", "-1", "Enter 0 or more."),
            ("weekend_price", "10000000.01", "Enter 10000000 or less."),
            ("check_in", "25:00", "Enter a time of the day, such as 15:00."),
            ("max_nights", "0", "Enter 1 or more."),
            ("amenities", "moat", "Choose one that is there: this one is not."),
            ("kind", "moat", "Choose one that is there: this one is not."),
            (&first, "2027-02-30", "Enter a day."),
            (&last, "", "This field is required."),
            (&last, "2027-06-30", "This must not be before or below “First night”."),
            (&price, "", "This field is required."),
        ] {
            let mut fields = sent(&page, ENTERED);
            fields.retain(|(name, _)| name != field);
            fields.push((field.to_owned(), values.to_owned()));
            let answer = post(&mut root, ADD, &fields).await.expect(200);
            answer.assert_valid_html();
            let errors = answer.texts(".errors li, .error-list li, ul.errors li, .field .errors");
            assert!(errors.iter().any(|one| one.contains(error)), "{field}={values}: {errors:?}");
            assert_eq!(counts(&app.db).await, [0, 0, 0], "{field}");
        }
        let fields = sent(&page, &[&[("min_nights", &["5"][..]), ("max_nights", &["4"])][..], ENTERED].concat());
        let answer = post(&mut root, ADD, &fields).await.expect(200);
        assert!(answer.body.contains("This must not be before or below “Fewest nights”."));
        // A percentage has a limit that an amount has not.
        let taxed = |kind: &'static str| {
            let mut fields = sent(&page, ENTERED);
            fields.retain(|(name, _)| !name.starts_with("tax_"));
            fields.extend([("tax_kind", kind), ("tax_amount", "100.01")].map(|(k, v)| (k.into(), v.into())));
            fields
        };
        let answer = post(&mut root, ADD, &taxed("percentage")).await.expect(200);
        assert_eq!(answer.texts("#tax_amount-errors li"), ["Enter 100 or less."]);
        post(&mut root, ADD, &taxed("adult-night")).await.expect(302);
    }

    async fn rows_are_added_changed_and_deleted_without_a_script(app: TestApp) {
        add_home(&app, 501).await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let form = form_of(&app).await;
        let page = root.get(&form).await.expect(200);
        let stored = season(&page);
        let rows = |page: &Answer| page.attributes("fieldset.row input[name$='-first_night']", "name").len();
        assert_eq!(rows(&page), 1);
        // A further row keeps what was typed, and saves nothing.
        let more = sent(&page, &[("sleeps", &["9"]), ("_more", &["season"])]);
        let page = post(&mut root, &form, &more).await.expect(200);
        page.assert_valid_html();
        assert_eq!(rows(&page), 2);
        assert_eq!(page.attributes("#id_sleeps", "value"), ["9"]);
        assert_eq!(number(&app, "SELECT sleeps FROM oc_lettings_home").await, 4);
        // An empty row is none.
        let empty = sent(&page, &[("_continue", &["1"])]);
        post(&mut root, &form, &empty).await.expect(302);
        assert_eq!(counts(&app.db).await[2], 1);
        let price = format!("{stored}night_price");
        let page = root.get(&form).await.expect(200);
        let fields = sent(&page, &[
            (&price, &["210"]),
            ("season-x9-first_night", &["2027-12-20"]),
            ("season-x9-last_night", &["2027-12-31"]),
            ("season-x9-night_price", &["300"]),
            ("_save", &["1"]),
        ]);
        post(&mut root, &form, &fields).await.expect(302);
        assert_eq!(
            texts(&app, SEASONS).await,
            ["2027-07-01 2027-08-31 21000", "2027-12-20 2027-12-31 30000"]
        );
        let page = root.get(&form).await.expect(200);
        let delete = format!("{stored}DELETE");
        let fields = sent(&page, &[(&delete, &["on"]), ("_save", &["1"])]);
        post(&mut root, &form, &fields).await.expect(302);
        assert_eq!(texts(&app, SEASONS).await, ["2027-12-20 2027-12-31 30000"]);
        let told = entries(&app).await;
        let expected = "lettings.letting 2 Cabin [{\"changed\": {\"name\": \"season\", \"object\": \
                        \"2027-07-01 – 2027-08-31\", \"fields\": [\"Night price\"]}}, {\"added\": {\"name\": \
                        \"season\", \"object\": \"2027-12-20 – 2027-12-31\"}}]";
        assert_eq!(told[1], expected);
        assert_eq!(
            told[2],
            "lettings.letting 2 Cabin [{\"deleted\": {\"name\": \"season\", \"object\": \
             \"2027-07-01 – 2027-08-31\"}}]"
        );
        // More rows than there may be.
        let page = root.get(&form).await.expect(200);
        let mut many = sent(&page, &[("_save", &["1"])]);
        many.extend((0..40).map(|row| (format!("season-n{row}-night_price"), "1".to_owned())));
        let answer = post(&mut root, &form, &many).await.expect(200);
        assert!(answer.body.contains("At most 30 rows."));
    }

    async fn two_people_with_the_rows_of_one_home_lose_nothing(app: TestApp) {
        add_home(&app, 501).await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let form = form_of(&app).await;
        let opened = root.get(&form).await.expect(200);
        let row = season(&opened);
        let price = format!("{row}night_price");
        app.sql("UPDATE oc_lettings_season SET night_price = 25000").await;
        app.sql(
            "INSERT INTO oc_lettings_season (home_id, first_night, last_night, night_price) \
             SELECT id, '2028-01-01', '2028-01-07', 9900 FROM oc_lettings_home",
        ).await;
        let mine = sent(&opened, &[(&price, &["230"]), ("_save", &["1"])]);
        let page = post(&mut root, &form, &mine).await.expect(200);
        page.assert_valid_html();
        assert_eq!(
            page.texts("main .theirs"),
            ["Somebody else has changed this meanwhile.", "Somebody else has stored meanwhile: 250"]
        );
        assert_eq!(page.attributes("fieldset.row input[name$='-first_night']", "name").len(), 2);
        assert_eq!(texts(&app, SEASONS).await[0], "2027-07-01 2027-08-31 25000");
        post(&mut root, &form, &sent(&page, &[("_save", &["1"])])).await.expect(302);
        assert_eq!(
            texts(&app, SEASONS).await,
            ["2027-07-01 2027-08-31 23000", "2028-01-01 2028-01-07 9900"]
        );
        // Deleted by somebody else: an untouched row goes, one that was changed stays to be added.
        let opened = root.get(&form).await.expect(200);
        let row = season(&opened);
        let price = format!("{row}night_price");
        app.sql("DELETE FROM oc_lettings_season").await;
        let mine = sent(&opened, &[(&price, &["240"]), ("_save", &["1"])]);
        let page = post(&mut root, &form, &mine).await.expect(200);
        assert_eq!(page.texts("fieldset.row > legend")[0], "Season 1");
        post(&mut root, &form, &sent(&page, &[("_save", &["1"])])).await.expect(302);
        assert_eq!(texts(&app, SEASONS).await, ["2027-07-01 2027-08-31 24000"]);
    }

    async fn who_may_change_a_letting_may_change_its_home(app: TestApp) {
        add_home(&app, 501).await;
        app.add_letting(502, "Without").await;
        add_staff(&app, 601, "viewer", "view_letting").await;
        add_staff(&app, 602, "editor", "change_letting").await;
        add_staff(&app, 603, "nobody", "change_profile").await;
        let form = form_of(&app).await;
        let delete = form.replace("change", "delete");
        let add = "/admin/homes/home/add/?letting=502";
        for (username, [shown, added, deleted]) in
            [("viewer", [200, 403, 403]), ("editor", [200, 200, 200]), ("nobody", [403, 403, 403])]
        {
            let mut visitor = logged_in(&app, username).await;
            visitor.get(&form).await.expect(shown);
            visitor.get(LIST).await.expect(shown);
            visitor.get(add).await.expect(added);
            visitor.get(&delete).await.expect(deleted);
        }
        let mut viewer = logged_in(&app, "viewer").await;
        let page = viewer.get(&form).await.expect(200);
        assert!(page.texts("main form.record button").is_empty());
        viewer.post(&form, &[("sleeps", "3")]).await.expect(403);
        let mut editor = logged_in(&app, "editor").await;
        let page = editor.get(&delete).await.expect(200);
        page.assert_valid_html();
        let version = page.attributes("[name=_version]", "value").concat();
        editor.post(&delete, &[("post", "yes"), ("_version", &version)]).await.expect(302);
        assert_eq!(counts(&app.db).await, [0, 0, 0]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM lettings_letting").await, 2);
        assert_eq!(
            entries(&app).await,
            ["lettings.letting 2 Cabin [{\"deleted\": {\"name\": \"home\", \"object\": \"Cabin\"}}]"]
        );
    }

    async fn a_letting_is_deleted_with_its_home(app: TestApp) {
        add_home(&app, 501).await;
        add_staff(&app, 601, "cleaner", "delete_letting").await;
        let mut cleaner = logged_in(&app, "cleaner").await;
        let delete = "/admin/lettings/letting/501/delete/";
        let page = cleaner.get(delete).await.expect(200);
        let version = page.attributes("[name=_version]", "value").concat();
        cleaner.post(delete, &[("post", "yes"), ("_version", &version)]).await.expect(302);
        assert_eq!(counts(&app.db).await, [0, 0, 0]);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM lettings_letting").await, 0);
    }

    async fn an_address_that_nothing_else_has_can_go_with_its_letting(app: TestApp) {
        add_home(&app, 501).await;
        add_account(&app, 601, "root", &[]).await;
        add_staff(&app, 602, "cleaner", "delete_letting").await;
        let page = "/admin/lettings/letting/501/delete/";
        let along = ".bar a.danger";
        let mut cleaner = logged_in(&app, "cleaner").await;
        assert!(cleaner.get(page).await.expect(200).attributes(along, "href").is_empty());
        let mut root = logged_in(&app, "root").await;
        let answer = root.get(page).await.expect(200);
        answer.assert_valid_html();
        let way = answer.attributes(along, "href").concat();
        assert_eq!(way, "/admin/lettings/address/501/delete/");
        let answer = root.get(&way).await.expect(200);
        let version = answer.attributes("[name=_version]", "value").concat();
        root.post(&way, &[("post", "yes"), ("_version", &version)]).await.expect(302);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM lettings_address").await, 0);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM lettings_letting").await, 0);
        assert_eq!(counts(&app.db).await, [0, 0, 0]);
    }

    async fn a_list_of_lettings_shows_what_they_offer(app: TestApp) {
        add_home(&app, 501).await;
        app.add_letting(502, "Without").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let list = root.get("/admin/lettings/letting/?o=6").await.expect(200);
        list.assert_valid_html();
        let heads = list.texts("table.list thead th");
        for head in ["Sleeps", "Price of a night", "Published"] {
            assert!(heads.iter().any(|shown| shown.contains(head)), "{heads:?}");
        }
        assert!(list.texts("table.list tbody td").contains(&"120".to_owned()));
        let published = root.get("/admin/lettings/letting/?home__is_published__exact=1").await;
        assert_eq!(published.expect(200).texts("table.list tbody th"), ["Cabin"]);
    }

    async fn an_address_is_chosen_among_those_that_are_free(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        app.add_letting(502, "New Mill").await;
        app.sql("DELETE FROM lettings_letting WHERE id = 502").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let options = "select[name=address] option[value]:not([value=''])";
        let page = root.get("/admin/lettings/letting/add/").await.expect(200);
        assert_eq!(page.attributes(options, "value"), ["502"]);
        let city = texts(&app, "SELECT city FROM lettings_address WHERE id = 502").await.concat();
        assert!(page.texts(options)[0].starts_with(&format!("{city}, ")));
        let page = root.get("/admin/lettings/letting/501/change/").await.expect(200);
        assert_eq!(page.attributes(options, "value"), ["501", "502"]);
        let page = root.get("/lettings/501/").await.expect(200);
        assert_eq!(page.attributes("p.edit a", "href"), ["/admin/lettings/letting/501/change/"]);
        assert!(app.get("/lettings/501/").await.texts("p.edit").is_empty());
    }

    async fn a_description_is_shown_as_it_will_look(app: TestApp) {
        add_home(&app, 501).await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let form = form_of(&app).await;
        let page = root.get(&form).await.expect(200);
        assert_eq!(page.texts(".preview li"), ["to gulls", "to coffee"]);
        let typed = [("description_fr", &["<b>x</b> **fort**"][..]), ("_preview", &["1"])];
        let page = post(&mut root, &form, &sent(&page, &typed)).await.expect(200);
        page.assert_valid_html();
        assert_eq!(page.texts(".preview strong"), ["fort"]);
        assert!(page.texts(".preview b").is_empty());
        assert_eq!(texts(&app, "SELECT description_fr FROM oc_lettings_home").await, [""]);
    }

    async fn an_address_may_be_written_as_no_number_is(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        app.sql("UPDATE lettings_address SET country_iso_code = 'GBR' WHERE id = 501").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let form = "/admin/lettings/address/501/change/";
        let page = root.get(form).await.expect(200);
        page.assert_valid_html();
        let country = page.texts("select[name=country_iso_code] option[selected]");
        assert_eq!(country, ["United Kingdom"]);
        let written = sent(&page, &[
            ("address-new1-number", &["12 bis"]),
            ("address-new1-postal_code", &["SW1A 1AA"]),
            ("_save", &["1"]),
        ]);
        post(&mut root, form, &written).await.expect(302);
        let entry = "lettings.address 2 ";
        let told = entries(&app).await;
        assert!(told[0].starts_with(entry), "{told:?}");
        assert!(told[0].contains(r#"[{"added": {"name": "address", "object": "12 bis SW1A 1AA"}}]"#));
        let shown = app.get("/lettings/501/").await.expect(200).texts("address").concat();
        assert!(shown.contains("12 bis") && shown.contains("SW1A 1AA"), "{shown}");
        // One row is all that an address may have, and it goes with its address.
        let page = root.get(form).await.expect(200);
        assert!(page.texts("button[name=_more]").is_empty());
        let delete = "/admin/lettings/address/501/delete/";
        let page = root.get(delete).await.expect(200);
        let version = page.attributes("[name=_version]", "value").concat();
        root.post(delete, &[("post", "yes"), ("_version", &version)]).await.expect(302);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM oc_lettings_address").await, 0);
    }

    async fn a_country_that_no_list_has_stays(app: TestApp) {
        app.add_letting(501, "Old Mill").await;
        app.sql("UPDATE lettings_address SET country_iso_code = 'XYZ' WHERE id = 501").await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        let form = "/admin/lettings/address/501/change/";
        let page = root.get(form).await.expect(200);
        post(&mut root, form, &sent(&page, &[("city", &["Rome"]), ("_save", &["1"])])).await.expect(302);
        let stored = texts(&app, "SELECT city || ' ' || country_iso_code FROM lettings_address").await;
        assert_eq!(stored, ["Rome XYZ"]);
    }
}
