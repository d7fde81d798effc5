//! The TypeScript half, as Rust sees it: `js/rust/widget.ts`, bundled into `authframe.js` by `npm run snippets`.

use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/widget/authframe.js")]
extern "C" {
    /// Makes a bridge; `open` makes its core, and `dialects` says whether that speaks more than our own protocol.
    pub(super) fn connect(options: &JsValue, open: &JsValue, dialects: bool) -> Promise;

    #[wasm_bindgen(extends = js_sys::Error)]
    pub(super) type AuthRejected;
    #[wasm_bindgen(constructor)]
    pub(super) fn new(message: &str) -> AuthRejected;

    #[wasm_bindgen(extends = js_sys::Error)]
    pub(super) type RetryLater;
    #[wasm_bindgen(constructor)]
    pub(super) fn new(after: &JsValue) -> RetryLater;
}

#[wasm_bindgen]
extern "C" {
    /// `Bridge` of `js/widget/types.ts`.
    #[derive(Clone)]
    pub(super) type JsBridge;

    #[wasm_bindgen(method, getter)]
    pub(super) fn id(this: &JsBridge) -> String;
    #[wasm_bindgen(method, getter)]
    pub(super) fn session(this: &JsBridge) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(super) fn failure(this: &JsBridge) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(super) fn rejected(this: &JsBridge) -> JsValue;
    #[wasm_bindgen(method)]
    pub(super) fn subscribe(this: &JsBridge, listener: &JsValue) -> Function;
    #[wasm_bindgen(method, js_name = requestSignIn)]
    pub(super) fn request_sign_in(this: &JsBridge, options: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = signIn)]
    pub(super) fn sign_in(this: &JsBridge, options: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = beginSignIn)]
    pub(super) fn begin_sign_in(this: &JsBridge) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn authorize(this: &JsBridge, grant: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = signOut)]
    pub(super) fn sign_out(this: &JsBridge, options: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn reset(this: &JsBridge) -> Promise;
    #[wasm_bindgen(method, js_name = accessToken)]
    pub(super) fn access_token(this: &JsBridge, options: &JsValue) -> Promise;
    #[wasm_bindgen(method, getter)]
    pub(super) fn storage(this: &JsBridge) -> JsStorage;
    #[wasm_bindgen(method, catch)]
    pub(super) fn environment(this: &JsBridge) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method)]
    pub(super) fn diagnose(this: &JsBridge) -> Promise;
    #[wasm_bindgen(method, catch)]
    pub(super) fn close(this: &JsBridge) -> Result<(), JsValue>;

    /// `AppStorage` of `js/widget/types.ts`.
    #[derive(Clone)]
    pub(super) type JsStorage;

    #[wasm_bindgen(method)]
    pub(super) fn get(this: &JsStorage, key: &str) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn set(this: &JsStorage, key: &str, value: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn delete(this: &JsStorage, key: &str) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn subscribe(this: &JsStorage, key: &str, listener: &JsValue) -> Function;
}
