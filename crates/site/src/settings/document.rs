//! The documentation of the variables, made from their list.

use super::variables::{self, Variable};

/// The text of `.env.example`: bare `KEY=value` lines and comment lines of their own, since
/// Docker's `--env-file` knows nothing else. What has a default worth keeping is commented out.
pub fn env_example() -> String {
    let mut text =
        "# Settings of OC Lettings. `make env` copies this file to `.env`, with a key of its own.\n\
                    # The environment of the process wins over this file. No quotes, no comments\n\
                    # behind values: Docker's --env-file would take them for a part of the value.\n"
            .to_owned();
    for variable in variables::ALL {
        let Variable {
            name,
            meaning,
            default,
            example,
        } = variable;
        let default = match *default {
            "" => "empty".to_owned(),
            default => default.to_owned(),
        };
        let mark = if REQUIRED.contains(name) { "" } else { "#" };
        text += &format!("\n# {meaning}\n# Default: {default}\n{mark}{name}={example}\n");
    }
    text
}

/// What every production site has to set.
const REQUIRED: [&str; 3] = ["DEBUG", "SECRET_KEY", "ALLOWED_HOSTS"];

/// The table of the README.
pub fn readme_table() -> String {
    let mut text = "| variable | meaning | default |\n|---|---|---|\n".to_owned();
    for Variable {
        name,
        meaning,
        default,
        ..
    } in variables::ALL
    {
        let default = match *default {
            "" => "empty".to_owned(),
            default if default.contains(' ') => default.to_owned(),
            default => format!("`{default}`"),
        };
        text += &format!("| `{name}` | {meaning} | {default} |\n");
    }
    text
}
