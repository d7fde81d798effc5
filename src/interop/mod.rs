//! What the faces for Rust users, `widget` and `host`, have in common: values, promises, errors and the messages of the application.

mod error;
mod future;
mod grant;
mod peer;
mod rejected;
mod subscription;
mod value;

pub use self::error::BridgeError;
pub(crate) use self::future::{AbortOnDrop, callback, settled};
pub(crate) use self::grant::{grant_from_js, grant_to_js};
pub(crate) use self::peer::{Peer, peer_methods, timeout_option};
pub use self::rejected::Rejected;
pub use self::subscription::Subscription;
pub(crate) use self::value::{account_of, error_of, from_value, function, number_of, property, put, record, text_of, to_value};
