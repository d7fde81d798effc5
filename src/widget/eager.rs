use std::future::Future;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::interop::BridgeError;

/// What a promise resolves with, of a call that has been made before the future is first polled. The promise is handled at once: the browser reports no rejection of a future that was dropped.
pub(super) fn handled(promise: Promise) -> impl Future<Output = Result<JsValue, BridgeError>> + use<> {
    let outcome = JsFuture::from(promise);
    async move { outcome.await.map_err(BridgeError::from_js) }
}
