//! `dom.js`, as Rust sees it. Nothing here throws. The driver calls nothing else of JavaScript while the session is borrowed.

use js_sys::Object;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::{Event, MessageChannel, Storage};

#[wasm_bindgen(module = "/src/browser/dom.js")]
extern "C" {
    pub(crate) fn field(object: &JsValue, key: &str, max: u32) -> JsValue;
    pub(crate) fn number(object: &JsValue, key: &str) -> f64;
    #[wasm_bindgen(js_name = areTexts)]
    pub(crate) fn are_texts(object: &JsValue, key: &str, count: u32, max: u32) -> bool;

    pub(crate) fn put(object: &Object, key: &str, value: &JsValue);
    #[wasm_bindgen(js_name = put)]
    pub(crate) fn put_text(object: &Object, key: &str, value: &str);
    #[wasm_bindgen(js_name = put)]
    pub(crate) fn put_number(object: &Object, key: &str, value: f64);
    #[wasm_bindgen(js_name = putWords)]
    pub(crate) fn put_words(object: &Object, key: &str, words: &str);

    #[wasm_bindgen(js_name = isEmbedded)]
    pub(crate) fn is_embedded() -> bool;
    pub(crate) fn origin() -> String;
    #[wasm_bindgen(js_name = isOpaque)]
    pub(crate) fn is_opaque() -> bool;
    pub(crate) fn ancestor() -> JsValue;
    pub(crate) fn referrer() -> JsValue;
    pub(crate) fn fill(bytes: &mut [u8], nonce: bool) -> bool;
    pub(crate) fn now() -> f64;
    pub(crate) fn wall() -> f64;
    #[wasm_bindgen(js_name = startTimer)]
    pub(crate) fn start_timer(callback: &Closure<dyn FnMut(JsValue)>, delay: f64) -> i32;
    #[wasm_bindgen(js_name = stopTimer)]
    pub(crate) fn stop_timer(timer: i32);

    #[wasm_bindgen(js_name = isFromParent)]
    pub(crate) fn is_from_parent(event: &Event) -> bool;
    #[wasm_bindgen(js_name = originOf)]
    pub(crate) fn origin_of(event: &Event) -> String;
    #[wasm_bindgen(js_name = dataOf)]
    pub(crate) fn data_of(event: &Event) -> JsValue;
    #[wasm_bindgen(js_name = isPersisted)]
    pub(crate) fn is_persisted(event: &Event) -> bool;
    #[wasm_bindgen(js_name = isShown)]
    pub(crate) fn is_shown() -> bool;
    #[wasm_bindgen(js_name = speaksOf)]
    pub(crate) fn speaks_of(event: &Event, area: &Storage, key: &str, beside: &str) -> bool;

    #[wasm_bindgen(js_name = openChannel)]
    pub(crate) fn open_channel(
        on_message: &Closure<dyn FnMut(JsValue)>,
        on_end: &Closure<dyn FnMut(JsValue)>,
        on_broken: &Closure<dyn FnMut(JsValue)>,
    ) -> Option<MessageChannel>;
    #[wasm_bindgen(js_name = closeChannel)]
    pub(crate) fn close_channel(channel: &MessageChannel);
    pub(crate) fn post(channel: &MessageChannel, message: &JsValue) -> bool;
    #[wasm_bindgen(js_name = handOver)]
    pub(crate) fn hand_over(channel: &MessageChannel, message: &JsValue, origin: &str);

    #[cfg(feature = "dialects")]
    pub(crate) fn ask(message: &JsValue, origin: &str) -> JsValue;
    #[cfg(feature = "dialects")]
    #[wasm_bindgen(js_name = hasWebview)]
    pub(crate) fn has_webview() -> bool;
    #[cfg(feature = "dialects")]
    #[wasm_bindgen(js_name = isFromWebview)]
    pub(crate) fn is_from_webview(event: &Event) -> bool;
    #[cfg(feature = "dialects")]
    #[wasm_bindgen(js_name = postToParent)]
    pub(crate) fn post_to_parent(message: &JsValue, origin: &str);
    #[cfg(feature = "dialects")]
    pub(crate) fn parsed(text: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = report)]
    pub(crate) fn report_error(error: &JsValue);

    #[wasm_bindgen(js_name = isReachable)]
    pub(crate) fn is_reachable(name: &str) -> bool;
    pub(crate) fn read(area: &Storage, key: &str) -> JsValue;
    pub(crate) fn write(area: &Storage, key: &str, record: &JsValue) -> bool;
    pub(crate) fn remove(area: &Storage, key: &str);
}
