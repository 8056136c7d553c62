//! `.env` as python-dotenv reads it, which the site before used.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value;
use site::settings::{Environment, variables};

use super::{DJANGO_5_2, command};

const FILES: usize = 5_000;

/// What the files are made of, and what is looked at.
const NAMES: [&str; 3] = ["METRICS_TOKEN", "STATIC_ROOT", "SENTRY_RELEASE"];
const PARTS: [&str; 30] = [
    "METRICS_TOKEN",
    "STATIC_ROOT=",
    "=",
    "export ",
    "export",
    " ",
    "  ",
    "\t",
    "#",
    " #",
    "'",
    "\"",
    "\\",
    "\\'",
    "\\\"",
    "\\\\",
    "\\n",
    "\\t",
    "\\q",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "a",
    "b c",
    "é",
    "${STATIC_ROOT}",
    "\u{a0}",
    "\u{85}",
    "\u{1c}",
];

/// Prints, for each file of a folder in order, whether it has a line that is no assignment, and what
/// it assigns.
const SCRIPT: &str = r#"
import json, sys
from dotenv.main import DotEnv
from dotenv.parser import parse_stream
for number in range(int(sys.argv[2])):
    path = f"{sys.argv[1]}/{number}"
    with open(path, encoding="utf-8") as stream:
        wrong = any(b.error or (b.key is not None and b.value is None) for b in parse_stream(stream))
    values = DotEnv(path, encoding="utf-8", interpolate=False).dict()
    print(json.dumps([wrong, {name: value for name, value in values.items() if value}]))
"#;

fn made_up(random: &mut StdRng) -> String {
    let mut text = String::new();
    for _ in 0..random.random_range(1..4) {
        if random.random_bool(0.8) {
            let name = NAMES.choose(random).unwrap();
            let between = ["=", " = ", "=\t", " =", "=\u{a0}"].choose(random).unwrap();
            write!(text, "{name}{between}").unwrap();
        }
        for _ in 0..random.random_range(0..6) {
            text.push_str(PARTS.choose(random).unwrap());
        }
        text.push('\n');
    }
    text
}

/// But for what the documentation lists: a line that is no assignment is an error, and nothing is
/// expanded.
#[test]
fn files_are_read_as_python_dotenv_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut random = StdRng::seed_from_u64(19);
    let files: Vec<_> = (0..FILES).map(|_| made_up(&mut random)).collect();
    for (number, text) in files.iter().enumerate() {
        std::fs::write(folder.path().join(number.to_string()), text).unwrap();
    }
    let output = command(DJANGO_5_2.python())
        .args(["-c", SCRIPT])
        .arg(folder.path())
        .arg(FILES.to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let mut right = 0;
    for (text, line) in files.iter().zip(lines.lines()) {
        let (is_wrong, values): (bool, BTreeMap<String, Value>) =
            serde_json::from_str(line).unwrap();
        let environment = Environment::new([], Some(text));
        let ours = variables::ALL.iter().filter_map(|variable| {
            let value = environment.get(*variable)?;
            Some((variable.name.to_owned(), Value::from(value)))
        });
        let ours: BTreeMap<_, _> = ours.collect();
        assert_eq!(environment.has_problems(), is_wrong, "{text:?}: {values:?}");
        if !is_wrong {
            right += 1;
            let known = |name: &String| NAMES.contains(&name.as_str());
            let values: BTreeMap<_, _> =
                values.into_iter().filter(|(name, _)| known(name)).collect();
            assert_eq!(ours, values, "{text:?}");
        }
    }
    assert!(
        right > FILES / 4,
        "only {right} files hold assignments alone"
    );
}
