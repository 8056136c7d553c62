//! What a page tells machines about itself: browsers, search engines, whoever shows a link to it.

use serde_json::{Value, json};

use pictures::photo::CARD_SIZE;

use crate::frame::{Alternate, Frame};
use crate::pages::shot::Shot;

/// What stands in the `head` of a page.
#[derive(Debug)]
pub struct Head {
    /// The title of the document.
    pub title: String,
    /// One sentence about the page. A page without a description has `noindex`.
    pub description: Option<String>,
    /// What search engines and previews of links are told; `None` on a page that nobody has to
    /// find. An error's page has neither this nor `noindex`, since its status says enough.
    pub public: Option<PublicHead>,
}

/// What search engines and previews of links are told.
#[derive(Debug)]
pub struct PublicHead {
    /// The one address of this page, in full.
    pub canonical: String,
    /// The same page in every language.
    pub alternates: Vec<Alternate>,
    /// What previews of links show; without one they show the icon.
    pub image: Option<Image>,
    /// Descriptions in the words of schema.org, as JSON-LD.
    pub data: Vec<LinkedData>,
}

impl Head {
    /// For a page that search engines must not list.
    pub fn private(title: String) -> Self {
        Self {
            title,
            description: None,
            public: None,
        }
    }

    /// For an error's page.
    pub fn of_error(title: String, description: String) -> Self {
        Self {
            description: Some(description),
            ..Self::private(title)
        }
    }

    /// For a page that search engines must not list, but whose links they may follow. Its template says so.
    pub fn unlisted(title: String, description: String) -> Self {
        Self::of_error(title, description)
    }

    /// For a public page at a path of the site, written without a language.
    pub fn public(frame: &Frame, path: &str, title: String, description: String) -> Self {
        Self {
            title,
            description: Some(description),
            public: Some(PublicHead {
                canonical: frame.page_address(path),
                alternates: frame.alternates(path),
                image: None,
                data: Vec::new(),
            }),
        }
    }

    /// The same head with another picture for previews of links. It is left out where the page is not
    /// public.
    #[must_use]
    pub fn with_image(mut self, image: Option<Image>) -> Self {
        if let Some(public) = &mut self.public {
            public.image = image;
        }
        self
    }

    /// The same head with one more description in the words of schema.org. It is left out where the
    /// page is not public.
    #[must_use]
    pub fn with_data(mut self, data: &Value) -> Self {
        if let Some(public) = &mut self.public {
            public.data.push(LinkedData::new(data));
        }
        self
    }
}

/// A picture for previews of links.
#[derive(Debug)]
pub struct Image {
    /// Its whole address.
    pub address: String,
    /// Width and height in pixels, where it is as large as previews ask for.
    pub size: Option<(u32, u32)>,
    /// What is seen on it; may be empty.
    pub alt: String,
}

impl Image {
    /// The crop of a photo.
    pub fn of(frame: &Frame, shot: &Shot) -> Self {
        Self {
            address: frame.address(&shot.card),
            size: shot.has_whole_card().then_some(CARD_SIZE),
            alt: shot.alt.clone(),
        }
    }
}

/// JSON for a `script` element. It holds no `<`, `>` or `&`, so that nothing in it can end the
/// element.
#[derive(Debug)]
pub struct LinkedData(String);

impl LinkedData {
    fn new(value: &Value) -> Self {
        // JSON has these signs within strings alone, where an escape means the same.
        let json = value.to_string();
        let json = json.replace('<', "\\u003c").replace('>', "\\u003e");
        Self(json.replace('&', "\\u0026"))
    }

    /// The text as it goes into the page.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A step of the way from the home page to a page: its name, and its path without a language.
pub type Breadcrumb<'a> = (&'a str, &'a str);

/// The way from the home page, as <https://schema.org/BreadcrumbList>.
pub fn breadcrumbs(frame: &Frame, steps: &[Breadcrumb<'_>]) -> Value {
    let steps = (1..).zip(steps).map(|(position, (name, path)): (u32, _)| {
        json!({
            "@type": "ListItem",
            "position": position,
            "name": name,
            "item": frame.page_address(path),
        })
    });
    json!({
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": steps.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_ends_the_element_it_stands_in(text in ".*") {
            let data = LinkedData::new(&json!({"name": text}));
            prop_assert!(!data.as_str().contains(['<', '>', '&']));
            let read: Value = serde_json::from_str(data.as_str()).unwrap();
            prop_assert_eq!(&read["name"], &json!(text));
        }
    }
}
