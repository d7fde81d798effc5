//! Stand-ins for the windows of sign-ins: a page of tests has no click, so the browser would open none.

use js_sys::{Array, Function};
use wasm_bindgen::{JsCast, JsValue};

use crate::fixtures::turn;
use crate::page::{Override, get, set, window};

/// The windows that were opened while this lives.
pub(crate) struct Popups {
    opened: Array,
    _open: Override,
}

impl Popups {
    pub(crate) fn new() -> Self {
        let opened = Array::new();
        let make = Function::new_with_args(
            "opened",
            "return (url, name, features) => {
                const location = { replace(address) { popup.address = address; } };
                const popup = { features, closed: false, location, postMessage() {}, focus() {}, close() { popup.closed = true; } };
                opened.push(popup);
                return popup;
            };",
        );
        let open = make.call1(&JsValue::UNDEFINED, &opened).unwrap();
        Self { _open: Override::new(&window(), "open", &open), opened }
    }

    /// Where the newest one was sent.
    pub(crate) async fn address(&self) -> String {
        loop {
            if let Some(address) = get(&self.newest(), "address").as_string() {
                return address;
            }
            turn().await;
        }
    }

    pub(crate) fn features(&self) -> String {
        get(&self.newest(), "features").as_string().unwrap()
    }

    /// The user closes the newest one, or its page cuts itself off.
    pub(crate) fn close(&self) {
        set(&self.newest(), "closed", &true.into());
    }

    fn newest(&self) -> JsValue {
        self.opened.at(-1)
    }
}

/// Rejections that no code handles, while this lives.
pub(crate) struct Unhandled {
    seen: Array,
    listener: Function,
}

impl Unhandled {
    pub(crate) fn new() -> Self {
        let seen = Array::new();
        let make = Function::new_with_args("seen", "return (event) => { event.preventDefault(); seen.push(String(event.reason)); };");
        let listener: Function = make.call1(&JsValue::UNDEFINED, &seen).unwrap().unchecked_into();
        window().add_event_listener_with_callback("unhandledrejection", &listener).unwrap();
        Self { seen, listener }
    }

    /// Once the browser has had the time to notice.
    pub(crate) async fn seen(&self) -> Vec<String> {
        for _ in 0..3 {
            turn().await;
        }
        self.seen.iter().filter_map(|text| text.as_string()).collect()
    }
}

impl Drop for Unhandled {
    fn drop(&mut self) {
        window().remove_event_listener_with_callback("unhandledrejection", &self.listener).unwrap();
    }
}
