//! x-bees, as a widget below it sees it: `docs/dialects/xbees.md`.

use std::fmt;
use std::time::Duration;

use js_sys::{Function, Object, Promise};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::interop::{BridgeError, Subscription, from_value, function, milliseconds, put_given, record, settled, to_value};

#[wasm_bindgen]
extern "C" {
    /// `XbeesHost` of `js/dialect/xbees/types.ts`.
    #[derive(Clone)]
    pub(super) type JsXbees;

    #[wasm_bindgen(method, getter, js_name = iframeId)]
    fn iframe_id(this: &JsXbees) -> Option<String>;
    #[wasm_bindgen(method)]
    fn ready(this: &JsXbees, platform: Option<&str>) -> Promise;
    #[wasm_bindgen(method)]
    fn request(this: &JsXbees, word: &str) -> Promise;
    #[wasm_bindgen(method, js_name = request)]
    fn request_with(this: &JsXbees, word: &str, payload: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = sendStatus)]
    fn send_status(this: &JsXbees, authorized: bool, payload: &JsValue) -> Promise;
    #[wasm_bindgen(method, js_name = onLogout)]
    fn on_logout(this: &JsXbees, listener: &JsValue) -> Function;
    #[wasm_bindgen(method)]
    fn on(this: &JsXbees, word: &str, listener: &JsValue) -> Function;
}

/// How the widget presents itself to x-bees. A clone is independent: what is set on it does not change the original.
#[derive(Clone, Debug, Default)]
pub struct XbeesOptions {
    manual_ready: Option<bool>,
    sign_in: Option<bool>,
    first_status_by_application: bool,
    web_only: bool,
    ready_timeout: Option<Duration>,
    logout_type: Option<String>,
    iframe_id: Option<String>,
    version: Option<String>,
}

impl XbeesOptions {
    /// Does not say ready until [`Xbees::ready`] is called. Default `false`.
    #[must_use]
    pub const fn manual_ready(mut self, manual: bool) -> Self {
        self.manual_ready = Some(manual);
        self
    }

    /// Whether the widget knows sign-in. Without, it says neither that a user is signed in nor that none is. Default `true`.
    #[must_use]
    pub const fn sign_in(mut self, known: bool) -> Self {
        self.sign_in = Some(known);
        self
    }

    /// The first status after ready is the application's, by [`Xbees::send_status`]; if nothing is said within the ready timeout, the bridge says what it knows.
    #[must_use]
    pub const fn first_status_by_application(mut self) -> Self {
        self.first_status_by_application = true;
        self
    }

    /// x-bees does not start the integration on mobile.
    #[must_use]
    pub const fn web_only(mut self) -> Self {
        self.web_only = true;
        self
    }

    /// How long ready, or the first status, waits until it is known who is signed in: at most a minute. Default 3 s.
    #[must_use]
    pub const fn ready_timeout(mut self, timeout: Duration) -> Self {
        self.ready_timeout = Some(timeout);
        self
    }

    /// What the host posts to sign the user out. The vendor does not document it. Default `xBeesLogout`.
    #[must_use]
    pub fn logout_type(mut self, word: &str) -> Self {
        self.logout_type = Some(word.to_owned());
        self
    }

    /// Echoed in every message. Default: `iframeId` of the page's address.
    #[must_use]
    pub fn iframe_id(mut self, id: &str) -> Self {
        self.iframe_id = Some(id.to_owned());
        self
    }

    /// What the host sees as the version of its library, and offers features by. Default `1.1.3`.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        self.version = Some(version.to_owned());
        self
    }

    pub(super) fn to_js(&self) -> Object {
        let object = record();
        put_given(&object, "manualReady", self.manual_ready);
        put_given(&object, "signIn", self.sign_in);
        put_given(&object, "firstStatus", self.first_status_by_application.then_some("application"));
        put_given(&object, "platform", self.web_only.then_some("web"));
        // The option is whole milliseconds.
        put_given(&object, "readyTimeoutMs", self.ready_timeout.map(|timeout| milliseconds(timeout).round()));
        put_given(&object, "logoutType", self.logout_type.as_deref());
        put_given(&object, "iframeId", self.iframe_id.as_deref());
        put_given(&object, "version", self.version.as_deref());
        object
    }
}

/// The host, if it is x-bees. What it answers and says has the types that the caller names; a wrong form is an error, or an event that is left out.
#[derive(Clone)]
pub struct Xbees(pub(super) JsXbees);

impl Xbees {
    /// From the address of the page.
    pub fn iframe_id(&self) -> Option<String> {
        self.0.iframe_id()
    }

    /// Says that the widget is there; who is signed in follows. `platform`: `web`, or nothing.
    ///
    /// # Errors
    /// `CONFIG_INVALID` for another platform; code `OTHER` with the host's whole answer ([`BridgeError::as_js`]) if it has an `errorMessage`.
    pub async fn ready(&self, platform: Option<&str>) -> Result<JsValue, BridgeError> {
        settled(self.0.ready(platform)).await
    }

    /// Asks the host, by a word of the wire, such as `xBeesContext`. It waits for 10 s.
    ///
    /// # Errors
    /// Code `OTHER` with the host's whole answer if it has an `errorMessage` (`timeout` after 10 s, `closed` when the bridge is closed); `DATA_INVALID` if it has not the
    /// form of `R`.
    pub async fn request<R: DeserializeOwned>(&self, word: &str) -> Result<R, BridgeError> {
        from_value(settled(self.0.request(word)).await?)
    }

    /// The same with a payload.
    ///
    /// # Errors
    /// As [`request`](Self::request), and `DATA_NOT_CLONEABLE`.
    pub async fn request_with<R: DeserializeOwned>(&self, word: &str, payload: &(impl Serialize + ?Sized)) -> Result<R, BridgeError> {
        from_value(settled(self.0.request_with(word, &to_value(payload)?)).await?)
    }

    /// Notifies the host of who is signed in here; by itself the bridge does so without a payload. It concerns this instance alone, and holds until the session changes. A repeat is not posted.
    ///
    /// # Errors
    /// Code `OTHER` with the host's whole answer if it has an `errorMessage`, or with a `DataCloneError`.
    pub async fn send_status(&self, authorized: bool, payload: Option<&JsValue>) -> Result<JsValue, BridgeError> {
        settled(self.0.send_status(authorized, payload.unwrap_or(&JsValue::UNDEFINED))).await
    }

    /// The host has signed the user out. By then the user is signed out in every tab.
    pub fn on_logout(&self, listener: impl Fn() + 'static) -> Subscription {
        Subscription::new(self.0.on_logout(&function::<dyn Fn()>(listener)))
    }

    /// Listens to an event of the host, such as `xBeesPbxToken`. Of that and of `xBeesUseTheme` also the last one that came before.
    pub fn on<T: DeserializeOwned>(&self, word: &str, listener: impl Fn(T) + 'static) -> Subscription {
        let listener = function::<dyn Fn(JsValue)>(move |payload: JsValue| {
            if let Ok(payload) = from_value(payload) {
                listener(payload);
            }
        });
        Subscription::new(self.0.on(word, &listener))
    }
}

impl fmt::Debug for Xbees {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Xbees")
    }
}
