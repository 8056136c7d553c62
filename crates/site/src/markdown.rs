//! Texts that staff write in a part of Markdown: paragraphs, emphasis, lists, links to `https`. Whatever
//! else Markdown has is shown as text; HTML among it, too, so that nothing of a text gets into a page as
//! markup of its own.

use std::fmt::Write as _;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The HTML of a text: safe to be put into a page as it is, whatever the text holds.
pub fn html(markdown: &str) -> String {
    let mut html = String::with_capacity(markdown.len() * 2);
    // For each link that is open, whether it has an element.
    let mut links = Vec::new();
    for event in Parser::new_ext(markdown, Options::empty()) {
        match event {
            Event::Start(tag) => start(&mut html, tag, &mut links),
            Event::End(tag) => end(&mut html, tag, &mut links),
            Event::Text(text)
            | Event::Code(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => escape(&mut html, &text),
            Event::SoftBreak => html.push('\n'),
            Event::HardBreak => html.push_str("<br>"),
            Event::Rule | Event::TaskListMarker(_) => {}
        }
    }
    html
}

fn start(html: &mut String, tag: Tag<'_>, links: &mut Vec<bool>) {
    match tag {
        Tag::Paragraph | Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::HtmlBlock => {
            html.push_str("<p>");
        }
        Tag::Emphasis => html.push_str("<em>"),
        Tag::Strong => html.push_str("<strong>"),
        Tag::List(None) => html.push_str("<ul>"),
        Tag::List(Some(_)) => html.push_str("<ol>"),
        Tag::Item => html.push_str("<li>"),
        Tag::Link { dest_url, .. } => {
            let is_safe = is_https(&dest_url);
            if is_safe {
                html.push_str("<a rel=\"external nofollow noreferrer\" href=\"");
                escape(html, &dest_url);
                html.push_str("\">");
            }
            links.push(is_safe);
        }
        // Of an image, the alternative text is left.
        _ => {}
    }
}

fn end(html: &mut String, tag: TagEnd, links: &mut Vec<bool>) {
    match tag {
        TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock => {
            html.push_str("</p>\n");
        }
        TagEnd::Emphasis => html.push_str("</em>"),
        TagEnd::Strong => html.push_str("</strong>"),
        TagEnd::List(false) => html.push_str("</ul>\n"),
        TagEnd::List(true) => html.push_str("</ol>\n"),
        TagEnd::Item => html.push_str("</li>"),
        TagEnd::Link if links.pop() == Some(true) => html.push_str("</a>"),
        _ => {}
    }
}

/// Whether an address is one of a site under TLS. Browsers drop line ends and tabs of an address, and
/// take a backslash for a slash (WHATWG URL, 4.4): such ones are none.
fn is_https(address: &str) -> bool {
    let scheme = address.get(..8).unwrap_or_default();
    let is_odd = |character: char| character.is_control() || character == '\\';
    scheme.eq_ignore_ascii_case("https://") && !address.contains(is_odd)
}

fn escape(html: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' | '<' | '>' | '"' | '\'' => {
                // Writing into a string cannot fail.
                let _ = write!(html, "&#{};", u32::from(character));
            }
            _ => html.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_part_has_becomes_elements() {
        for (markdown, expected) in [
            ("One\ntwo\n\nthree", "<p>One\ntwo</p>\n<p>three</p>\n"),
            (
                "*soft* and **loud**",
                "<p><em>soft</em> and <strong>loud</strong></p>\n",
            ),
            ("* a\n* b", "<ul><li>a</li><li>b</li></ul>\n"),
            ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>\n"),
            (
                "[Trail](https://example.org/a?b=1&c=2)",
                "<p><a rel=\"external nofollow noreferrer\" \
                 href=\"https://example.org/a?b=1&#38;c=2\">Trail</a></p>\n",
            ),
            (
                "<HTTPS://example.org/>",
                "<p><a rel=\"external nofollow noreferrer\" \
                 href=\"HTTPS://example.org/\">HTTPS://example.org/</a></p>\n",
            ),
            ("end  \nof line", "<p>end<br>of line</p>\n"),
            ("", ""),
        ] {
            assert_eq!(html(markdown), expected, "{markdown}");
        }
    }

    #[test]
    fn what_it_has_not_is_text() {
        for (markdown, expected) in [
            ("# Head", "<p>Head</p>\n"),
            ("`code`", "<p>code</p>\n"),
            ("    <b>\n", "<p>&#60;b&#62;\n</p>\n"),
            ("> said", "<p>said</p>\n"),
            ("a\n\n---\n\nb", "<p>a</p>\n<p>b</p>\n"),
            ("![alt](https://example.org/a.png)", "<p>alt</p>\n"),
            ("a | b\n--|--\n1 | 2", "<p>a | b\n--|--\n1 | 2</p>\n"),
        ] {
            assert_eq!(html(markdown), expected, "{markdown}");
        }
    }

    /// No element and no attribute comes from the text but those that this file writes.
    #[test]
    fn hostile_texts_stay_texts() {
        let long = "[".repeat(2_000) + &"*_".repeat(1_500);
        for markdown in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<!-- --><svg/onload=alert(1)>",
            "[a](javascript:alert(1))",
            "[a](JaVaScRiPt:alert(1))",
            "[a](&#106;avascript:alert(1))",
            "[a](data:text/html;base64,PHNjcmlwdD4=)",
            "[a](//example.org/)",
            "[a](http://example.org/)",
            "[a](https:/\\example.org/)",
            "[a](https://example.org\\@evil.example/)",
            "[a](<https://example.org/\" onclick=\"alert(1)>)",
            "[a](https://example.org/ \"t\\\" onclick=alert(1)\")",
            "[a]: javascript:alert(1)\n\n[a]",
            "<javascript:alert(1)>",
            "<ann@example.com>",
            "<a href=\"https://example.org\">x</a>",
            "```<script>\nalert(1)\n```",
            "*<b>*</em><script>",
            "&lt;script&gt;",
            "a\u{0}b\u{202e}c",
            &long,
        ] {
            let html = html(markdown);
            let mut rest = html.as_str();
            while let Some(place) = rest.find('<') {
                rest = &rest[place..];
                let known = [
                    "<p>",
                    "</p>",
                    "<em>",
                    "</em>",
                    "<strong>",
                    "</strong>",
                    "<ul>",
                    "</ul>",
                    "<li>",
                    "</li>",
                    "</a>",
                    "<br>",
                ];
                let link = "<a rel=\"external nofollow noreferrer\" href=\"https://";
                let is_known = known.iter().any(|tag| rest.starts_with(tag));
                if let Some(address) = rest.strip_prefix(link) {
                    let end = address.find('"').unwrap();
                    assert!(address[end..].starts_with("\">"), "{html}");
                } else {
                    assert!(is_known, "{html}");
                }
                rest = &rest[1..];
            }
            for word in ["javascript:", "data:", "onclick"] {
                let attribute = format!("href=\"{word}");
                assert!(!html.contains(&attribute), "{html}");
            }
        }
    }
}
