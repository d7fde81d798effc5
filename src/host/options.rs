use std::future::Future;
use std::time::Duration;

use wasm_bindgen::JsValue;
use web_sys::Element;

use crate::interop::{Callback, HandlerError, grant_to_js, milliseconds, put, put_given, record};
use crate::session::{Grant, Secret};

/// How a widget is embedded: the options of `embed` in the npm package.
///
/// A clone is independent: what is set on it does not change the original. `Debug` shows neither an address, which may hold a secret in its query, nor a token.
#[derive(Clone, Debug)]
pub struct EmbedOptions {
    container: Secret<Element>,
    src: Option<Secret<String>>,
    origin: Option<String>,
    id: Option<String>,
    title: Option<String>,
    allow: Option<String>,
    sandbox: Option<String>,
    identity: Option<Grant>,
    on_sign_in_request: Option<Callback>,
    timeout: Option<Duration>,
    channel: Option<String>,
    allow_opaque_origin: Option<bool>,
}

impl EmbedOptions {
    /// Appends the iframe to this element; or adopts it, if it is an iframe: then that is never changed, moved or removed.
    pub fn new(container: &Element) -> Self {
        Self {
            container: Secret::new(container.clone()),
            src: None,
            origin: None,
            id: None,
            title: None,
            allow: None,
            sandbox: None,
            identity: None,
            on_sign_in_request: None,
            timeout: None,
            channel: None,
            allow_opaque_origin: None,
        }
    }

    /// The widget's page, relative to this one. For an adopted iframe its own `src` is the default.
    #[must_use]
    pub fn src(mut self, src: &str) -> Self {
        self.src = Some(Secret::new(src.to_owned()));
        self
    }

    /// The widget's only origin, exactly as the browser writes it. Default: that of `src`. Needed when `src` redirects to another origin.
    #[must_use]
    pub fn origin(mut self, origin: &str) -> Self {
        self.origin = Some(origin.to_owned());
        self
    }

    /// The iframe element's id.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// The iframe's accessible name: say what the widget is. Default "Embedded widget".
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        self.title = Some(title.to_owned());
        self
    }

    /// The iframe's permissions policy, as in `"microphone; storage-access"`.
    #[must_use]
    pub fn allow(mut self, allow: &str) -> Self {
        self.allow = Some(allow.to_owned());
        self
    }

    /// The iframe's sandbox. Without `allow-same-origin` the widget has no origin to trust: `OPAQUE_ORIGIN`, unless [`allow_opaque_origin`](Self::allow_opaque_origin) is set.
    #[must_use]
    pub fn sandbox(mut self, sandbox: &str) -> Self {
        self.sandbox = Some(sandbox.to_owned());
        self
    }

    /// The user who is signed in on this page: sent to the widget as soon as it is connected.
    #[must_use]
    pub fn identity(mut self, identity: &Grant) -> Self {
        self.identity = Some(identity.clone());
        self
    }

    /// The widget asks for a user: sign the person in, or answer `None`. Called once at a time. With an `Err` the widget gets `HANDLER_FAILED`; what it was is reported here, in the console.
    #[must_use]
    pub fn on_sign_in_request<S, F>(mut self, sign_in: S) -> Self
    where
        S: Fn() -> F + 'static,
        F: Future<Output = Result<Option<Grant>, HandlerError>> + 'static,
    {
        self.on_sign_in_request = Some(Callback::new(move |_| {
            let identity = sign_in();
            async move { Ok(identity.await?.map_or(JsValue::NULL, |identity| grant_to_js(&identity))) }
        }));
        self
    }

    /// How long to wait for the first connection, 1 ms to 10 minutes. Default 15 s.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Separates several bridges in one widget page, at most 64 bytes of UTF-8. The widget must use the same. Default empty.
    #[must_use]
    pub fn channel(mut self, channel: &str) -> Self {
        self.channel = Some(channel.to_owned());
        self
    }

    /// Opts in to a widget in a sandbox without `allow-same-origin`. The widget must opt in too. Replaces the fragment of `src`.
    #[must_use]
    pub const fn allow_opaque_origin(mut self, allow: bool) -> Self {
        self.allow_opaque_origin = Some(allow);
        self
    }

    /// As TypeScript takes them; `signal` takes the call back.
    pub(super) fn to_js(&self, signal: &JsValue) -> JsValue {
        let object = record();
        put(&object, "container", self.container.expose());
        put_given(&object, "src", self.src.as_ref().map(Secret::expose));
        put_given(&object, "origin", self.origin.as_deref());
        put_given(&object, "id", self.id.as_deref());
        put_given(&object, "title", self.title.as_deref());
        put_given(&object, "allow", self.allow.as_deref());
        put_given(&object, "sandbox", self.sandbox.as_deref());
        put_given(&object, "identity", self.identity.as_ref().map(grant_to_js));
        put_given(&object, "onSignInRequest", self.on_sign_in_request.as_ref().map(Callback::to_js));
        put_given(&object, "timeoutMs", self.timeout.map(milliseconds));
        put_given(&object, "channel", self.channel.as_deref());
        put_given(&object, "allowOpaqueOrigin", self.allow_opaque_origin);
        put(&object, "signal", signal);
        object.into()
    }
}
