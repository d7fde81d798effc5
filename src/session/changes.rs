//! The changes of who is signed in: those that this tab was asked for, and those that it learns of.

use super::intent::{Asker, Intent};
use super::session::Session;
use super::{
    AcquireAbout, AcquireReason, AuthStatus, Dialect, Grant, Millis, Move, Reason, Refusal, Replica, SharedStatus, Snapshot, Timestamp,
};

/// Whether the account that all tabs share is the one that this tab knew of before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Continuity {
    SameAccount,
    /// Another one, or none was known.
    AnotherAccount,
}

impl<F, D: Dialect<F>> Session<F, D> {
    // What this tab was asked for

    /// Makes a change, now that it is known what stands in the shared record.
    pub(super) fn apply(&mut self, now: Millis, intent: Intent) {
        let epoch = self.snapshot().epoch;
        let asker = match intent {
            // Another tab's sign-in at the same moment is not meant.
            Intent::GiveUp(_, asker) if self.record.replica.authorized() => asker,
            Intent::GiveUp(reason, asker) => {
                let trying = self.acquiring.is_trying();
                self.cancel_acquire(now);
                if trying || self.auth.status != AuthStatus::Unauthorized {
                    self.drop_account(reason);
                }
                asker
            }
            Intent::Repeat(_, token, since) if epoch > since => Asker::Host(token),
            // That user is signed in: what the tabs have is newer, and what this tab does not have yet the credential store will give it.
            Intent::Repeat(identity, token, _)
                if self.record.replica.authorized()
                    && self.record.is_current(identity.account())
                    && (self.stores_credentials() || self.auth.grant.is_some()) =>
            {
                Asker::Host(token)
            }
            Intent::Repeat(identity, token, _) => return self.identify(now, token, identity, None),
            // What was looked for in the credential store meanwhile has been found.
            #[cfg(feature = "credentials")]
            Intent::Acquire(identity, token)
                if self.auth.held().is_some_and(|held| held.account.subject() == identity.account().subject()) =>
            {
                Asker::Host(token)
            }
            Intent::Acquire(identity, token) => {
                // A user who is signed in elsewhere, or was stored: between two users no user is signed in.
                #[cfg(feature = "credentials")]
                if self.record.replica.authorized() && !self.record.is_current(identity.account()) {
                    self.apply(now, Intent::SignOut(Reason::AccountSwitch, Asker::None));
                }
                return self.ask(now, AcquireReason::SignIn, Some(AcquireAbout::Identity(identity)), Asker::Host(token));
            }
            Intent::SignIn(grant, reason, asker) => self.sign_account_in(now, &grant, reason, asker),
            Intent::SignOut(reason, asker) => self.sign_user_out(now, reason, asker),
        };
        self.show(now);
        self.answer(now, asker, Ok(()));
    }

    // Gives back who waits, unless the credential store answers that.
    fn sign_user_out(&mut self, now: Millis, reason: Reason, asker: Asker) -> Asker {
        let trying = self.acquiring.is_trying();
        self.cancel_acquire(now);
        let shared = self.record.replica.authorized();
        let resetting = self.record.resetting;
        if resetting {
            self.end_pause();
        }
        if shared || resetting {
            self.record.replica.sign_out(self.tab, reason, self.wall.for_epochs(now));
            self.wipe(now);
        }
        if shared || trying || self.auth.status != AuthStatus::Unauthorized {
            self.drop_account(reason);
        }
        // For the application it holds when the credential is destroyed, or that is known to have failed.
        if matches!(asker, Asker::App(_)) && self.stores_credentials() && (shared || resetting) {
            self.store.wait(asker);
            return Asker::None;
        }
        asker
    }

