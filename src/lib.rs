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
#[cfg(any(feature = "webex", feature = "webex-bindings"))]
pub mod webex;

pub mod session;

// It has nothing to speak without a protocol: a backend's wasm is built without both.
#[cfg(all(target_arch = "wasm32", feature = "native"))]
pub mod browser;

#[cfg(all(target_arch = "wasm32", feature = "bindings"))]
mod bindings;

#[cfg(all(target_arch = "wasm32", feature = "native"))]
pub use crate::browser::{Bridge, Subscription};
pub use crate::session::{Account, AuthStatus, Config, ConnectionState, Environment, Error, Grant, Reason, Secret, SessionView};
