use std::future::Future;
use std::time::Duration;

use js_sys::Object;
use wasm_bindgen::JsValue;

use super::acquire::{AcquireError, answered};
use crate::interop::{callback, property, put, record, text_of};
use crate::session::Grant;

/// How [`Bridge::sign_in`](super::Bridge::sign_in) signs a user in: with a popup, by OAuth 2 or by a page of your own. Addresses are absolute, `https:` (or `http:` on loopback).
#[derive(Clone, Debug)]
pub struct SignIn {
    options: Object,
}

/// An OAuth 2 authorization request (code, `state`, PKCE with S256).
#[derive(Clone, Debug)]
pub struct OAuth {
    request: Object,
}

/// Which sign-in is asked for.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct PollRequest {
    /// Names this sign-in: 128 random bits.
    pub state: String,
    /// With OAuth: what the token endpoint asks for beside the code.
    pub code_verifier: Option<String>,
    /// The same.
    pub redirect_uri: Option<String>,
}

/// What the popup brought. `state` and, if an issuer was given, `iss` have been checked.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SignInResult {
    /// The authorization code, or `None` if the page brought `data`.
    pub code: Option<String>,
    /// What the page handed to `finish({ data })`.
    pub data: JsValue,
    /// Names this sign-in: 128 random bits.
    pub state: String,
    /// What the token endpoint asks for beside the code.
    pub code_verifier: Option<String>,
    /// The same.
    pub redirect_uri: Option<String>,
}

impl OAuth {
    /// A request to this authorization endpoint. `redirect_uri` is a page of yours that calls `finish` of `authframe/popup`.
    pub fn new(authorization_endpoint: &str, client_id: &str, redirect_uri: &str) -> Self {
        let request = record();
        put(&request, "authorizationEndpoint", authorization_endpoint);
        put(&request, "clientId", client_id);
        put(&request, "redirectUri", redirect_uri);
        Self { request }
    }

    /// The scope.
    #[must_use]
    pub fn scope(self, scope: &str) -> Self {
        put(&self.request, "scope", scope);
        self
    }

    /// What `iss` of the answer must be. Give it if the server sends one (RFC 9207), always with several servers.
    #[must_use]
    pub fn issuer(self, issuer: &str) -> Self {
        put(&self.request, "issuer", issuer);
        self
    }

    /// Whether a challenge is sent. Default `true`; `false` only where a backend with a secret redeems the code and the provider takes no challenge.
    #[must_use]
    pub fn pkce(self, pkce: bool) -> Self {
        put(&self.request, "pkce", pkce);
        self
    }

    /// One more parameter: `prompt`, `login_hint`, `response_mode` …
    #[must_use]
    pub fn parameter(self, name: &str, value: &str) -> Self {
        let parameters = property(&self.request, "parameters");
        let parameters = if parameters.is_object() { Object::from(parameters) } else { record() };
        put(&parameters, name, value);
        put(&self.request, "parameters", &parameters);
        self
    }
}

impl SignIn {
    /// By OAuth. `exchange` redeems the code, best at your own server, and makes a grant of it.
    pub fn oauth<X, F>(oauth: OAuth, exchange: X) -> Self
    where
        X: Fn(SignInResult) -> F + 'static,
        F: Future<Output = Result<Grant, AcquireError>> + 'static,
    {
        let options = record();
        put(&options, "oauth", &oauth.request);
        let exchange = callback(move |result| {
            let grant = exchange(SignInResult::read(&result));
            answered(async move { grant.await.map(Some) })
        });
        put(&options, "exchange", exchange);
        Self { options }
    }

    /// Asked once nothing can come from the popup itself any more: it was closed, or its page cut itself off (`Cross-Origin-Opener-Policy`). At first at once, then after 1 s, at last every 5 s, until the
    /// sign-in ends. `Ok(None)`: nothing yet; so is what fails otherwise than with [`AcquireError::Refused`].
    #[must_use]
    pub fn poll<P, F>(self, poll: P) -> Self
    where
        P: Fn(PollRequest) -> F + 'static,
        F: Future<Output = Result<Option<Grant>, AcquireError>> + 'static,
    {
        put(&self.options, "poll", callback(move |request| answered(poll(PollRequest::read(&request)))));
        self
    }

    /// By a page of yours that calls `finish` of `authframe/popup` with a grant as its data. It is opened with a query parameter `state`.
    pub fn page(url: &str) -> Self {
        let options = record();
        put(&options, "url", url);
        Self { options }
    }

    /// The origin that the result may come from. Default: that of the redirect address, or of the page.
    #[must_use]
    pub fn from(self, origin: &str) -> Self {
        put(&self.options, "from", origin);
        self
    }

    /// How long the whole may take. Default five minutes, at most an hour.
    #[must_use]
    pub fn timeout(self, timeout: Duration) -> Self {
        put(&self.options, "timeoutMs", timeout.as_secs_f64() * 1000.0);
        self
    }

    /// Size of the popup, in CSS pixels. Default 480 × 640.
    #[must_use]
    pub fn size(self, width: u32, height: u32) -> Self {
        put(&self.options, "width", width);
        put(&self.options, "height", height);
        self
    }

    pub(super) fn to_js(&self) -> Object {
        Object::assign(&record(), &self.options)
    }
}

impl PollRequest {
    fn read(request: &JsValue) -> Self {
        Self {
            state: text_of(request, "state").unwrap_or_default(),
            code_verifier: text_of(request, "codeVerifier"),
            redirect_uri: text_of(request, "redirectUri"),
        }
    }
}

impl SignInResult {
    fn read(result: &JsValue) -> Self {
        Self {
            code: text_of(result, "code"),
            data: property(result, "data"),
            state: text_of(result, "state").unwrap_or_default(),
            code_verifier: text_of(result, "codeVerifier"),
            redirect_uri: text_of(result, "redirectUri"),
        }
    }
}
