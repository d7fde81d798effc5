//! The Rust face in a real browser, at top level: `wasm-pack test --headless --chrome`.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod acquire;
mod bridge;
mod closing;
mod embed;
mod fixtures;
mod futures;
mod letting_go;
mod listeners;
mod messages;
mod options;
mod page;
mod page_life;
mod peer;
mod popups;
mod shared_record;
mod storage_tiers;
mod untrusted;
mod values;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);
