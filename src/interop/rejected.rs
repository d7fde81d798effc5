use wasm_bindgen::JsValue;

use super::value::number_of;

/// How much was dropped, and why: `docs/protocol.md` section 4.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Rejected {
    /// Of another window than the other side's.
    pub source: f64,
    /// Of an origin that is not allowed.
    pub origin: f64,
    /// Not of the protocol's form.
    pub malformed: f64,
    /// Too many at once.
    pub rate: f64,
    /// Said before.
    pub replay: f64,
    /// A storage event of another area, or with a record that is not ours; only in a widget.
    pub storage: f64,
}

impl Rejected {
    pub(crate) fn read(from: &JsValue) -> Self {
        let count = |key: &str| number_of(from, key).unwrap_or(0.0);
        Self {
            source: count("source"),
            origin: count("origin"),
            malformed: count("malformed"),
            rate: count("rate"),
            replay: count("replay"),
            storage: count("storage"),
        }
    }
}
