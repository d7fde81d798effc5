use std::fmt;
use std::future::Future;
use std::time::Duration;

use js_sys::Object;
use wasm_bindgen::JsValue;

use super::acquire::{AcquireError, answered};
use crate::interop::{Callback, milliseconds, property, put, put_given, record, text_of};
use crate::session::{Grant, Secret};

/// How [`Bridge::sign_in`](super::Bridge::sign_in) signs a user in: with a popup, by OAuth 2 or by a page of your own. Addresses are absolute, `https:` (or `http:` on loopback).
///
/// A clone is independent: what is set on it does not change the original. `Debug` shows no address, because its query may hold a secret.
#[derive(Clone, Debug)]
pub struct SignIn {
    way: Way,
    from: Option<String>,
    poll: Option<Callback>,
    timeout: Option<Duration>,
    size: Option<[u32; 2]>,
}

#[derive(Clone, Debug)]
enum Way {
    OAuth { request: OAuth, exchange: Callback },
    Page(Secret<String>),
}

/// An OAuth 2 authorization request (code, `state`, PKCE with S256). A clone is independent.
#[derive(Clone, Debug)]
pub struct OAuth {
    authorization_endpoint: Secret<String>,
    client_id: String,
    redirect_uri: Secret<String>,
    scope: Option<String>,
    issuer: Option<String>,
    pkce: Option<bool>,
    parameters: Vec<(String, Secret<String>)>,
}

/// Which sign-in is asked for.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct PollRequest {
    /// Names this sign-in: 128 random bits. Who knows it can fetch the result from a relay.
    pub state: Secret<String>,
    /// With OAuth: what the token endpoint asks for beside the code.
    pub code_verifier: Option<Secret<String>>,
    /// The same.
    pub redirect_uri: Option<String>,
}

/// What the popup brought. `state` and, if an issuer was given, `iss` have been checked.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct SignInResult {
    /// The authorization code, or `None` if the page brought `data`.
    pub code: Option<Secret<String>>,
    /// What the page handed to `finish({ data })`.
    pub data: Secret<JsValue>,
    /// Names this sign-in: 128 random bits.
    pub state: Secret<String>,
    /// What the token endpoint asks for beside the code.
    pub code_verifier: Option<Secret<String>>,
    /// The same.
    pub redirect_uri: Option<String>,
}

impl OAuth {
    /// A request to this authorization endpoint. `redirect_uri` is a page of yours that calls `finish` of `authframe/popup`.
    pub fn new(authorization_endpoint: &str, client_id: &str, redirect_uri: &str) -> Self {
        Self {
            authorization_endpoint: Secret::new(authorization_endpoint.to_owned()),
            client_id: client_id.to_owned(),
            redirect_uri: Secret::new(redirect_uri.to_owned()),
            scope: None,
            issuer: None,
            pkce: None,
            parameters: Vec::new(),
        }
    }

    /// The scope.
    #[must_use]
    pub fn scope(mut self, scope: &str) -> Self {
        self.scope = Some(scope.to_owned());
        self
    }

    /// What `iss` of the answer must be. Give it if the server sends one (RFC 9207), always with several servers.
    #[must_use]
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.issuer = Some(issuer.to_owned());
        self
    }

    /// Whether a challenge is sent. Default `true`; `false` only where a backend with a secret redeems the code and the provider takes no challenge.
    #[must_use]
    pub const fn pkce(mut self, pkce: bool) -> Self {
        self.pkce = Some(pkce);
        self
    }

    /// One more parameter: `prompt`, `login_hint`, `response_mode` … Of two values of one name the last one counts.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), Secret::new(value.to_owned())));
        self
    }

    fn to_js(&self) -> Object {
        let object = record();
        put(&object, "authorizationEndpoint", self.authorization_endpoint.expose());
        put(&object, "clientId", &self.client_id);
        put(&object, "redirectUri", self.redirect_uri.expose());
        put_given(&object, "scope", self.scope.as_deref());
        put_given(&object, "issuer", self.issuer.as_deref());
        put_given(&object, "pkce", self.pkce);
        let parameters = record();
        for (name, value) in &self.parameters {
            put(&parameters, name, value.expose());
        }
        put(&object, "parameters", &parameters);
        object
    }
}

