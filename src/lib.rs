//! Sign-in state for widgets that live in an iframe inside another site's page.
//!
//! [`session`] decides, [`dialect`] translates, `browser` does, `bindings` exports; `ethora` is for backends, `webex` keeps a line; see `ARCHITECTURE.md`.

// Whatever else a host speaks, the native protocol is with it. It has nothing to speak without one: a backend is built without.
#[cfg(feature = "native")]
pub mod dialect;
#[cfg(feature = "ethora")]
pub mod ethora;
#[cfg(any(feature = "ethora", feature = "webex"))]
pub mod http;
#[cfg(feature = "webex")]
pub mod webex;

pub mod session;

// On other targets than wasm32 these compile, so that editors and documentation show them; a call panics there.
#[cfg(feature = "browser")]
mod bindings;
#[cfg(feature = "browser")]
#[doc(hidden)]
pub mod browser;
#[cfg(feature = "host")]
pub mod host;
#[cfg(feature = "interop")]
mod interop;
#[cfg(feature = "widget")]
pub mod widget;

#[cfg(feature = "interop")]
pub use crate::interop::{BridgeError, Subscription};
pub use crate::session::{Account, AcquireReason, AuthStatus, ConnectionState, Credentials, Error, Grant, Reason, Secret, SessionView};
#[cfg(feature = "widget")]
pub use crate::widget::{
    AcquireError, AcquireRequest, Bridge, Environment, Finding, OAuth, Options, PollRequest, Rejected, SignIn, SignInResult, Storage,
};
