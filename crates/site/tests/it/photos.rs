//! Photos of lettings, from the form they are sent by to the pages that show them.

pub(crate) mod files;
mod hostile;

use axum::body::Body;
use db::Integer;
use http::{Method, Request};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, PaginatorTrait as _};
use site::domain::home::photo::{self, file};

use self::files::{jpeg, quarters};
use crate::admin::add_account;
use crate::admin::shared::{logged_in, number, with_token};
use crate::backup::{back_up, rows_of};
use crate::fixtures::{dump, load, run_on};
use crate::homes::add_home;
use crate::support::app::{Answer, request};
use crate::support::visitor::Visitor;
use crate::support::{TestApp, on_both_databases};

const PATH: &str = "/admin/lettings/letting/1/photos/";
const UPLOAD: &str = "/admin/lettings/letting/1/photos/add/";

/// A form with files as a browser sends it.
pub(crate) fn form_of(token: Option<&str>, files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |head: &str, content: &[u8]| {
        body.extend_from_slice(b"------x\r\nContent-Disposition: form-data; ");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    if let Some(token) = token {
        part("name=\"csrfmiddlewaretoken\"", token.as_bytes());
    }
    for (name, content) in files {
        let head = format!("name=\"photo\"; filename=\"{name}\"\r\nContent-Type: image/jpeg");
        part(&head, content);
    }
    body.extend_from_slice(b"------x--\r\n");
    body
}

pub(crate) fn upload_of(path: &str, body: Vec<u8>) -> Request<Body> {
    let mut request = request(Method::POST, path);
    let content_type = "multipart/form-data; boundary=----x".parse().unwrap();
    request.headers_mut().insert("content-type", content_type);
    *request.body_mut() = Body::from(body);
    request
}

/// Sends files as a browser without scripts does.
pub(crate) async fn send_files(visitor: &mut Visitor<'_>, files: &[(&str, &[u8])]) -> Answer {
    let page = visitor.get(PATH).await.expect(200);
    let token = page.attributes("form.drop input[name=csrfmiddlewaretoken]", "value");
    let body = form_of(Some(&token[0]), files);
    visitor.send(upload_of(UPLOAD, body)).await.expect(302);
    visitor.get(PATH).await.expect(200)
}

/// Sends one file as the script does, and says why it was refused.
pub(crate) async fn refusal(visitor: &mut Visitor<'_>, content: &[u8]) -> Option<String> {
    let mut request = upload_of(UPLOAD, form_of(None, &[("a.jpg", content)]));
    let json = "application/json".parse().unwrap();
    request.headers_mut().insert("accept", json);
    let answer = visitor.send(request).await.expect(200).json();
    let why = answer["refused"][0]["why"].as_str().map(str::to_owned);
    assert_eq!(answer["added"], u64::from(why.is_none()));
    why
}

/// A letting with a home, and staff.
pub(crate) async fn with_home(app: &TestApp) -> Visitor<'_> {
    add_home(app, 1).await;
    add_account(app, 1, "ann", &[]).await;
    logged_in(app, "ann").await
}

pub(crate) async fn counts(app: &TestApp) -> [u64; 2] {
    [
        photo::Entity::find().count(&app.db).await.unwrap(),
        file::Entity::find().count(&app.db).await.unwrap(),
    ]
}

