//! Who may embed the widget: the origin vectors, and D3 to D5.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::net::Ipv6Addr;

use authframe::session::{Config, Error, OriginPattern};
use proptest::prelude::*;
use serde_json::Value;

fn vectors(part: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors/origins.json")).unwrap();
    all[part].as_array().unwrap().clone()
}

fn text<'a>(vector: &'a Value, key: &str) -> &'a str {
    vector[key].as_str().unwrap()
}

/// The vectors for which `judge` gives another verdict than `key` says.
fn wrong(vectors: &[Value], key: &str, judge: impl Fn(&Value) -> bool) -> Vec<String> {
    vectors.iter().filter(|vector| judge(vector) != vector[key].as_bool().unwrap()).map(ToString::to_string).collect()
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn d3_d4_every_entry_of_the_vectors_is_taken_or_refused_as_it_says() {
    let entries = vectors("entries");
    assert!(entries.len() >= 150, "{} entries", entries.len());
    none(&wrong(&entries, "valid", |vector| OriginPattern::parse(text(vector, "entry")).is_ok()));
}

#[test]
fn d3_d4_every_match_of_the_vectors_is_accepted_or_rejected_as_it_says() {
    let matches = vectors("matches");
    assert!(matches.len() >= 88, "{} matches", matches.len());
    none(&wrong(&matches, "accept", |vector| OriginPattern::parse(text(vector, "entry")).unwrap().matches(text(vector, "origin"))));
}

#[test]
fn d3_no_entry_accepts_what_another_valid_entry_means_unless_the_vectors_say_so() {
    // Every exact entry against every exact entry: only itself.
    let entries = vectors("entries");
    let exact: Vec<&str> = entries
        .iter()
        .filter(|vector| vector["valid"] == true)
        .map(|vector| text(vector, "entry"))
        .filter(|entry| !entry.contains('*'))
        .collect();
    assert!(exact.len() > 10);
    for entry in &exact {
        let pattern = OriginPattern::parse(entry).unwrap();
        for origin in &exact {
            assert_eq!(pattern.matches(origin), entry == origin, "{entry} and {origin}");
        }
    }
}

#[test]
fn d3_an_invalid_entry_is_not_accepted_as_an_origin_by_any_valid_entry() {
    let entries = vectors("entries");
    let (valid, invalid): (Vec<_>, Vec<_>) = entries.iter().partition(|vector| vector["valid"] == true);
    for entry in valid {
        let pattern = OriginPattern::parse(text(entry, "entry")).unwrap();
        for origin in &invalid {
            assert!(!pattern.matches(text(origin, "entry")), "{entry} took {origin}");
        }
    }
}

#[test]
fn d4_a_wildcard_is_one_whole_left_most_label_of_at_most_63_characters() {
    let pattern = OriginPattern::parse("https://*.example.com").unwrap();
    assert!(pattern.matches(&format!("https://{}.example.com", "a".repeat(63))));
    assert!(!pattern.matches(&format!("https://{}.example.com", "a".repeat(64))));
}

/// Each group of the addresses is 0 more often than not, so that runs of zeros of every length and place come up.
fn address() -> impl Strategy<Value = Ipv6Addr> {
    let group = prop_oneof![3 => Just(0_u16), 2 => 1..=u16::MAX];
    proptest::array::uniform8(group).prop_map(Ipv6Addr::from)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn d3_of_all_the_ways_to_write_an_ipv6_address_only_the_browsers_is_taken(address in address(), from in 0..8_usize, length in 0..8_usize) {
        // The standard library writes them as browsers do, except for an IPv4 address inside.
        prop_assume!(address.to_ipv4_mapped().is_none());
        let written = address.to_string();
        prop_assert!(OriginPattern::parse(&format!("https://[{written}]")).is_ok(), "{written}");
        let groups: Vec<String> = address.segments().iter().map(|group| format!("{group:x}")).collect();
        let full = groups.join(":");
        // `::` in another place, whether zeros stand there or not.
        let (left, right) = (groups[..from].join(":"), groups[from.saturating_add(length).min(8)..].join(":"));
        for other in [full, format!("{left}::{right}")] {
            let read = other.parse::<Ipv6Addr>().ok();
            prop_assume!(read.and_then(|read| read.to_ipv4_mapped()).is_none());
            let expected = read.is_some_and(|read| read.to_string() == other);
            prop_assert_eq!(OriginPattern::parse(&format!("https://[{other}]")).is_ok(), expected, "{}", other);
        }
    }
}

#[test]
fn d4_a_configuration_takes_exactly_the_entries_that_are_patterns_and_one_bad_entry_spoils_all() {
    for vector in vectors("entries") {
        let entry = text(&vector, "entry");
        let made = Config::new(["https://crm.example.com", entry]);
        assert_eq!(made.err(), OriginPattern::parse(entry).err(), "{entry}");
    }
    assert_eq!(Config::new(["https://crm.example.com", "https://*"]).unwrap_err(), Error::ConfigOriginInvalid);
    assert_eq!(Config::new(["*"]).unwrap_err(), Error::ConfigOriginInvalid);
}

#[test]
fn d5_without_an_allow_list_there_is_a_typed_error_and_no_bridge() {
    let none: [&str; 0] = [];
    assert_eq!(Config::new(none).unwrap_err(), Error::ConfigOriginRequired);
    assert_eq!(Error::ConfigOriginRequired.code(), "CONFIG_ORIGIN_REQUIRED");
}

#[test]
fn d5_a_configuration_allows_what_one_of_its_entries_means_and_nothing_else() {
    let config = Config::new(["https://crm.example.com", "https://*.acme.example", "http://host.localhost:8080"]).unwrap();
    for origin in ["https://crm.example.com", "https://a.acme.example", "http://host.localhost:8080"] {
        assert!(config.allows(origin), "{origin}");
    }
    for origin in ["https://acme.example", "http://crm.example.com", "http://host.localhost", "null", "", "*", "https://*.acme.example"] {
        assert!(!config.allows(origin), "{origin}");
    }
}

#[test]
fn a_namespace_has_1_to_64_plain_characters_and_names_the_shared_record() {
    let config = || Config::new(["https://crm.example.com"]).unwrap();
    assert_eq!(config().register_key(), "authframe.authframe");
    assert_eq!(config().namespace("acme-chat_1.0").unwrap().register_key(), "acme-chat_1.0.authframe");
    assert!(config().namespace(&"a".repeat(64)).is_ok());
    for bad in ["", " ", "a b", "a/b", "é", "a\n", &"a".repeat(65)] {
        assert_eq!(config().namespace(bad).unwrap_err(), Error::ConfigInvalid, "{bad:?}");
    }
}

#[test]
fn a_channel_has_at_most_64_bytes() {
    let config = || Config::new(["https://crm.example.com"]).unwrap();
    assert!(config().channel("").is_ok());
    assert!(config().channel(&"a".repeat(64)).is_ok());
    assert_eq!(config().channel(&"a".repeat(65)).unwrap_err(), Error::ConfigInvalid);
}
