use std::rc::Rc;

use super::credentials::PendingTask;
use super::refresh::Refresh;
use super::{
    Account, AcquireFailure, AcquireReason, Acquired, AuthStatus, Config, ConnectionState, Dialect, DialectKind, Error, Event, Grant,
    Heard, Id, Identity, Millis, Move, Notice, Output, Parent, Reason, Refusal, Replica, SessionView, SharedStatus, Snapshot, Stored,
    SubjectTag, TokenBucket,
};

const WINDOW_RATE: u32 = 200;
const PORT_RATE: u32 = 20_000;
const ACQUIRE_TIMEOUT: Millis = 30_000;

/// One widget's session: the machine that everything else serves. See the [module](super) for its contract.
///
/// `F` is a message as it came, `D` what the host speaks.
#[derive(Clone, Debug)]
pub struct Session<F, D: Dialect<F>> {
    pub(super) config: Config,
    tab: Id,
    dialect: D,
    host: Option<String>,
    // Whether the browser itself or a knock named the host, so that no message may name another.
    host_certain: bool,
    connection: ConnectionState,
    window_rate: TokenBucket,
    port_rate: TokenBucket,
    rejected: [u32; Refusal::COUNT],

    pub(super) auth: Auth,
    pub(super) replica: Replica,
    resolved: bool,
    // Set while the page is away: what is known is kept, but shown to nobody.
    pub(super) veil: Option<Reason>,
    shown: Rc<SessionView>,
    pub(super) acquire: Option<PendingAcquire>,
    acquires: u32,
    // How far the wall clock is ahead of ours.
    wall_lead: f64,
    pub(super) refresh: Refresh,
    pub(super) tasks: Vec<PendingTask>,
    pub(super) last_task: u32,
    // Whether the vault has answered once. Until then it may know of a later session than an empty register does.
    pub(super) vault_known: bool,
    // Whether the register does not know yet what the vault knows: then an empty one was not emptied.
    pub(super) unannounced: bool,
    // The newest look into the vault, and what for.
    pub(super) looking: Option<(u32, AcquireReason)>,
    intents: Vec<Intent>,
    // A later version's record: we must not overwrite it.
    register_foreign: bool,
    // Whether the register is to be read already.
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
    deadline: Millis,
    answer: Option<u64>,
}

/// A change that waits for the register to be read, because nothing is written before it is known what stands there.
#[derive(Clone, Debug)]
pub(super) enum Intent {
    SignIn(Rc<Grant>, Reason, Option<u64>),
    SignOut(Reason, Option<u64>),
    GiveUp(Reason),
    Acquire(Rc<Identity>, u64),
}

