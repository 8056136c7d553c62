//! Names with a part of the content's hash, as Django makes them.

use md5::{Digest as _, Md5};

/// How many hexadecimal digits of the hash a name holds.
pub const HASH_LENGTH: usize = 12;

/// The part of the content's MD5 that a name holds
/// (`Django 5.2 contrib/staticfiles/storage.py`, `file_hash`).
///
/// ```
/// assert_eq!(staticfiles::hash::content_hash(b"body {}\n"), "746f7bd76da1");
/// ```
pub fn content_hash(content: &[u8]) -> String {
    short(&Md5::digest(content))
}

/// The first digits of a whole hash.
pub(crate) fn short(digest: &[u8]) -> String {
    let mut digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(HASH_LENGTH);
    digits
}

/// The name of a file with its hash before the extension
/// (`Django 5.2 contrib/staticfiles/storage.py`, `hashed_name`).
///
/// ```
/// use staticfiles::hash::hashed_name;
///
/// assert_eq!(hashed_name("css/a.min.css", "27e20196a850"), "css/a.min.27e20196a850.css");
/// assert_eq!(hashed_name("v1.2/noext", "8a4876ea55d9"), "v1.2/noext.8a4876ea55d9");
/// ```
pub fn hashed_name(name: &str, hash: &str) -> String {
    let (stem, extension) = split_extension(name);
    format!("{stem}.{hash}{extension}")
}

/// The extension with its dot, as Python's `os.path.splitext` finds it: dots at the start of a
/// file's name do not count.
fn split_extension(name: &str) -> (&str, &str) {
    let base_start = name.rfind('/').map_or(0, |slash| slash + 1);
    let base_name = &name[base_start..];
    match base_name.rfind('.') {
        Some(dot) if base_name[..dot].bytes().any(|byte| byte != b'.') => {
            name.split_at(base_start + dot)
        }
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_comes_before_the_last_extension() {
        let cases = [
            ("a.css", "a.H.css"),
            ("base.css.map", "base.css.H.map"),
            ("noext", "noext.H"),
            ("v1.2/noext", "v1.2/noext.H"),
            (".htaccess", ".htaccess.H"),
            ("a/..b", "a/..b.H"),
            ("a/..b.c", "a/..b.H.c"),
            ("dot.", "dot.H."),
            ("é.ö", "é.H.ö"),
        ];
        for (name, expected) in cases {
            assert_eq!(hashed_name(name, "H"), expected);
        }
    }
}
