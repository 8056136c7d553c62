//! Forms with files, `multipart/form-data` (RFC 7578), read in pieces: of a part no more is in memory than
//! what has just arrived. What a part may hold is the caller's business; the body as a whole is limited by
//! [`crate::request_limits`].

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;

use crate::error::Error;

/// The most that the lines before a part's content may be, in bytes.
const HEAD_BYTES: usize = 4 * 1024;

/// The longest boundary (RFC 2046, 5.1.1).
const BOUNDARY_BYTES: usize = 70;

/// What ends the lines before a part's content.
const HEAD_END: &[u8] = b"\r\n\r\n";

/// A form whose parts are read one after the other.
#[derive(Debug)]
pub struct Multipart {
    body: Body,
    buffer: BytesMut,
    /// What stands between two parts: a line end, two dashes, the boundary.
    delimiter: Vec<u8>,
    is_in_part: bool,
}

/// What a part says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The name of the field.
    pub name: String,
    /// The name of the file, without a path; `None` for a part that is no file.
    pub file_name: Option<String>,
}

impl Multipart {
    /// Begins to read a form. Any other body is 400.
    pub fn new(headers: &HeaderMap, body: Body) -> Result<Self, Error> {
        let content_type = headers.get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let boundary = content_type.and_then(boundary).ok_or(BROKEN)?;
        let mut delimiter = b"\r\n--".to_vec();
        delimiter.extend_from_slice(boundary.as_bytes());
        Ok(Self {
            body,
            // The first boundary begins the body, without a line end before it.
            buffer: BytesMut::from(&b"\r\n"[..]),
            delimiter,
            is_in_part: true,
        })
    }

    /// The next part; what is left of the one before is dropped. `None` at the end of the form.
    pub async fn next_part(&mut self) -> Result<Option<Part>, Error> {
        while self.chunk().await?.is_some() {}
        self.fill(2).await?;
        if self.buffer.starts_with(b"--") {
            return Ok(None);
        }
        let head = loop {
            if let Some(length) = find(&self.buffer, HEAD_END) {
                break self.buffer.split_to(length + HEAD_END.len());
            }
            if self.buffer.len() > HEAD_BYTES {
                return Err(BROKEN);
            }
            self.fill(self.buffer.len() + 1).await?;
        };
        let part = part_of(&head).ok_or(BROKEN)?;
        self.is_in_part = true;
        Ok(Some(part))
    }

    /// The next bytes of the part; `None` at its end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        while self.is_in_part {
            let found = find(&self.buffer, &self.delimiter);
            // A delimiter may have arrived in part.
            let kept = self.delimiter.len() - 1;
            match found.unwrap_or(self.buffer.len().saturating_sub(kept)) {
                0 if found.is_some() => {
                    let _ = self.buffer.split_to(self.delimiter.len());
                    self.is_in_part = false;
                }
                0 => self.fill(self.buffer.len() + 1).await?,
                length => return Ok(Some(self.buffer.split_to(length).freeze())),
            }
        }
        Ok(None)
    }

    /// The whole part as a text, at most so many bytes of it; longer ones and other bytes are 400.
    pub async fn text(&mut self, most_bytes: usize) -> Result<String, Error> {
        let mut read = Vec::new();
        while let Some(bytes) = self.chunk().await? {
            if read.len() + bytes.len() > most_bytes {
                return Err(BROKEN);
            }
            read.extend_from_slice(&bytes);
        }
        String::from_utf8(read).map_err(|_| BROKEN)
    }

    /// Reads until there are so many bytes; fails if the body ends before.
    async fn fill(&mut self, length: usize) -> Result<(), Error> {
        while self.buffer.len() < length {
            let frame = self.body.frame().await.ok_or(BROKEN)?;
            // The client went away or was cut off in the middle.
            let frame = frame.map_err(|_| BROKEN)?;
            if let Some(bytes) = frame.data_ref() {
                self.buffer.extend_from_slice(bytes);
            }
        }
        Ok(())
    }
}

const BROKEN: Error = Error::BadRequest("error-body-broken");

/// The boundary that a `Content-Type` names.
fn boundary(content_type: &str) -> Option<&str> {
    let (media_type, parameters) = content_type.split_once(';')?;
    if !media_type
        .trim()
        .eq_ignore_ascii_case("multipart/form-data")
    {
        return None;
    }
    let mut parameters = parameters.split(';').filter_map(|one| one.split_once('='));
    let (_, value) = parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?;
    let value = value.trim();
    let value = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'))
        .unwrap_or(value);
    let is_sound = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    ((1..=BOUNDARY_BYTES).contains(&value.len()) && is_sound).then_some(value)
}

