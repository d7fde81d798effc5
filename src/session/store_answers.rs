//! What the credential store has done, or could not do, and what that leads to.

use std::rc::Rc;

use super::credentials::{Done, Outcome, TokenSource};
use super::intent::Asker;
use super::session::Session;
use super::{AcquireReason, Answer, AuthStatus, Dialect, Error, Event, Grant, Millis, Pause, Reason, SharedStatus, Snapshot, StoreFailure};

impl<F, D: Dialect<F>> Session<F, D> {
    /// A task is done, or has failed.
    pub(super) fn task_done(&mut self, now: Millis, id: u32, result: Result<Option<Rc<Grant>>, StoreFailure>) {
        let Some(Done { answer, seen, askers, outcome }) = self.store.done(id, result) else {
            return;
        };
        if self.closed() {
            return;
        }
        let seen = seen.as_ref();
        match outcome {
            Outcome::Looked { reason, pause, credential } => {
                self.adopt(now, pause);
                if let Some(reason) = reason {
                    self.looked(now, reason, answer, seen, pause, credential);
                }
            }
            Outcome::Lease { id, credential } => self.lease_answered(now, id, answer, seen, credential),
            Outcome::LeaseLost => self.overtaken(now, seen),
            Outcome::Refreshed { version, credential } => self.refresh_stored(now, answer, seen, &version, credential),
            Outcome::Kept { version } => self.kept(now, answer, seen, &version),
            Outcome::Nothing => {}
        }
        self.know_store();
        self.show(now);
        for asker in askers {
            self.answer(now, asker, Ok(()));
        }
    }

    /// The credential store is late with a task, or with several: they have failed.
    pub(super) fn store_is_late(&mut self, now: Millis) {
        while let Some(id) = self.store.late(now) {
            self.task_done(now, id, Err(StoreFailure::Unavailable));
        }
    }

    /// What waited for the first answer of the store can be done now.
    pub(super) fn know_store(&mut self) {
        if self.store.know() {
            self.read();
        }
    }

    /// Tries again what the store could not do.
    pub(super) fn keep_up(&mut self, now: Millis) {
        self.store.stop_upkeep();
        if !self.record.replica.authorized() {
            self.wipe(now);
        } else if self.auth.grant.is_some() {
            self.store_held(now, Asker::None);
        }
    }

    // Another tab has failed, and all wait with it.
    fn adopt(&mut self, now: Millis, pause: Option<Pause>) {
        if let Some(pause) = pause {
            pause.adopt(&mut self.backoff, now, self.wall.at(now));
        }
    }

    fn store_failed(&mut self) {
        self.emit(Event::Failed(Error::CredentialStoreUnavailable));
    }

    // The store was looked into.
    fn looked(
        &mut self,
        now: Millis,
        reason: AcquireReason,
        answer: Answer,
        seen: Option<&Snapshot>,
        pause: Option<Pause>,
        credential: Option<Rc<Grant>>,
    ) {
        if answer == Answer::Damaged {
            return self.credential_is_damaged();
        }
        if seen.is_some_and(|seen| self.record.replica.merge(seen)) {
            self.record.unannounced = true;
            self.read();
        }
        let current = *self.snapshot();
        if current.status == SharedStatus::Unauthorized {
            self.drop_account(current.reason);
            if seen.is_some_and(|seen| *seen != current) {
                self.wipe(now);
            }
            return;
        }
        let authorized = self.auth.status == AuthStatus::Authorized;
        match credential {
            // That user is not shown: the other one follows.
            #[cfg(feature = "credentials")]
            Some(grant) if self.record.displaces(&grant.account) => {}
            Some(grant) if seen == Some(&current) && self.record.is_current(&grant.account) => {
                let reason = match reason {
                    _ if authorized => Reason::Refresh,
                    AcquireReason::Restore => Reason::Restore,
                    _ => Reason::OtherTab,
                };
                // What the store has, the application need not be asked for.
                self.call_off(|pending| matches!(pending, AcquireReason::Restore | AcquireReason::OtherTab));
                self.hold(now, grant, reason);
                self.adopt(now, pause);
            }
            // Another tab renewed it, but not in the store: what we hold may still do, or what our own refresh brings.
            _ if authorized && self.auth.grant.is_some() => {
                if self.refresh.is_idle() {
                    // A store that fails says nothing: the attempts that failed before are not made good by it.
                    if answer != Answer::Unavailable {
                        self.plan_refresh(now, self.auth.until, TokenSource::Elsewhere);
                    }
                    self.settle(Ok(()));
                }
            }
            _ => self.ask(now, reason, None, Asker::None),
        }
        // That it failed does not mean that nothing is there.
        if answer == Answer::Unavailable {
            self.store_failed();
            self.try_again(now, reason, None, None);
        }
    }

    // The store has taken the result of a refresh, or not.
    fn refresh_stored(&mut self, now: Millis, answer: Answer, seen: Option<&Snapshot>, next: &Snapshot, credential: Option<Rc<Grant>>) {
        if answer == Answer::Overtaken {
            return self.overtaken(now, seen);
        }
        if answer != Answer::Done {
            self.store_failed();
        }
        // Unless a user signed out meanwhile.
        if self.record.replica.merge(next) {
            match credential {
                Some(grant) => self.hold(now, grant, Reason::Refresh),
                None => self.drop_account(next.reason),
            }
        } else {
            self.refresh.stored();
            self.settle(Ok(()));
        }
        if answer == Answer::Unavailable && *next == *self.snapshot() {
            self.store.keep_later(now);
        }
        self.read();
    }

    // The store has taken a sign-in or a sign-out, or not.
    fn kept(&mut self, now: Millis, answer: Answer, seen: Option<&Snapshot>, version: &Snapshot) {
        match answer {
            Answer::Unavailable => {
                self.store_failed();
                // Unless something newer is on its way there.
                if *version == *self.snapshot() {
                    self.store.keep_later(now);
                }
            }
            Answer::Absent if version.status == SharedStatus::Authorized => self.store_failed(),
            Answer::Overtaken => self.learn_from_store(now, seen),
            _ => {}
        }
        if answer != Answer::Unavailable {
            self.store.works();
        }
        // Now it may be announced.
        self.read();
    }
}
