use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::MessageChannel;

use super::dom;
use super::event::BrowserEvent;

/// Our end of the private channel to the host. Dropped, it is closed and its listeners are gone.
pub(crate) struct Port {
    channel: MessageChannel,
    _listeners: [Closure<dyn FnMut(JsValue)>; 3],
}

impl Port {
    /// A new channel, or `None` where there are none.
    pub(crate) fn open(handle: &(impl Fn(BrowserEvent) + Clone + 'static)) -> Option<Self> {
        let on_message = on(handle, BrowserEvent::Port);
        let on_end = on(handle, |_| BrowserEvent::PortLost);
        let on_broken = on(handle, |_| BrowserEvent::Unreadable);
        let channel = dom::open_channel(&on_message, &on_end, &on_broken)?;
        Some(Self { channel, _listeners: [on_message, on_end, on_broken] })
    }

    /// Posts to the other end; false if the message cannot be copied.
    pub(crate) fn post(&self, message: &JsValue) -> bool {
        dom::post(&self.channel, message)
    }

    /// Posts to the parent window at exactly `origin`, and hands over the other end. Only once.
    pub(crate) fn hand_over(&self, origin: &str, message: &JsValue) {
        dom::hand_over(&self.channel, message, origin);
    }
}

fn on(
    handle: &(impl Fn(BrowserEvent) + Clone + 'static),
    happened: impl Fn(JsValue) -> BrowserEvent + 'static,
) -> Closure<dyn FnMut(JsValue)> {
    let handle = handle.clone();
    Closure::new(move |value| handle(happened(value)))
}

impl Drop for Port {
    fn drop(&mut self) {
        dom::close_channel(&self.channel);
    }
}
