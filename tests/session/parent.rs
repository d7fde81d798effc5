//! Who embeds the widget, and whose messages count.

use authframe::session::{ConnectionState, Error, Event, OwnOrigin, Parent, Refusal, Source};
use serde_json::json;

use crate::fixtures::{EVIL, identity};
use crate::support::{HOST, Tab, config, to_value};

#[test]
fn a_parent_that_is_not_allowed_is_a_typed_error_and_the_widget_stays_silent_for_ever() {
    let mut tab = Tab::new(config(), 1);
    let started = tab.enter(|session, now| session.handle_start(now, Parent::Known(EVIL.to_owned()), OwnOrigin::Tuple));
    assert_eq!(started, Err(Error::HostNotAllowed));
    tab.window(Source::Parent, EVIL, json!({"type": "authframe:knock", "channel": ""}));
    // Not even an allowed origin is believed: the browser itself named another.
    tab.knock();
    assert!(tab.said.is_empty());
    assert_eq!((tab.session.host(), tab.rejected(Refusal::Origin)), (None, 2));
}

#[test]
fn a_page_that_is_not_embedded_stands_alone_and_listens_to_no_window() {
    let mut tab = Tab::alone(config(), 1);
    assert_eq!(tab.session.connection(), ConnectionState::Standalone);
    tab.window(Source::Other, HOST, json!({"type": "authframe:knock", "channel": ""}));
    assert!(tab.said.is_empty());
    assert_eq!(tab.rejected(Refusal::Source), 1);
}

#[test]
fn a_hint_that_is_in_the_list_is_used() {
    let tab = Tab::started(config(), 1, None, Parent::Hint(HOST.to_owned()));
    assert_eq!((tab.session.host(), tab.kinds()), (Some(HOST), vec!["authframe:hello"]));
}

#[test]
fn a_hint_that_is_not_in_the_list_is_no_error_and_no_host() {
    let mut tab = Tab::started(config(), 1, None, Parent::Hint(EVIL.to_owned()));
    assert!(tab.said.is_empty() && tab.session.host().is_none());
    tab.window(Source::Parent, EVIL, json!({"type": "authframe:knock", "channel": ""}));
    assert!(tab.said.is_empty() && tab.session.host().is_none());
    assert_eq!(tab.rejected(Refusal::Origin), 1);
}

#[test]
fn an_unknown_parent_is_met_with_silence_until_it_knocks_and_then_with_one_hello() {
    for parent in [Parent::Unknown, Parent::Hint(EVIL.to_owned())] {
        let mut tab = Tab::started(config(), 1, None, parent);
        assert!(tab.said.is_empty());
        assert_eq!(tab.session.connection(), ConnectionState::Connecting);
        tab.knock();
        assert_eq!((tab.session.host(), tab.kinds()), (Some(HOST), vec!["authframe:hello"]));
        tab.shake_hands();
        assert_eq!(tab.session.connection(), ConnectionState::Connected);
    }
}

#[test]
fn an_unknown_parent_is_bound_only_by_a_knock() {
    let mut tab = Tab::started(config(), 1, None, Parent::Unknown);
    for message in [json!(null), json!("hi"), json!({"type": "webpackOk"}), json!({"type": "authframe:knock", "channel": "another"})] {
        tab.window(Source::Parent, HOST, message.clone());
        assert!(tab.said.is_empty() && tab.session.host().is_none(), "{message}");
    }
}

#[test]
fn d6_a_frame_without_an_origin_is_refused_with_its_own_error() {
    let mut tab = Tab::new(config(), 1);
    let started = tab.enter(|session, now| session.handle_start(now, Parent::Known(HOST.to_owned()), OwnOrigin::Opaque));
    assert_eq!(started, Err(Error::OpaqueOrigin));
    assert!(tab.said.is_empty() && tab.events.is_empty());
    assert_eq!(tab.reads, 0, "there is nothing to read");
}

#[test]
fn d6_a_frame_without_an_origin_that_opted_in_says_hello_and_hears_if_the_host_did_not() {
    let mut tab = Tab::new(config().allow_opaque_origin(true), 1);
    tab.enter(|session, now| session.handle_start(now, Parent::Known(HOST.to_owned()), OwnOrigin::Opaque)).unwrap();
    assert_eq!(tab.kinds(), ["authframe:hello"]);
    tab.host_says(json!({"type": "refuse", "code": "OPAQUE_ORIGIN", "min": 1, "max": 1}));
    assert!(tab.events.iter().any(|event| matches!(event, Event::Failed(Error::OpaqueOrigin))));
}

