//! Addresses without their final slash.

use http::Method;

use crate::support::app::request;
use crate::support::on_both_databases;

on_both_databases! {
    async fn an_address_without_its_slash_leads_to_the_one_with_it(app: TestApp) {
        for (path, location) in [
            ("/lettings", "/lettings/"),
            ("/lettings?page=2&x=%20", "/lettings/?page=2&x=%20"),
            ("/lettings/5", "/lettings/5/"),
            ("/profiles", "/profiles/"),
            ("/profiles/%E5%A4%A7?a", "/profiles/%E5%A4%A7/?a"),
        ] {
            for method in [Method::GET, Method::HEAD] {
                let answer = app.send(request(method, path)).await.expect(301);
                assert_eq!(answer.header("location"), location);
            }
        }
    }

    async fn an_address_of_no_form_is_not_found_with_or_without_slash(app: TestApp) {
        for path in ["/lettings/abc", "/nothing", "/nothing/", "/lettings/1/2", "//lettings", "/LETTINGS/"] {
            app.get(path).await.expect(404);
        }
        for method in [Method::POST, Method::PUT, Method::OPTIONS] {
            app.send(request(method, "/lettings")).await.expect(404);
        }
    }
}
