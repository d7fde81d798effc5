//! Sign-in state for widgets that live in an iframe inside another site's page: a handshake with that page, one truth in every tab, tokens that are kept and renewed.
//!
//! ```no_run
//! use authframe::{Account, Bridge, Options};
//!
//! # async fn widget() -> Result<(), authframe::BridgeError> {
//! let bridge = Bridge::connect(Options::new(["https://crm.example.com"])).await?;
//! bridge.subscribe(|_session| { /* show its status and its account */ }).forever();
//! bridge.authorize(&Account::new("u-17", Some("Ada"))?.into()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! | you write | start at |
//! | --- | --- |
//! | a widget | [`Bridge`], [`guide`] |
//! | a page that embeds one | [`host`], [`guide::embed`] |
//! | a backend of Ethora or Webex | features `ethora` and `webex` |
//! | a driver of your own | [`session`], which decides and touches no browser, and [`dialect`], which translates |
//!
//! # Features
//!
//! | feature       | default  | what for                                                                        |
//! | ------------- | -------- | ------------------------------------------------------------------------------- |
//! | `widget`      | yes      | `Bridge`: the face for widgets                                                  |
//! | `host`        | yes      | `authframe::host`: the face for pages that embed one                            |
//! | `credentials` | yes      | credentials that outlive their tab: `Credentials::Sealed`, `DangerousPlaintext` |
//! | `xbees`       | yes      | hosts that speak x-bees: `Bridge::xbees`                                        |
//! | `ringcentral` | yes      | hosts that are written for RingCentral Embeddable: `Bridge::ringcentral`        |
//! | `native`      | by these | `authframe::dialect` for a driver of your own, without a browser                |
//! | `ethora`      | no       | `authframe::ethora`: tokens and requests of a backend, without a browser        |
//! | `webex`       | no       | `authframe::webex`: the same, and a line of Webex Calling                       |
//!
//! Take only what you need: a widget that no x-bees or RingCentral page embeds is 4 KB smaller (brotli) with
//! `default-features = false, features = ["widget", "credentials"]`.
//!
//! [`Bridge`] and [`host::Widget`] compile on every target, so that editors show them; they work in browsers.

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

// On other targets than wasm32 these compile, so that editors and documentation show them; a call panics there.
#[cfg(feature = "browser")]
mod bindings;
#[cfg(feature = "browser")]
#[doc(hidden)]
pub mod browser;
#[cfg(all(feature = "host", feature = "widget", any(doc, doctest)))]
pub mod guide;
#[cfg(feature = "host")]
pub mod host;
#[cfg(feature = "interop")]
#[allow(dead_code, unused_imports)] // One face alone does not need all of it.
mod interop;
#[cfg(feature = "widget")]
pub mod widget;

/// The README's Rust is compiled.
#[cfg(all(feature = "widget", doctest))]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(feature = "interop")]
pub use crate::interop::{BridgeError, HandlerError, Rejected, Subscription};
pub use crate::session::{Account, AcquireReason, AuthStatus, ConnectionState, Credentials, Error, Grant, Id, Reason, Secret, SessionView};
#[cfg(feature = "widget")]
pub use crate::widget::{
    AcquireError, AcquireRequest, Bridge, Environment, Finding, OAuth, Options, PollRequest, SignIn, SignInResult, SignOutReason, Storage,
    WeakBridge,
};
