//! Values of the application's own types, as messages hold them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::BridgeError;

/// As `postMessage` and `JSON.stringify` take it: maps are objects.
pub(crate) fn to_value<T: Serialize + ?Sized>(data: &T) -> Result<JsValue, BridgeError> {
    data.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(|error| BridgeError::from_js(error.into()))
}

/// What the other side sent, if it has this form.
pub(crate) fn from_value<T: DeserializeOwned>(value: JsValue) -> Result<T, BridgeError> {
    serde_wasm_bindgen::from_value(value).map_err(|error| BridgeError::from_js(error.into()))
}
