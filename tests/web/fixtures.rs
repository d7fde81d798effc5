//! Bridges, and what they have shown and stored.

use std::cell::RefCell;
use std::rc::Rc;

use authframe::browser::{JsDecoder, Subscription};
use authframe::session::{Shares, StorageTier};
use authframe::{AuthStatus, Bridge, Config, Grant, Reason, SessionView};
use serde_json::{Value, json};

use crate::page::{HOST, js, local, storage_event, window};

pub(crate) fn config(namespace: &str) -> Config {
    local().remove_item(&key(namespace)).unwrap();
    window().session_storage().unwrap().unwrap().remove_item(&key(namespace)).unwrap();
    Config::new([HOST]).unwrap().namespace(namespace).unwrap()
}

pub(crate) fn key(namespace: &str) -> String {
    format!("{namespace}.authframe")
}

pub(crate) fn connect(namespace: &str) -> Bridge {
    Bridge::connect(config(namespace)).unwrap()
}

pub(crate) fn grant(subject: &str) -> Grant {
    Grant::read(&JsDecoder(js(&json!({"account": {"subject": subject, "name": "A name"}, "accessToken": "taint-token"})))).unwrap()
}

pub(crate) fn stored(namespace: &str) -> Option<Value> {
    local().get_item(&key(namespace)).unwrap().map(|text| serde_json::from_str(&text).unwrap())
}

pub(crate) fn status(bridge: &Bridge) -> (AuthStatus, Reason) {
    let session = bridge.session().unwrap();
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
