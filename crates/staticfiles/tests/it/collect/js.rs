//! References in scripts.

use staticfiles::references::{Language, find, rewrite};

/// Rewrites every address to itself with `!` at its end.
#[track_caller]
fn check(text: &str, expected: &str) {
    let references = find(Language::JavaScript, text);
    let rewritten = rewrite(text, &references, |reference| {
        Some(format!("{}!", reference.url))
    });
    assert_eq!(rewritten, expected, "from {text}");
    assert_eq!(rewrite(text, &references, |_| None), text);
}

/// There is exactly one reference, and it is found.
#[track_caller]
fn check_finds(text: &str) {
    let references = find(Language::JavaScript, text);
    let found: Vec<_> = references.iter().map(|found| &*found.url).collect();
    assert_eq!(found, ["./x"], "in {text}");
}

#[test]
fn static_imports() {
    check("import a from './x';", r#"import a from "./x!";"#);
    check("import{a}from'./x';", r#"import{a} from "./x!";"#);
    check("import * as a  from\n'./x'", r#"import * as a from "./x!""#);
    check(
        "import a, {b as c, default as d} from './x';",
        r#"import a, {b as c, default as d} from "./x!";"#,
    );
    check(
        "import {'x-y' as a} from './x'",
        r#"import {'x-y' as a} from "./x!""#,
    );
    check("import from from './x'", r#"import from from "./x!""#);
    check("import {from} from './x'", r#"import {from} from "./x!""#);
    check(
        "import defer * as a from './x'",
        r#"import defer * as a from "./x!""#,
    );
    check(
        "import a from './x' with {type: 'json'}",
        r#"import a from "./x!" with {type: 'json'}"#,
    );
    check(
        "import a, /*b*/ {\nc\n} from './x'",
        "import a, /*b*/ {\nc\n} from \"./x!\"",
    );
    // Names of modules are found, too; who rewrites decides.
    check("import a from 'react'", r#"import a from "react!""#);
}

#[test]
fn comments_among_an_import_stay() {
    check("import a // b\nfrom './x'", "import a // b\nfrom \"./x!\"");
    check(
        "import a from /* b */ './x'",
        "import a from /* b */ \"./x!\"",
    );
    check("import /* b */ './x'", "import /* b */ \"./x!\"");
}

#[test]
fn imports_for_their_effect() {
    check("import './x';", r#"import"./x!";"#);
    check("import'./x'", r#"import"./x!""#);
    check("a\nimport './x'\nb", "a\nimport\"./x!\"\nb");
}

#[test]
fn several_in_one_file() {
    check(
        "import a from './a'\nimport {b} from './b';import './c'\nexport * from './d';",
        "import a from \"./a!\"\nimport {b} from \"./b!\";import\"./c!\"\nexport * from \"./d!\";",
    );
    check(
        "export default a\nimport './x'\nexport {a}\nimport b from './b'",
        "export default a\nimport\"./x!\"\nexport {a}\nimport b from \"./b!\"",
    );
}

#[test]
fn exports() {
    check("export * from './x';", r#"export * from "./x!";"#);
    check("export*as a from'./x';", r#"export*as a from "./x!";"#);
    check(
        "export {a, b as default} from './x';",
        r#"export {a, b as default} from "./x!";"#,
    );
    for text in [
        "export {a}; './x'",
        "export default './x'",
        "export const a = './x', from = './y'",
        "export function from() { './x' }",
        "export class A { from = './x' }",
    ] {
        check(text, text);
    }
}

#[test]
fn dynamic_imports() {
    check("import('./x')", r#"import("./x!")"#);
    check("await import( './x' , {})", r#"await import( "./x!" , {})"#);
    check(
        "import(/* b */ './x' // c\n)",
        "import(/* b */ \"./x!\" // c\n)",
    );
    check(
        "x => import('./x').then(y)",
        r#"x => import("./x!").then(y)"#,
    );
    check("`a${import('./x')}b`", r#"`a${import("./x!")}b`"#);
    for text in [
        "import('./x' + y)",
        "import(`./x`)",
        "import(x, './x')",
        "import('./x'",
        "import('./x\n')",
        "a.import('./x')",
        "a?.import('./x')",
        "this.#import('./x')",
        "important('./x')",
        "$import('./x')",
        "import.meta.resolve('./x')",
        "new URL('./x', import.meta.url)",
        "({import: './x', export: './x'})",
    ] {
        check(text, text);
    }
    check_finds("({...import('./x')})");
}

#[test]
fn source_maps() {
    check(
        "a()\n//# sourceMappingURL=a.map",
        "a()\n//# sourceMappingURL=a.map!",
    );
    check(
        "a()//# sourceMappingURL=a.map \r\n",
        "a()//# sourceMappingURL=a.map!\r\n",
    );
    for text in [
        "// sourceMappingURL=a.map",
        "//@ sourceMappingURL=a.map",
        "/*# sourceMappingURL=a.map */",
        "'//# sourceMappingURL=a.map'",
        "`\n//# sourceMappingURL=a.map\n`",
        "/*\n//# sourceMappingURL=a.map\n*/",
    ] {
        check(text, text);
    }
    // Found in this order, which is not that of their ends.
    check(
        "import('./x' //# sourceMappingURL=a.map\n)",
        "import(\"./x!\" //# sourceMappingURL=a.map!\n)",
    );
}

#[test]
fn comments_strings_templates_and_regular_expressions_stay() {
    for text in [
        "// import './x'",
        "/* import './x' */",
        "/* import './x'",
        "#!/usr/bin/env node import './x'",
        "\"import './x'\"",
        "'it\\'s import \"./x\"'",
        "'two \\\r\n lines import \"./x\"'",
        "`import './x'`",
        "`\\`import './x'`",
        "`a${'b'}import './x'`",
        "`a${`b${{c: {}}.c}`}import './x'`",
        "`a${b",
        "/import '.\\/x'/",
        "a = /['\"]import '.\\/x'/g",
        "a = /[/'`]import '.\\/x'/g",
        "if (a) /import '.\\/x'/.test(b)",
        "return /import '.\\/x'/",
        "{} /import '.\\/x'/",
        "a => /import '.\\/x'/",
        "[.../import '.\\/x'/]",
    ] {
        check(text, text);
    }
}

/// Each has a `/` that would hide the import if it were taken for the wrong thing.
#[test]
fn a_division_is_no_regular_expression() {
    for text in [
        "a = b / c; import('./x'); d / e",
        "a = b++ / c; import('./x'); d / e",
        "a = (b) / c; import('./x'); d / e",
        "a = b[0] / c; import('./x'); d / e",
        "a = {}.b / c; import('./x'); d / e",
        "a = ({} / c); import('./x'); d / e",
        "a = `b` / c; import('./x'); d / e",
        "a = 'b' / c; import('./x'); d / e",
        "a = 1.5e3 / c; import('./x'); d / e",
        "a = .5 / c; import('./x'); d / e",
        "a = this / c; import('./x'); d / e",
        "a = b.return / c; import('./x'); d / e",
        "a = b?.typeof / c; import('./x'); d / e",
        "a = /b/ / c; import('./x'); d / e",
        "a = {b: {}} / c; import('./x'); d / e",
        "a = \u{61}\u{301} / c; import('./x'); d / e",
        "a = \\u0062 / c; import('./x'); d / e",
        "a = \\u{62} / c; import('./x'); d / e",
        "a = #b in c / d; import('./x'); e / f",
    ] {
        check_finds(text);
    }
}

/// Each has a regular expression with a quote in it that would hide the import if the expression
/// were not seen.
#[test]
fn a_regular_expression_is_no_division() {
    for text in [
        "a = /`/; import('./x')",
        "a = b + /`/; import('./x')",
        "a(/`/); import('./x')",
        "a(b, /`/); import('./x')",
        "[/`/]; import('./x')",
        "return /`/; import('./x')",
        "typeof /`/; import('./x')",
        "while (a) /`/.test(b); import('./x')",
        "if (a) {} /`/.test(b); import('./x')",
        "else /`/.test(b); import('./x')",
        "a ? /`/ : /`/; import('./x')",
        "a = b => /`/; import('./x')",
        "a && /[`/]/.b; import('./x')",
        "!/\\/`/; import('./x')",
        "`${/`/}`; import('./x')",
        "function a() {} /`/.b; import('./x')",
        "case /`/: import('./x')",
    ] {
        check_finds(text);
    }
}

#[test]
fn after_what_is_broken_it_goes_on() {
    check_finds("a = 'b\nimport './x'");
    check_finds("a = (/b\nimport './x'");
    check_finds(")]}\nimport './x'");
    check_finds("a = ([{\n}\nimport './x'");
}

#[test]
fn escapes_are_read_and_written() {
    check(r"import './\u0078\x79\u{7a}'", r#"import"./xyz!""#);
    check("import './a\\\nb'", r#"import"./ab!""#);
    check("import './a\\\r\nb'", r#"import"./ab!""#);
    check(r"import './\a\\'", r#"import"./a\\!""#);
    check(r#"import './a"b'"#, r#"import"./a\"b!""#);
    check(r"import './a\nb\rc'", r#"import"./a\nb\rc!""#);
    for text in [
        r"import './\1'",
        r"import './\ud800'",
        r"import './\u{110000}'",
        r"import './\xg0'",
        r"import './\u00'",
        r"import './\u{'",
        r"import './\xé'",
        r"import './\ué'",
    ] {
        check(text, text);
    }
}

#[test]
fn lines_are_counted() {
    let text = "// a\nimport './b'\r\nimport c\nfrom './d'; import('./e')\n//# sourceMappingURL=f";
    let references = find(Language::JavaScript, text);
    let found: Vec<_> = references
        .iter()
        .map(|reference| (&*reference.url, reference.line))
        .collect();
    assert_eq!(found, [("./b", 2), ("./d", 4), ("./e", 4), ("f", 5)]);
}
