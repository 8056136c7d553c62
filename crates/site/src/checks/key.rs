//! How many random bits a secret key holds: an estimate. Words, runs and repetitions hold little,
//! however long they are; a key of random characters hardly ever falls short. Length alone says
//! little: 44 characters of base64 are 256 random bits, 50 times `a` are none.

use std::collections::HashSet;

/// The least that a key has to hold by this estimate, in bits. Keys of 256 random bits, as
/// `make env` and Render make them, leave room for all that the estimate takes off.
pub(super) const LEAST_BITS: f64 = 128.0;

/// The bits of a word in a phrase: it is one of the thousand that come to mind first.
const BITS_OF_WORD: f64 = 10.0;

/// The bits of a letter among many of one case: English without blanks has one or two.
const BITS_OF_LETTER: f64 = 2.0;

/// So many letters of one case side by side count as text without blanks. Base64 and the keys that
/// Django makes hardly ever hold so many.
const MIN_TEXT_LENGTH: usize = 8;

/// The estimate for a key.
///
/// A phrase holds the bits of its different words. In any other key a character holds the bits of a
/// choice among the key's different characters, at most [`BITS_OF_LETTER`] in a text without
/// blanks. It holds none if the characters before foretell it: if it goes on with a run (`aaa`,
/// `abc`, `321`), or if the three characters that end with it occurred before.
pub(super) fn bits(key: &str) -> f64 {
    if let Some(words) = words(key) {
        return BITS_OF_WORD * count(words.len());
    }
    let characters: Vec<char> = key.chars().collect();
    let different: HashSet<char> = characters.iter().copied().collect();
    let bits = count(different.len()).max(1.0).log2();
    let in_text = texts(&characters);
    let mut seen = HashSet::new();
    (0..characters.len())
        .map(|index| {
            let last = &characters[index.saturating_sub(2)..=index];
            let is_foretold = last.len() == 3 && (!seen.insert(last) || is_run(last));
            match (is_foretold, in_text[index]) {
                (true, _) => 0.0,
                (false, true) => bits.min(BITS_OF_LETTER),
                (false, false) => bits,
            }
        })
        .sum()
}

fn count(number: usize) -> f64 {
    u32::try_from(number).unwrap_or(u32::MAX).into()
}

/// The different words of a phrase; `None` if the key is none. A phrase is three or more words, of
/// three or more characters on average, with neither letters nor digits between them.
fn words(key: &str) -> Option<HashSet<&str>> {
    let parts = key.split(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    let is_phrase =
        words.len() >= 3 && letters >= 3 * words.len() && words.iter().all(|word| is_word(word));
    is_phrase.then(|| words.into_iter().collect())
}

/// A number, or letters of one case after the first: `horse`, `Horse`, `HORSE`.
fn is_word(text: &str) -> bool {
    let is_number = text.chars().all(|c| c.is_ascii_digit());
    let mut rest = text.chars().map(case);
    let first = rest.next().flatten();
    let mut rest = rest.peekable();
    let second = rest.peek().copied().unwrap_or(first);
    is_number || (first.is_some() && second.is_some() && rest.all(|case| case == second))
}

/// For each character, whether it is in a run of [`MIN_TEXT_LENGTH`] or more letters of one case.
fn texts(characters: &[char]) -> Vec<bool> {
    let same = |a: &char, b: &char| case(*a).is_some() && case(*a) == case(*b);
    let runs = characters.chunk_by(same);
    runs.flat_map(|run| vec![run.len() >= MIN_TEXT_LENGTH; run.len()])
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Lower,
    Upper,
}

fn case(character: char) -> Option<Case> {
    if character.is_lowercase() {
        Some(Case::Lower)
    } else {
        character.is_uppercase().then_some(Case::Upper)
    }
}

/// Whether three characters are the same, or each is the neighbour of the one before, in one
/// direction.
fn is_run(three: &[char]) -> bool {
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    let steps: Vec<i64> = three.windows(2).map(step).collect();
    steps[0] == steps[1] && steps[0].abs() <= 1
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng as _, SeedableRng as _};

    use super::*;

    fn is_strong(key: &str) -> bool {
        bits(key) >= LEAST_BITS
    }

    const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    /// The alphabet of Django's `get_random_secret_key`.
    const DJANGO: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)";

    #[test]
    fn a_key_of_random_characters_is_strong() {
        let mut chance = StdRng::seed_from_u64(17);
        let mut from = |alphabet: &[u8], length| -> String {
            let any = |_| char::from(alphabet[chance.random_range(0..alphabet.len())]);
            (0..length).map(any).collect()
        };
        for _ in 0..2_000 {
            let digits = from(b"0123456789", 64);
            let hexadecimal = from(b"0123456789abcdef", 64);
            let django = from(DJANGO, 50);
            // As Render's `generateValue` has it.
            let render = from(BASE64, 43) + "=";
            let without_padding = from(BASE64, 43);
            for key in [digits, hexadecimal, django, render, without_padding] {
                assert!(is_strong(&key), "{key}: {} bits", bits(&key));
            }
        }
    }

    #[test]
    fn what_people_type_is_weak_however_long() {
        for key in [
            "",
            "short",
            &"a".repeat(50),
            &"ab".repeat(50),
            &"abcde".repeat(20),
            &"change-me-".repeat(8),
            &"p@ssw0rd".repeat(8),
            &"5ebe2294ecd0e0f0".repeat(6),
            "change-me-to-a-long-random-string-before-you-deploy-this",
            "your-secret-key-here-please-change-it-before-deployment-1234",
            "Correct Horse Battery Staple",
            "correct-horse-battery-staple-correct-horse-battery-staple",
            "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG AND RUNS",
            "lorem ipsum dolor sit amet consectetur adipiscing elit",
            "thisisaverylongsecretkeythatnobodywilleverguessinalifetime",
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "qwertyuiopasdfghjklzxcvbnm1234567890QWERTYUIOPASDFGHJKLZXCVBNM",
            "12345678901234567890123456789012345678901234567890",
            "98765432109876543210987654321098765432109876543210",
            "oc-lettings-development-key-which-everybody-knows-0123456789",
        ] {
            assert!(!is_strong(key), "{key}: {} bits", bits(key));
        }
    }

    #[test]
    fn a_short_key_is_weak_however_random() {
        for key in ["h#9Kz!q2Lw", "9f86d081884c7d65", "q8J2xV0nT5rY7uW3"] {
            assert!(!is_strong(key), "{key}: {} bits", bits(key));
        }
    }

    #[test]
    fn a_phrase_of_many_words_is_strong() {
        let dice = "cleft cam synod lacy yr wok galley shrug umbra beam tang fable quirk mango";
        assert!(is_strong(dice), "{} bits", bits(dice));
    }
}
