//! The application's own values.

use std::cell::RefCell;
use std::rc::Rc;

use authframe::Bridge;
use serde::{Deserialize, Serialize};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{config, connect, turn};

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
    let subscription = storage.subscribe("draft", move |draft: Option<Draft>| list.borrow_mut().push(draft.map(|draft| draft.text)));
    let draft = Draft { text: "Dear".to_owned(), recipients: vec!["ada".to_owned()], urgent: true };
    storage.set("draft", &draft).await.unwrap();
    assert_eq!(storage.get("draft").await.unwrap(), Some(draft));
    turn().await;
    assert_eq!(*seen.borrow(), [Some("Dear".to_owned())]);
    drop(subscription);
    storage.set("draft", &7).await.unwrap();
    assert_eq!(storage.get::<Draft>("draft").await.unwrap_err().code(), "OTHER", "of another form");
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
