//! The part of the session that makes a sign-in last: expiry, refresh, and the credential store in which credentials survive a reload.

use std::rc::Rc;

use super::refresh::{LEASE, RENEWAL, Stage};
use crate::session::backoff::{AFTER_A_FAILURE, Backoff};
use crate::session::session::{Asker, Intent};
use crate::session::{
    AcquireFailure, AcquireReason, Answer, AuthStatus, Credentials, Dialect, Error, Event, Found, Grant, Id, Lock, Millis, Output, Pause,
    Reason, Secret, Session, SharedStatus, Snapshot, StoreFailure, StoreRecord, Task, Timestamp,
};

// A vault that does not answer is none.
const STORE_TIMEOUT: Millis = 10_000;

/// What was asked of the credential store.
#[derive(Clone, Debug)]
pub(in crate::session) struct PendingTask {
    id: u32,
    task: Task,
    version: Snapshot,
    credential: Option<Rc<Grant>>,
    pub deadline: Millis,
    // Those who wait for it.
    askers: Vec<Asker>,
    // What was decided within the transaction, and what stood there.
    decided: Option<(Answer, Option<Snapshot>, Option<Pause>)>,
}

/// What the credential store should have done and could not: the newest credential is to be stored, or that of a session that ended is to be destroyed. It is tried again
/// until it is done.
#[derive(Clone, Debug)]
pub(in crate::session) struct Upkeep {
    pub at: Option<Millis>,
    backoff: Backoff,
}

impl Upkeep {
    pub(in crate::session) const fn new(tab: Id) -> Self {
        Self { at: None, backoff: Backoff::new(tab.0.rotate_left(32)) }
    }
}

impl PendingTask {
    // Nobody waits for a credential to be destroyed, and it must be, however late the credential store is.
    pub(in crate::session) const fn wipes(&self) -> bool {
        matches!(self.task, Task::Keep { credential: false, fenced: false, .. })
    }
}

