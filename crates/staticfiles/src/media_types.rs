//! The media type of a file by its name: a table of our own, so that no machine's
//! `/etc/mime.types` changes an answer. Knows names only, never contents.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The type of a file with an unknown name.
pub const UNKNOWN: &str = "application/octet-stream";

/// Whole names, and extensions with their dot, all in lower case, with their media types.
///
/// The first part is WhiteNoise's table (row WN-S6, made from nginx's), kept value for value, the
/// second part what has come into use since.
#[rustfmt::skip]
pub const TABLE: &[(&str, &str)] = &[
    (".3gp", "video/3gpp"),
    (".3gpp", "video/3gpp"),
    (".7z", "application/x-7z-compressed"),
    (".ai", "application/postscript"),
    (".asf", "video/x-ms-asf"),
    (".asx", "video/x-ms-asf"),
    (".atom", "application/atom+xml"),
    (".avi", "video/x-msvideo"),
    (".avif", "image/avif"),
    (".bmp", "image/x-ms-bmp"),
    (".cco", "application/x-cocoa"),
    (".crt", "application/x-x509-ca-cert"),
    (".css", "text/css"),
    (".der", "application/x-x509-ca-cert"),
    (".doc", "application/msword"),
    (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (".ear", "application/java-archive"),
    (".eot", "application/vnd.ms-fontobject"),
    (".eps", "application/postscript"),
    (".flv", "video/x-flv"),
    (".gif", "image/gif"),
    (".hqx", "application/mac-binhex40"),
    (".htc", "text/x-component"),
    (".htm", "text/html"),
    (".html", "text/html"),
    (".ico", "image/x-icon"),
    (".jad", "text/vnd.sun.j2me.app-descriptor"),
    (".jar", "application/java-archive"),
    (".jardiff", "application/x-java-archive-diff"),
    (".jng", "image/x-jng"),
    (".jnlp", "application/x-java-jnlp-file"),
    (".jpeg", "image/jpeg"),
    (".jpg", "image/jpeg"),
    (".js", "text/javascript"),
    (".json", "application/json"),
    (".jxl", "image/jxl"),
    (".kar", "audio/midi"),
    (".kml", "application/vnd.google-earth.kml+xml"),
    (".kmz", "application/vnd.google-earth.kmz"),
    (".m3u8", "application/vnd.apple.mpegurl"),
    (".m4a", "audio/x-m4a"),
    (".m4v", "video/x-m4v"),
    (".md", "text/markdown"),
    (".mid", "audio/midi"),
    (".midi", "audio/midi"),
    (".mjs", "text/javascript"),
    (".mml", "text/mathml"),
    (".mng", "video/x-mng"),
    (".mov", "video/quicktime"),
    (".mp3", "audio/mpeg"),
    (".mp4", "video/mp4"),
    (".mpeg", "video/mpeg"),
    (".mpg", "video/mpeg"),
    (".odg", "application/vnd.oasis.opendocument.graphics"),
    (".odp", "application/vnd.oasis.opendocument.presentation"),
    (".ods", "application/vnd.oasis.opendocument.spreadsheet"),
    (".odt", "application/vnd.oasis.opendocument.text"),
    (".ogg", "audio/ogg"),
    (".pdb", "application/x-pilot"),
    (".pdf", "application/pdf"),
    (".pem", "application/x-x509-ca-cert"),
    (".pl", "application/x-perl"),
    (".pm", "application/x-perl"),
    (".png", "image/png"),
    (".ppt", "application/vnd.ms-powerpoint"),
    (".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (".prc", "application/x-pilot"),
    (".ps", "application/postscript"),
    (".ra", "audio/x-realaudio"),
    (".rar", "application/x-rar-compressed"),
    (".rpm", "application/x-redhat-package-manager"),
    (".rss", "application/rss+xml"),
    (".rtf", "application/rtf"),
    (".run", "application/x-makeself"),
    (".sea", "application/x-sea"),
    (".shtml", "text/html"),
    (".sit", "application/x-stuffit"),
    (".svg", "image/svg+xml"),
    (".svgz", "image/svg+xml"),
    (".swf", "application/x-shockwave-flash"),
    (".tcl", "application/x-tcl"),
    (".tif", "image/tiff"),
    (".tiff", "image/tiff"),
    (".tk", "application/x-tcl"),
    (".ts", "video/mp2t"),
    (".txt", "text/plain"),
    (".war", "application/java-archive"),
    (".wasm", "application/wasm"),
    (".wbmp", "image/vnd.wap.wbmp"),
    (".webm", "video/webm"),
    (".webp", "image/webp"),
    (".wml", "text/vnd.wap.wml"),
    (".wmlc", "application/vnd.wap.wmlc"),
    (".wmv", "video/x-ms-wmv"),
    (".woff", "application/font-woff"),
    (".woff2", "font/woff2"),
    (".xhtml", "application/xhtml+xml"),
    (".xls", "application/vnd.ms-excel"),
    (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (".xml", "text/xml"),
    (".xpi", "application/x-xpinstall"),
    (".xspf", "application/xspf+xml"),
    (".zip", "application/zip"),
    ("apple-app-site-association", "application/pkc7-mime"),
    ("crossdomain.xml", "text/x-cross-domain-policy"),

    (".aac", "audio/aac"),
    (".apng", "image/apng"),
    (".bz2", "application/x-bzip2"),
    (".cjs", "text/javascript"),
    (".csv", "text/csv"),
    (".cur", "image/x-icon"),
    (".epub", "application/epub+zip"),
    (".flac", "audio/flac"),
    (".geojson", "application/geo+json"),
    (".glb", "model/gltf-binary"),
    (".gltf", "model/gltf+json"),
    (".gz", "application/gzip"),
    (".heic", "image/heic"),
    (".ics", "text/calendar"),
    (".jfif", "image/jpeg"),
    (".jsonld", "application/ld+json"),
    (".map", "application/json"),
    (".mpd", "application/dash+xml"),
    (".oga", "audio/ogg"),
    (".ogv", "video/ogg"),
    (".opus", "audio/ogg"),
    (".otf", "font/otf"),
    (".tar", "application/x-tar"),
    (".tgz", "application/gzip"),
    (".toml", "application/toml"),
    (".tsv", "text/tab-separated-values"),
    (".ttc", "font/collection"),
    (".ttf", "font/ttf"),
    (".vcf", "text/vcard"),
    (".vtt", "text/vtt"),
    (".wav", "audio/wav"),
    (".weba", "audio/webm"),
    (".webmanifest", "application/manifest+json"),
    (".xsl", "application/xslt+xml"),
    (".xslt", "application/xslt+xml"),
    (".xz", "application/x-xz"),
    (".yaml", "application/yaml"),
    (".yml", "application/yaml"),
    (".zst", "application/zstd"),
];

/// The media type of a file, without parameters.
///
/// ```
/// use staticfiles::media_types::media_type;
///
/// assert_eq!(media_type("css/Base.CSS"), "text/css");
/// assert_eq!(media_type("noext"), "application/octet-stream");
/// ```
pub fn media_type(name: &str) -> &'static str {
    let base_name = base_name(name);
    look_up(&base_name)
        .or_else(|| look_up(extension(&base_name)))
        .unwrap_or(UNKNOWN)
}

/// The media type of a file, by the caller's table and then by ours. The table's keys are
/// extensions with their dot, or whole names, in lower case (`WHITENOISE_MIMETYPES`).
pub fn media_type_with<'a>(own: &'a BTreeMap<String, String>, name: &str) -> &'a str {
    let base_name = base_name(name);
    // A whole name goes before an extension, whichever table has it.
    [&*base_name, extension(&base_name)]
        .into_iter()
        .find_map(|key| own.get(key).map(String::as_str).or_else(|| look_up(key)))
        .unwrap_or(UNKNOWN)
}

