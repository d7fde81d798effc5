//! What the shell and the application call: each takes one input at a moment, and what it leads to waits in [`Session::take_outputs`].

use std::rc::Rc;

use super::acquire::{PendingAcquire, Visibility};
use super::changes::Continuity;
use super::host_link::Certainty;
use super::intent::{Asker, Intent};
use super::session::Session;
use super::timer::{self, Timer, Timers};
use super::{
    AcquireFailure, AcquireReason, Acquired, Answer, AuthStatus, ConnectionState, Dialect, DialectKind, Error, Event, Found, Grant, Lock,
    Malformed, Millis, Move, Notice, Output, OwnOrigin, PageHide, Parent, Pause, Reason, Received, Refusal, Source, StoreFailure,
    StoreRecord, Stored,
};

impl<F, D: Dialect<F>> Session<F, D> {
    // The beginning

    /// Adds a host, before [`handle_start`](Self::handle_start).
    ///
    /// # Errors
    /// [`Error::ConfigOriginInvalid`] for an entry of another form.
    pub fn allow(&mut self, host: &str, dialect: DialectKind) -> Result<(), Error> {
        self.config.allow(host, dialect)
    }

    /// Lets the widget run in the web view of an app that speaks this dialect, before [`handle_start`](Self::handle_start).
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] if no app of this dialect has a web view.
    #[cfg(feature = "dialects")]
    pub fn allow_webview(&mut self, dialect: DialectKind) -> Result<(), Error> {
        self.config.allow_webview(dialect)
    }

    /// Takes what the wall clock says, in milliseconds since 1970. Before every input, or as often as it is looked at.
    pub const fn set_wall_clock(&mut self, now: Millis, wall: f64) {
        self.wall.set(now, wall);
    }

    /// Begins: reads the shared record and, if the parent is known, says hello.
    ///
    /// # Errors
    /// [`Error::ConfigOriginRequired`] without an allow-list; [`Error::HostNotAllowed`] if the parent is known and not in it;
    /// [`Error::OpaqueOrigin`] if this frame has no origin and the application did not opt in.
    pub fn handle_start(&mut self, now: Millis, parent: Parent, origin: OwnOrigin) -> Result<(), Error> {
        if origin == OwnOrigin::Opaque && !self.config.allow_opaque_origin {
            return Err(Error::OpaqueOrigin);
        }
        self.config.require_hosts()?;
        self.read();
        match parent {
            Parent::None => self.connect(ConnectionState::Standalone, None),
            #[cfg(feature = "dialects")]
            Parent::Webview => {
                if !self.pin(now, super::WEBVIEW, Certainty::Proven) {
                    self.connect(ConnectionState::Standalone, None);
                }
            }
            Parent::Known(origin) => {
                if !self.pin(now, &origin, Certainty::Proven) {
                    return Err(Error::HostNotAllowed);
                }
            }
            Parent::Hint(origin) => {
                self.pin(now, &origin, Certainty::Presumed);
            }
            Parent::Unknown => {}
        }
        #[cfg(feature = "dialects")]
        if self.link.host().is_none()
            && self.link.connection() == ConnectionState::Connecting
            && let Some(origin) = self.config.sole_host()?
        {
            self.pin(now, &origin, Certainty::Presumed);
        }
        Ok(())
    }

    // The host

    /// What the host speaks, our own protocol if that is not known.
    #[cfg(feature = "dialects")]
    pub fn dialect_kind(&self) -> DialectKind {
        self.link.dialect_kind(&self.config)
    }

    /// Takes a message of the window: first who sent it, then from which origin, then how often, and only then what it says. What ends a session is taken
    /// however often something else was said.
    pub fn handle_window(&mut self, now: Millis, source: Source, origin: &str, message: F) {
        if !self.link.admits(&self.config, now, source, origin, &message) {
            return;
        }
        match self.converse(now, Notice::Window(message)) {
            Received::Knock => {
                self.link.knocked(origin);
                self.outputs.push(Output::OpenPort);
            }
            received => self.take_received(now, received),
        }
    }

    /// Takes a message of the private port.
    pub fn handle_port(&mut self, now: Millis, message: F) {
        self.notify(now, Notice::Port(message));
    }

    /// Something came that the browser could not read (`messageerror`).
    pub fn handle_unreadable(&mut self) {
        self.link.refuse(Refusal::Shape);
    }

    /// The channel that [`Output::OpenPort`] asked for is there.
    pub fn handle_port_opened(&mut self, now: Millis, nonce: [u64; 2]) {
        self.notify(now, Notice::PortOpened(nonce));
    }

    /// The private port was closed from the other side.
    pub fn handle_port_lost(&mut self, now: Millis) {
        self.notify(now, Notice::PortLost);
    }

    // The shared record

    /// Takes what stands beside the shared record, as [`Output::Read`] asked, before what the shared record holds: how long no tab tries again, because an attempt of one of
    /// them has failed. Not where nothing can be shared.
    pub fn handle_pause(&mut self, now: Millis, found: Result<Option<Pause>, Malformed>) {
        if self.closed() {
            return;
        }
        if found.is_err() {
            self.link.refuse(Refusal::Storage);
        }
        self.take_pause(now, found);
    }

    /// Takes what the shared record holds at this moment, as [`Output::Read`] asked. Only here are changes made and written.
    pub fn handle_stored(&mut self, now: Millis, stored: Stored) {
        self.record.answered();
        if self.closed() {
            return;
        }
        let stored = stored.believed(self.wall.at(now));
        self.doubt_ourselves(now);
        self.record.found(&stored);
        match &stored {
            Stored::Snapshot(seen) => self.learn(now, seen),
            Stored::Empty => self.forget(now),
            Stored::Damaged | Stored::Later => self.link.refuse(Refusal::Storage),
            Stored::Moved => {}
        }
        if !std::mem::replace(&mut self.record.resolved, true) {
            self.follow(now, AcquireReason::Restore, Continuity::AnotherAccount);
        }
        if self.store.is_known() || !self.stores_credentials() {
            for intent in self.record.take_intents() {
                self.apply(now, intent);
            }
        }
        if self.hidden == Some(Reason::Restored) {
            self.hidden = None;
        }
        self.show(now);
        let withheld = self.storing_sign_in();
        if self.record.must_write(&stored, withheld) {
            self.outputs.push(Output::Write);
        }
    }

    /// A storage event speaks of the shared record. Any script can make such an event up, and some engines carry it to where it does not belong: what counts
    /// is what the shared record holds.
    pub fn handle_storage_event(&mut self) {
        self.read();
    }

    /// The page may have missed events (it was hidden, frozen or out of focus): read again.
    pub fn handle_wake(&mut self) {
        self.read();
    }

    /// There is a reason to try at once what has failed: the page is shown, or the network is back.
    pub fn handle_chance(&mut self, now: Millis) {
        self.read();
        self.shared_pause.hurry();
        if let Some(at) = self.backoff.hurry(now) {
            self.refresh.hurry(at);
            if let Some(again) = &mut self.acquiring.again {
                again.at = at;
            }
        }
    }

    /// The page is being hidden (`pagehide`). From now on nothing private is shown.
    ///
    /// If it may come back, nothing is posted: a message that is sent at this moment evicts the page from Firefox's back/forward cache. A host
    /// knows by its own `pagehide`.
    pub fn handle_hide(&mut self, now: Millis, hide: PageHide) {
        self.hidden = Some(Reason::Suspended);
        self.release_lock();
        self.show(now);
        if hide == PageHide::Final {
            self.notify(now, Notice::Close);
            self.connect(ConnectionState::Disconnected, None);
        }
    }

    /// The page is shown (`pageshow`). If it had been hidden, the status stays unknown until the shared record is read.
    pub fn handle_show(&mut self, now: Millis) {
        self.hidden = self.hidden.map(|_| Reason::Restored);
        self.show(now);
        self.handle_chance(now);
    }

    // The credential store

    /// Decides what is written to the credential store, within the transaction that has read it. `None`: nothing.
    pub fn handle_store_found(&mut self, now: Millis, id: u32, lock: Lock, found: &Found) -> Option<StoreRecord> {
        if !self.stores_credentials() {
            self.lock_found(lock);
            return None;
        }
        let current = *self.snapshot();
        let (record, answer) = self.store.decide(id, (self.tab, lock, self.wall.at(now)), &current, found)?;
        if matches!(answer, Answer::Taken(_)) {
            self.refresh.leased(now);
        }
        record
    }

    /// Takes what became of the transaction, and the credential that stands in the credential store now.
    pub fn handle_store_done(&mut self, now: Millis, id: u32, result: Result<Option<Rc<Grant>>, StoreFailure>) {
        if !self.stores_credentials() {
            return self.lock_answered(now, id);
        }
        self.store.answers(now);
        self.task_done(now, id, result);
    }

    // The application

    /// Takes what the application acquired. An `id` that is not the newest is ignored.
    pub fn handle_acquired(&mut self, now: Millis, id: u32, result: Acquired) {
        let Some(pending) = self.acquiring.answered(id) else {
            return;
        };
        let result = result.and_then(|grant| match grant.check() {
            Ok(()) => Ok(self.received(grant)),
            Err(error) => {
                self.emit(Event::Failed(error));
                Err(AcquireFailure::Failed)
            }
        });
        if pending.reason == AcquireReason::Refresh {
            self.refreshed(now, &result);
        } else {
            match result {
                Ok(grant) => self.user_acquired(now, &pending, grant),
                Err(failure) => self.acquire_failed(now, pending, failure),
            }
        }
        self.show(now);
    }

    fn user_acquired(&mut self, now: Millis, pending: &PendingAcquire, grant: Rc<Grant>) {
        self.end_pause();
        if pending.reason == AcquireReason::SignIn {
            self.intend(Intent::SignIn(grant, Reason::Host, pending.asker));
        } else if self.record.replica.authorized() && self.record.is_current(&grant.account) {
            let grant = self.auth.local(self.wall.at(now), &grant);
            let reason = if pending.reason == AcquireReason::OtherTab { Reason::OtherTab } else { Reason::Restore };
            self.hold(now, grant, reason);
            self.store_held(now, Asker::None);
        } else {
            self.drop_account(Reason::AccountMismatch);
        }
    }

    fn acquire_failed(&mut self, now: Millis, pending: PendingAcquire, failure: AcquireFailure) {
        if pending.visibility == Visibility::Shown || self.auth.status == AuthStatus::Unauthorized {
            self.drop_account(if failure == AcquireFailure::Refused { Reason::Refused } else { Reason::AcquireFailed });
        }
        self.answer(now, pending.asker, Err(Error::AcquireFailed));
        if failure.is_passing() {
            self.try_again(now, pending.reason, pending.about, failure.later());
            self.announce_pause();
        }
    }

    // The application has not answered in time.
    fn acquire_is_late(&mut self, now: Millis) {
        let Some(PendingAcquire { reason, about, visibility, .. }) = self.acquiring.pending.clone() else { return };
        if reason == AcquireReason::Refresh {
            self.call_off(|pending| pending == AcquireReason::Refresh);
            return self.refresh_failed(now, None);
        }
        self.cancel_acquire(now);
        if visibility == Visibility::Shown || self.auth.status == AuthStatus::Unauthorized {
            self.drop_account(Reason::AcquireTimeout);
        }
        self.try_again(now, reason, about, None);
        self.announce_pause();
    }

    /// The application says something that only the host's dialect understands.
    ///
    /// # Errors
    /// [`Error::Closed`].
    #[cfg(feature = "dialects")]
    pub fn notify_dialect(&mut self, now: Millis, said: F) -> Result<(), Error> {
        self.open()?;
        self.notify(now, Notice::App(said));
        Ok(())
    }

    /// The application's own sign-in has begun.
    ///
    /// # Errors
    /// [`Error::InvalidState`] if a user is signed in, [`Error::Closed`].
    pub fn begin_sign_in(&mut self, now: Millis) -> Result<(), Error> {
        self.open()?;
        self.auth.shift(Move::Begin, Reason::SignIn)?;
        self.show(now);
        Ok(())
    }

    /// Signs an account in, everywhere.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`], [`Error::LifetimeInvalid`], [`Error::Closed`].
    pub fn authorize(&mut self, grant: impl Into<Rc<Grant>>) -> Result<(), Error> {
        self.authorize_as(grant.into(), Asker::None)
    }

    /// The same; [`Event::Settled`] says under this number when it holds: with stored credentials, when they are stored or cannot be.
    ///
    /// # Errors
    /// As [`authorize`](Self::authorize).
    pub fn authorize_for(&mut self, call: u32, grant: impl Into<Rc<Grant>>) -> Result<(), Error> {
        self.authorize_as(grant.into(), Asker::App(call))
    }

    fn authorize_as(&mut self, grant: Rc<Grant>, asker: Asker) -> Result<(), Error> {
        self.open()?;
        grant.check()?;
        let grant = self.received(grant);
        self.intend(Intent::SignIn(grant, Reason::SignIn, asker));
        Ok(())
    }

    /// Signs the user out, everywhere, for one of the reasons that an application can have: [`Reason::User`], [`Reason::Refused`], [`Reason::Expired`].
    /// While no user is signed in as far as this tab knows, it only ends what is under way here.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for another reason, [`Error::Closed`].
    pub fn sign_out(&mut self, reason: Reason) -> Result<(), Error> {
        self.unauthorized_as(reason, Asker::None)
    }

    /// The same; [`Event::Settled`] says under this number when it holds.
    ///
    /// # Errors
    /// As [`sign_out`](Self::sign_out).
    pub fn sign_out_for(&mut self, call: u32, reason: Reason) -> Result<(), Error> {
        self.unauthorized_as(reason, Asker::App(call))
    }

    fn unauthorized_as(&mut self, reason: Reason, asker: Asker) -> Result<(), Error> {
        self.open()?;
        if !matches!(reason, Reason::User | Reason::Refused | Reason::Expired) {
            return Err(Error::ConfigInvalid);
        }
        // Where no user is signed in as far as we know, only what is under way here ends: a sign-in of another tab that has not been received yet is not meant.
        let known = self.record.replica.authorized() || !self.store.is_known() && self.stores_credentials();
        self.intend(if known { Intent::SignOut(reason, asker) } else { Intent::GiveUp(reason, asker) });
        Ok(())
    }

    /// Signs the user out, everywhere, and writes over whatever stands in the shared record and in the credential store, also what a later version has written: a way out
    /// where a shared record keeps this widget from working. [`Event::Settled`] says under this number when it is done.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn reset(&mut self, call: u32) -> Result<(), Error> {
        self.open()?;
        self.record.resetting = true;
        self.intend(Intent::SignOut(Reason::User, Asker::App(call)));
        Ok(())
    }

    /// Ends everything: says goodbye and takes nothing more.
    pub fn close(&mut self, now: Millis) {
        self.cancel_acquire(now);
        self.settle(Err(Error::Closed));
        self.store.clear();
        self.refresh.stop();
        self.notify(now, Notice::Close);
        self.connect(ConnectionState::Closed, None);
    }

    /// What is to be done, in this order. What that leads to comes with the next call.
    pub fn take_outputs(&mut self) -> Vec<Output<F, D::Message>> {
        std::mem::take(&mut self.outputs)
    }

    // Time

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn poll_timeout(&self) -> Option<Millis> {
        timer::next(self)
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Millis) {
        timer::fire_due(self, now);
        self.show(now);
    }
}

