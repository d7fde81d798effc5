//! Who may use whom in `src/`: no two files each other, over whatever detour, and no part what stands above it.
//!
//! A file uses another one if it imports from it, or names it in a path. What a `mod.rs` or `lib.rs` re-exports is that of the file which declares it: the re-export
//! itself is no use. Methods are not followed, and unit tests are not looked at.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::arithmetic_side_effects, clippy::string_slice, clippy::unwrap_used)]

#[path = "support/sources.rs"]
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sources::rust_files;

/// The names of a path: `crate::session::Config`, with `self`, `super` and `crate` as they stand there.
type Names = Vec<String>;

/// What one file has to do with others.
#[derive(Default)]
struct File {
    /// Of an import or in the code: the path, and whether it is only re-exported.
    uses: Vec<(Names, bool)>,
    /// What an import is called here, and its path.
    imported: BTreeMap<String, Names>,
}

/// Every file by the names of its module: that of `src/session/mod.rs` is `session`, that of `src/lib.rs` has none.
#[derive(Default)]
struct Tree(BTreeMap<Names, File>);

/// Which file uses which.
type Graph = BTreeMap<Names, BTreeSet<Names>>;

impl Tree {
    fn of_crate() -> Self {
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut tree = Self::default();
        for path in rust_files("src") {
            let names = path.strip_prefix(&src).unwrap().with_extension("");
            let names: Vec<_> = names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
            tree.add(&names.join("/"), &std::fs::read_to_string(&path).unwrap());
        }
        tree
    }

    /// `file` is its path in `src/`, without `.rs`.
    fn add(&mut self, file: &str, text: &str) {
        let mut names: Names = file.split('/').map(ToOwned::to_owned).collect();
        let is_root = names.pop_if(|name| matches!(name.as_str(), "mod" | "lib")).is_some();
        self.0.insert(names, File::read(text, is_root));
    }

    /// The file that declares what a path names in this one; `None`: it is of another crate.
    fn declares(&self, module: &[String], path: &[String]) -> Option<Names> {
        let mut at = match path.first()?.as_str() {
            "crate" => Vec::new(),
            "self" | "super" => module.to_vec(),
            name if self.is_file(module, name) => module.to_vec(),
            // Of a crate may be imported what has its name: `use wasm_bindgen::prelude::wasm_bindgen`.
            name if self.0.get(module)?.imported.get(name).is_some_and(|import| import.first() != path.first()) => module.to_vec(),
            _ => return None,
        };
        let mut rest = path.iter().skip_while(|name| matches!(name.as_str(), "crate" | "self" | "super")).peekable();
        let up = path.iter().filter(|name| *name == "super").count();
        at.truncate(at.len().saturating_sub(up));
        while let Some(name) = rest.next_if(|name| self.is_file(&at, name)) {
            at.push(name.clone());
        }
        let imported = rest.peek().and_then(|name| self.0.get(&at)?.imported.get(*name));
        // What this file has from another crate is its own for those who take it from here.
        imported.and_then(|import| self.declares(&at, import)).or(Some(at))
    }

    fn is_file(&self, module: &[String], name: &str) -> bool {
        self.0.contains_key(&[module, &[name.to_owned()]].concat())
    }

    fn graph(&self) -> Graph {
        let used = |(module, file): (&Names, &File)| {
            let all = file.uses.iter().filter(|(_, is_reexport)| !is_reexport);
            let all: BTreeSet<Names> = all.filter_map(|(path, _)| self.declares(module, path)).filter(|other| other != module).collect();
            (module.clone(), all)
        };
        self.0.iter().map(used).collect()
    }
}

