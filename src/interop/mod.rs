//! What the faces for Rust users, `widget` and `host`, have in common: values, promises, errors and the messages of the application.

mod error;
mod future;
mod grant;
mod options;
mod peer;
mod rejected;
mod serde;
mod subscription;
mod value;

pub use self::error::BridgeError;
pub(crate) use self::error::error_of;
pub(crate) use self::future::{AbortOnDrop, callback, settled};
pub(crate) use self::grant::{grant_from_js, grant_to_js};
pub(crate) use self::options::{Callback, milliseconds, put_given};
pub(crate) use self::peer::{Peer, peer_methods, timeout_option};
pub use self::rejected::Rejected;
pub(crate) use self::serde::{from_value, to_value};
pub use self::subscription::Subscription;
pub(crate) use self::value::{account_of, function, number_of, property, put, record, text_of};
