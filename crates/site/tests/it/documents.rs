//! The documents that are made from the code.

use std::fs;
use std::path::{Path, PathBuf};

use site::settings::document::{env_example, readme_table};

const START: &str = "<!-- settings -->\n";
const END: &str = "<!-- /settings -->";

/// With `BLESS=1` writes them anew.
#[test]
fn settings_are_documented() {
    let readme = read("README.md");
    let (before, rest) = readme.split_once(START).expect("the README has the mark");
    let (_, after) = rest.split_once(END).expect("the README has the end mark");
    let readme = format!("{before}{START}{}{END}{after}", readme_table());
    check(".env.example", &env_example());
    check("README.md", &readme);
}

/// What Docker's `--env-file` and dotenv read alike.
#[test]
fn the_example_holds_bare_assignments_and_comments() {
    for line in env_example().lines() {
        let line = line.strip_prefix('#').unwrap_or(line);
        let is_comment = line.is_empty() || line.starts_with(' ');
        let is_bare = line.split_once('=').is_some_and(|(name, value)| {
            name.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                && !value.contains(['"', '\'', '#', ' '])
        });
        assert!(is_comment || is_bare, "{line}");
    }
}

fn check(name: &str, expected: &str) {
    if crate::support::variable("BLESS").is_some() {
        fs::write(path(name), expected).unwrap();
    }
    assert_eq!(
        read(name),
        expected,
        "{name} is behind the code: run `cargo xtask bless`"
    );
}

fn read(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_default()
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(name)
}
