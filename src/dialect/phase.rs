use crate::session::{AuthStatus, Millis};

/// How far a conversation is in which the widget speaks first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// The application is not ready yet.
    #[default]
    Silent,
    /// It is known only later whether a user is signed in: until then at most.
    Holding(Millis),
    /// The widget has spoken.
    Open,
    /// The page goes away.
    Over,
}

impl Phase {
    /// Whether this status is to be said now: it is established, and the host may be spoken to.
    pub(super) const fn says(self, status: AuthStatus) -> bool {
        matches!(self, Self::Holding(_) | Self::Open) && matches!(status, AuthStatus::Unauthorized | AuthStatus::Authorized)
    }

    /// When it has to be said however it stands.
    pub(super) const fn due(self) -> Option<Millis> {
        if let Self::Holding(until) = self { Some(until) } else { None }
    }
}
