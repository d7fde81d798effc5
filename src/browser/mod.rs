//! The only code that touches Web APIs: it feeds the [`Session`](crate::session::Session) and does what it says.
//!
//! | file | Web API |
//! | --- | --- |
//! | `bridge.rs` | none: the face for Rust users |
//! | `driver.rs` | owns the session |
//! | `decode.rs` | reads untrusted objects |
//! | `listeners.rs` | `message`, `messageerror`, `storage`, `online`, `pagehide`, `pageshow`, `visibilitychange`, `focus` |
//! | `dom.js`, `dom.rs` | the calls that are smaller as JavaScript, and nothing else |
//! | `port.rs` | the `MessageChannel` and its events |
//! | `storage.rs` | `localStorage`, `sessionStorage` |
//! | `location.rs` | where the page stands |

mod bridge;
mod decode;
mod dom;
mod driver;
mod listeners;
mod location;
mod port;
mod storage;

pub use bridge::{Bridge, Subscription};
pub use decode::JsDecoder;
#[cfg(feature = "bindings")]
pub(crate) use driver::{Driver, Machine};

use js_sys::Object;
use wasm_bindgen::JsValue;

use crate::session::{Encode, Encoder};

/// An outgoing record as JavaScript has it.
pub(crate) fn to_js(record: &dyn Encode) -> JsValue {
    let object = Object::new();
    record.encode(&mut Properties(&object));
    object.into()
}

/// The properties of an object. Texts and numbers reach JavaScript together with their key; what is rarer is made by serde.
/// Not the object itself: a serializer for maps also knows what is not a text as a key, and one for structs keeps a table of field names.
struct Properties<'a>(&'a Object);

impl Encoder for Properties<'_> {
    fn text(&mut self, key: &'static str, text: Option<&str>) {
        match text {
            Some(text) => dom::put_text(self.0, key, text),
            None => dom::put(self.0, key, &JsValue::NULL),
        }
    }

    fn number(&mut self, key: &'static str, number: Option<f64>) {
        match number {
            Some(number) => dom::put_number(self.0, key, number),
            None => dom::put(self.0, key, &JsValue::NULL),
        }
    }

    fn words(&mut self, key: &'static str, words: &str) {
        dom::put_words(self.0, key, words);
    }

    #[cfg(feature = "dialects")]
    fn undefined(&mut self, key: &'static str) {
        dom::put(self.0, key, &JsValue::UNDEFINED);
    }

    #[cfg(feature = "dialects")]
    fn flag(&mut self, key: &'static str, flag: bool) {
        // It cannot fail; if it did, the receiver would see a message that is not ours.
        dom::put(self.0, key, &serde_wasm_bindgen::to_value(&flag).unwrap_or(JsValue::NULL));
    }

    fn record(&mut self, key: &'static str, record: Option<&dyn Encode>) {
        dom::put(self.0, key, &record.map_or(JsValue::NULL, to_js));
    }
}
