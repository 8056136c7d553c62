//! What a form sends: its fields, in their order, within limits.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use crate::error::Error;

/// The most fields that a form may have: Django's `DATA_UPLOAD_MAX_NUMBER_FIELDS`.
pub const MAX_FIELDS: usize = 1_000;

/// The fields of a form, `application/x-www-form-urlencoded`; of any other body there are none,
/// as in Django's `request.POST`.
///
/// Too large a body is 413, more than [`MAX_FIELDS`] fields are 400.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// The fields of an address's query string.
    pub fn from_query(query: Option<&str>) -> Result<Self, Error> {
        Self::parse(query.unwrap_or_default().as_bytes())
    }

    /// The value of a field: of several the last, as in Django's `QueryDict`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// Every value of a field, in their order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let fields = self.0.iter().filter(move |(found, _)| found == name);
        fields.map(|(_, value)| value.as_str())
    }

    /// The names of the fields, each once, in their order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in &self.0 {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Every field with its value, in their order.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }

    fn parse(body: &[u8]) -> Result<Self, Error> {
        let fields = form_urlencoded::parse(body).into_owned();
        let fields: Vec<_> = fields.take(MAX_FIELDS + 1).collect();
        if fields.len() > MAX_FIELDS {
            return Err(Error::BadRequest("error-too-many-fields"));
        }
        Ok(Self(fields))
    }
}

impl FromIterator<(String, String)> for Form {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(fields: T) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Error;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Error> {
        // Read before, where its token was checked.
        if let Some(form) = request.extensions_mut().remove() {
            return Ok(form);
        }
        let content_type = request.headers().get(CONTENT_TYPE);
        let is_form = content_type.is_some_and(|value| {
            let media_type = value.as_bytes().split(|byte| *byte == b';').next();
            let media_type = media_type.unwrap_or_default().trim_ascii();
            media_type.eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
        });
        if !is_form {
            return Ok(Self::default());
        }
        match Bytes::from_request(request, state).await {
            Ok(body) => Self::parse(&body),
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Error::TooLarge)
            }
            // The client went away or was cut off in the middle.
            Err(_) => Err(Error::BadRequest("error-body-broken")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_equal_names_the_last_counts_and_all_are_kept() {
        let form = Form::parse(b"a=1&b=x+y%20%C3%A9&a=2&c").unwrap();
        assert_eq!(form.get("a"), Some("2"));
        assert_eq!(form.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(form.get("b"), Some("x y é"));
        assert_eq!(form.get("c"), Some(""));
        assert_eq!(form.get("d"), None);
    }

    #[test]
    fn a_form_has_a_limited_number_of_fields() {
        let body = |count| vec!["a=1"; count].join("&").into_bytes();
        assert!(Form::parse(&body(MAX_FIELDS)).is_ok());
        let error = Form::parse(&body(MAX_FIELDS + 1)).unwrap_err();
        assert!(matches!(error, Error::BadRequest(_)));
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Form::parse(&body);
        }
    }
}