#[test]
fn d6_the_origin_null_is_nobody_even_for_a_widget_that_opted_in() {
    let mut tab = Tab::new(config().allow_opaque_origin(true), 1);
    tab.enter(|session, now| session.handle_start(now, Parent::Unknown, OwnOrigin::Opaque)).unwrap();
    tab.window(Source::Parent, "null", json!({"type": "authframe:knock", "channel": ""}));
    assert!(tab.said.is_empty());
    assert_eq!(tab.rejected(Refusal::Origin), 1);
}

#[test]
fn d1_a_message_of_another_origin_changes_nothing_is_not_answered_and_is_counted_once() {
    for parent in [Parent::Known(HOST.to_owned()), Parent::Unknown] {
        let mut tab = Tab::started(config(), 1, None, parent);
        tab.forget();
        let view = tab.view().clone();
        for (times, message) in [json!({"type": "authframe:knock", "channel": ""}), identity(1, "mallory"), json!(null)].iter().enumerate()
        {
            tab.window(Source::Parent, EVIL, message.clone());
            assert_eq!(tab.rejected(Refusal::Origin) as usize, times + 1);
        }
        assert!(tab.said.is_empty() && tab.events.is_empty() && tab.writes.is_empty());
        assert_eq!(*tab.view(), view);
        assert_eq!(tab.session.rejected().iter().sum::<u32>(), 3);
    }
}

#[test]
fn d2_a_message_of_another_window_is_ignored_although_its_origin_is_allowed() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.forget();
    tab.window(Source::Other, HOST, json!({"type": "authframe:knock", "channel": ""}));
    assert!(tab.said.is_empty() && tab.events.is_empty());
    assert_eq!((tab.rejected(Refusal::Source), tab.session.rejected().iter().sum::<u32>()), (1, 1));
}

#[test]
fn d7_what_a_message_says_of_its_origin_sender_or_version_is_not_believed() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.forget();
    let lie = json!({"type": "authframe:knock", "channel": "", "origin": HOST, "source": "parent", "sender": HOST, "version": 1});
    tab.window(Source::Parent, EVIL, lie.clone());
    tab.window(Source::Other, HOST, lie);
    assert!(tab.said.is_empty() && tab.events.is_empty());
    assert_eq!((tab.rejected(Refusal::Origin), tab.rejected(Refusal::Source)), (1, 1));
}

#[test]
fn d10_foreign_traffic_is_ignored_in_silence() {
    let mut tab = Tab::connected(config(), 1);
    for message in [
        json!({"source": "react-devtools-content-script", "hello": true}),
        json!({"type": "webpackOk"}),
        json!({"penpal": "syn"}),
        json!("setImmediate$0.1$1"),
        json!(null),
        json!([1, 2, 3]),
        json!({"type": "authframe:later"}),
        json!({"type": 7}),
    ] {
        tab.window(Source::Parent, HOST, message);
    }
    assert!(tab.said.is_empty() && tab.events.is_empty());
    assert_eq!(tab.session.rejected().iter().sum::<u32>(), 0);
}

#[test]
fn the_applications_own_messages_are_carried_unread() {
    let mut tab = Tab::connected(config(), 1);
    let message = json!({"type": "message", "name": "news", "data": {"anything": [1, {"__proto__": 2}]}});
    tab.host_says(message.clone());
    let carried: Vec<_> =
        tab.events.iter().filter_map(|event| if let Event::Message(message) = event { Some(&message.0) } else { None }).collect();
    assert_eq!(carried, [&message]);
    assert!(tab.said.is_empty());
}

#[test]
fn a_host_that_goes_away_and_comes_back_is_heard_as_disconnected_and_connected() {
    let goodbyes: [fn(&mut Tab); 2] =
        [|tab| tab.host_says(json!({"type": "bye"})), |tab| tab.enter(|session, now| session.handle_port_lost(now))];
    for goodbye in goodbyes {
        let mut tab = Tab::connected(config(), 1);
        goodbye(&mut tab);
        assert!(!tab.has_port());
        // Nothing is posted without a host.
        tab.sign_in("ada");
        assert!(tab.said.is_empty());
        tab.knock();
        tab.shake_hands();
        let connections: Vec<_> =
            tab.events.iter().filter_map(|event| if let Event::Connection(state, _) = event { Some(*state) } else { None }).collect();
        assert_eq!(connections, [ConnectionState::Disconnected, ConnectionState::Connected]);
        assert_eq!(tab.kinds(), ["authframe:hello", "open"]);
        assert_eq!(tab.said_of("open")[0]["session"], to_value(tab.view()), "and receives who is signed in");
    }
}

#[test]
fn d15_a_session_change_after_the_port_died_goes_nowhere() {
    let mut tab = Tab::connected(config(), 1);
    tab.enter(|session, now| session.handle_port_lost(now));
    tab.forget();
    tab.sign_in("ada");
    tab.sign_out();
    assert!(tab.said.is_empty());
    assert_eq!(tab.session.connection(), ConnectionState::Disconnected);
}
