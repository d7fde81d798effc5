//! Sign-in state for widgets that live in an iframe inside somebody else's page.
//!
//! [`core`] decides, [`dialect`] translates, `browser` does, `bindings` exports; see `ARCHITECTURE.md`.

pub mod core;
pub mod dialect;

#[cfg(target_arch = "wasm32")]
pub mod browser;

#[cfg(all(target_arch = "wasm32", feature = "bindings"))]
mod bindings;

#[cfg(target_arch = "wasm32")]
pub use crate::browser::{Bridge, Subscription};
pub use crate::core::{Account, AuthStatus, Config, ConnectionState, Environment, Error, Grant, Reason, Secret, SessionView};