impl<F, D: Dialect<F>> Session<F, D> {
    /// A session that has not begun. `tab` names this tab: 64 bits from a cryptographic source.
    pub fn new(config: Config, tab: Id, dialect: D) -> Self {
        let auth = Auth { status: AuthStatus::Unknown, reason: Reason::Starting, grant: None, until: None };
        Self {
            dialect,
            config,
            tab,
            host: None,
            host_certain: false,
            connection: ConnectionState::Connecting,
            window_rate: TokenBucket::new(WINDOW_RATE),
            port_rate: TokenBucket::new(PORT_RATE),
            rejected: [0; Refusal::COUNT],
            shown: Rc::new(view(&auth, &Snapshot::initial(), None)),
            auth,
            replica: Replica::default(),
            resolved: false,
            veil: None,
            acquire: None,
            acquires: 0,
            wall_lead: 0.0,
            refresh: Refresh::new(tab),
            tasks: Vec::new(),
            last_task: 0,
            vault_known: false,
            unannounced: false,
            looking: None,
            intents: Vec::new(),
            register_foreign: false,
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
        self.wall_lead = wall - now as f64;
    }

    /// Begins: reads the register and, if the parent is known, says hello.
    ///
    /// # Errors
    /// [`Error::ConfigOriginRequired`] without an allow-list; [`Error::HostNotAllowed`] if the parent is known and not in it;
    /// [`Error::OpaqueOrigin`] if this frame has no origin and the application did not opt in.
    pub fn handle_start(&mut self, now: Millis, parent: Parent, opaque: bool) -> Result<(), Error> {
        if opaque && !self.config.opaque {
            return Err(Error::OpaqueOrigin);
        }
        self.config.require_hosts()?;
        self.read();
        match parent {
            Parent::None => self.connect(ConnectionState::Standalone, None),
            #[cfg(feature = "xbees")]
            Parent::Webview => {
                self.host_certain = true;
                if !self.pin(now, super::WEBVIEW) {
                    self.connect(ConnectionState::Standalone, None);
                }
            }
            Parent::Known(origin) => {
                self.host_certain = true;
                if !self.pin(now, &origin) {
                    return Err(Error::HostNotAllowed);
                }
            }
            Parent::Hint(origin) => {
                self.pin(now, &origin);
            }
            Parent::Unknown => {}
        }
        #[cfg(feature = "dialects")]
        if self.host.is_none()
            && self.connection == ConnectionState::Connecting
            && let Some(origin) = self.config.sole_host()?
        {
            self.pin(now, &origin);
        }
        Ok(())
    }

    /// Takes a message of the window: first who sent it, then from which origin, then how often, and only then what it says.
    pub fn handle_window(&mut self, now: Millis, from_parent: bool, origin: &str, message: F) {
        if !from_parent {
            return self.refuse(Refusal::Source);
        }
        if !self.hears(origin) {
            return self.refuse(Refusal::Origin);
        }
        if !self.window_rate.take(now) {
            return self.refuse(Refusal::Rate);
        }
        match self.listen(now, Notice::Window(message)) {
            Heard::Knock => {
                self.host_certain = true;
                self.host = Some(origin.to_owned());
                self.outputs.push(Output::OpenPort);
            }
            heard => self.heed(now, heard),
        }
    }

    /// Takes a message of the private port.
    pub fn handle_port(&mut self, now: Millis, message: F) {
        if self.port_rate.take(now) {
            self.notify(now, Notice::Port(message));
        } else {
            self.refuse(Refusal::Rate);
        }
    }

    /// The channel that [`Output::OpenPort`] asked for is there.
    pub fn handle_port_opened(&mut self, now: Millis, nonce: [u64; 2]) {
        self.notify(now, Notice::PortOpened(nonce));
    }

    /// The private port was closed from the other side.
    pub fn handle_port_lost(&mut self, now: Millis) {
        self.notify(now, Notice::PortLost);
    }

    /// Takes what the register holds at this moment, as [`Output::Read`] asked. Only here are changes made and written.
    pub fn handle_stored(&mut self, now: Millis, stored: Stored) {
        self.reading = false;
        if self.closed() {
            return;
        }
        match &stored {
            Stored::Snapshot(seen) => self.learn(now, seen),
            Stored::Empty => self.forget(now),
            Stored::Damaged => self.refuse(Refusal::Storage),
            Stored::Moved => {}
            Stored::Later => {
                self.refuse(Refusal::Storage);
                self.register_foreign = true;
            }
        }
        if !self.resolved {
            self.resolved = true;
            self.follow(now, AcquireReason::Restore, false);
        }
        if self.vault_known || !self.shared() {
            for intent in std::mem::take(&mut self.intents) {
                self.apply(now, intent);
            }
        }
        if self.veil == Some(Reason::Restored) {
            self.veil = None;
        }
        self.show(now);
        let ours = *self.replica.current();
        if matches!(stored, Stored::Snapshot(seen) if seen == ours) {
            self.unannounced = false;
        } else if ours.epoch > 0 && !self.register_foreign && !self.storing_sign_in() {
            self.unannounced = false;
            self.outputs.push(Output::Write);
        }
    }

    /// Takes the new value that a storage event reports. If it is not the winner, the register is read, and mended if need be.
    pub fn handle_storage_event(&mut self, now: Millis, stored: Stored) {
        if self.closed() {
            return;
        }
        if let Stored::Snapshot(seen) = stored {
            self.learn(now, &seen);
            self.show(now);
            if seen == *self.replica.current() {
                return;
            }
        }
        self.read();
    }

    /// The page may have missed events (it was hidden, frozen or out of focus): read again.
    pub fn handle_wake(&mut self) {
        self.read();
    }

    /// The page is being hidden (`pagehide`). From now on nothing private is shown.
    pub fn handle_hide(&mut self, now: Millis, persisted: bool) {
        self.veil = Some(Reason::Suspended);
        self.show(now);
        if !persisted {
            self.notify(now, Notice::Close);
            self.connect(ConnectionState::Disconnected, None);
        }
    }

    /// The page is shown (`pageshow`). If it had been hidden, the status stays unknown until the register is read.
    pub fn handle_show(&mut self, now: Millis) {
        self.veil = self.veil.map(|_| Reason::Restored);
        self.show(now);
        self.read();
    }

    /// Takes what the application acquired. An `id` that is not the newest is ignored.
    pub fn handle_acquired(&mut self, now: Millis, id: u32, result: Acquired) {
        let Some(pending) = self.acquire.take_if(|pending| pending.id == id) else {
            return;
        };
        match (result, pending.reason) {
            (result, AcquireReason::Refresh) => self.refreshed(now, result),
            (Ok(grant), AcquireReason::SignIn) => self.intend(Intent::SignIn(grant, Reason::Host, pending.answer)),
            (Ok(grant), reason) => {
                if self.replica.authorized() && self.is_current(&grant.account) {
                    let grant = self.local(now, &grant);
                    self.hold(now, grant, if reason == AcquireReason::Join { Reason::Join } else { Reason::Restore });
                    self.store(now);
                } else {
                    self.drop_account(Reason::AccountMismatch);
                }
            }
            (Err(failure), _) => {
                self.drop_account(if failure == AcquireFailure::Refused { Reason::Refused } else { Reason::AcquireFailed });
                self.answer(now, pending.answer, Err(Error::AcquireFailed));
            }
        }
        self.show(now);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Millis) {
        match self.acquire.as_ref().filter(|pending| pending.deadline <= now).map(|pending| pending.reason) {
            Some(AcquireReason::Refresh) => {
                self.drop_refresh();
                self.refresh_failed(now);
            }
            Some(_) => {
                self.cancel_acquire(now);
                self.drop_account(Reason::AcquireTimeout);
            }
            None => {}
        }
        self.credentials_timeout(now);
        #[cfg(feature = "dialects")]
        if self.dialect.due().is_some_and(|due| due <= now) {
            self.notify(now, Notice::Timeout);
        }
        self.show(now);
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
    /// [`Error::IllegalMove`] if somebody is signed in, [`Error::Closed`].
    pub fn authorizing(&mut self, now: Millis) -> Result<(), Error> {
        self.open()?;
        self.shift(Move::Begin, Reason::SignIn)?;
        self.show(now);
        Ok(())
    }

    /// Signs an account in, everywhere.
    ///
    /// # Errors
    /// [`Error::Closed`].
    pub fn authorize(&mut self, grant: impl Into<Rc<Grant>>) -> Result<(), Error> {
        self.open()?;
        self.intend(Intent::SignIn(grant.into(), Reason::SignIn, None));
        Ok(())
    }

    /// Signs everybody out, for one of the reasons that an application can have: [`Reason::User`], [`Reason::Refused`], [`Reason::Expired`].
    /// While nobody is signed in as far as this tab knows, it only ends what is under way here.
    ///
    /// # Errors
    /// [`Error::ConfigInvalid`] for another reason, [`Error::Closed`].
    pub fn unauthorized(&mut self, reason: Reason) -> Result<(), Error> {
        self.open()?;
        if !matches!(reason, Reason::User | Reason::Refused | Reason::Expired) {
            return Err(Error::ConfigInvalid);
        }
        // Where nobody is signed in as far as we know, only what is under way here ends: a sign-in that another tab has just made, unheard, is not meant.
        let known = self.replica.authorized() || !self.vault_known && self.shared();
        self.intend(if known { Intent::SignOut(reason, None) } else { Intent::GiveUp(reason) });
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
        let acquire = self.acquire.as_ref().map(|pending| pending.deadline);
        if self.closed() { None } else { acquire.into_iter().chain(self.credentials_due()).chain(self.dialect.due()).min() }
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
        self.connection
    }

    /// The origin of the host, once it is pinned.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// What the host speaks, our own protocol if that is not known.
    #[cfg(feature = "dialects")]
    pub fn dialect_kind(&self) -> DialectKind {
        self.host.as_deref().and_then(|host| self.config.dialect(host)).unwrap_or_default()
    }

    /// How often each [`Refusal`] happened, in the order of [`Refusal::ALL`].
    pub const fn rejected(&self) -> &[u32; Refusal::COUNT] {
        &self.rejected
    }

    /// This tab's name.
    pub const fn tab(&self) -> Id {
        self.tab
    }

    // The host

    fn pin(&mut self, now: Millis, origin: &str) -> bool {
        let dialect = self.config.dialect(origin);
        if let Some(dialect) = dialect {
            self.host = Some(origin.to_owned());
            self.notify(now, Notice::Start(dialect));
        }
        dialect.is_some()
    }

    // The host; and until it is certain who that is, another one that may knock, which only our own protocol knows.
    fn hears(&self, origin: &str) -> bool {
        if self.host.as_deref() == Some(origin) {
            return true;
        }
        #[cfg(feature = "dialects")]
        if self.dialect_kind().widget_begins() || self.config.dialect(origin).is_some_and(DialectKind::widget_begins) {
            return false;
        }
        !self.host_certain && self.config.allows(origin)
    }

    fn notify(&mut self, now: Millis, notice: Notice<F>) {
        let heard = self.listen(now, notice);
        self.heed(now, heard);
    }

    fn listen(&mut self, now: Millis, notice: Notice<F>) -> Heard<F> {
        if self.closed() { Heard::Nothing } else { self.dialect.handle(now, notice, &self.shown, &mut self.outputs) }
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
            Heard::Identity(token, identity) => self.identify(now, token, identity),
            Heard::SignOut(token) => self.intend(Intent::SignOut(Reason::Host, Some(token))),
            Heard::Message(message) => self.outputs.push(Output::Emit(Event::Message(message))),
        }
    }

    fn answer(&mut self, now: Millis, token: Option<u64>, result: Result<(), Error>) {
        if let Some(token) = token {
            self.notify(now, Notice::Answer(token, result));
        }
    }

    fn connect(&mut self, state: ConnectionState, greeting: Option<F>) {
        if self.connection != state {
            self.connection = state;
            self.outputs.push(Output::Emit(Event::Connection(state, greeting)));
        }
    }

    fn refuse(&mut self, refusal: Refusal) {
        if let Some(count) = self.rejected.get_mut(refusal as usize) {
            *count = count.saturating_add(1);
        }
    }

    // The user

    fn identify(&mut self, now: Millis, token: u64, identity: Rc<Identity>) {
        let held = self.auth.grant.as_ref().filter(|_| self.auth.status == AuthStatus::Authorized);
        let same = held.is_some_and(|held| held.account.subject() == identity.account.subject());
        if same && (self.config.acquire || identity.access_token.is_none()) {
            return self.answer(now, Some(token), Ok(()));
        }
        if !self.config.acquire {
            return self.intend(Intent::SignIn(identity, Reason::Host, Some(token)));
        }
        // Between two users there is nobody: what belongs to the first is gone before the second is asked for.
        if held.is_some() {
            self.intents.push(Intent::SignOut(Reason::AccountSwitch, None));
        }
        self.intend(Intent::Acquire(identity, token));
    }

    // Whether this very user is signed in here: what was looked for in the vault meanwhile has been found.
    #[cfg(feature = "vault")]
    fn holds(&self, identity: &Identity) -> bool {
        let held = self.auth.grant.as_ref().filter(|_| self.auth.status == AuthStatus::Authorized);
        held.is_some_and(|held| held.account.subject() == identity.account.subject())
    }

    /// Whether the host has named another user, or nobody, while the vault was still to give its first answer.
    #[cfg(feature = "vault")]
    pub(super) fn displaced(&self, account: &Account) -> bool {
        self.intents.iter().any(|intent| match intent {
            Intent::SignIn(named, ..) | Intent::Acquire(named, _) => named.account.subject() != account.subject(),
            Intent::SignOut(..) => true,
            Intent::GiveUp(_) => false,
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
        let answer = match intent {
            Intent::GiveUp(_) if self.replica.authorized() => return,
            Intent::GiveUp(reason) => {
                self.cancel_acquire(now);
                if self.auth.status != AuthStatus::Unauthorized {
                    self.drop_account(reason);
                }
                None
            }
            #[cfg(feature = "vault")]
            Intent::Acquire(identity, token) if self.holds(&identity) => Some(token),
            Intent::Acquire(identity, token) => {
                // Whoever is signed in elsewhere, or was stored: between two users there is nobody.
                #[cfg(feature = "vault")]
                if self.replica.authorized() && !self.is_current(&identity.account) {
                    self.apply(now, Intent::SignOut(Reason::AccountSwitch, None));
                }
                return self.ask(now, AcquireReason::SignIn, Some(identity), Some(token));
            }
            Intent::SignIn(grant, reason, answer) => {
                self.sign_in(now, grant, reason);
                answer
            }
            Intent::SignOut(reason, answer) => {
                self.cancel_acquire(now);
                let shared = self.replica.authorized();
                if shared {
                    self.replica.sign_out(self.tab, reason);
                    self.wipe(now);
                }
                if shared || self.auth.status != AuthStatus::Unauthorized {
                    self.drop_account(reason);
                }
                answer
            }
        };
        self.show(now);
        self.answer(now, answer, Ok(()));
    }

    fn sign_in(&mut self, now: Millis, grant: Rc<Grant>, reason: Reason) {
        self.cancel_acquire(now);
        let grant = self.local(now, &grant);
        let current = self.replica.current().subject_tag;
        let salt = if current == SubjectTag::default() { self.tab } else { current.salt };
        let tag = SubjectTag::new(salt, grant.account.subject());
        let same = self.replica.authorized() && current == tag;
        let was = self.auth.status == AuthStatus::Authorized;
        let reason = match (was, same) {
            (true, true) => Reason::Refresh,
            (true, false) => Reason::AccountSwitch,
            (false, _) => reason,
        };
        if was && !same {
            self.drop_account(Reason::AccountSwitch);
            self.show(now);
        }
        self.replica.sign_in(self.tab, reason, grant.expires_at, tag);
        self.hold(now, grant, reason);
        self.store(now);
    }

    // Another tab's change, or the state found at the start.
    pub(super) fn learn(&mut self, now: Millis, seen: &Snapshot) {
        let before = *self.replica.current();
        if self.replica.merge(seen) && self.resolved {
            let same = before.status == SharedStatus::Authorized && before.subject_tag == seen.subject_tag;
            self.follow(now, AcquireReason::Join, same);
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
        self.ask(now, reason, None, None);
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
            self.replica.sign_out(self.tab, Reason::StorageCleared);
            self.drop_account(Reason::StorageCleared);
            self.wipe(now);
        }
    }

    /// Asks the application.
    pub(super) fn ask(&mut self, now: Millis, reason: AcquireReason, about: Option<Rc<Grant>>, answer: Option<u64>) {
        self.cancel_acquire(now);
        if !self.config.acquire {
            // Nobody to ask: the status alone decides.
            let _ = self.shift(Move::Grant, reason.cause());
            self.settle(Ok(()));
            return self.show(now);
        }
        if reason != AcquireReason::Refresh {
            let _ = self.shift(Move::Begin, reason.cause());
            self.show(now);
        }
        self.acquires = self.acquires.wrapping_add(1);
        let id = self.acquires;
        self.acquire = Some(PendingAcquire { id, reason, deadline: now.saturating_add(ACQUIRE_TIMEOUT), answer });
        self.outputs.push(Output::Emit(Event::Acquire { id, reason, about }));
    }

    fn cancel_acquire(&mut self, now: Millis) {
        self.looking = None;
        if let Some(pending) = self.acquire.take() {
            self.outputs.push(Output::Emit(Event::AcquireCancelled));
            self.answer(now, pending.answer, Err(Error::AcquireFailed));
        }
    }

    pub(super) fn hold(&mut self, now: Millis, grant: Rc<Grant>, reason: Reason) {
        self.drop_refresh();
        if self.shift(Move::Grant, reason).is_ok() {
            self.auth.until = grant.life(self.wall(now)).map(|(left, _)| now.saturating_add(left));
            self.auth.grant = Some(grant);
            self.refresh.plan(now, self.auth.until.filter(|_| self.config.acquire), reason == Reason::Refresh);
            self.settle(Ok(()));
        }
    }

    pub(super) fn drop_account(&mut self, reason: Reason) {
        if self.shift(Move::Revoke, reason).is_ok() {
            self.auth.grant = None;
            self.auth.until = None;
            self.refresh.stop();
            self.settle(Err(Error::NotAuthorized));
        }
    }

    #[allow(clippy::cast_precision_loss)]
    pub(super) const fn wall(&self, now: Millis) -> f64 {
        now as f64 + self.wall_lead
    }

    pub(super) fn read(&mut self) {
        // Once is enough; and a second look before what the first one brought about is written would take the register for an emptied one.
        if !self.closed() && !std::mem::replace(&mut self.reading, true) {
            self.outputs.push(Output::Read);
        }
    }

    fn shift(&mut self, by: Move, reason: Reason) -> Result<(), Error> {
        self.auth.status = by.from(self.auth.status)?;
        self.auth.reason = reason;
        Ok(())
    }

    pub(super) fn show(&mut self, now: Millis) {
        let view = view(&self.auth, self.replica.current(), self.veil);
        if view != *self.shown && !self.closed() {
            self.shown = Rc::new(view);
            self.outputs.push(Output::Emit(Event::Session(Rc::clone(&self.shown))));
            self.notify(now, Notice::Session);
        }
    }

    pub(super) fn closed(&self) -> bool {
        self.connection == ConnectionState::Closed
    }

    pub(super) fn open(&self) -> Result<(), Error> {
        if self.closed() { Err(Error::Closed) } else { Ok(()) }
    }
}

fn view(auth: &Auth, shared: &Snapshot, veil: Option<Reason>) -> SessionView {
    let hidden = |reason| (Move::Suspend.from(auth.status).unwrap_or(AuthStatus::Unknown), reason);
    let (status, reason) = veil.map_or((auth.status, auth.reason), hidden);
    let authorized = status == AuthStatus::Authorized;
    let held = auth.grant.as_ref().filter(|_| authorized);
    SessionView {
        status,
        reason,
        account: held.map(|grant| Rc::clone(&grant.account)),
        // Our own token's, if we have one.
        expires_at: held.map_or(shared.expires_at, |grant| grant.expires_at).filter(|_| authorized),
        epoch: shared.epoch,
        sequence: shared.sequence,
        writer: shared.writer,
    }
}
