use std::error::Error as StdError;
use std::fmt;

use wasm_bindgen::{JsCast, JsValue};

use super::value::{flag_of, property, put, text_of};
use crate::session::Error;

/// How many causes are followed: a cause may be its own.
const DEEPEST: u8 = 8;

/// What a call of a bridge, or of a widget that is embedded, failed with: the same codes as in TypeScript (`js/shared/error-codes.ts`), and `DATA_INVALID`. Two are equal whose code and message are.
///
/// What caused it is its [`source`](StdError::source): after `SIGN_IN_REFUSED`, what `exchange` or `poll` failed with.
#[derive(Clone)]
pub struct BridgeError {
    code: String,
    responsible: String,
    message: String,
    js: Option<JsValue>,
    cause: Option<Box<BridgeError>>,
}

impl BridgeError {
    /// What was thrown or rejected with.
    pub(crate) fn from_js(thrown: JsValue) -> Self {
        Self::read(thrown, DEEPEST)
    }

    fn read(thrown: JsValue, depth: u8) -> Self {
        let own = flag_of(&thrown, "name", "AuthframeError");
        let read = |key: &str| text_of(&thrown, key);
        let cause = property(&thrown, "cause");
        let cause =
            depth.checked_sub(1).filter(|_| !cause.is_undefined() && !cause.is_null()).map(|depth| Box::new(Self::read(cause, depth)));
        Self {
            code: read("code").filter(|_| own).unwrap_or_else(|| "OTHER".to_owned()),
            responsible: read("responsible").filter(|_| own).unwrap_or_else(|| "app".to_owned()),
            message: read("message").or_else(|| thrown.as_string()).unwrap_or_else(|| shown(&thrown)),
            js: Some(thrown),
            cause,
        }
    }

    /// What cannot be sent or kept.
    pub(super) fn not_cloneable(what: impl fmt::Display) -> Self {
        Self::new("DATA_NOT_CLONEABLE", "app", &format!("this cannot be sent or kept: {what}"))
    }

    /// What has not the form that the caller named. `responsible`: who has made it.
    pub(super) fn invalid(responsible: &str, what: impl fmt::Display) -> Self {
        Self::new("DATA_INVALID", responsible, &format!("this has another form than the type that was asked for: {what}"))
    }

    /// A name or a key that cannot be used.
    pub(crate) fn name_invalid(what: impl fmt::Display) -> Self {
        Self::new("NAME_INVALID", "app", &what.to_string())
    }

    /// `message`: without the code, which every message of ours begins with.
    fn new(code: &str, responsible: &str, message: &str) -> Self {
        Self { code: code.to_owned(), responsible: responsible.to_owned(), message: format!("{code}: {message}"), js: None, cause: None }
    }

    /// A stable code, such as `SIGN_IN_CANCELLED`. `OTHER`: it is not authframe's, but what the browser or the application has thrown: see [`as_js`](Self::as_js).
    /// `DATA_INVALID`, which only Rust has: what came has not the form of the type that was asked for.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Who can fix it: `app`, `host`, `widget`, `peer`, `user` or `network`.
    pub fn responsible(&self) -> &str {
        &self.responsible
    }

    /// The code, what was given, what is meant and what to do. Of `OTHER`, what the browser or the application says.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The JavaScript value, such as a `DOMException`; `None` if Rust has made the error.
    pub const fn as_js(&self) -> Option<&JsValue> {
        self.js.as_ref()
    }
}

impl PartialEq for BridgeError {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code && self.message == other.message
    }
}

impl Eq for BridgeError {}

impl fmt::Display for BridgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

// Without the value of JavaScript, which may be a host's whole answer.
impl fmt::Debug for BridgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("BridgeError");
        shown.field("code", &self.code).field("responsible", &self.responsible).field("message", &self.message).finish_non_exhaustive()
    }
}

impl StdError for BridgeError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

// On every target: an account is checked before there is a browser.
impl From<Error> for BridgeError {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.responsible(), error.message())
    }
}

/// What a call of JavaScript has thrown, or a promise was rejected with: `promise.await.map_err(BridgeError::from)?`.
impl From<JsValue> for BridgeError {
    fn from(thrown: JsValue) -> Self {
        Self::from_js(thrown)
    }
}

impl From<BridgeError> for JsValue {
    fn from(error: BridgeError) -> Self {
        error.js.unwrap_or_else(|| {
            let made = js_sys::Error::new(&error.message);
            made.set_name("AuthframeError");
            put(&made, "code", error.code);
            put(&made, "responsible", error.responsible);
            made.into()
        })
    }
}

/// What is no error and no text, such as an answer that says that something failed.
fn shown(thrown: &JsValue) -> String {
    js_sys::JSON::stringify(thrown).map(String::from).unwrap_or_default()
}

/// The error that a value stands for, if it is one.
pub(crate) fn error_of(value: JsValue) -> Option<BridgeError> {
    value.has_type::<js_sys::Error>().then(|| BridgeError::from_js(value))
}