impl<F, D: Dialect<F>> Session<F, D> {
    /// An access token that is good for another `validity` milliseconds, or for as long as one can be had. `None`: not now; [`Event::Token`] says when to
    /// ask again.
    ///
    /// # Errors
    /// [`Error::NotAuthorized`]; [`Error::TokenExpired`] if nobody can renew it; [`Error::RefreshFailed`] if the last attempt failed and the next one
    /// waits; [`Error::Closed`].
    pub fn access_token(&mut self, now: Millis, validity: Millis) -> Result<Option<Secret<Rc<String>>>, Error> {
        self.open()?;
        let shown = self.view().status == AuthStatus::Authorized;
        let Some(token) = self.auth.grant.as_ref().filter(|_| shown).and_then(|grant| grant.access_token.clone()) else {
            let coming = self.is_coming();
            // Somebody else may be waiting already.
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
        if self.refresh.cooling(now) || self.backoff.told_end(now).is_some() {
            return if left > 0 { Ok(Some(token)) } else { Err(Error::RefreshFailed) };
        }
        self.refresh.wanted = true;
        if self.refresh.stage == Stage::Idle {
            self.refresh.at = Some(now);
            self.start_refresh(now);
        }
        Ok(None)
    }

    /// Decides what is written to the credential store, within the transaction that has read it. `None`: nothing.
    pub fn handle_store_found(&mut self, now: Millis, id: u32, lock: Lock, found: &Found) -> Option<StoreRecord> {
        if !self.shared() {
            self.refresh.lock = lock;
            return None;
        }
        let (me, wall, current) = (self.tab(), self.wall(now), *self.replica.current());
        let pending = self.tasks.iter_mut().find(|pending| pending.id == id)?;
        let found = &found.believed(wall);
        let (mut record, answer) = pending.task.decide(&pending.version, me, lock, wall, found);
        // What has been overtaken here since is not worth writing: what overtook it comes next.
        if matches!(pending.task, Task::Keep { fenced: false, .. }) && current.beats(&pending.version) {
            record = None;
        }
        let (seen, pause) = if let Found::Record(record) = found { (Some(record.snapshot), record.pause) } else { (None, None) };
        if matches!(answer, Answer::Taken(_)) {
            self.refresh.lapse = now.saturating_add(LEASE);
        }
        pending.decided = Some((answer, seen, pause));
        record
    }

    /// Takes what became of the transaction, and the credential that stands in the credential store now.
    pub fn handle_store_done(&mut self, now: Millis, id: u32, result: Result<Option<Rc<Grant>>, StoreFailure>) {
        if !self.shared() {
            return self.locked(now, id);
        }
        // It answers: the others wait their turn.
        for waiting in &mut self.tasks {
            waiting.deadline = now.saturating_add(STORE_TIMEOUT);
        }
        self.task_done(now, id, result);
    }

    fn task_done(&mut self, now: Millis, id: u32, result: Result<Option<Rc<Grant>>, StoreFailure>) {
        let Some(pending) = self.tasks.extract_if(.., |pending| pending.id == id).next() else {
            return;
        };
        let (answer, seen, pause) = match (&pending.decided, &result) {
            (Some((answer, seen, pause)), Ok(_)) => (*answer, seen.as_ref(), *pause),
            (Some((_, seen, _)), Err(StoreFailure::Damaged)) => (Answer::Damaged, seen.as_ref(), None),
            _ => (Answer::Unavailable, None, None),
        };
        if self.closed() {
            return;
        }
        let credential = result.ok().flatten();
        match &pending.task {
            Task::Look => {
                self.adopt(now, pause);
                self.looked(now, id, answer, seen, pause, credential);
            }
            Task::Take { .. } => self.taken(now, id, answer, seen, credential),
            Task::Renew if answer == Answer::Overtaken => self.overtaken(now, seen),
            Task::Renew | Task::Release { .. } => {}
            Task::Keep { fenced: true, .. } => self.concluded(now, answer, seen, &pending.version, pending.credential),
            Task::Keep { .. } => self.kept(now, answer, seen, &pending.version),
        }
        self.know_store();
        self.show(now);
        for asker in pending.askers {
            self.answer(now, asker, Ok(()));
        }
    }

    /// Plans the next refresh of a token that is good until then: see [`Refresh::plan`](crate::session::credentials::refresh::Refresh::plan).
    pub(in crate::session) fn plan(&mut self, now: Millis, until: Option<Millis>, again: bool) {
        self.refresh.plan(now, until, again, &mut self.backoff);
        // A token that another tab has fetched ends no pause that a server has asked for.
        self.adopt(now, self.shared_pause.filter(|pause| pause.told));
    }

    // What waited for its first answer can be done now.
    pub(in crate::session) fn know_store(&mut self) {
        if !self.store_known {
            self.store_known = true;
            self.read();
        }
    }

    /// The credential store is late with a task, or with several: they have failed.
    pub(in crate::session) fn store_is_late(&mut self, now: Millis) {
        while let Some(id) = self.tasks.iter().find(|pending| pending.deadline <= now && !pending.wipes()).map(|pending| pending.id) {
            self.task_done(now, id, Err(StoreFailure::Unavailable));
        }
    }

    /// Tries again what the credential store could not do.
    pub(in crate::session) fn keep_up(&mut self, now: Millis) {
        self.upkeep.at = None;
        if !self.replica.authorized() {
            self.wipe(now);
        } else if self.auth.grant.is_some() {
            self.store(now, Asker::Nobody);
        }
    }

    pub(in crate::session) fn renew_lease(&mut self, now: Millis) {
        if let Stage::Holding { renew, .. } = &mut self.refresh.stage {
            *renew = now.saturating_add(RENEWAL);
            self.ask_store(now, Task::Renew, None);
        }
    }

    /// Whoever should have asked for the lock does not answer: best effort.
    pub(in crate::session) fn lock_is_late(&mut self, now: Millis) {
        self.refresh.take = 0;
        self.hold_lease(now, false, false, None);
    }

    pub(in crate::session) const fn shared(&self) -> bool {
        !matches!(self.config.credentials, Credentials::Memory)
    }

    /// Whether a sign-in is on its way to the credential store: it is announced when it is there, so that the tabs that hear of it find it.
    pub(in crate::session) fn storing_sign_in(&self) -> bool {
        self.shared() && self.tasks.iter().any(|pending| matches!(pending.task, Task::Keep { credential: true, fenced: false, .. }))
    }

    /// Destroys what the credential store holds of a session that ended.
    pub(in crate::session) fn wipe(&mut self, now: Millis) {
        if self.shared() {
            self.upkeep.at = None;
            self.ask_store(now, Task::Keep { credential: false, fenced: false, pause: None }, None);
        }
    }

    /// Stores what this tab holds, under the version that all tabs share. The asker is answered when it is there, or cannot be.
    pub(in crate::session) fn store(&mut self, now: Millis, asker: Asker) {
        if self.shared() {
            self.unannounced = true;
            self.upkeep.at = None;
            let credential = self.auth.grant.clone();
            self.ask_store(now, Task::Keep { credential: true, fenced: false, pause: None }, credential);
            self.wait_for_store(asker);
        }
    }

    /// Who waits until the newest task is done.
    pub(in crate::session) fn wait_for_store(&mut self, asker: Asker) {
        if let Some(pending) = self.tasks.last_mut() {
            pending.askers.push(asker);
        }
    }

    /// With tokens in memory: gives the Web Lock back, if this tab has it.
    pub(in crate::session) fn release_lock(&mut self) {
        if std::mem::take(&mut self.refresh.holds_lock) {
            self.last_task = self.last_task.wrapping_add(1);
            let task = Task::Release { doubt: false, pause: None };
            self.outputs.push(Output::Emit(Event::CredentialStore { id: self.last_task, task, credential: None }));
        }
    }

    /// Looks for the credential of the version that all tabs share.
    pub(in crate::session) fn look(&mut self, now: Millis, reason: AcquireReason) {
        // Only the newest look counts: what an earlier one finds may be old.
        self.ask_store(now, Task::Look, None);
        self.looking = Some((self.last_task, reason));
    }

    fn ask_store(&mut self, now: Millis, task: Task, credential: Option<Rc<Grant>>) {
        let version = *self.replica.current();
        self.ask_about(now, task, &version, credential);
    }

    fn ask_about(&mut self, now: Millis, task: Task, version: &Snapshot, credential: Option<Rc<Grant>>) {
        self.last_task = self.last_task.wrapping_add(1);
        let id = self.last_task;
        self.outputs.push(Output::Emit(Event::CredentialStore { id, task, credential: credential.clone() }));
        if self.shared() {
            self.tasks.push(PendingTask {
                id,
                task,
                version: *version,
                credential,
                deadline: now.saturating_add(STORE_TIMEOUT),
                askers: Vec::new(),
                decided: None,
            });
        }
    }

    fn looked(
        &mut self,
        now: Millis,
        id: u32,
        answer: Answer,
        seen: Option<&Snapshot>,
        pause: Option<Pause>,
        credential: Option<Rc<Grant>>,
    ) {
        let Some((_, reason)) = self.looking.take_if(|(newest, _)| *newest == id) else {
            return;
        };
        if answer == Answer::Damaged {
            return self.damaged();
        }
        if seen.is_some_and(|seen| self.replica.merge(seen)) {
            self.unannounced = true;
            self.read();
        }
        let current = *self.replica.current();
        if current.status == SharedStatus::Unauthorized {
            self.drop_account(current.reason);
            if seen.is_some_and(|seen| *seen != current) {
                self.wipe(now);
            }
            return;
        }
        match credential {
            // That user is not shown: the other one follows.
            #[cfg(feature = "credentials")]
            Some(grant) if self.displaced(&grant.account) => {}
            Some(grant) if seen == Some(&current) && self.is_current(&grant.account) => {
                let reason = match reason {
                    _ if self.auth.status == AuthStatus::Authorized => Reason::Refresh,
                    AcquireReason::Restore => Reason::Restore,
                    _ => Reason::OtherTab,
                };
                self.drop_acquire();
                self.hold(now, grant, reason);
                self.adopt(now, pause);
            }
            // Another tab renewed it, but not in the credential store: what we hold may still do, or what our own refresh brings.
            _ if self.auth.status == AuthStatus::Authorized && self.auth.grant.is_some() => {
                if self.refresh.stage == Stage::Idle {
                    // A vault that fails tells nothing: the attempts that failed before are not made good by it.
                    if answer != Answer::Unavailable {
                        self.plan(now, self.auth.until, false);
                    }
                    self.settle(Ok(()));
                }
            }
            _ => self.ask(now, reason, None, Asker::Nobody),
        }
        // That it failed does not mean that nothing is there.
        if answer == Answer::Unavailable {
            self.outputs.push(Output::Emit(Event::Failed(Error::CredentialStoreUnavailable)));
            self.try_again(now, reason, None, None);
        }
    }

    fn damaged(&mut self) {
        self.outputs.push(Output::Emit(Event::Failed(Error::CredentialDamaged)));
        // Before what the host has said meanwhile.
        self.intend_first(Intent::SignOut(Reason::CredentialLost, Asker::Nobody));
    }

    pub(in crate::session) fn start_refresh(&mut self, now: Millis) {
        if let Some(until) = self.backoff.told_end(now) {
            self.refresh.retry(self.backoff.after(until));
            return self.settle_by_life(now);
        }
        self.refresh.at = None;
        self.refresh.stage = Stage::Asking;
        let at_once = std::mem::take(&mut self.refresh.at_once);
        self.ask_store(now, Task::Take { at_once }, None);
        self.refresh.take = self.last_task;
        self.refresh.lapse = now.saturating_add(STORE_TIMEOUT);
        self.refresh.lock = Lock::Unsupported;
    }

    // Tokens stay in this tab, and it only has to know whether another one has the lock.
    fn locked(&mut self, now: Millis, id: u32) {
        let lock = self.refresh.lock;
        if self.closed() {
            return;
        }
        self.refresh.holds_lock |= lock == Lock::Held;
        if id != self.refresh.take || self.refresh.stage != Stage::Asking {
            // Too late. If a refresh goes on without it, it is given back at its end.
            if self.refresh.stage == Stage::Idle {
                self.release_lock();
            }
        } else if lock == Lock::Elsewhere && !self.refresh.out_of_patience(now) {
            self.refresh.give_way(now, 0, &mut self.backoff);
            // Those who wait get what is there, if it is still good.
            if self.refresh.short_of_patience(now) && self.auth.until.is_none_or(|until| until > now) {
                self.settle(Ok(()));
            }
        } else {
            self.hold_lease(now, false, false, None);
        }
        self.show(now);
    }

    fn taken(&mut self, now: Millis, id: u32, answer: Answer, seen: Option<&Snapshot>, credential: Option<Rc<Grant>>) {
        // An earlier attempt that was given up: the newer one takes over what it got.
        if id != self.refresh.take {
            return;
        }
        let wanted = self.refresh.stage == Stage::Asking && self.auth.status == AuthStatus::Authorized;
        let (fenced, doubt) = match answer {
            Answer::Taken(doubt) if !wanted => return self.ask_store(now, Task::Release { doubt, pause: None }, None),
            _ if !wanted => return,
            // The page slept in between: by now another tab may have it.
            Answer::Taken(doubt) if self.refresh.lapse <= now => {
                self.ask_store(now, Task::Release { doubt, pause: None }, None);
                return self.refresh.give_way(now, 0, &mut self.backoff);
            }
            Answer::Taken(doubt) => (true, doubt),
            Answer::Busy(until) => {
                // A cast stops at the ends of the range.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let wait = (until - self.wall(now)) as Millis;
                // Its holder may be gone before: then the lock says so.
                return self.refresh.give_way(now, wait.min(1000), &mut self.backoff);
            }
            Answer::Paused(pause) => {
                let until = self.adopt(now, Some(pause));
                self.refresh.retry(self.backoff.after(until));
                return self.settle_by_life(now);
            }
            Answer::Overtaken => return self.overtaken(now, seen),
            Answer::Damaged => return self.damaged(),
            // Best effort.
            Answer::Unavailable | Answer::Absent | Answer::Done => (false, false),
        };
        // What this tab holds may be newer, if the credential store could not take it.
        let newer = seen.is_some_and(|seen| self.replica.current().beats(seen));
        self.hold_lease(now, fenced, doubt, credential.filter(|_| !newer));
    }

    fn hold_lease(&mut self, now: Millis, fenced: bool, doubt: bool, credential: Option<Rc<Grant>>) {
        // Another tab was told meanwhile when to come again.
        if let Some(until) = self.backoff.told_end(now) {
            self.refresh.retry(self.backoff.after(until));
            if fenced {
                let pause = Some(self.pause(now, until));
                self.ask_store(now, Task::Release { doubt, pause }, None);
            }
            self.release_lock();
            return self.settle_by_life(now);
        }
        self.refresh.stage = Stage::Holding { renew: now.saturating_add(RENEWAL), fenced, doubt };
        let credential = credential.filter(|grant| self.is_current(&grant.account)).or_else(|| self.auth.grant.clone());
        self.ask(now, AcquireReason::Refresh, credential, Asker::Nobody);
    }

    // Somebody else was faster.
    fn overtaken(&mut self, now: Millis, seen: Option<&Snapshot>) {
        self.refresh.stop();
        self.drop_refresh();
        self.learn_from_store(now, seen);
        if self.replica.authorized() {
            self.look(now, AcquireReason::OtherTab);
        }
        self.read();
    }

    /// Takes what a refresh brought.
    pub(in crate::session) fn refreshed(&mut self, now: Millis, result: Result<Rc<Grant>, AcquireFailure>) {
        let Stage::Holding { fenced, doubt, .. } = self.refresh.stage else {
            return self.settle(Ok(()));
        };
        // Only the credential store can fence.
        let (fenced, doubt) = (fenced && self.shared(), doubt && self.shared());
        match result {
            Ok(grant) if !self.is_current(&grant.account) => {
                if self.shared() {
                    self.ask_store(now, Task::Release { doubt: false, pause: None }, None);
                }
                self.drop_account(Reason::AccountMismatch);
            }
            Ok(grant) => {
                let grant = self.local(now, &grant);
                let until = grant.life(self.wall(now)).map(|(left, _)| now.saturating_add(left));
                // A token that was dead on arrival is as bad as none.
                let dead = until.filter(|until| *until <= now).map(|_| self.backoff.pause_after_a_dead_token(now));
                if dead.is_some() {
                    self.announce_pause();
                } else {
                    self.end_pause();
                }
                if !self.shared() {
                    return self.hold(now, grant, Reason::Refresh);
                }
                let mut next = self.replica.clone();
                let expires_at = grant.expires_at.map(Timestamp::nearest);
                next.sign_in(self.tab(), Reason::Refresh, expires_at, next.current().subject_tag, self.epoch_clock(now));
                self.refresh.stage = Stage::Storing;
                if fenced {
                    let pause = dead.map(|until| self.pause(now, until));
                    return self.ask_about(now, Task::Keep { credential: true, fenced, pause }, next.current(), Some(grant));
                }
                // Nobody protects us: what we have is as good as what others have.
                self.replica = next;
                self.hold(now, grant, Reason::Refresh);
                self.store(now, Asker::Nobody);
            }
            Err(failure) if failure.is_passing() => self.refresh_failed(now, failure.later()),
            Err(failure) => {
                let reason = match failure {
                    _ if doubt => Reason::RefreshOutcomeUnknown,
                    AcquireFailure::Nobody => Reason::Expired,
                    _ => Reason::Refused,
                };
                self.refresh.stage = Stage::Storing;
                if fenced {
                    let mut next = self.replica.clone();
                    next.sign_out(self.tab(), reason, self.epoch_clock(now));
                    return self.ask_about(now, Task::Keep { credential: false, fenced, pause: None }, next.current(), None);
                }
                if self.shared() {
                    self.ask_store(now, Task::Release { doubt: false, pause: None }, None);
                }
                self.release_lock();
                self.intend(Intent::SignOut(reason, Asker::Nobody));
            }
        }
    }

    /// The refresh brought no answer: the server may have done it all the same. `later`: it has answered that this is to be tried again then.
    pub(in crate::session) fn refresh_failed(&mut self, now: Millis, later: Option<Millis>) {
        let until = self.backoff.fail(now, AFTER_A_FAILURE, later);
        self.refresh.retry(self.backoff.after(until));
        self.announce_pause();
        if self.shared() {
            let pause = Some(self.pause(now, until));
            self.ask_store(now, Task::Release { doubt: later.is_none(), pause }, None);
        }
        self.release_lock();
        self.settle_by_life(now);
    }

    // Those who wait for a token that cannot be renewed now: what is there may still be good.
    pub(in crate::session) fn settle_by_life(&mut self, now: Millis) {
        let good = self.auth.until.is_none_or(|until| until > now);
        self.settle(if good { Ok(()) } else { Err(Error::RefreshFailed) });
    }

    // The credential store has taken the result of a refresh, or not.
    fn concluded(&mut self, now: Millis, answer: Answer, seen: Option<&Snapshot>, next: &Snapshot, credential: Option<Rc<Grant>>) {
        if answer == Answer::Overtaken {
            return self.overtaken(now, seen);
        }
        if answer != Answer::Done {
            self.outputs.push(Output::Emit(Event::Failed(Error::CredentialStoreUnavailable)));
        }
        // Unless somebody signed out meanwhile.
        if self.replica.merge(next) {
            match credential {
                Some(grant) => self.hold(now, grant, Reason::Refresh),
                None => self.drop_account(next.reason),
            }
        } else {
            if self.refresh.stage == Stage::Storing {
                self.refresh.stop();
            }
            self.settle(Ok(()));
        }
        if answer == Answer::Unavailable && *next == *self.replica.current() {
            self.keep_later(now);
        }
        self.read();
    }

    fn keep_later(&mut self, now: Millis) {
        self.upkeep.at = Some(self.upkeep.backoff.fail(now, AFTER_A_FAILURE, None));
    }

    // The credential store has taken a sign-in or a sign-out, or not.
    fn kept(&mut self, now: Millis, answer: Answer, seen: Option<&Snapshot>, snapshot: &Snapshot) {
        match answer {
            Answer::Unavailable => {
                self.outputs.push(Output::Emit(Event::Failed(Error::CredentialStoreUnavailable)));
                // Unless something newer is on its way there.
                if *snapshot == *self.replica.current() {
                    self.keep_later(now);
                }
            }
            Answer::Absent if snapshot.status == SharedStatus::Authorized => {
                self.outputs.push(Output::Emit(Event::Failed(Error::CredentialStoreUnavailable)));
            }
            Answer::Overtaken => self.learn_from_store(now, seen),
            _ => {}
        }
        if answer != Answer::Unavailable {
            self.upkeep.at = None;
            self.upkeep.backoff.reset();
        }
        // Now it may be announced.
        self.read();
    }

    // The credential store may know what the shared record does not know yet.
    fn learn_from_store(&mut self, now: Millis, seen: Option<&Snapshot>) {
        if let Some(seen) = seen.filter(|seen| seen.beats(self.replica.current())) {
            self.unannounced = true;
            self.learn(now, seen);
        }
    }

    /// Answers those who wait for a token.
    pub(in crate::session) fn settle(&mut self, result: Result<(), Error>) {
        if std::mem::take(&mut self.refresh.wanted) {
            self.outputs.push(Output::Emit(Event::Token(result)));
        }
    }

    /// Expiry by this browser's own clocks, whatever the server's says; a refresh token stays until there is another.
    pub(in crate::session) fn local(&self, now: Millis, grant: &Grant) -> Rc<Grant> {
        let held = self.auth.grant.as_ref().filter(|held| held.account.subject() == grant.account.subject());
        Rc::new(Grant {
            account: Rc::clone(&grant.account),
            access_token: grant.access_token.clone(),
            expires_at: grant.life(self.wall(now)).map(|(_, at)| at.as_f64()),
            expires_in: None,
            refresh_token: grant.refresh_token.clone().or_else(|| held?.refresh_token.clone()),
            server_time: None,
        })
    }

    // What the credential store has, nobody has to be asked for.
    fn drop_acquire(&mut self) {
        let needless = |reason| matches!(reason, AcquireReason::Restore | AcquireReason::OtherTab);
        if self.acquire.take_if(|pending| needless(pending.reason)).is_some() {
            self.outputs.push(Output::Emit(Event::AcquireCancelled));
        }
    }

    /// Calls a refresh off. What else is being acquired goes on.
    pub(in crate::session) fn drop_refresh(&mut self) {
        if self.acquire.take_if(|pending| pending.reason == AcquireReason::Refresh).is_some() {
            self.outputs.push(Output::Emit(Event::AcquireCancelled));
        }
    }
}
