//! Refuses requests that hyper accepts: those that another program on the way might read differently,
//! and those whose line is too long. Runs before any layer and handler.

use http::header::TRANSFER_ENCODING;
use http::{HeaderMap, Method, Request, StatusCode, Uri};

use crate::limits::Limits;
use crate::stats::Cut;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RefusedRequest {
    pub(crate) status: StatusCode,
    pub(crate) cut: Cut,
    pub(crate) reason: &'static str,
}

/// Why a request is refused, if it is.
pub(crate) fn refuse<B>(request: &Request<B>, limits: &Limits) -> Option<RefusedRequest> {
    let target = request.uri();
    if line_bytes(request.method(), target) > limits.max_request_line_bytes {
        return Some(RefusedRequest {
            status: StatusCode::URI_TOO_LONG,
            cut: Cut::LineTooLong,
            reason: "the request line is too long",
        });
    }
    if !is_path(request.method(), target) {
        return Some(malformed("the target is no path"));
    }
    refuse_coding(request.headers())
}

fn malformed(reason: &'static str) -> RefusedRequest {
    RefusedRequest {
        status: StatusCode::BAD_REQUEST,
        cut: Cut::Malformed,
        reason,
    }
}

/// The length of the request's line, without its end.
fn line_bytes(method: &Method, target: &Uri) -> usize {
    let origin = match (target.scheme_str(), target.authority()) {
        (Some(scheme), Some(authority)) => scheme.len() + "://".len() + authority.as_str().len(),
        _ => 0,
    };
    let path = target
        .path_and_query()
        .map_or(0, |path| path.as_str().len());
    method.as_str().len() + origin + path + "  HTTP/1.1".len()
}

/// Whether the target names something that an origin server has: a path, alone or within an
/// absolute URI, or for OPTIONS the whole server (RFC 9112, section 3.2). `CONNECT host:443`, and
/// with any method a lone word, which http reads as a host, do not.
fn is_path(method: &Method, target: &Uri) -> bool {
    match target.path() {
        "*" => method == Method::OPTIONS,
        path => path.starts_with('/') && method != Method::CONNECT,
    }
}

/// hyper accepts any list of transfer codings that ends with `chunked`, and decodes only that one. We
/// accept only what is decoded (RFC 9112, section 6.1).
fn refuse_coding(headers: &HeaderMap) -> Option<RefusedRequest> {
    let lines = headers.get_all(TRANSFER_ENCODING).iter();
    let mut codings = lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii);
    let first = codings.next()?;
    let others: Vec<_> = codings.collect();
    let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
    if is_chunked(first) && others.is_empty() {
        return None;
    }
    let mut all = std::iter::once(first).chain(others);
    Some(
        if all.all(|coding| is_chunked(coding) || coding.is_empty()) {
            malformed("a transfer coding that is named twice, or not at all")
        } else {
            RefusedRequest {
                status: StatusCode::NOT_IMPLEMENTED,
                cut: Cut::UnknownCoding,
                reason: "a transfer coding that is not known",
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status_of(method: &str, target: &str, codings: &[&str]) -> Option<u16> {
        let mut request = Request::builder().method(method).uri(target);
        for coding in codings {
            request = request.header(TRANSFER_ENCODING, *coding);
        }
        let request = request.body(()).unwrap();
        let limits = Limits {
            max_request_line_bytes: 40,
            ..Limits::production()
        };
        refuse(&request, &limits).map(|refused| refused.status.as_u16())
    }

    #[test]
    fn a_target_is_a_path() {
        for (method, target, expected) in [
            ("GET", "/", None),
            ("GET", "/?a=b", None),
            ("GET", "//a/b", None),
            ("GET", "http://x", None),
            ("GET", "http://x/a", None),
            ("OPTIONS", "*", None),
            ("GET", "*", Some(400)),
            ("GET", "x", Some(400)),
            ("GET", "x:80", Some(400)),
            ("CONNECT", "x:443", Some(400)),
            ("CONNECT", "http://x/", Some(400)),
        ] {
            assert_eq!(
                status_of(method, target, &[]),
                expected,
                "{method} {target}"
            );
        }
    }

    #[test]
    fn the_line_is_counted_without_its_end() {
        let line = "GET /012345678901234567890123456 HTTP/1.1";
        assert_eq!(line.len(), 41);
        let target = line.split(' ').nth(1).unwrap();
        assert_eq!(status_of("GET", target, &[]), Some(414));
        assert_eq!(status_of("GET", &target[..target.len() - 1], &[]), None);
        assert_eq!(status_of("PUT", &target[..target.len() - 1], &[]), None);
        assert_eq!(
            status_of("POST", &target[..target.len() - 1], &[]),
            Some(414)
        );
        let whole = "http://x/234567890123456789";
        assert_eq!(status_of("GET", whole, &[]), None);
        assert_eq!(status_of("GET", &format!("{whole}a"), &[]), Some(414));
    }

    #[test]
    fn chunked_is_the_one_transfer_coding() {
        for (codings, expected) in [
            (&["chunked"][..], None),
            (&["Chunked"], None),
            (&["gzip, chunked"], Some(501)),
            (&["identity, chunked"], Some(501)),
            (&["gzip", "chunked"], Some(501)),
            (&["chunked;a=b, chunked"], Some(501)),
            (&["chunked, chunked"], Some(400)),
            (&["chunked", "chunked"], Some(400)),
            (&[", chunked"], Some(400)),
        ] {
            assert_eq!(status_of("POST", "/", codings), expected, "{codings:?}");
        }
    }
}
