//! The fields of a submitted form, in their order. Their number is limited, and each value is
//! checked by its field's rule before a handler sees it.

use std::marker::PhantomData;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use db::rules::{Flaw, TextRule};
use http::header::CONTENT_TYPE;
use http_body::Body as _;
use http_body_util::BodyExt as _;

use crate::error::Error;

/// The most fields that a form may have: Django's `DATA_UPLOAD_MAX_NUMBER_FIELDS`.
pub const MAX_FIELDS: usize = 1_000;

/// The rule for a parameter of a query string. The length is no limit in practice: an address as a
/// whole is shorter.
const PARAMETER: TextRule = TextRule::line(16 * 1024);

/// The fields of a form, `application/x-www-form-urlencoded`; of any other body there are none,
/// as in Django's `request.POST`.
///
/// A value that breaks its field's rule is replaced by what may be shown of it, and [`Form::flaw`]
/// says what was wrong. Code that stores, compares or hashes a value must check for a flaw first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    fields: Vec<(String, String)>,
    flaws: Vec<(String, Flaw)>,
}

/// The fields that a form has, declared at the form's struct.
pub trait Fields {
    /// The names of the fields with their rules. Other fields of a request are dropped.
    const FIELDS: &'static [(&'static str, TextRule)];
}

/// An extractor for a form with the fields of `T`. The second part only carries that type.
#[derive(Debug)]
pub struct FormOf<T>(pub Form, pub PhantomData<fn() -> T>);

/// A form whose fields are not checked by rules yet. The CSRF layer reads the token from it.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawForm(Vec<(String, String)>);

impl Form {
    /// The parameters of a query string, each checked as one line of text.
    pub fn from_query(query: Option<&str>) -> Result<Self, Error> {
        let raw = RawForm::parse(query.unwrap_or_default().as_bytes())?;
        Ok(raw.checked(|_| Some(PARAMETER)))
    }

    /// The form of a request, each field by its rule; a field without one is left out.
    ///
    /// Too large a body is 413, more than [`MAX_FIELDS`] fields are 400.
    pub async fn read(
        request: Request,
        rule_of: impl Fn(&str) -> Option<TextRule>,
    ) -> Result<Self, Error> {
        RawForm::read(request).await.map(|raw| raw.checked(rule_of))
    }

    /// What is wrong with a field's value, if anything. Of several wrong values the last one's flaw
    /// counts.
    pub fn flaw(&self, name: &str) -> Option<Flaw> {
        let mut flaws = self.flaws.iter().rev();
        flaws
            .find(|(found, _)| found == name)
            .map(|(_, flaw)| *flaw)
    }

    /// Every field that breaks its rule, with what is wrong.
    pub fn flaws(&self) -> &[(String, Flaw)] {
        &self.flaws
    }

    /// The value of a field: of several the last, as in Django's `QueryDict`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// Every value of a field, in their order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let fields = self.fields.iter().filter(move |(found, _)| found == name);
        fields.map(|(_, value)| value.as_str())
    }

    /// The names of the fields, each once, in their order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in &self.fields {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Every field with its value, in their order.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }
}

impl FromIterator<(String, String)> for Form {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(fields: T) -> Self {
        Self {
            fields: fields.into_iter().collect(),
            flaws: Vec::new(),
        }
    }
}

impl RawForm {
    /// The last value of a field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut fields = self.0.iter().rev();
        let field = fields.find(|(found, _)| found == name);
        field.map(|(_, value)| value.as_str())
    }

    /// Checks the fields by their rules. The length is measured without the white space around the
    /// text, since most forms trim it.
    fn checked(self, rule_of: impl Fn(&str) -> Option<TextRule>) -> Form {
        let mut form = Form::default();
        for (name, value) in self.0 {
            let Some(rule) = rule_of(&name) else { continue };
            let of_any_length = TextRule {
                most: usize::MAX,
                ..rule
            };
            let flaw = rule.flaw(value.trim());
            match flaw.or_else(|| of_any_length.flaw(&value)) {
                None => form.fields.push((name, value)),
                Some(flaw) => {
                    form.fields.push((name.clone(), rule.shown(value.trim())));
                    form.flaws.push((name, flaw));
                }
            }
        }
        form
    }

    fn parse(body: &[u8]) -> Result<Self, Error> {
        let fields = form_urlencoded::parse(body).into_owned();
        let fields: Vec<_> = fields.take(MAX_FIELDS + 1).collect();
        if fields.len() > MAX_FIELDS {
            return Err(Error::BadRequest("error-too-many-fields"));
        }
        Ok(Self(fields))
    }

    pub(crate) async fn read(mut request: Request) -> Result<Self, Error> {
        // The CSRF layer has read the body already, and has left the form in an extension.
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
        Self::parse(&read_body(request.into_body()).await?)
    }
}

