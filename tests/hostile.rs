//! Whatever arrives from outside: no panic, nothing believed, everything bounded (D8, D9, D11, D14).

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use authframe::dialect::Native;
use authframe::session::{
    Account, AuthStatus, ConnectionState, Decoder, Error, Event, Id, Malformed, Output, Parent, Refusal, Session, Stored,
};
use serde_json::{Map, Value, json};
use support::{HOST, JsonDecoder, Tab, config, read_stored, to_value};

const EVIL: &str = "https://evil.example";

/// Marsaglia's xorshift64*: the same values every time.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 33) as usize % limit
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

// What our own messages are made of, and what attackers like.
const KEYS: [&str; 24] = [
    "type",
    "type",
    "type",
    "id",
    "id",
    "channel",
    "nonce",
    "version",
    "min",
    "max",
    "code",
    "identity",
    "account",
    "subject",
    "name",
    "accessToken",
    "expiresAt",
    "session",
    "capabilities",
    "data",
    "__proto__",
    "constructor",
    "prototype",
    "",
];
const RECORD_KEYS: [&str; 10] = ["v", "v", "epoch", "sequence", "writer", "status", "reason", "expiresAt", "subjectTag", "__proto__"];
const WORDS: [&str; 30] = [
    "authframe:knock",
    "authframe:hello",
    "welcome",
    "refuse",
    "open",
    "session",
    "identity",
    "identity",
    "sign-out",
    "sign-in",
    "request",
    "reply",
    "error",
    "message",
    "bye",
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "",
    "ada",
    "bob",
    "authorized",
    "unauthorized",
    "sign-in",
    "user",
    "0101010101010101",
    "01010101010101010101010101010101",
    "\u{0}\u{ffff}\u{1f600}",
    "VERSION_MISMATCH",
];

fn value(random: &mut Random, keys: &[&str], depth: usize) -> Value {
    match random.below(if depth == 0 { 8 } else { 14 }) {
        0 => Value::Null,
        1 => json!(random.below(2) == 0),
        2 => json!(random.below(4)),
        3 => json!([-1.0, 0.5, 1e300, -0.0, 4_294_967_295.0, 4_294_967_296.0, 2_147_483_648.0, 5e-324][random.below(8)]),
        4..=6 => json!(random.of(&WORDS)),
        7 => match random.below(50) {
            0 => json!("x".repeat(random.below(20_000))),
            _ => json!("\u{1f600}".repeat(random.below(140))),
        },
        8 => (0..random.below(4)).map(|_| value(random, keys, depth - 1)).collect(),
        _ => object(random, keys, depth),
    }
}

fn object(random: &mut Random, keys: &[&str], depth: usize) -> Value {
    let mut fields = Map::new();
    for _ in 0..random.below(6) {
        let key = random.of(keys).to_owned();
        fields.insert(key, value(random, keys, depth - 1));
    }
    Value::Object(fields)
}

/// A message: half of them look like ours at the first glance.
fn message(random: &mut Random) -> Value {
    let mut message = value(random, &KEYS, 3);
    if let (Value::Object(fields), 0) = (&mut message, random.below(2)) {
        fields.insert("type".to_owned(), json!(random.of(&WORDS[..15])));
        if random.below(2) == 0 {
            fields.insert("id".to_owned(), json!(random.below(9)));
        }
        if random.below(4) == 0 {
            let subject = json!(random.of(&WORDS));
            let account = if random.below(2) == 0 { subject } else { json!({"subject": subject, "name": value(random, &KEYS, 0)}) };
            fields.insert("identity".to_owned(), json!({"account": account, "accessToken": value(random, &KEYS, 0)}));
        }
    }
    message
}

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
            tab.window(!other, origin, message);
            tab.now += 1;
        }
        assert!(tab.said.is_empty() && tab.events.is_empty() && tab.writes.is_empty() && tab.reads == 0);
        assert_eq!((tab.view(), tab.session.connection(), tab.session.host()), (&view, connection, host.as_deref()));
        assert_eq!(tab.rejected(Refusal::Source) + tab.rejected(Refusal::Origin), counted);
        assert!(tab.rejected(Refusal::Source) > 1000);
    }
    // On a port that nobody has welcomed, from whoever may hold its other end.
    let view = known.view().clone();
    for _ in 0..250_000 {
        let mut message = message(&mut random);
        if message["type"] == "welcome" {
            message["nonce"] = json!(random.of(&WORDS));
        }
        // A refusal is believed here: whoever got the hello may refuse it. It ends nothing but this hello.
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
                0 => tab.window(true, HOST, message(&mut random)),
                _ => tab.host_says(message(&mut random)),
            }
            tab.now += 6;
            if random.below(1000) == 0 {
                tab.pass(30_000);
            }
            if let (Some(asked), true) = (tab.asked().last(), random.below(2) == 0) {
                let subject = if random.below(2) == 0 { "ada" } else { "bob" };
                tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(support::grant(subject).into())));
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
            tab.enter(|session, now| session.handle_acquired(now, id, Ok(support::grant("zoe").into())));
        }
        assert_eq!((tab.view().status, tab.subject()), (AuthStatus::Authorized, Some("zoe")));
    }
}

