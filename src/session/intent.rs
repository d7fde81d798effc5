//! A change that is wanted, and who waits for it.

use std::rc::Rc;

#[cfg(feature = "credentials")]
use super::Account;
use super::{Grant, Identity, Reason};

/// Who waits for the outcome of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    None,
    /// The host, under the dialect's token.
    Host(u64),
    /// The application, under the number of its call.
    App(u32),
}

/// A change that waits for the shared record to be read, because nothing is written before it is known what stands there.
#[derive(Clone, Debug)]
pub(super) enum Intent {
    SignIn(Rc<Grant>, Reason, Asker),
    SignOut(Reason, Asker),
    GiveUp(Reason, Asker),
    Acquire(Rc<Identity>, u64),
    /// The host names a user whom it has named before, in the session of this epoch.
    Repeat(Rc<Identity>, u64, u64),
}

impl Intent {
    /// Whether it may bring a user who has a token.
    pub(super) const fn brings_a_user(&self) -> bool {
        matches!(self, Self::SignIn(..) | Self::Acquire(..) | Self::Repeat(..))
    }

    /// Whether it ends with another user than this account, or none, in the session of this epoch.
    #[cfg(feature = "credentials")]
    pub(super) fn displaces(&self, account: &Account, epoch: u64) -> bool {
        match self {
            // Of a session that has ended it says nothing.
            Self::Repeat(_, _, since) if epoch > *since => false,
            Self::SignIn(grant, ..) => grant.account.subject() != account.subject(),
            Self::Acquire(identity, _) | Self::Repeat(identity, ..) => identity.account().subject() != account.subject(),
            Self::SignOut(..) => true,
            Self::GiveUp(..) => false,
        }
    }
}

#[cfg(test)]
#[cfg(feature = "credentials")]
mod tests {
    use super::*;

    fn named(subject: &str) -> Rc<Identity> {
        Rc::new(Account::new(subject, None).unwrap().into())
    }

    #[test]
    fn another_user_or_a_sign_out_displaces_an_account_and_giving_up_does_not() {
        let ada = Account::new("ada", None).unwrap();
        assert!(!Intent::Acquire(named("ada"), 1).displaces(&ada, 5));
        assert!(Intent::Acquire(named("bob"), 1).displaces(&ada, 5));
        assert!(Intent::SignOut(Reason::Host, Asker::None).displaces(&ada, 5));
        assert!(!Intent::GiveUp(Reason::User, Asker::None).displaces(&ada, 5));
    }

    #[test]
    fn a_user_who_is_named_again_counts_only_in_the_session_that_is_meant() {
        let ada = Account::new("ada", None).unwrap();
        assert!(Intent::Repeat(named("bob"), 1, 5).displaces(&ada, 5));
        assert!(!Intent::Repeat(named("bob"), 1, 5).displaces(&ada, 6));
    }
}
