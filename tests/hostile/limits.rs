//! The limits of section 4 of docs/protocol.md, in UTF-16 units as JavaScript counts them.

use authframe::session::{Account, AuthStatus, ConnectionState, Error, Parent, Refusal, Source};
use serde_json::{Value, json};

use crate::support::{HOST, Tab, config};

/// What the widget does with an identity: signed in, or refused and counted.
fn takes(identity: Value) -> bool {
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": identity}));
    let taken = tab.view().status == AuthStatus::Authorized;
    assert_eq!((tab.writes.len(), tab.rejected(Refusal::Shape)), if taken { (1, 0) } else { (0, 1) });
    assert_eq!(tab.said_of("reply").len(), usize::from(taken));
    taken
}

#[test]
fn d8_a_subject_has_1_to_256_units() {
    for (subject, fits) in [
        (String::new(), false),
        ("a".repeat(256), true),
        ("a".repeat(257), false),
        // Two bytes each, one unit.
        ("é".repeat(256), true),
        ("é".repeat(257), false),
        // Four bytes each, two units.
        ("\u{1f600}".repeat(128), true),
        ("\u{1f600}".repeat(128) + "a", false),
        ("\u{1f600}".repeat(129), false),
    ] {
        assert_eq!(takes(json!({"account": {"subject": subject}})), fits, "{}", subject.len());
        assert_eq!(takes(json!({"account": subject})), fits, "{}", subject.len());
        assert_eq!(Account::new(&subject, None).err(), if fits { None } else { Some(Error::AccountInvalid) }, "{}", subject.len());
    }
}

#[test]
fn d8_a_name_has_at_most_256_units() {
    for (name, fits) in [(String::new(), true), ("é".repeat(256), true), ("a".repeat(257), false), ("\u{1f600}".repeat(129), false)] {
        assert_eq!(takes(json!({"account": {"subject": "a", "name": name}})), fits, "{}", name.len());
        assert_eq!(Account::new("a", Some(&name)).is_ok(), fits, "{}", name.len());
    }
}

#[test]
fn d8_an_access_token_has_at_most_16384_units() {
    for (length, fits) in [(0, false), (1, true), (16_384, true), (16_385, false), (1_000_000, false)] {
        assert_eq!(takes(json!({"account": "a", "accessToken": "é".repeat(length)})), fits, "{length}");
    }
}

#[test]
fn d8_a_field_of_the_wrong_type_spoils_an_identity() {
    assert!(takes(json!({"account": {"subject": "a", "name": null}, "accessToken": null, "expiresAt": null, "more": [[[]]]})));
    for wrong in [
        json!(null),
        json!("a"),
        json!([]),
        json!({}),
        json!({"account": null}),
        json!({"account": 7}),
        json!({"account": []}),
        json!({"account": {}}),
        json!({"account": {"subject": 7}}),
        json!({"account": {"subject": ["a"]}}),
        json!({"account": {"subject": "a", "name": 7}}),
        json!({"account": {"subject": "a", "name": {}}}),
        json!({"account": "a", "accessToken": 7}),
        json!({"account": "a", "accessToken": {}}),
        json!({"account": "a", "expiresAt": "soon"}),
        json!({"account": "a", "expiresAt": true}),
    ] {
        assert!(!takes(wrong.clone()), "{wrong}");
    }
}

#[test]
fn d8_an_id_is_a_whole_number_from_0_to_2_to_the_32_less_1() {
    for (id, fits) in [
        (json!(0), true),
        (json!(4_294_967_295_u32), true),
        (json!(4_294_967_296_u64), false),
        (json!(-1), false),
        (json!(1.5), false),
        (json!("1"), false),
        (json!(null), false),
        (json!([1]), false),
        (json!(true), false),
    ] {
        let mut tab = Tab::connected(config(), 1);
        tab.host_says(json!({"type": "sign-out", "id": id}));
        assert_eq!((tab.said.len(), tab.rejected(Refusal::Shape)), if fits { (1, 0) } else { (0, 1) }, "{id}");
    }
}

#[test]
fn d8_a_type_on_the_port_has_at_most_64_units() {
    for (length, counted) in [(64, 0), (65, 1)] {
        let mut tab = Tab::connected(config(), 1);
        tab.host_says(json!({"type": "t".repeat(length)}));
        assert_eq!(tab.rejected(Refusal::Shape), counted);
        // On the window a long type is just not one of ours.
        tab.window(Source::Parent, HOST, json!({"type": "t".repeat(length)}));
        assert_eq!(tab.rejected(Refusal::Shape), counted);
    }
}

#[test]
fn d10_a_knock_of_another_channel_is_not_ours_whatever_its_channel_is() {
    for ours in ["", "chat"] {
        let others = [
            json!(null),
            json!(7),
            json!({}),
            json!([ours]),
            json!("Chat"),
            json!("chat "),
            json!("c".repeat(65)),
            json!("c".repeat(100_000)),
        ];
        for channel in others {
            let parent = Parent::Known(HOST.to_owned());
            let mut tab = Tab::started(config().channel(ours).unwrap(), 1, None, parent);
            tab.forget();
            tab.window(Source::Parent, HOST, json!({"type": "authframe:knock", "channel": channel}));
            assert!(tab.said.is_empty(), "{channel}");
            assert_eq!(tab.session.rejected().iter().sum::<u32>(), 0, "{channel}");
            tab.window(Source::Parent, HOST, json!({"type": "authframe:knock", "channel": ours}));
            assert_eq!(tab.said.len(), 1);
        }
    }
}

#[test]
fn d8_a_code_has_at_most_64_units() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.forget();
    tab.host_says(json!({"type": "refuse", "code": "C".repeat(65), "min": 1, "max": 1}));
    assert_eq!((tab.rejected(Refusal::Shape), tab.events.len()), (1, 0));
    // It has not even used up the hello.
    tab.host_says(json!({"type": "welcome", "version": 1, "nonce": "01".repeat(16), "capabilities": []}));
    assert_eq!(tab.session.connection(), ConnectionState::Connected);
}

#[test]
fn d16_a_nonce_of_another_form_is_refused_and_counted() {
    for nonce in ["", "01", "01010101010101010101010101010101 ", "0101010101010101010101010101010101", "0101010101010101010101010101010G"] {
        let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
        tab.forget();
        tab.host_says(json!({"type": "welcome", "version": 1, "nonce": nonce, "capabilities": []}));
        assert_eq!(tab.session.connection(), ConnectionState::Connecting, "{nonce:?}");
        // As which of the two, the vectors say.
        assert_eq!(tab.rejected(Refusal::Shape) + tab.rejected(Refusal::Replay), 1, "{nonce:?}");
    }
}

#[test]
fn d8_a_deeply_nested_message_is_carried_or_refused_without_being_walked() {
    let mut deep = json!("bottom");
    for _ in 0..100 {
        deep = json!({"type": "message", "identity": deep, "account": [1], "data": {}});
    }
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(deep.clone());
    assert_eq!((tab.events.len(), tab.said.len()), (1, 0));
    assert!(!takes(deep));
}
