//! What answers the other side, and what it fails with.

use std::error::Error;
use std::fmt::{self, Write};
use std::future::Future;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::BridgeError;
use super::future::callback;
use super::serde::{from_value, to_value};

/// Why a handler of the application gives no answer. By `?` it is made of what implements [`Error`], of a text, of a `Box<dyn Error>` and of an `anyhow::Error`; of what JavaScript has thrown by
/// `map_err(BridgeError::from)?`.
///
/// It stays on this side: the browser reports it (`window.onerror`, the console), and the other side learns only `HANDLER_FAILED`. An answer for the other side to read is a value.
///
/// It is no [`Error`] itself, as `anyhow::Error` is none: else `?` could not make it of one.
pub struct HandlerError(Box<dyn Error>);

impl<E: Into<Box<dyn Error>>> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<HandlerError> for JsValue {
    fn from(error: HandlerError) -> Self {
        thrown(error.0)
    }
}

/// An error of the application as JavaScript throws it: what was JavaScript's is so again; else an `Error` whose message says every cause.
pub(crate) fn thrown(error: Box<dyn Error>) -> JsValue {
    match error.downcast::<BridgeError>() {
        Ok(error) => (*error).into(),
        Err(error) => js_sys::Error::new(&with_causes(&*error)).into(),
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // A text takes everything.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

/// A handler as TypeScript calls it.
pub(crate) fn handler_function<D, R, F>(answer: impl Fn(D) -> F + 'static) -> JsValue
where
    D: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<R, HandlerError>> + 'static,
{
    callback(move |data| {
        let answer = from_value(data).map(&answer);
        async move { Ok(to_value(&answer?.await?)?) }
    })
}

/// The same with values of JavaScript.
pub(crate) fn js_handler_function<F>(answer: impl Fn(JsValue) -> F + 'static) -> JsValue
where
    F: Future<Output = Result<JsValue, HandlerError>> + 'static,
{
    callback(move |data| {
        let answer = answer(data);
        async move { Ok(answer.await?) }
    })
}
