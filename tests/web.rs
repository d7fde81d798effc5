//! The Rust face in a real browser, at top level: `wasm-pack test --headless --chrome`.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use authframe::browser::{JsDecoder, Subscription};
use authframe::session::{Decoder, Scope, Shares, StorageTier};
use authframe::{AuthStatus, Bridge, Config, ConnectionState, Error, Grant, Reason, SessionView};
use js_sys::{Array, Function, JSON, Object, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Event, EventTarget, Storage, Window};

wasm_bindgen_test_configure!(run_in_browser);

const HOST: &str = "https://crm.example.com";

// The page

fn window() -> Window {
    web_sys::window().unwrap()
}

fn local() -> Storage {
    window().local_storage().unwrap().unwrap()
}

fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap()
}

fn set(object: &JsValue, key: &str, value: &JsValue) {
    assert!(Reflect::set(object, &key.into(), value).unwrap(), "{key}");
}

fn js(value: &Value) -> JsValue {
    JSON::parse(&value.to_string()).unwrap()
}

/// Makes what web-sys has no feature for here: `new name(...arguments)`.
fn construct(name: &str, arguments: &[JsValue]) -> JsValue {
    let constructor: Function = get(&window(), name).unchecked_into();
    Reflect::construct(&constructor, &arguments.iter().collect::<Array>()).unwrap()
}

fn dispatch(event: JsValue) {
    window().dispatch_event(&event.unchecked_into::<Event>()).unwrap();
}

/// A storage event as the browser makes it when another tab has written.
fn storage_event(area: &Storage, key: Option<&str>, new_value: Option<&str>) {
    let init = Object::new();
    set(&init, "key", &key.map_or(JsValue::NULL, JsValue::from));
    set(&init, "newValue", &new_value.map_or(JsValue::NULL, JsValue::from));
    set(&init, "storageArea", area);
    dispatch(construct("StorageEvent", &["storage".into(), init.into()]));
}

fn page_event(kind: &str, persisted: bool) {
    let init = Object::new();
    set(&init, "persisted", &persisted.into());
    dispatch(construct("PageTransitionEvent", &[kind.into(), init.into()]));
}

/// Replaces a property of an object, and puts the old one back when dropped, even if the test fails before.
struct Override {
    object: JsValue,
    key: &'static str,
    before: JsValue,
}

impl Override {
    fn new(object: &JsValue, key: &'static str, value: &JsValue) -> Self {
        let before: JsValue = Reflect::get_own_property_descriptor(object.unchecked_ref::<Object>(), &key.into()).unwrap();
        let descriptor = Object::new();
        set(&descriptor, "value", value);
        set(&descriptor, "configurable", &true.into());
        set(&descriptor, "writable", &true.into());
        assert!(Reflect::define_property(object.unchecked_ref::<Object>(), &key.into(), &descriptor).unwrap(), "{key}");
        Self { object: object.clone(), key, before }
    }
}

impl Drop for Override {
    fn drop(&mut self) {
        let object = self.object.unchecked_ref::<Object>();
        let _ = if self.before.is_undefined() {
            Reflect::delete_property(object, &self.key.into())
        } else {
            Reflect::define_property(object, &self.key.into(), self.before.unchecked_ref())
        };
    }
}

/// `Storage.prototype`, on which both storages have their methods.
fn storage_prototype() -> JsValue {
    get(&get(&window(), "Storage"), "prototype")
}

// The bridge

fn config(namespace: &str) -> Config {
    local().remove_item(&key(namespace)).unwrap();
    window().session_storage().unwrap().unwrap().remove_item(&key(namespace)).unwrap();
    Config::new([HOST]).unwrap().namespace(namespace).unwrap()
}

fn key(namespace: &str) -> String {
    format!("{namespace}.authframe")
}

fn connect(namespace: &str) -> Bridge {
    Bridge::connect(config(namespace)).unwrap()
}

fn grant(subject: &str) -> Grant {
    Grant::read(&JsDecoder(js(&json!({"account": {"subject": subject, "name": "A name"}, "accessToken": "taint-token"})))).unwrap()
}

fn stored(namespace: &str) -> Option<Value> {
    local().get_item(&key(namespace)).unwrap().map(|text| serde_json::from_str(&text).unwrap())
}

fn status(bridge: &Bridge) -> (AuthStatus, Reason) {
    let session = bridge.session().unwrap();
    (session.status, session.reason)
}

