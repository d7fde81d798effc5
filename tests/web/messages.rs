//! The application's own messages, with another document at the other end.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use authframe::{BridgeError, HandlerError};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::connect;
use crate::page::{get, window};
use crate::peer::{Pair, Reports, eval, own};

#[wasm_bindgen_test]
async fn a_handler_answers_or_refuses() {
    let pair = Pair::connect().await;
    let reports = Reports::new();
    let search = |text: String| async move {
        if text.is_empty() {
            return Err("an empty search".into());
        }
        // What a part of the application fails with.
        Ok(text.parse::<u32>()?)
    };
    let _search = pair.widget.handle("search", search).unwrap();
    assert_eq!(pair.ask("search", &"7".into()).await, (None, 7.into()));
    assert_eq!(reports.take(), Vec::<String>::new());

    let refused = (Some("HANDLER_FAILED".to_owned()), JsValue::UNDEFINED);
    for (data, why) in [("", "an empty search"), ("x", "invalid digit found in string")] {
        assert_eq!(pair.ask("search", &data.into()).await, refused);
        let reported = reports.take();
        assert!(reported.len() == 1 && reported[0].contains(why), "{reported:?}");
    }
    // Of another form than the handler's.
    assert_eq!(pair.ask("search", &7.into()).await, refused);
    assert!(reports.take()[0].contains("expected a string"));
    // An answer that cannot be sent.
    let _broken = pair.widget.handle("broken", |(): ()| async { Ok(f64::NAN) }).unwrap();
    assert_eq!(pair.ask("broken", &JsValue::UNDEFINED).await, refused);
    assert!(reports.take()[0].contains("NaN"));
    // An answer for the other side to read is a value, even if it says that something failed.
    let _told = pair.widget.handle("told", |(): ()| async { Ok(Err::<u32, _>("no such chat")) }).unwrap();
    assert_eq!(own(&pair.ask("told", &JsValue::UNDEFINED).await.1, "Err"), Some("no such chat".into()));
}

#[wasm_bindgen_test]
async fn what_only_javascript_knows_is_taken_and_given() {
    let pair = Pair::connect().await;
    let blob = eval("new Blob(['a', 'b'])");
    assert_eq!(get(&pair.widget.request_js("echo", &blob, None).await.unwrap(), "size"), JsValue::from(2));
    let _twice = pair.widget.handle_js("blob", |blob| async move { Ok(get(&blob, "size")) }).unwrap();
    assert_eq!(pair.ask("blob", &blob).await, (None, 2.into()));

    let reports = Reports::new();
    let thrown = |_| async { Err::<JsValue, HandlerError>(BridgeError::from(eval("new RangeError('of JavaScript')")).into()) };
    let _thrown = pair.widget.handle_js("thrown", thrown).unwrap();
    assert_eq!(pair.ask("thrown", &JsValue::NULL).await.0.as_deref(), Some("HANDLER_FAILED"));
    assert!(reports.take()[0].contains("RangeError: of JavaScript"));
}

#[wasm_bindgen_test]
async fn a_request_waits_as_long_as_it_is_told() {
    let pair = Pair::connect().await;
    let failed = |result: Result<u32, BridgeError>| result.unwrap_err().code().to_owned();
    let widget = &pair.widget;
    assert_eq!(failed(widget.request_within("silent", &(), Duration::from_millis(20)).await), "REQUEST_TIMEOUT");
    for wrong in [Duration::ZERO, Duration::MAX, Duration::from_secs(601)] {
        assert_eq!(failed(widget.request_within("echo", &7, wrong).await), "CONFIG_INVALID", "{wrong:?}");
    }
    assert_eq!(widget.request_within::<u32>("echo", &7, Duration::from_secs(600)).await.unwrap(), 7);
    let bridge = connect("request-sign-in").await;
    assert_eq!(bridge.request_sign_in_within(Duration::ZERO).await.unwrap_err().code(), "CONFIG_INVALID");
}

