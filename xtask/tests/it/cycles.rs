//! Files of a crate form layers: none needs one that needs it, so that each can be read before those
//! above it. A file needs another for the names that it takes from there, whether by `use` or by a
//! path in code. A file that only passes a name on (`pub use`) is not needed for it, the one that
//! defines it is; declaring a module (`mod`) needs nothing of it. Modules of tests are left out.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree, Visibility};

use crate::tree::{File, sources};

#[test]
fn no_files_need_each_other() {
    let sources = sources();
    let crates: BTreeSet<_> = sources
        .iter()
        .filter_map(|file| folder(&file.path))
        .collect();
    let mut told = String::new();
    for krate in crates {
        let files = sources
            .iter()
            .filter(|file| folder(&file.path) == Some(krate));
        let cycles = cycles(krate, files);
        if !cycles.is_empty() {
            told += &format!("\n{krate}:\n{}\n", cycles.join("\n\n"));
        }
    }
    assert!(told.is_empty(), "{told}");
}

#[test]
fn a_cycle_is_told_with_its_names() {
    let found = |files: &[(&str, &str)]| {
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| File::new(&format!("crates/x/src/{name}"), text))
            .collect();
        cycles("crates/x", files.iter())
    };
    let cycle = ["a.rs -> b.rs: B, b", "b.rs -> a.rs: A"].join("\n");
    let lib = ("lib.rs", "mod a; mod b;");
    let a = ("a.rs", "use crate::b::B; fn c() { assert!(crate::b::b()) }");
    let told = found(&[lib, a, ("b.rs", "fn c(_: super::a::A) {}")]);
    assert_eq!(told, [cycle]);
    assert_eq!(
        found(&[lib, a, ("b.rs", "use super::a; fn c(_: a::A) {}")]).len(),
        1
    );
    let tests = "#[cfg(test)] mod tests { use crate::a::A; }";
    assert!(found(&[lib, a, ("b.rs", tests)]).is_empty());

    let lib = ("lib.rs", "mod a;");
    let parent = ("a.rs", "mod b; pub use self::b::B; pub struct A;");
    assert_eq!(found(&[lib, parent, ("a/b.rs", "use super::A;")]).len(), 1);
    let parent = ("a.rs", "mod b; mod c; pub use self::b::B;");
    let siblings = [("a/b.rs", "pub struct B;"), ("a/c.rs", "use super::B;")];
    assert!(found(&[lib, parent, siblings[0], siblings[1]]).is_empty());

    // A library and a program in one folder have one root between them.
    let program = ("main.rs", "mod p; use x::a; fn d() { p::P }");
    assert!(found(&[lib, program, ("a.rs", ""), ("p.rs", "pub struct P;")]).is_empty());
    let back = ("p.rs", "pub struct P(crate::d);");
    assert_eq!(found(&[lib, program, ("a.rs", ""), back]).len(), 1);
}

/// The folder of the crate whose source a file is, tests apart.
fn folder(path: &str) -> Option<&str> {
    let end = path.find("/src/")?;
    let is_test = path.contains("/tests/") || path.ends_with("/tests.rs");
    (!is_test).then(|| &path[..end])
}

type Path = Vec<String>;

/// A file as a module.
#[derive(Debug, Default)]
struct Module {
    /// The names that it has from elsewhere, and where from.
    imports: BTreeMap<String, Path>,
    /// What it names.
    named: BTreeSet<Path>,
}

/// Every cycle: a line for each file that needs another, with the names that it takes from there.
fn cycles<'a>(krate: &str, files: impl Iterator<Item = &'a File>) -> Vec<String> {
    let source = format!("{krate}/src/");
    let mut modules = BTreeMap::new();
    let mut names = BTreeMap::new();
    for file in files {
        let name = file.path.strip_prefix(&*source).unwrap_or_default();
        let path = module_path(name);
        // A library and a program in one folder share their root.
        let module = modules.remove(&path).unwrap_or_default();
        let mut reader = Reader {
            path: path.clone(),
            module,
        };
        reader.visit_file(&syn::parse_file(&file.text).expect("Rust that can be read"));
        modules.insert(path.clone(), reader.module);
        names.insert(path, name);
    }
    let mut edges: BTreeMap<&Path, BTreeMap<&Path, BTreeSet<&str>>> = BTreeMap::new();
    for (path, module) in &modules {
        for named in &module.named {
            if let Some((target, name)) = resolve(&modules, named, 0)
                && target != path
            {
                let to = edges.entry(path).or_default().entry(target);
                to.or_default().insert(name);
            }
        }
    }
    let mut cycles = Vec::new();
    let mut seen = BTreeSet::new();
    for path in modules.keys() {
        let cycle: BTreeSet<_> = reachable(&edges, path)
            .into_iter()
            .filter(|other| reachable(&edges, other).contains(path))
            .collect();
        if cycle.is_empty() || !seen.insert(cycle.clone()) {
            continue;
        }
        let mut lines = Vec::new();
        for from in &cycle {
            for (to, carried) in edges[from].iter().filter(|(to, _)| cycle.contains(*to)) {
                let carried = carried.iter().copied().collect::<Vec<_>>().join(", ");
                lines.push(format!("{} -> {}: {carried}", names[*from], names[*to]));
            }
        }
        cycles.push(lines.join("\n"));
    }
    cycles
}

