//! The explicit updates of a RingCentral service in several tabs: whatever the order in which they hear of each other, they end up agreeing.

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

use std::collections::VecDeque;
use std::rc::Rc;

use authframe::core::{Config, Dialect, DialectKind, Id, Notice, Output, Parent, Session, SessionView};
use authframe::dialect::{Any, RingCentral};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{JsonFields, to_value};

struct Tab {
    dialect: RingCentral,
    // As the application is shown it.
    authorized: Option<bool>,
    // Storage events that it has not heard.
    events: VecDeque<Value>,
}

struct Browser {
    tabs: Vec<Tab>,
    stored: Value,
    session: Rc<SessionView>,
    writes: usize,
}

impl Browser {
    fn new(count: usize) -> Self {
        let mut config = Config::default();
        config.allow("https://crm.example", DialectKind::RingCentral).unwrap();
        let mut session = Session::<JsonFields, Any>::new(config.clone(), Id(1), Any::new(&config));
        session.handle_start(0, Parent::Known("https://crm.example".to_owned()), false).unwrap();
        let tab = || Tab { dialect: RingCentral::default(), authorized: None, events: VecDeque::new() };
        let tabs = std::iter::repeat_with(tab).take(count).collect();
        let mut browser = Self { tabs, stored: Value::Null, session: Rc::new(session.view().clone()), writes: 0 };
        for tab in 0..count {
            browser.give(tab, Notice::App(JsonFields(json!({"tab": Id(tab as u64 + 1).to_text(), "holdMs": 0}))));
        }
        browser
    }

    fn give(&mut self, tab: usize, notice: Notice<JsonFields>) {
        let mut outputs = Vec::new();
        self.tabs[tab].dialect.handle(0, notice, &self.session, &mut outputs);
        for output in outputs {
            let Output::Report(news) = output else { continue };
            let news = to_value(&news);
            if news["login"].is_null() {
                self.tabs[tab].authorized = news["authorized"].as_bool();
                if news["spread"] == true {
                    self.write(tab, news);
                }
            }
        }
    }

    fn write(&mut self, by: usize, news: Value) {
        self.writes += 1;
        // The same text again is no event.
        if self.stored != news {
            self.stored = news.clone();
            for (_, tab) in self.tabs.iter_mut().enumerate().filter(|(tab, _)| *tab != by) {
                tab.events.push_back(news.clone());
            }
        }
    }

    fn register(&mut self, tab: usize, authorized: bool) {
        let service = json!({"name": "TestCRM", "authorizationPath": "/authorize", "authorized": authorized});
        self.give(tab, Notice::Window(JsonFields(json!({"type": "rc-adapter-register-third-party-service", "service": service}))));
    }

    fn look(&mut self, tab: usize) {
        let seen = if self.stored.is_null() { json!({}) } else { self.stored.clone() };
        self.give(tab, Notice::App(JsonFields(json!({"other": seen, "before": true}))));
    }

    fn update(&mut self, tab: usize, authorized: bool) {
        self.give(tab, Notice::Window(JsonFields(json!({"type": "rc-adapter-update-authorization-status", "authorized": authorized}))));
    }

    fn hear(&mut self, tab: usize) -> bool {
        let event = self.tabs[tab].events.pop_front();
        event.is_some_and(|other| {
            self.give(tab, Notice::App(JsonFields(json!({"other": other, "before": false}))));
            true
        })
    }

    fn hear_all(&mut self) {
        while (0..self.tabs.len()).any(|tab| self.hear(tab)) {}
    }

    fn shown(&self) -> Vec<Option<bool>> {
        self.tabs.iter().map(|tab| tab.authorized).collect()
    }
}

#[test]
fn an_update_reaches_the_others_with_one_write_and_a_registration_reaches_nobody() {
    let mut browser = Browser::new(3);
    for tab in 0..2 {
        browser.register(tab, false);
        browser.look(tab);
    }
    browser.update(0, true);
    browser.hear_all();
    assert_eq!((browser.shown(), browser.writes), (vec![Some(true), Some(true), None], 1));
    // Its page is loaded anew and registers as it always does.
    browser.register(1, false);
    browser.look(1);
    browser.register(2, false);
    browser.look(2);
    browser.hear_all();
    assert_eq!((browser.shown(), browser.writes), (vec![Some(true), Some(false), Some(false)], 1));
    browser.update(2, true);
    browser.update(2, false);
    browser.hear_all();
    assert_eq!((browser.shown(), browser.writes), (vec![Some(false); 3], 3));
}

#[test]
fn an_update_that_comes_before_the_storage_was_read_counts_as_a_later_one() {
    let mut browser = Browser::new(2);
    for tab in 0..2 {
        browser.register(tab, false);
    }
    browser.look(0);
    for authorized in [true, false, true] {
        browser.update(0, authorized);
    }
    browser.update(1, false);
    assert_eq!(browser.writes, 3);
    browser.look(1);
    browser.hear_all();
    assert_eq!(browser.shown(), [Some(false); 2]);
    assert_eq!(browser.stored["authorized"], false);
}

#[test]
fn what_stands_in_the_storage_may_be_damaged() {
    for damaged in [json!({"update": -1, "writer": "x", "authorized": true}), json!({"update": 4e9, "writer": 7}), json!({"writer": "zz"})]
    {
        let mut browser = Browser::new(2);
        for tab in 0..2 {
            browser.register(tab, false);
            browser.stored = damaged.clone();
            browser.look(tab);
        }
        for authorized in [true, false, true] {
            browser.give(1, Notice::App(JsonFields(json!({"other": damaged, "before": false}))));
            browser.update(0, authorized);
            browser.hear_all();
            assert_eq!(browser.shown(), [Some(authorized); 2], "{damaged}");
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Update(usize, bool),
    Hear(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![(0..4_usize, any::<bool>()).prop_map(|(tab, authorized)| Step::Update(tab, authorized)), (0..4_usize).prop_map(Step::Hear)]
}

proptest! {
    #[test]
    fn in_any_order_all_tabs_end_up_agreeing(steps in proptest::collection::vec(step(), 1..60)) {
        let mut browser = Browser::new(4);
        for tab in 0..4 {
            browser.register(tab, false);
            browser.look(tab);
        }
        let mut updated = false;
        for step in steps {
            match step {
                Step::Update(tab, authorized) => {
                    browser.update(tab, authorized);
                    updated = true;
                }
                Step::Hear(tab) => {
                    browser.hear(tab);
                }
            }
        }
        browser.hear_all();
        let shown = browser.shown();
        prop_assert!(shown.iter().all(|authorized| *authorized == shown[0]), "{shown:?}");
        // And what a tab that is opened later finds is what they agree on.
        prop_assert!(!updated || browser.stored["authorized"] == json!(shown[0]));
        // One that they all have heard is undone everywhere by a single later one.
        browser.update(3, !shown[0].unwrap());
        browser.hear_all();
        prop_assert_eq!(browser.shown(), vec![shown[0].map(|authorized| !authorized); 4]);
    }
}
