//! Whatever arrives from outside: no panic, nothing believed, everything bounded (D8, D9, D11, D14).

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "../support/mod.rs"]
mod support;

mod errors;
mod fields;
mod limits;
mod random;
mod random_values;
