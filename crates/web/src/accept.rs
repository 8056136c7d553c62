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
    let of_type = ranges.filter(|(range, _)| range.eq_ignore_ascii_case(media_type));
    of_type.map(|(_, weight)| weight).max().unwrap_or(0)
}

/// Parses an entry such as `fr;q=0.5` into its name and its weight in thousandths. `None` if the weight
/// is malformed.
pub(crate) fn parse_weighted(entry: &str) -> Option<(&str, u16)> {
    let mut parts = entry.split(';').map(str::trim);
    let name = parts.next()?;
    let weight = parts.find_map(|part| {
        let (parameter, value) = part.split_once('=')?;
        parameter.eq_ignore_ascii_case("q").then_some(value)
    });
    let weight = weight.map_or(Some(1000), parse_weight)?;
    Some((name, weight))
}

/// Parses a weight: `0` or `1`, then at most three digits, after `1` zeros only (RFC 9110, 12.4.2).
fn parse_weight(text: &str) -> Option<u16> {
    let (whole, digits) = text.split_once('.').unwrap_or((text, ""));
    let is_number = digits.len() <= 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number {
        return None;
    }
    let digit = |place| {
        digits
            .as_bytes()
            .get(place)
            .map_or(0, |digit| u16::from(digit - b'0'))
    };
    let thousandths = digit(0) * 100 + digit(1) * 10 + digit(2);
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
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
        check(&["application/json;q=0.5555, text/html;q=0.1"], "page");
        check(&["application/json;q=1.000, text/html;q=0.999"], "json");
        check(&["application/json;q=1.001"], "page");
    }

    proptest! {
        #[test]
        fn nothing_panics(line in "[ -~]*") {
            let headers: HeaderMap = [(ACCEPT, line.parse().unwrap())].into_iter().collect();
            prefers_json(&headers);
        }
    }
}
