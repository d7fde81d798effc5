//! Whether a user is signed in, and what can happen to that.

use super::Error;

/// Whether a user is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthStatus {
    /// Not established: at the start, while the page is hidden away, just after it came back.
    Unknown,
    /// No user is.
    Unauthorized,
    /// A sign-in is under way.
    Authorizing,
    /// A user is.
    Authorized,
}

/// What can happen to the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// A sign-in, a join or a restore begins.
    Begin,
    /// An account is signed in.
    Grant,
    /// No user is signed in any more, or the attempt failed.
    Revoke,
    /// The page is hidden away or has just come back.
    Suspend,
}

/// Every legal move. What is not listed is [`Error::InvalidState`].
///
/// `Begin` from `Authorized` is missing on purpose: a user is signed out before another one begins.
pub const MOVES: [(AuthStatus, Move, AuthStatus); 15] = {
    use AuthStatus::{Authorized, Authorizing, Unauthorized, Unknown};
    use Move::{Begin, Grant, Revoke, Suspend};
    [
        (Unknown, Begin, Authorizing),
        (Unknown, Grant, Authorized),
        (Unknown, Revoke, Unauthorized),
        (Unknown, Suspend, Unknown),
        (Unauthorized, Begin, Authorizing),
        (Unauthorized, Grant, Authorized),
        (Unauthorized, Revoke, Unauthorized),
        (Unauthorized, Suspend, Unknown),
        (Authorizing, Begin, Authorizing),
        (Authorizing, Grant, Authorized),
        (Authorizing, Revoke, Unauthorized),
        (Authorizing, Suspend, Unknown),
        (Authorized, Grant, Authorized),
        (Authorized, Revoke, Unauthorized),
        (Authorized, Suspend, Unknown),
    ]
};

impl Move {
    /// Where this move leads from `status`: [`MOVES`] in short, which the tests compare.
    ///
    /// # Errors
    /// [`Error::InvalidState`] if [`MOVES`] has no such row.
    pub fn from(self, status: AuthStatus) -> Result<AuthStatus, Error> {
        match self {
            Self::Begin if status == AuthStatus::Authorized => Err(Error::InvalidState),
            Self::Begin => Ok(AuthStatus::Authorizing),
            Self::Grant => Ok(AuthStatus::Authorized),
            Self::Revoke => Ok(AuthStatus::Unauthorized),
            Self::Suspend => Ok(AuthStatus::Unknown),
        }
    }
}