/// The value of `Content-Type`: text is UTF-8, in the words of WhiteNoise (row WN-S7), quotes
/// included. JavaScript is text, too; JSON and SVG say their charset themselves.
pub fn content_type(media_type: &str) -> Cow<'_, str> {
    if media_type.starts_with("text/") && !media_type.contains(';') {
        Cow::Owned(format!("{media_type}; charset=\"utf-8\""))
    } else {
        Cow::Borrowed(media_type)
    }
}

/// The last part of a name, in lower case.
fn base_name(name: &str) -> String {
    let start = name.rfind('/').map_or(0, |slash| slash + 1);
    name[start..].to_lowercase()
}

/// The extension with its dot, as Python's `os.path.splitext` finds it: dots at the start do not
/// count. Empty when there is none.
fn extension(base_name: &str) -> &str {
    match base_name.rfind('.') {
        Some(dot) if base_name[..dot].bytes().any(|byte| byte != b'.') => &base_name[dot..],
        _ => "",
    }
}

fn look_up(key: &str) -> Option<&'static str> {
    TABLE
        .iter()
        .find_map(|(known, media_type)| (*known == key).then_some(*media_type))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_key_is_there_once_and_in_the_form_that_is_looked_up() {
        let keys: BTreeSet<_> = TABLE.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys.len(), TABLE.len());
        for (key, media_type) in TABLE {
            let name = format!(
                "Dir.x/{}{key}",
                if key.starts_with('.') { "a.b" } else { "" }
            );
            assert_eq!(super::media_type(&name), *media_type);
            assert_eq!(super::media_type(&name.to_uppercase()), *media_type);
            assert!(media_type.is_ascii() && media_type.contains('/'));
        }
        assert!(TABLE.len() >= 104);
    }

    #[test]
    fn names_that_tell_nothing_are_bytes() {
        for name in [
            "",
            "noext",
            ".unheard",
            "a/.htaccess",
            "css/",
            "a.unheard",
            "x.css/y",
            ".",
        ] {
            assert_eq!(media_type(name), UNKNOWN, "{name}");
        }
    }

    #[test]
    fn the_callers_table_goes_first() {
        let own = [(".css", "text/x-own"), ("feed.xml", "application/rss+xml")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into();
        let cases = [
            ("a.CSS", "text/x-own"),
            ("b/feed.xml", "application/rss+xml"),
            ("b/other.xml", "text/xml"),
            ("crossdomain.xml", "text/x-cross-domain-policy"),
            ("zz", UNKNOWN),
        ];
        for (name, expected) in cases {
            assert_eq!(media_type_with(&own, name), expected, "{name}");
        }
    }

    #[test]
    fn text_has_a_charset_and_nothing_else_has() {
        let cases = [
            ("text/css", "text/css; charset=\"utf-8\""),
            ("text/javascript", "text/javascript; charset=\"utf-8\""),
            ("text/html; charset=latin1", "text/html; charset=latin1"),
            ("application/json", "application/json"),
            ("image/svg+xml", "image/svg+xml"),
        ];
        for (media_type, expected) in cases {
            assert_eq!(content_type(media_type), expected);
        }
    }
}
