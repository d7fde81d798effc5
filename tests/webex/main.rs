//! A line of Webex Calling in virtual time: each row of the reference, and ten thousand registrars and users.

#![cfg(all(feature = "webex", not(target_arch = "wasm32")))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod handover;
mod line;
mod random;
mod requests;
mod waits;
mod world;