fn tier(bridge: &Bridge) -> (StorageTier, Shares) {
    let environment = bridge.environment().unwrap();
    (environment.storage, environment.shares)
}

type Heard = Rc<RefCell<Vec<SessionView>>>;

fn hear(bridge: &Bridge) -> (Heard, Subscription) {
    let heard = Heard::default();
    let told = Rc::clone(&heard);
    let subscription = bridge.subscribe(move |session| told.borrow_mut().push(session.clone()));
    (heard, subscription)
}

fn states(heard: &Heard) -> Vec<(AuthStatus, Reason)> {
    heard.borrow().iter().map(|session| (session.status, session.reason)).collect()
}

/// What another tab would have written that signed out: the record of this bridge's register, changed.
fn signed_out(namespace: &str) -> String {
    let mut record = stored(namespace).unwrap();
    for (key, value) in [
        ("writer", json!("00000000000000ff")),
        ("epoch", json!(record["epoch"].as_u64().unwrap() + 1)),
        ("status", json!("unauthorized")),
        ("reason", json!("user")),
        ("subjectTag", json!("")),
    ] {
        record[key] = value;
    }
    record.to_string()
}

/// Another tab writes it, and the browser says so.
fn another_tab_writes(namespace: &str, record: &str) {
    local().set_item(&key(namespace), record).unwrap();
    storage_event(&local(), Some(&key(namespace)), Some(record));
}

// Tests

#[wasm_bindgen_test]
fn a_page_that_is_not_embedded_stands_alone_and_says_so() {
    let bridge = connect("alone");
    assert_eq!(bridge.connection().unwrap(), ConnectionState::Standalone);
    assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::Initial));
    let environment = bridge.environment().unwrap();
    assert_eq!((environment.scope, environment.evidence), (Scope::Top, "parent-is-self"));
    assert_eq!((environment.storage, environment.shares, environment.parent), (StorageTier::Local, Shares::Origin, None));
    assert_eq!(stored("alone"), None, "nobody signed in: nothing is written");
}

#[wasm_bindgen_test]
fn subscribe_calls_at_once_and_after_every_change() {
    let bridge = connect("subscribe");
    let (heard, _subscription) = hear(&bridge);
    assert_eq!(states(&heard), [(AuthStatus::Unauthorized, Reason::Initial)]);
    bridge.authorize(grant("ada")).unwrap();
    bridge.sign_out(Reason::User).unwrap();
    assert_eq!(states(&heard)[1..], [(AuthStatus::Authorized, Reason::SignIn), (AuthStatus::Unauthorized, Reason::User)]);
}

#[wasm_bindgen_test]
fn d21_after_a_sign_in_the_register_has_exactly_its_eight_fields_and_no_token() {
    let bridge = connect("register");
    bridge.authorize(grant("ada@private.example")).unwrap();
    let session = bridge.session().unwrap();
    assert_eq!((session.status, session.account.as_ref().unwrap().subject()), (AuthStatus::Authorized, "ada@private.example"));
    let record = stored("register").unwrap();
    let keys: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["v", "epoch", "sequence", "writer", "status", "reason", "expiresAt", "subjectTag"]);
    assert_eq!((&record["epoch"], &record["status"], &record["reason"]), (&json!(session.epoch), &json!("authorized"), &json!("sign-in")));
    let everything: String = (0..local().length().unwrap())
        .map(|place| local().key(place).unwrap().unwrap())
        .fold(String::new(), |all, key| all + &key + &local().get_item(&key).unwrap().unwrap_or_default());
    for private in ["taint-token", "private.example", "A name"] {
        assert!(!everything.contains(private), "{everything}");
    }
}

#[wasm_bindgen_test]
fn a_storage_event_with_another_tabs_newer_record_is_followed_and_nothing_is_written() {
    let bridge = connect("follow");
    bridge.authorize(grant("ada")).unwrap();
    let (heard, _subscription) = hear(&bridge);
    let out = signed_out("follow");
    let epoch = bridge.session().unwrap().epoch;
    another_tab_writes("follow", &out);
    assert_eq!(states(&heard)[1..], [(AuthStatus::Unauthorized, Reason::User)]);
    assert_eq!((bridge.session().unwrap().epoch, bridge.session().unwrap().account.is_none()), (epoch + 1, true));
    assert_eq!(local().get_item(&key("follow")).unwrap().unwrap(), out, "who learned does not write");
}

