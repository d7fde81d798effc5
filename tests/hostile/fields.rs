//! Only the fields of the protocol are ever read.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use authframe::dialect::Native;
use authframe::session::{
    AuthStatus, ConnectionState, Decoder, Id, Malformed, Output, OwnOrigin, Parent, Refusal, Session, Source, Stored,
};
use serde_json::{Value, json};

use crate::random::{RECORD_KEYS, Random, message, value};
use crate::support::{HOST, JsonDecoder, Tab, config};

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
    session.handle_start(0, Parent::Known(HOST.to_owned()), OwnOrigin::Tuple).unwrap();
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
            0 => session.handle_window(now, Source::Parent, HOST, watch(message(&mut random))),
            1 if session.connection() != ConnectionState::Connected => {
                session.handle_window(now, Source::Parent, HOST, watch(json!({"type": "authframe:knock", "channel": ""})));
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
        // docs/protocol.md, section 3: what a widget receives.
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
        tab.window(Source::Parent, HOST, json!({"type": name, name: {"type": "authframe:knock"}}));
        tab.host_says(json!({"type": name, "id": 1, name: {"type": "identity", "identity": {"account": "mallory"}}}));
        tab.host_says(json!({"type": "identity", "id": 1, name: {"account": {"subject": "mallory"}}}));
        tab.host_says(json!({"type": "identity", "id": 1, "identity": {name: {"account": "mallory"}}}));
        tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": {name: {"subject": "mallory"}}}}));
    }
    assert_eq!(tab.view().status, AuthStatus::Unauthorized);
    assert!(tab.writes.is_empty());
    assert_eq!(tab.rejected(Refusal::Shape), 18);
}
