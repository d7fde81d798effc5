//! Scenarios of the session: one tab, several tabs, the host, the shared record, the page's life.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::string_slice,
    clippy::type_complexity,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "../support/mod.rs"]
mod support;

mod acquire;
mod closing;
mod determinism;
mod fixtures;
mod identity;
mod limits;
mod moves;
mod one_tab;
mod page_life;
mod parent;
mod several_tabs;
mod shared_record;
