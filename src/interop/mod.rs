//! What the faces for Rust users, `widget` and `host`, have in common: values, promises, errors and the messages of the application.

mod deserializer;
mod error;
mod future;
mod grant;
mod handler;
mod options;
mod peer;
mod rejected;
mod serde;
mod serializer;
mod subscription;
mod unfit;
mod value;

pub use self::error::BridgeError;
pub(crate) use self::error::error_of;
pub(crate) use self::future::{AbortOnDrop, callback, settled};
pub(crate) use self::grant::{grant_from_js, grant_to_js};
pub use self::handler::HandlerError;
pub(crate) use self::handler::{handler_function, thrown};
pub(crate) use self::options::{Callback, milliseconds, put_given};
pub(crate) use self::peer::{Peer, peer_methods, timeout_option};
pub use self::rejected::Rejected;
pub(crate) use self::serde::{from_own_value, from_value, to_value};
pub use self::subscription::Subscription;
pub(crate) use self::value::{account_of, function, number_of, property, put, record, text_of, whole_of};