on_both_databases! {
    async fn a_letting_that_staff_deletes_takes_its_photos_along(app: TestApp) {
        add_home(&app, 1).await;
        add_account(&app, 601, "root", &[]).await;
        let mut root = logged_in(&app, "root").await;
        send_files(&mut root, &[("a.jpg", &jpeg(60, 40, 1))]).await;
        let files = "SELECT COUNT(*) FROM oc_lettings_photo_file";
        assert!(number(&app, files).await > 0);
        let letting = root.get("/admin/lettings/letting/1/change/").await.expect(200);
        assert!(letting.attributes(".ways a", "href").contains(&PATH.to_owned()));
        let delete = "/admin/lettings/letting/1/delete/";
        let page = root.get(delete).await.expect(200);
        let version = page.attributes("[name=_version]", "value").concat();
        root.post(delete, &[("post", "yes"), ("_version", &version)]).await.expect(302);
        assert_eq!(number(&app, "SELECT COUNT(*) FROM oc_lettings_photo").await, 0);
        assert_eq!(number(&app, files).await, 0);
    }

    async fn photos_are_sent_ordered_described_and_deleted(app: TestApp) {
        let mut ann = with_home(&app).await;
        let [one, two] = [jpeg(1300, 900, 1), jpeg(500, 700, 2)];
        let page = send_files(&mut ann, &[
            ("one.jpg", &one), ("two.jpg", &two), ("<b>.jpg", b"GIF89a"), ("again.jpg", &one), ("", b""),
        ]).await;
        assert_eq!(page.texts(".message"), [
            "2 photos were added.",
            "<b>.jpg: The file is not a JPEG, PNG or WebP photo.",
            "again.jpg: This photo is there already.",
        ]);
        // Two widths and one, in two forms, and a crop of each.
        assert_eq!(counts(&app).await, [2, 4 + 1 + 2 + 1]);
        let fields = page.form_fields("form.photos");
        let ids: Vec<_> = page.attributes("form.photos li", "id");
        let id = |at: usize| ids[at].strip_prefix("photo-").unwrap().to_owned();
        let (first, second) = (id(0), id(1));
        let filled: Vec<_> = fields.iter().map(|(name, value)| {
            let is_text = *name == format!("alt_en_{second}");
            (name.as_str(), if is_text { " The \"bay\" " } else { value.as_str() })
        }).collect();
        let cover = format!("cover-{second}");
        let saved = ann.post(PATH, &[&filled[..], &[("action", cover.as_str())]].concat()).await.expect(302);
        assert_eq!(saved.header("location"), format!("{PATH}#photo-{second}"));
        let page = ann.get(PATH).await.expect(200);
        assert_eq!(page.attributes("form.photos li", "id"), [format!("photo-{second}"), format!("photo-{first}")]);
        // What was shown before the last save is not saved again.
        let crossed = ann.post(PATH, &filled).await.expect(200);
        assert!(crossed.texts(".message")[0].starts_with("Somebody else has changed"), "{}", crossed.body);

        let history = ann.get("/admin/lettings/letting/1/history/").await.expect(200);
        assert!(history.body.contains("Position, Alternative text in English"), "{}", history.body);
        let messages = "SELECT count(*) FROM django_admin_log WHERE change_message LIKE \
            '[{\"added\":{\"name\":\"photo\",\"object\":\"photo %\"}}]'";
        assert_eq!(number(&app, messages).await, 2);

        let shown = app.get("/lettings/1/").await.expect(200);
        assert_eq!(shown.attributes(".strip img", "alt"), ["The \"bay\"", ""]);
        assert_eq!(shown.attributes(".strip img", "loading"), ["lazy"]);
        assert_eq!(shown.attributes(".strip img", "width"), ["480", "960"]);
        assert_eq!(app.get("/lettings/").await.attributes(".card picture img", "alt"), [""]);
        let card = shown.attributes("meta[property='og:image']", "content");
        let card = card[0].strip_prefix("http://site.example").unwrap();
        assert_eq!(app.get(card).await.expect(200).header("content-type"), "image/jpeg");

        let fields = page.form_fields("form.photos");
        let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        fields.push(("delete", &second));
        ann.post(PATH, &fields).await.expect(302);
        assert_eq!(counts(&app).await, [1, 5]);
        assert_eq!(app.get("/lettings/").await.attributes(".card picture img", "alt"), [""]);
    }

    async fn a_file_is_there_once_for_all_lettings_that_show_it(app: TestApp) {
        let mut ann = with_home(&app).await;
        add_home(&app, 2).await;
        let one = jpeg(300, 200, 1);
        send_files(&mut ann, &[("one.jpg", &one)]).await;
        let mut request = upload_of(&UPLOAD.replace('1', "2"), form_of(None, &[("a.jpg", &one)]));
        request.headers_mut().insert("accept", "application/json".parse().unwrap());
        ann.send(request).await.expect(200);
        assert_eq!(counts(&app).await, [2, 3]);
        let photos = photo::list(&app.db, Integer(1)).await.unwrap();
        let page = ann.get(PATH).await;
        let fields = page.form_fields("form.photos");
        let mut fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let id = photos[0].id.0.to_string();
        fields.push(("delete", &id));
        ann.post(PATH, &fields).await.expect(302);
        assert_eq!(counts(&app).await, [1, 3]);
        app.sql("DELETE FROM lettings_letting").await;
        assert_eq!(counts(&app).await, [0, 3]);
        assert_eq!(photo::remove_unneeded_files(&app.db).await.unwrap(), 3);
        assert_eq!(counts(&app).await, [0, 0]);
    }

    async fn a_letting_has_thirty_photos_at_most(app: TestApp) {
        let mut ann = with_home(&app).await;
        for position in 0..29 {
            let photo = photo::ActiveModel {
                home_id: Set(Integer(1)),
                position: Set(Integer(position)),
                content: Set(format!("{position:032x}")),
                width: Set(Integer(300)),
                height: Set(Integer(200)),
                alt_en: Set(String::new()),
                alt_fr: Set(String::new()),
                ..Default::default()
            };
            photo.insert(&app.db).await.unwrap();
        }
        let [one, two] = [jpeg(300, 200, 1), jpeg(300, 200, 2)];
        let page = send_files(&mut ann, &[("one.jpg", &one), ("two.jpg", &two)]).await;
        assert_eq!(page.texts(".message"), [
            "1 photo was added.",
            "two.jpg: There are 30 photos already, which is as many as there may be.",
            "There are 30 photos already, which is as many as there may be.",
        ]);
    }

    async fn only_who_may_change_lettings_sends_photos(app: TestApp) {
        add_home(&app, 1).await;
        app.add_letting(2, "Bare").await;
        add_account(&app, 1, "ann", &[]).await;
        add_account(&app, 2, "bob", &[("is_superuser", "FALSE")]).await;
        let file = jpeg(300, 200, 1);
        let body = || form_of(None, &[("a.jpg", &file)]);
        // A visitor has no cookie of ours, and is refused before anything is read.
        app.send(upload_of(UPLOAD, body())).await.expect(403);
        app.get(PATH).await.expect(302);
        let mut visitor = Visitor::new(&app);
        visitor.get("/admin/login/").await;
        let mut visitor = with_token(visitor);
        let sent = visitor.send(upload_of(UPLOAD, body())).await.expect(302);
        assert!(sent.header("location").starts_with("/admin/login/?next="));
        let mut bob = logged_in(&app, "bob").await;
        bob.get(PATH).await.expect(403);
        bob.send(upload_of(UPLOAD, body())).await.expect(403);
        bob.post(PATH, &[]).await.expect(403);
        let mut ann = logged_in(&app, "ann").await;
        let mut foreign = upload_of(UPLOAD, body());
        foreign.headers_mut().insert("origin", "http://evil.example".parse().unwrap());
        ann.send(foreign).await.expect(403);
        ann.headers.clear();
        ann.send(upload_of(UPLOAD, body())).await.expect(403);
        ann.send(upload_of(UPLOAD, form_of(Some("x"), &[("a.jpg", &file)]))).await.expect(403);
        let mut ann = with_token(ann);
        ann.get("/admin/lettings/letting/9/photos/").await.expect(404);
        ann.send(upload_of("/admin/lettings/letting/9/photos/add/", body())).await.expect(404);
        ann.send(upload_of("/admin/lettings/letting/2/photos/add/", body())).await.expect(404);
        let bare = ann.get("/admin/lettings/letting/2/photos/").await.expect(200);
        let links = bare.attributes("a.button", "href");
        assert!(links.contains(&"/admin/homes/home/add/?letting=2".to_owned()), "{links:?}");
        ann.send(upload_of(UPLOAD, b"nothing".to_vec())).await.expect(400);
        ann.post(UPLOAD, &[]).await.expect(400);
        assert_eq!(ann.get(UPLOAD).await.expect(302).header("location"), PATH);
        assert_eq!(counts(&app).await, [0, 0]);
    }

    async fn files_are_answered_for_ever_and_in_parts(app: TestApp) {
        let mut ann = with_home(&app).await;
        send_files(&mut ann, &[("one.jpg", &jpeg(500, 400, 1))]).await;
        let photo = photo::list(&app.db, Integer(1)).await.unwrap().remove(0);
        let path = format!("/photos/{}/480.webp", photo.content);
        let whole = app.get(&path).await.expect(200);
        assert_eq!(whole.header("content-type"), "image/webp");
        assert_eq!(whole.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(whole.header("x-content-type-options"), "nosniff");
        let etag = whole.header("etag").to_owned();
        let ask = async |method: Method, headers: &[(&'static str, &str)]| {
            let mut request = request(method, &path);
            for (name, value) in headers {
                request.headers_mut().insert(*name, value.parse().unwrap());
            }
            app.send(request).await
        };
        let part = ask(Method::GET, &[("range", "bytes=0-3")]).await.expect(206);
        assert_eq!(part.body, "RIFF");
        assert!(part.header("content-range").starts_with("bytes 0-3/"));
        assert_eq!(ask(Method::GET, &[("range", "bytes=0-3"), ("if-range", "\"other\"")]).await.status, 200);
        ask(Method::GET, &[("range", "bytes=99999999-")]).await.expect(416);
        let same = ask(Method::GET, &[("if-none-match", &etag)]).await.expect(304);
        assert_eq!(same.header("etag"), etag);
        let head = ask(Method::HEAD, &[]).await.expect(200);
        assert!(head.body.is_empty() && head.header("content-length").len() > 2, "{head:?}");
        ask(Method::POST, &[]).await.expect(405);
        for name in ["481.webp", "480.png", "480", "card.webp", "..%2f480.webp", "480.webp/"] {
            app.get(&format!("/photos/{}/{name}", photo.content)).await.expect(404);
        }
        for content in ["0", "A", &"0".repeat(32), &photo.content[..31]] {
            app.get(&format!("/photos/{content}/480.webp")).await.expect(404);
        }
    }

    async fn photos_survive_backups_and_fixtures(app: TestApp) {
        let mut ann = with_home(&app).await;
        send_files(&mut ann, &[("one.jpg", &jpeg(1000, 800, 1)), ("two.png", &quarters(50, 40))]).await;
        app.db.close().await.unwrap();
        let before = rows_of(&app.database).await;
        let backup = back_up(&app.database, "photos.backup");
        let own = dump(&app.database, &["homes", "--indent", "1"]);
        assert!(own.contains("homes.photofile"));
        app.sql("DELETE FROM oc_lettings_home").await;
        photo::remove_unneeded_files(&app.db).await.unwrap();
        assert_eq!(counts(&app).await, [0, 0]);
        app.db.close().await.unwrap();
        load(&app.database, &own);
        assert_eq!(rows_of(&app.database).await, before);
        app.sql("DELETE FROM oc_lettings_photo_file").await;
        app.db.close().await.unwrap();
        let restored = run_on(&app.database, &["restore", backup.to_str().unwrap(), "--replace"]);
        assert_eq!(restored.code, Some(0), "{restored:?}");
        assert_eq!(rows_of(&app.database).await, before);
        let planned = run_on(&app.database, &["handback", "--plan"]);
        for told in ["oc_lettings_photo: 2 rows", "oc_lettings_photo_file: 8 rows"] {
            assert!(planned.out.contains(told), "{told} is not in {planned:?}");
        }
    }
}
