use std::rc::Rc;

use super::backoff::{AFTER_A_FAILURE, Backoff};
use super::credentials::refresh::{Refresh, Stage};
use super::credentials::{PendingTask, Upkeep};
use super::host_link::{Certainty, HostLink};
use super::timer::{self, Timer, Timers};
use super::{
    Account, AcquireFailure, AcquireReason, Acquired, AuthStatus, Config, ConnectionState, Dialect, DialectKind, Error, Event, Grant,
    Heard, Id, Identity, Millis, Move, Notice, Output, Parent, Pause, Reason, Refusal, Replica, SessionView, SharedStatus, Snapshot,
    Stored, SubjectTag, Timestamp,
};

const ACQUIRE_TIMEOUT: Millis = 30_000;

/// One widget's session: the machine that everything else serves. See the [module](super) for its contract.
///
/// `F` is a message as it came, `D` what the host speaks.
#[derive(Clone, Debug)]
pub struct Session<F, D: Dialect<F>> {
    pub(super) config: Config,
    tab: Id,
    link: HostLink<D>,
    pub(super) auth: Auth,
    pub(super) replica: Replica,
    resolved: bool,
    // Set while the page is away: what is known is kept, but shown to nobody.
    pub(super) hidden: Option<Reason>,
    shown: Rc<SessionView>,
    pub(super) acquire: Option<PendingAcquire>,
    acquires: u32,
    // What failed to be acquired and is asked for again, and how attempts that fail are spaced: those of this tab, and what it knows of the others'.
    pub(super) again: Option<Again>,
    pub(super) backoff: Backoff,
    // The pause that stands beside the shared record, as it was read or written last, and whether it was seen to stand there.
    pub(super) shared_pause: Option<Pause>,
    pub(super) pause_stood: bool,
    // Whether our own is to be written.
    pub(super) announcing: bool,
    // Whether there has been a reason to try at once since it was read.
    pub(super) hurried: bool,
    // How far the wall clock is ahead of ours, once it was told; and what it said last.
    wall_lead: Option<f64>,
    wall_now: Option<f64>,
    pub(super) refresh: Refresh,
    // By how much the newest token was dead on arrival, in milliseconds; zero if it was not.
    pub(super) dead_on_arrival: f64,
    pub(super) upkeep: Upkeep,
    pub(super) tasks: Vec<PendingTask>,
    pub(super) last_task: u32,
    // Whether the credential store has answered once. Until then it may know of a later session than an empty shared record does.
    pub(super) store_known: bool,
    // Whether the shared record does not know yet what the credential store knows: then an empty one was not emptied.
    pub(super) unannounced: bool,
    // The newest look into the credential store, and what for.
    pub(super) looking: Option<(u32, AcquireReason)>,
    intents: Vec<Intent>,
    // Whether a later version's record stood in the shared record when it was read last: that is not written over, unless the application says so.
    register_foreign: bool,
    resetting: bool,
    // Whether the shared record is to be read already.
    reading: bool,

    pub(super) outputs: Vec<Output<F, D::Message>>,
}

/// What this tab itself holds.
#[derive(Clone, Debug)]
pub(super) struct Auth {
    pub status: AuthStatus,
    pub reason: Reason,
    pub grant: Option<Rc<Grant>>,
    // When its access token expires, by our clock.
    pub until: Option<Millis>,
}

#[derive(Clone, Debug)]
pub(super) struct PendingAcquire {
    id: u32,
    pub reason: AcquireReason,
    about: Option<Rc<Grant>>,
    deadline: Millis,
    asker: Asker,
    // An attempt that nobody sees: it leaves a status alone that it did not make.
    silent: bool,
}

/// Who waits for the outcome of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    Nobody,
    /// The host, under the dialect's token.
    Host(u64),
    /// The application, under the number of its call.
    App(u32),
}

/// An acquire that failed for a reason that may pass.
#[derive(Clone, Debug)]
pub(super) struct Again {
    pub at: Millis,
    reason: AcquireReason,
    about: Option<Rc<Identity>>,
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

impl<F, D: Dialect<F>> Session<F, D> {
    /// A session that has not begun. `tab` names this tab: 64 bits from a cryptographic source.
    pub fn new(config: Config, tab: Id, dialect: D) -> Self {
        let auth = Auth { status: AuthStatus::Unknown, reason: Reason::Starting, grant: None, until: None };
        Self {
            config,
            tab,
            link: HostLink::new(dialect),
            shown: Rc::new(view(&auth, &Snapshot::initial(), None)),
            auth,
            replica: Replica::default(),
            resolved: false,
            hidden: None,
            acquire: None,
            acquires: 0,
            again: None,
            backoff: Backoff::new(tab.0),
            shared_pause: None,
            pause_stood: false,
            announcing: false,
            hurried: false,
            wall_lead: None,
            wall_now: None,
            refresh: Refresh::new(),
            dead_on_arrival: 0.0,
            upkeep: Upkeep::new(tab),
            tasks: Vec::new(),
            last_task: 0,
            store_known: false,
            unannounced: false,
            looking: None,
            intents: Vec::new(),
            register_foreign: false,
            resetting: false,
            reading: false,
            outputs: Vec::new(),
        }
    }

