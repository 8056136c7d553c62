//! What the words of a visitor mean: which words of the index are looked for.

use db::Database;
use db::schema::WordIndex;
use db::words::{Clause, Term, any_document, candidates};
use sea_orm::DbErr;

use super::hit::Forgiven;
use crate::words::looked_for;

/// Shorter words are found whole where there are such, and else as beginnings: `CA` is a state above all.
const WHOLE_LETTERS: usize = 2;
/// A misspelling is forgiven in words of so many letters and more.
const FORGIVEN_LETTERS: usize = 5;
/// The most words that are taken in the place of one.
const MOST_TAKEN: usize = 5;

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// One for each word.
    pub(super) clauses: Vec<Clause>,
    /// The words that nothing has, and what was taken in their place.
    pub(super) forgiven: Vec<Forgiven>,
}

/// What a text looks for in these parts of an index; `None` if there is no word in it.
pub(super) async fn wanted(
    db: &Database,
    index: WordIndex,
    parts: &'static [usize],
    text: &str,
) -> Result<Option<Wanted>, DbErr> {
    let mut wanted = Wanted::default();
    for word in looked_for(text) {
        let length = word.chars().count();
        let clause = |words: Vec<String>, is_beginning: bool| Clause {
            terms: words
                .into_iter()
                .map(|word| Term { word, is_beginning })
                .collect(),
            parts,
        };
        let beginning = clause(vec![word.clone()], true);
        if length <= WHOLE_LETTERS {
            let whole = clause(vec![word], false);
            let is_found = is_found(db, index, &whole).await?;
            wanted
                .clauses
                .push(if is_found { whole } else { beginning });
            continue;
        }
        if length < FORGIVEN_LETTERS || is_found(db, index, &beginning).await? {
            wanted.clauses.push(beginning);
            continue;
        }
        let mut taken = Vec::new();
        for candidate in candidates(db, index, &word).await? {
            let known = clause(vec![candidate.clone()], false);
            if taken.len() < MOST_TAKEN && is_found(db, index, &known).await? {
                taken.push(candidate);
            }
        }
        if taken.is_empty() {
            wanted.clauses.push(beginning);
        } else {
            wanted.clauses.push(clause(taken.clone(), true));
            wanted.forgiven.push(Forgiven { word, taken });
        }
    }
    Ok((!wanted.clauses.is_empty()).then_some(wanted))
}

/// Whether any document has something of the clause.
async fn is_found(db: &Database, index: WordIndex, clause: &Clause) -> Result<bool, DbErr> {
    Ok(any_document(db, index, clause).await?.is_some())
}
