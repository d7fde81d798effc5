//! Plays the widget in every conversation of `tests/vectors/handshake.json` (the file says how), and proves D16 and D17 beyond them.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use std::collections::{BTreeSet, VecDeque};

use authframe::dialect::native::{Handshake, NONCE_LIFE, VERSION};
use authframe::session::{Config, Error, Event, OwnOrigin, Parent, Refusal, Source};
use serde_json::{Value, json};
use support::{HOST, JsonDecoder, Tab, config};

fn conversations() -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors/handshake.json")).unwrap();
    all["conversations"].as_array().unwrap().clone()
}

/// Why a conversation is not for this widget, if it is not: it says so itself, or its widget knows other versions than ours, which are fixed.
fn not_ours(conversation: &Value) -> Option<&'static str> {
    let widget = &conversation["widget"];
    if conversation["only"] == "host" {
        Some("only the host")
    } else if [&widget["min"], &widget["max"]].iter().any(|version| **version != VERSION) {
        Some("a widget of other versions")
    } else {
        None
    }
}

/// Whether the widget has a part in a step.
fn concerns_widget(step: &Value) -> bool {
    step["from"] == "widget"
        || step["from"] == "host" && step["lost"] != true
        || step["inject"] == "widget"
        || step["advance"].is_number()
        || step["reload"] == "widget"
        || step["expect"]["widget"].is_string()
        || step["error"]["widget"].is_string()
}

struct Player<'a> {
    tab: Tab,
    conversation: &'a Value,
    failed: VecDeque<Error>,
    played: usize,
    wrong: Vec<String>,
}

impl<'a> Player<'a> {
    fn new(conversation: &'a Value) -> Self {
        let nonces = conversation["widget"]["nonces"].as_array().unwrap().iter().map(nonce).collect();
        let mut player = Self { tab: Self::tab(conversation, nonces), conversation, failed: VecDeque::new(), played: 0, wrong: Vec::new() };
        player.start();
        player
    }

    fn tab(conversation: &Value, nonces: VecDeque<[u64; 2]>) -> Tab {
        let widget = &conversation["widget"];
        let hosts = widget["hosts"].as_array().unwrap().iter().map(|host| host.as_str().unwrap());
        let config = Config::new(hosts).unwrap().channel(widget["channel"].as_str().unwrap()).unwrap();
        let mut tab = Tab::new(config.allow_opaque_origin(widget["opaque"].as_bool().unwrap()), 1);
        tab.nonces = nonces;
        tab
    }

    fn start(&mut self) {
        let widget = &self.conversation["widget"];
        let parent = widget["parent"].as_str().map_or(Parent::Unknown, |origin| Parent::Known(origin.to_owned()));
        let origin = if widget["opaque"].as_bool().unwrap() { OwnOrigin::Opaque } else { OwnOrigin::Tuple };
        self.tab.enter(|session, now| session.handle_start(now, parent, origin)).unwrap();
    }

    fn play(mut self) -> (usize, Vec<String>) {
        for step in self.conversation["steps"].as_array().unwrap() {
            let was = self.wrong.len();
            let mine = self.step(step);
            assert_eq!(mine, concerns_widget(step), "who plays {step}");
            self.played += usize::from(mine);
            for wrong in &mut self.wrong[was..] {
                let step: String = step.to_string().chars().take(200).collect();
                *wrong = format!("{wrong}\n      at {step}");
            }
            let failures = self.tab.events.drain(..).filter_map(|event| if let Event::Failed(error) = event { Some(error) } else { None });
            self.failed.extend(failures);
        }
        if !self.tab.said.is_empty() {
            self.wrong.push(format!("said more: {:?}", self.tab.said));
        }
        if !self.failed.is_empty() {
            self.wrong.push(format!("failed besides: {:?}", self.failed));
        }
        (self.played, self.wrong)
    }

    fn step(&mut self, step: &Value) -> bool {
        if let Some(millis) = step["advance"].as_u64() {
            self.tab.pass(millis);
        } else if step["reload"] == "widget" {
            let rest = std::mem::take(&mut self.tab.nonces);
            self.tab = Self::tab(self.conversation, rest);
            self.start();
        } else if step["from"] == "widget" {
            if step["message"]["type"] == "bye" {
                self.tab.enter(|session, now| session.close(now));
            }
            self.expect_said(step);
        } else if step["from"] == "host" {
            if step["lost"] == true {
                return false;
            }
            let origin = self.conversation["widget"]["hosts"][0].as_str().unwrap();
            let before = *self.tab.session.rejected();
            self.feed(step, Source::Parent, origin);
            self.expect_counted(step, before);
        } else if step["inject"] == "widget" {
            let (before, said) = (*self.tab.session.rejected(), self.tab.said.len());
            let source = if step["source"] == "peer" { Source::Parent } else { Source::Other };
            self.feed(step, source, step["origin"].as_str().unwrap_or_default());
            self.expect_counted(step, before);
            if self.tab.said.len() != said {
                self.wrong.push(format!("said in answer: {:?}", self.tab.said.range(said..).map(support::Said::kind).collect::<Vec<_>>()));
                self.tab.said.truncate(said);
            }
        } else if let Some(state) = step["expect"]["widget"].as_str() {
            let connection = self.tab.session.connection().as_str();
            if connection != state {
                self.wrong.push(format!("is {connection}"));
            }
        } else if let Some(code) = step["error"]["widget"].as_str() {
            let failed = self.failed.pop_front().map(Error::code);
            if failed != Some(code) {
                self.wrong.push(format!("failed with {failed:?}"));
            }
        } else {
            return false;
        }
        true
    }

