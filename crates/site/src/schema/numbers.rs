//! Numbers as tokens of an index of words, so that the index narrows by them as it does by words: it would else find
//! all that has the words, of which few may have the number.

use std::ops::RangeInclusive;

use db::words::{Clause, Term};

/// Ranges of amounts are halved so often.
const HALVINGS: u32 = 10;
/// The steps from an amount to its double, as a power of two.
const STEPS: u32 = 4;

/// The tokens of a number: one for each within the limits that is not larger.
pub(super) fn up_to(
    name: &str,
    limits: RangeInclusive<i64>,
    number: &str,
) -> impl Iterator<Item = String> {
    let number: Option<i64> = number.parse().ok();
    let numbers = limits.take_while(move |known| Some(*known) <= number);
    numbers.map(move |known| token(name, known))
}

/// The token of what has a number that is not smaller.
pub fn at_least(name: &str, number: i64, parts: &'static [usize]) -> Clause {
    Clause::token(token(name, number), parts)
}

fn token(name: &str, number: i64) -> String {
    format!("{name}{number}")
}

/// The tokens of an amount: its step, and each range of steps in which it lies.
pub(super) fn of_amount(name: &str, amount: &str) -> Vec<String> {
    let Ok(amount) = amount.parse() else {
        return Vec::new();
    };
    let step = step(amount);
    let ranges = (0..=HALVINGS).map(|size| range_token(name, size, step >> size));
    ranges.collect()
}

/// What an amount within these limits has, if there are any. Amounts that are a little beyond them may have it, too.
pub fn within(name: &str, limits: [Option<i64>; 2], parts: &'static [usize]) -> Option<Clause> {
    let [least, most] = limits;
    least.or(most)?;
    let mut first = step(least.unwrap_or(0));
    let mut end = step(most.unwrap_or(i64::MAX)) + 1;
    let mut terms = Vec::new();
    // The fewest ranges that make up the steps from the first to the one before the end.
    for size in 0..=HALVINGS {
        if first >= end {
            break;
        }
        let mut add = |range: u32| {
            terms.push(Term {
                word: range_token(name, size, range),
                is_beginning: false,
            });
        };
        if first % 2 == 1 {
            add(first);
            first += 1;
        }
        if first < end && end % 2 == 1 {
            end -= 1;
            add(end);
        }
        first /= 2;
        end /= 2;
    }
    // With a highest amount below the lowest there is nothing to look for.
    Some(Clause { terms, parts }).filter(|clause| !clause.terms.is_empty())
}

fn range_token(name: &str, size: u32, range: u32) -> String {
    format!("{name}{size}x{range}")
}

/// The step of an amount: a larger one has none that is lower, and sixteen steps lie between it and its double.
fn step(amount: i64) -> u32 {
    let amount = amount.max(1).unsigned_abs();
    let doublings = amount.ilog2();
    let beyond = (u128::from(amount) << STEPS >> doublings) & ((1 << STEPS) - 1);
    (doublings << STEPS) + u32::try_from(beyond).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AMOUNTS: [i64; 14] = [
        0,
        1,
        2,
        3,
        15,
        16,
        17,
        99,
        100,
        5_000,
        12_345,
        999_999,
        1 << 40,
        i64::MAX,
    ];

    #[test]
    fn a_home_has_the_tokens_of_all_numbers_up_to_its_own() {
        let tokens = |number| up_to("guests", 1..=5, number).collect::<Vec<_>>();
        assert_eq!(tokens("3"), ["guests1", "guests2", "guests3"]);
        assert_eq!(tokens("70").len(), 5);
        assert_eq!(tokens("0"), [""; 0]);
        assert_eq!(tokens(""), [""; 0]);
    }

    #[test]
    fn whatever_lies_within_limits_is_found_and_what_lies_far_beyond_them_is_not() {
        for least in AMOUNTS {
            for most in AMOUNTS.into_iter().filter(|most| *most >= least) {
                for limits in [
                    [Some(least), Some(most)],
                    [Some(least), None],
                    [None, Some(most)],
                ] {
                    let clause = within("price", limits, &[3]).unwrap();
                    assert!(clause.terms.len() <= 20, "{limits:?}");
                    for amount in AMOUNTS {
                        let tokens = of_amount("price", &amount.to_string());
                        let found = clause
                            .terms
                            .iter()
                            .filter(|term| tokens.contains(&term.word));
                        let [least, most] = [limits[0].unwrap_or(0), limits[1].unwrap_or(i64::MAX)];
                        let is_within = (least..=most).contains(&amount);
                        let is_far = amount < least - least / 15 - 1
                            || amount > most.saturating_add(most / 15 + 1);
                        match found.count() {
                            0 => assert!(!is_within, "{limits:?} {amount}"),
                            // The ranges do not overlap.
                            1 => assert!(!is_far, "{limits:?} {amount}"),
                            several => panic!("{limits:?} {amount}: {several}"),
                        }
                    }
                }
            }
        }
        assert_eq!(within("price", [None, None], &[3]), None);
        assert_eq!(of_amount("price", ""), [""; 0]);
    }
}
