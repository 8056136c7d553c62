//! The admin on the older site's own database, taken over as it is.

use crate::support::database::KEEPER;
use crate::support::visitor::Visitor;
use crate::support::{TestApp, of_the_older_site};

use super::shared::{number, texts, with_token};

#[tokio::test]
async fn its_admin_adds_an_address_and_a_letting_that_visitors_see_at_once() {
    let database = of_the_older_site("original").await;
    let app = TestApp::on(database, &[]).await;
    app.get("/lettings/7/").await.expect(404);
    let mut staff = Visitor::new(&app);
    staff.log_in(KEEPER[0], KEEPER[1]).await.expect(302);
    let mut staff = with_token(staff);
    let address = [
        ("number", "12"),
        ("street", "Bay Road"),
        ("city", "Boston"),
        ("state", "MA"),
        ("zip_code", "2134"),
        ("country_iso_code", "USA"),
    ];
    let answer = staff.post("/admin/lettings/address/add/", &address).await;
    assert_eq!(
        answer.expect(302).header("location"),
        "/admin/lettings/address/"
    );
    let letting = [("title", "By the sea"), ("address", "7")];
    let answer = staff.post("/admin/lettings/letting/add/", &letting).await;
    assert_eq!(
        answer.expect(302).header("location"),
        "/admin/lettings/letting/"
    );
    let page = app.get("/lettings/7/").await.expect(200);
    assert_eq!(page.texts("h1"), ["By the sea"]);
    assert!(page.texts("address")[0].starts_with("12 Bay Road"));
    let list = app.get("/lettings/").await.expect(200);
    assert!(list.texts(".title").contains(&"By the sea".to_owned()));
    let index = staff.get("/admin/").await.expect(200);
    assert_eq!(index.texts(".recent li > :first-child")[0], "By the sea");
}

/// The older site's profiles stay behind when its database is taken over, and point to users.
#[tokio::test]
async fn a_user_goes_with_the_profile_of_the_older_site() {
    let database = of_the_older_site("original").await;
    let app = TestApp::on(database, &[]).await;
    let mut staff = Visitor::new(&app);
    staff.log_in(KEEPER[0], KEEPER[1]).await.expect(302);
    let mut staff = with_token(staff);
    let of_user =
        |table: &str| format!("SELECT COUNT(*) FROM {table} WHERE user_id = (SELECT id FROM u)");
    app.sql("CREATE TABLE u AS SELECT id FROM auth_user WHERE username = 'Marlow'")
        .await;
    for table in ["profiles_profile", "oc_lettings_site_profile"] {
        assert_eq!(number(&app, &of_user(table)).await, 1, "{table}");
    }
    let key = number(&app, "SELECT id FROM u").await;
    let path = format!("/admin/auth/user/{key}/delete/");
    let page = staff.get(&path).await.expect(200);
    assert_eq!(page.texts(".doomed h2"), ["1 user", "1 profile"]);
    staff.post(&path, &[("post", "yes")]).await.expect(302);
    for table in ["profiles_profile", "oc_lettings_site_profile"] {
        assert_eq!(number(&app, &of_user(table)).await, 0, "{table}");
    }
    let names = texts(&app, "SELECT username FROM auth_user").await;
    assert!(!names.contains(&"Marlow".to_owned()), "{names:?}");
    app.get("/profiles/Marlow/").await.expect(404);
}
