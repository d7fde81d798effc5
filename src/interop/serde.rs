//! Values of the application's own types, as messages and the storage hold them.

use std::fmt;

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

/// Why a value cannot be made of another.
#[derive(Debug)]
pub(super) struct Unfit(String);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unfit {}

impl serde::ser::Error for Unfit {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(what.to_string())
    }
}

impl serde::de::Error for Unfit {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(what.to_string())
    }
}
