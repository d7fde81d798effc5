use std::rc::Rc;

use super::acquire::{Acquiring, Visibility};
use super::auth::Auth;
use super::backoff::{AFTER_A_FAILURE, Backoff};
use super::clock::WallClock;
use super::credentials::{Refresh, StoreQueue, TokenSource};
use super::host_link::{Certainty, HostLink};
use super::intent::{Asker, Intent};
use super::pause::{PauseNews, PauseWrite, SharedPause};
use super::record_sync::RecordSync;
use super::{
    AcquireAbout, AcquireReason, AuthStatus, Config, ConnectionState, Content, Credentials, Dialect, Error, Event, Fence, Grant, Id,
    Identity, Malformed, Millis, Move, Notice, Output, Pause, PauseCause, Reason, Received, RefreshOutcome, Refusal, SessionView, Snapshot,
    Task,
};

/// One widget's session: the machine that everything else serves. See the [module](super) for its contract.
///
/// `F` is a message as it came, `D` what the host speaks.
///
/// Here are its parts, and the steps that every change is made of. Each of these files uses only those before it: the changes themselves (`changes.rs`), what a
/// refresh leads to (`renewal.rs`), what the credential store answers (`store_answers.rs`), and what the shell and the application call (`inputs.rs`).
#[derive(Clone, Debug)]
pub struct Session<F, D: Dialect<F>> {
    pub(super) config: Config,
    pub(super) tab: Id,
    pub(super) link: HostLink<D>,
    pub(super) auth: Auth,
    pub(super) record: RecordSync,
    pub(super) shared_pause: SharedPause,
    pub(super) acquiring: Acquiring,
    pub(super) store: StoreQueue,
    pub(super) refresh: Refresh,
    // How attempts that fail are spaced: those of this tab, and what it knows of the others'.
    pub(super) backoff: Backoff,
    pub(super) wall: WallClock,
    // Set while the page is away: what is known is kept, and not shown.
    pub(super) hidden: Option<Reason>,
    pub(super) shown: Rc<SessionView>,
    // By how much the newest token was dead on arrival, in milliseconds; zero if it was not.
    pub(super) dead_on_arrival: f64,
    pub(super) outputs: Vec<Output<F, D::Message>>,
}

impl<F, D: Dialect<F>> Session<F, D> {
    /// A session that has not begun. `tab` names this tab: 64 bits from a cryptographic source.
    pub fn new(config: Config, tab: Id, dialect: D) -> Self {
        let auth = Auth::new();
        Self {
            config,
            tab,
            link: HostLink::new(dialect),
            shown: Rc::new(auth.view(&Snapshot::initial(), None)),
            auth,
            record: RecordSync::new(),
            shared_pause: SharedPause::default(),
            acquiring: Acquiring::new(),
            store: StoreQueue::new(tab),
            refresh: Refresh::new(),
            backoff: Backoff::new(tab.0),
            wall: WallClock::default(),
            hidden: None,
            dead_on_arrival: 0.0,
            outputs: Vec::new(),
        }
    }

    /// The session as it is shown.
    pub fn view(&self) -> &SessionView {
        &self.shown
    }

    /// What all tabs share, as far as this one knows.
    pub const fn snapshot(&self) -> &Snapshot {
        self.record.replica.current()
    }

    /// How we stand with the host.
    pub const fn connection(&self) -> ConnectionState {
        self.link.connection()
    }

