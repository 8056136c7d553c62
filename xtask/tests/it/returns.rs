//! Tests that give up: that return early, or go over nothing, because something is not there. Such
//! a test is green and has not looked. What a test needs it asks for and fails, and the runner of
//! the tests leaves it out by its mark (`xtask/src/needs.rs`).

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprIf, ImplItemFn, ItemFn, Local, Macro, ReturnType, Signature, Stmt};

use crate::tree::{File, Finding, assert_found, assert_none, sources};

#[test]
fn no_test_gives_up() {
    assert_none(sources().iter().flat_map(tests_that_give_up));
}

/// How each way to give up looks, and where it is found.
#[test]
fn ways_to_give_up_are_found() {
    let found = |text: &str| {
        let file = File::new("crates/db/tests/it/a.rs", &format!("//! x\n{text}\n"));
        !tests_that_give_up(&file).is_empty()
    };
    for text in [
        "#[test] fn a() { let Some(b) = c() else { return; }; assert!(b); }",
        "#[tokio::test] async fn a() { let Ok(b) = c().await else { return }; b.d(); }",
        "#[test] fn a() { if !is_there() { return; } assert!(b()); }",
        "#[test] fn a() { if !is_there() { tell(\"no\"); return; } assert!(b()); }",
        "#[test] fn a() -> Result<()> { if !is_there() { return Ok(()); } b() }",
        "#[test] fn a() { match b() { Some(c) => c.d(), None => return } }",
        "#[test] fn a() { match b() { Some(c) => assert!(c), None => {} } }",
        "#[test] fn a() { if let Some(b) = c() { assert!(b); } }",
        "#[test] fn a() { if is_there() { assert!(b()); } }",
        "#[test] fn a() { for b in c() { let Some(d) = e(b) else { continue; }; assert!(d); } }",
        "#[test] fn a() { for b in c() { if !b.exists() { continue; } assert!(b); } }",
        "#[test] fn a() { for b in c() { let Some(d) = e(b) else { break }; assert!(d); } }",
        "async fn helper(b: B) { let Some(c) = d(b).await else { return; }; assert!(c); }",
        "fn helper() { for b in c() { let Some(d) = e(b) else { continue }; assert!(d); } }",
        "fn helper() { if !python_is_there() { skip(\"no\"); return; } assert!(a()); }",
        "on_both_databases! { async fn a(app: A) { if app.is_b() { return; } assert!(c); } }",
        "on_both! { $(#[test] async fn $name() { if let Some(a) = b().await { c(a).await; } })* }",
        "fn helper() -> Option<A> { let a = variable(\"TEST_A\")?; Some(b(a)) }",
        "fn helper() -> Option<A> { std::fs::read_to_string(\"a\").ok() }",
        "fn helper() -> Vec<A> { let Ok(a) = fs::read(\"a\") else { return Vec::new(); }; b(a) }",
        "fn helper() -> Vec<A> { if !path.exists() { return vec![]; } b(path) }",
        "fn helper() -> Option<A> { if !path.is_dir() { return None; } Some(b(path)) }",
        "fn helper() -> String { fs::read_to_string(\"a\").unwrap_or_default() }",
    ] {
        assert!(found(text), "{text}");
    }
}

#[test]
fn what_only_looks_like_giving_up_is_not_found() {
    let text = "//! x
        #[test] fn a() { let done = b.map(|c| { if c { return; } d(c) }); assert!(done); }
        #[test] fn a() { if b { c(); } assert!(d); }
        #[test] fn a() { for b in c { if b.is_odd() { continue; } assert!(b); } }
        #[test] fn a() { while b() { if c() { break; } } assert!(d); }
        #[test] fn a() { let Some(b) = c() else { panic!(\"no\") }; assert!(b); }
        fn helper(a: &str) -> Option<&str> { let (b, _) = a.split_once(' ')?; Some(b) }
        fn helper(a: &mut A) { if a.is_over() { return; } a.b(); }
        fn helper(a: A) { let Some(b) = a.first() else { assert!(a.is_empty()); return; }; b.c(); }
        fn main() {}";
    assert_none(tests_that_give_up(&File::new(
        "crates/db/tests/it/a.rs",
        text,
    )));
    let code = "//! x\nfn a() { let Some(b) = c() else { return; }; b.d(); }";
    assert_none(tests_that_give_up(&File::new("crates/db/src/a.rs", code)));
    let tests = format!("{code}\n#[cfg(test)]\nmod tests {{ {} }}", &code[6..]);
    assert_found(
        tests_that_give_up(&File::new("crates/db/src/a.rs", &tests)),
        &["crates/db/src/a.rs:4: gives up where it lacks something, and is green"],
    );
}

