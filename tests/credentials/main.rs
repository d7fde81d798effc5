//! Scenarios of a sign-in that lasts: the credential store, the lease, the refresh, the clocks.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "../support/mod.rs"]
mod support;

mod access_token;
mod clocks;
mod host_identity;
mod memory;
mod redaction;
mod refresh;
mod sign_out;
mod site;
mod store;
mod store_failures;
