//! Who shares storage with whom, and never a guess (D28, D29 as far as the core knows).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use authframe::session::{Environment, Scope, Shares, StorageTier, scope};
use serde_json::{Value, json};
use support::to_value;

fn of(own: &str, ancestors: &[&str]) -> Scope {
    let ancestors: Vec<String> = ancestors.iter().map(|origin| (*origin).to_owned()).collect();
    scope(own, &ancestors)
}

fn words() -> [(Scope, &'static str); 4] {
    [
        (Scope::SameOriginFrame, "same-origin-frame"),
        (Scope::SameSiteFrame, "same-site-frame"),
        (Scope::CrossSiteFrame, "cross-site-frame"),
        (Scope::Unknown, "unknown"),
    ]
}

fn word(scope: Scope) -> &'static str {
    words().into_iter().find(|(other, _)| *other == scope).expect("embedded").1
}

#[test]
fn d28_d29_what_the_page_above_says_is_as_the_vectors_have_it() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/environment.json")).unwrap();
    let texts = |list: &Value| -> Vec<String> { serde_json::from_value(list.clone()).unwrap() };
    let mut wrong = Vec::new();
    let mut check = |own: &str, ancestors: &[&str], expected: &Value| {
        let found = word(of(own, ancestors));
        if *expected != found {
            wrong.push(format!("{own} in {ancestors:?}: {found}, not {expected}"));
        }
    };
    for case in vectors["cases"].as_array().unwrap() {
        for pair in case["pairs"].as_array().unwrap() {
            let pair = texts(pair);
            check(&pair[0], &[&pair[1]], &case["scope"]);
            check(&pair[1], &[&pair[0]], &case["scope"]);
        }
    }
    let several = &vectors["several"];
    for case in several["cases"].as_array().unwrap() {
        let ancestors = texts(&case["ancestors"]);
        let ancestors: Vec<&str> = ancestors.iter().map(String::as_str).collect();
        check(several["own"].as_str().unwrap(), &ancestors, &case["scope"]);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn d28_an_ancestor_without_an_origin_is_another_site() {
    for own in ["https://w.example.com", "http://localhost:3000", "http://127.0.0.1", "http://[::1]"] {
        assert_eq!(of(own, &["null"]), Scope::CrossSiteFrame, "{own}");
        assert_eq!(of("null", &[own]), Scope::CrossSiteFrame, "{own}");
    }
}

#[test]
fn d28_two_frames_without_an_origin_have_no_origin_in_common() {
    assert_eq!(of("null", &["null"]), Scope::CrossSiteFrame);
}

#[test]
fn d28_of_several_ancestors_the_farthest_counts() {
    let own = "https://w.example.com";
    let same = own;
    let port = "https://w.example.com:8443";
    let perhaps = "https://www.example.com";
    let cross = "https://host.example";
    assert_eq!(of(own, &[same, same]), Scope::SameOriginFrame);
    assert_eq!(of(own, &[same, port]), Scope::SameSiteFrame);
    assert_eq!(of(own, &[port, perhaps]), Scope::Unknown);
    // A cross-site page anywhere above partitions, whatever else stands there.
    for ancestors in [[same, cross], [cross, same], [perhaps, cross], [cross, perhaps], [port, cross]] {
        assert_eq!(of(own, &ancestors), Scope::CrossSiteFrame, "{ancestors:?}");
    }
    assert_eq!(of(own, &[same, same, same, cross]), Scope::CrossSiteFrame);
}

#[test]
fn d28_no_list_and_an_empty_list_prove_nothing() {
    assert_eq!(of("https://w.example.com", &[]), Scope::Unknown);
    let environment = Environment::new("https://w.example.com", true, None, StorageTier::Local, None);
    assert_eq!((environment.scope, environment.evidence, environment.shares), (Scope::Unknown, "no-ancestor-origins", Shares::Unknown));
}

#[test]
fn d28_a_page_that_is_not_embedded_is_the_top_whatever_the_lists_say() {
    let ancestors = ["https://host.example".to_owned()];
    for ancestors in [None, Some(&ancestors[..]), Some(&[])] {
        let environment = Environment::new("https://w.example.com", false, ancestors, StorageTier::Local, None);
        assert_eq!((environment.scope, environment.evidence, environment.shares), (Scope::Top, "parent-is-self", Shares::Origin));
    }
}

#[test]
fn d28_a_frame_without_an_origin_says_so() {
    let ancestors = ["null".to_owned(), "https://host.example".to_owned()];
    for ancestors in [None, Some(&ancestors[..]), Some(&ancestors[..1])] {
        let environment = Environment::new("null", true, ancestors, StorageTier::Memory, None);
        assert_eq!((environment.scope, environment.evidence, environment.shares), (Scope::CrossSiteFrame, "opaque-origin", Shares::Tab));
    }
}

#[test]
fn d29_who_hears_of_a_change_follows_from_the_scope_and_the_tier() {
    let cases = [
        (&["https://w.example"][..], Shares::Origin),
        (&["https://w.example:8443"], Shares::Origin),
        (&["https://host.example"], Shares::HostSite),
        (&["https://a.w.example"], Shares::Unknown),
    ];
    for (ancestors, expected) in cases {
        let ancestors: Vec<String> = ancestors.iter().map(|origin| (*origin).to_owned()).collect();
        let shares = |tier| Environment::new("https://w.example", true, Some(&ancestors), tier, None).shares;
        assert_eq!(shares(StorageTier::Local), expected, "{ancestors:?}");
        // What is not in localStorage reaches no other tab.
        assert_eq!(shares(StorageTier::Session), Shares::Tab);
        assert_eq!(shares(StorageTier::Memory), Shares::Tab);
    }
}

#[test]
fn d28_the_report_has_its_words() {
    let ancestors = ["https://host.example".to_owned()];
    let environment =
        Environment::new("https://w.example", true, Some(&ancestors), StorageTier::Local, Some("https://host.example".to_owned()));
    let expected = json!({
        "scope": "cross-site-frame", "evidence": "ancestor-origins", "storage": "local", "shares": "host-site", "parent": "https://host.example",
    });
    assert_eq!(to_value(&environment), expected);
    let words = |scope: Scope| to_value(&Environment { scope, ..environment.clone() })["scope"].as_str().unwrap().to_owned();
    let all = [Scope::Top, Scope::SameOriginFrame, Scope::SameSiteFrame, Scope::CrossSiteFrame, Scope::Unknown].map(words);
    assert_eq!(all, ["top", "same-origin-frame", "same-site-frame", "cross-site-frame", "unknown"]);
}