    fn feed(&mut self, step: &Value, source: Source, origin: &str) {
        let message = step["message"].clone();
        match step["on"].as_str() {
            Some("window") => self.tab.window(source, origin, message),
            Some("port") => {
                assert!(self.tab.has_port(), "no port for {step}");
                self.tab.host_says(message);
            }
            _ => panic!("where? {step}"),
        }
    }

    fn expect_said(&mut self, step: &Value) {
        let said = self.tab.said.pop_front();
        let right = said.as_ref().is_some_and(|said| step["on"] == said.on() && step["message"] == *said.message());
        if !right {
            self.wrong.push(format!("said {said:?}"));
        }
        if let Some(support::Said::Window { origin, .. }) = said {
            // Always to a concrete, allowed origin.
            assert!(self.conversation["widget"]["hosts"].as_array().unwrap().contains(&json!(origin)), "{origin}");
        }
    }

    fn expect_counted(&mut self, step: &Value, before: [u32; Refusal::COUNT]) {
        for (refusal, before) in Refusal::ALL.iter().zip(before) {
            let more = self.tab.rejected(*refusal) - before;
            let expected = u32::from(step["rejected"] == refusal.name());
            if more != expected {
                self.wrong.push(format!("{} counted {more} times, expected {expected}", refusal.name()));
            }
        }
    }
}

fn nonce(text: &Value) -> [u64; 2] {
    let text = text.as_str().unwrap();
    [&text[..16], &text[16..]].map(|half| u64::from_str_radix(half, 16).unwrap())
}

#[test]
fn the_widget_plays_its_part_in_every_conversation_of_the_vectors() {
    let all = conversations();
    let (mut played, mut expected, mut report) = (0, 0, Vec::new());
    for conversation in all.iter().filter(|conversation| not_ours(conversation).is_none()) {
        expected += conversation["steps"].as_array().unwrap().iter().filter(|step| concerns_widget(step)).count();
        let (steps, wrong) = Player::new(conversation).play();
        played += steps;
        if !wrong.is_empty() {
            report.push(format!("{} {}\n    {}", conversation["proves"], conversation["name"], wrong.join("\n    ")));
        }
    }
    assert_eq!(played, expected, "every step in which the widget has a part is played");
    assert!(played >= 250, "only {played} steps");
    assert!(report.is_empty(), "{} conversations go wrong:\n{}", report.len(), report.join("\n"));
}

#[test]
fn no_conversation_is_skipped_but_those_of_the_host_alone() {
    let all = conversations();
    let skipped: Vec<_> =
        all.iter().filter_map(|conversation| Some((not_ours(conversation)?, conversation["name"].as_str().unwrap()))).collect();
    assert!(all.len() - skipped.len() >= 31, "{} of {}", all.len() - skipped.len(), all.len());
    assert_eq!(
        skipped,
        [
            ("a widget of other versions", "no version in common: the host is older"),
            ("a widget of other versions", "the highest version that both know"),
            ("a widget of other versions", "the widget knows more versions"),
            ("only the host", "nobody answers to an inherited name"),
        ]
    );
}

#[test]
fn every_step_of_the_vectors_is_of_a_kind_that_this_player_knows() {
    let kinds = ["from", "inject", "expect", "error", "advance", "reload"];
    let keys = ["on", "message", "lost", "rejected", "source", "origin"];
    for conversation in conversations() {
        for step in conversation["steps"].as_array().unwrap() {
            let has: Vec<&str> = step.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(has.iter().filter(|key| kinds.contains(key)).count(), 1, "{step}");
            assert!(has.iter().all(|key| kinds.contains(key) || keys.contains(key)), "{step}");
            if step["inject"] == "widget" {
                let counter = &step["rejected"];
                assert!(counter.is_null() || Refusal::ALL.iter().any(|refusal| *counter == refusal.name()), "{step}");
            }
        }
    }
}