// A page can make such an event up.
#[wasm_bindgen_test]
fn c1_a_storage_event_is_a_reason_to_read_and_its_value_is_not_believed() {
    let bridge = connect("made-up");
    bridge.authorize(grant("ada")).unwrap();
    let (heard, _subscription) = hear(&bridge);
    let stood = stored("made-up");
    storage_event(&local(), Some(&key("made-up")), Some(&signed_out("made-up")));
    storage_event(&local(), Some(&key("made-up")), None);
    storage_event(&local(), None, None);
    dispatch(construct("Event", &["storage".into()]));
    assert_eq!((heard.borrow().len(), stored("made-up")), (1, stood));
    another_tab_writes("made-up", &signed_out("made-up"));
    assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::User));
}

#[wasm_bindgen_test]
fn a_record_that_was_overwritten_by_an_older_one_is_repaired() {
    let bridge = connect("repair");
    bridge.authorize(grant("ada")).unwrap();
    let older = local().get_item(&key("repair")).unwrap().unwrap();
    bridge.sign_out(Reason::User).unwrap();
    let written = stored("repair");
    another_tab_writes("repair", &older);
    assert_eq!(stored("repair"), written);
    assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::User));
}

#[wasm_bindgen_test]
fn d33_storage_that_is_cleared_is_a_sign_out_that_is_written() {
    let bridge = connect("cleared");
    bridge.authorize(grant("ada")).unwrap();
    let epoch = bridge.session().unwrap().epoch;
    local().clear().unwrap();
    storage_event(&local(), None, None);
    assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::StorageCleared));
    assert!(stored("cleared").unwrap()["epoch"].as_u64().unwrap() > epoch);
}

#[wasm_bindgen_test]
fn d33_corrupt_huge_and_foreign_storage_events_are_survived() {
    let bridge = connect("broken");
    bridge.authorize(grant("ada")).unwrap();
    let (heard, _subscription) = hear(&bridge);
    let good = local().get_item(&key("broken")).unwrap().unwrap();
    let huge = format!("{{\"v\":1,\"pad\":\"{}\"}}", "x".repeat(3_000_000));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for bad in [
        "",
        "{",
        "null",
        "[]",
        "7",
        "\"v\"",
        "{\"v\":1}",
        "{\"v\":1,\"epoch\":9e99}",
        &huge,
        &deep,
        "\u{0}\u{ffff}",
        "{\"__proto__\":{\"v\":1}}",
    ] {
        another_tab_writes("broken", bad);
        assert_eq!(local().get_item(&key("broken")).unwrap().unwrap(), good, "mended after {}", &bad.chars().take(40).collect::<String>());
    }
    let out = signed_out("broken");
    // What speaks of something else.
    storage_event(&local(), Some("another.authframe"), Some(&out));
    storage_event(&local(), Some("broken.authframe "), Some(&out));
    let session = window().session_storage().unwrap().unwrap();
    storage_event(&session, Some(&key("broken")), Some(&out));
    storage_event(&session, None, None);
    assert_eq!(heard.borrow().len(), 1, "{:?}", states(&heard));
    assert_eq!(status(&bridge), (AuthStatus::Authorized, Reason::SignIn));
    // It still hears.
    another_tab_writes("broken", &out);
    assert_eq!(heard.borrow().len(), 2);
}

#[wasm_bindgen_test]
fn d33_a_record_of_a_later_version_is_left_alone() {
    let config = config("later");
    let later = "{\"v\":2,\"more\":[1,2]}";
    local().set_item(&key("later"), later).unwrap();
    let bridge = Bridge::connect(config).unwrap();
    bridge.authorize(grant("ada")).unwrap();
    bridge.sign_out(Reason::User).unwrap();
    assert_eq!(local().get_item(&key("later")).unwrap().as_deref(), Some(later));
}

#[wasm_bindgen_test]
fn a_reload_starts_where_the_register_stands() {
    let first = connect("reload");
    first.authorize(grant("ada")).unwrap();
    let written = stored("reload");
    first.close();
    // As if the page were loaded anew: no `config`, which empties the shared record.
    let again = Bridge::connect(Config::new([HOST]).unwrap().namespace("reload").unwrap()).unwrap();
    assert_eq!(status(&again), (AuthStatus::Authorized, Reason::Restore));
    assert!(again.session().unwrap().account.is_none(), "the account is not in the shared record");
    assert_eq!(stored("reload"), written, "restoring writes nothing");
}

