use std::future::Future;

use js_sys::{Array, Object};
use wasm_bindgen::JsValue;

#[cfg(feature = "ringcentral")]
use super::RingCentralOptions;
#[cfg(feature = "xbees")]
use super::XbeesOptions;
use super::acquire::{self, AcquireError, AcquireRequest};
use super::sign_in::SignIn;
use crate::interop::{put, record};
use crate::session::{Credentials, DialectKind, Grant};

/// How a [`Bridge`](super::Bridge) behaves: the options of `connect` in the npm package. What cannot be honoured is an error of [`Bridge::connect`](super::Bridge::connect).
#[derive(Clone, Debug)]
pub struct Options {
    object: Object,
    hosts: Array,
}

impl Options {
    /// Who may embed the widget: exact origins, or `https://*.example.com` for one whole left-most label. No other page gets an answer.
    pub fn new<H: AsRef<str>>(hosts: impl IntoIterator<Item = H>) -> Self {
        let (object, list) = (record(), Array::new());
        for host in hosts {
            list.push(&host.as_ref().into());
        }
        put(&object, "hosts", &list);
        Self { object, hosts: list }
    }

    /// One more host, and what it speaks.
    #[must_use]
    pub fn host(self, origin: &str, dialect: DialectKind) -> Self {
        let entry = record();
        put(&entry, "origin", origin);
        put(&entry, "dialect", dialect.as_str());
        self.hosts.push(&entry);
        self
    }

    /// What sets this widget's stored state apart from others of the same origin: 1 to 64 of `A–Z a–z 0–9 _ . -`. Default `authframe`. One namespace has one bridge in a page.
    #[must_use]
    pub fn namespace(self, namespace: &str) -> Self {
        self.set("namespace", namespace)
    }

    /// Sets several bridges of one page apart on the wire: at most 64 bytes of UTF-8, the same on both sides. Default empty.
    #[must_use]
    pub fn channel(self, channel: &str) -> Self {
        self.set("channel", channel)
    }

    /// Lets the widget run in a frame without an origin (a sandbox without `allow-same-origin`), where the host opted in as well. Default `false`.
    #[must_use]
    pub fn allow_opaque_origin(self, allow: bool) -> Self {
        self.set("allowOpaqueOrigin", allow)
    }

    /// Where tokens are kept. Default [`Credentials::Memory`].
    #[must_use]
    pub fn credentials(self, credentials: Credentials) -> Self {
        self.set("credentials", credentials.as_str())
    }

    /// Says who is signed in at the widget's own server: after a reload, when another tab signs in, when the host names a user, and before the access token ends. `Ok(None)`: no user.
    /// The future is dropped when its answer is not wanted any more.
    #[must_use]
    pub fn acquire<A, F>(self, acquire: A) -> Self
    where
        A: Fn(AcquireRequest) -> F + 'static,
        F: Future<Output = Result<Option<Grant>, AcquireError>> + 'static,
    {
        self.set("acquire", acquire::to_js(acquire))
    }

    /// The default of [`Bridge::sign_in`](super::Bridge::sign_in), so that a button needs no options.
    #[must_use]
    pub fn sign_in(self, sign_in: &SignIn) -> Self {
        self.set("signIn", sign_in.to_js())
    }

    /// For hosts that speak x-bees.
    #[cfg(feature = "xbees")]
    #[must_use]
    pub fn xbees(self, options: XbeesOptions) -> Self {
        self.set("xbees", options.object)
    }

    /// For hosts that were written for RingCentral Embeddable.
    #[cfg(feature = "ringcentral")]
    #[must_use]
    pub fn ringcentral(self, options: RingCentralOptions) -> Self {
        self.set("ringcentral", options.object)
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
