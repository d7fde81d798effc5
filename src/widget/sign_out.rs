use crate::session::Reason;

/// Why [`Bridge::sign_out`](super::Bridge::sign_out) signs the user out: the [`Reason`] that every tab and the host then see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignOutReason {
    /// The user asked for it.
    #[default]
    User,
    /// A server said no.
    Refused,
    /// The session ran out.
    Expired,
}

impl SignOutReason {
    /// The word in JavaScript.
    pub const fn as_str(self) -> &'static str {
        self.reason().as_str()
    }

    const fn reason(self) -> Reason {
        match self {
            Self::User => Reason::User,
            Self::Refused => Reason::Refused,
            Self::Expired => Reason::Expired,
        }
    }
}

impl From<SignOutReason> for Reason {
    fn from(reason: SignOutReason) -> Self {
        reason.reason()
    }
}