#[wasm_bindgen_test]
fn two_bridges_of_different_namespaces_do_not_disturb_each_other() {
    let [one, two] = [connect("one"), connect("two")];
    let (heard, _subscription) = hear(&two);
    one.authorize(grant("ada")).unwrap();
    let out = signed_out("one");
    another_tab_writes("one", &out);
    assert_eq!(status(&one).0, AuthStatus::Unauthorized);
    assert_eq!(heard.borrow().len(), 1);
    assert_eq!((status(&two), stored("two")), ((AuthStatus::Unauthorized, Reason::Initial), None));
    two.authorize(grant("bob")).unwrap();
    one.close();
    assert_eq!(status(&two), (AuthStatus::Authorized, Reason::SignIn));
    let out = signed_out("two");
    another_tab_writes("two", &out);
    assert_eq!(status(&two).0, AuthStatus::Unauthorized, "the other one's close did not take its listeners");
}

#[wasm_bindgen_test]
fn d49_a_page_that_comes_back_reads_again_before_it_shows_anybody() {
    let bridge = connect("restored");
    bridge.authorize(grant("ada")).unwrap();
    let (heard, _subscription) = hear(&bridge);
    page_event("pagehide", true);
    assert!(bridge.session().unwrap().account.is_none());
    let out = signed_out("restored");
    local().set_item(&key("restored"), &out).unwrap();
    page_event("pageshow", true);
    let expected = [
        (AuthStatus::Authorized, Reason::SignIn),
        (AuthStatus::Unknown, Reason::Suspended),
        (AuthStatus::Unknown, Reason::Restored),
        (AuthStatus::Unauthorized, Reason::User),
    ];
    let mut states = states(&heard);
    // The epoch is seen before the hidden is lifted; that shows nobody.
    states.dedup();
    assert_eq!(states, expected);
    assert!(heard.borrow()[1..].iter().all(|session| session.account.is_none()));
}

#[wasm_bindgen_test]
fn missed_events_are_healed_when_the_page_wakes() {
    let bridge = connect("wake");
    for wake in ["focus", "visibilitychange"] {
        bridge.authorize(grant("ada")).unwrap();
        let out = signed_out("wake");
        local().set_item(&key("wake"), &out).unwrap();
        assert_eq!(status(&bridge).0, AuthStatus::Authorized);
        let bubbles = Object::new();
        set(&bubbles, "bubbles", &(wake == "visibilitychange").into());
        let event: Event = construct("Event", &[wake.into(), bubbles.into()]).unchecked_into();
        match wake {
            "focus" => window().dispatch_event(&event).unwrap(),
            _ => window().document().unwrap().dispatch_event(&event).unwrap(),
        };
        assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::User), "{wake}");
    }
}

// The end

#[wasm_bindgen_test]
fn d12_a_closed_bridge_hears_and_does_nothing_more() {
    let bridge = connect("closed");
    bridge.authorize(grant("ada")).unwrap();
    let (heard, _subscription) = hear(&bridge);
    bridge.close();
    let out = signed_out("closed");
    another_tab_writes("closed", &out);
    local().remove_item(&key("closed")).unwrap();
    storage_event(&local(), None, None);
    page_event("pagehide", true);
    page_event("pageshow", true);
    assert_eq!(heard.borrow().len(), 1, "{:?}", states(&heard));
    assert_eq!(stored("closed"), None);
    assert_eq!(bridge.connection().unwrap(), ConnectionState::Closed);
    assert_eq!(bridge.authorize(grant("bob")), Err(Error::Closed));
    assert_eq!(bridge.sign_out(Reason::User), Err(Error::Closed));
    assert_eq!(bridge.begin_sign_in(), Err(Error::Closed));
    bridge.close();
}

type Patched = Closure<dyn Fn(JsValue, JsValue, JsValue)>;

/// Counts, per type, the listeners on the window and the document while it lives.
struct Counted {
    counts: Rc<RefCell<BTreeMap<String, i32>>>,
    _overrides: Vec<Override>,
    _closures: Vec<Patched>,
}