#[test]
fn d8_d33_250_000_random_values_in_the_register_are_read_or_refused_and_never_authorize_an_asking_tab() {
    let mut random = Random(3);
    let good = {
        let mut tab = Tab::alone(config(), 9);
        tab.sign_in("ada");
        tab.register.unwrap()
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

/// Writes down which fields are asked for.
#[derive(Debug)]
struct Watched(JsonDecoder, Rc<RefCell<BTreeSet<String>>>);

impl Watched {
    fn note(&self, key: &str) {
        if !self.1.borrow().contains(key) {
            self.1.borrow_mut().insert(key.to_owned());
        }
    }
}

impl Decoder for Watched {
    fn text(&self, key: &str, max: u32) -> Result<Option<String>, Malformed> {
        self.note(key);
        self.0.text(key, max)
    }

    fn number(&self, key: &str) -> Result<Option<f64>, Malformed> {
        self.note(key);
        self.0.number(key)
    }

    fn are_texts(&self, key: &str, count: u32, max: u32) -> bool {
        self.note(key);
        self.0.are_texts(key, count, max)
    }

    fn truthy(&self, key: &str) -> bool {
        self.note(key);
        self.0.truthy(key)
    }

    fn parsed(&self) -> Option<Self> {
        Some(Self(self.0.parsed()?, Rc::clone(&self.1)))
    }

    fn child(&self, key: &str) -> Result<Option<Self>, Malformed> {
        self.note(key);
        Ok(self.0.child(key)?.map(|child| Self(child, Rc::clone(&self.1))))
    }
}

#[test]
fn d8_d9_only_the_fields_of_the_protocol_are_ever_asked_for() {
    let asked = Rc::<RefCell<BTreeSet<String>>>::default();
    let watch = |value: Value| Watched(JsonDecoder(value), Rc::clone(&asked));
    let mut random = Random(4);
    let mut session = Session::new(config(), Id(7), Native::new(&config()));
    session.handle_start(0, Parent::Known(HOST.to_owned()), false).unwrap();
    for step in 0..50_000_u64 {
        let now = step * 10;
        loop {
            let outputs = session.take_outputs();
            if outputs.is_empty() {
                break;
            }
            for output in outputs {
                match output {
                    Output::OpenPort => session.handle_port_opened(now, [0x0101_0101_0101_0101; 2]),
                    Output::Read => session.handle_stored(now, Stored::Empty),
                    _ => {}
                }
            }
        }
        match random.below(6) {
            0 => session.handle_window(now, true, HOST, watch(message(&mut random))),
            1 if session.connection() != ConnectionState::Connected => {
                session.handle_window(now, true, HOST, watch(json!({"type": "authframe:knock", "channel": ""})));
            }
            2 => session.handle_port(now, watch(json!({"type": "welcome", "version": 1, "nonce": "01".repeat(16), "capabilities": []}))),
            3 => {
                let mut record = json!({
                    "v": 1, "epoch": 1, "sequence": 0, "writer": "", "status": "authorized", "reason": "user", "expiresAt": null, "subjectTag": "",
                });
                record[random.of(&RECORD_KEYS)] = value(&mut random, &RECORD_KEYS, 2);
                Stored::read(&watch(record));
            }
            _ => session.handle_port(now, watch(message(&mut random))),
        }
    }
    let asked = asked.borrow();
    let known = [
        // docs/protocol.md, section 3: what a widget is told.
        "type",
        "channel",
        "version",
        "nonce",
        "capabilities",
        "code",
        "id",
        "name",
        "message",
        "identity",
        "account",
        "subject",
        "accessToken",
        "expiresAt",
        "expiresIn",
        "refreshToken",
        "serverTime",
        // and what is stored.
        "v",
        "epoch",
        "sequence",
        "writer",
        "status",
        "reason",
        "subjectTag",
    ];
    let others: Vec<_> = asked.iter().filter(|key| !known.contains(&key.as_str())).collect();
    assert!(others.is_empty(), "asked for {others:?}");
    for key in
        ["type", "channel", "version", "nonce", "code", "id", "identity", "account", "subject", "accessToken", "v", "epoch", "status"]
    {
        assert!(asked.contains(key), "{key} was never asked for: this test has become blind");
    }
}

#[test]
fn d9_inherited_names_find_nothing() {
    let mut tab = Tab::connected(config(), 1);
    for name in ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"] {
        tab.window(true, HOST, json!({"type": name, name: {"type": "authframe:knock"}}));
        tab.host_says(json!({"type": name, "id": 1, name: {"type": "identity", "identity": {"account": "mallory"}}}));
        tab.host_says(json!({"type": "identity", "id": 1, name: {"account": {"subject": "mallory"}}}));
        tab.host_says(json!({"type": "identity", "id": 1, "identity": {name: {"account": "mallory"}}}));
        tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": {name: {"subject": "mallory"}}}}));
    }
    assert_eq!(tab.view().status, AuthStatus::Unauthorized);
    assert!(tab.writes.is_empty());
    assert_eq!(tab.rejected(Refusal::Shape), 18);
}

// The limits of section 4 of docs/protocol.md, in UTF-16 units as JavaScript counts them.

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
        tab.window(true, HOST, json!({"type": "t".repeat(length)}));
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
            tab.window(true, HOST, json!({"type": "authframe:knock", "channel": channel}));
            assert!(tab.said.is_empty(), "{channel}");
            assert_eq!(tab.session.rejected().iter().sum::<u32>(), 0, "{channel}");
            tab.window(true, HOST, json!({"type": "authframe:knock", "channel": ours}));
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

// What we say to others

#[test]
fn d11_an_error_to_a_peer_holds_a_number_a_code_and_a_fixed_text() {
    let taint = "do-not-repeat-me";
    let mut errors = Vec::new();
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": taint.repeat(40), "accessToken": taint}}));
    tab.host_says(json!({"type": "identity", "id": 2, "identity": {"account": {"subject": taint, "name": [taint]}}}));
    errors.extend(tab.said_of("error"));
    let mut tab = Tab::connected(config().acquire(true), 1);
    tab.host_says(json!({"type": "identity", "id": 3, "identity": {"account": taint, "accessToken": taint}}));
    tab.host_says(json!({"type": "sign-out", "id": 4}));
    errors.extend(tab.said_of("error"));
    assert!(errors.iter().any(|error| error["id"] == 3), "{errors:?}");
    for error in errors {
        let keys: Vec<&str> = error.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["type", "id", "code", "message"], "{error}");
        let known = Error::ALL.iter().find(|known| error["code"] == known.code()).expect("a stable code");
        assert_eq!(error["message"], known.code());
        assert!(!error.to_string().contains(taint));
    }
}

