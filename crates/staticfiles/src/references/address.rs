//! The targets of addresses in files, and addresses with a hashed name in them.

use percent_encoding::percent_decode_str;

/// Characters that must stay encoded: otherwise they would begin a query, a fragment or a scheme,
/// or end the string.
const UNSAFE: [char; 6] = ['%', '?', '#', ':', '"', '\\'];

/// The target of a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// Not a static file: another server, another part of this one, data, a folder, or a place in
    /// the file itself.
    Foreign,
    /// A static file by its name.
    File(String),
    /// A path that leads above the root of static files.
    Outside(String),
}

/// The target of an address in a file (`Django 5.2 contrib/staticfiles/storage.py`,
/// `url_converter`). The static URL starts and ends with `/`.
pub(crate) fn resolve(from: &str, url: &str, static_url: &str) -> Target {
    let (path, _) = split(url);
    if path.is_empty() || has_scheme(url) || url.starts_with("//") {
        return Target::Foreign;
    }
    let below_root;
    let path = if path.starts_with('/') {
        let Some(name) = path.strip_prefix(static_url) else {
            return Target::Foreign;
        };
        below_root = decode(name);
        &below_root
    } else {
        let folder = from.rfind('/').map_or("", |slash| &from[..=slash]);
        below_root = format!("{folder}{}", decode(path));
        &below_root
    };
    if matches!(path.rsplit('/').next(), None | Some("" | "." | "..")) {
        return Target::Foreign;
    }
    match normalize(path) {
        Some(name) => Target::File(name),
        None => Target::Outside(path.clone()),
    }
}

/// The address with the hashed name of its file. Query and fragment stay.
///
/// The path is written decoded, as in Django, except for characters that would then have another
/// meaning.
pub(crate) fn point_to(url: &str, hashed_name: &str) -> String {
    let (path, rest) = split(url);
    let folder = path.rfind('/').map_or("", |slash| &path[..=slash]);
    let base_name = hashed_name.rsplit('/').next().unwrap_or(hashed_name);
    format!("{}{}{rest}", encode(&decode(folder)), encode(base_name))
}

/// Splits an address into its path and the rest, which begins with `?` or `#`.
fn split(url: &str) -> (&str, &str) {
    url.split_at(url.find(['?', '#']).unwrap_or(url.len()))
}

fn has_scheme(url: &str) -> bool {
    let Some((scheme, _)) = url.split_once(':') else {
        return false;
    };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Decodes a path. An encoded slash stays encoded: it is part of a name, and no file has such a
/// name.
fn decode(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        let decoded = percent_decode_str(part).decode_utf8_lossy();
        decoded.replace('/', "%2F")
    });
    parts.collect::<Vec<_>>().join("/")
}

fn encode(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for character in path.chars() {
        if character.is_ascii_control() || UNSAFE.contains(&character) {
            encoded.push_str(&format!("%{:02X}", u32::from(character)));
        } else {
            encoded.push(character);
        }
    }
    encoded
}

/// Resolves `.` and `..`; `None` if the path leads above the root.
fn normalize(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> Target {
        Target::File(name.to_owned())
    }

    #[test]
    fn an_address_is_seen_from_its_file() {
        let cases = [
            ("img/a.png", file("css/img/a.png")),
            ("./a.png", file("css/a.png")),
            ("../img/./a.png?x#y", file("img/a.png")),
            ("deep/../../a.png", file("a.png")),
            ("/static/img/a.png", file("img/a.png")),
            ("caf%C3%A9.png", file("css/café.png")),
            ("a%20b.png", file("css/a b.png")),
            ("a%2Fb.png", file("css/a%2Fb.png")),
            ("?#iefix", Target::Foreign),
            ("#mark", Target::Foreign),
            ("", Target::Foreign),
            ("img/", Target::Foreign),
            ("..", Target::Foreign),
            ("/static/", Target::Foreign),
            ("/media/a.png", Target::Foreign),
            ("//host/a.png", Target::Foreign),
            ("HTTPS://host/a.png", Target::Foreign),
            ("data:image/png;base64,AAAA", Target::Foreign),
            ("../../a.png", Target::Outside("css/../../a.png".to_owned())),
            ("/static/../a.png", Target::Outside("../a.png".to_owned())),
        ];
        for (url, expected) in cases {
            assert_eq!(resolve("css/a.css", url, "/static/"), expected, "{url}");
        }
    }

    #[test]
    fn only_the_name_of_the_file_changes() {
        let cases = [
            (
                "../img/a.png?x=/y#z/",
                "img/a.H.png",
                "../img/a.H.png?x=/y#z/",
            ),
            ("a.eot?#iefix", "css/a.H.eot", "a.H.eot?#iefix"),
            ("/static/a.png", "a.H.png", "/static/a.H.png"),
            ("caf%C3%A9/%25.png", "café/%.H.png", "café/%25.H.png"),
            ("%22%5C%3A/a.png", "\"\\:/a.H.png", "%22%5C%3A/a.H.png"),
        ];
        for (url, hashed, expected) in cases {
            assert_eq!(point_to(url, hashed), expected, "{url}");
        }
    }
}
