use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::MessageChannel;

use super::dom;
use super::driver::{BrowserEvent, Driver};

/// Our end of the private channel to the host. Dropped, it is closed and its listeners are gone.
pub(crate) struct Port {
    channel: MessageChannel,
    _listeners: [Closure<dyn FnMut(JsValue)>; 3],
}

impl Port {
    /// A new channel, or `None` where there are none.
    pub(crate) fn open(driver: &Rc<Driver>) -> Option<Self> {
        let on_message = on(driver, BrowserEvent::Port);
        let on_end = on(driver, |_| BrowserEvent::PortLost);
        let on_broken = on(driver, |_| BrowserEvent::Unreadable);
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

// Without keeping the driver alive.
fn on(driver: &Rc<Driver>, happened: impl Fn(JsValue) -> BrowserEvent + 'static) -> Closure<dyn FnMut(JsValue)> {
    let driver = Rc::downgrade(driver);
    Closure::new(move |value| {
        if let Some(driver) = driver.upgrade() {
            driver.handle(happened(value));
        }
    })
}

impl Drop for Port {
    fn drop(&mut self) {
        dom::close_channel(&self.channel);
    }
}
