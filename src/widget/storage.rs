use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::js::JsStorage;
use crate::interop::{BridgeError, Subscription, from_value, function, settled, to_value};

/// The application's own values (drafts, settings), a key each, in every tab that shares the widget's storage. Nothing secret belongs here, and no
/// sign-out deletes it: see `docs/storage.md`. A key has 1–128 characters; a value is what JSON can say, at most 1,048,576 characters of it.
///
/// Every call fails with `NAME_INVALID`, `CLOSED` or `STORAGE_DENIED` (it worked, and the browser now refuses).
#[derive(Clone)]
pub struct Storage(pub(super) JsStorage);

impl Storage {
    /// The value, `None` if there is none.
    ///
    /// # Errors
    /// Code `OTHER` if it has not the form of `T`.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, BridgeError> {
        let value = settled(self.0.get(key)).await?;
        if value.is_undefined() { Ok(None) } else { from_value(value).map(Some) }
    }

    /// Keeps a value.
    ///
    /// # Errors
    /// `STORAGE_QUOTA` (full, or too long: the old value stays), `DATA_NOT_CLONEABLE`.
    pub async fn set<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), BridgeError> {
        settled(self.0.set(key, &to_value(value)?)).await.map(drop)
    }

    /// Deletes a value, if it is there.
    ///
    /// # Errors
    /// As every call.
    pub async fn delete(&self, key: &str) -> Result<(), BridgeError> {
        settled(self.0.delete(key)).await.map(drop)
    }

    /// Calls after every change by this tab or another, not with the current value; with `None` when the value was deleted or has not the form of `T`.
    pub fn subscribe<T: DeserializeOwned>(&self, key: &str, listener: impl Fn(Option<T>) + 'static) -> Subscription {
        let listener = function::<dyn Fn(JsValue)>(move |value: JsValue| listener(from_value(value).ok()));
        Subscription::new(self.0.subscribe(key, &listener))
    }
}
