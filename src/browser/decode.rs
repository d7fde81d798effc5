use wasm_bindgen::JsValue;

use super::dom;
use crate::session::{Decoder, Malformed};

// No text is longer.
const LONGEST: u32 = u32::MAX;

/// An untrusted JavaScript value, read as the core wants it: own properties only. A throwing getter or a hostile proxy reads as absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsDecoder(pub JsValue);

impl JsDecoder {
    fn get(&self, key: &str) -> JsValue {
        dom::field(&self.0, key, LONGEST)
    }
}

impl Decoder for JsDecoder {
    fn text(&self, key: &str, max: u32) -> Result<Option<String>, Malformed> {
        let value = dom::field(&self.0, key, max);
        found(&value, value.as_string())
    }

    fn number(&self, key: &str) -> Result<Option<f64>, Malformed> {
        let number = dom::number(&self.0, key);
        if number.is_infinite() { Err(Malformed) } else { Ok(Some(number).filter(|number| !number.is_nan())) }
    }

    fn are_texts(&self, key: &str, count: u32, max: u32) -> bool {
        dom::are_texts(&self.0, key, count, max)
    }

    #[cfg(feature = "dialects")]
    fn truthy(&self, key: &str) -> bool {
        // `null` is a text that is not empty.
        let value = dom::field(&self.0, key, 0);
        value.is_truthy() || value.is_null()
    }

    #[cfg(feature = "dialects")]
    fn parsed(&self) -> Option<Self> {
        let object = dom::parsed(&self.0);
        object.is_object().then_some(Self(object))
    }

    fn child(&self, key: &str) -> Result<Option<Self>, Malformed> {
        let value = self.get(key);
        found(&value, value.is_object().then(|| Self(value.clone())))
    }
}

// What is acceptable of a value, if it is there at all.
fn found<T>(value: &JsValue, acceptable: Option<T>) -> Result<Option<T>, Malformed> {
    if acceptable.is_some() || value.is_undefined() { Ok(acceptable) } else { Err(Malformed) }
}
