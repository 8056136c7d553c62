//! The links of a page, read as far as they are needed. No more of HTML is understood than
//! tags, their attributes and comments.

/// The first link to something below a path: one that goes on behind it as a path, not as a
/// query.
pub(super) fn first_link(html: &str, prefix: &str) -> Option<String> {
    let links = tags(html).filter(|tag| tag.name.eq_ignore_ascii_case("a"));
    let mut addresses = links.filter_map(|tag| tag.attribute("href"));
    addresses.find(|address| {
        address
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['?', '#']))
    })
}

/// The address of the first stylesheet.
pub(super) fn stylesheet(html: &str) -> Option<String> {
    let links = tags(html).filter(|tag| tag.name.eq_ignore_ascii_case("link"));
    let mut sheets = links.filter(|tag| {
        let rel = tag.attribute("rel").unwrap_or_default();
        rel.split_ascii_whitespace()
            .any(|word| word.eq_ignore_ascii_case("stylesheet"))
    });
    sheets.find_map(|tag| tag.attribute("href"))
}

struct Tag<'a> {
    name: &'a str,
    /// What stands between the name and the end of the tag.
    attributes: &'a str,
}

fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[rest.find('<')? + 1..];
            if let Some(comment) = rest.strip_prefix("!--") {
                rest = &comment[comment.find("-->")?..];
                continue;
            }
            let tag = &rest[..end(rest)?];
            rest = &rest[tag.len()..];
            let name = tag.split([' ', '\n', '\t', '/']).next().unwrap_or_default();
            if !name.is_empty() {
                let attributes = &tag[name.len()..];
                return Some(Tag { name, attributes });
            }
        }
    })
}

/// The end of a tag: the first `>` outside of quotes.
fn end(tag: &str) -> Option<usize> {
    let mut quote = None;
    tag.char_indices().find_map(|(index, character)| {
        match (quote, character) {
            (None, '>') => return Some(index),
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => {}
        }
        None
    })
}

impl Tag<'_> {
    fn attribute(&self, wanted: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            let (name, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| ['"', '\''].contains(c));
            let (value, after) = match quote {
                Some(quote) => after[1..].split_once(quote)?,
                None => after.split_once([' ', '\n', '\t']).unwrap_or((after, "")),
            };
            // Attributes without a value may stand before this one.
            let name = name.split_whitespace().last().unwrap_or_default();
            if name.eq_ignore_ascii_case(wanted) {
                return Some(value.replace("&amp;", "&"));
            }
            rest = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_link_goes_on_behind_the_prefix() {
        let page = "<!-- <a href='/books/0/'>no</a> --><p a>b</p><A class=\"x>y\" hidden\n \
                    HREF='/books/'>all</A><a href=\"/books/?page=2\">more</a>\
                    <a href=/books/7/?a=1&amp;b=2 x>one</a><a href=\"/books/8/\">";
        assert_eq!(first_link(page, "/books/").unwrap(), "/books/7/?a=1&b=2");
        assert_eq!(first_link(page, "/authors/"), None);
        assert_eq!(first_link("<a href=\"/books/9/", "/books/"), None);
        assert_eq!(first_link("", "/books/"), None);
    }

    #[test]
    fn a_stylesheet_is_found_whatever_the_order_of_its_attributes() {
        for page in [
            "<link rel=\"icon\" href=\"/i\"><link rel=\"stylesheet\" href=\"/s.css\">",
            "<link href='/s.css' rel='preload Stylesheet' />",
        ] {
            assert_eq!(stylesheet(page).unwrap(), "/s.css");
        }
        assert_eq!(
            stylesheet("<link rel=icon href=/i><a rel=stylesheet href=/x>"),
            None
        );
    }
}
