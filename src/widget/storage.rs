use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::js::JsStorage;
use crate::interop::{BridgeError, Subscription, from_own_value, function, settled, to_value};

/// As in `js/widget/storage/storage.ts`, in UTF-16 units.
const LONGEST_KEY: usize = 128;

/// The application's own values (drafts, settings), a key each, in every tab that shares the widget's storage. Nothing secret belongs here, and no
/// sign-out deletes it: see `docs/storage.md`. A key has 1–128 characters; a value is what JSON can say, at most 1,048,576 characters of it.
///
/// Every future fails with `NAME_INVALID`, `CLOSED` or `STORAGE_DENIED` (it worked, and the browser now refuses).
#[derive(Clone)]
pub struct Storage(pub(super) JsStorage);

impl Storage {
    /// The value, `None` if there is none.
    ///
    /// # Errors
    /// `DATA_INVALID` if it has not the form of `T`; as every future.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, BridgeError> {
        let value = settled(self.0.get(key)).await?;
        if value.is_undefined() { Ok(None) } else { from_own_value(value).map(Some) }
    }

    /// Keeps a value.
    ///
    /// # Errors
    /// `STORAGE_QUOTA` (full, or too long: the old value stays), `DATA_NOT_CLONEABLE`; as every future.
    pub async fn set<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<(), BridgeError> {
        settled(self.0.set(key, &to_value(value)?)).await.map(drop)
    }

    /// Deletes a value, if it is there.
    ///
    /// # Errors
    /// As every future.
    pub async fn delete(&self, key: &str) -> Result<(), BridgeError> {
        settled(self.0.delete(key)).await.map(drop)
    }

    /// Calls after every change by this tab or another, not with the current value; with `None` when the value was deleted or has not the form of `T`. After the end of the bridge nothing calls it.
    ///
    /// # Errors
    /// `NAME_INVALID`.
    pub fn subscribe<T: DeserializeOwned>(&self, key: &str, listener: impl Fn(Option<T>) + 'static) -> Result<Subscription, BridgeError> {
        // TypeScript could only report it, as what it calls is loaded later.
        if !(1..=LONGEST_KEY).contains(&key.encode_utf16().count()) {
            return Err(BridgeError::name_invalid(format_args!("a key has 1 to {LONGEST_KEY} characters")));
        }
        let listener = function::<dyn Fn(JsValue)>(move |value: JsValue| {
            // A type may take `undefined` for a value of its own.
            listener(if value.is_undefined() { None } else { from_own_value(value).ok() });
        });
        Ok(Subscription::new(self.0.subscribe(key, &listener)))
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Storage")
    }
}
