use std::future::Future;
use std::time::Duration;

use js_sys::Object;
use wasm_bindgen::JsValue;
use web_sys::Element;

use crate::interop::{callback, grant_to_js, put, record};
use crate::session::Grant;

/// How a widget is embedded: the options of `embed` in the npm package.
#[derive(Clone, Debug)]
pub struct EmbedOptions {
    object: Object,
}

impl EmbedOptions {
    /// Appends the iframe to this element; or adopts it, if it is an iframe: then that is never changed, moved or removed.
    pub fn new(container: &Element) -> Self {
        let object = record();
        put(&object, "container", container);
        Self { object }
    }

    /// The widget's page, relative to this one. For an adopted iframe its own `src` is the default.
    #[must_use]
    pub fn src(self, src: &str) -> Self {
        self.set("src", src)
    }

    /// The widget's only origin, exactly as the browser writes it. Default: that of `src`. Needed when `src` redirects to another origin.
    #[must_use]
    pub fn origin(self, origin: &str) -> Self {
        self.set("origin", origin)
    }

    /// The iframe element's id.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        self.set("id", id)
    }

    /// The iframe's accessible name: say what the widget is. Default "Embedded widget".
    #[must_use]
    pub fn title(self, title: &str) -> Self {
        self.set("title", title)
    }

    /// The iframe's permissions policy, as in `"microphone; storage-access"`.
    #[must_use]
    pub fn allow(self, allow: &str) -> Self {
        self.set("allow", allow)
    }

    /// The iframe's sandbox. Without `allow-same-origin` the widget has no origin to trust: `OPAQUE_ORIGIN`, unless [`allow_opaque_origin`](Self::allow_opaque_origin) is set.
    #[must_use]
    pub fn sandbox(self, sandbox: &str) -> Self {
        self.set("sandbox", sandbox)
    }

    /// The user who is signed in on this page: sent to the widget as soon as it is connected.
    #[must_use]
    pub fn identity(self, identity: &Grant) -> Self {
        self.set("identity", grant_to_js(identity))
    }

    /// The widget asks for a user: sign the person in, or answer `None`. Called once at a time.
    #[must_use]
    pub fn on_sign_in_request<S, F>(self, sign_in: S) -> Self
    where
        S: Fn() -> F + 'static,
        F: Future<Output = Option<Grant>> + 'static,
    {
        let call = callback(move |_| {
            let identity = sign_in();
            async move { Ok(identity.await.map_or(JsValue::NULL, |identity| grant_to_js(&identity))) }
        });
        self.set("onSignInRequest", call)
    }

    /// How long to wait for the first connection, 1 ms to 10 minutes. Default 15 s.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        self.set("timeoutMs", timeout.as_secs_f64() * 1000.0)
    }

    /// Separates several bridges in one widget page, at most 64 bytes of UTF-8. The widget must use the same. Default empty.
    #[must_use]
    pub fn channel(self, channel: &str) -> Self {
        self.set("channel", channel)
    }

    /// Opts in to a widget in a sandbox without `allow-same-origin`. The widget must opt in too. Replaces the fragment of `src`.
    #[must_use]
    pub fn allow_opaque_origin(self, allow: bool) -> Self {
        self.set("allowOpaqueOrigin", allow)
    }

    fn set(self, key: &str, value: impl Into<JsValue>) -> Self {
        put(&self.object, key, value);
        self
    }

    pub(super) fn into_js(self, signal: &JsValue) -> JsValue {
        put(&self.object, "signal", signal);
        self.object.into()
    }
}
