//! The same names, manifest and contents as Django's own manifest storage makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use staticfiles::collect::{Config, Outcome};
use staticfiles::compress::Encoding;
use staticfiles::manifest::Manifest;
use staticfiles::source::Source;
use tempfile::TempDir;

use super::{collect, read_folder, variable};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn collect_data(root: &Path) -> Outcome {
    collect(&Config::new(vec![Source::Folder(data("site"))], root)).unwrap()
}

#[track_caller]
fn assert_same_manifest(outcome: &Outcome, json: &str) {
    let manifest = outcome.manifest.as_ref().unwrap();
    assert_eq!(
        manifest.paths,
        Manifest::from_json(json.as_bytes()).unwrap().paths
    );
    let hash = format!(r#""hash": "{}""#, manifest.hash());
    assert!(json.contains(&hash), "{hash} is not in {json}");
}

#[test]
fn names_are_those_that_django_5_2_gave() {
    let root = TempDir::new().unwrap();
    let outcome = collect_data(root.path());
    let recorded = fs::read_to_string(data("staticfiles.json")).unwrap();
    assert_same_manifest(&outcome, &recorded);
    // Written by "22 static files copied to '…', 22 post-processed."
    assert_eq!((outcome.copied, outcome.post_processed), (22, 22));
}

mod django {
    use super::*;

    #[test]
    fn everything_is_as_django_makes_it() {
        let python = variable("TEST_DJANGO_PYTHON");
        let python =
            python.expect("`cargo xtask test` sets TEST_DJANGO_PYTHON, or leaves this out");
        let (theirs, ours) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        // Twice, since the second summary counts in another way.
        for (copied, post_processed) in [(22, 22), (0, 10)] {
            let output = Command::new(&python)
                .arg(data("record.py"))
                .arg(theirs.path())
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stdout);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}{errors}");
            let outcome = collect_data(ours.path());
            assert_eq!(
                (outcome.copied, outcome.post_processed),
                (copied, post_processed)
            );
            assert!(
                said.contains(&format!("{copied} static files copied")),
                "{said}"
            );
            assert!(
                said.contains(&format!(", {post_processed} post-processed")),
                "{said}"
            );
            let json = fs::read_to_string(theirs.path().join(Manifest::FILE_NAME)).unwrap();
            assert_same_manifest(&outcome, &json);
        }
        let mut ours = read_folder(ours.path());
        ours.retain(|name, _| {
            let is_variant = |encoding: &Encoding| name.ends_with(encoding.suffix());
            !Encoding::ALL.iter().any(is_variant)
        });
        let theirs = read_folder(theirs.path());
        assert!(ours.keys().eq(theirs.keys()));
        for (name, (content, _)) in &ours {
            if name != Manifest::FILE_NAME {
                assert_eq!(*content, theirs[name].0, "{name}");
            }
        }
    }
}
