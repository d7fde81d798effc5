//! The only code that touches Web APIs: it feeds the [`Session`](crate::core::Session) and does what it says.
//!
//! | file | Web API |
//! | --- | --- |
//! | `bridge.rs` | none: the face for Rust users |
//! | `driver.rs` | `setTimeout`, `performance.now`; owns the session |
//! | `js_fields.rs` | reads untrusted objects |
//! | `listeners.rs` | `message`, `storage`, `pagehide`, `pageshow`, `visibilitychange`, `focus` |
//! | `port.rs` | `postMessage`, `MessageChannel` |
//! | `storage.rs` | `localStorage`, `sessionStorage` |
//! | `surroundings.rs` | `location`, `document.referrer`, `crypto.getRandomValues` |

mod bridge;
mod driver;
mod js_fields;
mod listeners;
mod port;
mod storage;
mod surroundings;

pub use bridge::{Bridge, Subscription};
pub(crate) use driver::Driver;
pub use js_fields::JsFields;

use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::core::Encode;
use crate::dialect::Outgoing;

/// An outgoing value as JavaScript has it, what is missing as `null`.
pub(crate) fn to_js(value: &dyn Encode) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true).serialize_missing_as_null(true);
    let mut js = JsValue::NULL;
    // Our own shapes cannot fail; if one did, the receiver would see a message that is not ours.
    value.encode(&mut |piece| js = Outgoing(piece).serialize(&serializer).unwrap_or(JsValue::NULL));
    js
}
