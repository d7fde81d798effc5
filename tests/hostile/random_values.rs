//! Random values of strangers, of the host, and in the shared record.

use authframe::session::{AuthStatus, ConnectionState, Event, Parent, Refusal, Source, Stored};
use serde_json::json;

use crate::random::{RECORD_KEYS, Random, WORDS, message, object, value};
use crate::support::{HOST, Tab, config, grant, read_stored, to_value};

const EVIL: &str = "https://evil.example";

#[test]
fn d8_500_000_random_values_of_strangers_change_nothing_and_are_counted() {
    let mut random = Random(1);
    let mut known = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    let mut unknown = Tab::started(config(), 1, None, Parent::Unknown);
    let mut connected = Tab::connected(config(), 1);
    connected.sign_in("ada");
    for tab in [&mut known, &mut unknown, &mut connected] {
        tab.forget();
        let (view, connection, host) = (tab.view().clone(), tab.session.connection(), tab.session.host().map(ToOwned::to_owned));
        let mut counted = 0;
        for _ in 0..83_000 {
            let other = random.below(2) == 0;
            let origin = if other { HOST } else { random.of(&[EVIL, "null", "", "http://host.example", "https://host.example.", "*"]) };
            let message = message(&mut random);
            // Of another window only what pretends to be ours.
            let ours = message["type"].as_str().is_some_and(|kind| kind.starts_with("authframe:"));
            counted += u32::from(!other || ours);
            tab.window(if other { Source::Other } else { Source::Parent }, origin, message);
            tab.now += 1;
        }
        assert!(tab.said.is_empty() && tab.events.is_empty() && tab.writes.is_empty() && tab.reads == 0);
        assert_eq!((tab.view(), tab.session.connection(), tab.session.host()), (&view, connection, host.as_deref()));
        assert_eq!(tab.rejected(Refusal::Source) + tab.rejected(Refusal::Origin), counted);
        assert!(tab.rejected(Refusal::Source) > 1000);
    }
    // On a port that no host has welcomed, from the page that may hold its other end.
    let view = known.view().clone();
    for _ in 0..250_000 {
        let mut message = message(&mut random);
        if message["type"] == "welcome" {
            message["nonce"] = json!(random.of(&WORDS));
        }
        // A refusal is believed here: the page that got the hello may refuse it. It ends nothing but this hello.
        if message["type"] != "refuse" && message["nonce"] != "01".repeat(16) {
            known.host_says(message);
        }
        known.now += 1;
    }
    known.events.retain(|event| !matches!(event, Event::Connection(ConnectionState::Connecting, _)));
    assert!(known.said.is_empty() && known.events.is_empty() && known.writes.is_empty(), "{:?} {:?}", known.said, known.events);
    assert_eq!(known.view(), &view);
}

#[test]
fn d8_250_000_random_values_of_the_host_itself_break_nothing() {
    let mut random = Random(2);
    for acquire in [false, true] {
        let mut tab = Tab::connected(config().acquire(acquire), 1);
        let mut epoch = 0;
        let (mut changes, mut errors, mut reconnects) = (0, 0, 0);
        for _ in 0..125_000 {
            tab.forget();
            match random.below(8) {
                0 => tab.window(Source::Parent, HOST, message(&mut random)),
                _ => tab.host_says(message(&mut random)),
            }
            tab.now += 6;
            if random.below(1000) == 0 {
                tab.pass(30_000);
            }
            if let (Some(asked), true) = (tab.asked().last(), random.below(2) == 0) {
                let subject = if random.below(2) == 0 { "ada" } else { "bob" };
                tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(grant(subject).into())));
            }
            if tab.session.connection() == ConnectionState::Disconnected {
                tab.knock();
                tab.shake_hands();
                reconnects += 1;
            }
            // Bounded: what one message brings about, with a timeout, an acquired account and a new connection behind it.
            let bounded = tab.events.len() <= 8 && tab.said.len() <= 8 && tab.writes.len() <= 2 && tab.reads <= 3;
            assert!(bounded, "{:?} {:?} {:?}", tab.events, tab.said, tab.writes);
            for said in &tab.said {
                assert!(["authframe:hello", "open", "session", "reply", "error", "bye"].contains(&said.kind()), "{said:?}");
                errors += usize::from(said.kind() == "error");
            }
            changes += tab.writes.len();
            assert!(tab.view().epoch >= epoch);
            epoch = tab.view().epoch;
        }
        assert!(changes > 100 && errors > 100 && reconnects > 100, "the values reach what is behind: {changes} {errors} {reconnects}");
        // And it still works.
        tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "zoe"}}));
        if acquire {
            let id = tab.asked().last().unwrap().id;
            tab.enter(|session, now| session.handle_acquired(now, id, Ok(grant("zoe").into())));
        }
        assert_eq!((tab.view().status, tab.subject()), (AuthStatus::Authorized, Some("zoe")));
    }
}

#[test]
fn d8_d33_250_000_random_values_in_the_shared_record_are_read_or_refused_and_never_authorize_an_asking_tab() {
    let mut random = Random(3);
    let good = {
        let mut tab = Tab::alone(config(), 9);
        tab.sign_in("ada");
        tab.shared_record.unwrap()
    };
    let mut tab = Tab::alone(config().acquire(true), 1);
    let (mut records, mut damaged, mut later) = (0, 0, 0);
    for _ in 0..250_000 {
        let mut record = object(&mut random, &RECORD_KEYS, 2);
        if random.below(2) == 0 {
            // A good one with one bad field.
            let (key, bad) = (random.of(&RECORD_KEYS[2..]), value(&mut random, &RECORD_KEYS, 1));
            record = good.clone();
            record["epoch"] = json!(random.below(100_000));
            record[key] = bad;
        }
        match read_stored(Some(&record)) {
            Stored::Snapshot(snapshot) => {
                records += 1;
                assert_eq!(to_value(&snapshot).as_object().unwrap().len(), 8);
            }
            Stored::Damaged => damaged += 1,
            Stored::Later => {
                later += 1;
                continue;
            }
            other => panic!("{record} reads as {other:?}"),
        }
        let epoch = tab.view().epoch;
        tab.forget();
        tab.changed_elsewhere(Some(record));
        assert!(tab.events.len() <= 4 && tab.writes.len() <= 1 && tab.reads <= 1, "{:?}", tab.events);
        assert!(tab.view().epoch >= epoch);
        assert!(tab.view().status != AuthStatus::Authorized && tab.view().account.is_none());
    }
    assert!(records > 10_000 && damaged > 10_000 && later > 100, "{records} {damaged} {later}");
}
