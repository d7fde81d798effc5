//! What the application was asked for, and what is to be asked for again.

use std::rc::Rc;

use super::intent::Asker;
use super::{Encode, Encoder, Grant, Identity, Millis, Reason};

/// After so long an acquire has failed.
pub(super) const ACQUIRE_TIMEOUT: Millis = 30_000;

/// Why the application is asked for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcquireReason {
    /// A user was signed in when this page was last here.
    Restore,
    /// Another tab signed in.
    OtherTab,
    /// The host named a user.
    SignIn,
    /// The access token expires.
    Refresh,
}

impl AcquireReason {
    /// The reason that the status has because of it.
    pub(super) const fn cause(self) -> Reason {
        match self {
            Self::Restore => Reason::Restore,
            Self::OtherTab => Reason::OtherTab,
            Self::SignIn => Reason::SignIn,
            Self::Refresh => Reason::Refresh,
        }
    }
}

/// What an acquire is about.
#[derive(Clone, Debug)]
pub enum AcquireAbout {
    /// The user as the host named them, checked for its form only: what the application brings is accepted, and not this.
    Identity(Rc<Identity>),
    /// What is to be renewed.
    Credential(Rc<Grant>),
}

impl Encode for AcquireAbout {
    fn encode(&self, to: &mut dyn Encoder) {
        match self {
            Self::Identity(identity) => identity.encode(to),
            Self::Credential(grant) => grant.encode(to),
        }
    }
}

/// Why an acquire gave no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcquireFailure {
    /// Something went wrong.
    Failed,
    /// No user is signed in.
    NoUser,
    /// The server said no.
    Refused,
    /// Something went wrong, and the server has said not to ask again for so long, in milliseconds (`Retry-After`). At most a day.
    Later(Millis),
}

impl AcquireFailure {
    /// What a server has asked for.
    pub(super) const fn later(self) -> Option<Millis> {
        if let Self::Later(millis) = self { Some(millis) } else { None }
    }

    /// Whether it may pass.
    pub(super) const fn is_passing(self) -> bool {
        matches!(self, Self::Failed | Self::Later(_))
    }
}

/// What `acquire` brought.
pub type Acquired = Result<Rc<Grant>, AcquireFailure>;

/// At most one question to the application at a time: a newer one replaces it.
#[derive(Clone, Debug)]
pub(super) struct Acquiring {
    pub pending: Option<PendingAcquire>,
    pub again: Option<Again>,
    acquires: u32,
}

/// What the application has not answered yet.
#[derive(Clone, Debug)]
pub(super) struct PendingAcquire {
    pub id: u32,
    pub reason: AcquireReason,
    pub about: Option<AcquireAbout>,
    pub deadline: Millis,
    pub asker: Asker,
    pub visibility: Visibility,
}

/// Whether an attempt shows in the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Visibility {
    Shown,
    /// It leaves a status alone that it did not make.
    Silent,
}

/// An acquire that failed for a reason that may pass.
#[derive(Clone, Debug)]
pub(super) struct Again {
    pub at: Millis,
    pub reason: AcquireReason,
    pub about: Option<AcquireAbout>,
}

impl Acquiring {
    pub(super) const fn new() -> Self {
        Self { pending: None, again: None, acquires: 0 }
    }

    /// Asks anew. Gives the number of the question.
    pub(super) fn ask(&mut self, now: Millis, reason: AcquireReason, about: Option<AcquireAbout>, asker: Asker) -> u32 {
        self.acquires = self.acquires.wrapping_add(1);
        let (id, deadline) = (self.acquires, now.saturating_add(ACQUIRE_TIMEOUT));
        self.pending = Some(PendingAcquire { id, reason, about, deadline, asker, visibility: Visibility::Shown });
        id
    }

    /// Whether a user is being signed in, or will be tried again.
    pub(super) const fn is_trying(&self) -> bool {
        self.pending.is_some() || self.again.is_some()
    }

    /// The answer to the question of this number, if that is the newest.
    pub(super) fn answered(&mut self, id: u32) -> Option<PendingAcquire> {
        self.pending.take_if(|pending| pending.id == id)
    }

    /// Calls the question off that is open, if it is one of these.
    pub(super) fn cancel(&mut self, which: fn(AcquireReason) -> bool) -> Option<PendingAcquire> {
        self.pending.take_if(|pending| which(pending.reason))
    }

    /// What has failed is asked for again then.
    pub(super) fn retry(&mut self, at: Millis, reason: AcquireReason, about: Option<AcquireAbout>) {
        self.again = Some(Again { at, reason, about });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_question_can_be_answered_and_only_once() {
        let mut acquiring = Acquiring::new();
        let first = acquiring.ask(5, AcquireReason::Restore, None, Asker::None);
        let second = acquiring.ask(6, AcquireReason::SignIn, None, Asker::Host(1));
        assert!(acquiring.answered(first).is_none());
        let answered = acquiring.answered(second).unwrap();
        assert_eq!((answered.asker, answered.deadline), (Asker::Host(1), 6 + ACQUIRE_TIMEOUT));
        assert!(acquiring.answered(second).is_none());
    }

    #[test]
    fn only_what_is_meant_is_called_off() {
        let mut acquiring = Acquiring::new();
        acquiring.ask(5, AcquireReason::SignIn, None, Asker::None);
        assert!(acquiring.cancel(|reason| reason == AcquireReason::Refresh).is_none());
        assert!(acquiring.is_trying());
        assert!(acquiring.cancel(|_| true).is_some());
        assert!(!acquiring.is_trying());
        acquiring.retry(9, AcquireReason::Restore, None);
        assert!(acquiring.is_trying(), "what will be tried again counts");
    }
}