#[wasm_bindgen_test]
async fn an_answer_of_another_form_is_the_other_sides_fault() {
    let pair = Pair::connect().await;
    let error = pair.widget.request::<String>("echo", &7).await.unwrap_err();
    assert_eq!((error.code(), error.responsible()), ("DATA_INVALID", "peer"), "{error}");
    assert!(error.message().contains("expected a string"), "{error}");
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
struct Everything {
    text: String,
    letter: char,
    small: i8,
    large: u64,
    huge: i128,
    float: f32,
    maybe: Option<u32>,
    nothing: (),
    list: Vec<(u8, bool)>,
    numbers: BTreeMap<u32, String>,
    ids: BTreeMap<i64, u8>,
    kinds: Vec<Kind>,
    by_kind: BTreeMap<Plain, u8>,
    #[serde(flatten)]
    more: BTreeMap<String, serde_json::Value>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
enum Kind {
    Unit,
    One(u8),
    Two(u8, String),
    Named { a: Option<u8> },
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
enum Plain {
    First,
    Second,
}

fn everything() -> Everything {
    Everything {
        text: "ü \0 𝄞".to_owned(),
        letter: 'ß',
        small: -128,
        large: 9_007_199_254_740_991,
        huge: -9_007_199_254_740_991,
        float: 0.1,
        maybe: None,
        nothing: (),
        list: vec![(255, true), (0, false)],
        numbers: [(0, "a".to_owned()), (u32::MAX, "b".to_owned())].into(),
        ids: [(i64::MIN, 1), (7, 2)].into(),
        kinds: vec![Kind::Unit, Kind::One(1), Kind::Two(2, "b".to_owned()), Kind::Named { a: Some(3) }, Kind::Named { a: None }],
        by_kind: [(Plain::First, 1), (Plain::Second, 2)].into(),
        more: [("__proto__".to_owned(), serde_json::json!({"polluted": [1, 2.5, null]})), ("constructor".to_owned(), "c".into())].into(),
    }
}

#[wasm_bindgen_test]
async fn a_value_comes_back_as_it_was_sent() {
    let pair = Pair::connect().await;
    let sent = everything();
    assert_eq!(pair.widget.request::<Everything>("echo", &sent).await.unwrap(), sent);
    assert_eq!(pair.widget.request::<Option<u8>>("echo", &None::<u8>).await.unwrap(), None);
    pair.widget.request::<()>("echo", &()).await.unwrap();
    let bytes = pair.widget.request::<Vec<u8>>("echo", b"bytes").await.unwrap();
    assert_eq!(bytes, b"bytes");
}

#[wasm_bindgen_test]
async fn what_no_message_can_hold_is_never_changed_in_silence() {
    let pair = Pair::connect().await;
    let widget = &pair.widget;
    let failed = |result: Result<(), BridgeError>| {
        let error = result.unwrap_err();
        assert_eq!((error.code(), error.responsible()), ("DATA_NOT_CLONEABLE", "app"), "{error}");
        error.message().to_owned()
    };
    assert!(failed(widget.send("echo", &u64::MAX)).contains("18446744073709551615"));
    assert!(failed(widget.send("echo", &i64::MIN)).contains("2^53"));
    assert!(failed(widget.send("echo", &(1_u128 << 100))).contains("2^53"));
    assert!(failed(widget.send("echo", &[f64::NAN])).contains("NaN"));
    assert!(failed(widget.send("echo", &f32::INFINITY)).contains("inf"));
    assert!(failed(widget.send("echo", &HashMap::from([(true, 1)]))).contains("key"));
    let error = widget.request::<u8>("echo", &f64::NAN).await.unwrap_err();
    assert_eq!(error.code(), "DATA_NOT_CLONEABLE");
}

#[wasm_bindgen_test]
async fn what_a_page_has_put_on_a_prototype_is_no_part_of_a_value() {
    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Named {
        constructor: Option<String>,
        taken: Option<String>,
    }
    let prototype = get(&get(&window(), "Object"), "prototype");
    let define = "Object.defineProperty(Object.prototype, 'taken', { configurable: true, get() { return 'got' }, set(value) { globalThis.__taken = value } })";
    eval(define);
    let _undo = Undo(prototype);
    let pair = Pair::connect().await;
    let none = pair.widget.request::<Named>("give", "{}").await.unwrap();
    assert_eq!(none, Named { constructor: None, taken: None });
    let sent = Named { constructor: Some("c".to_owned()), taken: Some("t".to_owned()) };
    assert_eq!(pair.widget.request::<Named>("echo", &sent).await.unwrap(), sent);
    assert!(eval("globalThis.__taken").is_undefined(), "a setter has taken it");
}

struct Undo(JsValue);

impl Drop for Undo {
    fn drop(&mut self) {
        js_sys::Reflect::delete_property(self.0.unchecked_ref::<js_sys::Object>(), &"taken".into()).unwrap();
    }
}

#[wasm_bindgen_test]
async fn what_javascript_may_send_is_read() {
    let pair = Pair::connect().await;
    let widget = &pair.widget;
    assert_eq!(widget.request::<BTreeMap<u32, u8>>("give", "new Map([['1', 2]])").await.unwrap(), BTreeMap::from([(1, 2)]));
    assert_eq!(widget.request::<Vec<u8>>("give", "new Set([1, 2])").await.unwrap(), [1, 2]);
    assert_eq!(widget.request::<Vec<u8>>("give", "new Uint8Array([1, 2])").await.unwrap(), [1, 2]);
    assert_eq!(widget.request::<u64>("give", "2n ** 64n - 1n").await.unwrap(), u64::MAX);
    assert_eq!(widget.request::<f64>("give", "NaN").await.unwrap().to_string(), "NaN");
    assert_eq!(widget.request::<f64>("give", "3").await.unwrap(), 3.0);
    #[derive(Debug, Deserialize, PartialEq)]
    struct Optional {
        #[serde(default)]
        number: u32,
    }
    assert_eq!(widget.request::<Optional>("give", "({ number: undefined })").await.unwrap(), Optional { number: 0 });
    let circle = "(() => { const circle = []; circle.push(circle); return circle })()";
    let error = widget.request::<serde_json::Value>("give", circle).await.unwrap_err();
    assert!(error.code() == "DATA_INVALID" && error.message().contains("deeper"), "{error}");
    let error = widget.request::<u32>("give", "1.5").await.unwrap_err();
    assert_eq!(error.code(), "DATA_INVALID");
}

#[wasm_bindgen_test]
async fn what_caused_an_error_can_be_followed() {
    use std::error::Error;

    let error = BridgeError::from(eval("new Error('outer', { cause: new TypeError('inner', { cause: 'innermost' }) })"));
    let inner = error.source().unwrap();
    assert_eq!((inner.to_string(), inner.source().unwrap().to_string()), ("inner".to_owned(), "innermost".to_owned()));
    assert!(inner.source().unwrap().source().is_none());
    // One that is its own cause has an end.
    let own = BridgeError::from(eval("(() => { const error = new Error('again'); error.cause = error; return error })()"));
    let mut causes = 0;
    let mut next: &dyn Error = &own;
    while let Some(cause) = next.source() {
        (causes, next) = (causes + 1, cause);
    }
    assert!(causes < 10);
    // As JavaScript it is what it was, or an error of authframe's.
    let made = JsValue::from(BridgeError::from(authframe::Error::Closed));
    assert_eq!((get(&made, "name"), get(&made, "code")), ("AuthframeError".into(), "CLOSED".into()));
    assert_eq!(BridgeError::from(made).code(), "CLOSED");
}

#[wasm_bindgen_test]
async fn what_is_the_same_is_equal_and_can_be_shown() {
    let (one, other) = (connect("same-one").await, connect("same-other").await);
    assert_eq!(one, one.clone());
    assert_ne!(one, other);
    let pair = Pair::connect().await;
    assert_eq!(pair.widget, pair.widget.clone());
    assert_eq!(format!("{:?}", pair.widget), "Widget { connection: Connected, .. }");
    assert_eq!(format!("{:?}", one.storage()), "Storage");
}
