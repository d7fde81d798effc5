use gloo_events::EventListener;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageChannel, MessageEvent, MessagePort, Window};

/// Our end of the private channel to the host. Dropped, it is closed and its listeners are gone.
pub(crate) struct Port {
    near: MessagePort,
    // Goes to the host with the hello.
    far: Option<MessagePort>,
    _listeners: [EventListener; 2],
}

impl Port {
    /// A new channel, or `None` where there are none.
    pub(crate) fn open(on_message: impl Fn(JsValue) + 'static, on_close: impl Fn() + 'static) -> Option<Self> {
        let channel = MessageChannel::new().ok()?;
        let near = channel.port1();
        let listeners = [
            EventListener::new(&near, "message", move |event| on_message(event.unchecked_ref::<MessageEvent>().data())),
            EventListener::new(&near, "close", move |_| on_close()),
        ];
        near.start();
        Some(Self { near, far: Some(channel.port2()), _listeners: listeners })
    }

    /// Posts to the other end; false if the message cannot be copied.
    pub(crate) fn post(&self, message: &JsValue) -> bool {
        self.near.post_message(message).is_ok()
    }

    /// Posts to the parent window at exactly `origin`, and hands over the other end. Only once.
    pub(crate) fn hand_over(&mut self, parent: &Window, origin: &str, message: &JsValue) {
        if let Some(far) = self.far.take() {
            let _ = parent.post_message_with_transfer(message, origin, &Array::of1(&far));
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.near.close();
    }
}