/// Functions of tests in which somebody gives up.
fn tests_that_give_up(file: &File) -> Vec<Finding> {
    // What other crates test with is no test, and still theirs.
    let is_for_tests = file.name() == "testing.rs";
    let Some(first) = file.first_test_line().or(is_for_tests.then_some(1)) else {
        return Vec::new();
    };
    let Ok(parsed) = syn::parse_file(&file.text) else {
        return vec![file.finding(1, "is no Rust that can be read")];
    };
    let mut tests = TestVisitor::default();
    tests.visit_file(&parsed);
    let lines = tests.found.iter().map(|span| span.start().line);
    let lines = lines.filter(|line| *line >= first);
    lines
        .map(|line| file.finding(line, "gives up where it lacks something, and is green"))
        .collect()
}

/// Looks at every function, those within macros too.
#[derive(Default)]
struct TestVisitor {
    found: Vec<Span>,
}

impl TestVisitor {
    fn look_at(&mut self, attributes: &[syn::Attribute], signature: &Signature, body: &Block) {
        let is_test = attributes.iter().any(|attribute| {
            let last = attribute.path().segments.last();
            last.is_some_and(|last| last.ident == "test" || last.ident == "both")
        });
        let role = if is_test { Role::Test } else { Role::Helper };
        self.found.extend(Body::find(signature, body, role));
    }

    fn look_within(&mut self, tokens: proc_macro2::TokenStream) {
        // `$(…)*` and `$name` of a definition become what is in them.
        let tokens = plain(tokens);
        let file = syn::parse2::<syn::File>(tokens);
        for item in file.iter().flat_map(|file| &file.items) {
            if let syn::Item::Fn(function) = item {
                // What a macro makes tests of has no attribute that says so.
                self.found
                    .extend(Body::find(&function.sig, &function.block, Role::Test));
            } else {
                self.visit_item(item);
            }
        }
    }
}

/// Tokens without the signs of a macro's definition: groups that repeat are opened.
fn plain(tokens: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    use proc_macro2::{Delimiter, Group, TokenTree};

    let mut plain_tokens = proc_macro2::TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == '$' => {
                let is_group = |token: &TokenTree| matches!(token, TokenTree::Group(_));
                if let Some(TokenTree::Group(group)) = tokens.next_if(is_group) {
                    plain_tokens.extend(plain(group.stream()));
                    // Its `*`.
                    tokens.next();
                }
            }
            TokenTree::Group(group) if group.delimiter() != Delimiter::None => {
                let mut inner = Group::new(group.delimiter(), plain(group.stream()));
                inner.set_span(group.span());
                plain_tokens.extend([TokenTree::Group(inner)]);
            }
            token => plain_tokens.extend([token]),
        }
    }
    plain_tokens
}

impl<'ast> Visit<'ast> for TestVisitor {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.look_at(&function.attrs, &function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.look_at(&function.attrs, &function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        // To be read as functions, which most are not.
        if names_in(&called.tokens).iter().any(|name| name == "fn") {
            self.look_within(called.tokens.clone());
        }
    }
}

/// What a function is there for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Test,
    Helper,
}

/// The body of one function, without the closures and functions in it.
struct Body {
    is_test: bool,
    /// It gives nothing back.
    is_unit: bool,
    /// It looks for something that may be missing: a file, a variable, a program.
    probes_environment: bool,
    /// The loops around what is looked at.
    loops: usize,
    found: Vec<Span>,
}

impl Body {
    fn find(signature: &Signature, block: &Block, role: Role) -> Vec<Span> {
        let is_test = role == Role::Test;
        let mut body = Self {
            is_test,
            is_unit: matches!(signature.output, ReturnType::Default),
            probes_environment: probes_environment(block),
            loops: 0,
            found: Vec::new(),
        };
        body.visit_block(block);
        if is_test && is_idle_unless(block) {
            body.found.push(block.span());
        }
        body.found
    }

    /// Whether a block is left without a word to whoever counts: a test by any return, a helper by
    /// one that nothing goes before, or by one after looking around.
    fn gives_up(&self, block: &Block) -> bool {
        let is_bare = block.stmts.len() == 1;
        let is_over = match block.stmts.last() {
            Some(Stmt::Expr(last, _)) => self.is_left_by(last),
            _ => false,
        };
        let says_nothing = is_bare || !has_assertion(block);
        is_over && says_nothing
    }

    fn is_left_by(&self, last: &Expr) -> bool {
        match last {
            Expr::Return(left) => left.expr.as_deref().is_none_or(is_nothing),
            Expr::Continue(_) | Expr::Break(_) => self.loops > 0,
            _ => false,
        }
    }
}

