//! The list of lettings in the admin: covers, and what is still missing.

use db::Integer;
use site::domain::home::photo;

use crate::homes::add_home;
use crate::photos::files::jpeg;
use crate::photos::{send_files, with_home};
use crate::support::on_both_databases;

on_both_databases! {
    async fn a_list_of_lettings_shows_covers_and_what_is_missing(app: TestApp) {
        let mut ann = with_home(&app).await;
        let bare = add_home(&app, 2).await;
        app.add_letting(3, "Bare").await;
        send_files(&mut ann, &[("a.jpg", &jpeg(600, 400, 1)), ("b.jpg", &jpeg(600, 400, 2))]).await;
        app.sql("UPDATE oc_lettings_home SET check_in = '', latitude = NULL, summary_en = '', \
            summary_fr = '', night_price = NULL WHERE letting_id = 2").await;
        app.sql(&format!("DELETE FROM oc_lettings_amenity WHERE home_id = {}", bare.id.0)).await;
        let list = ann.get("/admin/lettings/letting/").await.expect(200);
        list.assert_valid_html();
        assert_eq!(list.texts("table.list tbody td:last-child"), [
            "Not described yet",
            "Missing: photos, times, place, texts, amenities, prices",
            "Complete",
        ]);
        assert_eq!(list.attributes("tbody img", "loading"), ["lazy"]);
        assert_eq!(list.attributes("tbody img", "alt"), [""]);
        let cover = list.attributes("tbody tr:last-child img", "src").concat();
        let first = photo::list(&app.db, Integer(1)).await.unwrap().remove(0);
        assert_eq!(cover, format!("/photos/{}/480.jpg", first.content));
        app.get(&cover).await.expect(200);
        // The form of a home wants the same, but for photos, which have a page of their own.
        let form = format!("/admin/homes/home/{}/change/", bare.id.0);
        assert_eq!(ann.get(&form).await.expect(200).texts("h2 .todo").len(), 5);
        assert_eq!(ann.get("/admin/homes/home/1/change/").await.expect(200).texts("h2 .todo"), [""; 0]);
        ann.headers.push(("accept-language", "fr".to_owned()));
        let list = ann.get("/admin/lettings/letting/?q=bare").await.expect(200);
        assert_eq!(list.texts("table.list tbody td:last-child"), ["Pas encore décrite"]);
        let list = ann.get("/admin/lettings/letting/?p=1").await.expect(200);
        assert!(list.body.contains("Il manque\u{a0}: photos, horaires, lieu, "), "{}", list.body);
    }
}
