use js_sys::JsString;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::core::{Fields, Malformed};

// In JavaScript, because `Reflect.get` finds inherited members too, and because what an import throws costs a slot of the table of
// references for ever.
#[wasm_bindgen(inline_js = "export function own(object, key) {
  try {
    return Object.hasOwn(object, key) ? object[key] : undefined;
  } catch {}
}
export function areTexts(object, key, count, max) {
  const list = own(object, key) ?? [];
  return Array.isArray(list) && list.length <= count && list.every((text) => typeof text === 'string' && text.length <= max);
}")]
extern "C" {
    fn own(object: &JsValue, key: &str) -> JsValue;
    #[wasm_bindgen(js_name = areTexts)]
    fn are_texts(object: &JsValue, key: &str, count: u32, max: u32) -> bool;
}

/// An untrusted JavaScript value, read as the core wants it: own properties only. A throwing getter or a hostile proxy reads as absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsFields(pub JsValue);

impl JsFields {
    fn get(&self, key: &str) -> Option<JsValue> {
        Some(own(&self.0, key)).filter(|value| !value.is_null_or_undefined())
    }
}

impl Fields for JsFields {
    fn text(&self, key: &str, max: u32) -> Result<Option<String>, Malformed> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        // The length is asked for before the text is copied.
        let fits = value.is_string() && value.unchecked_ref::<JsString>().length() <= max;
        value.as_string().filter(|_| fits).map(Some).ok_or(Malformed)
    }

    fn number(&self, key: &str) -> Result<Option<f64>, Malformed> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        value.as_f64().filter(|number| number.is_finite()).map(Some).ok_or(Malformed)
    }

    fn are_texts(&self, key: &str, count: u32, max: u32) -> bool {
        are_texts(&self.0, key, count, max)
    }

    fn child(&self, key: &str) -> Result<Option<Self>, Malformed> {
        match self.get(key) {
            Some(value) if !value.is_object() => Err(Malformed),
            value => Ok(value.map(Self)),
        }
    }
}
