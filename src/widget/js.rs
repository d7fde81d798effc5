//! The TypeScript half, as Rust sees it: `js/rust/widget.ts`, bundled into `authframe.js` by `npm run snippets`.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/widget/authframe.js")]
extern "C" {
    /// Makes a bridge; `open` makes its core.
    pub(super) fn connect(options: &JsValue, open: &JsValue) -> Promise;

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
    pub(super) fn connection(this: &JsBridge) -> String;
    #[wasm_bindgen(method, getter)]
    pub(super) fn failure(this: &JsBridge) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(super) fn capabilities(this: &JsBridge) -> Array;
    #[wasm_bindgen(method, getter)]
    pub(super) fn undelivered(this: &JsBridge) -> f64;
    #[wasm_bindgen(method, getter)]
    pub(super) fn rejected(this: &JsBridge) -> JsValue;
    #[wasm_bindgen(method)]
    pub(super) fn subscribe(this: &JsBridge, listener: &JsValue) -> Function;
    #[wasm_bindgen(method, js_name = onConnection)]
    pub(super) fn on_connection(this: &JsBridge, listener: &JsValue) -> Function;
    #[wasm_bindgen(method, catch)]
    pub(super) fn send(this: &JsBridge, name: &str, data: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    pub(super) fn request(this: &JsBridge, name: &str, data: &JsValue, options: &JsValue) -> Promise;
    #[wasm_bindgen(method, catch)]
    pub(super) fn handle(this: &JsBridge, name: &str, handler: &JsValue) -> Result<Function, JsValue>;
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

    /// An `AbortController`, so that a future which is dropped takes back what it asked for.
    pub(super) type AbortController;
    #[wasm_bindgen(constructor)]
    pub(super) fn new() -> AbortController;
    #[wasm_bindgen(method, getter)]
    pub(super) fn signal(this: &AbortController) -> JsValue;
    #[wasm_bindgen(method)]
    pub(super) fn abort(this: &AbortController);
}
