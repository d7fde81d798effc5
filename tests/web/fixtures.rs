//! Bridges, and what they have shown and stored.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use authframe::session::StorageTier;
use authframe::widget::Shares;
use authframe::{Account, AuthStatus, Bridge, Grant, Options, Reason, SessionView, Subscription};
use js_sys::Promise;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::page::{HOST, local, storage_event, window};

pub(crate) fn config(namespace: &str) -> Options {
    local().remove_item(&key(namespace)).unwrap();
    window().session_storage().unwrap().unwrap().remove_item(&key(namespace)).unwrap();
    Options::new([HOST]).namespace(namespace)
}

pub(crate) fn key(namespace: &str) -> String {
    format!("{namespace}.authframe")
}

pub(crate) async fn connect(namespace: &str) -> Bridge {
    Bridge::connect(config(namespace)).await.unwrap()
}

pub(crate) fn grant(subject: &str) -> Grant {
    let account = Account::new(subject, Some("A name")).unwrap();
    Grant::from(account).with_access_token("taint-token")
}

pub(crate) fn stored(namespace: &str) -> Option<Value> {
    local().get_item(&key(namespace)).unwrap().map(|text| serde_json::from_str(&text).unwrap())
}

pub(crate) fn status(bridge: &Bridge) -> (AuthStatus, Reason) {
    let session = bridge.session();
    (session.status, session.reason)
}

pub(crate) fn tier(bridge: &Bridge) -> (StorageTier, Shares) {
    let environment = bridge.environment().unwrap();
    (environment.storage, environment.shares)
}

pub(crate) type Views = Rc<RefCell<Vec<SessionView>>>;

pub(crate) fn listen(bridge: &Bridge) -> (Views, Subscription) {
    let views = Views::default();
    let sink = Rc::clone(&views);
    let subscription = bridge.subscribe(move |session| sink.borrow_mut().push(session.clone()));
    (views, subscription)
}

pub(crate) fn states(views: &Views) -> Vec<(AuthStatus, Reason)> {
    views.borrow().iter().map(|session| (session.status, session.reason)).collect()
}

/// What another tab that signed out would have written: the record of this bridge's shared record, changed.
pub(crate) fn signed_out(namespace: &str) -> String {
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
pub(crate) fn another_tab_writes(namespace: &str, record: &str) {
    local().set_item(&key(namespace), record).unwrap();
    storage_event(&local(), Some(&key(namespace)), Some(record));
}

/// Lets everything run that waits for nothing but its turn.
pub(crate) async fn turn() {
    let waited = Promise::new(&mut |resolve, _| {
        window().set_timeout_with_callback(&resolve).unwrap();
    });
    JsFuture::from(waited).await.unwrap();
}

/// Waits for the first session for which this holds, the current one included.
pub(crate) async fn session_where(bridge: &Bridge, holds: impl Fn(&SessionView) -> bool + 'static) -> SessionView {
    let found: Rc<RefCell<Option<SessionView>>> = Rc::default();
    let mut subscription = None;
    let holds = Rc::new(holds);
    let waited = Promise::new(&mut |resolve, _| {
        let (found, holds) = (Rc::clone(&found), Rc::clone(&holds));
        subscription = Some(bridge.subscribe(move |session| {
            if holds(session) && found.borrow().is_none() {
                *found.borrow_mut() = Some(session.clone());
                resolve.call0(&JsValue::UNDEFINED).unwrap();
            }
        }));
    });
    JsFuture::from(waited).await.unwrap();
    drop(subscription);
    found.take().unwrap()
}

/// Says that it was dropped.
pub(crate) struct Dropped(pub(crate) Rc<Cell<bool>>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(true);
    }
}
