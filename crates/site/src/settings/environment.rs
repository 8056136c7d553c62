//! Where values come from: the process first, then `.env`. Collects problems and warnings.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use super::dotenv;
use super::log::Log;
use super::variables::{self, Variable};

/// The values of the variables that are set, and what was noticed on the way.
#[derive(Debug, Default)]
pub struct Environment {
    values: BTreeMap<&'static str, String>,
    problems: Vec<SettingProblem>,
    warnings: Vec<String>,
    /// For variables that are not set: one that is set and has nearly their name.
    similar_names: BTreeMap<&'static str, String>,
}

/// A variable whose value cannot be used. Never shows the value, which may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingProblem {
    /// The variable, or the file.
    pub name: &'static str,
    /// What is wrong, to be read after the name.
    pub what: String,
}

/// Every problem at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SettingProblems {
    /// The problems, in the order in which they were found.
    pub list: Vec<SettingProblem>,
    /// The settings of the log, to tell the problems by.
    pub log: Log,
}

impl fmt::Display for SettingProblems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the configuration cannot be used:")?;
        for SettingProblem { name, what } in &self.list {
            write!(formatter, "\n  - {name} {what}")?;
        }
        Ok(())
    }
}

impl Environment {
    /// Reads the variables of this process, then the file where there is one.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn of_process(dotenv: &Path) -> Self {
        let text = match std::fs::read(dotenv) {
            Ok(bytes) => dotenv::decode(&bytes).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("cannot be read: {error}")),
        };
        let file = text.as_ref().map_or(None, Option::as_deref);
        let mut environment = Self::new(std::env::vars_os(), file);
        if let Err(what) = text {
            environment.problem(".env", what);
        }
        environment
    }

    /// From a process's variables and the text of a `.env` file. An empty value of the process
    /// counts as not set, and still hides the value of the file.
    pub fn new(
        process: impl IntoIterator<Item = (OsString, OsString)>,
        dotenv: Option<&str>,
    ) -> Self {
        let mut environment = Self::default();
        match dotenv::parse(dotenv.unwrap_or_default()) {
            Ok(assignments) => {
                for (name, value) in assignments {
                    if let Some(variable) = find(&name) {
                        environment.values.insert(variable.name, value);
                    } else if !value.is_empty() {
                        environment.note_similar_name(&name);
                    }
                }
            }
            Err(errors) => {
                for error in errors {
                    environment.problem(".env", format!("is not a dotenv file: {error}"));
                }
            }
        }
        for (name, value) in process {
            let Some(name) = name.to_str() else { continue };
            let Some(variable) = find(name) else {
                if !value.is_empty() {
                    environment.note_similar_name(name);
                }
                continue;
            };
            match value.into_string() {
                Ok(value) => {
                    let value = environment.without_quotes(variable, value);
                    environment.values.insert(variable.name, value);
                }
                Err(_) => environment.problem(variable.name, "is not UTF-8 text".to_owned()),
            }
        }
        // Only now: an empty value of the process has taken the place of the file's.
        environment.values.retain(|_, value| !value.is_empty());
        let values = &environment.values;
        environment
            .similar_names
            .retain(|name, _| !values.contains_key(name));
        environment
    }

    /// Remembers a variable whose name somebody may take for one of ours, such as
    /// `DJANGO_SECRET_KEY`.
    fn note_similar_name(&mut self, name: &str) {
        if let Some(variable) = name.strip_prefix("DJANGO_").and_then(find) {
            self.similar_names.insert(variable.name, name.to_owned());
        }
    }

    /// The value of a variable that is set.
    pub fn get(&self, variable: Variable) -> Option<&str> {
        self.values.get(variable.name).map(String::as_str)
    }

    /// The value read by a grammar, or the default. A value that does not fit is a problem. The
    /// default stands in for it, so that the problems of other variables are found as well.
    pub fn read<T, E: fmt::Display>(
        &mut self,
        variable: Variable,
        default: T,
        grammar: impl FnOnce(&str) -> Result<T, E>,
    ) -> T {
        let Some(value) = self.get(variable) else {
            return default;
        };
        match grammar(value) {
            Ok(value) => value,
            Err(error) => {
                self.problem(variable.name, error.to_string());
                default
            }
        }
    }

    /// Notes that a variable has to be set, unless it is set and was refused already.
    pub fn require(&mut self, variable: Variable, what: &str) {
        if self
            .problems
            .iter()
            .all(|problem| problem.name != variable.name)
        {
            let hint = self.similar_names.remove(variable.name);
            let hint = hint.map(|namesake| format!(": {namesake} is set, which is not read"));
            self.problem(variable.name, format!("{what}{}", hint.unwrap_or_default()));
        }
    }

    /// Notes a problem.
    pub fn problem(&mut self, name: &'static str, what: String) {
        self.problems.push(SettingProblem { name, what });
    }

    /// Whether anything that was read cannot be used.
    pub fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Notes a warning.
    pub fn warn(&mut self, text: String) {
        self.warnings.push(text);
    }

    /// The warnings. Fails with the problems, if there are any.
    pub fn finish(mut self, log: Log) -> Result<Vec<String>, SettingProblems> {
        for (name, namesake) in std::mem::take(&mut self.similar_names) {
            self.warn(format!(
                "{namesake} is set, which is not read: the name is {name}"
            ));
        }
        if self.problems.is_empty() {
            Ok(self.warnings)
        } else {
            Err(SettingProblems {
                list: self.problems,
                log,
            })
        }
    }

    /// Takes off quotes around a value, with a warning. Docker's `--env-file` makes them a part of
    /// the value, and nobody means that.
    fn without_quotes(&mut self, variable: Variable, value: String) -> String {
        let inner = ['"', '\''].iter().find_map(|quote| {
            let inner = value.strip_prefix(*quote)?.strip_suffix(*quote)?;
            Some(inner.to_owned())
        });
        match inner {
            Some(inner) => {
                self.warn(format!(
                    "{} has quotes around its value in the environment; they were taken off",
                    variable.name
                ));
                inner
            }
            None => value,
        }
    }
}

fn find(name: &str) -> Option<Variable> {
    variables::ALL
        .iter()
        .copied()
        .find(|variable| variable.name == name)
}