/// Reads a body to its end. [`limit_requests`](crate::request_limits::limit_requests) limits its
/// size and counts its bytes; if a limit ended the body, that layer's answer replaces this error.
///
/// Each part is copied and dropped: of a body that is sent byte by byte, each part would keep a
/// buffer of the connection alive. Memory is reserved for what has arrived, not for what was
/// announced.
async fn read_body(mut body: Body) -> Result<Vec<u8>, Error> {
    let mut read = Vec::new();
    while !body.is_end_stream() {
        let Some(frame) = body.frame().await else {
            break;
        };
        // The client went away or was cut off in the middle.
        let frame = frame.map_err(|_| Error::BadRequest("error-body-broken"))?;
        if let Some(bytes) = frame.data_ref() {
            read.reserve_exact(bytes.len());
            read.extend_from_slice(bytes);
        }
    }
    Ok(read)
}

impl<T: Fields, S: Send + Sync> FromRequest<S> for FormOf<T> {
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let rule_of = |name: &str| {
            let mut fields = T::FIELDS.iter();
            fields
                .find(|(known, _)| *known == name)
                .map(|(_, rule)| *rule)
        };
        let form = Form::read(request, rule_of).await?;
        Ok(Self(form, PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_equal_names_the_last_counts_and_all_are_kept() {
        let form = Form::from_query(Some("a=1&b=x+y%20%C3%A9&a=2&c")).unwrap();
        assert_eq!(form.get("a"), Some("2"));
        assert_eq!(form.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(form.get("b"), Some("x y é"));
        assert_eq!(form.get("c"), Some(""));
        assert_eq!(form.get("d"), None);
    }

    #[test]
    fn a_form_has_a_limited_number_of_fields() {
        let body = |count| vec!["a=1"; count].join("&").into_bytes();
        assert!(RawForm::parse(&body(MAX_FIELDS)).is_ok());
        let error = RawForm::parse(&body(MAX_FIELDS + 1)).unwrap_err();
        assert!(matches!(error, Error::BadRequest(_)));
    }

    #[test]
    fn each_field_has_its_rule_and_others_are_left_out() {
        let raw = RawForm::parse(b"a=%20abc+&a=abcd&b=x%00y&c=1&d=1%0A2").unwrap();
        let form = raw.checked(|name| match name {
            "a" => Some(TextRule::line(3)),
            "b" => Some(TextRule::line(9)),
            "d" => Some(TextRule::lines(9)),
            _ => None,
        });
        assert_eq!(form.all("a").collect::<Vec<_>>(), [" abc ", "abc"]);
        assert_eq!(form.flaw("a"), Some(Flaw::TooLong(3)));
        assert_eq!(form.get("b"), Some("xy"));
        assert_eq!(form.flaw("b"), Some(Flaw::Control));
        assert_eq!(form.get("c"), None);
        assert_eq!(form.get("d"), Some("1\n2"));
        assert_eq!(form.flaw("d"), None);
        assert_eq!(form.flaws().len(), 2);
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(raw) = RawForm::parse(&body) {
                let form = raw.checked(|_| Some(TextRule::line(8)));
                let mut values = form.fields().iter().map(|(_, value)| value);
                prop_assert!(values.all(|value| TextRule::line(8).flaw(value.trim()).is_none()));
            }
        }
    }
}
