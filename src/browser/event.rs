use wasm_bindgen::JsValue;
use web_sys::Event;

use crate::session::PageHide;

/// What the browser does by itself: a listener, the port or the timer says it, and the driver makes an input of it.
pub(crate) enum BrowserEvent {
    /// A message came on the window.
    Window(Event),
    Port(JsValue),
    PortLost,
    /// A message came that the browser could not read.
    Unreadable,
    /// A storage event, which may speak of another key.
    Storage(Event),
    Hide(PageHide),
    Show,
    Wake,
    /// The page is shown, or the network is back.
    Chance,
    Timeout,
    Close,
}
