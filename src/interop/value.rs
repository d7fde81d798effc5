//! Between the values of Rust and those of JavaScript.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::closure::{Closure, IntoWasmClosure, WasmClosure};
use wasm_bindgen::{JsCast, JsValue};

use crate::session::Account;

/// A property that is a text.
pub(crate) fn text_of(object: &JsValue, key: &str) -> Option<String> {
    property(object, key).as_string()
}

/// Whether a property is this text.
pub(super) fn flag_of(object: &JsValue, key: &str, word: &str) -> bool {
    text_of(object, key).is_some_and(|text| text == word)
}

/// A property that is a number.
pub(crate) fn number_of(object: &JsValue, key: &str) -> Option<f64> {
    property(object, key).as_f64()
}

/// A property that is a whole number from 0 on, else 0.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // It is what `as` does with what does not fit.
pub(crate) fn whole_of(object: &JsValue, key: &str) -> u64 {
    number_of(object, key).unwrap_or_default() as u64
}

/// A property, `undefined` if it cannot be read.
pub(crate) fn property(object: &JsValue, key: &str) -> JsValue {
    if object.is_object() { Reflect::get(object, &key.into()).unwrap_or_default() } else { JsValue::UNDEFINED }
}

/// The account of a session.
pub(crate) fn account_of(session: &JsValue) -> Option<Account> {
    let account = property(session, "account");
    text_of(&account, "subject").and_then(|subject| Account::new(&subject, text_of(&account, "name").as_deref()).ok())
}

/// The texts of an array.
pub(crate) fn texts_of(array: &Array) -> Vec<String> {
    array.iter().filter_map(|each| each.as_string()).collect()
}

/// An object without a prototype: nothing that a page has put on `Object.prototype` is found in it, and no setter there takes what is put into it.
pub(crate) fn record() -> Object {
    Object::create(JsValue::NULL.unchecked_ref())
}

/// Sets a property of a [`record`].
pub(crate) fn put(record: &Object, key: &str, value: impl Into<JsValue>) {
    // It cannot fail: the object is ours, and is not frozen.
    let _ = Reflect::set(record, &key.into(), &value.into());
}

/// A function of JavaScript, which lives as long as JavaScript has it.
pub(crate) fn function<T: WasmClosure + ?Sized + 'static>(call: impl IntoWasmClosure<T> + 'static) -> JsValue {
    Closure::new(call).into_js_value()
}
