//! Options as an application gives them: values of Rust alone, which it can clone, show and build on every target. They become an object of JavaScript once, where they are used.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use js_sys::Object;
use wasm_bindgen::JsValue;

use super::future::callback;
use super::value::put;

/// An asynchronous function of the application. Clones are the same function.
#[derive(Clone)]
pub(crate) struct Callback(Rc<dyn Fn(JsValue) -> Answer>);

type Answer = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

impl Callback {
    pub(crate) fn new<F>(call: impl Fn(JsValue) -> F + 'static) -> Self
    where
        F: Future<Output = Result<JsValue, JsValue>> + 'static,
    {
        Self(Rc::new(move |request| Box::pin(call(request))))
    }

    /// As TypeScript calls it.
    pub(crate) fn to_js(&self) -> JsValue {
        let call = Rc::clone(&self.0);
        callback(move |request| call(request))
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback")
    }
}

/// Sets a property of a record, if the application has given it: what is left out has TypeScript's default, or that of `connect`.
pub(crate) fn put_given<T: Into<JsValue>>(record: &Object, key: &str, value: Option<T>) {
    if let Some(value) = value {
        put(record, key, value);
    }
}

/// An option in milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
