//! Renewing the access token: what the steps of a [`Refresh`](super::credentials::Refresh) lead to.

use std::rc::Rc;
use std::sync::Arc;

use super::credentials::{Brought, Moment, Refresh, Step};
use super::intent::{Asker, Intent};
use super::session::Session;
use super::{
    AcquireAbout, AcquireReason, Acquired, Answer, AuthStatus, Content, Dialect, Error, Event, Fence, Grant, Lock, Millis, Pause, Reason,
    RefreshOutcome, Secret, Snapshot, Task, Timestamp,
};

impl<F, D: Dialect<F>> Session<F, D> {
    /// An access token that is good for another `validity` milliseconds, or for as long as one can be had. `None`: not now; [`Event::Token`] says when to
    /// ask again.
    ///
    /// # Errors
    /// [`Error::NotAuthorized`]; [`Error::TokenExpired`] if nothing can renew it; [`Error::RefreshFailed`] if the last attempt failed and the next one
    /// waits; [`Error::Closed`].
    pub fn access_token(&mut self, now: Millis, validity: Millis) -> Result<Option<Secret<Arc<String>>>, Error> {
        self.open()?;
        let shown = self.view().status == AuthStatus::Authorized;
        let Some(token) = self.auth.grant.as_ref().filter(|_| shown).and_then(|grant| grant.access_token.clone()) else {
            let coming = self.is_coming();
            // Another caller may be waiting already.
            self.refresh.wanted |= coming;
            return if coming { Ok(None) } else { Err(Error::NotAuthorized) };
        };
        let left = self.auth.until.map_or(Millis::MAX, |until| until.saturating_sub(now));
        if left > validity {
            return Ok(Some(token));
        }
        if !self.config.acquire {
            return if left > 0 { Ok(Some(token)) } else { Err(Error::TokenExpired) };
        }
        if self.refresh.cooling(now) || self.backoff.server_end(now).is_some() {
            return if left > 0 { Ok(Some(token)) } else { Err(Error::RefreshFailed) };
        }
        self.refresh.wanted = true;
        if self.refresh.is_idle() {
            self.start_refresh(now);
        }
        Ok(None)
    }

