//! The application's own values.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use authframe::Bridge;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{config, connect, turn};
use crate::peer::Reports;

#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Draft {
    text: String,
    recipients: Vec<String>,
    urgent: bool,
}

#[wasm_bindgen_test]
async fn a_value_is_kept_with_its_type() {
    let bridge = connect("values").await;
    let storage = bridge.storage();
    storage.delete("draft").await.unwrap();
    assert_eq!(storage.get::<Draft>("draft").await.unwrap(), None);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let list = Rc::clone(&seen);
    let subscription =
        storage.subscribe("draft", move |draft: Option<Draft>| list.borrow_mut().push(draft.map(|draft| draft.text))).unwrap();
    let draft = Draft { text: "Dear".to_owned(), recipients: vec!["ada".to_owned()], urgent: true };
    storage.set("draft", &draft).await.unwrap();
    assert_eq!(storage.get("draft").await.unwrap(), Some(draft));
    turn().await;
    assert_eq!(*seen.borrow(), [Some("Dear".to_owned())]);
    drop(subscription);
    storage.set("draft", &7).await.unwrap();
    assert_eq!(storage.get::<Draft>("draft").await.unwrap_err().code(), "DATA_INVALID", "of another form");
    assert_eq!(storage.get("draft").await.unwrap(), Some(7));
    assert_eq!(storage.set("", &7).await.unwrap_err().code(), "NAME_INVALID");
    bridge.close();
    assert_eq!(storage.set("draft", &7).await.unwrap_err().code(), "CLOSED");
}

#[wasm_bindgen_test]
async fn a_value_outlives_its_bridge() {
    let bridge = connect("values-kept").await;
    bridge.storage().set("list", &["a", "b"]).await.unwrap();
    drop(bridge);
    let again = Bridge::connect(config("values-kept")).await.unwrap();
    assert_eq!(again.storage().get::<Vec<String>>("list").await.unwrap(), Some(vec!["a".to_owned(), "b".to_owned()]));
}

#[wasm_bindgen_test]
async fn a_value_that_cannot_be_kept_leaves_the_old_one() {
    let bridge = connect("values-refused").await;
    let storage = bridge.storage();
    storage.set("number", &7).await.unwrap();
    for failed in [storage.set("number", &f64::NAN).await, storage.set("number", &u64::MAX).await] {
        assert_eq!(failed.unwrap_err().code(), "DATA_NOT_CLONEABLE");
    }
    assert_eq!(storage.get("number").await.unwrap(), Some(7));
    let error = storage.get::<String>("number").await.unwrap_err();
    assert_eq!((error.code(), error.responsible()), ("DATA_INVALID", "app"), "the application has written it");
    let kept = BTreeMap::from([("__proto__".to_owned(), 1), ("b".to_owned(), 2)]);
    storage.set("map", &kept).await.unwrap();
    assert_eq!(storage.get("map").await.unwrap(), Some(kept));
    let kept = BTreeMap::from([(1_u32, "a".to_owned())]);
    storage.set("map", &kept).await.unwrap();
    assert_eq!(storage.get("map").await.unwrap(), Some(kept));
}

#[wasm_bindgen_test]
async fn a_deletion_is_no_value_whatever_the_type() {
    let bridge = connect("values-deleted").await;
    let storage = bridge.storage();
    storage.set("key", &Value::Null).await.unwrap();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let list = Rc::clone(&seen);
    let _subscription = storage.subscribe("key", move |value: Option<Value>| list.borrow_mut().push(value)).unwrap();
    storage.set("key", &7).await.unwrap();
    storage.set("key", &Value::Null).await.unwrap();
    storage.delete("key").await.unwrap();
    assert_eq!(*seen.borrow(), [Some(Value::from(7)), Some(Value::Null), None]);
}

#[wasm_bindgen_test]
async fn a_key_that_cannot_be_is_said_at_once() {
    let reports = Reports::new();
    let bridge = connect("values-keys").await;
    let storage = bridge.storage();
    for key in ["", &"x".repeat(129), &"𝄞".repeat(65)] {
        assert_eq!(storage.set(key, &7).await.unwrap_err().code(), "NAME_INVALID");
        assert_eq!(storage.subscribe(key, |_: Option<u8>| {}).unwrap_err().code(), "NAME_INVALID");
    }
    storage.subscribe(&"𝄞".repeat(64), |_: Option<u8>| {}).unwrap().forever();
    turn().await;
    assert_eq!(reports.take(), Vec::<String>::new());
}