impl<F, D: Dialect<F>> Timers for Session<F, D> {
    fn due(&self, timer: Timer) -> Option<Millis> {
        if self.closed() {
            return None;
        }
        // A page that is hidden away starts nothing.
        let away = self.hidden.is_some();
        let stores = self.stores_credentials();
        match timer {
            Timer::StoreTask | Timer::StoreFirstAnswer | Timer::StoreUpkeep | Timer::LeaseRenewal if !stores => None,
            Timer::AcquireDeadline => self.acquiring.pending.as_ref().map(|pending| pending.deadline),
            Timer::AcquireAgain => self.acquiring.again.as_ref().filter(|_| !away).map(|again| again.at),
            Timer::StoreTask => self.store.task_due(),
            Timer::StoreFirstAnswer => self.store.first_answer_due(),
            Timer::StoreUpkeep => self.store.upkeep_due(),
            Timer::LeaseRenewal => self.refresh.renewal_due(),
            Timer::LockAnswer => self.refresh.lock_due().filter(|_| !stores),
            Timer::Refresh => self.refresh.start_due().filter(|_| !away),
            Timer::Dialect => self.link.due(),
        }
    }

    fn fire(&mut self, now: Millis, timer: Timer) {
        match timer {
            // They are never due; said here too, so that a core without stored credentials has no code for them.
            Timer::StoreTask | Timer::StoreFirstAnswer | Timer::StoreUpkeep | Timer::LeaseRenewal if !self.stores_credentials() => {}
            Timer::AcquireDeadline => self.acquire_is_late(now),
            Timer::AcquireAgain => self.ask_again(now),
            Timer::StoreTask => self.store_is_late(now),
            Timer::StoreFirstAnswer => self.know_store(),
            Timer::StoreUpkeep => self.keep_up(now),
            Timer::LeaseRenewal => self.renew_lease(now),
            Timer::LockAnswer => self.lock_is_late(now),
            Timer::Refresh => self.start_refresh(now),
            Timer::Dialect => self.notify(now, Notice::Timeout),
        }
    }
}