    /// The origin of the host, once it is pinned.
    pub fn host(&self) -> Option<&str> {
        self.link.host()
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

    pub(super) fn closed(&self) -> bool {
        self.link.closed()
    }

    pub(super) fn open(&self) -> Result<(), Error> {
        if self.closed() { Err(Error::Closed) } else { Ok(()) }
    }

    /// Whether credentials are stored, so that all tabs have the same one.
    pub(super) const fn stores_credentials(&self) -> bool {
        !matches!(self.config.credentials, Credentials::Memory)
    }

    pub(super) fn emit(&mut self, event: Event<F>) {
        self.outputs.push(Output::Emit(event));
    }

    // The host

    pub(super) fn pin(&mut self, now: Millis, origin: &str, certainty: Certainty) -> bool {
        let dialect = self.link.pin(&self.config, origin, certainty);
        if let Some(dialect) = dialect {
            self.notify(now, Notice::Start(dialect));
        }
        dialect.is_some()
    }

    pub(super) fn notify(&mut self, now: Millis, notice: Notice<F>) {
        let received = self.converse(now, notice);
        self.take_received(now, received);
    }

    pub(super) fn converse(&mut self, now: Millis, notice: Notice<F>) -> Received<F> {
        self.link.converse(now, notice, &self.shown, &mut self.outputs)
    }

    pub(super) fn take_received(&mut self, now: Millis, received: Received<F>) {
        match received {
            // Only a window message can be a knock.
            Received::Nothing | Received::Knock => {}
            Received::Refused(refusal) => self.link.refuse(refusal),
            Received::Connected(greeting) => self.connect(ConnectionState::Connected, Some(greeting)),
            #[cfg(feature = "dialects")]
            Received::Open => self.connect(ConnectionState::Connected, None),
            Received::Lost => self.connect(ConnectionState::Disconnected, None),
            Received::Failed(error) => self.emit(Event::Failed(error)),
            Received::Identity(token, identity, since) => self.identify(now, token, identity, since),
            Received::SignOut(token) => self.intend(Intent::SignOut(Reason::Host, Asker::Host(token))),
            Received::Dropped(message) => {
                // The latest session counts, whatever was lost.
                self.notify(now, Notice::Session);
                self.emit(Event::Message(message));
            }
            Received::Message(message) => self.emit(Event::Message(message)),
        }
    }

    pub(super) fn answer(&mut self, now: Millis, asker: Asker, result: Result<(), Error>) {
        match asker {
            Asker::None => {}
            Asker::Host(token) => self.notify(now, Notice::Answer(token, result)),
            // What was asked for is overtaken if it failed: then something else holds.
            Asker::App(call) => self.emit(Event::Settled(call)),
        }
    }

    pub(super) fn connect(&mut self, state: ConnectionState, greeting: Option<F>) {
        if self.link.connect(state) {
            self.emit(Event::Connection(state, greeting));
        }
    }

    /// The host names a user.
    pub(super) fn identify(&mut self, now: Millis, token: u64, identity: Rc<Identity>, since: Option<u64>) {
        if let Err(error) = identity.check() {
            self.link.refuse(Refusal::Shape);
            return self.answer(now, Asker::Host(token), Err(error));
        }
        let identity = self.wall.last().map_or_else(|| Rc::clone(&identity), |wall| Rc::new(identity.received_at(wall)));
        if let Some(since) = since {
            // Whether that session still lives, only the shared record says.
            return self.intend(Intent::Repeat(identity, token, since));
        }
        let held = self.auth.held();
        let same = held.is_some_and(|held| held.account.subject() == identity.account().subject());
        if same && (self.config.acquire || !identity.has_access_token()) {
            return self.answer(now, Asker::Host(token), Ok(()));
        }
        if !self.config.acquire {
            let grant = Rc::new(identity.accept());
            return self.intend(Intent::SignIn(grant, Reason::Host, Asker::Host(token)));
        }
        // Between two users no user is signed in: what belongs to the first is gone before the second is asked for.
        if held.is_some() {
            self.record.intend(Intent::SignOut(Reason::AccountSwitch, Asker::None));
        }
        self.intend(Intent::Acquire(identity, token));
    }

    // A relative lifetime counts from now, however long what follows has to wait.
    pub(super) fn received(&self, grant: Rc<Grant>) -> Rc<Grant> {
        self.wall.last().map_or_else(|| Rc::clone(&grant), |wall| Rc::new(grant.received_at(wall)))
    }

    // The shared record

    pub(super) fn read(&mut self) {
        if !self.closed() && self.record.ask() {
            self.outputs.push(Output::Read);
        }
    }

    pub(super) fn intend(&mut self, intent: Intent) {
        self.record.intend(intent);
        self.read();
    }

    // The pause of all tabs

    /// All tabs are to know of this one's failure.
    pub(super) fn announce_pause(&mut self) {
        self.shared_pause.announce();
        self.read();
    }

    /// An attempt has succeeded: no tab waits any longer.
    pub(super) fn end_pause(&mut self) {
        self.backoff.reset();
        if self.shared_pause.end() {
            self.outputs.push(Output::Pause(None));
        }
    }

    pub(super) fn take_pause(&mut self, now: Millis, found: Result<Option<Pause>, Malformed>) {
        let wall = self.wall.at(now);
        let (news, write) = self.shared_pause.found(found);
        match news {
            PauseNews::Nothing => {}
            // What a server has asked for holds for every attempt; what only grew, for those that are tried again, so that one tab whose attempts always
            // fail keeps no healthy one from its first.
            PauseNews::Begun(pause) => {
                let until = pause.adopt(&mut self.backoff, now, wall);
                if let Some(again) = self.acquiring.again.as_mut().filter(|again| again.at < until) {
                    again.at = self.backoff.after(until);
                }
                if self.refresh.postpone(until, pause.cause, &mut self.backoff) {
                    self.settle_by_life(now);
                }
            }
            // There is nothing to wait for any more.
            PauseNews::Ended => {
                self.backoff.reset();
                let at = self.backoff.after(now);
                self.refresh.hurry(at);
                if let Some(again) = &mut self.acquiring.again {
                    again.at = again.at.min(at);
                }
            }
        }
        let pause = match write {
            PauseWrite::Nothing => return,
            PauseWrite::Ours => self.backoff.end(now).map(|until| Pause::of(&self.backoff, now, wall, until)),
            PauseWrite::Removal => None,
        };
        self.shared_pause.wrote(pause);
        self.outputs.push(Output::Pause(pause));
    }

    // The credential store

    /// Asks the credential store to do something about the version that all tabs share. Gives the number of the task.
    pub(super) fn ask_store(&mut self, now: Millis, task: Task, credential: Option<Rc<Grant>>) -> u32 {
        let version = *self.snapshot();
        self.ask_store_about(now, task, version, credential)
    }

    pub(super) fn ask_store_about(&mut self, now: Millis, task: Task, version: Snapshot, credential: Option<Rc<Grant>>) -> u32 {
        let id = self.store.number();
        self.emit(Event::CredentialStore { id, task, credential: credential.clone() });
        if self.stores_credentials() {
            self.store.await_task(now, id, task, version, credential);
        }
        id
    }

    /// Looks for the credential of the version that all tabs share.
    pub(super) fn look(&mut self, now: Millis, reason: AcquireReason) {
        let id = self.ask_store(now, Task::Look, None);
        self.store.looks(id, reason);
    }

    /// Destroys what the credential store holds of a session that ended.
    pub(super) fn wipe(&mut self, now: Millis) {
        if self.stores_credentials() {
            self.store.stop_upkeep();
            self.ask_store(now, Task::Keep { content: Content::Nothing, fence: Fence::Open, pause: None }, None);
        }
    }

    /// Stores what this tab holds, under the version that all tabs share. The asker is answered when it is there, or cannot be.
    pub(super) fn store_held(&mut self, now: Millis, asker: Asker) {
        if self.stores_credentials() {
            self.record.unannounced = true;
            self.store.stop_upkeep();
            let credential = self.auth.grant.clone();
            self.ask_store(now, Task::Keep { content: Content::Credential, fence: Fence::Open, pause: None }, credential);
            self.store.wait(asker);
        }
    }

    /// With tokens in memory: gives the Web Lock back, if this tab has it.
    pub(super) fn release_lock(&mut self) {
        if self.refresh.unlock() {
            let id = self.store.number();
            let task = Task::Release { outcome: RefreshOutcome::Known, pause: None };
            self.emit(Event::CredentialStore { id, task, credential: None });
        }
    }

    /// Whether a sign-in is on its way to the credential store.
    pub(super) fn storing_sign_in(&self) -> bool {
        self.stores_credentials() && self.store.is_storing_sign_in()
    }

    // The application

    /// Asks the application, and shows that it is asked.
    pub(super) fn ask(&mut self, now: Millis, reason: AcquireReason, about: Option<AcquireAbout>, asker: Asker) {
        self.cancel_acquire(now);
        if !self.config.acquire {
            // There is none to ask: the status alone decides.
            let _ = self.auth.shift(Move::Grant, reason.cause());
            self.settle(Ok(()));
            return self.show(now);
        }
        if reason != AcquireReason::Refresh {
            // The server has said when to come again, to this tab or to another.
            if let Some(until) = self.backoff.server_end(now) {
                self.acquiring.retry(self.backoff.after(until), reason, about);
                self.drop_account(Reason::AcquireFailed);
                self.show(now);
                return self.answer(now, asker, Err(Error::AcquireFailed));
            }
            let _ = self.auth.shift(Move::Begin, reason.cause());
            // The callers that wait for a token wait for what is asked for now.
            let wanted = std::mem::take(&mut self.refresh.wanted);
            self.show(now);
            self.refresh.wanted = wanted;
        }
        self.request(now, reason, about, asker);
    }

    fn request(&mut self, now: Millis, reason: AcquireReason, about: Option<AcquireAbout>, asker: Asker) {
        let id = self.acquiring.ask(now, reason, about.clone(), asker);
        self.emit(Event::Acquire { id, reason, about });
    }

    /// What has failed may pass.
    pub(super) fn try_again(&mut self, now: Millis, reason: AcquireReason, about: Option<AcquireAbout>, later: Option<Millis>) {
        let until = self.backoff.fail(now, AFTER_A_FAILURE, later);
        self.acquiring.retry(self.backoff.after(until), reason, about);
    }

    /// Until it has succeeded, the status stays what it is: an attempt that is repeated is not shown.
    pub(super) fn ask_again(&mut self, now: Millis) {
        let Some(again) = self.acquiring.again.take() else { return };
        if again.reason == AcquireReason::SignIn {
            self.request(now, again.reason, again.about, Asker::None);
        } else if !self.record.replica.authorized() {
            // The session has ended meanwhile.
        } else if self.stores_credentials() {
            // Another tab may have stored it.
            self.look(now, again.reason);
        } else {
            self.request(now, again.reason, None, Asker::None);
        }
        if let Some(pending) = &mut self.acquiring.pending {
            pending.visibility = Visibility::Silent;
        }
    }

    /// Whether a user is on the way who may have a token.
    pub(super) fn is_coming(&self) -> bool {
        self.acquiring.pending.is_some() || self.store.is_looking() || self.record.awaits_a_user()
    }

    pub(super) fn cancel_acquire(&mut self, now: Millis) {
        self.store.stop_looking();
        self.acquiring.again = None;
        if let Some(pending) = self.acquiring.cancel(|_| true) {
            self.emit(Event::AcquireCancelled);
            self.answer(now, pending.asker, Err(Error::AcquireFailed));
        }
    }

    /// Calls the question off, if it is one of these. What else is being acquired goes on.
    pub(super) fn call_off(&mut self, which: fn(AcquireReason) -> bool) {
        if self.acquiring.cancel(which).is_some() {
            self.emit(Event::AcquireCancelled);
        }
    }

    // The user

    pub(super) fn hold(&mut self, now: Millis, grant: Rc<Grant>, reason: Reason) {
        self.call_off(|pending| pending == AcquireReason::Refresh);
        if self.auth.shift(Move::Grant, reason).is_ok() {
            let wall = self.wall.at(now);
            self.auth.until = grant.life(wall).map(|(left, _)| now.saturating_add(left));
            // A token that has just been made is not past its end: one of the clocks is wrong. One that was stored may be.
            let late = grant.expires_at.filter(|_| reason != Reason::Restore).map_or(0.0, |at| wall - at);
            self.dead_on_arrival = late.max(0.0);
            self.auth.grant = Some(grant);
            self.acquiring.again = None;
            self.release_lock();
            let source = if reason == Reason::Refresh { TokenSource::Refresh } else { TokenSource::Elsewhere };
            self.plan_refresh(now, self.auth.until.filter(|_| self.config.acquire), source);
            self.settle(Ok(()));
        }
    }

    /// Plans the next refresh of a token that is good until then.
    pub(super) fn plan_refresh(&mut self, now: Millis, until: Option<Millis>, source: TokenSource) {
        self.refresh.plan(now, until, source, &mut self.backoff);
        // A token that another tab has fetched ends no pause that a server has asked for.
        if let Some(pause) = self.shared_pause.known().filter(|pause| pause.cause == PauseCause::Server) {
            pause.adopt(&mut self.backoff, now, self.wall.at(now));
        }
    }

    pub(super) fn drop_account(&mut self, reason: Reason) {
        if self.auth.shift(Move::Revoke, reason).is_ok() {
            self.auth.grant = None;
            self.auth.until = None;
            self.release_lock();
            self.refresh.stop();
            self.settle(Err(Error::NotAuthorized));
        }
    }

    /// Answers those who wait for a token.
    pub(super) fn settle(&mut self, result: Result<(), Error>) {
        if std::mem::take(&mut self.refresh.wanted) {
            self.emit(Event::Token(result));
        }
    }

    /// Those who wait for a token that cannot be renewed now: what is there may still be good.
    pub(super) fn settle_by_life(&mut self, now: Millis) {
        self.settle(if self.auth.is_good(now) { Ok(()) } else { Err(Error::RefreshFailed) });
    }

    /// Shows what has changed. Between two users it always shows that no user is signed in, whatever led from the one to the other.
    pub(super) fn show(&mut self, now: Millis) {
        // A token that is not under way any more is not waited for, whatever ended that.
        if self.auth.status != AuthStatus::Authorized && !self.is_coming() {
            self.settle(Err(Error::NotAuthorized));
        }
        let view = self.auth.view(self.record.replica.current(), self.hidden);
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
            self.emit(Event::Session(Rc::clone(&self.shown)));
            // Not while the page is being put away: see `handle_hide`.
            if self.hidden != Some(Reason::Suspended) {
                self.notify(now, Notice::Session);
            }
        }
    }
}
