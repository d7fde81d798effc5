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

use serde::ser::{Serialize, SerializeMap, Serializer};
use wasm_bindgen::JsValue;

use crate::core::{Encode, Piece};

/// An outgoing value as JavaScript has it, what is missing as `null`.
pub(crate) fn to_js(value: &dyn Encode) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true).serialize_missing_as_null(true);
    let mut js = JsValue::NULL;
    // Our own shapes cannot fail; if one did, the receiver would see a message that is not ours.
    value.encode(&mut |piece| js = Outgoing(piece).serialize(&serializer).unwrap_or(JsValue::NULL));
    js
}

/// A piece on its way out.
struct Outgoing<'a>(Piece<'a>);

// As a map and not as a struct: a serializer for structs may keep a table of field names, which costs more than it saves here.
impl Serialize for Outgoing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Piece::Absent => serializer.serialize_unit(),
            Piece::Number(number) => serializer.serialize_f64(number),
            Piece::Text(text) => serializer.serialize_str(text),
            Piece::List(list) => serializer.collect_seq(list.iter().map(|piece| Outgoing(*piece))),
            Piece::Record(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in fields {
                    map.serialize_entry(key, &Outgoing(*value))?;
                }
                map.end()
            }
        }
    }
}
