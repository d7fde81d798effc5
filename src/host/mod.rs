//! The embedding page's half, for pages written in Rust: `authframe/host` of the npm package with the types of Rust.

mod options;
mod session;

use std::fmt;
use std::future::Future;
use std::rc::{Rc, Weak};
use std::time::Duration;

use js_sys::{Function, Promise};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlIFrameElement;

pub use self::options::EmbedOptions;
pub use self::session::Session;
use crate::interop::{
    AbortOnDrop, BridgeError, HandlerError, Peer, Rejected, Subscription, from_value, function, grant_to_js, peer_methods, settled,
    to_value,
};
use crate::session::{ConnectionState, Grant};

#[wasm_bindgen(module = "/src/host/authframe.js")]
extern "C" {
    fn embed(options: &JsValue) -> Promise;
}

#[wasm_bindgen]
extern "C" {
    /// `Widget` of `js/host/types.ts`.
    type JsWidget;

    #[wasm_bindgen(method, getter)]
    fn frame(this: &JsWidget) -> HtmlIFrameElement;
    #[wasm_bindgen(method, getter)]
    fn session(this: &JsWidget) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn rejected(this: &JsWidget) -> JsValue;
    #[wasm_bindgen(method)]
    fn subscribe(this: &JsWidget, listener: &JsValue) -> Function;
    #[wasm_bindgen(method, js_name = setIdentity)]
    fn set_identity(this: &JsWidget, identity: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = signOut)]
    fn sign_out(this: &JsWidget) -> Promise;
    #[wasm_bindgen(method, catch)]
    fn close(this: &JsWidget) -> Result<(), JsValue>;
}

/// A widget that is embedded in this page. Clones are the same one; when the last one is dropped, it is closed: its iframe is removed unless it was adopted.
///
/// ```no_run
/// use authframe::Account;
/// use authframe::host::{EmbedOptions, Widget};
///
/// # async fn page(container: &web_sys::Element) -> Result<(), authframe::BridgeError> {
/// let widget = Widget::embed(EmbedOptions::new(container).src("https://chat.example/widget").title("Chat")).await?;
/// widget.set_identity(Some(&Account::new("u-17", Some("Ada"))?.into())).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Widget {
    shared: Rc<Shared>,
}

struct Shared(JsWidget);

/// A widget for its own closures: it does not keep the widget embedded.
#[derive(Clone, Debug)]
pub struct WeakWidget(Weak<Shared>);

impl WeakWidget {
    /// The widget, as long as there is a clone of it elsewhere.
    pub fn upgrade(&self) -> Option<Widget> {
        self.0.upgrade().map(|shared| Widget { shared })
    }
}

impl Widget {
    /// Embeds a widget, and is ready when it is connected. Dropped before, it takes everything back.
    ///
    /// # Errors
    /// `CONFIG_INVALID`, `CONFIG_ORIGIN_INVALID`, `ACCOUNT_INVALID`, `TOKEN_INVALID`, `LIFETIME_INVALID`, `ENV_UNSUPPORTED`, `FRAME_IN_USE`, `OPAQUE_ORIGIN`, `VERSION_MISMATCH`, `HANDSHAKE_TIMEOUT` (its text
    /// says what was seen).
    pub async fn embed(options: EmbedOptions) -> Result<Self, BridgeError> {
        let (mut unwanted, signal) = AbortOnDrop::new();
        let widget = settled(embed(&options.to_js(&signal))).await?;
        unwanted.disarm();
        Ok(Self { shared: Rc::new(Shared(widget.unchecked_into())) })
    }

    peer_methods!();

    /// For closures that the widget itself is given.
    pub fn downgrade(&self) -> WeakWidget {
        WeakWidget(Rc::downgrade(&self.shared))
    }

    /// The iframe.
    pub fn frame(&self) -> HtmlIFrameElement {
        self.js().frame()
    }

    /// What the widget said last.
    pub fn session(&self) -> Session {
        Session::read(&self.js().session())
    }

    /// Calls `listener` at once with the session, then after every change.
    pub fn subscribe(&self, listener: impl Fn(&Session) + 'static) -> Subscription {
        let listener = function::<dyn Fn(JsValue)>(move |session: JsValue| listener(&Session::read(&session)));
        Subscription::new(self.js().subscribe(&listener))
    }

    /// How many messages were dropped, and why. Messages that are not authframe's, and those of this page's other widgets, count for nothing.
    pub fn rejected(&self) -> Rejected {
        Rejected::read(&self.js().rejected())
    }

    /// Says to the widget who is signed in here, `None` for no user. Ready when the widget has taken it; without a connection at once, and it is sent when the widget is back.
    ///
    /// # Errors
    /// `ACCOUNT_INVALID`, `TOKEN_INVALID`, `LIFETIME_INVALID`, `ACQUIRE_FAILED` (the widget's server failed, or has refused: a refusal is not tried again), `NO_HANDLER` (this widget takes no identity), `REQUEST_TIMEOUT`, `DISCONNECTED`,
    /// `CLOSED`.
    pub async fn set_identity(&self, identity: Option<&Grant>) -> Result<(), BridgeError> {
        settled(self.js().set_identity(&identity.map_or(JsValue::NULL, grant_to_js))).await.map(drop)
    }

    /// No user is signed in in the widget, in any of its tabs.
    ///
    /// # Errors
    /// As [`set_identity`](Self::set_identity).
    pub async fn sign_out(&self) -> Result<(), BridgeError> {
        settled(self.js().sign_out()).await.map(drop)
    }

    /// Says goodbye; no listener, timer or port is left, no iframe unless it was adopted, and none of the closures that the widget was given. Without a call when the last clone is dropped: a clone inside one of these
    /// closures is one, a [`WeakWidget`] is none.
    pub fn close(&self) {
        // It throws nothing.
        let _ = self.js().close();
    }

    fn js(&self) -> &JsWidget {
        &self.shared.0
    }

    fn peer(&self) -> &Peer {
        self.shared.0.unchecked_ref()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = self.0.close();
    }
}

/// Whether they are the same widget.
impl PartialEq for Widget {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }
}

impl Eq for Widget {}

impl fmt::Debug for Widget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Widget").field("connection", &self.connection()).finish_non_exhaustive()
    }
}