impl<'ast> Visit<'ast> for Body {
    fn visit_local(&mut self, local: &'ast Local) {
        let otherwise = local.init.as_ref().and_then(|init| init.diverge.as_ref());
        if let Some((_, otherwise)) = otherwise
            && let Expr::Block(otherwise) = &**otherwise
            && self.gives_up(&otherwise.block)
            && (self.is_test || self.is_unit || self.probes_environment)
        {
            self.found.push(otherwise.span());
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_if(&mut self, condition: &'ast ExprIf) {
        let asks = probes_environment(&*condition.cond) || is_about_presence(&condition.cond);
        let leaves_loop = matches!(
            condition.then_branch.stmts.last(),
            Some(Stmt::Expr(Expr::Continue(_) | Expr::Break(_), _))
        );
        let is_suspect = if leaves_loop {
            asks && condition.then_branch.stmts.len() == 1
        } else {
            self.is_test || asks
        };
        if is_suspect && self.gives_up(&condition.then_branch) {
            self.found.push(condition.span());
        }
        visit::visit_expr_if(self, condition);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let is_absence = matches!(&arm.pat, syn::Pat::Ident(name) if name.ident == "None")
            || matches!(&arm.pat, syn::Pat::Path(path) if path.path.is_ident("None"))
            || matches!(&arm.pat, syn::Pat::TupleStruct(kind) if kind.path.is_ident("Err"));
        let is_left = match &*arm.body {
            Expr::Block(body) => body.block.stmts.is_empty() || self.gives_up(&body.block),
            body => self.is_left_by(body) || is_nothing(body),
        };
        if is_absence && is_left && (self.is_test || self.probes_environment) {
            self.found.push(arm.span());
        }
        visit::visit_arm(self, arm);
    }

    fn visit_expr_try(&mut self, tried: &'ast syn::ExprTry) {
        if probes_environment(&*tried.expr) && !self.is_test {
            self.found.push(tried.span());
        }
        visit::visit_expr_try(self, tried);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let name = call.method.to_string();
        let is_silent = ["ok", "unwrap_or_default"].contains(&name.as_str());
        if is_silent && reads(&call.receiver) {
            self.found.push(call.span());
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_for_loop(&mut self, within: &'ast syn::ExprForLoop) {
        self.loops += 1;
        visit::visit_expr_for_loop(self, within);
        self.loops -= 1;
    }

    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}

    fn visit_item(&mut self, _: &'ast syn::Item) {}
}

/// `()`, `Ok(())`, `None`, `Vec::new()`, `vec![]`, `Default::default()`.
fn is_nothing(value: &Expr) -> bool {
    let text: String = quote::ToTokens::to_token_stream(value)
        .to_string()
        .split_whitespace()
        .collect();
    let nothing = [
        "()",
        "Ok(())",
        "None",
        "Ok(None)",
        "Vec::new()",
        "vec![]",
        "String::new()",
        "Default::default()",
    ];
    nothing.contains(&text.as_str())
}

/// A test that is nothing but what it does under a condition, or where something is there.
fn is_idle_unless(block: &Block) -> bool {
    let Some(Stmt::Expr(last, _)) = block.stmts.last() else {
        return false;
    };
    let Expr::If(condition) = last else {
        return false;
    };
    let before = &block.stmts[..block.stmts.len() - 1];
    let is_all = !before.iter().any(has_assertion_in);
    condition.else_branch.is_none() && is_all
}

fn has_assertion(block: &Block) -> bool {
    block.stmts.iter().any(has_assertion_in)
}

/// Whether anything in a statement can fail by what it finds.
fn has_assertion_in(statement: &Stmt) -> bool {
    names_in(statement)
        .iter()
        .any(|name| name.starts_with("assert") || name == "panic" || name == "expect")
}

/// Names of functions and methods that look for what may be missing.
const PROBING_CALLS: [&str; 12] = [
    "variable",
    "var",
    "var_os",
    "exists",
    "try_exists",
    "is_dir",
    "is_file",
    "read_to_string",
    "read_dir",
    "metadata",
    "Command",
    "is_root",
];

fn probes_environment(node: &impl quote::ToTokens) -> bool {
    let names = names_in(node);
    let is_there = |word: &str| names.iter().any(|name| name == word);
    PROBING_CALLS.into_iter().any(is_there) || (is_there("fs") && is_there("read"))
}

/// Whether it is a file that is read, and not a pipe or a connection.
fn reads(expression: &Expr) -> bool {
    let names = names_in(expression);
    names.iter().any(|name| name == "read_to_string") && names.iter().any(|name| name == "fs")
}

/// `python_is_there()`, `x.is_none()`, `is_installed()`.
fn is_about_presence(condition: &Expr) -> bool {
    let words = ["is_there", "is_none", "is_installed", "has_", "is_missing"];
    names_in(condition)
        .iter()
        .any(|name| words.iter().any(|word| name.contains(word)))
}

/// Every name in it.
fn names_in(node: &impl quote::ToTokens) -> Vec<String> {
    fn collect(tokens: proc_macro2::TokenStream, names: &mut Vec<String>) {
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Ident(name) => names.push(name.to_string()),
                proc_macro2::TokenTree::Group(group) => collect(group.stream(), names),
                _ => {}
            }
        }
    }
    let mut names = Vec::new();
    collect(node.to_token_stream(), &mut names);
    names
}
