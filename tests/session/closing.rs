//! A session that is closed.

use authframe::session::{ConnectionState, Error, Event, PageHide, Reason, Source};
use serde_json::json;

use crate::fixtures::{EVIL, acquired, asking, identity, record, signed_in};
use crate::support::{Tab, config, grant};

#[test]
fn d12_a_bridge_that_is_closed_says_goodbye_and_ends_what_is_under_way() {
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(identity(3, "ada"));
    tab.forget();
    tab.enter(|session, now| session.close(now));
    assert_eq!(tab.kinds(), ["error", "bye"]);
    assert_eq!((tab.cancelled(), tab.session.poll_timeout(), tab.has_port()), (1, None, false));
    assert!(matches!(tab.events.last(), Some(Event::Connection(ConnectionState::Closed, None))), "{:?}", tab.events);
    assert!(tab.writes.is_empty(), "closing is no sign-out");
    tab.forget();
    tab.enter(|session, now| session.close(now));
    assert!(tab.events.is_empty() && tab.said.is_empty(), "once");
}

#[test]
fn d12_a_closed_bridge_takes_nothing_and_says_nothing_more() {
    let inputs: [(&str, fn(&mut Tab)); 16] = [
        ("knock", Tab::knock),
        ("other window", |tab| tab.window(Source::Parent, EVIL, json!(null))),
        ("identity", |tab| tab.host_says(identity(1, "bob"))),
        ("welcome", |tab| tab.host_says(json!({"type": "welcome", "version": 1, "nonce": "01".repeat(16), "capabilities": []}))),
        ("message", |tab| tab.host_says(json!({"type": "message", "name": "a"}))),
        ("port opened", |tab| tab.enter(|session, now| session.handle_port_opened(now, [3; 2]))),
        ("port lost", |tab| tab.enter(|session, now| session.handle_port_lost(now))),
        ("sign-out elsewhere", |tab| tab.changed_elsewhere(Some(record(9, 0, None)))),
        ("sign-in elsewhere", |tab| tab.changed_elsewhere(Some(record(9, 0, Some("bob"))))),
        ("cleared", |tab| tab.changed_elsewhere(None)),
        ("stored", |tab| {
            let stored = tab.stored();
            tab.enter(|session, now| session.handle_stored(now, stored));
        }),
        ("wake", |tab| tab.enter(|session, _| session.handle_wake())),
        ("hide", |tab| tab.enter(|session, now| session.handle_hide(now, PageHide::MayReturn))),
        ("show", |tab| {
            tab.enter(|session, now| session.handle_show(now));
        }),
        ("acquired", |tab| acquired(tab, 1, "bob")),
        ("timeout", |tab| tab.pass(100_000)),
    ];
    let mut logs = Vec::new();
    for (name, input) in inputs {
        let mut tab = Tab::connected(asking(), 1);
        tab.sign_in("ada");
        tab.enter(|session, now| session.close(now));
        tab.forget();
        tab.log = Some(String::new());
        input(&mut tab);
        let log = tab.log.unwrap();
        if !log.is_empty() {
            logs.push(format!("{name}: {log}"));
        }
        assert_eq!((tab.session.connection(), tab.session.poll_timeout()), (ConnectionState::Closed, None), "{name}");
    }
    assert!(logs.is_empty(), "{}", logs.join("\n"));
}

#[test]
fn a_closed_bridge_answers_every_command_with_a_typed_error() {
    let mut tab = signed_in(config(), "ada");
    tab.enter(|session, now| session.close(now));
    assert_eq!(tab.enter(|session, _| session.authorize(grant("bob"))), Err(Error::Closed));
    assert_eq!(tab.enter(|session, _| session.sign_out(Reason::User)), Err(Error::Closed));
    assert_eq!(tab.enter(|session, now| session.begin_sign_in(now)), Err(Error::Closed));
    assert_eq!(tab.token().err(), Some(Error::Closed));
}
