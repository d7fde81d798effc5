//! The widget's half for widgets written in Rust: the face of the npm package with the types of Rust.
//!
//! It is the same product, not a second one: the core of this crate decides, and what is around it (the credential store, popups, locks, the application's own messages) is the TypeScript half, which
//! the crate carries as one file, `authframe.js`. `docs/decisions/0034-the-rust-face.md` says why.
//!
//! | file | what for |
//! | --- | --- |
//! | `options.rs`, `sign_in.rs`, `sign_out.rs`, `acquire.rs` | what the application gives |
//! | `facts.rs`, `environment.rs` | what it gets |
//! | `storage.rs` | its own values |
//! | `js.rs`, `authframe.js` | the TypeScript half |

mod acquire;
mod eager;
mod environment;
mod facts;
mod js;
mod options;
#[cfg(feature = "ringcentral")]
mod ringcentral;
mod sign_in;
mod sign_out;
mod storage;
#[cfg(feature = "xbees")]
mod xbees;

use std::fmt;
use std::future::Future;
use std::rc::{Rc, Weak};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

pub use self::acquire::{AcquireError, AcquireRequest};
use self::eager::handled;
pub use self::environment::{Environment, Evidence, RefreshGuard, Scope, Shares};
pub use self::facts::Finding;
use self::js::JsBridge;
pub use self::options::Options;
#[cfg(feature = "ringcentral")]
pub use self::ringcentral::{RingCentral, RingCentralLogin, RingCentralOptions, RingCentralPresence, RingCentralService};
pub use self::sign_in::{OAuth, PollRequest, SignIn, SignInResult};
pub use self::sign_out::SignOutReason;
pub use self::storage::Storage;
#[cfg(feature = "xbees")]
pub use self::xbees::{Xbees, XbeesOptions};
use crate::bindings;
use crate::interop::{
    AbortOnDrop, BridgeError, HandlerError, Peer, Rejected, Subscription, error_of, from_value, function, grant_to_js, peer_methods, put,
    record, settled, timeout_option, to_value,
};
use crate::session::{ConnectionState, Grant, Id, SessionView};

/// The widget's end of the conversation with the page that embeds it, and with its other tabs. Clones are the same bridge; when the last one is dropped, it is closed.
///
/// ```no_run
/// use authframe::{Account, AuthStatus, Bridge, Options};
///
/// # async fn widget() -> Result<(), authframe::BridgeError> {
/// let bridge = Bridge::connect(Options::new(["https://crm.example.com"])).await?;
/// let subscription = bridge.subscribe(|session| {
///     if session.status == AuthStatus::Authorized { /* show what is private */ }
/// });
/// bridge.authorize(&Account::new("u-17", Some("Ada"))?.into()).await?;
/// # drop(subscription);
/// # Ok(())
/// # }
/// ```
///
/// A getter of the page that the bridge is reading may call it: what would change something or has to be read then fails with `REENTRANT_CALL`, whatever its list of errors says.
///
/// A future that is dropped asks for nothing more: a `connect` is taken back, a sign-in window is closed, an answer is not waited for.
#[derive(Clone)]
pub struct Bridge {
    shared: Rc<Shared>,
}

struct Shared {
    js: JsBridge,
    // The core calls it as long as the bridge lives.
    _open: Closure<Open>,
}

/// A bridge for its own closures: it does not keep the bridge open.
///
/// ```no_run
/// # fn widget(bridge: &authframe::Bridge) -> Result<(), authframe::BridgeError> {
/// let weak = bridge.downgrade();
/// bridge.handle("who", move |(): ()| {
///     let account = weak.upgrade().and_then(|bridge| bridge.session().account);
///     async move { Ok(account.map(|account| account.subject().to_owned())) }
/// })?.forever();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct WeakBridge(Weak<Shared>);

impl WeakBridge {
    /// The bridge, as long as there is a clone of it elsewhere.
    pub fn upgrade(&self) -> Option<Bridge> {
        self.0.upgrade().map(|shared| Bridge { shared })
    }
}

type Open = dyn Fn(bindings::CoreOptions, bindings::Sink) -> Result<bindings::Core, JsValue>;

