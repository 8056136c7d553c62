//! What the code does not say, in one language: by page, then by name.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The words of one language.
pub(super) struct Words {
    pages: BTreeMap<String, BTreeMap<String, String>>,
    /// What the pages have asked for.
    asked: RefCell<BTreeSet<(String, String)>>,
}

impl Words {
    pub(super) fn read(language: &str) -> Self {
        let path = format!(
            "{}/tests/it/reference/{language}.yaml",
            env!("CARGO_MANIFEST_DIR")
        );
        let text = std::fs::read_to_string(path).unwrap();
        Self {
            pages: serde_saphyr::from_str(&text).unwrap(),
            asked: RefCell::default(),
        }
    }

    /// What is said about a name on a page; empty, and a fault, where nothing is.
    pub(super) fn of(&self, page: &str, name: &str) -> &str {
        let asked = (page.to_owned(), name.to_owned());
        self.asked.borrow_mut().insert(asked);
        self.find(page, name).unwrap_or_default()
    }

    /// The same where it may be that nothing is said, since the code's own words are English.
    pub(super) fn or<'a>(&'a self, page: &str, name: &str, english: &'a str) -> &'a str {
        if self.pages.contains_key(page) {
            self.of(page, name)
        } else {
            english
        }
    }

    fn find(&self, page: &str, name: &str) -> Option<&str> {
        self.pages.get(page)?.get(name).map(|text| text.trim_end())
    }

    /// What was asked for and is not said, and what is said and was not asked for.
    pub(super) fn faults(&self) -> impl Iterator<Item = String> {
        let asked = self.asked.borrow();
        let missing = asked
            .iter()
            .filter(|(page, name)| self.find(page, name).is_none_or(str::is_empty))
            .map(|(page, name)| format!("{page} does not say `{name}`"));
        let names = |(page, names): (&String, &BTreeMap<String, String>)| {
            let pairs = names.keys().map(|name| (page.clone(), name.clone()));
            pairs.collect::<Vec<_>>()
        };
        let unused = self
            .pages
            .iter()
            .flat_map(names)
            .filter(|pair| !asked.contains(pair))
            .map(|(page, name)| format!("{page} says `{name}`, which is nowhere"));
        missing.chain(unused).collect::<Vec<_>>().into_iter()
    }
}
