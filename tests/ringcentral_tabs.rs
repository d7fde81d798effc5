//! The explicit updates of a RingCentral service in several tabs: whatever the order in which they learn of each other, they end up agreeing.

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

use authframe::dialect::{Any, RingCentral};
use authframe::session::{Config, Dialect, Id, Notice, Output, OwnOrigin, Parent, Session, SessionView};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{JsonDecoder, to_value};

struct Tab {
    dialect: RingCentral,
    // As the application is shown it.
    authorized: Option<bool>,
    // Storage events that it has not received.
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
        config.allow("https://crm.example", RingCentral::KIND).unwrap();
        let mut session = Session::<JsonDecoder, Any>::new(config.clone(), Id(1), Any::new(&config));
        session.handle_start(0, Parent::Known("https://crm.example".to_owned()), OwnOrigin::Tuple).unwrap();
        let tab = || Tab { dialect: RingCentral::default(), authorized: None, events: VecDeque::new() };
        let tabs = std::iter::repeat_with(tab).take(count).collect();
        let mut browser = Self { tabs, stored: Value::Null, session: Rc::new(session.view().clone()), writes: 0 };
        for tab in 0..count {
            browser.give(tab, Notice::App(JsonDecoder(json!({"tab": Id(tab as u64 + 1).to_text(), "readyTimeoutMs": 0}))));
        }
        browser
    }

    /// Some tabs that have registered the service and looked into the storage.
    fn registered(count: usize) -> Self {
        let mut browser = Self::new(count);
        for tab in 0..count {
            browser.register(tab, false);
            browser.look(tab);
        }
        browser
    }

    fn give(&mut self, tab: usize, notice: Notice<JsonDecoder>) {
        let mut outputs = Vec::new();
        self.tabs[tab].dialect.handle(0, notice, &self.session, &mut outputs);
        for output in outputs {
            let Output::Report(news) = output else { continue };
            let news = to_value(&news);
            if !news["update"].is_null() {
                self.write(tab, news);
            } else if news["login"].is_null() {
                self.tabs[tab].authorized = news["authorized"].as_bool();
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
            // What a tab writes it receives at once, as `bridge.storage` has it.
            self.give(by, Notice::App(JsonDecoder(json!({"other": news, "before": false}))));
        }
    }

    fn register(&mut self, tab: usize, authorized: bool) {
        self.register_as(tab, "TestCRM", authorized);
    }

    fn register_as(&mut self, tab: usize, name: &str, authorized: bool) {
        let service = json!({"name": name, "authorizationPath": "/authorize", "authorized": authorized});
        self.give(tab, Notice::Window(JsonDecoder(json!({"type": "rc-adapter-register-third-party-service", "service": service}))));
    }

    fn look(&mut self, tab: usize) {
        let seen = if self.stored.is_null() { json!({}) } else { self.stored.clone() };
        self.give(tab, Notice::App(JsonDecoder(json!({"other": seen, "before": true}))));
    }

    fn update(&mut self, tab: usize, authorized: bool) {
        self.give(tab, Notice::Window(JsonDecoder(json!({"type": "rc-adapter-update-authorization-status", "authorized": authorized}))));
    }

    fn deliver(&mut self, tab: usize) -> bool {
        let event = self.tabs[tab].events.pop_front();
        event.is_some_and(|other| {
            self.give(tab, Notice::App(JsonDecoder(json!({"other": other, "before": false}))));
            true
        })
    }

    fn deliver_all(&mut self) {
        for turn in 0.. {
            assert!(turn < 10_000, "they go on correcting each other");
            if !(0..self.tabs.len()).any(|tab| self.deliver(tab)) {
                return;
            }
        }
    }

    /// The storage is cleared, and every tab learns of it.
    fn clear(&mut self) {
        self.stored = Value::Null;
        for tab in 0..self.tabs.len() {
            self.tabs[tab].events.clear();
            self.look(tab);
        }
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
    // The third one has registered nothing, and is not asked.
    browser.tabs[2].events.clear();
    browser.deliver_all();
    assert_eq!((browser.shown(), browser.writes), (vec![Some(true), Some(true), None], 1));
    // Its page registers again, as it does at every load.
    browser.register(1, false);
    browser.register(2, false);
    browser.look(2);
    browser.deliver_all();
    assert_eq!((browser.shown(), browser.writes), (vec![Some(true), Some(false), Some(false)], 1));
    browser.update(2, true);
    browser.update(2, false);
    browser.deliver_all();
    assert_eq!((browser.shown(), browser.writes), (vec![Some(false); 3], 3));
}

#[test]
fn an_update_that_comes_before_the_storage_was_read_counts_as_a_later_one_and_no_registration_undoes_it() {
    for again in [false, true] {
        let mut browser = Browser::new(2);
        for tab in 0..2 {
            browser.register(tab, false);
        }
        browser.look(0);
        for authorized in [true, false, true] {
            browser.update(0, authorized);
        }
        browser.update(1, false);
        if again {
            browser.register(1, true);
        }
        assert_eq!(browser.writes, 3);
        browser.look(1);
        browser.deliver_all();
        assert_eq!(browser.shown(), [Some(false), Some(again)]);
        assert_eq!(browser.stored["authorized"], false);
    }
}

#[test]
fn another_service_begins_with_nothing_of_the_first() {
    let mut browser = Browser::registered(1);
    for _ in 0..3 {
        browser.update(0, true);
    }
    browser.register_as(0, "OtherCRM", false);
    // Under its name nothing stands.
    browser.stored = Value::Null;
    browser.look(0);
    browser.update(0, true);
    assert_eq!((browser.stored["update"].clone(), browser.stored["authorized"].clone()), (json!(1), json!(true)));
    // What came for the first one before its storage was read is not said for the second.
    let mut browser = Browser::new(1);
    browser.register(0, false);
    browser.update(0, true);
    browser.register_as(0, "OtherCRM", false);
    browser.look(0);
    assert_eq!((browser.writes, browser.shown()), (0, vec![Some(false)]));
}

#[test]
fn what_was_written_over_is_said_again_and_what_a_registration_says_is_not() {
    let mut browser = Browser::registered(2);
    browser.update(1, true);
    browser.register(1, false);
    // The other one, which does not know of it, makes an update of the same number.
    browser.tabs[0].events.clear();
    browser.update(0, false);
    browser.deliver_all();
    assert_eq!((browser.stored["writer"].clone(), browser.stored["authorized"].clone()), (json!(Id(2).to_text()), json!(true)));
    assert_eq!(browser.shown(), [Some(true), Some(false)]);
}

#[test]
fn a_second_look_at_what_was_written_over_forgets_no_later_update() {
    let mut browser = Browser::registered(2);
    for _ in 0..3 {
        browser.update(1, false);
    }
    // This tab does not know of the three.
    browser.update(0, false);
    browser.look(1);
    browser.deliver_all();
    browser.update(1, true);
    browser.deliver_all();
    assert_eq!((browser.shown(), browser.stored["update"].clone()), (vec![Some(true); 2], json!(4)));
}

#[test]
fn after_the_storage_was_cleared_the_next_update_counts() {
    let mut browser = Browser::registered(2);
    browser.update(0, true);
    browser.update(0, true);
    browser.deliver_all();
    browser.clear();
    browser.update(1, false);
    browser.deliver_all();
    assert_eq!((browser.shown(), browser.stored["update"].clone()), (vec![Some(false); 2], json!(1)));
}

#[test]
fn what_stands_in_the_storage_may_be_damaged() {
    let writer = Id(9).to_text();
    let damaged = [
        json!({"update": -1, "writer": "x", "authorized": true}),
        json!({"update": 4_000_000_000_u32, "writer": writer, "authorized": true}),
        json!({"update": (1_u32 << 31) + 1, "writer": writer, "authorized": true}),
        json!({"writer": "zz"}),
    ];
    for damaged in damaged {
        let mut browser = Browser::new(2);
        for tab in 0..2 {
            browser.register(tab, false);
            browser.stored = damaged.clone();
            browser.look(tab);
        }
        for authorized in [true, false, true] {
            browser.give(1, Notice::App(JsonDecoder(json!({"other": damaged, "before": false}))));
            browser.update(0, authorized);
            browser.deliver_all();
            assert_eq!(browser.shown(), [Some(authorized); 2], "{damaged}");
        }
    }
    // The last number there is: at least they come to an end.
    let mut browser = Browser::new(2);
    for tab in 0..2 {
        browser.register(tab, false);
        browser.stored = json!({"update": (1_u32 << 31) - 1, "writer": writer, "authorized": false});
        browser.look(tab);
    }
    for tab in [0, 1, 0, 1] {
        browser.update(tab, true);
        browser.deliver_all();
    }
    assert_eq!(browser.shown(), [Some(true); 2]);
}

#[derive(Clone, Debug)]
enum Step {
    Update(usize, bool),
    Deliver(usize),
    Register(usize, bool),
    Look(usize),
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    let tab = 0..4_usize;
    prop_oneof![
        8 => (tab.clone(), any::<bool>()).prop_map(|(tab, authorized)| Step::Update(tab, authorized)),
        8 => tab.clone().prop_map(Step::Deliver),
        2 => (tab.clone(), any::<bool>()).prop_map(|(tab, authorized)| Step::Register(tab, authorized)),
        1 => tab.prop_map(Step::Look),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    #[test]
    fn in_any_order_all_tabs_end_up_agreeing(steps in proptest::collection::vec(step(), 1..60)) {
        let mut browser = Browser::registered(4);
        for step in steps {
            match step {
                Step::Update(tab, authorized) => browser.update(tab, authorized),
                Step::Deliver(tab) => _ = browser.deliver(tab),
                Step::Register(tab, authorized) => browser.register(tab, authorized),
                Step::Look(tab) => browser.look(tab),
                Step::Clear => browser.clear(),
            }
        }
        browser.deliver_all();
        // Whatever was registered meanwhile, of which each tab keeps its own: the next explicit word holds for all, and is what stands there.
        for authorized in [true, false] {
            browser.update(3, authorized);
            browser.deliver_all();
            prop_assert_eq!(browser.shown(), vec![Some(authorized); 4]);
            prop_assert_eq!(browser.stored["authorized"].clone(), json!(authorized));
        }
    }

    #[test]
    fn without_registrations_in_between_they_agree_at_once(steps in proptest::collection::vec((0..4_usize, any::<bool>(), any::<bool>()), 1..60)) {
        let mut browser = Browser::registered(4);
        for (tab, delivers, authorized) in steps {
            if delivers {
                browser.deliver(tab);
            } else {
                browser.update(tab, authorized);
            }
        }
        browser.deliver_all();
        let shown = browser.shown();
        prop_assert!(shown.iter().all(|authorized| *authorized == shown[0]), "{:?}", shown);
        prop_assert!(browser.writes == 0 || browser.stored["authorized"] == json!(shown[0]));
    }
}
