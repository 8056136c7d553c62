//! The demo data, as visitors see it.

use std::collections::BTreeSet;

use chrono::{Days, Utc};
use pictures::photo::prepare;
use sea_orm::EntityTrait as _;
use site::domain::home::photo::{self, file};
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

    async fn photos_are_whole_described_and_stored_once(app: TestApp) {
        site::demo::fill(&app.db).await.unwrap();
        let photos = photo::Entity::find().all(&app.db).await.unwrap();
        let files = file::Entity::find().all(&app.db).await.unwrap();
        let contents: BTreeSet<_> = photos.iter().map(|photo| &photo.content).collect();
        assert!(photos.len() > 2 * contents.len(), "{} of {}", contents.len(), photos.len());
        assert_eq!(files.len(), 5 * contents.len());
        let bytes: usize = files.iter().map(|file| file.bytes.len()).sum();
        assert!(bytes < 3_000_000, "{bytes}");
        for photo in &photos {
            assert!(!photo.alt_en.is_empty() && !photo.alt_fr.is_empty(), "{photo:?}");
        }
        for file in files.iter().filter(|file| file.content == photos[0].content) {
            let made = prepare(&file.bytes).unwrap();
            let size = match file.name.split('.').next() {
                Some("480") => (480, 320),
                Some("960") => (960, 640),
                _ => (1200, 630),
            };
            assert_eq!((made.width, made.height), size, "{}", file.name);
        }
    }

    async fn photos_are_shown_where_there_are_any_and_drawn_pictures_elsewhere(app: TestApp) {
        site::demo::fill(&app.db).await.unwrap();
        let lake = app.get("/lettings/2/").await.expect(200);
        assert!(lake.body.contains("VacationRental"), "{}", lake.body);
        assert!(lake.body.contains("alt=\"A white house with a porch"), "{}", lake.body);
        let cabin = app.get("/lettings/13/").await.expect(200);
        assert!(!cabin.body.contains("VacationRental"), "{}", cabin.body);
        let silo = app.get("/lettings/3/").await.expect(200);
        assert!(silo.body.contains("src=\"/pictures/"), "{}", silo.body);
    }
}
