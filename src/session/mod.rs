//! The state machine: who is signed in, who embeds us, what every tab knows. Pure: no JavaScript, no clock, no
//! randomness, no globals.
//!
//! # The contract
//!
//! 1. Time is an argument: [`Millis`] since any fixed moment, never falling ([`Clock`] makes it out of the browser's two clocks). The wall
//!    clock comes by [`Session::set_wall_clock`]. Randomness arrives as bytes.
//! 2. One `handle_*` or command at a time; then [`Session::take_outputs`] until it gives none; then
//!    [`Session::poll_timeout`] for the moment at which [`Session::handle_timeout`] is due.
//! 3. Outputs are performed in the order given. What they find out comes back as a new input
//!    ([`Output::Read`] → [`Session::handle_stored`], [`Output::OpenPort`] → [`Session::handle_port_opened`],
//!    [`Event::Acquire`] → [`Session::handle_acquired`], [`Event::CredentialStore`] → [`Session::handle_store_found`] inside the transaction and
//!    [`Session::handle_store_done`] after it).
//! 4. Wrong use is an [`Error`], wrong input a counted [`Refusal`]. Nothing panics.
//! 5. User callbacks run after the drain, with nothing borrowed, and may call anything.
//! 6. The same inputs at the same times give the same outputs, byte for byte.

mod account;
mod acquire;
mod auth;
mod backoff;
mod changes;
mod clock;
mod config;
mod connection;
mod credentials;
mod decode;
mod dialect;
mod encode;
mod error;
mod event;
mod grant;
mod host_link;
mod id;
mod identity;
mod inputs;
mod intent;
mod lifetime;
mod origin;
mod output;
mod page;
mod pause;
mod rate_limit;
mod reason;
mod record_sync;
mod renewal;
mod replica;
mod secret;
// The part is named after what it makes.
#[allow(clippy::module_inception)]
mod session;
mod status;
mod storage_tier;
mod store_answers;
mod tag;
mod timer;
mod view;
mod words;

pub use account::Account;
pub use acquire::{AcquireAbout, AcquireFailure, AcquireReason, Acquired};
pub use backoff::PauseCause;
pub use clock::{Clock, Millis, Timestamp};
#[cfg(feature = "dialects")]
pub use config::WEBVIEW;
pub use config::{Config, Credentials};
pub use connection::{ConnectionState, Parent, Source};
pub use credentials::{
    Answer, Content, Fence, Found, Kept, LEASE, Lease, Liveness, Lock, RefreshOutcome, StoreFailure, StoreRecord, Task, Urgency,
};
pub use decode::{Decoder, Malformed};
pub use dialect::{Dialect, DialectKind, Notice, Received};
pub use encode::{Encode, Encoder};
pub use error::{Error, Refusal};
pub use event::Event;
pub use grant::Grant;
pub use id::Id;
#[cfg(any(feature = "native", feature = "webex"))]
pub(crate) use id::hex;
pub use identity::Identity;
pub use origin::OriginPattern;
pub use output::Output;
pub use page::{OwnOrigin, PageHide};
pub use pause::Pause;
pub use rate_limit::TokenBucket;
pub use reason::Reason;
pub use replica::{Replica, SharedStatus, Snapshot, Stored};
pub use secret::Secret;
pub use session::Session;
pub use status::{AuthStatus, MOVES, Move};
pub use storage_tier::StorageTier;
pub use tag::SubjectTag;
pub use view::SessionView;
