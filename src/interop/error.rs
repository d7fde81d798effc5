use std::fmt;

use wasm_bindgen::{JsCast, JsValue};

use super::value::{flag_of, text_of};
use crate::session::Error;

/// What a call of a bridge, or of a widget that is embedded, failed with: the same codes as in TypeScript (`js/shared/error-codes.ts`).
#[derive(Clone)]
pub struct BridgeError {
    code: String,
    responsible: String,
    message: String,
    source: JsValue,
}

impl BridgeError {
    /// What was thrown or rejected with.
    pub(crate) fn from_js(source: JsValue) -> Self {
        let own = flag_of(&source, "name", "AuthframeError");
        let read = |key: &str| text_of(&source, key);
        Self {
            code: read("code").filter(|_| own).unwrap_or_else(|| "OTHER".to_owned()),
            responsible: read("responsible").filter(|_| own).unwrap_or_else(|| "app".to_owned()),
            message: read("message").or_else(|| source.as_string()).unwrap_or_default(),
            source,
        }
    }

    /// A stable code, such as `SIGN_IN_CANCELLED`. `OTHER`: it is not authframe's, but what the browser or the application has thrown: see [`as_js`](Self::as_js).
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Who can fix it: `app`, `host`, `widget`, `peer`, `user` or `network`.
    pub fn responsible(&self) -> &str {
        &self.responsible
    }

    /// What was given, what is meant and what to do.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The JavaScript value, such as a `DOMException`.
    pub const fn as_js(&self) -> &JsValue {
        &self.source
    }
}

impl fmt::Display for BridgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

// Without the value of JavaScript, which may be a host's whole answer.
impl fmt::Debug for BridgeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("BridgeError");
        shown.field("code", &self.code).field("responsible", &self.responsible).field("message", &self.message).finish_non_exhaustive()
    }
}

impl std::error::Error for BridgeError {}

impl From<Error> for BridgeError {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        Self { code: error.code().to_owned(), responsible: error.responsible().to_owned(), source: JsValue::from_str(&message), message }
    }
}

impl From<BridgeError> for JsValue {
    fn from(error: BridgeError) -> Self {
        error.source
    }
}

/// The error that a value stands for, if it is one.
pub(crate) fn error_of(value: JsValue) -> Option<BridgeError> {
    value.has_type::<js_sys::Error>().then(|| BridgeError::from_js(value))
}