impl Bridge {
    /// Makes a bridge: reads what other tabs have written, and begins to shake hands. It does not wait for the host: see [`on_connection`](Self::on_connection). In a page that is being prerendered it
    /// waits until the page is shown, and for a bridge of the same namespace that is being closed until that is gone.
    ///
    /// # Errors
    /// `CONFIG_ORIGIN_REQUIRED`, `CONFIG_ORIGIN_INVALID`, `CONFIG_INVALID`, `NAMESPACE_IN_USE`, `HOST_NOT_ALLOWED`, `OPAQUE_ORIGIN`, `ENV_UNSUPPORTED`.
    pub async fn connect(options: Options) -> Result<Self, BridgeError> {
        let open = Closure::<Open>::new(|options: bindings::CoreOptions, sink| bindings::open(&options, sink).map_err(JsValue::from));
        let (mut unwanted, signal) = AbortOnDrop::new();
        let js = settled(js::connect(&options.to_js(&signal), open.as_ref(), cfg!(feature = "dialects"))).await?.unchecked_into();
        unwanted.disarm();
        Ok(Self { shared: Rc::new(Shared { js, _open: open }) })
    }

    /// For closures that the bridge itself is given.
    pub fn downgrade(&self) -> WeakBridge {
        WeakBridge(Rc::downgrade(&self.shared))
    }

    /// This tab, as the writer of a session names it.
    pub fn id(&self) -> Id {
        Id::from_text(&self.js().id()).unwrap_or_default()
    }

    /// Who is signed in, now.
    pub fn session(&self) -> SessionView {
        facts::session(self.js().session())
    }

    peer_methods!();

    /// What went wrong last, if anything: the host was not reached (`VERSION_MISMATCH`, `OPAQUE_ORIGIN`), a stored credential was lost (`CREDENTIAL_DAMAGED`), credentials cannot be stored or destroyed
    /// for now (`CREDENTIAL_STORE_UNAVAILABLE`), or `acquire` gave something that is no grant.
    pub fn failure(&self) -> Option<BridgeError> {
        error_of(self.js().failure())
    }

    /// How much was dropped here, and why. From inside a getter that is being read, and of a closed bridge: as it was last.
    pub fn rejected(&self) -> Rejected {
        Rejected::read(&self.js().rejected())
    }

    /// Calls `listener` at once with the session and after every change.
    pub fn subscribe(&self, listener: impl Fn(&SessionView) + 'static) -> Subscription {
        let listener = function::<dyn Fn(JsValue)>(move |session| listener(&facts::session(session)));
        Subscription::new(self.js().subscribe(&listener))
    }

    /// Asks the host to sign the user in. Whether it named a user. It waits for five minutes.
    ///
    /// # Errors
    /// `NO_HANDLER` if the host never does, `REQUEST_TIMEOUT`, `DISCONNECTED`, `HANDLER_FAILED`, `RATE_LIMITED`, `QUEUE_FULL`, `CLOSED`.
    pub async fn request_sign_in(&self) -> Result<bool, BridgeError> {
        self.sign_in_requested(None).await
    }

    /// The same, and waits as long as you say: 1 ms to 10 minutes.
    ///
    /// # Errors
    /// As [`request_sign_in`](Self::request_sign_in), and `CONFIG_INVALID` for another timeout.
    pub async fn request_sign_in_within(&self, timeout: Duration) -> Result<bool, BridgeError> {
        self.sign_in_requested(Some(timeout)).await
    }

    async fn sign_in_requested(&self, timeout: Option<Duration>) -> Result<bool, BridgeError> {
        Ok(settled(self.js().request_sign_in(&timeout_option(timeout))).await?.is_truthy())
    }

    /// Signs a user in with a popup. **Call it in the click:** the window opens before it returns, or the browser blocks it. `None`: as [`Options::sign_in`] says. The future ends when a user is signed in,
    /// be it by another tab; dropped, it cancels the sign-in.
    ///
    /// A [`SignIn`] says how the user signs in: of the default only the timeout and the size are taken, where it has none of its own.
    ///
    /// # Errors
    /// `SIGN_IN_BLOCKED`, `SIGN_IN_CANCELLED`, `SIGN_IN_REFUSED`, `SIGN_IN_FAILED`, `SIGN_IN_TIMEOUT`, `SIGN_IN_UNCONFIRMED`, `SIGN_IN_PENDING`, `ACCOUNT_INVALID`, `INVALID_STATE`, `CONFIG_INVALID`,
    /// `ENV_UNSUPPORTED`, `CLOSED`.
    pub fn sign_in(&self, sign_in: Option<&SignIn>) -> impl Future<Output = Result<(), BridgeError>> + use<> {
        let options = sign_in.map_or_else(record, SignIn::to_js);
        let (mut unwanted, signal) = AbortOnDrop::new();
        put(&options, "signal", signal);
        let outcome = handled(self.js().sign_in(&options));
        async move {
            let outcome = outcome.await;
            unwanted.disarm();
            outcome.map(drop)
        }
    }

