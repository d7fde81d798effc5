//! What `js/widget/core/call.ts` can ask of a bridge.

pub(super) const START: u32 = 0;
pub(super) const RECEIVE: u32 = 1;
pub(super) const POST: u32 = 2;
pub(super) const ACCESS_TOKEN: u32 = 3;
pub(super) const FACTS: u32 = 4;
pub(super) const ALLOW: u32 = 5;
pub(super) const BEGIN_SIGN_IN: u32 = 6;
pub(super) const AUTHORIZE: u32 = 7;
pub(super) const SIGN_OUT: u32 = 8;
pub(super) const ACQUIRED: u32 = 9;
pub(super) const CLOSE: u32 = 10;
pub(super) const FOUND: u32 = 11;
pub(super) const STORE_DONE: u32 = 12;
pub(super) const RESET: u32 = 13;
#[cfg(feature = "dialects")]
pub(super) const TELL_DIALECT: u32 = 14;
#[cfg(feature = "dialects")]
pub(super) const ASK: u32 = 15;
#[cfg(feature = "dialects")]
pub(super) const DIALECT: u32 = 16;
