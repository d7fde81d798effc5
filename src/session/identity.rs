//! What a host claims.

use super::Grant;

/// A user as the host knows it. The same shape as a [`Grant`]; what `acquire` makes of it becomes one.
pub type Identity = Grant;
