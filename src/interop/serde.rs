//! Values of the application's own types, as messages and the storage hold them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::BridgeError;
use super::deserializer::Deserializer;
use super::serializer::Serializer;

/// As JSON would have it: maps are objects, bytes are arrays, what is missing is `null`.
pub(crate) fn to_value<T: Serialize + ?Sized>(data: &T) -> Result<JsValue, BridgeError> {
    data.serialize(Serializer::VALUE).map_err(BridgeError::not_cloneable)
}

/// What the other side sent, if it has this form.
pub(crate) fn from_value<T: DeserializeOwned>(value: JsValue) -> Result<T, BridgeError> {
    T::deserialize(Deserializer::new(value)).map_err(|what| BridgeError::invalid("peer", what))
}

/// What this application has kept, if it has this form.
pub(crate) fn from_own_value<T: DeserializeOwned>(value: JsValue) -> Result<T, BridgeError> {
    T::deserialize(Deserializer::new(value)).map_err(|what| BridgeError::invalid("app", what))
}
