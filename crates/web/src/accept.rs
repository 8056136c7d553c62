//! The `Accept` header (RFC 9110, section 12.5.1), and the weights of entries in such headers
//! (12.4.2).

use http::HeaderMap;
use http::header::ACCEPT;

/// Whether `Accept` gives JSON a greater weight than HTML. `*/*`, which every client sends, counts
/// for neither.
pub(crate) fn prefers_json(headers: &HeaderMap) -> bool {
    let weight = |names: [&str; 2]| names.map(|name| weight_of(headers, name)).into_iter().max();
    let json = weight(["application/json", "application/problem+json"]);
    json > weight(["text/html", "application/xhtml+xml"])
}

/// The weight of a media type in `Accept`, in thousandths; 0 if it is not named.
pub fn weight_of(headers: &HeaderMap, media_type: &str) -> u16 {
    let lines = headers.get_all(ACCEPT).iter();
    let ranges = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(parse_weighted);
    let weights = ranges.filter_map(|(range, weight)| (range == media_type).then_some(weight));
    weights.max().unwrap_or(0)
}

/// Parses an entry such as `fr;q=0.5` into its name in lower case and its weight in thousandths.
/// `None` if the weight is not a number from 0 to 1.
pub(crate) fn parse_weighted(entry: &str) -> Option<(String, u16)> {
    let mut parts = entry.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let weight = parts.find_map(|part| {
        let (parameter, value) = part.split_once('=')?;
        parameter.eq_ignore_ascii_case("q").then_some(value)
    });
    let Some(weight) = weight else {
        return Some((name, 1000));
    };
    let weight: f32 = weight.parse().ok()?;
    // In range, hence whole and small.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 1000"
    )]
    (0.0..=1.0)
        .contains(&weight)
        .then_some((name, (weight * 1000.0) as u16))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(accept: &[&str], expected: &str) {
        let lines = accept.iter().map(|line| (ACCEPT, line.parse().unwrap()));
        let headers: HeaderMap = lines.collect();
        let found = if prefers_json(&headers) {
            "json"
        } else {
            "page"
        };
        assert_eq!(found, expected, "{accept:?}");
    }

    #[test]
    fn json_is_for_those_who_name_it() {
        check(&[], "page");
        check(&["*/*"], "page");
        check(&["text/html,application/xhtml+xml,*/*;q=0.8"], "page");
        check(&["application/json"], "json");
        check(&["application/problem+json"], "json");
        check(&["Application/JSON ; Q=0.5, */*"], "json");
        check(&["application/json, text/plain, */*"], "json");
        check(&["application/json, text/html"], "page");
        check(&["application/json, text/html;q=0.9"], "json");
        check(&["text/html;q=0.9", "application/json"], "json");
        check(&["application/json;q=0"], "page");
        check(&["application/json;q=x", "application/json;q=2"], "page");
    }

    proptest! {
        #[test]
        fn nothing_panics(line in "[ -~]*") {
            let headers: HeaderMap = [(ACCEPT, line.parse().unwrap())].into_iter().collect();
            prefers_json(&headers);
        }
    }
}
