//! `/components/`, in debug mode.

use crate::support::{Backend, TestApp};

#[tokio::test]
async fn every_component_is_there_in_both_themes_and_languages_in_debug_alone() {
    let app = TestApp::open(Backend::Sqlite).await;
    app.get("/components/").await.expect(404);
    let app = app.with(&[("DEBUG", "on")]);
    let page = app.get("/components/").await.expect(200);
    page.assert_valid_html();
    for (language, other) in [("en", "Français"), ("fr", "English")] {
        for theme in ["light", "dark"] {
            let sample = format!(".sample.theme-{theme}[lang={language}]");
            assert_eq!(page.texts(&sample).len(), 1, "{sample}");
            assert!(!page.texts(&sample)[0].contains(other));
        }
    }
    assert_eq!(page.attributes("meta[name=robots]", "content"), ["noindex"]);
}
