//! Any request at all: the answer holds together whatever the headers are.

use http::header::{
    ACCEPT_ENCODING, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE,
    RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use proptest::prelude::*;
use staticfiles::serve::{Body, StaticFiles};

use super::{DATE, book, both};

const CONTENT: &[u8] = b"0123456789";
const FORMS: [(Option<&str>, &[u8]); 4] = [
    (None, CONTENT),
    (Some("br"), b"br-6.."),
    (Some("zstd"), b"zstd-7."),
    (Some("gzip"), b"gzip-8.."),
];

/// The value of a header: mostly what is meant for it, else words of all headers, else bytes.
fn value(own: &[&'static str]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let words = [
        "bytes",
        "=",
        "-",
        ",",
        ";",
        " ",
        "q=",
        "0",
        "0.5",
        "1",
        "9",
        "10",
        "gzip",
        "br",
        "zstd",
        "18446744073709551616",
        "identity",
        "*",
        "W/",
        "\"",
        "\"other\"",
        DATE,
        "TAG",
        "BRTAG",
    ];
    let own = proptest::sample::select(own.to_vec());
    let own = proptest::collection::vec(own, 1..3).prop_map(|own| own.join(","));
    let word = proptest::sample::select(words.to_vec());
    let made = proptest::collection::vec(word, 0..6).prop_map(|words| words.concat());
    let visible = prop_oneof![Just(b'\t'), b' '..=b'~', 0x80..=0xff_u8];
    let garbage = proptest::collection::vec(visible, 0..20);
    prop_oneof![
        6 => own.prop_map(String::into_bytes),
        2 => made.prop_map(String::into_bytes),
        1 => garbage,
    ]
}

fn lines() -> impl Strategy<Value = Vec<(HeaderName, Vec<u8>)>> {
    let line = |name: HeaderName, own: &[&'static str]| {
        value(own).prop_map(move |value| (name.clone(), value))
    };
    let tags = ["TAG", "BRTAG", "W/TAG", "\"other\"", "*"];
    let dates = [
        DATE,
        "Tue, 14 Nov 2023 22:13:19 GMT",
        "Tue, 14 Nov 2023 22:13:21 GMT",
    ];
    let codings = [
        "gzip",
        "br;q=0.5",
        "zstd",
        "*",
        "identity;q=0",
        "*;q=0",
        "x-gzip;q=0",
        "br",
    ];
    let ranges = [
        "bytes=2-5",
        "bytes=-1",
        "bytes=0-",
        "bytes=10-",
        "bytes=5-2",
        "bytes=-0",
    ];
    let line = prop_oneof![
        8 => line(ACCEPT_ENCODING, &codings),
        8 => line(RANGE, &ranges),
        3 => line(IF_RANGE, &[tags[0], tags[1], tags[2], tags[3], dates[0], dates[1]]),
        2 => line(IF_NONE_MATCH, &tags),
        2 => line(IF_MODIFIED_SINCE, &dates),
        1 => line(IF_MATCH, &tags),
        1 => line(IF_UNMODIFIED_SINCE, &dates),
    ];
    proptest::collection::vec(line, 0..5)
}

fn replace(value: &[u8], word: &str, by: &HeaderValue) -> Vec<u8> {
    let Some(start) = value
        .windows(word.len())
        .position(|window| window == word.as_bytes())
    else {
        return value.to_vec();
    };
    [&value[..start], by.as_bytes(), &value[start + word.len()..]].concat()
}

fn respond(files: &StaticFiles, method: &Method, headers: &HeaderMap) -> Response<Body> {
    files.respond(method, "/static/book.css", headers)
}

fn body(response: &Response<Body>) -> &[u8] {
    match response.body() {
        Body::Empty => b"",
        Body::Memory(bytes) => bytes,
        Body::Disk(_) => panic!("these files are in memory"),
    }
}

fn text<'a>(response: &'a Response<Body>, name: &str) -> Option<&'a str> {
    Some(response.headers().get(name)?.to_str().unwrap())
}

/// What holds for an answer by its status.
fn check(headers: &HeaderMap, response: &Response<Body>) -> Result<(), TestCaseError> {
    let (content, encoding) = (body(response), text(response, "content-encoding"));
    let length = text(response, "content-length").map(|length| length.parse().unwrap());
    match response.status().as_u16() {
        200 => {
            let form = FORMS.iter().find(|(name, _)| *name == encoding);
            prop_assert_eq!(form.map(|(_, content)| *content), Some(content));
            prop_assert_eq!(length, Some(content.len()));
            prop_assert_eq!(text(response, "content-range"), None);
        }
        206 => {
            let range = text(response, "content-range").unwrap();
            let range = range
                .strip_prefix("bytes ")
                .unwrap()
                .strip_suffix("/10")
                .unwrap();
            let (first, last) = range.split_once('-').unwrap();
            let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
            prop_assert_eq!(content, &CONTENT[first..=last]);
            prop_assert_eq!(length, Some(content.len()));
            prop_assert_eq!(encoding, None);
            prop_assert_eq!(headers.get_all(RANGE).iter().count(), 1);
        }
        304 => {
            prop_assert!(content.is_empty() && length.is_none());
            prop_assert!(response.headers().contains_key("etag"));
            let is_asked =
                [IF_NONE_MATCH, IF_MODIFIED_SINCE].map(|name| headers.contains_key(name));
            prop_assert!(is_asked.contains(&true));
        }
        406 => {
            let mut lines = headers.get_all(ACCEPT_ENCODING).iter();
            let refuses =
                |line: &HeaderValue| line.as_bytes().windows(3).any(|part| part == b"q=0");
            prop_assert!(lines.any(refuses) && content.is_empty());
        }
        412 => {
            let is_asked = [IF_MATCH, IF_UNMODIFIED_SINCE].map(|name| headers.contains_key(name));
            prop_assert!(is_asked.contains(&true) && content.is_empty());
        }
        416 => {
            prop_assert!(headers.contains_key(RANGE) && content.is_empty());
            prop_assert_eq!(text(response, "content-range"), Some("bytes */10"));
        }
        other => prop_assert!(false, "{} is no answer", other),
    }
    Ok(())
}

#[test]
fn every_answer_holds_together() {
    let folder = book();
    let [files, _] = both(&folder);
    let tag = |encoding: &'static str| {
        let headers = [(ACCEPT_ENCODING, HeaderValue::from_static(encoding))];
        let response = respond(&files, &Method::GET, &headers.into_iter().collect());
        response.headers()["etag"].clone()
    };
    let (plain_tag, br_tag) = (tag("identity"), tag("br"));
    proptest!(|(lines in lines())| {
        let headers: HeaderMap = lines
            .iter()
            .map(|(name, value)| {
                let value = replace(&replace(value, "BRTAG", &br_tag), "TAG", &plain_tag);
                (name.clone(), HeaderValue::from_bytes(&value).unwrap())
            })
            .collect();
        let response = respond(&files, &Method::GET, &headers);
        check(&headers, &response)?;
        let head = respond(&files, &Method::HEAD, &headers);
        prop_assert_eq!(head.status(), response.status());
        prop_assert_eq!(head.headers(), response.headers());
        prop_assert!(body(&head).is_empty());
    });
}
