//! Messages and values that are not to be trusted.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use authframe::ConnectionState;
use authframe::browser::JsDecoder;
use authframe::session::Decoder;
use js_sys::{Function, Object};
use serde_json::json;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{Dropped, connect, grant, key, listen};
use crate::page::{HOST, Override, construct, dispatch, get, js, local, set, storage_event, storage_prototype, window};

#[wasm_bindgen_test]
async fn d2_a_page_that_is_not_embedded_takes_no_message_from_its_own_window() {
    let bridge = connect("own-window").await;
    let (views, _subscription) = listen(&bridge);
    let messages = Rc::new(Cell::new(0));
    let count = Rc::clone(&messages);
    let _messages = bridge
        .handle("a", move |_: String| {
            count.set(count.get() + 1);
            async { Ok(()) }
        })
        .unwrap();
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
    assert_eq!((views.borrow().len(), messages.get()), (1, 0));
    assert_eq!(bridge.connection(), ConnectionState::Standalone);
    assert_eq!(bridge.send("a", "data").unwrap_err().code(), "DISCONNECTED", "there is no port");
}

#[wasm_bindgen_test]
async fn d8_d9_untrusted_values_are_read_own_property_by_own_property_and_never_throw() {
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
async fn d8_the_length_of_a_text_counts_in_utf_16_units() {
    let fields = JsDecoder(js(&json!({"ascii": "a".repeat(64), "two": "\u{1f600}".repeat(32), "longer": "\u{1f600}".repeat(32) + "a"})));
    assert!(fields.text("ascii", 64).is_ok() && fields.text("two", 64).is_ok());
    assert!(fields.text("ascii", 63).is_err() && fields.text("longer", 64).is_err());
}

#[wasm_bindgen_test]
async fn d8_a_value_of_the_wrong_type_is_malformed_and_not_converted() {
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

#[wasm_bindgen_test]
async fn what_is_asked_from_inside_a_getter_throws_nothing_through_rust() {
    let bridge = connect("in-a-getter").await;
    bridge.authorize(&grant("ada")).await.unwrap();
    let dropped = Rc::new(Cell::new(false));
    let counts = Rc::new(RefCell::new(Vec::new()));
    let (flag, list, inner) = (Rc::clone(&dropped), Rc::clone(&counts), bridge.clone());
    let asking = Closure::<dyn Fn() -> JsValue>::new(move || {
        let _guard = Dropped(Rc::clone(&flag));
        let mut list = list.borrow_mut();
        list.push((inner.rejected(), inner.environment().map(|environment| environment.storage).ok()));
        JsValue::NULL
    });
    let before = bridge.rejected();
    let replaced = Override::new(&storage_prototype(), "getItem", asking.as_ref());
    storage_event(&local(), Some(&key("in-a-getter")), Some("x"));
    drop(replaced);
    assert!(dropped.get(), "it came back");
    assert!(!counts.borrow().is_empty(), "nothing is borrowed any more");
    assert_eq!(counts.borrow()[0], (before, Some(authframe::session::StorageTier::Local)), "as it was last");
}
