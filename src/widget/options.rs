use std::future::Future;

use js_sys::Array;
use wasm_bindgen::JsValue;

#[cfg(feature = "ringcentral")]
use super::RingCentralOptions;
#[cfg(feature = "xbees")]
use super::XbeesOptions;
use super::acquire::{self, AcquireError, AcquireRequest};
use super::sign_in::SignIn;
use crate::interop::{Callback, put, put_given, record};
use crate::session::{Credentials, DialectKind, Grant};

/// How a [`Bridge`](super::Bridge) behaves: the options of `connect` in the npm package. What cannot be honoured is an error of [`Bridge::connect`](super::Bridge::connect).
///
/// A clone is independent: what is set on it does not change the original. Options can be built on every target.
#[derive(Clone, Debug)]
pub struct Options {
    hosts: Vec<Host>,
    namespace: Option<String>,
    channel: Option<String>,
    allow_opaque_origin: Option<bool>,
    credentials: Option<Credentials>,
    acquire: Option<Callback>,
    sign_in: Option<SignIn>,
    #[cfg(feature = "xbees")]
    xbees: Option<XbeesOptions>,
    #[cfg(feature = "ringcentral")]
    ringcentral: Option<RingCentralOptions>,
}

/// Who may embed the widget, and what they speak; without a dialect our own protocol.
#[derive(Clone, Debug)]
struct Host {
    origin: String,
    dialect: Option<DialectKind>,
}

impl Options {
    /// Who may embed the widget: exact origins, or `https://*.example.com` for one whole left-most label. No other page gets an answer.
    pub fn new<H: AsRef<str>>(hosts: impl IntoIterator<Item = H>) -> Self {
        Self {
            hosts: hosts.into_iter().map(|origin| Host { origin: origin.as_ref().to_owned(), dialect: None }).collect(),
            namespace: None,
            channel: None,
            allow_opaque_origin: None,
            credentials: None,
            acquire: None,
            sign_in: None,
            #[cfg(feature = "xbees")]
            xbees: None,
            #[cfg(feature = "ringcentral")]
            ringcentral: None,
        }
    }

    /// One more host, and what it speaks.
    #[must_use]
    pub fn host(mut self, origin: &str, dialect: DialectKind) -> Self {
        self.hosts.push(Host { origin: origin.to_owned(), dialect: Some(dialect) });
        self
    }

    /// What sets this widget's stored state apart from others of the same origin: 1 to 64 of `A–Z a–z 0–9 _ . -`. Default `authframe`. One namespace has one bridge in a page.
    #[must_use]
    pub fn namespace(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned());
        self
    }

    /// Sets several bridges of one page apart on the wire: at most 64 bytes of UTF-8, the same on both sides. Default empty.
    #[must_use]
    pub fn channel(mut self, channel: &str) -> Self {
        self.channel = Some(channel.to_owned());
        self
    }

    /// Lets the widget run in a frame without an origin (a sandbox without `allow-same-origin`), where the host opted in as well. Default `false`.
    #[must_use]
    pub const fn allow_opaque_origin(mut self, allow: bool) -> Self {
        self.allow_opaque_origin = Some(allow);
        self
    }

    /// Where tokens are kept. Default [`Credentials::Memory`].
    #[must_use]
    pub const fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Says who is signed in at the widget's own server: after a reload, when another tab signs in, when the host names a user, and before the access token ends. `Ok(None)`: no user.
    /// The future is dropped when its answer is not wanted any more.
    #[must_use]
    pub fn acquire<A, F>(mut self, acquire: A) -> Self
    where
        A: Fn(AcquireRequest) -> F + 'static,
        F: Future<Output = Result<Option<Grant>, AcquireError>> + 'static,
    {
        self.acquire = Some(acquire::callback(acquire));
        self
    }

    /// The default of [`Bridge::sign_in`](super::Bridge::sign_in), so that a button needs no options.
    #[must_use]
    pub fn sign_in(mut self, sign_in: &SignIn) -> Self {
        self.sign_in = Some(sign_in.clone());
        self
    }

    /// For hosts that speak x-bees.
    #[cfg(feature = "xbees")]
    #[must_use]
    pub fn xbees(mut self, options: XbeesOptions) -> Self {
        self.xbees = Some(options);
        self
    }

    /// For hosts that were written for RingCentral Embeddable.
    #[cfg(feature = "ringcentral")]
    #[must_use]
    pub fn ringcentral(mut self, options: RingCentralOptions) -> Self {
        self.ringcentral = Some(options);
        self
    }

    /// As TypeScript takes them; `signal` takes the call back.
    pub(super) fn to_js(&self, signal: &JsValue) -> JsValue {
        let object = record();
        put(&object, "hosts", self.hosts.iter().map(Host::to_js).collect::<Array>());
        put_given(&object, "namespace", self.namespace.as_deref());
        put_given(&object, "channel", self.channel.as_deref());
        put_given(&object, "allowOpaqueOrigin", self.allow_opaque_origin);
        put_given(&object, "credentials", self.credentials.map(Credentials::as_str));
        put_given(&object, "acquire", self.acquire.as_ref().map(Callback::to_js));
        put_given(&object, "signIn", self.sign_in.as_ref().map(SignIn::to_js));
        #[cfg(feature = "xbees")]
        put_given(&object, "xbees", self.xbees.as_ref().map(XbeesOptions::to_js));
        #[cfg(feature = "ringcentral")]
        put_given(&object, "ringcentral", self.ringcentral.as_ref().map(RingCentralOptions::to_js));
        put(&object, "signal", signal);
        object.into()
    }
}

impl Host {
    fn to_js(&self) -> JsValue {
        let Some(dialect) = self.dialect else { return self.origin.as_str().into() };
        let entry = record();
        put(&entry, "origin", &self.origin);
        put(&entry, "dialect", dialect.as_str());
        entry.into()
    }
}
