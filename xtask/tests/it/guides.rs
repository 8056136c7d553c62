//! The guides in two languages: the same commands in the same order. That each command works is
//! the rehearsal's business, which runs them.

use crate::tree::root;

#[test]
fn the_guides_give_the_same_commands() {
    for guides in [
        ["docs/deployment.md", "docs/deploiement.md"],
        ["docs/several-instances.md", "docs/plusieurs-instances.md"],
    ] {
        let [english, french] = guides.map(|path| {
            let text = std::fs::read_to_string(root().join(path)).expect("the guide can be read");
            commands(&text)
        });
        assert!(!english.is_empty());
        assert_eq!(english, french);
    }
}

#[test]
fn commands_are_found_in_blocks_only() {
    let text =
        "$ not this\n```console\n$ make run\nsaid\n```\n   ```console\n   $ make stop\n   ```\n";
    assert_eq!(commands(text), ["make run", "make stop"]);
}

/// Lines after a prompt in the blocks of a terminal.
fn commands(text: &str) -> Vec<String> {
    let mut is_in_block = false;
    let mut commands = Vec::new();
    for line in text.lines().map(str::trim_start) {
        if let Some(kind) = line.strip_prefix("```") {
            is_in_block = kind == "console";
        } else if is_in_block && let Some(command) = line.strip_prefix("$ ") {
            commands.push(command.to_owned());
        }
    }
    commands
}
