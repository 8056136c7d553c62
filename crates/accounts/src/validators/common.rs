//! Recognises common passwords by how people make them, not by a list of thousands: a well-known word
//! with digits and signs, a run along the keyboard or the alphabet, a repetition.

/// How many digits and signs behind a word dress it up without hiding it: `sunshine2024!`.
const MAX_DRESS: usize = 5;

pub(super) fn is_common(password: &str) -> bool {
    let password = password.trim().to_lowercase();
    let plain = password.trim_end_matches(is_sign);
    is_repetition(&password) || is_run(&password) || is_run(plain) || is_dressed_word(&password)
}

/// One to four characters again and again: `aaaaaaaa`, `abcabcabc`.
fn is_repetition(password: &str) -> bool {
    let letters: Vec<_> = password.chars().collect();
    (1..=4).any(|length| {
        letters.len() >= 2 * length
            && letters.len() >= 4
            && letters.iter().zip(&letters[length..]).all(|(a, b)| a == b)
    })
}

/// Keys and letters that follow each other, to be read in both directions.
const ROWS: [&str; 12] = [
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn,;:!",
    "qwertzuiop",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p",
    "qazwsxedcrfvtgbyhnujmikolp",
];

/// At most three pieces, each of three characters or more in a row: `qwerty123`, `abcd4321`.
fn is_run(password: &str) -> bool {
    const MIN_PIECE: usize = 3;
    const MAX_PIECES: usize = 3;
    let mut rest = password;
    for _ in 0..MAX_PIECES {
        let length = longest_piece(rest);
        if length < MIN_PIECE {
            return false;
        }
        let end = rest
            .char_indices()
            .nth(length)
            .map_or(rest.len(), |(end, _)| end);
        rest = &rest[end..];
        if rest.is_empty() {
            return true;
        }
    }
    false
}

/// How many characters at the beginning are a run along one of the rows, or all the same.
fn longest_piece(text: &str) -> usize {
    let letters: Vec<_> = text.chars().collect();
    let along = ROWS.iter().flat_map(|row| {
        let row: Vec<_> = row.chars().collect();
        let back: Vec<_> = row.iter().rev().copied().collect();
        [row, back]
    });
    let along = along.flat_map(|row| {
        let starts: Vec<_> = (0..row.len())
            .filter(|start| row.get(*start) == letters.first())
            .collect();
        let lengths = starts
            .into_iter()
            .map(|start| common_length(&row[start..], &letters));
        lengths.collect::<Vec<_>>()
    });
    let same = letters
        .iter()
        .take_while(|letter| Some(*letter) == letters.first())
        .count();
    along.max().unwrap_or(0).max(same)
}

fn common_length(left: &[char], right: &[char]) -> usize {
    left.iter().zip(right).take_while(|(a, b)| a == b).count()
}

/// A well-known word, also with digits in the place of letters, and up to [`MAX_DRESS`] digits
/// and signs behind it.
fn is_dressed_word(password: &str) -> bool {
    let length = password.chars().count();
    let bare = password.trim_end_matches(|c: char| c.is_ascii_digit() || is_sign(c));
    let dress = length - bare.chars().count();
    // Behind all of it, behind none of it, and whatever is between, since a digit at the end may
    // stand for a letter: `passw0rd`, `pa55`.
    let ends = (0..=dress.min(MAX_DRESS)).filter_map(|cut| {
        let end = password.char_indices().nth(length - cut);
        Some(&password[..end.map_or(password.len(), |(end, _)| end)])
            .filter(|word| !word.is_empty())
    });
    let is_word = |word: &str| WORDS.split_whitespace().any(|common| common == word);
    ends.into_iter()
        .any(|word| is_word(word) || ['i', 'l'].iter().any(|one| is_word(&undressed(word, *one))))
}

/// The letters for which people write digits and signs; a one may stand for two of them.
fn undressed(word: &str, one: char) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' => one,
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c,
    };
    word.chars().map(letter).collect()
}

fn is_sign(character: char) -> bool {
    character.is_ascii_punctuation()
}

/// Words that people choose: what the thing is, whom they love, what they like, and the names of
/// sports, animals, cars, heroes, months and children. In any order.
const WORDS: &str = include_str!("common.txt");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_and_there_is_none_twice() {
        let words: Vec<_> = WORDS.split_whitespace().collect();
        assert!(words.len() > 500);
        for (number, word) in words.iter().enumerate() {
            assert!(is_common(word), "{word}");
            assert!(!words[..number].contains(word), "{word} is there twice");
        }
    }

    #[test]
    fn what_people_make_of_them_is_found() {
        for password in [
            "password",
            "Password1",
            "P@ssw0rd!",
            "passw0rd2024",
            "PASSWORD123!",
            "letmein1",
            "iloveyou2",
            "adm1n123",
            "12345678",
            "87654321",
            "1234567890",
            "qwertyuiop",
            "qwerty123",
            "QWERTY123!",
            "azerty123",
            "1q2w3e4r",
            "1qaz2wsx",
            "zaq12wsx",
            "abcd1234",
            "abc123456",
            "asdfghjkl",
            "aaaaaaaa",
            "abababab",
            "abcabcabc",
            "11111111",
            "00000000",
            "qazwsxedc",
            "monkey12",
            "dragon!!",
            " sunshine ",
        ] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn what_is_not_made_that_way_is_not() {
        for password in [
            "",
            "a",
            "correct horse",
            "fK3-pW9x",
            "tulip-anchor-9",
            "passwordless-garden",
            "My2dogsBark",
            "drago7nfly",
            "qwe-rty-uiop",
            "abd135xz",
            "éàüöêîôû",
            "日本語の合言葉",
        ] {
            assert!(!is_common(password), "{password}");
        }
    }
}
