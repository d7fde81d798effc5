//! The only code that touches Web APIs: it feeds the [`Session`](crate::session::Session) and does what it says.
//!
//! | file | Web API |
//! | --- | --- |
//! | `driver.rs` | owns the session |
//! | `event.rs` | what listeners say to the driver |
//! | `decode.rs` | reads untrusted objects |
//! | `encode.rs` | none: makes objects of what leaves |
//! | `listeners.rs` | `message`, `messageerror`, `storage`, `online`, `pagehide`, `pageshow`, `visibilitychange`, `focus` |
//! | `dom.js`, `dom.rs` | the calls that are smaller as JavaScript, and nothing else |
//! | `port.rs` | the `MessageChannel` and its events |
//! | `storage.rs` | `localStorage`, `sessionStorage` |
//! | `location.rs` | where the page stands |

mod decode;
mod dom;
mod driver;
mod encode;
mod event;
mod listeners;
mod location;
mod port;
mod storage;

pub use decode::JsDecoder;
pub(crate) use dom::report_error;
pub(crate) use driver::{Driver, Machine};
pub(crate) use encode::{Views, to_js};
