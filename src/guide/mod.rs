//! One page for each task of a widget written in Rust.

#[doc = include_str!("connect.md")]
pub mod connect {}

#[doc = include_str!("sign_in.md")]
pub mod sign_in {}

#[doc = include_str!("tokens.md")]
pub mod tokens {}

#[doc = include_str!("messages.md")]
pub mod messages {}

#[doc = include_str!("values.md")]
pub mod values {}

#[doc = include_str!("embed.md")]
pub mod embed {}

#[doc = include_str!("build.md")]
pub mod build {}
