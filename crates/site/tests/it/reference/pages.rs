//! The pages, as Markdown.

use site::checks;
use site::cli;
use site::release::Build;
use site::settings::variables::{self, Variable};

use super::found::Found;
use super::words::Words;

/// Each page by its name.
pub(super) fn all(found: &Found, words: &Words) -> [(&'static str, String); 6] {
    [
        ("commands", commands(words)),
        ("settings", settings(words)),
        ("addresses", addresses(found, words)),
        ("metrics", metrics(found, words)),
        ("log", log(found, words)),
        ("checks", checks(words)),
    ]
}

fn commands(words: &Words) -> String {
    let mut program = cli::command(Build::default());
    program.build();
    let mut text = head("commands", words);
    add_command(&mut text, &mut program);
    text
}

/// A command's help under its name, then its sub-commands, each a level below.
fn add_command(text: &mut String, command: &mut clap::Command) {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let level = "#".repeat(name.split(' ').count() + 1);
    let name = name.to_owned();
    let help = command.render_long_help().to_string();
    let lines: Vec<_> = help.lines().map(str::trim_end).collect();
    let help = lines.join("\n");
    *text += &format!("\n{level} {name}\n\n```text\n{}\n```\n", help.trim_end());
    for command in command.get_subcommands_mut() {
        if command.get_name() != "help" && !command.is_hide_set() {
            add_command(text, command);
        }
    }
}

/// A table below the heading of each group.
fn settings(words: &Words) -> String {
    let mut text = head("settings", words);
    for group in variables::GROUPS {
        let title = words.or("settings groups", group.title, group.title);
        text += &format!("\n## {title}\n");
        text += &table(
            "settings",
            words,
            group.variables.iter().map(|it| setting(it, words)),
        );
    }
    text
}

fn setting(variable: &Variable, words: &Words) -> [String; 3] {
    let default = match variable.default {
        "" => words.of("settings page", "empty").to_owned(),
        default if default.contains(' ') => words.or("defaults", default, default).to_owned(),
        default => format!("`{default}`"),
    };
    let meaning = words.or("settings", variable.name, variable.meaning);
    [format!("`{}`", variable.name), meaning.to_owned(), default]
}

fn addresses(found: &Found, words: &Words) -> String {
    let rows = found.routes.iter().map(|(pattern, methods)| {
        let methods = methods.as_deref();
        let methods = methods.unwrap_or_else(|| words.of("addresses page", "any method"));
        let meaning = words.of("addresses", pattern);
        [
            format!("`{pattern}`"),
            methods.to_owned(),
            meaning.to_owned(),
        ]
    });
    head("addresses", words) + &table("addresses", words, rows)
}

fn metrics(found: &Found, words: &Words) -> String {
    let rows = found.metrics.iter().map(|metric| {
        let labels = metric.labels.iter().map(|label| format!("`{label}`"));
        [
            format!("`{}`", metric.name),
            metric.kind.clone(),
            labels.collect::<Vec<_>>().join(", "),
            words.or("metrics", &metric.name, &metric.help).to_owned(),
        ]
    });
    head("metrics", words) + &table("metrics", words, rows)
}

fn log(found: &Found, words: &Words) -> String {
    let rows = found
        .log_fields
        .iter()
        .map(|field| [format!("`{field}`"), words.of("log", field).to_owned()]);
    head("log", words) + &table("log", words, rows)
}

fn checks(words: &Words) -> String {
    let rows = checks::ALL.iter().flat_map(|check| {
        let when = if check.deploy_only {
            "deploy"
        } else {
            "always"
        };
        check.ids.iter().map(move |id| {
            let tag = clap::ValueEnum::to_possible_value(&check.tag).unwrap();
            [
                format!("`{id}`"),
                words.of("checks page", level(id)).to_owned(),
                format!("`{}`", tag.get_name()),
                words.of("checks page", when).to_owned(),
                words.of("checks", id).to_owned(),
            ]
        })
    });
    head("checks", words) + &table("checks", words, rows)
}

/// The level that an id tells by its letter, as Django's do.
fn level(id: &str) -> &'static str {
    match id
        .split_once('.')
        .and_then(|(_, number)| number.chars().next())
    {
        Some('E') => "error",
        Some('W') => "warning",
        Some('I') => "info",
        _ => panic!("{id} tells no level"),
    }
}

/// The page's title and what comes before its contents.
fn head(page: &str, words: &Words) -> String {
    let page = format!("{page} page");
    let (title, intro) = (words.of(&page, "title"), words.of(&page, "intro"));
    format!(
        "<!-- Made from the code by `cargo xtask bless`. -->\n\n# {title}\n\n{}\n",
        intro.trim_end()
    )
}

fn table<const COLUMNS: usize>(
    page: &str,
    words: &Words,
    rows: impl Iterator<Item = [String; COLUMNS]>,
) -> String {
    let columns = words.of(&format!("{page} page"), "columns");
    let mut text = format!("\n| {columns} |\n{}|\n", "|---".repeat(COLUMNS));
    for row in rows {
        // A bar would begin the next cell.
        let cells = row.map(|cell| cell.replace('|', "\\|"));
        text += &format!("| {} |\n", cells.join(" | ").replace("|  |", "| |"));
    }
    text
}
