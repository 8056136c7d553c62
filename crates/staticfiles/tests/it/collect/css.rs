//! References in style sheets.

use staticfiles::references::{Language, find, rewrite};

/// Rewrites every address to itself with `!` at its end.
#[track_caller]
fn check(text: &str, expected: &str) {
    let references = find(Language::Css, text);
    let rewritten = rewrite(text, &references, |reference| {
        Some(format!("{}!", reference.url))
    });
    assert_eq!(rewritten, expected, "from {text}");
    assert_eq!(rewrite(text, &references, |_| None), text);
}

#[test]
fn addresses_with_and_without_quotes() {
    check("a{b:url(x.png)}", r#"a{b:url("x.png!")}"#);
    check("a{b:url('x.png')}", r#"a{b:url("x.png!")}"#);
    check(r#"a{b:url("x.png")}"#, r#"a{b:url("x.png!")}"#);
    check("a{b:url( x.png )}", r#"a{b:url("x.png!")}"#);
    check("a{b:url(\n'x.png'\n)}", r#"a{b:url("x.png!")}"#);
    check("a{b:URL(x), Url('y')}", r#"a{b:url("x!"), url("y!")}"#);
    check("src:url(a?#b)format('c')", r#"src:url("a?#b!")format('c')"#);
    check("url(é.png)", r#"url("é.png!")"#);
}

#[test]
fn imports() {
    check("@import 'a.css';", r#"@import url("a.css!");"#);
    check(
        "@import\n\"a.css\" screen;",
        r#"@import url("a.css!") screen;"#,
    );
    check("@IMPORT\"a.css\";", r#"@import url("a.css!");"#);
    check(
        "@import url(a.css) layer(b);",
        r#"@import url("a.css!") layer(b);"#,
    );
    check("@import/*x*/'a.css';", r#"@import/*x*/url("a.css!");"#);
    check(
        "@import /*'x'*/ url(a.css);",
        r#"@import /*'x'*/ url("a.css!");"#,
    );
    check("@important 'a.css';", "@important 'a.css';");
    check("@import", "@import");
}

#[test]
fn source_maps() {
    check(
        "/*# sourceMappingURL=a.map */",
        "/*# sourceMappingURL=a.map! */",
    );
    check(
        "b{}/*#\tsourceMappingURL=a.map*/",
        "b{}/*# sourceMappingURL=a.map! */",
    );
    for text in [
        "/* # sourceMappingURL=a.map */",
        "/*# sourcemappingurl=a.map */",
        "/*# sourceMappingURL=a map */",
        "/*# sourceMappingURL= */",
        "/*# sourceMappingURL=a.map",
        "/*@ sourceMappingURL=a.map */",
    ] {
        check(text, text);
    }
}

/// What a name becomes that only encoding kept from ending the comment.
#[test]
fn the_address_of_a_source_map_cannot_end_the_comment() {
    let text = "/*# sourceMappingURL=a.map */";
    let references = find(Language::Css, text);
    assert_eq!(
        rewrite(text, &references, |_| Some("a*/b c.map".to_owned())),
        "/*# sourceMappingURL=a%2A/b%20c.map */"
    );
}

#[test]
fn comments_strings_and_other_words_stay() {
    for text in [
        "/* url(x) @import 'y'; */",
        "/* url(x)",
        "/**/",
        "a{content:\"url(x)\"}",
        "a{content:'it\\'s url(x)'}",
        "a{content:'two \\\n lines url(x)'}",
        "a{b:my-url(x)}",
        "a{b:-url(x)}",
        "a{b:urls(x)}",
        "a{b:url (x)}",
        "a{b:#url(x)}",
        "a{b:1url(x)}",
        "@url(x)",
        "@charset 'x';",
        "a{b:url()}",
        "a{b:url(' ')}",
        "a{b:src('x')}",
        "url(",
        "url(x",
        "url('x",
        "url(x y)",
        "url(x\"y)",
        "url(x(y)",
        "url('x\n')",
        "@import 'x\n';",
        "\\",
        "@\\\n",
    ] {
        check(text, text);
    }
}

#[test]
fn after_what_is_broken_it_goes_on() {
    check("a{b:'x\n} c{d:url(e)}", "a{b:'x\n} c{d:url(\"e!\")}");
    check("a{b:url(x y);c:url(z)}", r#"a{b:url(x y);c:url("z!")}"#);
    check("url(a\\)b c) url(d)", r#"url(a\)b c) url("d!")"#);
}

#[test]
fn escapes_are_read_and_written() {
    check(r"url(a\ b\).png)", r#"url("a b).png!")"#);
    check(r"url(\61 b)", r#"url("ab!")"#);
    check(r"u\72 l(a)", r#"url("a!")"#);
    check(r"\75\000072l(a)", r#"url("a!")"#);
    check(
        r"url('a\
b')",
        r#"url("ab!")"#,
    );
    check(r#"url('a"b')"#, r#"url("a\"b!")"#);
    check(r"url('a\5c b')", r#"url("a\\b!")"#);
    check(r"url('a\a b')", r#"url("a\a b!")"#);
    check(r"url(a\0 b)", "url(\"a\u{fffd}b!\")");
    check(r"url(a\110000 b)", "url(\"a\u{fffd}b!\")");
}

#[test]
fn what_follows_an_address_in_its_brackets_stays() {
    check("url('a' b(c))", r#"url("a!" b(c))"#);
    check("url('a'/*b*/)", r#"url("a!"/*b*/)"#);
    check("url('a'", r#"url("a!""#);
}

#[test]
fn lines_are_counted() {
    let text = "/*\n*/ a{b:url(c)}\r\n\n@import 'd';e{f:url(g)}";
    let references = find(Language::Css, text);
    let found: Vec<_> = references
        .iter()
        .map(|reference| (&*reference.url, reference.line))
        .collect();
    assert_eq!(found, [("c", 2), ("d", 4), ("g", 4)]);
}
