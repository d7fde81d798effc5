use std::fmt;

use js_sys::Function;
use wasm_bindgen::JsValue;

/// What listens. Dropped, it is over; [`forever`](Self::forever) keeps it until the bridge is closed.
#[must_use = "dropped, the subscription is over"]
pub struct Subscription {
    end: Option<Function>,
}

impl Subscription {
    pub(crate) const fn new(end: Function) -> Self {
        Self { end: Some(end) }
    }

    /// Listens until the bridge is closed.
    pub fn forever(mut self) {
        self.end = None;
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            // It throws nothing.
            let _ = end.call0(&JsValue::UNDEFINED);
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}