    /// The application's own sign-in has begun: the status is `Authorizing` until [`authorize`](Self::authorize) or [`sign_out`](Self::sign_out).
    ///
    /// # Errors
    /// `INVALID_STATE` if a user is signed in, `CLOSED`.
    pub async fn begin_sign_in(&self) -> Result<(), BridgeError> {
        settled(self.js().begin_sign_in()).await.map(drop)
    }

    /// Signs an account in, in every tab that it reaches, and at every host. Ends when that holds.
    ///
    /// # Errors
    /// `ACCOUNT_INVALID`, `TOKEN_INVALID`, `LIFETIME_INVALID`, `CLOSED`.
    pub async fn authorize(&self, grant: &Grant) -> Result<(), BridgeError> {
        settled(self.js().authorize(&grant_to_js(grant))).await.map(drop)
    }

    /// Signs the user out, everywhere. Ends when that holds.
    ///
    /// # Errors
    /// `CLOSED`.
    pub async fn sign_out(&self, reason: SignOutReason) -> Result<(), BridgeError> {
        let options = record();
        put(&options, "reason", reason.as_str());
        settled(self.js().sign_out(&options)).await.map(drop)
    }

    /// A way out where a shared record that authframe did not make keeps this widget from working: signs the user out in every tab and writes over what stands there.
    ///
    /// # Errors
    /// `CLOSED`.
    pub async fn reset(&self) -> Result<(), BridgeError> {
        settled(self.js().reset()).await.map(drop)
    }

    /// An access token that is good for at least five seconds more, renewed by `acquire` if need be.
    ///
    /// # Errors
    /// `NOT_AUTHORIZED`, `TOKEN_EXPIRED` (nothing renews it), `REFRESH_FAILED`, `CLOSED`.
    pub async fn access_token(&self) -> Result<String, BridgeError> {
        self.access_token_for(Duration::from_secs(5)).await
    }

    /// The same, good for at least so long. [`Duration::MAX`]: renewed now.
    ///
    /// # Errors
    /// As [`access_token`](Self::access_token).
    pub async fn access_token_for(&self, validity: Duration) -> Result<String, BridgeError> {
        let options = record();
        put(&options, "minValidity", if validity == Duration::MAX { f64::INFINITY } else { validity.as_secs_f64() * 1000.0 });
        let token = settled(self.js().access_token(&options)).await?;
        Ok(token.as_string().unwrap_or_default())
    }

    /// Values of the application's own.
    pub fn storage(&self) -> Storage {
        Storage(self.js().storage())
    }

    /// Where the widget stands and which tabs its changes reach.
    ///
    /// # Errors
    /// Code `OTHER` if the page keeps it from being found out.
    pub fn environment(&self) -> Result<Environment, BridgeError> {
        self.js().environment().map(|read| Environment::read(&read)).map_err(BridgeError::from_js)
    }

    /// What is wrong here and what to do about it, the gravest first.
    ///
    /// # Errors
    /// Code `OTHER` if the page keeps it from being found out.
    pub async fn diagnose(&self) -> Result<Vec<Finding>, BridgeError> {
        Ok(Finding::read_all(&settled(self.js().diagnose()).await?))
    }

    /// The host, if it is x-bees.
    #[cfg(feature = "xbees")]
    pub fn xbees(&self) -> Option<Xbees> {
        self.dialect("xbees").map(|host| Xbees(host.unchecked_into()))
    }

    /// The host, if it was written for RingCentral Embeddable.
    #[cfg(feature = "ringcentral")]
    pub fn ringcentral(&self) -> Option<RingCentral> {
        self.dialect("ringcentral").map(|host| RingCentral(host.unchecked_into()))
    }

    #[cfg(feature = "dialects")]
    fn dialect(&self, name: &str) -> Option<JsValue> {
        Some(crate::interop::property(self.js().as_ref(), name)).filter(JsValue::is_object)
    }

    /// Says goodbye; no listener, timer or port is left, and none of the closures that the bridge was given. Without a call when the last clone is dropped: a clone inside one of these closures is one,
    /// a [`WeakBridge`] is none.
    pub fn close(&self) {
        // From inside a getter that is being read it would throw: then a later drop closes.
        let _ = self.js().close();
    }

    fn js(&self) -> &JsBridge {
        &self.shared.js
    }

    fn peer(&self) -> &Peer {
        self.shared.js.unchecked_ref()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let _ = self.js.close();
    }
}

/// Whether they are the same bridge.
impl PartialEq for Bridge {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.shared, &other.shared)
    }
}

impl Eq for Bridge {}

impl fmt::Debug for Bridge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge").field("id", &self.id()).finish_non_exhaustive()
    }
}