impl SignIn {
    /// By OAuth. `exchange` redeems the code, best at your own server, and makes a grant of it.
    pub fn oauth<X, F>(oauth: OAuth, exchange: X) -> Self
    where
        X: Fn(SignInResult) -> F + 'static,
        F: Future<Output = Result<Grant, AcquireError>> + 'static,
    {
        let exchange = Callback::new(move |result| {
            let grant = exchange(SignInResult::read(&result));
            answered(async move { grant.await.map(Some) })
        });
        Self::by(Way::OAuth { request: oauth, exchange })
    }

    /// By a page of yours that calls `finish` of `authframe/popup` with a grant as its data. It is opened with a query parameter `state`.
    pub fn page(url: &str) -> Self {
        Self::by(Way::Page(Secret::new(url.to_owned())))
    }

    const fn by(way: Way) -> Self {
        Self { way, from: None, poll: None, timeout: None, size: None }
    }

    /// Asked once nothing can come from the popup itself any more: it was closed, or its page cut itself off (`Cross-Origin-Opener-Policy`). At first at once, then after 1 s, at last every 5 s, until the
    /// sign-in ends. `Ok(None)`: nothing yet; so is what fails otherwise than with [`AcquireError::Refused`].
    #[must_use]
    pub fn poll<P, F>(mut self, poll: P) -> Self
    where
        P: Fn(PollRequest) -> F + 'static,
        F: Future<Output = Result<Option<Grant>, AcquireError>> + 'static,
    {
        self.poll = Some(Callback::new(move |request| answered(poll(PollRequest::read(&request)))));
        self
    }

    /// The origin that the result may come from. Default: that of the redirect address, or of the page.
    #[must_use]
    pub fn from(mut self, origin: &str) -> Self {
        self.from = Some(origin.to_owned());
        self
    }

    /// How long the whole may take. Default five minutes, at most an hour.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Size of the popup, in CSS pixels. Default 480 × 640.
    #[must_use]
    pub const fn size(mut self, width: u32, height: u32) -> Self {
        self.size = Some([width, height]);
        self
    }

    pub(super) fn to_js(&self) -> Object {
        let object = record();
        match &self.way {
            Way::OAuth { request, exchange } => {
                put(&object, "oauth", request.to_js());
                put(&object, "exchange", exchange.to_js());
            }
            Way::Page(url) => put(&object, "url", url.expose()),
        }
        put_given(&object, "from", self.from.as_deref());
        put_given(&object, "poll", self.poll.as_ref().map(Callback::to_js));
        put_given(&object, "timeoutMs", self.timeout.map(milliseconds));
        put_given(&object, "width", self.size.map(|[width, _]| width));
        put_given(&object, "height", self.size.map(|[_, height]| height));
        object
    }
}

impl PollRequest {
    fn read(request: &JsValue) -> Self {
        Self {
            state: Secret::new(text_of(request, "state").unwrap_or_default()),
            code_verifier: text_of(request, "codeVerifier").map(Secret::new),
            redirect_uri: text_of(request, "redirectUri"),
        }
    }
}

impl SignInResult {
    fn read(result: &JsValue) -> Self {
        let PollRequest { state, code_verifier, redirect_uri } = PollRequest::read(result);
        Self {
            code: text_of(result, "code").map(Secret::new),
            data: Secret::new(property(result, "data")),
            state,
            code_verifier,
            redirect_uri,
        }
    }
}

// Without the redirect address, whose query is the application's own.
impl fmt::Debug for PollRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PollRequest").field("state", &self.state).field("code_verifier", &self.code_verifier).finish_non_exhaustive()
    }
}

impl fmt::Debug for SignInResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SignInResult");
        shown.field("code", &self.code).field("data", &self.data).field("state", &self.state);
        shown.field("code_verifier", &self.code_verifier).finish_non_exhaustive()
    }
}
