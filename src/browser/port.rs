use std::rc::Rc;

use gloo_events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageChannel, MessageEvent};

use super::driver::{Driver, Happened};
use super::listeners::on;
use super::page;

/// Our end of the private channel to the host. Dropped, it is closed and its listeners are gone.
pub(crate) struct Port {
    channel: MessageChannel,
    _listeners: [EventListener; 2],
}

impl Port {
    /// A new channel, or `None` where there are none.
    pub(crate) fn open(driver: &Rc<Driver>) -> Option<Self> {
        let channel = page::open_channel()?;
        let near = channel.port1();
        let listeners = [
            on(&near, "message", driver, |driver, event| driver.hear(Happened::Port(event.unchecked_ref::<MessageEvent>().data()))),
            on(&near, "close", driver, |driver, _| driver.hear(Happened::PortLost)),
        ];
        Some(Self { channel, _listeners: listeners })
    }

    /// Posts to the other end; false if the message cannot be copied.
    pub(crate) fn post(&self, message: &JsValue) -> bool {
        page::post(&self.channel, message)
    }

    /// Posts to the parent window at exactly `origin`, and hands over the other end. Only once.
    pub(crate) fn hand_over(&self, origin: &str, message: &JsValue) {
        page::hand_over(&self.channel, message, origin);
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.channel.port1().close();
    }
}