impl Counted {
    fn new() -> Self {
        let counts = Rc::<RefCell<BTreeMap<String, i32>>>::default();
        let (mut overrides, mut closures) = (Vec::new(), Vec::new());
        let targets: [EventTarget; 2] = [window().into(), window().document().unwrap().into()];
        for target in targets {
            for (method, step) in [("addEventListener", 1), ("removeEventListener", -1)] {
                let original: Function = get(&target, method).unchecked_into();
                let (counts, owner) = (Rc::clone(&counts), target.clone());
                let closure =
                    Closure::<dyn Fn(JsValue, JsValue, JsValue)>::new(move |kind: JsValue, listener: JsValue, options: JsValue| {
                        *counts.borrow_mut().entry(kind.as_string().unwrap()).or_default() += step;
                        original.apply(&owner, &Array::of3(&kind, &listener, &options)).unwrap();
                    });
                overrides.push(Override::new(&target, method, closure.as_ref()));
                closures.push(closure);
            }
        }
        Self { counts, _overrides: overrides, _closures: closures }
    }

    fn total(&self) -> i32 {
        self.counts.borrow().values().sum()
    }
}

#[wasm_bindgen_test]
fn d12_close_and_drop_remove_every_listener() {
    let counted = Counted::new();
    let bridge = connect("listeners");
    let kinds: Vec<String> = counted.counts.borrow().keys().cloned().collect();
    assert_eq!(kinds, ["focus", "message", "messageerror", "online", "pagehide", "pageshow", "storage", "visibilitychange"]);
    assert_eq!(counted.total(), 8);
    bridge.close();
    assert_eq!(counted.total(), 0, "{:?}", counted.counts);
    for _ in 0..20 {
        let bridge = connect("listeners");
        assert_eq!(counted.total(), 8);
        drop(bridge);
        assert_eq!(counted.total(), 0, "{:?}", counted.counts);
    }
}

#[wasm_bindgen_test]
fn d48_nobody_listens_to_unload() {
    let counted = Counted::new();
    let _bridge = connect("unload");
    assert!(!counted.counts.borrow().keys().any(|kind| kind.contains("unload")), "{:?}", counted.counts);
}

#[wasm_bindgen_test]
fn a_dropped_subscription_hears_nothing_more_and_the_others_still_do() {
    let bridge = connect("dropped");
    let (first, one) = hear(&bridge);
    let (second, _two) = hear(&bridge);
    drop(one);
    bridge.authorize(grant("ada")).unwrap();
    assert_eq!((first.borrow().len(), second.borrow().len()), (1, 2));
}

#[wasm_bindgen_test]
fn a_subscription_may_outlive_its_bridge() {
    let bridge = connect("outlived");
    let (heard, subscription) = hear(&bridge);
    drop(bridge);
    drop(subscription);
    assert_eq!(heard.borrow().len(), 1);
}

// Callbacks may call anything

#[wasm_bindgen_test]
fn a_listener_may_call_the_bridge_and_everybody_hears_every_event_in_the_same_order() {
    let bridge = Rc::new(connect("reentrant"));
    let inner = Rc::downgrade(&bridge);
    let _first = bridge.subscribe(move |session| {
        if let (AuthStatus::Authorized, Some(bridge)) = (session.status, inner.upgrade()) {
            bridge.sign_out(Reason::User).unwrap();
            assert_eq!(status(&bridge).0, AuthStatus::Unauthorized);
        }
    });
    let (heard, _second) = hear(&bridge);
    bridge.authorize(grant("ada")).unwrap();
    let expected =
        [(AuthStatus::Unauthorized, Reason::Initial), (AuthStatus::Authorized, Reason::SignIn), (AuthStatus::Unauthorized, Reason::User)];
    assert_eq!(states(&heard), expected);
}

#[wasm_bindgen_test]
fn a_listener_may_close_the_bridge_and_subscribe_and_unsubscribe() {
    let bridge = Rc::new(connect("closing"));
    let later = Rc::<RefCell<Vec<Subscription>>>::default();
    let calls = Rc::new(Cell::new(0));
    let (inner, kept, count) = (Rc::downgrade(&bridge), Rc::clone(&later), Rc::clone(&calls));
    let _first = bridge.subscribe(move |session| {
        if let (AuthStatus::Authorized, Some(bridge)) = (session.status, inner.upgrade()) {
            let count = Rc::clone(&count);
            kept.borrow_mut().push(bridge.subscribe(move |_| count.set(count.get() + 1)));
            bridge.close();
        }
    });
    bridge.authorize(grant("ada")).unwrap();
    assert_eq!(bridge.connection().unwrap(), ConnectionState::Closed);
    assert_eq!((calls.get(), later.borrow().len()), (1, 1));
    later.borrow_mut().clear();
}

