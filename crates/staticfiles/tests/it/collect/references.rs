//! References in a collection: what is ours, what has to be there, and what is nobody's business.

use super::Site;

/// Row MF-3.
#[test]
fn addresses_of_others_stay_as_they_are() {
    let text = "a { b: url(data:image/gif;base64,AAAA), url(https://host/a.png), \
                url(//host/a.png), url(/media/a.png), url(#mark), url(about:blank), url(), \
                url(?x), url('folder/') }\n@import 'http://host/a.css';";
    let site = Site::with(&[("a.css", text)]);
    let outcome = site.collect();
    assert_eq!(site.hashed_text(&outcome, "a.css"), text);
}

/// Row MF-4.
#[test]
fn query_and_fragment_stay() {
    let site = Site::with(&[
        (
            "a.css",
            "a { b: url(c.eot?#iefix), url('c.eot?v=1&w=a%20b#d'), url(\"/static/c.eot#d\") }",
        ),
        ("c.eot", "x"),
    ]);
    let outcome = site.collect();
    assert_eq!(
        site.hashed_text(&outcome, "a.css"),
        "a { b: url(\"c.9dd4e461268c.eot?#iefix\"), \
         url(\"c.9dd4e461268c.eot?v=1&w=a%20b#d\"), url(\"/static/c.9dd4e461268c.eot#d\") }"
    );
}

/// Row MF-5.
#[test]
fn source_maps_have_to_be_there() {
    let css = "b{}\n/*# sourceMappingURL=a.css.map */";
    let js = "b()\n//# sourceMappingURL=a.js.map";
    let site = Site::with(&[("a.css", css), ("a.js", js)]);
    let error = site.collect_error(&site.config());
    assert_eq!(
        error.to_string(),
        "a.css:2: `a.css.map` leads to a.css.map, which is in no source\n\
         a.js:2: `a.js.map` leads to a.js.map, which is in no source"
    );
    site.write("a.css.map", "x");
    site.write("a.js.map", "x");
    let outcome = site.collect();
    assert_eq!(
        site.hashed_text(&outcome, "a.css"),
        "b{}\n/*# sourceMappingURL=a.css.9dd4e461268c.map */"
    );
    assert_eq!(
        site.hashed_text(&outcome, "a.js"),
        "b()\n//# sourceMappingURL=a.js.9dd4e461268c.map"
    );
}

/// Row MF-7, where Django 5.2 fails.
#[test]
fn what_is_in_comments_and_strings_may_be_missing() {
    let css = "/* url(none.png) @import 'none.css'; */\na::after { content: \"url(none.png)\" }";
    let site = Site::with(&[("a.css", css)]);
    let outcome = site.collect();
    assert_eq!(site.hashed_text(&outcome, "a.css"), css);
}

/// Row MF-6.
#[test]
fn modules_are_collected_as_they_are_in_cycles_too() {
    let first = "import {b} from './b.mjs'\nexport const a = () => b;";
    let second = "import {a} from './a.js'\nimport('./none.js')\nexport * from 'react';";
    let site = Site::with(&[("a.js", first), ("b.mjs", second)]);
    let outcome = site.collect();
    assert_eq!(site.hashed_text(&outcome, "a.js"), first);
    assert_eq!(site.hashed_text(&outcome, "b.mjs"), second);
}

/// Row MF-5.
#[test]
fn a_source_map_has_a_line_of_its_own() {
    let text = "a() //# sourceMappingURL=none.map\n//# sourcemappingurl=none.map\n\
                //# sourceMappingURL=two words\n//# sourceMappingURL=a.map \r\nb()";
    let site = Site::with(&[("a.js", text), ("a.map", "x")]);
    let outcome = site.collect();
    let expected = text.replace("=a.map", "=a.9dd4e461268c.map");
    assert_eq!(site.hashed_text(&outcome, "a.js"), expected);
}
