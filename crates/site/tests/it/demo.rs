//! The demo data, as visitors see it.

use chrono::{Days, Utc};
use sea_orm::EntityTrait as _;
use site::domain::home::season;

use crate::homes::counts;
use crate::support::on_both_databases;

on_both_databases! {
    async fn lettings_are_described_but_for_some_and_one_is_a_draft(app: TestApp) {
        let filled = site::demo::fill(&app.db).await.unwrap().unwrap();
        assert_eq!(filled.lettings, 36);
        let [homes, amenities, seasons] = counts(&app.db).await;
        assert_eq!(homes, 31);
        assert!(amenities > 10 * homes && seasons > homes, "{amenities}, {seasons}");

        let train = app.get("/lettings/36/").await.expect(200);
        assert!(train.body.contains("A sleeping car of 1926"), "{}", train.body);
        let palms = app.get("/lettings/12/").await.expect(200);
        assert!(!palms.body.contains("id=\"offer\""), "{}", palms.body);
        app.get("/lettings/18/").await.expect(404);

        // A season may have begun, and none is over. The day may have changed meanwhile.
        let yesterday = Utc::now().date_naive() - Days::new(1);
        for season in season::Entity::find().all(&app.db).await.unwrap() {
            assert!(season.last_night >= yesterday, "{season:?}");
        }
    }
}
