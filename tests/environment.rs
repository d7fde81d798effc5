//! Who shares storage with whom, and never a guess (D28, D29 as far as the core knows).

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod support;

use authframe::core::{Environment, Scope, Shares, StorageTier, scope};
use serde_json::json;
use support::to_value;

fn of(own: &str, ancestors: &[&str]) -> Scope {
    let ancestors: Vec<String> = ancestors.iter().map(|origin| (*origin).to_owned()).collect();
    scope(own, &ancestors)
}

/// Each pair both ways.
fn pairs(expected: Scope, pairs: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (one, other) in pairs {
        for (own, ancestor) in [(one, other), (other, one)] {
            let found = of(own, &[ancestor]);
            if found != expected {
                wrong.push(format!("{own} in {ancestor}: {found:?}, not {expected:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn d28_the_same_origin_is_the_same_origin() {
    pairs(
        Scope::SameOriginFrame,
        &[
            ("https://w.example.com", "https://w.example.com"),
            ("https://w.example.com:8443", "https://w.example.com:8443"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ],
    );
}

#[test]
fn d28_another_port_of_the_same_host_is_the_same_site() {
    pairs(
        Scope::SameSiteFrame,
        &[
            ("https://w.example.com", "https://w.example.com:8443"),
            ("https://w.example.com:1", "https://w.example.com:2"),
            ("http://localhost", "http://localhost:3000"),
            ("http://localhost:3000", "http://localhost:3001"),
            ("http://host.localhost:3000", "http://host.localhost"),
            ("http://127.0.0.1", "http://127.0.0.1:8080"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:8080"),
        ],
    );
}

#[test]
fn d28_another_port_of_the_same_ipv6_address_is_the_same_site() {
    pairs(Scope::SameSiteFrame, &[("http://[::1]", "http://[::1]:3000"), ("http://[::1]:3000", "http://[::1]:3001")]);
}

#[test]
fn d28_hosts_that_differ_in_their_last_two_labels_are_other_sites() {
    pairs(
        Scope::CrossSiteFrame,
        &[
            ("https://widget.example", "https://host.example"),
            ("https://w.example.com", "https://w.example.org"),
            ("https://w.example.com", "https://w.other.com"),
            ("https://w.example.com", "https://example.com.evil.org"),
            ("https://a.b.c.example.com", "https://a.b.c.example.net"),
            ("https://example.com", "https://com"),
            ("https://example.com:8443", "https://example.org:8443"),
        ],
    );
}

#[test]
fn d28_another_scheme_is_another_site() {
    pairs(
        Scope::CrossSiteFrame,
        &[
            ("http://w.example.com", "https://w.example.com"),
            ("http://w.example.com:8080", "https://w.example.com:8443"),
            ("http://localhost", "https://localhost"),
            ("http://127.0.0.1", "https://127.0.0.1"),
            ("chrome-extension://abcdefghijklmnop", "https://abcdefghijklmnop"),
        ],
    );
}

#[test]
fn d28_d29_two_names_under_the_same_two_labels_may_be_one_site_or_two_and_nobody_guesses() {
    pairs(
        Scope::Unknown,
        &[
            // One site.
            ("https://a.example.com", "https://b.example.com"),
            ("https://example.com", "https://www.example.com"),
            ("https://a.example.com", "https://b.c.example.com"),
            ("https://a.example.com:8443", "https://b.example.com"),
            // Two sites: the public suffix is longer than one label.
            ("https://acme.co.uk", "https://rival.co.uk"),
            ("https://acme.github.io", "https://rival.github.io"),
            ("https://www.acme.co.uk", "https://www.rival.co.uk"),
        ],
    );
}

#[test]
fn d28_an_address_has_no_subdomains() {
    pairs(
        Scope::CrossSiteFrame,
        &[
            ("http://127.0.0.1", "http://127.0.0.2"),
            ("http://10.0.0.1", "http://11.0.0.1"),
            // The last two numbers are the same: still two hosts.
            ("http://10.0.3.4", "http://10.9.3.4"),
            ("http://10.0.0.1:8080", "http://10.0.0.2:8080"),
            ("http://127.0.0.1", "http://localhost"),
            ("http://[::1]", "http://localhost"),
            ("http://[::1]", "http://127.0.0.1"),
            ("http://[::1]:8080", "http://[::2]:8080"),
        ],
    );
}

#[test]
fn d28_two_ipv6_addresses_are_two_sites() {
    pairs(
        Scope::CrossSiteFrame,
        &[("http://[::1]", "http://[::2]"), ("http://[fe80::1]", "http://[fe80::2]"), ("http://[fe80::1]", "http://[fe80::2]:80")],
    );
}

#[test]
fn d28_names_under_localhost_are_sites_of_their_own() {
    pairs(
        Scope::CrossSiteFrame,
        &[
            ("http://host.localhost:8080", "http://widget.localhost:8080"),
            ("http://host.localhost", "http://localhost"),
            ("http://evil.localhost:8080", "http://host.localhost:8080"),
        ],
    );
    // Below the name that makes the site, nothing is known.
    pairs(Scope::Unknown, &[("http://a.host.localhost", "http://b.host.localhost")]);
}

#[test]
fn d28_names_of_one_label_are_sites_of_their_own() {
    pairs(Scope::CrossSiteFrame, &[("http://intranet", "http://crm"), ("http://intranet:80", "http://crm:80")]);
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