#[wasm_bindgen_test]
fn a_listener_that_signs_in_when_it_is_first_called_hears_of_its_own_change() {
    let bridge = Rc::new(connect("at-once"));
    let heard = Heard::default();
    let (inner, told) = (Rc::downgrade(&bridge), Rc::clone(&heard));
    let _subscription = bridge.subscribe(move |session| {
        told.borrow_mut().push(session.clone());
        if let (AuthStatus::Unauthorized, Some(bridge)) = (session.status, inner.upgrade()) {
            bridge.authorize(grant("ada")).unwrap();
        }
    });
    assert_eq!(states(&heard), [(AuthStatus::Unauthorized, Reason::Initial), (AuthStatus::Authorized, Reason::SignIn)]);
}

#[wasm_bindgen_test]
fn a_subscription_that_is_owned_by_another_listener_may_end_with_it() {
    let bridge = connect("nested");
    let inner = bridge.subscribe(|_| {});
    let outer = bridge.subscribe(move |_| {
        let _ = &inner;
    });
    drop(outer);
    // Nothing is poisoned.
    bridge.authorize(grant("ada")).unwrap();
    assert_eq!(status(&bridge).0, AuthStatus::Authorized);
}

// Storage that does not work

#[wasm_bindgen_test]
fn d32_where_no_local_storage_is_to_be_had_the_session_storage_is_used_and_environment_says_so() {
    let config = config("no-local");
    let denied = Override::new(&window(), "localStorage", &JsValue::NULL);
    let bridge = Bridge::connect(config).unwrap();
    assert_eq!(tier(&bridge), (StorageTier::Session, Shares::Tab));
    bridge.authorize(grant("ada")).unwrap();
    let session = window().session_storage().unwrap().unwrap();
    assert!(session.get_item(&key("no-local")).unwrap().unwrap().contains("authorized"));
    drop(denied);
    assert_eq!(stored("no-local"), None);
}

#[wasm_bindgen_test]
fn d32_where_nothing_is_to_be_had_memory_is_used_and_environment_says_so() {
    let config = config("nothing");
    let denied = [Override::new(&window(), "localStorage", &JsValue::NULL), Override::new(&window(), "sessionStorage", &JsValue::NULL)];
    let bridge = Bridge::connect(config).unwrap();
    assert_eq!(tier(&bridge), (StorageTier::Memory, Shares::Tab));
    bridge.authorize(grant("ada")).unwrap();
    let first = bridge.session().unwrap().epoch;
    bridge.sign_out(Reason::User).unwrap();
    bridge.authorize(grant("bob")).unwrap();
    assert_eq!(status(&bridge).0, AuthStatus::Authorized);
    assert!(bridge.session().unwrap().epoch >= first + 2);
    drop(denied);
}

#[wasm_bindgen_test]
fn d32_storage_that_throws_on_writing_lands_on_the_next_tier() {
    let bridge = connect("quota");
    assert_eq!(tier(&bridge).0, StorageTier::Local);
    // What is no function throws when it is called.
    let denied = Override::new(&storage_prototype(), "setItem", &JsValue::NULL);
    bridge.authorize(grant("ada")).unwrap();
    drop(denied);
    assert_eq!(tier(&bridge), (StorageTier::Memory, Shares::Tab));
    assert_eq!((status(&bridge), stored("quota")), ((AuthStatus::Authorized, Reason::SignIn), None));
    // It goes on there.
    let epoch = bridge.session().unwrap().epoch;
    bridge.sign_out(Reason::User).unwrap();
    assert!(bridge.session().unwrap().epoch > epoch);
}

#[wasm_bindgen_test]
fn d32_storage_that_does_not_keep_what_it_took_lands_on_the_next_tier() {
    let bridge = connect("forgetful");
    let forget = Closure::<dyn Fn(JsValue, JsValue)>::new(|_, _| {});
    let broken = Override::new(&storage_prototype(), "setItem", forget.as_ref());
    bridge.authorize(grant("ada")).unwrap();
    drop(broken);
    assert_eq!((tier(&bridge).0, status(&bridge).0), (StorageTier::Memory, AuthStatus::Authorized));
}