impl File {
    /// `is_root`: a `mod.rs` or `lib.rs`, whose visible imports are re-exports.
    fn read(text: &str, is_root: bool) -> Self {
        let code = text.split("#[cfg(test)]").next().unwrap();
        let mut lines = code.lines().map(|line| line.split("//").next().unwrap().trim());
        let mut file = Self::default();
        while let Some(line) = lines.next() {
            let Some((visibility, import)) = as_import(line) else {
                let words = line.split(|sign: char| !(sign.is_alphanumeric() || matches!(sign, '_' | ':')));
                let paths = words.filter(|word| word.contains("::")).map(names);
                file.uses.extend(paths.map(|path| (path, false)));
                continue;
            };
            let mut import = import.to_owned();
            while !import.contains(';') {
                import.push_str(lines.next().unwrap());
            }
            for (name, path) in expand(import.trim_end_matches(';')) {
                file.uses.push((path.clone(), is_root && visibility == Visibility::Visible));
                file.imported.insert(name, path);
            }
        }
        file
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visibility {
    Private,
    Visible,
}

/// The path or the tree of paths of a line such as `pub(super) use std::rc::{Rc,`.
fn as_import(line: &str) -> Option<(Visibility, &str)> {
    if let Some(import) = line.strip_prefix("use ") {
        return Some((Visibility::Private, import));
    }
    let (visibility, import) = line.split_once("use ")?;
    (visibility.starts_with("pub") && !visibility.trim_end().contains(' ')).then_some((Visibility::Visible, import))
}

fn names(path: &str) -> Names {
    path.split("::").map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Every path of a tree of imports, and what its end is called in the file.
fn expand(tree: &str) -> Vec<(String, Names)> {
    let Some((before, inner)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").map_or((tree, None), |(path, name)| (path, Some(name.trim().to_owned())));
        let mut path = names(path);
        path.pop_if(|last| last == "self");
        let name = name.or_else(|| path.last().cloned()).unwrap_or_default();
        return vec![(name, path)];
    };
    let mut depth = 0_u32;
    let branches = inner[..inner.rfind('}').unwrap()].split(|sign| {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        sign == ',' && depth == 0
    });
    let whole = |(name, path): (String, Names)| (name, [names(before), path].concat());
    branches.filter(|branch| !branch.trim().is_empty()).flat_map(expand).map(whole).collect()
}

/// The first circle that is found, each file behind the one that uses it, and again the first.
fn circle(graph: &Graph) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    graph.keys().find_map(|file| circle_from(graph, file, &mut Vec::new(), &mut done))
}

fn circle_from<'a>(graph: &'a Graph, file: &'a Names, above: &mut Vec<&'a Names>, done: &mut BTreeSet<&'a Names>) -> Option<Vec<String>> {
    if let Some(start) = above.iter().position(|other| *other == file) {
        return Some(above.iter().skip(start).chain([&file]).map(|names| names.join("/")).collect());
    }
    if !done.insert(file) {
        return None;
    }
    above.push(file);
    let found = graph.get(file)?.iter().find_map(|other| circle_from(graph, other, above, done));
    above.pop();
    found
}

#[test]
fn no_two_files_use_each_other() {
    let graph = Tree::of_crate().graph();
    assert!(graph.len() > 50, "{graph:?}");
    assert_eq!(circle(&graph), None);
}

/// The parts of `src/`, and what each stands on.
const PARTS: [(&str, &[&str]); 11] = [
    ("session", &[]),
    ("dialect", &["session"]),
    ("browser", &["dialect", "session"]),
    ("bindings", &["browser", "dialect", "session"]),
    ("guide", &[]),
    ("interop", &["session"]),
    ("widget", &["bindings", "interop", "session"]),
    ("host", &["interop", "session"]),
    ("http", &[]),
    ("ethora", &["http", "session"]),
    ("webex", &["http", "session"]),
];

#[test]
fn each_part_uses_only_what_it_stands_on() {
    for (file, used) in Tree::of_crate().graph() {
        let Some(part) = file.first() else { continue };
        let (_, below) = PARTS.into_iter().find(|(name, _)| name == part).unwrap();
        for other in used {
            let allowed = other.first().is_some_and(|other| other == part || below.contains(&other.as_str()));
            assert!(allowed, "{} uses {}", file.join("/"), other.join("/"));
        }
    }
}

fn tree(files: &[(&str, &str)]) -> Tree {
    let mut tree = Tree::default();
    for (file, text) in files {
        tree.add(file, text);
    }
    tree
}

#[test]
fn a_circle_is_found_also_over_what_a_folder_reexports_and_by_a_path_in_the_code() {
    let lib = ("lib", "mod part;");
    let part = ("part/mod", "mod one;\nmod two;\npub use one::One;\npub use two::{\n    Two, // of ours\n};");
    let two = ("part/two", "pub struct Two;");
    let clean = tree(&[lib, part, ("part/one", "use super::Two;\npub struct One(Two);"), two]);
    assert_eq!(circle(&clean.graph()), None);
    let circular = [
        "use super::{One as First};",
        "use super::one::{self};",
        "use crate::part::One;",
        "fn one() { super::one::One::new() }",
        "pub(super) use super::one::One;",
    ];
    for two in circular {
        let both = tree(&[lib, part, ("part/one", "use super::Two;\npub struct One(Two);"), ("part/two", two)]);
        assert_eq!(circle(&both.graph()).unwrap_or_default(), ["part/one", "part/two", "part/one"], "{two}");
    }
    for unrelated in ["use std::one::One;", "// use super::One;", "#[cfg(test)]\nmod tests {\n    use super::super::One;\n}"] {
        let both = tree(&[lib, part, ("part/one", "use super::Two;\npub struct One(Two);"), ("part/two", unrelated)]);
        assert_eq!(circle(&both.graph()), None, "{unrelated}");
    }
}

#[test]
fn a_circle_is_found_between_a_folder_and_a_file_in_it() {
    let file = ("part/one", "use super::Limit;");
    assert_eq!(circle(&tree(&[("part/mod", "mod one;\npub struct Limit;"), file]).graph()), None);
    let circular = tree(&[("part/mod", "mod one;\npub struct Limit;\nfn call() { one::call() }"), file]);
    assert_eq!(circle(&circular.graph()).unwrap_or_default(), ["part", "part/one", "part"]);
}