/// `a/b.rs` is `a::b`; the root is nothing.
fn module_path(name: &str) -> Path {
    let name = name.strip_suffix(".rs").unwrap_or(name);
    let root = ["lib", "main", "build"].contains(&name);
    let parts = name.split('/').filter(|_| !root);
    parts.map(str::to_owned).collect()
}

/// The file that has what a path names, and the name that it has there.
fn resolve<'a>(
    modules: &'a BTreeMap<Path, Module>,
    named: &'a Path,
    depth: usize,
) -> Option<(&'a Path, &'a str)> {
    let length = (0..=named.len())
        .rev()
        .find(|length| modules.contains_key(&named[..*length]))?;
    let (path, module) = modules.get_key_value(&named[..length])?;
    let Some(name) = named.get(length) else {
        return Some((path, path.last().map_or("crate", |name| name)));
    };
    // An import that names what it imports leads nowhere else; two that pass each other on neither.
    match module.imports.get(name).filter(|_| depth < 8) {
        Some(import) => resolve(modules, import, depth + 1),
        None => Some((path, name)),
    }
}

fn reachable<'a>(
    edges: &BTreeMap<&'a Path, BTreeMap<&'a Path, BTreeSet<&str>>>,
    from: &Path,
) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut left = vec![from];
    while let Some(path) = left.pop() {
        for to in edges.get(path).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(*to) {
                left.push(to);
            }
        }
    }
    reached
}

/// Reads a file: what it imports and what it names.
struct Reader {
    path: Path,
    module: Module,
}

impl Reader {
    /// From the root of the crate; nothing where a path leads out of it.
    fn absolute(&self, segments: &[String]) -> Option<Path> {
        let mut path = match &**segments.first()? {
            "crate" => Vec::new(),
            "self" | "super" => self.path.clone(),
            _ => return None,
        };
        for segment in segments {
            match &**segment {
                "crate" | "self" => {}
                "super" => drop(path.pop()),
                name => path.push(name.to_owned()),
            }
        }
        Some(path)
    }

    fn name(&mut self, segments: &[String]) {
        let first = segments.first();
        let import = first.and_then(|first| self.module.imports.get(first));
        let path = match (self.absolute(segments), import) {
            (Some(path), _) => path,
            (None, Some(import)) => [import, &segments[1..]].concat(),
            // Perhaps a module below this one; else its own.
            (None, None) => [&self.path, segments].concat(),
        };
        self.module.named.insert(path);
    }

    fn import(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        let (path, name) = match tree {
            UseTree::Path(path) => return self.import(&path.tree, &with(&path.ident)),
            UseTree::Group(group) => {
                return group
                    .items
                    .iter()
                    .for_each(|tree| self.import(tree, before));
            }
            UseTree::Name(name) => (with(&name.ident), &name.ident),
            UseTree::Rename(rename) => (with(&rename.ident), &rename.rename),
            UseTree::Glob(_) => return,
        };
        if let Some(path) = self.absolute(&path) {
            self.module.imports.insert(name.to_string(), path.clone());
            self.module.named.insert(path);
        }
    }

    /// Paths within a macro's call, which is not read otherwise.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut segments: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 || segments.is_empty() => {
                    segments.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && colons < 2 => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident) => {
                    self.end(&mut segments);
                    segments.push(ident.to_string());
                    colons = 0;
                    continue;
                }
                _ => {}
            }
            self.end(&mut segments);
            colons = 0;
        }
        self.end(&mut segments);
    }

    fn end(&mut self, segments: &mut Vec<String>) {
        if segments.len() > 1 {
            self.name(segments);
        }
        segments.clear();
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_file(&mut self, file: &'ast syn::File) {
        // Imports first: what follows is read by them, wherever they stand.
        for item in &file.items {
            if let Item::Use(item) = item
                && !is_for_tests(&item.attrs)
            {
                self.import(&item.tree, &[]);
            }
        }
        visit::visit_file(self, file);
    }

    fn visit_item(&mut self, item: &'ast Item) {
        let attributes: &[_] = match item {
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => &[],
        };
        if !is_for_tests(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        // Within braces `super` is this file.
        self.path.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.path.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&item.tree, &[]);
    }

    fn visit_visibility(&mut self, _: &'ast Visibility) {
        // `pub(in …)` says who may need this file, not what it needs.
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<_> = path
            .segments
            .iter()
            .map(|one| one.ident.to_string())
            .collect();
        if segments.len() > 1 {
            self.name(&segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.tokens(call.tokens.clone());
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "test")
    })
}