#[wasm_bindgen_test]
fn d32_storage_that_throws_on_reading_or_vanishes_in_mid_session_loses_nobodys_session() {
    let bridge = connect("vanishing");
    bridge.authorize(grant("ada")).unwrap();
    let (heard, _subscription) = hear(&bridge);
    let broken = Override::new(&storage_prototype(), "getItem", &JsValue::NULL);
    dispatch(construct("Event", &["focus".into()]));
    dispatch(construct("Event", &["focus".into()]));
    drop(broken);
    assert_eq!((tier(&bridge).0, status(&bridge).0), (StorageTier::Memory, AuthStatus::Authorized));
    assert_eq!(heard.borrow().len(), 1, "{:?}", states(&heard));
}

// What does not come from our parent

#[wasm_bindgen_test]
fn d2_a_page_that_is_not_embedded_takes_no_message_from_its_own_window() {
    let bridge = connect("own-window");
    let (heard, _subscription) = hear(&bridge);
    let messages = Rc::new(Cell::new(0));
    let count = Rc::clone(&messages);
    let _messages = bridge.on_message(move |_| count.set(count.get() + 1));
    for data in [
        json!({"type": "authframe:knock", "channel": ""}),
        json!({"type": "identity", "id": 1, "identity": {"account": "mallory"}}),
        json!(null),
    ] {
        let init = Object::new();
        set(&init, "data", &js(&data));
        set(&init, "origin", &HOST.into());
        set(&init, "source", &window());
        dispatch(construct("MessageEvent", &["message".into(), init.into()]));
    }
    assert_eq!((heard.borrow().len(), messages.get()), (1, 0));
    assert_eq!(bridge.connection().unwrap(), ConnectionState::Standalone);
    assert!(matches!(bridge.post(&js(&json!({"type": "message", "name": "a"}))), Err(Error::DataNotCloneable)), "there is no port");
}

// Untrusted values

#[wasm_bindgen_test]
fn d8_d9_untrusted_values_are_read_own_property_by_own_property_and_never_throw() {
    // A getter that throws: what is no function throws when it is called, here the `get` trap of a proxy whose handler is revoked.
    let revocable: JsValue = {
        let make: Function = get(&get(&window(), "Proxy"), "revocable").unchecked_into();
        make.call2(&JsValue::UNDEFINED, &Object::new(), &Object::new()).unwrap()
    };
    get(&revocable, "revoke").unchecked_into::<Function>().call0(&JsValue::UNDEFINED).unwrap();
    let revoked = get(&revocable, "proxy");
    for hostile in [revoked, JsValue::NULL, JsValue::UNDEFINED, JsValue::from(7), JsValue::from("type"), js(&json!([])), js(&json!({}))] {
        let fields = JsDecoder(hostile);
        for key in ["type", "__proto__", "constructor", "prototype", "toString", "hasOwnProperty"] {
            assert_eq!(fields.text(key, 64), Ok(None), "{key}");
            assert_eq!(fields.number(key), Ok(None), "{key}");
            assert!(fields.child(key).is_ok_and(|child| child.is_none()), "{key}");
        }
    }
}

#[wasm_bindgen_test]
fn d8_the_length_of_a_text_counts_in_utf_16_units() {
    let fields = JsDecoder(js(&json!({"ascii": "a".repeat(64), "two": "\u{1f600}".repeat(32), "longer": "\u{1f600}".repeat(32) + "a"})));
    assert!(fields.text("ascii", 64).is_ok() && fields.text("two", 64).is_ok());
    assert!(fields.text("ascii", 63).is_err() && fields.text("longer", 64).is_err());
}

#[wasm_bindgen_test]
fn d8_a_value_of_the_wrong_type_is_malformed_and_not_converted() {
    let fields = JsDecoder(js(&json!({"text": "7", "number": 7, "yes": true, "list": ["a"], "object": {}})));
    for (key, text, number, child) in [
        ("text", true, false, false),
        ("number", false, true, false),
        ("yes", false, false, false),
        ("list", false, false, true),
        ("object", false, false, true),
    ] {
        let found = (fields.text(key, 64).is_ok(), fields.number(key).is_ok(), fields.child(key).is_ok());
        assert_eq!(found, (text, number, child), "{key}");
    }
    let object = Object::new();
    for (key, value) in [("nan", f64::NAN), ("infinite", f64::INFINITY)] {
        set(&object, key, &value.into());
        assert!(JsDecoder(object.clone().into()).number(key).is_err(), "{key}");
    }
}
