//! What the core may use, and that Rust and `tests/vectors/errors.json` know the same errors.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "support/sources.rs"]
mod sources;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use authframe::session::{Error, Refusal};
use serde_json::Value;
use sources::rust_files;

/// The Rust files below `folder`, without comments and without what only their unit tests use.
fn sources(folder: &str) -> Vec<(String, String)> {
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        (path.file_name().unwrap().to_string_lossy().into_owned(), code.join("\n"))
    };
    rust_files(folder).into_iter().map(read).collect()
}

/// The first names of the paths that are imported; those of types, whose variants are imported, are not counted.
fn imports(code: &str) -> BTreeSet<&str> {
    let lines = code.lines().map(str::trim_start).filter_map(|line| line.strip_prefix("pub use ").or_else(|| line.strip_prefix("use ")));
    let names = lines.map(|path| path.split(&[':', ';', ' '][..]).next().unwrap());
    names.filter(|name| !name.starts_with(|first: char| first.is_ascii_uppercase())).collect()
}

/// The files in which one of these words stands.
fn with_words(sources: &[(String, String)], words: &[&str]) -> Vec<String> {
    let has = |(file, code): &(String, String)| {
        words.iter().filter(|word| code.contains(**word)).map(|word| format!("{file}: {word}")).collect::<Vec<_>>()
    };
    sources.iter().flat_map(has).collect()
}

#[test]
fn the_core_uses_only_std_and_itself() {
    let sources = sources("src/session");
    let files = sources.iter().map(|(file, _)| file.trim_end_matches(".rs").to_owned());
    let own: BTreeSet<String> = files.chain(["credentials".to_owned()]).collect();
    for (file, code) in &sources {
        for import in imports(code) {
            let inside = ["std", "super", "self"].contains(&import) || import == "crate" && code.contains("use crate::session");
            assert!(inside || own.contains(import), "{file} uses {import}");
        }
    }
    let outside = ["crate::dialect", "crate::browser", "crate::bindings", "wasm_bindgen", "js_sys", "web_sys", "gloo", "serde", "JsValue"];
    assert_eq!(with_words(&sources, &outside), [""; 0]);
}

#[test]
fn the_core_has_no_clock_no_randomness_no_globals_and_does_nothing_by_itself() {
    let sources = sources("src/session");
    let words = [
        "std::time",
        "Instant",
        "SystemTime",
        "std::thread",
        "thread_local!",
        "std::env",
        "std::fs",
        "std::net",
        "std::process",
        "std::io",
        "static ",
        "OnceLock",
        "OnceCell",
        "LazyLock",
        "LazyCell",
        "Atomic",
        "Mutex",
        "RandomState",
        "HashMap",
        "HashSet",
        "println!",
        "print!",
        "dbg!",
        "unsafe",
    ];
    // `&'static str` is no global.
    let sources: Vec<_> = sources.into_iter().map(|(file, code)| (file, code.replace("'static ", "'s "))).collect();
    assert_eq!(with_words(&sources, &words), [""; 0]);
}

#[test]
fn the_core_and_the_dialects_never_panic_on_purpose() {
    let mut all = sources("src/session");
    all.extend(sources("src/dialect"));
    let words = ["unwrap()", ".expect(", "panic!", "unreachable!", "todo!", "unimplemented!", "assert!", "assert_eq!"];
    assert_eq!(with_words(&all, &words), [""; 0]);
    assert_eq!(
        with_words(&all, &["#[allow(clippy::unwrap", "#[allow(clippy::panic", "#[allow(clippy::indexing", "#[allow(clippy::arithmetic"]),
        [""; 0]
    );
}

#[test]
fn a_dialect_uses_only_the_core_serde_and_std() {
    let own: Vec<String> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/dialect"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().trim_end_matches(".rs").to_owned())
        .collect();
    for (file, code) in sources("src/dialect") {
        for import in imports(&code) {
            let inside = ["std", "super", "self", "serde", "crate"].contains(&import) || own.iter().any(|name| name == import);
            assert!(inside, "{file} uses {import}");
        }
        let outside = ["crate::browser", "crate::bindings", "wasm_bindgen", "js_sys", "web_sys", "JsValue"];
        assert_eq!(with_words(&[(file, code)], &outside), [""; 0]);
    }
}

/// The packages that are compiled with these features.
fn packages(features: &str) -> BTreeSet<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(["--no-default-features", "--features", features])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8_lossy(&output.stdout);
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

#[test]
fn the_core_depends_on_nothing() {
    let only = BTreeSet::from(["authframe".to_owned()]);
    assert_eq!(packages(""), only);
    assert_eq!(packages("credentials,ringcentral,xbees"), only);
}

#[test]
fn a_backend_has_nothing_of_the_browser() {
    let packages = packages("ethora,webex");
    for needed in ["authframe", "jwt-compact", "serde"] {
        assert!(packages.contains(needed), "{needed} is not in {packages:?}");
    }
    let browser = ["wasm-bindgen", "js-sys", "web-sys", "gloo", "serde-wasm-bindgen", "lol_alloc", "getrandom"];
    for package in packages {
        assert!(!browser.iter().any(|name| package.starts_with(name)), "{package}");
    }
}

fn errors() -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors/errors.json")).unwrap();
    all["codes"].as_array().unwrap().clone()
}

#[test]
fn the_vectors_know_every_error_of_rust_and_whose_fault_it_is() {
    let vectors = errors();
    for error in Error::ALL {
        let entry = vectors.iter().find(|entry| entry["code"] == error.code()).unwrap_or_else(|| panic!("{} is missing", error.code()));
        assert_eq!(entry["responsible"], error.responsible(), "{entry}");
        assert!(entry["side"].as_array().unwrap().iter().any(|side| side == "widget"), "{entry}");
    }
}

#[test]
fn every_code_stands_there_once_and_in_order() {
    let of_rust: Vec<&str> = Error::ALL.iter().map(|error| error.code()).collect();
    let vectors = errors();
    let of_vectors: Vec<&str> = vectors.iter().map(|entry| entry["code"].as_str().unwrap()).collect();
    for codes in [of_rust, of_vectors] {
        let once: BTreeSet<&str> = codes.iter().copied().collect();
        assert_eq!(once.len(), codes.len(), "{codes:?}");
    }
    for entry in vectors {
        let faults = ["app", "host", "peer", "user", "network"];
        assert!(faults.iter().any(|fault| entry["responsible"] == *fault), "{entry}");
    }
}

#[test]
fn all_errors_and_refusals_are_listed() {
    // `ALL` is written by hand: this match does not compile when a variant is new, and then that list must grow as well.
    let place = |error: Error| Error::ALL.iter().position(|other| *other == error);
    assert!(Error::ALL.iter().enumerate().all(|(index, error)| place(*error) == Some(index)));
    let source = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/session/error.rs")).unwrap();
    let variants = |name: &str| {
        let body = source.split(&format!("pub enum {name} {{")).nth(1).unwrap().split("\n}").next().unwrap();
        body.lines().filter(|line| line.trim_end().ends_with(',') && !line.trim_start().starts_with("//")).count()
    };
    assert_eq!(variants("Error"), Error::ALL.len());
    assert_eq!(variants("Refusal"), Refusal::ALL.len());
    for (index, refusal) in Refusal::ALL.iter().enumerate() {
        assert_eq!(*refusal as usize, index, "the counters are in this order");
    }
}
