//! What hosts speak: one machine a protocol, each behind the core's [`Dialect`](crate::session::Dialect) trait. They translate and
//! remember their conversation; who is signed in is the core's affair.

#[cfg(feature = "dialects")]
mod any;
#[cfg(feature = "native")]
pub mod native;
#[cfg(feature = "ringcentral")]
mod ringcentral;
#[cfg(feature = "xbees")]
mod xbees;

#[cfg(feature = "dialects")]
pub use any::{Any, AnyMessage};
#[cfg(feature = "native")]
pub use native::{Native, NativeMessage};
#[cfg(feature = "ringcentral")]
pub use ringcentral::{RingCentral, RingCentralMessage};
#[cfg(feature = "xbees")]
pub use xbees::{Xbees, XbeesMessage};
