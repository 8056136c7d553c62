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
    for group in variables::GROUPS {
        text += &format!("\n# {:-<98}\n", format!("-- {} ", group.title));
        for variable in group.variables {
            text += &example(variable);
        }
    }
    text
}

fn example(variable: &Variable) -> String {
    let Variable {
        name,
        meaning,
        default,
        example,
    } = variable;
    let default = if default.is_empty() { "empty" } else { default };
    let mark = if REQUIRED.contains(name) { "" } else { "#" };
    format!("\n# {meaning}\n# Default: {default}\n{mark}{name}={example}\n")
}

/// What every production site has to set.
const REQUIRED: [&str; 3] = ["DEBUG", "SECRET_KEY", "ALLOWED_HOSTS"];