    // Has the refresh take a step, and does what it leads to.
    fn step(&mut self, now: Millis, seen: Option<&Snapshot>, step: impl FnOnce(&mut Refresh, &mut Moment<'_>) -> Vec<Step>) {
        let mut moment = Moment { now, wall: self.wall.at(now), backoff: &mut self.backoff };
        for step in step(&mut self.refresh, &mut moment) {
            match step {
                Step::Take(urgency) => {
                    let task = self.ask_store(now, Task::Take { urgency }, None);
                    self.refresh.asked(now, task);
                }
                Step::Release(outcome, pause) => self.release_lease(now, outcome, pause),
                Step::Unlock => self.release_lock(),
                Step::Acquire(stored) => {
                    let credential = stored.filter(|grant| self.record.is_current(&grant.account)).or_else(|| self.auth.grant.clone());
                    self.ask(now, AcquireReason::Refresh, credential.map(AcquireAbout::Credential), Asker::None);
                }
                Step::Overtaken => self.overtaken(now, seen),
                Step::Damaged => self.credential_is_damaged(),
                Step::Settle => self.settle(Ok(())),
                Step::SettleByLife => self.settle_by_life(now),
            }
        }
    }

    fn release_lease(&mut self, now: Millis, outcome: RefreshOutcome, pause: Option<Pause>) {
        if self.stores_credentials() {
            self.ask_store(now, Task::Release { outcome, pause }, None);
        }
    }

    pub(super) fn start_refresh(&mut self, now: Millis) {
        self.step(now, None, Refresh::start);
    }

    pub(super) fn renew_lease(&mut self, now: Millis) {
        self.refresh.renewed(now);
        self.ask_store(now, Task::Renew, None);
    }

    /// The browser has said who has the Web Lock: with tokens in memory that is all there is to know.
    pub(super) fn lock_answered(&mut self, now: Millis, task: u32) {
        if !self.closed() {
            let good = self.auth.is_good(now);
            self.step(now, None, |refresh, moment| refresh.locked(moment, task, good));
            self.show(now);
        }
    }

    pub(super) fn lock_found(&mut self, lock: Lock) {
        self.refresh.found_lock(lock);
    }

    pub(super) fn lock_is_late(&mut self, now: Millis) {
        self.step(now, None, Refresh::lock_is_late);
    }

    /// The credential store has said who has the lease.
    pub(super) fn lease_answered(
        &mut self,
        now: Millis,
        task: u32,
        answer: Answer,
        seen: Option<&Snapshot>,
        credential: Option<Rc<Grant>>,
    ) {
        let authorized = self.auth.status == AuthStatus::Authorized;
        // What this tab holds may be newer, if the credential store could not take it.
        let newer = seen.is_some_and(|seen| self.snapshot().beats(seen));
        let credential = credential.filter(|_| !newer);
        self.step(now, seen, |refresh, moment| refresh.taken(moment, task, answer, authorized, credential));
    }

    /// Another tab was faster.
    pub(super) fn overtaken(&mut self, now: Millis, seen: Option<&Snapshot>) {
        self.refresh.stop();
        self.call_off(|pending| pending == AcquireReason::Refresh);
        self.learn_from_store(now, seen);
        if self.record.replica.authorized() {
            self.look(now, AcquireReason::OtherTab);
        }
        self.read();
    }

    /// The credential store may know what the shared record does not know yet.
    pub(super) fn learn_from_store(&mut self, now: Millis, seen: Option<&Snapshot>) {
        if let Some(seen) = seen.filter(|seen| seen.beats(self.snapshot())) {
            self.record.unannounced = true;
            self.learn(now, seen);
        }
    }

    /// The stored credential cannot be read: the user is signed out, everywhere.
    pub(super) fn credential_is_damaged(&mut self) {
        self.emit(Event::Failed(Error::CredentialDamaged));
        // Before what the host has said meanwhile.
        self.record.intend_first(Intent::SignOut(Reason::CredentialLost, Asker::None));
        self.read();
    }

    /// Takes what a refresh brought.
    pub(super) fn refreshed(&mut self, now: Millis, result: &Acquired) {
        let current = result.as_ref().is_ok_and(|grant| self.record.is_current(&grant.account));
        let brought = self.refresh.brought(result, current, self.stores_credentials());
        match (brought, result) {
            (Brought::Token(fence), Ok(grant)) => self.token_renewed(now, grant, fence),
            (Brought::AnotherAccount, _) => {
                self.release_lease(now, RefreshOutcome::Known, None);
                self.drop_account(Reason::AccountMismatch);
            }
            (Brought::Failure(later), _) => self.refresh_failed(now, later),
            (Brought::End(reason, Fence::Lease), _) => {
                let mut next = self.record.replica.clone();
                next.sign_out(self.tab, reason, self.wall.for_epochs(now));
                let task = Task::Keep { content: Content::Nothing, fence: Fence::Lease, pause: None };
                self.ask_store_about(now, task, *next.current(), None);
            }
            (Brought::End(reason, Fence::Open), _) => {
                self.release_lease(now, RefreshOutcome::Known, None);
                self.release_lock();
                self.intend(Intent::SignOut(reason, Asker::None));
            }
            (Brought::TooLate | Brought::Token(_), _) => self.settle(Ok(())),
        }
    }

    fn token_renewed(&mut self, now: Millis, grant: &Grant, fence: Fence) {
        let wall = self.wall.at(now);
        let grant = self.auth.local(wall, grant);
        let until = grant.life(wall).map(|(left, _)| now.saturating_add(left));
        // A token that was dead on arrival is as bad as none.
        let dead = until.filter(|until| *until <= now).map(|_| self.backoff.pause_after_a_dead_token(now));
        if dead.is_some() {
            self.announce_pause();
        } else {
            self.end_pause();
        }
        if !self.stores_credentials() {
            return self.hold(now, grant, Reason::Refresh);
        }
        let mut next = self.record.replica.clone();
        let expires_at = grant.expires_at.map(Timestamp::nearest);
        next.sign_in(self.tab, Reason::Refresh, expires_at, next.current().subject_tag, self.wall.for_epochs(now));
        if fence == Fence::Lease {
            let pause = dead.map(|until| Pause::of(&self.backoff, now, wall, until));
            let task = Task::Keep { content: Content::Credential, fence, pause };
            self.ask_store_about(now, task, *next.current(), Some(grant));
            return;
        }
        // No lease protects us: what we have is as good as what others have.
        self.record.replica = next;
        self.hold(now, grant, Reason::Refresh);
        self.store_held(now, Asker::None);
    }

    /// The refresh brought no answer: the server may have done it all the same. `later`: it has answered that this is to be tried again then.
    pub(super) fn refresh_failed(&mut self, now: Millis, later: Option<Millis>) {
        let until = self.refresh.failed(now, later, &mut self.backoff);
        self.announce_pause();
        let outcome = if later.is_some() { RefreshOutcome::Known } else { RefreshOutcome::Unknown };
        let pause = Pause::of(&self.backoff, now, self.wall.at(now), until);
        self.release_lease(now, outcome, Some(pause));
        self.release_lock();
        self.settle_by_life(now);
    }
}
