//! The other side of a conversation: a frame of the test's own origin that shakes hands as a widget does and answers as it is told.

use authframe::host::{EmbedOptions, Widget};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, Node};

use crate::page::{get, window};

/// What runs in the frame. Asked for `echo` it answers with the data; for `give`, with what the code in the data makes; for anything else it does not answer.
const FRAME: &str = r#"
const { port1, port2 } = new MessageChannel();
const nonce = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const session = { status: "unauthorized", reason: "initial", account: null, expiresAt: null, epoch: 0, sequence: 0, writer: "" };
const waiting = new Map();
let last = 0;
self.ask = (name, data) => new Promise((resolve) => {
  waiting.set(++last, resolve);
  port1.postMessage({ type: "request", id: last, name, data });
});
port1.onmessage = ({ data: { type, id, name, data, code } }) => {
  const reply = (data) => port1.postMessage({ type: "reply", id, data });
  if (type === "welcome") port1.postMessage({ type: "open", capabilities: ["ping"], session });
  else if (type === "ping") reply(null);
  else if (type === "reply" || type === "error") waiting.get(id)?.({ code, data });
  else if (type === "request" && name === "echo") reply(data);
  else if (type === "request" && name === "give") reply(Function(`return ${data}`)());
};
parent.postMessage({ type: "authframe:hello", channel: "", min: 1, max: 1, nonce }, "*", [port2]);
"#;

/// Loads the frame of this container.
const LOADED: &str = "(container, code) => new Promise((resolve) => {
  const frame = container.querySelector('iframe');
  const begin = () => { frame.contentWindow.eval(`{${code}}`); resolve(frame.contentWindow); };
  if (frame.contentDocument?.readyState === 'complete' && frame.contentWindow.location.href !== 'about:blank') begin();
  else frame.addEventListener('load', begin, { once: true });
})";

/// A value of JavaScript.
pub(crate) fn eval(code: &str) -> JsValue {
    js_sys::eval(&format!("({code})")).unwrap()
}

/// An element in the page.
pub(crate) fn container() -> Element {
    let document = window().document().unwrap();
    let element = document.create_element("div").unwrap();
    get(&document, "body").unchecked_into::<Node>().append_child(&element).unwrap();
    element
}

/// Both ends of a conversation.
pub(crate) struct Pair {
    pub(crate) widget: Widget,
}

impl Pair {
    pub(crate) async fn connect() -> Self {
        let container = container();
        let embedding = Widget::embed(EmbedOptions::new(&container).src("/nowhere"));
        spawn_local(async move {
            let loaded: Function = eval(LOADED).unchecked_into();
            // The frame is inserted when `embed` begins.
            crate::fixtures::turn().await;
            let loading = loaded.call2(&JsValue::UNDEFINED, &container, &FRAME.into()).unwrap();
            JsFuture::from(loading.unchecked_into::<Promise>()).await.unwrap();
        });
        Self { widget: embedding.await.unwrap() }
    }

    /// The frame asks; its answer's code, and data.
    pub(crate) async fn ask(&self, name: &str, data: &JsValue) -> (Option<String>, JsValue) {
        let frame: JsValue = get(&self.widget.frame(), "contentWindow");
        let ask: Function = get(&frame, "ask").unchecked_into();
        let asked: Promise = ask.call2(&frame, &name.into(), data).unwrap().unchecked_into();
        let answer = JsFuture::from(asked).await.unwrap();
        (get(&answer, "code").as_string(), get(&answer, "data"))
    }
}

/// Counts what is reported to the page, instead of the test's failing of it.
pub(crate) struct Reports {
    listener: Function,
}

impl Reports {
    pub(crate) fn new() -> Self {
        let code = "Object.assign((event) => { event.preventDefault(); event.stopImmediatePropagation(); (globalThis.__reports ??= []).push(event.message ?? String(event.reason)); })";
        let listener: Function = eval(code).unchecked_into();
        for kind in ["error", "unhandledrejection"] {
            window().add_event_listener_with_callback_and_bool(kind, &listener, true).unwrap();
        }
        Self { listener }
    }

    pub(crate) fn take(&self) -> Vec<String> {
        let reports = eval("globalThis.__reports?.splice(0) ?? []");
        js_sys::Array::from(&reports).iter().map(|text| text.as_string().unwrap()).collect()
    }
}

impl Drop for Reports {
    fn drop(&mut self) {
        for kind in ["error", "unhandledrejection"] {
            window().remove_event_listener_with_callback_and_bool(kind, &self.listener, true).unwrap();
        }
    }
}

/// Whether an object has a property of its own.
pub(crate) fn own(object: &JsValue, key: &str) -> Option<JsValue> {
    let descriptor: JsValue = Reflect::get_own_property_descriptor(object.unchecked_ref::<js_sys::Object>(), &key.into()).unwrap();
    (!descriptor.is_undefined()).then(|| get(&descriptor, "value"))
}