    // Gives back who waits, unless the credential store answers that.
    fn sign_account_in(&mut self, now: Millis, grant: &Grant, reason: Reason, asker: Asker) -> Asker {
        let grant = self.auth.local(self.wall.at(now), grant);
        let current = *self.snapshot();
        let tag = self.record.tag(self.tab, &grant.account);
        let same = self.record.replica.authorized() && current.subject_tag == tag;
        let was = self.auth.status == AuthStatus::Authorized;
        // Nothing changes, nothing happens.
        if same && self.auth.held().is_some_and(|held| held.says_the_same_as(&grant)) {
            // It may still be on its way to the credential store.
            if self.storing_sign_in() {
                self.store.wait(asker);
                return Asker::None;
            }
            return asker;
        }
        self.cancel_acquire(now);
        self.end_pause();
        let reason = match (was, same) {
            (true, true) => Reason::Refresh,
            (true, false) => Reason::AccountSwitch,
            (false, _) => reason,
        };
        if was && !same {
            self.drop_account(Reason::AccountSwitch);
            self.show(now);
        }
        let expires_at = grant.expires_at.map(Timestamp::nearest);
        // What only this tab did not know yet is no news for the others: they are signed in as this account already, and a token in memory is this tab's own.
        let known = same && !self.stores_credentials() && self.auth.grant.is_none() && current.expires_at == expires_at;
        if !known {
            self.record.replica.sign_in(self.tab, reason, expires_at, tag, self.wall.for_epochs(now));
        }
        self.hold(now, grant, reason);
        if !self.stores_credentials() {
            return asker;
        }
        self.store_held(now, asker);
        Asker::None
    }

    // What this tab learns

    /// Another tab's change, or the state found at the start.
    pub(super) fn learn(&mut self, now: Millis, seen: &Snapshot) {
        let before = *self.snapshot();
        if self.record.replica.merge(seen) && self.record.resolved {
            let same = before.status == SharedStatus::Authorized && before.subject_tag == seen.subject_tag;
            self.follow(now, AcquireReason::OtherTab, if same { Continuity::SameAccount } else { Continuity::AnotherAccount });
        }
    }

    /// Does as all tabs do.
    pub(super) fn follow(&mut self, now: Millis, reason: AcquireReason, continuity: Continuity) {
        let same = continuity == Continuity::SameAccount;
        if !self.record.replica.authorized() {
            let reason = self.snapshot().reason;
            self.cancel_acquire(now);
            self.drop_account(reason);
            self.wipe(now);
            return self.show(now);
        }
        if self.auth.status == AuthStatus::Authorized {
            if same || self.auth.grant.as_ref().is_some_and(|held| self.record.is_current(&held.account)) {
                self.auth.reason = Reason::Refresh;
                if self.stores_credentials() {
                    self.look(now, reason);
                }
                return self.show(now);
            }
            self.drop_account(Reason::AccountSwitch);
            self.show(now);
        }
        // What is being acquired already is this account, or the user that the host has named meanwhile: it goes on.
        if self.acquiring.pending.as_ref().is_some_and(|pending| same || pending.reason == AcquireReason::SignIn) {
            return;
        }
        if self.stores_credentials() {
            self.cancel_acquire(now);
            let _ = self.auth.shift(Move::Begin, reason.cause());
            self.look(now, reason);
            return self.show(now);
        }
        self.ask(now, reason, None, Asker::None);
    }

    /// The shared record is empty. If it was emptied, that is a sign-out.
    pub(super) fn forget(&mut self, now: Millis) {
        if self.record.lives_on_it() {
            self.cancel_acquire(now);
            self.record.replica.sign_out(self.tab, Reason::StorageCleared, self.wall.for_epochs(now));
            self.drop_account(Reason::StorageCleared);
            self.wipe(now);
            self.show(now);
        }
    }

    /// The clock has gone back by more than any clock does: what this tab knows is beyond reason now, and every other tab takes it for damaged.
    pub(super) fn doubt_ourselves(&mut self, now: Millis) {
        if !self.snapshot().is_within_reason(self.wall.at(now)) {
            self.link.refuse(Refusal::Storage);
            self.cancel_acquire(now);
            self.record.replica = Replica::default();
            self.drop_account(Reason::StorageCleared);
            self.wipe(now);
            self.show(now);
        }
    }
}
