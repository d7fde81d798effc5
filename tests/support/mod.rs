//! What the native tests share: untrusted values as JSON, a tab that does what its session says as the browser's driver does, and a browser
//! in which several tabs share one record that each of them sees late.

// Each test target uses some of it.
#![allow(
    dead_code,
    unused_imports,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod browser;
mod credential_store;
mod grants;
mod json;
mod tab;

pub(crate) use browser::Browser;
pub(crate) use credential_store::{CredentialStore, StoreTask};
pub(crate) use grants::{grant, grant_with, read_grant};
pub(crate) use json::{JsonDecoder, UNDEFINED, read_stored, to_value};
pub(crate) use tab::{Asked, HOST, Machine, Said, Tab, config, writer};