#[test]
fn d11_the_text_of_every_error_is_short_and_plain() {
    for error in Error::ALL {
        let (code, message) = (error.code(), error.message());
        assert!(code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') && code.len() <= 64, "{code}");
        assert!(!message.is_empty() && message.is_ascii() && message.len() <= 256, "{code}: {message}");
        assert!(!message.contains("src/") && !message.contains(".rs"), "{code}: {message}");
        assert_eq!(error.to_string(), format!("{code}: {message}"));
        assert!(["app", "peer", "network", "user"].contains(&error.responsible()), "{code}");
    }
}

#[test]
fn d14_the_hello_has_exactly_its_four_fields_and_its_type_whoever_is_signed_in() {
    let mut tab = Tab::alone(config(), 9);
    tab.enter(|session, _| session.authorize(support::grant_with("ada", "token"))).unwrap();
    let config = config().channel("chat").unwrap();
    let tab = Tab::started(config, 1, tab.register, Parent::Known(HOST.to_owned()));
    assert_eq!(tab.view().status, AuthStatus::Authorized);
    let hello = &tab.said_of("authframe:hello")[0];
    assert_eq!(*hello, json!({"type": "authframe:hello", "channel": "chat", "min": 1, "max": 1, "nonce": "01".repeat(16)}));
    assert_eq!(tab.said.len(), 1, "and nothing else is said on the window");
}