/// What the lines before a part's content say: the line end after the boundary is the first.
fn part_of(head: &[u8]) -> Option<Part> {
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    // White space may follow the boundary (RFC 2046, 5.1.1).
    lines.next().filter(|rest| rest.trim().is_empty())?;
    let disposition = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_it = name.trim().eq_ignore_ascii_case("content-disposition");
        is_it.then_some(value.trim())
    })?;
    let (kind, rest) = disposition.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return None;
    }
    let mut part = Part {
        name: String::new(),
        file_name: None,
    };
    let mut rest = rest.trim_start();
    while let Some((name, value)) = rest.split_once('=') {
        let quoted = value.strip_prefix('"')?;
        let (value, after) = quoted.split_once('"')?;
        match name.trim().to_ascii_lowercase().as_str() {
            "name" => part.name = unescaped(value),
            "filename" => part.file_name = Some(last_segment(&unescaped(value))),
            _ => {}
        }
        rest = after.trim_start().trim_start_matches(';').trim_start();
    }
    Some(part)
}

/// Browsers write a quotation mark and line ends of a name as `%22`, `%0D` and `%0A`
/// (HTML, "multipart form data").
fn unescaped(value: &str) -> String {
    value
        .replace("%22", "\"")
        .replace("%0D", "\r")
        .replace("%0A", "\n")
}

/// The name of a file without the folders that some programs send with it.
fn last_segment(name: &str) -> String {
    let segment = name.rsplit(['/', '\\']).next();
    segment.unwrap_or_default().to_owned()
}

/// Where a text begins in another one.
fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        // Every text that is looked for begins with a carriage return, which is rare in a picture.
        let found = text
            .get(from..)?
            .iter()
            .position(|byte| *byte == wanted[0])?;
        if text[from + found..].starts_with(wanted) {
            return Some(from + found);
        }
        from += found + 1;
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use futures_util::stream;
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const HEAD: &str = "multipart/form-data; boundary=----b";

    fn headers(content_type: &'static str) -> HeaderMap {
        let value = HeaderValue::from_static(content_type);
        HeaderMap::from_iter([(CONTENT_TYPE, value)])
    }

    /// The parts of a body that arrives in pieces of that many bytes.
    async fn parts_of(body: &[u8], piece: usize) -> Result<Vec<(Part, Vec<u8>)>, Error> {
        let pieces: Vec<_> = body
            .chunks(piece)
            .map(|bytes| Ok::<_, std::io::Error>(bytes.to_vec()))
            .collect();
        let body = Body::from_stream(stream::iter(pieces));
        let mut multipart = Multipart::new(&headers(HEAD), body)?;
        let mut parts = Vec::new();
        while let Some(part) = multipart.next_part().await? {
            let mut content = Vec::new();
            while let Some(bytes) = multipart.chunk().await? {
                content.extend_from_slice(&bytes);
            }
            parts.push((part, content));
        }
        Ok(parts)
    }

    fn read(body: &[u8], piece: usize) -> Result<Vec<(Part, Vec<u8>)>, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(parts_of(body, piece))
    }

    #[test]
    fn parts_are_read_however_they_arrive() {
        let body = b"------b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nx\r\n------\r\n\
            ------b  \r\ncontent-disposition: form-data; name=\"photo\"; filename=\"C:\\a\\b%22;=.jpg\"\r\n\
            Content-Type: image/jpeg\r\n\r\n\r\n--\r\n------b\r\nContent-Disposition: form-data; \
            name=\"photo\"; filename=\"\"\r\n\r\n\r\n------b--\r\n";
        for piece in 1..body.len() {
            let parts = read(body, piece).unwrap();
            let part = |name: &str, file_name: Option<&str>| Part {
                name: name.to_owned(),
                file_name: file_name.map(str::to_owned),
            };
            let expected = [
                (part("token", None), b"x\r\n------".to_vec()),
                (part("photo", Some("b\";=.jpg")), b"\r\n--".to_vec()),
                (part("photo", Some("")), Vec::new()),
            ];
            assert_eq!(parts, expected, "{piece}");
        }
    }

    #[test]
    fn what_is_no_such_form_is_refused() {
        for content_type in [
            "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/mixed; boundary=a",
            "application/x-www-form-urlencoded; boundary=a",
        ] {
            assert!(Multipart::new(&headers(content_type), Body::empty()).is_err());
        }
        let long = [&b"------b\r\nX: "[..], &[b'x'; HEAD_BYTES + 9]].concat();
        for body in [
            &b""[..],
            b"------b",
            b"------b\r\n",
            b"------b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
            b"------b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n------b--",
            b"------b\r\nContent-Type: text/plain\r\n\r\nx\r\n------b--",
            &long,
        ] {
            assert!(
                read(body, 7).is_err(),
                "{:?}",
                String::from_utf8_lossy(body)
            );
        }
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200), piece in 1..50_usize) {
            let _ = read(&[&b"------b\r\n"[..], &body].concat(), piece);
        }

        #[test]
        fn every_content_comes_through(
            content in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b'-'), any::<u8>()], 0..99),
            piece in 1..50_usize,
        ) {
            let head = b"------b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
            let body = [&head[..], &content, b"\r\n------b--"].concat();
            let parts = read(&body, piece).unwrap();
            prop_assert_eq!(&parts[0].1, &content);
        }
    }
}
