//! What measuring the first version taught: requirements D52 to D63 and the findings behind them, as far as the core decides them.

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

mod destruction;
mod epochs;
mod fixtures;
mod identity;
mod messages;
mod pauses;
mod retry;
mod sign_in;
mod times;
