//! How many messages a second are taken, and what is never dropped.

use authframe::session::AuthStatus::Unauthorized;
use authframe::session::{Parent, Reason, Refusal, Source};
use serde_json::{Value, json};

use crate::fixtures::{EVIL, signed_in_connected};
use crate::support::{HOST, Tab, config};

#[test]
fn d8_more_than_200_messages_a_second_on_the_window_are_dropped_and_counted() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    for second in 1..4 {
        tab.forget();
        let before = tab.rejected(Refusal::Rate);
        for _ in 0..300 {
            tab.knock();
        }
        assert_eq!(tab.said_of("authframe:hello").len(), 200, "second {second}");
        assert_eq!(tab.rejected(Refusal::Rate) - before, 100, "second {second}");
        tab.now += 1000;
    }
}

#[test]
fn d8_what_does_not_come_from_the_host_uses_nothing_up() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.forget();
    for _ in 0..5000 {
        tab.window(Source::Other, HOST, json!({"type": "authframe:knock", "channel": ""}));
        tab.window(Source::Parent, EVIL, json!({"type": "authframe:knock", "channel": ""}));
    }
    tab.knock();
    assert_eq!((tab.said.len(), tab.rejected(Refusal::Rate)), (1, 0));
    assert_eq!((tab.rejected(Refusal::Source), tab.rejected(Refusal::Origin)), (5000, 5000));
}

#[test]
fn d8_more_than_20000_messages_a_second_on_the_port_are_dropped_and_counted() {
    let mut tab = Tab::connected(config(), 1);
    // What two seconds hold may come at once, because it may have been sent in turn.
    for (second, passed, dropped) in [(1, 40_000, 10_000), (2, 20_000, 40_000), (3, 20_000, 70_000)] {
        tab.now += 1000;
        tab.forget();
        for _ in 0..50_000 {
            tab.host_says(json!({"type": "message"}));
        }
        assert_eq!((tab.events.len(), tab.rejected(Refusal::Rate)), (passed, dropped), "{second}");
    }
}

#[test]
fn d63_a_host_whose_messages_are_dropped_learns_it_and_its_requests_are_answered() {
    let mut tab = Tab::connected(config(), 1);
    for _ in 0..40_100 {
        tab.host_says(json!({"type": "message", "name": "m"}));
    }
    tab.host_says(json!({"type": "request", "id": 7, "name": "r"}));
    let counts: Vec<Value> = tab.said_of("dropped").iter().map(|said| said["count"].clone()).collect();
    assert_eq!(counts, [1, 2, 4, 8, 16, 32, 64].map(Value::from));
    assert_eq!(tab.said_of("error"), [json!({"type": "error", "id": 7, "code": "RATE_LIMITED", "message": "RATE_LIMITED"})]);
}

#[test]
fn d63_neither_a_sign_out_nor_an_identity_nor_an_answer_shares_a_limit_with_messages() {
    let mut tab = Tab::connected(config(), 1);
    for _ in 0..100_000 {
        tab.host_says(json!({"type": "message", "name": "m"}));
    }
    tab.forget();
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    assert_eq!((tab.subject(), tab.kinds()), (Some("ada"), vec!["session", "reply"]));
    tab.host_says(json!({"type": "sign-out", "id": 2}));
    assert_eq!(tab.state(), (Unauthorized, Reason::Host));
    tab.forget();
    for id in 0..50_000 {
        tab.host_says(json!({"type": "reply", "id": id}));
    }
    assert_eq!(tab.events.len(), 50_000, "answers are the application's own requests come back");
}

#[test]
fn d63_when_the_host_has_dropped_something_the_latest_session_is_said_again() {
    let mut tab = signed_in_connected("ada");
    tab.forget();
    tab.host_says(json!({"type": "dropped", "count": 3}));
    assert_eq!(tab.said_of("session").len(), 1);
    assert_eq!(tab.said_of("session")[0]["session"]["account"]["subject"], "ada");
    assert_eq!(tab.events.len(), 1, "and the application's half is notified");
}

#[test]
fn d62_a_sign_of_life_is_answered_whatever_else_the_host_says() {
    let mut tab = Tab::connected(config(), 1);
    for _ in 0..50_000 {
        tab.host_says(json!({"type": "message", "name": "m"}));
    }
    tab.forget();
    tab.host_says(json!({"type": "ping", "id": 9}));
    assert_eq!(tab.said_of("reply"), [json!({"type": "reply", "id": 9, "data": null})]);
}

#[test]
fn a_clock_that_stands_still_or_goes_back_gives_no_more_than_one_second() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.forget();
    for now in [5_000_u64, 4_000, 3_000, 5_000, 0] {
        tab.now = now;
        for _ in 0..200 {
            tab.knock();
        }
    }
    assert_eq!(tab.said.len(), 200);
}

#[test]
fn every_refusal_has_a_counter_of_its_own() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.window(Source::Other, HOST, json!({"type": "authframe:knock", "channel": ""}));
    tab.window(Source::Parent, EVIL, json!(null));
    tab.host_says(json!({}));
    tab.host_says(json!({"type": 7}));
    tab.host_says(json!({"type": "welcome", "version": 1, "nonce": "f".repeat(32), "capabilities": []}));
    tab.changed_elsewhere(Some(json!({})));
    let counts: Vec<_> = Refusal::ALL.iter().map(|refusal| (refusal.name(), tab.rejected(*refusal))).collect();
    assert_eq!(counts, [("source", 1), ("origin", 1), ("malformed", 2), ("rate", 0), ("replay", 1), ("storage", 1)]);
}
