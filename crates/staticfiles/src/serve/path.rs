//! The names of files in addresses: percent-encoding, the names that are refused, and hashes in
//! names. Never reads the disk.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::hash::HASH_LENGTH;

/// The longest name that is looked for, in characters.
pub(super) const NAME_LIMIT: usize = 1_000;

/// The characters that are not encoded, as in Django's `filepath_to_uri`.
const SAFE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'*')
    .remove(b'(')
    .remove(b')')
    .remove(b'\'');

/// The address prefix that files are served under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    /// The beginning of addresses in pages, perhaps with another host.
    url: String,
    /// Where in `url` the path begins.
    prefix_start: usize,
}

impl Mount {
    /// Adds a missing slash at either end (row WN-S12). `None` if the URL cannot be a prefix.
    pub(super) fn new(url: &str) -> Option<Self> {
        let has_host = url.starts_with("//") || (!url.starts_with('/') && url.contains("://"));
        let mut url = if has_host || url.starts_with('/') {
            url.to_owned()
        } else {
            format!("/{url}")
        };
        if !url.ends_with('/') {
            url.push('/');
        }
        let prefix_start = if has_host {
            let host_start = url.find("//")? + 2;
            host_start + url[host_start..].find('/')?
        } else {
            0
        };
        let has_other = url.contains(['?', '#', '\\', '%']) || !url.is_ascii();
        let is_path = !url[prefix_start..].contains("//") && !has_other;
        is_path.then_some(Self { url, prefix_start })
    }

    /// The beginning of the path of every request for a file.
    pub(super) fn prefix(&self) -> &str {
        &self.url[self.prefix_start..]
    }

    /// The address of a file.
    pub(super) fn address(&self, name: &str) -> String {
        format!("{}{}", self.url, utf8_percent_encode(name, SAFE))
    }
}

/// Whether a request can be for a file of this name.
pub(super) fn is_name(name: &str) -> bool {
    let is_short = name.len() <= NAME_LIMIT || name.chars().count() <= NAME_LIMIT;
    is_short
        && !name.contains(['\\', '\0'])
        && name
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

/// Decodes the part of an address after the prefix, once, so that `%252e` is the name `%2e`. `None`
/// for every name that is not allowed, however it is encoded.
pub(super) fn name(encoded: &str) -> Option<Cow<'_, str>> {
    // An encoded character takes at most twelve bytes: four times `%XX`.
    if encoded.len() > NAME_LIMIT * 12 {
        return None;
    }
    let name = if encoded.contains('%') {
        decode(encoded)?
    } else {
        Cow::Borrowed(encoded)
    };
    is_name(&name).then_some(name)
}

fn decode(encoded: &str) -> Option<Cow<'_, str>> {
    let mut rest = encoded;
    while let Some(percent) = rest.find('%') {
        let digits = rest.get(percent + 1..percent + 3)?;
        // An encoded slash would be part of a name, and no file has such a name.
        let is_slash = digits.eq_ignore_ascii_case("2f");
        if is_slash || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        rest = &rest[percent + 3..];
    }
    percent_decode_str(encoded).decode_utf8().ok()
}

/// The plain names that a hashed name may be of. The hash comes before the extension (row MF-1), or
/// last if there is none.
pub(super) fn plain_names(hashed: &str) -> impl Iterator<Item = String> {
    let base_start = hashed.rfind('/').map_or(0, |slash| slash + 1);
    let last = hashed[base_start..].rfind('.').map(|dot| base_start + dot);
    let before = last.and_then(|dot| Some(base_start + hashed[base_start..dot].rfind('.')?));
    let without_extension = last.map(|last| (last, hashed.len()));
    [before.zip(last), without_extension]
        .into_iter()
        .flatten()
        .filter(move |(start, end)| *start > base_start && is_hash(&hashed[start + 1..*end]))
        .map(|(start, end)| format!("{}{}", &hashed[..start], &hashed[end..]))
}

fn is_hash(text: &str) -> bool {
    let is_digit = |digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f');
    text.len() == HASH_LENGTH && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests;