    /// Adds a host, before [`handle_start`](Self::handle_start).
    ///
    /// # Errors
    /// [`Error::ConfigOriginInvalid`] for an entry of another form.
    pub fn allow(&mut self, host: &str, dialect: DialectKind) -> Result<(), Error> {
        self.config.allow(host, dialect)
    }

    /// Lets the widget run in the web view of the x-bees app, before [`handle_start`](Self::handle_start).
    #[cfg(feature = "xbees")]
    pub const fn allow_webview(&mut self) {
        self.config.allow_webview();
    }

    /// Tells the wall clock, in milliseconds since 1970. Before every input, or as often as it is looked at.
    #[allow(clippy::cast_precision_loss)]
    pub const fn tell_time(&mut self, now: Millis, wall: f64) {
        self.wall_now = Some(wall);
        self.wall_lead = Some(wall - now as f64);
    }

    /// Begins: reads the shared record and, if the parent is known, says hello.
    ///
    /// # Errors
    /// [`Error::ConfigOriginRequired`] without an allow-list; [`Error::HostNotAllowed`] if the parent is known and not in it;
    /// [`Error::OpaqueOrigin`] if this frame has no origin and the application did not opt in.
    pub fn handle_start(&mut self, now: Millis, parent: Parent, opaque: bool) -> Result<(), Error> {
        if opaque && !self.config.allow_opaque_origin {
            return Err(Error::OpaqueOrigin);
        }
        self.config.require_hosts()?;
        self.read();
        match parent {
            Parent::None => self.connect(ConnectionState::Standalone, None),
            #[cfg(feature = "xbees")]
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

    /// Takes a message of the window: first who sent it, then from which origin, then how often, and only then what it says. What ends a session is taken
    /// however often something else was said.
    pub fn handle_window(&mut self, now: Millis, from_parent: bool, origin: &str, message: F) {
        if !self.link.admits(&self.config, now, from_parent, origin, &message) {
            return;
        }
        match self.listen(now, Notice::Window(message)) {
            Heard::Knock => {
                self.link.knocked(origin);
                self.outputs.push(Output::OpenPort);
            }
            heard => self.heed(now, heard),
        }
    }

    /// Takes a message of the private port.
    pub fn handle_port(&mut self, now: Millis, message: F) {
        self.notify(now, Notice::Port(message));
    }

    /// Something came that the browser could not read (`messageerror`).
    pub fn handle_unreadable(&mut self) {
        self.refuse(Refusal::Shape);
    }

    /// The channel that [`Output::OpenPort`] asked for is there.
    pub fn handle_port_opened(&mut self, now: Millis, nonce: [u64; 2]) {
        self.notify(now, Notice::PortOpened(nonce));
    }

    /// The private port was closed from the other side.
    pub fn handle_port_lost(&mut self, now: Millis) {
        self.notify(now, Notice::PortLost);
    }

    /// Takes what the shared record holds at this moment, as [`Output::Read`] asked. Only here are changes made and written.
    pub fn handle_stored(&mut self, now: Millis, stored: Stored) {
        self.reading = false;
        if self.closed() {
            return;
        }
        let stored = stored.believed(self.wall(now));
        self.doubt_ourselves(now);
        self.register_foreign = stored == Stored::Later && !self.resetting;
        match &stored {
            Stored::Snapshot(seen) => self.learn(now, seen),
            Stored::Empty => self.forget(now),
            Stored::Damaged | Stored::Later => self.refuse(Refusal::Storage),
            Stored::Moved => {}
        }
        if !self.resolved {
            self.resolved = true;
            self.follow(now, AcquireReason::Restore, false);
        }
        if self.store_known || !self.shared() {
            for intent in std::mem::take(&mut self.intents) {
                self.apply(now, intent);
            }
        }
        if self.hidden == Some(Reason::Restored) {
            self.hidden = None;
        }
        self.show(now);
        let ours = *self.replica.current();
        if matches!(stored, Stored::Snapshot(seen) if seen == ours) {
            self.unannounced = false;
        } else if ours.epoch > 0 && !self.register_foreign && !(self.replica.authorized() && self.storing_sign_in()) {
            self.unannounced = false;
            self.resetting = false;
            self.outputs.push(Output::Write);
        }
    }

    /// A storage event speaks of the shared record. Anybody can make such an event up, and some engines carry it to where it does not belong: what counts
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
        self.hurried = true;
        if let Some(at) = self.backoff.hurry(now) {
            self.refresh.hurry(at);
            if let Some(again) = &mut self.again {
                again.at = at;
            }
        }
    }

    /// The page is being hidden (`pagehide`). From now on nothing private is shown.
    ///
    /// If it may come back, nothing is posted: a message that is sent at this moment evicts the page from Firefox's back/forward cache. A host
    /// knows by its own `pagehide`.
    pub fn handle_hide(&mut self, now: Millis, persisted: bool) {
        self.hidden = Some(Reason::Suspended);
        self.release_lock();
        self.show(now);
        if !persisted {
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

    /// Takes what the application acquired. An `id` that is not the newest is ignored.
    pub fn handle_acquired(&mut self, now: Millis, id: u32, result: Acquired) {
        let Some(pending) = self.acquire.take_if(|pending| pending.id == id) else {
            return;
        };
        let result = result.and_then(|grant| match grant.check() {
            Ok(()) => Ok(self.received(grant)),
            Err(error) => {
                self.outputs.push(Output::Emit(Event::Failed(error)));
                Err(AcquireFailure::Failed)
            }
        });
        // What a refresh brings may be of no use: see there.
        if result.is_ok() && pending.reason != AcquireReason::Refresh {
            self.end_pause();
        }
        match (result, pending.reason) {
            (result, AcquireReason::Refresh) => self.refreshed(now, result),

            (Ok(grant), AcquireReason::SignIn) => self.intend(Intent::SignIn(grant, Reason::Host, pending.asker)),
            (Ok(grant), reason) => {
                if self.replica.authorized() && self.is_current(&grant.account) {
                    let grant = self.local(now, &grant);
                    self.hold(now, grant, if reason == AcquireReason::OtherTab { Reason::OtherTab } else { Reason::Restore });
                    self.store(now, Asker::Nobody);
                } else {
                    self.drop_account(Reason::AccountMismatch);
                }
            }
            (Err(failure), _) => {
                if !pending.silent || self.auth.status == AuthStatus::Unauthorized {
                    self.drop_account(if failure == AcquireFailure::Refused { Reason::Refused } else { Reason::AcquireFailed });
                }
                self.answer(now, pending.asker, Err(Error::AcquireFailed));
                if failure.is_passing() {
                    self.try_again(now, pending.reason, pending.about, failure.later());
                    self.announce_pause();
                }
            }
        }
        self.show(now);
    }

    // What has failed may pass.
    pub(super) fn try_again(&mut self, now: Millis, reason: AcquireReason, about: Option<Rc<Identity>>, later: Option<Millis>) {
        let until = self.backoff.fail(now, AFTER_A_FAILURE, later);
        self.again = Some(Again { at: self.backoff.after(until), reason, about });
    }

    // Until it has succeeded, the status stays what it is: nobody wants to see each attempt.
    fn ask_again(&mut self, now: Millis) {
        let Some(Again { reason, about, .. }) = self.again.take() else { return };
        if reason == AcquireReason::SignIn {
            self.request(now, reason, about, Asker::Nobody);
        } else if !self.replica.authorized() {
            // The session has ended meanwhile.
        } else if self.shared() {
            // Another tab may have stored it.
            self.look(now, reason);
        } else {
            self.request(now, reason, None, Asker::Nobody);
        }
        if let Some(pending) = &mut self.acquire {
            pending.silent = true;
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Millis) {
        timer::fire_due(self, now);
        self.show(now);
    }

    // The application has not answered in time.
    fn acquire_is_late(&mut self, now: Millis) {
        let Some(PendingAcquire { reason, about, silent, .. }) = self.acquire.clone() else { return };
        if reason == AcquireReason::Refresh {
            self.drop_refresh();
            return self.refresh_failed(now, None);
        }
        self.cancel_acquire(now);
        if !silent || self.auth.status == AuthStatus::Unauthorized {
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
    pub fn tell_dialect(&mut self, now: Millis, said: F) -> Result<(), Error> {
        self.open()?;
        self.notify(now, Notice::App(said));
        Ok(())
    }

    /// The application's own sign-in has begun.
    ///
    /// # Errors
    /// [`Error::InvalidState`] if somebody is signed in, [`Error::Closed`].
    pub fn begin_sign_in(&mut self, now: Millis) -> Result<(), Error> {
        self.open()?;
        self.shift(Move::Begin, Reason::SignIn)?;
        self.show(now);
        Ok(())
    }

    /// Signs an account in, everywhere.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`], [`Error::LifetimeInvalid`], [`Error::Closed`].
    pub fn authorize(&mut self, grant: impl Into<Rc<Grant>>) -> Result<(), Error> {
        self.authorize_as(grant.into(), Asker::Nobody)
    }

    /// The same; [`Event::Settled`] says under this number when it holds: with stored credentials, when they are stored or cannot be.
    ///
    /// # Errors
    /// As [`authorize`](Self::authorize).
    pub fn authorize_for(&mut self, call: u32, grant: impl Into<Rc<Grant>>) -> Result<(), Error> {
        self.authorize_as(grant.into(), Asker::App(call))
    }

    // A relative lifetime counts from now, however long what follows has to wait.
    fn received(&self, grant: Rc<Grant>) -> Rc<Grant> {
        let Some((_, at)) = self.wall_now.and_then(|wall| grant.life(wall)) else { return grant };
        Rc::new(Grant { expires_at: Some(at.as_f64()), expires_in: None, server_time: None, ..Grant::clone(&grant) })
    }

    fn authorize_as(&mut self, grant: Rc<Grant>, asker: Asker) -> Result<(), Error> {
        self.open()?;
        grant.check()?;
        let grant = self.received(grant);
        self.intend(Intent::SignIn(grant, Reason::SignIn, asker));
        Ok(())
    }

    /// Signs everybody out, for one of the reasons that an application can have: [`Reason::User`], [`Reason::Refused`], [`Reason::Expired`].
    /// While nobody is signed in as far as this tab knows, it only ends what is under way here.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for another reason, [`Error::Closed`].
    pub fn sign_out(&mut self, reason: Reason) -> Result<(), Error> {
        self.unauthorized_as(reason, Asker::Nobody)
    }

    /// The same; [`Event::Settled`] says under this number when it holds.
    ///
    /// # Errors
    /// As [`unauthorized`](Self::unauthorized).
    pub fn sign_out_for(&mut self, call: u32, reason: Reason) -> Result<(), Error> {
        self.unauthorized_as(reason, Asker::App(call))
    }

    fn unauthorized_as(&mut self, reason: Reason, asker: Asker) -> Result<(), Error> {
        self.open()?;
        if !matches!(reason, Reason::User | Reason::Refused | Reason::Expired) {
            return Err(Error::ConfigInvalid);
        }
        // Where nobody is signed in as far as we know, only what is under way here ends: a sign-in that another tab has just made, unheard, is not meant.
        let known = self.replica.authorized() || !self.store_known && self.shared();
        self.intend(if known { Intent::SignOut(reason, asker) } else { Intent::GiveUp(reason, asker) });
        Ok(())
    }

    /// Signs everybody out and writes over whatever stands in the shared record and in the credential store, also what a later version has written: a way out
    /// where a shared record keeps this widget from working. [`Event::Settled`] says under this number when it is done.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn reset(&mut self, call: u32) -> Result<(), Error> {
        self.open()?;
        self.resetting = true;
        self.intend(Intent::SignOut(Reason::User, Asker::App(call)));
        Ok(())
    }

    /// Ends everything: says goodbye and takes nothing more.
    pub fn close(&mut self, now: Millis) {
        self.cancel_acquire(now);
        self.settle(Err(Error::Closed));
        self.tasks.clear();
        self.refresh.stop();
        self.notify(now, Notice::Close);
        self.connect(ConnectionState::Closed, None);
    }

    /// What is to be done, in this order. What that leads to comes with the next call.
    pub fn take_outputs(&mut self) -> Vec<Output<F, D::Message>> {
        std::mem::take(&mut self.outputs)
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn poll_timeout(&self) -> Option<Millis> {
        timer::next(self)
    }

    /// The session as everybody may see it.
    pub fn view(&self) -> &SessionView {
        &self.shown
    }

    /// What all tabs share, as far as this one knows.
    pub const fn snapshot(&self) -> &Snapshot {
        self.replica.current()
    }

    /// How we stand with the host.
    pub const fn connection(&self) -> ConnectionState {
        self.link.connection()
    }

    /// The origin of the host, once it is pinned.
    pub fn host(&self) -> Option<&str> {
        self.link.host()
    }

    /// What the host speaks, our own protocol if that is not known.
    #[cfg(feature = "dialects")]
    pub fn dialect_kind(&self) -> DialectKind {
        self.link.dialect_kind(&self.config)
    }

    /// How often each [`Refusal`] happened, in the order of [`Refusal::ALL`].
    pub const fn rejected(&self) -> &[u32; Refusal::COUNT] {
        self.link.rejected()
    }

    /// By how much the newest token that `acquire` brought was past its end when it came, in milliseconds; zero if it was not. A clock is wrong then:
    /// this browser's, or the server's.
    pub const fn dead_on_arrival(&self) -> f64 {
        self.dead_on_arrival
    }

    /// This tab's name.
    pub const fn tab(&self) -> Id {
        self.tab
    }

    // The host

    fn pin(&mut self, now: Millis, origin: &str, certainty: Certainty) -> bool {
        let dialect = self.link.pin(&self.config, origin, certainty);
        if let Some(dialect) = dialect {
            self.notify(now, Notice::Start(dialect));
        }
        dialect.is_some()
    }

    fn notify(&mut self, now: Millis, notice: Notice<F>) {
        let heard = self.listen(now, notice);
        self.heed(now, heard);
    }

    fn listen(&mut self, now: Millis, notice: Notice<F>) -> Heard<F> {
        self.link.converse(now, notice, &self.shown, &mut self.outputs)
    }

    fn heed(&mut self, now: Millis, heard: Heard<F>) {
        match heard {
            // Only a window message can be a knock.
            Heard::Nothing | Heard::Knock => {}
            Heard::Refused(refusal) => self.refuse(refusal),
            Heard::Connected(greeting) => self.connect(ConnectionState::Connected, Some(greeting)),
            #[cfg(feature = "dialects")]
            Heard::Open => self.connect(ConnectionState::Connected, None),
            Heard::Lost => self.connect(ConnectionState::Disconnected, None),
            Heard::Failed(error) => self.outputs.push(Output::Emit(Event::Failed(error))),
            Heard::Identity(token, identity, since) => self.identify(now, token, identity, since),
            Heard::SignOut(token) => self.intend(Intent::SignOut(Reason::Host, Asker::Host(token))),
            Heard::Dropped(message) => {
                // The latest session counts, whatever was lost.
                self.notify(now, Notice::Session);
                self.outputs.push(Output::Emit(Event::Message(message)));
            }
            Heard::Message(message) => self.outputs.push(Output::Emit(Event::Message(message))),
        }
    }

    pub(super) fn answer(&mut self, now: Millis, asker: Asker, result: Result<(), Error>) {
        match asker {
            Asker::Nobody => {}
            Asker::Host(token) => self.notify(now, Notice::Answer(token, result)),
            // What was asked for is overtaken if it failed: then something else holds.
            Asker::App(call) => self.outputs.push(Output::Emit(Event::Settled(call))),
        }
    }

    fn connect(&mut self, state: ConnectionState, greeting: Option<F>) {
        if self.link.connect(state) {
            self.outputs.push(Output::Emit(Event::Connection(state, greeting)));
        }
    }

    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.link.refuse(refusal);
    }

    // The user

    fn identify(&mut self, now: Millis, token: u64, identity: Rc<Identity>, since: Option<u64>) {
        if let Err(error) = identity.check() {
            self.refuse(Refusal::Shape);
            return self.answer(now, Asker::Host(token), Err(error));
        }
        if since.is_some() {
            // Whether that session still lives, only the shared record can tell.
            return self.intend(Intent::Repeat(self.received(identity), token, since.unwrap_or_default()));
        }
        let identity = self.received(identity);
        let held = self.auth.grant.as_ref().filter(|_| self.auth.status == AuthStatus::Authorized);
        let same = held.is_some_and(|held| held.account.subject() == identity.account.subject());
        if same && (self.config.acquire || identity.access_token.is_none()) {
            return self.answer(now, Asker::Host(token), Ok(()));
        }
        if !self.config.acquire {
            return self.intend(Intent::SignIn(identity, Reason::Host, Asker::Host(token)));
        }
        // Between two users there is nobody: what belongs to the first is gone before the second is asked for.
        if held.is_some() {
            self.intents.push(Intent::SignOut(Reason::AccountSwitch, Asker::Nobody));
        }
        self.intend(Intent::Acquire(identity, token));
    }

    // Whether this very user is signed in here: what was looked for in the credential store meanwhile has been found.
    #[cfg(feature = "credentials")]
    fn holds(&self, identity: &Identity) -> bool {
        let held = self.auth.grant.as_ref().filter(|_| self.auth.status == AuthStatus::Authorized);
        held.is_some_and(|held| held.account.subject() == identity.account.subject())
    }

    /// Whether the host has named another user, or nobody, while the credential store was still to give its first answer.
    #[cfg(feature = "credentials")]
    pub(super) fn displaced(&self, account: &Account) -> bool {
        self.intents.iter().any(|intent| match intent {
            // Of a session that has ended it says nothing.
            Intent::Repeat(_, _, since) if self.replica.current().epoch > *since => false,
            Intent::SignIn(named, ..) | Intent::Acquire(named, _) | Intent::Repeat(named, ..) => {
                named.account.subject() != account.subject()
            }
            Intent::SignOut(..) => true,
            Intent::GiveUp(..) => false,
        })
    }

    pub(super) fn intend(&mut self, intent: Intent) {
        self.intents.push(intent);
        self.read();
    }

    pub(super) fn intend_first(&mut self, intent: Intent) {
        self.intents.insert(0, intent);
        self.read();
    }

    fn apply(&mut self, now: Millis, intent: Intent) {
        let asker = match intent {
            // Another tab's sign-in at the same moment is not meant.
            Intent::GiveUp(_, asker) if self.replica.authorized() => asker,
            Intent::GiveUp(reason, asker) => {
                let trying = self.is_trying();
                self.cancel_acquire(now);
                if trying || self.auth.status != AuthStatus::Unauthorized {
                    self.drop_account(reason);
                }
                asker
            }
            Intent::Repeat(_, token, since) if self.replica.current().epoch > since => Asker::Host(token),
            // That user is signed in: what the tabs have is newer, and what this tab does not have yet the credential store will give it.
            Intent::Repeat(identity, token, _)
                if self.replica.authorized() && self.is_current(&identity.account) && (self.shared() || self.auth.grant.is_some()) =>
            {
                Asker::Host(token)
            }
            Intent::Repeat(identity, token, _) => return self.identify(now, token, identity, None),
            #[cfg(feature = "credentials")]
            Intent::Acquire(identity, token) if self.holds(&identity) => Asker::Host(token),
            Intent::Acquire(identity, token) => {
                // A user who is signed in elsewhere, or was stored: between two users there is nobody.
                #[cfg(feature = "credentials")]
                if self.replica.authorized() && !self.is_current(&identity.account) {
                    self.apply(now, Intent::SignOut(Reason::AccountSwitch, Asker::Nobody));
                }
                return self.ask(now, AcquireReason::SignIn, Some(identity), Asker::Host(token));
            }
            Intent::SignIn(grant, reason, asker) => self.sign_in(now, grant, reason, asker),
            Intent::SignOut(reason, asker) => {
                let trying = self.is_trying();
                self.cancel_acquire(now);
                let shared = self.replica.authorized();
                if self.resetting {
                    self.end_pause();
                }
                if shared || self.resetting {
                    self.replica.sign_out(self.tab, reason, self.epoch_clock(now));
                    self.wipe(now);
                }
                if shared || trying || self.auth.status != AuthStatus::Unauthorized {
                    self.drop_account(reason);
                }
                // For the application it holds when the credential is destroyed, or that is known to have failed.
                if matches!(asker, Asker::App(_)) && self.shared() && (shared || self.resetting) {
                    self.wait_for_store(asker);
                    Asker::Nobody
                } else {
                    asker
                }
            }
        };
        self.show(now);
        self.answer(now, asker, Ok(()));
    }

    // Gives back who waits, unless the credential store answers that.
    fn sign_in(&mut self, now: Millis, grant: Rc<Grant>, reason: Reason, asker: Asker) -> Asker {
        let grant = self.local(now, &grant);
        let current = *self.replica.current();
        let salt = if current.subject_tag == SubjectTag::default() { self.tab } else { current.subject_tag.salt };
        let tag = SubjectTag::new(salt, grant.account.subject());
        let same = self.replica.authorized() && current.subject_tag == tag;
        let was = self.auth.status == AuthStatus::Authorized;
        // Nothing changes, nothing happens.
        let held = self.auth.grant.as_ref().filter(|_| was && same);
        if held.is_some_and(|held| held.says_the_same_as(&grant)) {
            // It may still be on its way to the credential store.
            if self.storing_sign_in() {
                self.wait_for_store(asker);
                return Asker::Nobody;
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
        let known = same && !self.shared() && self.auth.grant.is_none() && current.expires_at == expires_at;
        if !known {
            self.replica.sign_in(self.tab, reason, expires_at, tag, self.epoch_clock(now));
        }
        self.hold(now, grant, reason);
        if !self.shared() {
            return asker;
        }
        self.store(now, asker);
        Asker::Nobody
    }

    // Another tab's change, or the state found at the start.
    pub(super) fn learn(&mut self, now: Millis, seen: &Snapshot) {
        let before = *self.replica.current();
        if self.replica.merge(seen) && self.resolved {
            let same = before.status == SharedStatus::Authorized && before.subject_tag == seen.subject_tag;
            self.follow(now, AcquireReason::OtherTab, same);
        }
    }

    // `same`: the account that was signed in before still is.
    fn follow(&mut self, now: Millis, reason: AcquireReason, same: bool) {
        let current = self.replica.current();
        if !self.replica.authorized() {
            let reason = current.reason;
            self.cancel_acquire(now);
            self.drop_account(reason);
            self.wipe(now);
            return self.show(now);
        }
        if self.auth.status == AuthStatus::Authorized {
            if same || self.auth.grant.as_ref().is_some_and(|held| self.is_current(&held.account)) {
                self.auth.reason = Reason::Refresh;
                if self.shared() {
                    self.look(now, reason);
                }
                return self.show(now);
            }
            self.drop_account(Reason::AccountSwitch);
            self.show(now);
        }
        // What is being acquired already is this account, or the user that the host has named meanwhile: it goes on.
        if self.acquire.as_ref().is_some_and(|pending| same || pending.reason == AcquireReason::SignIn) {
            return;
        }
        if self.shared() {
            self.cancel_acquire(now);
            let _ = self.shift(Move::Begin, reason.cause());
            self.look(now, reason);
            return self.show(now);
        }
        self.ask(now, reason, None, Asker::Nobody);
    }

    // Whether this is the account that all tabs share.
    pub(super) fn is_current(&self, account: &Account) -> bool {
        let tag = self.replica.current().subject_tag;
        SubjectTag::new(tag.salt, account.subject()) == tag
    }

    // Somebody emptied the storage: that is a sign-out.
    fn forget(&mut self, now: Millis) {
        if self.replica.authorized() && !self.unannounced {
            self.cancel_acquire(now);
            self.replica.sign_out(self.tab, Reason::StorageCleared, self.epoch_clock(now));
            self.drop_account(Reason::StorageCleared);
            self.wipe(now);
            self.show(now);
        }
    }

    // The clock has gone back by more than any clock does: what this tab knows is beyond reason now, and every other tab takes it for damaged.
    fn doubt_ourselves(&mut self, now: Millis) {
        if !self.replica.current().is_within_reason(self.wall(now)) {
            self.refuse(Refusal::Storage);
            self.cancel_acquire(now);
            self.replica = Replica::default();
            self.drop_account(Reason::StorageCleared);
            self.wipe(now);
            self.show(now);
        }
    }

    /// Asks the application, and shows that it is asked.
    pub(super) fn ask(&mut self, now: Millis, reason: AcquireReason, about: Option<Rc<Grant>>, asker: Asker) {
        self.cancel_acquire(now);
        if !self.config.acquire {
            // Nobody to ask: the status alone decides.
            let _ = self.shift(Move::Grant, reason.cause());
            self.settle(Ok(()));
            return self.show(now);
        }
        if reason != AcquireReason::Refresh {
            // The server has said when to come again, to this tab or to another.
            if let Some(until) = self.backoff.told_end(now) {
                self.again = Some(Again { at: self.backoff.after(until), reason, about });
                self.drop_account(Reason::AcquireFailed);
                self.show(now);
                return self.answer(now, asker, Err(Error::AcquireFailed));
            }
            let _ = self.shift(Move::Begin, reason.cause());
            // The callers that wait for a token wait for what is asked for now.
            let wanted = std::mem::take(&mut self.refresh.wanted);
            self.show(now);
            self.refresh.wanted = wanted;
        }
        self.request(now, reason, about, asker);
    }

    fn request(&mut self, now: Millis, reason: AcquireReason, about: Option<Rc<Grant>>, asker: Asker) {
        self.acquires = self.acquires.wrapping_add(1);
        let id = self.acquires;
        let deadline = now.saturating_add(ACQUIRE_TIMEOUT);
        self.acquire = Some(PendingAcquire { id, reason, about: about.clone(), deadline, asker, silent: false });
        self.outputs.push(Output::Emit(Event::Acquire { id, reason, about }));
    }

    /// Whether a user is on the way who may have a token.
    pub(super) fn is_coming(&self) -> bool {
        let brings = |intent: &Intent| matches!(intent, Intent::SignIn(..) | Intent::Acquire(..) | Intent::Repeat(..));
        self.acquire.is_some() || self.looking.is_some() || self.intents.iter().any(brings)
    }

    // Whether somebody is being signed in, or will be tried again.
    const fn is_trying(&self) -> bool {
        self.acquire.is_some() || self.again.is_some()
    }

    fn cancel_acquire(&mut self, now: Millis) {
        self.looking = None;
        self.again = None;
        if let Some(pending) = self.acquire.take() {
            self.outputs.push(Output::Emit(Event::AcquireCancelled));
            self.answer(now, pending.asker, Err(Error::AcquireFailed));
        }
    }

    pub(super) fn hold(&mut self, now: Millis, grant: Rc<Grant>, reason: Reason) {
        self.drop_refresh();
        if self.shift(Move::Grant, reason).is_ok() {
            self.auth.until = grant.life(self.wall(now)).map(|(left, _)| now.saturating_add(left));
            // A token that has just been made is not past its end: one of the clocks is wrong. One that was stored may be.
            let late = grant.expires_at.filter(|_| reason != Reason::Restore).map_or(0.0, |at| self.wall(now) - at);
            self.dead_on_arrival = late.max(0.0);
            self.auth.grant = Some(grant);
            self.again = None;
            self.release_lock();
            self.plan(now, self.auth.until.filter(|_| self.config.acquire), reason == Reason::Refresh);
            self.settle(Ok(()));
        }
    }

    pub(super) fn drop_account(&mut self, reason: Reason) {
        if self.shift(Move::Revoke, reason).is_ok() {
            self.auth.grant = None;
            self.auth.until = None;
            self.release_lock();
            self.refresh.stop();
            self.settle(Err(Error::NotAuthorized));
        }
    }

    #[allow(clippy::cast_precision_loss)]
    pub(super) const fn wall(&self, now: Millis) -> f64 {
        now as f64
            + match self.wall_lead {
                Some(lead) => lead,
                None => 0.0,
            }
    }

    // Where no wall clock was told, epochs are counted.
    #[allow(clippy::cast_precision_loss)]
    pub(super) const fn epoch_clock(&self, now: Millis) -> f64 {
        if self.wall_lead.is_some() { self.wall(now) } else { 0.0 }
    }

    pub(super) fn read(&mut self) {
        // Once is enough; and a second look before what the first one brought about is written would take the shared record for an emptied one.
        if !self.closed() && !std::mem::replace(&mut self.reading, true) {
            self.outputs.push(Output::Read);
        }
    }

    fn shift(&mut self, by: Move, reason: Reason) -> Result<(), Error> {
        self.auth.status = by.from(self.auth.status)?;
        self.auth.reason = reason;
        Ok(())
    }

    /// Shows what has changed. Between two users it always shows nobody, whatever led from the one to the other.
    pub(super) fn show(&mut self, now: Millis) {
        // Nobody waits for a token that is not under way any more, whatever ended that.
        if self.auth.status != AuthStatus::Authorized && !self.is_coming() {
            self.settle(Err(Error::NotAuthorized));
        }
        let view = view(&self.auth, self.replica.current(), self.hidden);
        let subject = |view: &SessionView| view.account.as_ref().map(|account| account.subject().to_owned());
        if let (Some(before), Some(after)) = (subject(&self.shown), subject(&view))
            && before != after
        {
            let (status, reason) = (AuthStatus::Unauthorized, Reason::AccountSwitch);
            self.present(now, SessionView { status, reason, account: None, expires_at: None, ..view.clone() });
        }
        self.present(now, view);
    }

    fn present(&mut self, now: Millis, view: SessionView) {
        if view != *self.shown && !self.closed() {
            self.shown = Rc::new(view);
            self.outputs.push(Output::Emit(Event::Session(Rc::clone(&self.shown))));
            // Not while the page is being put away: see `handle_hide`.
            if self.hidden != Some(Reason::Suspended) {
                self.notify(now, Notice::Session);
            }
        }
    }

    pub(super) fn closed(&self) -> bool {
        self.link.closed()
    }

    pub(super) fn open(&self) -> Result<(), Error> {
        if self.closed() { Err(Error::Closed) } else { Ok(()) }
    }
}

impl<F, D: Dialect<F>> Timers for Session<F, D> {
    fn due(&self, timer: Timer) -> Option<Millis> {
        if self.closed() {
            return None;
        }
        // A page that is hidden away starts nothing.
        let away = self.hidden.is_some();
        match timer {
            Timer::AcquireDeadline => self.acquire.as_ref().map(|pending| pending.deadline),
            Timer::AcquireAgain => self.again.as_ref().filter(|_| !away).map(|again| again.at),
            Timer::StoreTask => self.tasks.iter().filter(|pending| !pending.wipes()).map(|pending| pending.deadline).min(),
            Timer::StoreFirstAnswer if self.store_known => None,
            Timer::StoreFirstAnswer => self.tasks.iter().map(|pending| pending.deadline).min(),
            Timer::StoreUpkeep => self.upkeep.at,
            Timer::LeaseRenewal => self.refresh.renewal().filter(|_| self.shared()),
            Timer::LockAnswer => Some(self.refresh.lapse).filter(|_| self.refresh.stage == Stage::Asking && !self.shared()),
            Timer::Refresh => self.refresh.at.filter(|_| self.refresh.stage == Stage::Idle && !away),
            Timer::Dialect => self.link.due(),
        }
    }

    fn fire(&mut self, now: Millis, timer: Timer) {
        match timer {
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

fn view(auth: &Auth, shared: &Snapshot, hidden: Option<Reason>) -> SessionView {
    let suspended = |reason| (Move::Suspend.from(auth.status).unwrap_or(AuthStatus::Unknown), reason);
    let (status, reason) = hidden.map_or((auth.status, auth.reason), suspended);
    let authorized = status == AuthStatus::Authorized;
    let held = auth.grant.as_ref().filter(|_| authorized);
    SessionView {
        status,
        reason,
        account: held.map(|grant| Rc::clone(&grant.account)),
        // Our own token's, if we have one.
        expires_at: held.map_or(shared.expires_at.map(Timestamp::as_f64), |grant| grant.expires_at).filter(|_| authorized),
        epoch: shared.epoch,
        sequence: shared.sequence,
        writer: shared.writer,
    }
}