#[test]
fn d16_a_replayed_welcome_is_refused_and_counted() {
    let mut tab = Tab::connected(config(), 1);
    for _ in 0..3 {
        let welcome = json!({"type": "welcome", "version": 1, "nonce": "01".repeat(16), "capabilities": []});
        tab.host_says(welcome);
    }
    assert_eq!(tab.rejected(Refusal::Replay), 3);
    assert!(tab.said.is_empty() && tab.events.is_empty());
    assert_eq!(tab.session.connection().as_str(), "connected");
}

#[test]
fn d16_a_recorded_handshake_is_worth_nothing_in_another_tab_or_after_a_knock() {
    let recorded = json!({"type": "welcome", "version": 1, "nonce": "01".repeat(16), "capabilities": []});
    let mut other = Tab::new(config(), 2);
    other.nonces.push_back([7; 2]);
    other.enter(|session, now| session.handle_start(now, Parent::Known(HOST.to_owned()), OwnOrigin::Tuple)).unwrap();
    other.host_says(recorded.clone());
    assert_eq!((other.rejected(Refusal::Replay), other.session.connection().as_str()), (1, "connecting"));

    let mut again = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    again.knock();
    again.host_says(recorded);
    assert_eq!((again.rejected(Refusal::Replay), again.session.connection().as_str()), (1, "connecting"));
}

#[test]
fn d16_the_nonce_is_all_128_bits_that_the_shell_gave_and_dies_after_60_seconds() {
    let mut handshake = Handshake::default();
    assert_eq!(handshake.hello(5, [0x0011_2233_4455_6677, 0x8899_aabb_ccdd_eeff]), "00112233445566778899aabbccddeeff");
    assert_eq!(NONCE_LIFE, 60_000);
    let welcome = JsonDecoder(json!({"nonce": "00112233445566778899aabbccddeeff", "version": 1}));
    assert_eq!(handshake.welcome(5 + NONCE_LIFE + 1, &welcome), Err(Refusal::Replay));
    assert!(!handshake.connected());
}

#[test]
fn d16_a_nonce_that_fits_is_spent_by_its_first_use() {
    let mut handshake = Handshake::default();
    let nonce = handshake.hello(0, [9; 2]);
    let welcome = JsonDecoder(json!({"nonce": nonce, "version": 1}));
    assert_eq!(handshake.welcome(1, &welcome), Ok(()));
    assert!(handshake.reset(), "was connected");
    assert_eq!(handshake.welcome(2, &welcome), Err(Refusal::Replay));
    // And an empty one never fits.
    assert!(handshake.welcome(3, &JsonDecoder(json!({"nonce": "", "version": 1}))).is_err());
    assert!(!handshake.connected());
}

#[test]
fn d16_every_hello_has_a_nonce_of_its_own() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    for _ in 0..50 {
        tab.knock();
    }
    let nonces: BTreeSet<String> = tab.said_of("authframe:hello").iter().map(|hello| hello["nonce"].as_str().unwrap().to_owned()).collect();
    assert_eq!(nonces.len(), 51);
}

#[test]
fn d17_a_version_that_was_not_offered_is_refused_whatever_the_host_says() {
    for version in [json!(0), json!(2), json!(4_294_967_295_u32), json!(-1), json!(1.5), json!("1"), json!(null), json!([1])] {
        let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
        tab.said.clear();
        tab.host_says(json!({"type": "welcome", "version": version, "nonce": "01".repeat(16), "capabilities": []}));
        assert_eq!((tab.session.connection().as_str(), tab.said.len()), ("connecting", 0), "{version}");
        assert_eq!(tab.rejected(Refusal::Shape), 1, "{version}");
    }
}

#[test]
fn d17_a_range_without_a_common_version_is_a_typed_error_and_the_widget_waits_for_a_knock() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.forget();
    tab.host_says(json!({"type": "refuse", "code": "VERSION_MISMATCH", "min": 2, "max": 3}));
    assert!(matches!(tab.events[..], [Event::Failed(Error::VersionMismatch)]), "{:?}", tab.events);
    // The nonce is spent: a welcome behind the refusal comes too late.
    tab.host_says(json!({"type": "welcome", "version": 1, "nonce": "01".repeat(16), "capabilities": []}));
    assert_eq!(tab.session.connection().as_str(), "connecting");
    assert_eq!(tab.rejected(Refusal::Replay), 1);
    // A second refusal is one to nothing.
    tab.host_says(json!({"type": "refuse", "code": "VERSION_MISMATCH", "min": 2, "max": 3}));
    assert_eq!(tab.events.len(), 1);
    tab.knock();
    tab.shake_hands();
    assert_eq!(tab.session.connection().as_str(), "connected");
}

#[test]
fn d17_a_refusal_while_connected_changes_nothing() {
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(json!({"type": "refuse", "code": "VERSION_MISMATCH", "min": 2, "max": 3}));
    assert_eq!(tab.session.connection().as_str(), "connected");
    assert!(!tab.events.iter().any(|event| matches!(event, Event::Failed(_) | Event::Connection(..))));
}
