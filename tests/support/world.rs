//! A browser with several tabs, a credential store, a Web Lock, a token server and a clock, in which every next step is chosen by the test: by all choices
//! in turn (`model.rs`), or by dice (`simulator.rs`). The tabs are real sessions; only what surrounds them is made up.

#![allow(dead_code, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::{self, Write};
use std::hash::Hasher;
use std::rc::Rc;

use authframe::session::{
    Account, AcquireFailure, AcquireReason, Acquired, AuthStatus, Config, Content, Credentials, Dialect, Event, Fence, Found, Grant, Heard,
    Id, Kept, Lease, Lock, Millis, Notice, Output, Parent, Pause, Reason, Secret, Session, SessionView, SharedStatus, Snapshot,
    StoreFailure, StoreRecord, Stored, SubjectTag, Task,
};

use authframe::dialect::NativeMessage;

use crate::support::{StoreTask, config};

/// 2026-01-01 or so.
pub(crate) const WALL: f64 = 1_767_225_600_000.0;
/// How long an access token is good.
const LIFE: Millis = 3_600_000;

/// After so long, a tab takes a credential store that does not answer for none.
const PATIENCE: Millis = 10_000;

const ACCOUNTS: [&str; 2] = ["ada", "bob"];

/// What a host says, after its dialect.
#[derive(Clone, Debug)]
pub(crate) enum Word {
    Identity(u8),
    /// The same once more, in the session of this epoch.
    Again(u8, u64),
    SignOut,
}

/// A dialect that only listens.
#[derive(Clone, Debug)]
pub(crate) struct Listener;

impl Dialect<Word> for Listener {
    type Message = NativeMessage;

    fn handle(&mut self, _: Millis, notice: Notice<Word>, _: &Rc<SessionView>, _: &mut Vec<Output<Word, NativeMessage>>) -> Heard<Word> {
        match notice {
            Notice::Port(Word::Identity(who)) => Heard::Identity(1, Rc::new(grant(who, None, 0.0)), None),
            Notice::Port(Word::Again(who, since)) => Heard::Identity(1, Rc::new(grant(who, None, 0.0)), Some(since)),
            Notice::Port(Word::SignOut) => Heard::SignOut(2),
            _ => Heard::Nothing,
        }
    }
}

type Machine = Session<Word, Listener>;

fn grant(who: u8, token: Option<u32>, expires_at: f64) -> Grant {
    Grant {
        account: Rc::new(Account::new(ACCOUNTS[usize::from(who)], None).unwrap()),
        access_token: token.map(|number| Secret::new(format!("a{number}").into())),
        // Each token has its own moment, so that the text of a session, in which tokens do not stand, tells which one it has.
        expires_at: token.map(|number| expires_at + f64::from(number)),
        expires_in: None,
        refresh_token: token.map(|number| Secret::new(format!("r{number}").into())),
        server_time: None,
    }
}

fn number(grant: &Grant) -> Option<u32> {
    grant.refresh_token.as_ref().and_then(|token| token.expose().strip_prefix('r')?.parse().ok())
}

/// What may happen next. The number is a tab's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// The application signs this account in.
    SignIn(usize, u8),
    SignOut(usize),
    /// The application wants a token that is good for longer than any is.
    Want(usize),
    /// The host names a user.
    Named(usize, u8),
    /// The host signs the user out.
    HostSignOut(usize),
    Crash(usize),
    Close(usize),
    Open(usize),
    Freeze(usize),
    Thaw(usize),
    Hide(usize),
    Show(usize),
    Wake(usize),
    /// The shared record is emptied.
    Clear,
    /// The shared record and the credential store are.
    ClearAll,
    /// A storage event comes twice.
    Again(usize),
    /// A write reaches the shared record.
    Commit(usize),
    /// A change is seen.
    Deliver(usize),
    /// The Web Lock is asked for.
    Lock(usize),
    /// The transaction takes place.
    Run(usize),
    /// The transaction fails.
    Break(usize),
    /// The tab hears of its end.
    End(usize),
    /// The server does what it is asked for.
    Serve(usize),
    /// The answer comes.
    Reply(usize),
    /// The server says no.
    Refuse(usize),
    /// The network fails: before the server has heard of it, or after it.
    Fail(usize),
    /// The server says not to come again for so many seconds.
    Later(usize, u64),
    /// Time passes until somebody is due.
    Pass,
    /// So much time passes, whoever is due.
    Elapse(Millis),
    /// The timer fires.
    Timer(usize),
    /// This tab is denied its storage from now on, or the storage is full.
    Deny(usize),
    /// The wall clock is set by so many milliseconds, forward or back.
    Jump(i32),
    /// The widget is loaded again, below a host half that may keep a user.
    Reload(usize),
    /// The network is back.
    Chance(usize),
}

/// Which rule the shell breaks, to show that the checks would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    Nothing,
    /// It writes what this tab changed and never mends the shared record.
    Repair,
    /// It stores what a refresh brought, whoever has the lease.
    Fence,
    /// It shows no lease to whoever wants it.
    Lease,
    /// It keeps the credential when told to destroy it.
    Wipe,
}

/// How the world is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) tabs: usize,
    pub(crate) credentials: Credentials,
    pub(crate) locks: bool,
    /// A refresh token that was used before means that everybody is out; else it is taken once more.
    pub(crate) strict: bool,
    /// WebKit: a tab hears of its own writes too.
    pub(crate) echo: bool,
    /// Tabs see beside the shared record how long the others wait; else each one waits by itself, as where storage is denied.
    pub(crate) pauses: bool,
    pub(crate) broken: Broken,
}

/// How far a task is.
#[derive(Clone, Debug)]
enum Phase {
    Waiting,
    Locked(Lock),
    Written(Result<Option<Grant>, StoreFailure>),
}

#[derive(Clone, Debug)]
struct Request {
    id: u32,
    reason: AcquireReason,
    who: Option<u8>,
    token: Option<u32>,
    reply: Option<Acquired>,
}

/// A tab and what the browser keeps for it.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    session: Option<Machine>,
    name: Id,
    now: Millis,
    frozen: bool,
    hidden: bool,
    denied: bool,
    queue: VecDeque<StoreTask>,
    phase: Phase,
    request: Option<Request>,
    // The token that brought what is being stored.
    storing: Option<u32>,
    cache: Option<Snapshot>,
    // When it has read what stands beside the shared record: counted.
    pause_read: u64,
    outbox: VecDeque<Snapshot>,
    // What it has not seen yet, the oldest first; and what it saw last.
    coming: VecDeque<(Option<usize>, Option<Snapshot>)>,
    before: Option<Snapshot>,
    unconfirmed: usize,
    wanted: bool,
    told: Option<bool>,
    last_task: u32,
    // Since when the credential store owes it the end of a task.
    since: Millis,
    // What it knows: the greatest epoch, and that of the latest sign-out.
    epoch: u64,
    // Whom it shows.
    subject: Option<String>,
    out: Option<u64>,
    // The same, of what is being done just now.
    hears: Option<u64>,
    written: BTreeSet<(u64, u32, u64)>,
    key: u64,
}

/// What a host half keeps.
#[derive(Clone, Copy, Debug, Default)]
struct KeptUser {
    who: Option<u8>,
    taken: Option<u64>,
}

#[derive(Clone, Debug, Default)]
struct Family {
    who: u8,
    valid: u32,
    revoked: bool,
}

/// The whole of it.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) rules: Rules,
    pub(crate) now: Millis,
    // How far the wall clock was set, forward or back.
    jump: f64,
    // Each host half: the user that its page has named and that it tells a widget that was loaded again, and at which epoch the widget took it.
    hosts: Vec<KeptUser>,
    pub(crate) tabs: Vec<Rc<Slot>>,
    register: Option<Snapshot>,
    // What stands beside it, how often that was read, and after which reading until when the server has said that nobody is to come.
    pause: Option<Pause>,
    reads: u64,
    told: Option<(u64, Millis)>,
    record: Option<StoreRecord>,
    credential: Option<Grant>,
    lock: Option<usize>,
    names: u8,
    tokens: u32,
    families: Rc<Vec<Family>>,
    // Of each token that was sent to be renewed: which family, and whether it may be sent again.
    sent: Rc<BTreeMap<u32, bool>>,
    family_of: Rc<BTreeMap<u32, usize>>,
    /// How many requests there were.
    pub(crate) requests: u32,
    /// Whether anything happened that may sign somebody out: a sign-out, a refusal, a loss.
    pub(crate) harm: bool,
    /// Whether the credential store failed somebody, who then went on without.
    pub(crate) unprotected: bool,
    /// What should not have happened.
    pub(crate) violation: Option<String>,
}

impl World {
    pub(crate) fn new(rules: Rules) -> Self {
        let mut world = Self {
            rules,
            now: 1000,
            jump: 0.0,
            hosts: vec![KeptUser::default(); rules.tabs],
            tabs: Vec::new(),
            register: None,
            pause: None,
            reads: 0,
            told: None,
            record: None,
            credential: None,
            lock: None,
            names: 0,
            tokens: 0,
            families: Rc::default(),
            sent: Rc::default(),
            family_of: Rc::default(),
            requests: 0,
            harm: false,
            unprotected: false,
            violation: None,
        };
        for place in 0..rules.tabs {
            world.tabs.push(Rc::new(Slot::empty()));
            world.open(place);
        }
        world
    }

    fn wall(&self) -> f64 {
        WALL + self.now as f64 + self.jump
    }

    fn violate(&mut self, what: impl Into<String>) {
        self.violation.get_or_insert(what.into());
    }

    fn memory(&self) -> bool {
        self.rules.credentials == Credentials::Memory
    }

    fn slot(&mut self, tab: usize) -> &mut Slot {
        let slot = Rc::make_mut(&mut self.tabs[tab]);
        slot.key = 0;
        slot
    }

    // Tabs

    fn open(&mut self, tab: usize) {
        self.names += 1;
        let name = Id(u64::from_be_bytes([self.names; 8]));
        let config = CONFIG.with(|config| config.clone()).credentials(self.rules.credentials);
        let cache = self.register;
        let session = Session::new(config, name, Listener);
        *self.slot(tab) = Slot { session: Some(session), name, cache, before: cache, ..Slot::empty() };
        self.enter(tab, |session, now| session.handle_start(now, Parent::None, false).unwrap());
    }

    fn gone(&mut self, tab: usize) {
        self.excuse(tab);
        self.unlock(tab);
        let slot = self.slot(tab);
        *slot = Slot { outbox: VecDeque::new(), ..Slot::empty() };
    }

    fn unlock(&mut self, tab: usize) {
        self.lock.take_if(|holder| *holder == tab);
    }

    // The request that this tab has sent may be sent again by somebody.
    fn excuse(&mut self, tab: usize) {
        let slot = &self.tabs[tab];
        let asked = slot.request.as_ref().and_then(|request| request.token);
        for token in asked.into_iter().chain(slot.storing) {
            Rc::make_mut(&mut self.sent).insert(token, true);
        }
    }

    fn enter<R>(&mut self, tab: usize, input: impl FnOnce(&mut Machine, Millis) -> R) -> Option<R> {
        let (now, wall) = (self.now, self.wall());
        let session = self.slot(tab).session.as_mut()?;
        session.tell_time(now, wall);
        let result = input(session, now);
        loop {
            let outputs = self.slot(tab).session.as_mut()?.take_outputs();
            if outputs.is_empty() {
                break;
            }
            for output in outputs {
                // What it leads to may be the end of the tab.
                self.slot(tab).session.as_ref()?;
                self.perform(tab, output);
            }
        }
        let slot = self.slot(tab);
        slot.now = now;
        slot.out = slot.out.max(slot.hears);
        // What was said before it was heard stands in the queue behind it: what counts is how it ends.
        if let Some(view) = slot.session.as_ref().map(|session| session.view().clone()) {
            self.check_view(tab, &view);
        }
        Some(result)
    }

    fn perform(&mut self, tab: usize, output: Output<Word, NativeMessage>) {
        let broken = self.rules.broken;
        match output {
            Output::Read => {
                let now = self.now;
                let pause = self.pause.filter(|_| self.rules.pauses && !self.tabs[tab].denied);
                self.reads += 1;
                let reads = self.reads;
                let slot = self.slot(tab);
                if !slot.denied {
                    slot.pause_read = reads;
                }
                if let Some(session) = slot.session.as_mut() {
                    session.handle_pause(now, Ok(pause));
                }
                let stored = slot.cache.map_or(Stored::Empty, Stored::Snapshot);
                slot.heard(stored);
                if let Some(session) = slot.session.as_mut() {
                    session.handle_stored(now, stored);
                }
            }
            Output::Ask(_) | Output::Carry(_) | Output::Report(_) => self.violate("nobody here speaks another dialect".to_owned()),
            Output::Pause(pause) => {
                if !self.tabs[tab].denied {
                    self.pause = pause;
                }
                if pause.is_none() {
                    self.told = None;
                }
            }
            Output::Write => {
                let slot = self.slot(tab);
                let Some(snapshot) = slot.session.as_ref().map(|session| *session.snapshot()) else { return };
                let fresh = slot.written.insert((snapshot.epoch, snapshot.sequence, snapshot.writer.0));
                slot.heard(Stored::Snapshot(snapshot));
                if broken == Broken::Repair && (snapshot.writer != slot.name || !fresh) {
                    return;
                }
                slot.cache = Some(snapshot);
                if !slot.denied {
                    slot.outbox.push_back(snapshot);
                }
            }
            Output::Emit(event) => self.emit(tab, event),
            Output::OpenPort | Output::PostWindow(_) | Output::PostPort(_) | Output::ClosePort => {}
        }
    }

    fn emit(&mut self, tab: usize, event: Event<Word>) {
        match event {
            Event::Session(view) => self.check_view(tab, &view),
            Event::Acquire { id, reason, about } => {
                let identity = about.as_deref().filter(|_| reason == AcquireReason::SignIn);
                let who = identity.map(|identity| u8::from(identity.account.subject() == ACCOUNTS[1]));
                let token = about.as_deref().filter(|_| reason == AcquireReason::Refresh).and_then(number);
                if reason == AcquireReason::Refresh {
                    self.requests += 1;
                }
                // Nobody's clock was set, and the server has said when to come again.
                if self.rules.pauses
                    && self.jump == 0.0
                    && self.told.is_some_and(|(at, until)| self.tabs[tab].pause_read > at && until > self.now)
                {
                    self.violate(format!("tab {tab} asks at {}, and all were told {:?}", self.now, self.told));
                }
                if let Some(token) = token {
                    let me = self.tabs[tab].name;
                    let lease = self.record.as_ref().and_then(|record| record.lease);
                    // Another's is another matter if it protects another token: a sign-in has ended ours, and what this brings will come too late.
                    let newest = self.credential.as_ref().and_then(number) == Some(token);
                    let running = |lease: Lease| lease.until > self.wall();
                    let lapsed = lease.is_some_and(|lease| if lease.owner == me { !running(lease) } else { newest && running(lease) });
                    let before = Rc::make_mut(&mut self.sent).insert(token, false);
                    if !self.memory() && !self.unprotected {
                        if before == Some(false) {
                            self.violate(format!("r{token} is sent a second time, by tab {tab}: {:?}", self.record));
                        }
                        if lapsed && self.rules.broken != Broken::Lease {
                            self.violate(format!("r{token} is sent after the lease, by tab {tab}: {:?}", self.record));
                        }
                    }
                }
                self.slot(tab).request = Some(Request { id, reason, who, token, reply: None });
            }
            Event::AcquireCancelled => {
                self.excuse(tab);
                self.slot(tab).request = None;
                self.unlock(tab);
            }
            Event::CredentialStore { id, task, credential } => {
                let now = self.now;
                let slot = self.slot(tab);
                if let (Task::Keep { fence: Fence::Open, .. }, Some(session)) = (&task, &slot.session) {
                    let snapshot = *session.snapshot();
                    slot.heard(Stored::Snapshot(snapshot));
                }
                if slot.queue.is_empty() {
                    slot.since = now;
                }
                slot.last_task = id;
                slot.queue.push_back(StoreTask { id, task, credential: credential.as_deref().cloned() });
            }
            Event::Token(result) => {
                let slot = self.slot(tab);
                slot.told = Some(result.is_ok());
                if !std::mem::take(&mut slot.wanted) {
                    self.violate(format!("tab {tab} tells of a token that nobody waits for"));
                }
            }
            Event::Connection(..) | Event::Failed(_) | Event::Message(_) | Event::Dialect(_) | Event::Settled(_) => {}
        }
    }

    // The rule of `js/host/identity.ts`: a user whom the widget has taken is kept as long as that session lives.
    fn host_sees(&mut self, tab: usize, view: &SessionView) {
        let Some(who) = self.hosts[tab].who else { return };
        match self.hosts[tab].taken {
            Some(taken) if view.epoch > taken => self.hosts[tab] = KeptUser::default(),
            None if view.account.as_ref().is_some_and(|account| account.subject() == ACCOUNTS[usize::from(who)]) => {
                self.hosts[tab].taken = Some(view.epoch);
            }
            _ => {}
        }
    }

    // The frame is loaded again: what it knew is gone, and its host half tells it the user whom it keeps, if that session still lives.
    fn reload(&mut self, tab: usize) {
        let before = self.tabs[tab].out;
        let outbox = std::mem::take(&mut self.slot(tab).outbox);
        for value in outbox {
            self.put(Some(tab), Some(value));
        }
        self.gone(tab);
        self.open(tab);
        let Some(view) = self.tabs[tab].session.as_ref().map(|session| session.view().clone()) else { return };
        // What is said at once: how the shared record stands.
        self.host_sees(tab, &view);
        // It still has to know of every sign-out that it knew of: nothing of before makes anybody signed in.
        if self.hosts[tab].taken.is_some() {
            self.slot(tab).out = before;
        }
        if let Some(who) = self.hosts[tab].who {
            let word = self.hosts[tab].taken.map_or(Word::Identity(who), |taken| Word::Again(who, taken));
            self.enter(tab, |session, now| session.handle_port(now, word));
        }
    }

    fn check_view(&mut self, tab: usize, view: &SessionView) {
        self.host_sees(tab, view);
        let slot = self.slot(tab);
        let (epoch, out) = (slot.epoch, slot.out);
        slot.epoch = view.epoch;
        if view.epoch < epoch {
            self.violate(format!("the epoch of tab {tab} falls from {epoch} to {}", view.epoch));
        }
        if view.status == AuthStatus::Authorized && out.is_some_and(|out| view.epoch <= out) {
            self.violate(format!("tab {tab} is signed in at epoch {} although it has seen a sign-out at {out:?}", view.epoch));
        }
        let final_reasons =
            [Reason::Refused, Reason::Expired, Reason::RefreshOutcomeUnknown, Reason::CredentialLost, Reason::StorageCleared];
        if view.status == AuthStatus::Unauthorized && final_reasons.contains(&view.reason) && !self.harm {
            self.violate(format!("tab {tab} is signed out ({:?}) for no reason", view.reason));
        }
        let subject = view.account.as_ref().map(|account| account.subject().to_owned());
        let before = std::mem::replace(&mut self.slot(tab).subject, subject.clone());
        if before.is_some() && subject.is_some() && before != subject {
            self.violate(format!("tab {tab} shows {subject:?} after {before:?} with nobody between"));
        }
        if view.status == AuthStatus::Authorized && view.account.is_none() {
            self.violate(format!("tab {tab} is signed in as nobody"));
        }
    }

    // Server

    fn new_token(&mut self, family: usize) -> u32 {
        self.tokens += 1;
        Rc::make_mut(&mut self.family_of).insert(self.tokens, family);
        Rc::make_mut(&mut self.families)[family].valid = self.tokens;
        self.tokens
    }

    fn new_grant(&mut self, who: u8) -> Grant {
        let families = Rc::make_mut(&mut self.families);
        families.push(Family { who, ..Family::default() });
        let family = families.len() - 1;
        let token = self.new_token(family);
        self.fresh(who, token)
    }

    fn fresh(&self, who: u8, token: u32) -> Grant {
        grant(who, Some(token), self.wall() + LIFE as f64)
    }

    fn renew(&mut self, token: u32) -> Acquired {
        let family = self.family_of[&token];
        let Family { who, valid, revoked } = self.families[family];
        if revoked {
            Err(AcquireFailure::Refused)
        } else if valid == token {
            let token = self.new_token(family);
            Ok(Rc::new(self.fresh(who, token)))
        } else if self.rules.strict {
            self.harm = true;
            Rc::make_mut(&mut self.families)[family].revoked = true;
            Err(AcquireFailure::Refused)
        } else {
            Ok(Rc::new(self.fresh(who, valid)))
        }
    }

    // What the server says to whoever asks, if it says anything.
    fn serve(&mut self, tab: usize) {
        let Some(request) = self.tabs[tab].request.clone() else { return };
        let reply = match (request.reason, request.token) {
            (AcquireReason::Refresh, Some(token)) => self.renew(token),
            (AcquireReason::SignIn, _) => Ok(Rc::new(self.new_grant(request.who.unwrap_or(0)))),
            // A silent sign-in with a cookie of the server: whoever the tab believes to be signed in.
            _ => {
                let tag = self.tabs[tab].cache.map(|snapshot| snapshot.subject_tag).unwrap_or_default();
                let who = (0..2_u8).find(|who| SubjectTag::new(tag.salt, ACCOUNTS[usize::from(*who)]) == tag);
                who.map(|who| Rc::new(self.new_grant(who))).ok_or(AcquireFailure::Nobody)
            }
        };
        if let Some(request) = self.slot(tab).request.as_mut() {
            request.reply = Some(reply);
        }
    }

    fn reply(&mut self, tab: usize, reply: Acquired) {
        if matches!(reply, Err(AcquireFailure::Failed | AcquireFailure::Later(_))) {
            self.excuse(tab);
        }
        if let Some(request) = self.slot(tab).request.take() {
            self.slot(tab).storing = request.token;
            self.enter(tab, |session, now| session.handle_acquired(now, request.id, reply));
        }
    }

    // Vault

    fn take_lock(&mut self, tab: usize) {
        let lock = match self.lock {
            _ if !self.rules.locks => Lock::Unsupported,
            Some(holder) if holder != tab => Lock::Elsewhere,
            _ => {
                self.lock = Some(tab);
                Lock::Held
            }
        };
        self.slot(tab).phase = Phase::Locked(lock);
    }

    fn run(&mut self, tab: usize) {
        let lock = if let Phase::Locked(lock) = self.tabs[tab].phase { lock } else { Lock::Unsupported };
        let Some(task) = self.tabs[tab].queue.front().cloned() else { return };
        let (broken, me) = (self.rules.broken, self.tabs[tab].name);
        let mut found = match &self.record {
            _ if self.memory() => Found::NoStore,
            None => Found::Nothing,
            Some(record) => Found::Record(*record),
        };
        if let Found::Record(record) = &mut found {
            match &task.task {
                Task::Take { .. } if broken == Broken::Lease => record.lease = None,
                Task::Keep { fence: Fence::Lease, .. } if broken == Broken::Fence => {
                    record.lease = Some(authframe::session::Lease { owner: me, until: 0.0, locked: false });
                }
                _ => {}
            }
        }
        let decided = self.enter(tab, |session, now| session.handle_store_found(now, task.id, lock, &found)).flatten();
        let written = decided.is_some();
        if let Some(record) = decided {
            let before = self.record.take();
            if let Task::Keep { fence: Fence::Lease, .. } = &task.task
                && before.as_ref().and_then(|record| record.lease).is_none_or(|lease| lease.owner != me)
            {
                self.violate(format!("tab {tab} stores what a refresh brought without the lease"));
            }
            if before.as_ref().is_some_and(|before| before.snapshot.beats(&record.snapshot)) {
                self.violate(format!("the credential store falls back: {:?} after {before:?}", record.snapshot));
            }
            let kept = record.credential;
            match kept {
                Kept::Nothing if broken == Broken::Wipe => {}
                Kept::Nothing => self.credential = None,
                Kept::New => self.credential.clone_from(&task.credential),
                Kept::Same => {}
            }
            let credential = if self.credential.is_some() { Kept::Same } else { Kept::Nothing };
            self.record = Some(StoreRecord { credential, ..record });
        }
        if matches!(task.task, Task::Take { .. }) && !written && !self.memory() {
            self.unlock(tab);
        }
        let wanted = matches!(task.task, Task::Take { .. } | Task::Look);
        let credential = self.credential.clone().filter(|_| wanted && !self.memory());
        self.slot(tab).phase = Phase::Written(Ok(credential));
    }

    fn end(&mut self, tab: usize) {
        let now = self.now;
        let slot = self.slot(tab);
        slot.since = now;
        let Phase::Written(result) = std::mem::replace(&mut slot.phase, Phase::Waiting) else { return };
        let Some(task) = slot.queue.pop_front() else { return };
        if matches!(task.task, Task::Keep { fence: Fence::Lease, .. }) {
            slot.storing = None;
        }
        self.enter(tab, |session, now| session.handle_store_done(now, task.id, result.map(|grant| grant.map(Rc::new))));
        if matches!(task.task, Task::Release { .. } | Task::Keep { .. }) {
            self.unlock(tab);
        }
    }

    // Register

    fn put(&mut self, writer: Option<usize>, value: Option<Snapshot>) {
        self.register = value;
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].session.is_some() {
                self.slot(tab).coming.push_back((writer, value));
            }
        }
    }

    fn deliver(&mut self, tab: usize) {
        let echo = self.rules.echo;
        let slot = self.slot(tab);
        let Some((writer, value)) = slot.coming.pop_front() else { return };
        let own = writer == Some(tab);
        if own {
            slot.unconfirmed = slot.unconfirmed.saturating_sub(1);
        }
        // As long as a write of its own is under way, a tab sees that one.
        if slot.outbox.is_empty() && slot.unconfirmed == 0 {
            slot.cache = value;
        }
        let changed = value != std::mem::replace(&mut slot.before, value);
        if changed && (!own || echo) && !slot.denied {
            self.tell(tab);
        }
    }

    fn tell(&mut self, tab: usize) {
        self.enter(tab, |session, _| session.handle_storage_event());
    }

    // Time

    fn due(&self, tab: usize) -> Option<Millis> {
        let slot = &self.tabs[tab];
        slot.session.as_ref().filter(|_| !slot.frozen)?.poll_timeout()
    }

    fn next_due(&self) -> Option<Millis> {
        let lease = self.record.as_ref().and_then(|record| record.lease).map(|lease| (lease.until - WALL - self.jump).max(0.0) as Millis);
        let tabs = (0..self.tabs.len()).filter_map(|tab| self.due(tab));
        tabs.chain(lease).filter(|due| *due > self.now).min()
    }

    fn go_to(&mut self, now: Millis) {
        self.now = now;
        let lapsed = self.record.as_ref().and_then(|record| record.lease).filter(|lease| lease.until <= self.wall());
        for tab in 0..self.tabs.len() {
            if lapsed.is_some_and(|lease| lease.owner == self.tabs[tab].name) {
                self.excuse(tab);
            }
        }
    }

    // Steps

    /// Whether this may happen now.
    pub(crate) fn can(&self, act: Act) -> bool {
        let awake = |tab: usize| self.tabs[tab].session.is_some() && !self.tabs[tab].frozen;
        let head = |tab: usize| self.tabs[tab].queue.front().filter(|_| awake(tab));
        let take = |tab: usize| matches!(head(tab), Some(StoreTask { task: Task::Take { .. }, .. })) && self.rules.locks;
        match act {
            Act::SignIn(tab, _)
            | Act::SignOut(tab)
            | Act::Named(tab, _)
            | Act::HostSignOut(tab)
            | Act::Wake(tab)
            | Act::Freeze(tab)
            | Act::Close(tab) => awake(tab) && !self.tabs[tab].hidden,
            Act::Want(tab) => awake(tab) && !self.tabs[tab].wanted,
            Act::Jump(_) => true,
            Act::Reload(tab) | Act::Chance(tab) => awake(tab) && !self.tabs[tab].hidden,
            Act::Crash(tab) => self.tabs[tab].session.is_some(),
            Act::Open(tab) => self.tabs[tab].session.is_none(),
            Act::Thaw(tab) => self.tabs[tab].frozen,
            Act::Hide(tab) => awake(tab) && !self.tabs[tab].hidden,
            Act::Show(tab) => awake(tab) && self.tabs[tab].hidden,
            Act::Clear => self.register.is_some(),
            Act::ClearAll => self.register.is_some() || self.record.is_some(),
            Act::Again(tab) => awake(tab) && self.tabs[tab].before.is_some(),
            Act::Commit(tab) => !self.tabs[tab].outbox.is_empty(),
            Act::Deliver(tab) => awake(tab) && !self.tabs[tab].coming.is_empty(),
            Act::Lock(tab) => take(tab) && matches!(self.tabs[tab].phase, Phase::Waiting),
            // A vault that fails to destroy what it holds still holds it: nothing can be said of that.
            Act::Break(tab) if matches!(head(tab), Some(StoreTask { task: Task::Keep { content: Content::Nothing, .. }, .. })) => false,
            Act::Run(tab) | Act::Break(tab) => match self.tabs[tab].phase {
                Phase::Waiting => head(tab).is_some() && !take(tab),
                Phase::Locked(_) => awake(tab),
                Phase::Written(_) => false,
            },
            Act::End(tab) => awake(tab) && matches!(self.tabs[tab].phase, Phase::Written(_)),
            Act::Serve(tab) => self.tabs[tab].request.as_ref().is_some_and(|request| request.reply.is_none()),
            Act::Refuse(tab) | Act::Later(tab, _) => {
                awake(tab) && self.tabs[tab].request.as_ref().is_some_and(|request| request.reply.is_none())
            }
            Act::Reply(tab) => awake(tab) && self.tabs[tab].request.as_ref().is_some_and(|request| request.reply.is_some()),
            Act::Fail(tab) => awake(tab) && self.tabs[tab].request.is_some(),
            Act::Pass => self.next_due().is_some(),
            Act::Elapse(_) => true,
            Act::Timer(tab) => self.due(tab).is_some_and(|due| due <= self.now),
            Act::Deny(tab) => awake(tab) && !self.tabs[tab].denied,
        }
    }

    /// It happens.
    pub(crate) fn step(&mut self, act: Act) {
        match act {
            Act::SignIn(tab, who) => {
                let grant = self.new_grant(who);
                self.enter(tab, |session, _| session.authorize(grant));
            }
            Act::SignOut(tab) => {
                self.harm = true;
                self.enter(tab, |session, _| session.sign_out(Reason::User));
            }
            Act::Want(tab) => {
                let result = self.enter(tab, |session, now| session.access_token(now, Millis::MAX - 1));
                self.slot(tab).wanted = matches!(result, Some(Ok(None)));
                self.slot(tab).told = None;
            }
            Act::Named(tab, who) => {
                self.hosts[tab] = KeptUser { who: Some(who), taken: None };
                self.enter(tab, |session, now| session.handle_port(now, Word::Identity(who)));
            }
            Act::HostSignOut(tab) => {
                self.harm = true;
                self.hosts[tab] = KeptUser::default();
                self.enter(tab, |session, now| session.handle_port(now, Word::SignOut));
            }
            Act::Crash(tab) => self.gone(tab),
            Act::Close(tab) => {
                self.enter(tab, |session, now| session.close(now));
                let outbox = std::mem::take(&mut self.slot(tab).outbox);
                for value in outbox {
                    self.put(Some(tab), Some(value));
                }
                self.gone(tab);
            }
            Act::Open(tab) => self.open(tab),
            Act::Freeze(tab) => {
                self.excuse(tab);
                self.slot(tab).frozen = true;
            }
            Act::Thaw(tab) => {
                self.slot(tab).frozen = false;
                self.enter(tab, |session, _| session.handle_wake());
            }
            Act::Hide(tab) => {
                self.slot(tab).hidden = true;
                self.enter(tab, |session, now| session.handle_hide(now, true));
            }
            Act::Show(tab) => {
                self.slot(tab).hidden = false;
                self.enter(tab, Session::handle_show);
            }
            Act::Wake(tab) => {
                self.enter(tab, |session, _| session.handle_wake());
            }
            Act::Clear | Act::ClearAll => {
                self.harm = true;
                if act == Act::ClearAll {
                    self.unprotected = true;
                    self.record = None;
                    self.credential = None;
                }
                self.put(None, None);
            }
            Act::Again(tab) => {
                self.tell(tab);
            }
            Act::Commit(tab) => {
                let slot = self.slot(tab);
                if let Some(value) = slot.outbox.pop_front() {
                    slot.unconfirmed += 1;
                    self.put(Some(tab), Some(value));
                }
            }
            Act::Deliver(tab) => self.deliver(tab),
            Act::Lock(tab) => self.take_lock(tab),
            Act::Run(tab) => self.run(tab),
            Act::Break(tab) => {
                self.unprotected = true;
                self.unlock(tab);
                self.slot(tab).phase = Phase::Written(Err(StoreFailure::Unavailable));
            }
            Act::End(tab) => self.end(tab),
            Act::Serve(tab) => self.serve(tab),
            Act::Reply(tab) => {
                let reply = self.tabs[tab].request.as_ref().and_then(|request| request.reply.clone());
                self.reply(tab, reply.unwrap_or(Err(AcquireFailure::Failed)));
            }
            Act::Refuse(tab) => {
                self.harm = true;
                self.reply(tab, Err(AcquireFailure::Refused));
            }
            Act::Fail(tab) => self.reply(tab, Err(AcquireFailure::Failed)),
            Act::Later(tab, seconds) => {
                self.reply(tab, Err(AcquireFailure::Later(seconds * 1000)));
                let until = self.now + seconds * 1000;
                if !self.tabs[tab].denied && self.told.is_none_or(|(_, told)| told < until) {
                    self.told = Some((self.reads, until));
                }
            }
            Act::Pass => self.go_to(self.next_due().unwrap_or(self.now)),
            Act::Elapse(millis) => self.go_to(self.now + millis),
            Act::Timer(tab) => {
                let slot = &self.tabs[tab];
                if !slot.queue.is_empty() && self.now >= slot.since + PATIENCE {
                    self.unprotected = true;
                }
                self.enter(tab, Session::handle_timeout);
            }
            Act::Jump(millis) => {
                self.jump += f64::from(millis);
                // A lease that the clock has left behind protects nobody, and nobody can say whose it is.
                self.unprotected = true;
                self.go_to(self.now);
            }
            Act::Reload(tab) => self.reload(tab),
            Act::Chance(tab) => {
                self.enter(tab, Session::handle_chance);
            }
            Act::Deny(tab) => {
                self.slot(tab).denied = true;
                self.slot(tab).outbox.clear();
            }
        }
    }

    // In the end

    /// Whether nothing happens any more unless time passes or somebody does something.
    pub(crate) fn quiet(&self) -> bool {
        self.eager().is_none()
    }

    /// Everything arrives, all agree, and a token can be had.
    pub(crate) fn finish(&mut self) {
        self.settle();
        self.check_agreement();
        if self.violation.is_none() {
            self.check_refresh();
            self.check_agreement();
        }
    }

    // What happens by itself, sooner or later.
    fn eager(&self) -> Option<Act> {
        let tabs = 0..self.tabs.len();
        let all: [fn(usize) -> Act; 8] = [Act::Commit, Act::Deliver, Act::Lock, Act::Run, Act::End, Act::Serve, Act::Reply, Act::Timer];
        all.into_iter().flat_map(|make| tabs.clone().map(make)).find(|act| self.can(*act))
    }

    fn waits(&self) -> Option<usize> {
        self.tabs.iter().position(|slot| {
            let waiting = |session: &Machine| matches!(session.view().status, AuthStatus::Authorizing | AuthStatus::Unknown);
            slot.session.as_ref().is_some_and(|session| waiting(session) || slot.wanted)
        })
    }

    /// Everybody comes back, everything arrives, and time passes until nobody waits for anything.
    pub(crate) fn settle(&mut self) {
        // Twice: what crossed on its way is mended when the page is looked at again.
        for _ in 0..2 {
            self.calm();
        }
    }

    fn calm(&mut self) {
        for tab in 0..self.tabs.len() {
            for act in [Act::Thaw(tab), Act::Show(tab), Act::Wake(tab)] {
                if self.can(act) {
                    self.step(act);
                }
            }
        }
        let patience = self.now + 300_000;
        for _ in 0..4000 {
            if self.violation.is_some() {
                return;
            }
            if let Some(act) = self.eager() {
                self.step(act);
                continue;
            }
            let Some(tab) = self.waits() else { return };
            match self.next_due().filter(|due| *due <= patience) {
                Some(due) => self.go_to(due),
                None => return self.violate(format!("tab {tab} waits for ever: {:?}", self.tabs[tab])),
            }
        }
        self.violate("it never becomes quiet");
    }

    /// After [`settle`](Self::settle): whether all agree, and nothing is left of whoever is signed out.
    pub(crate) fn check_agreement(&mut self) {
        // One that refreshes has it.
        if let Some(holder) = self.lock.filter(|holder| self.due(*holder).is_none()) {
            self.violate(format!("tab {holder} keeps the lock and refreshes nothing"));
        }
        let living: Vec<usize> = (0..self.tabs.len()).filter(|tab| self.tabs[*tab].session.is_some() && !self.tabs[*tab].denied).collect();
        let out = living.iter().filter_map(|tab| self.tabs[*tab].out).max();
        let signed_out = |record: &&StoreRecord| record.snapshot.status == SharedStatus::Unauthorized && !self.orphaned(record);
        let kept_out = self.record.as_ref().filter(signed_out).map(|record| record.snapshot.epoch);
        let out = out.max(kept_out);
        let mut first: Option<SessionView> = None;
        for tab in living {
            let Some(view) = self.tabs[tab].session.as_ref().map(|session| session.view().clone()) else { continue };
            let version = |view: &SessionView| (view.epoch, view.sequence, view.writer);
            if view.status == AuthStatus::Authorized && out.is_some_and(|out| view.epoch <= out) {
                self.violate(format!("tab {tab} is signed in at epoch {}, and there was a sign-out at {out:?}", view.epoch));
            }
            let register = self.register.unwrap_or(Snapshot::initial());
            if version(&view) != (register.epoch, register.sequence, register.writer) {
                self.violate(format!("tab {tab} has {view:?}, the shared record {register:?}"));
            }
            // What a tab's own acquire came to is its own affair.
            let own = register.status == SharedStatus::Authorized
                && matches!(view.reason, Reason::AcquireFailed | Reason::AcquireTimeout | Reason::AccountMismatch | Reason::Refused);
            let shared = if register.status == SharedStatus::Authorized { AuthStatus::Authorized } else { AuthStatus::Unauthorized };
            if view.status != shared && !own {
                self.violate(format!("tab {tab} is {:?} ({:?}), the shared record {register:?}", view.status, view.reason));
            }
            if let Some(first) = &first
                && first.account != view.account
                && !own
            {
                self.violate(format!("tab {tab} has {:?}, another one {:?}", view.account, first.account));
            }
            if !own {
                first.get_or_insert(view);
            }
        }
        if self.memory() || first.is_none() {
            return;
        }
        let register = self.register.unwrap_or(Snapshot::initial());
        let Some(record) = self.record else { return };
        let orphan = self.orphaned(&record);
        if record.snapshot.status == SharedStatus::Unauthorized && self.credential.is_some()
            || register.epoch > 0 && register.status == SharedStatus::Unauthorized && self.credential.is_some() && !orphan
        {
            self.violate(format!("a credential is left after a sign-out: {record:?}, register {register:?}"));
        }
    }

    // A change that never left a tab that died, or that has no register, is in the credential store alone, until somebody looks.
    fn orphaned(&self, record: &StoreRecord) -> bool {
        let register = self.register.unwrap_or(Snapshot::initial());
        record.snapshot.beats(&register) && self.tabs.iter().all(|slot| slot.denied || slot.name != record.snapshot.writer)
    }

    /// After that: whoever wants a token gets one, by one request for all of them.
    pub(crate) fn check_refresh(&mut self) {
        let before = self.requests;
        let mut askers = Vec::new();
        for tab in 0..self.tabs.len() {
            let slot = &self.tabs[tab];
            let authorized = slot.session.as_ref().is_some_and(|session| session.view().status == AuthStatus::Authorized);
            if !authorized {
                continue;
            }
            if self.due(tab).is_none() {
                self.violate(format!("tab {tab} has a token that ends and will not renew it: {slot:?}"));
            }
            self.step(Act::Want(tab));
            if let Some(session) = self.tabs[tab].session.as_ref().filter(|_| self.tabs[tab].wanted && !self.tabs[tab].denied) {
                askers.push((tab, (session.view().epoch, session.view().account.clone())));
            }
        }
        self.settle();
        // Unless they found somebody else's change in the credential store.
        let who = |tab: usize| self.tabs[tab].session.as_ref().map(|session| (session.view().epoch, session.view().account.clone()));
        askers.retain(|(tab, before)| who(*tab).as_ref() == Some(before));
        let good = self.credential.as_ref().and_then(number).is_some_and(|token| {
            let family = &self.families[self.family_of[&token]];
            family.valid == token && !family.revoked
        });
        if askers.is_empty() || self.memory() || !good {
            return;
        }
        for (tab, _) in askers {
            if self.tabs[tab].told != Some(true) {
                self.violate(format!("tab {tab} wanted a token and heard {:?}", self.tabs[tab].told));
            }
        }
        let requests = self.requests - before;
        if requests > 1 {
            self.violate(format!("{requests} requests for one refresh"));
        }
    }

    /// What tells this world from others.
    pub(crate) fn key(&mut self) -> u64 {
        let mut sink = Sink::new();
        for slot in &mut self.tabs {
            if slot.key == 0 {
                let key = slot.compute();
                Rc::make_mut(slot).key = key;
            }
            sink.hasher.write_u64(slot.key);
        }
        let credential = self.credential.as_ref().and_then(number);
        let _ = write!(
            sink,
            "{:?} {:?} {credential:?} {:?} {:?} {:?} {:?} {} {:?}",
            self.register,
            self.record,
            self.lock,
            self.families,
            self.sent,
            self.tokens,
            self.now,
            (self.harm, self.unprotected, self.jump, &self.hosts)
        );
        sink.hasher.finish()
    }
}

impl Slot {
    fn empty() -> Self {
        Self {
            session: None,
            name: Id(0),
            now: 0,
            frozen: false,
            hidden: false,
            denied: false,
            queue: VecDeque::new(),
            phase: Phase::Waiting,
            request: None,
            storing: None,
            cache: None,
            pause_read: 0,
            outbox: VecDeque::new(),
            coming: VecDeque::new(),
            before: None,
            unconfirmed: 0,
            wanted: false,
            told: None,
            last_task: 0,
            since: 0,
            epoch: 0,
            subject: None,
            out: None,
            hears: None,
            written: BTreeSet::new(),
            key: 0,
        }
    }

    fn heard(&mut self, stored: Stored) {
        if let Stored::Snapshot(snapshot) = stored
            && snapshot.status == SharedStatus::Unauthorized
            && snapshot.epoch > 0
        {
            self.hears = self.hears.max(Some(snapshot.epoch));
        }
    }

    fn compute(&self) -> u64 {
        let mut sink = Sink::new();
        let request = self.request.as_ref().map(|request| {
            (request.reason, request.who, request.token, request.reply.as_ref().map(|reply| reply.as_ref().map(|grant| number(grant)).ok()))
        });
        let phase = match &self.phase {
            Phase::Waiting => None,
            Phase::Locked(lock) => Some((Some(*lock), None)),
            Phase::Written(result) => Some((None, Some(result.as_ref().map(|grant| grant.as_ref().map(number)).ok()))),
        };
        let _ = write!(
            sink,
            "{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}{:?}",
            self.name,
            self.frozen,
            self.hidden,
            self.denied,
            phase,
            request,
            self.storing,
            self.cache,
            self.outbox,
            self.coming,
            self.before,
            self.unconfirmed,
            self.wanted,
            self.out,
            self.queue.len(),
            self.written.len(),
        );
        for task in &self.queue {
            let _ = write!(sink, "{}{:?}{:?}", self.last_task.wrapping_sub(task.id), task.task, task.credential.as_ref().map(number));
        }
        if let Some(session) = &self.session {
            let _ = write!(sink, "{session:?}");
        }
        sink.hasher.finish().max(1)
    }
}

/// Hashes the text of a session as it comes, without what makes no difference: the dice, the limits, the configuration, and from where its numbers count.
struct Sink {
    hasher: DefaultHasher,
    skip: Option<usize>,
    name: Option<&'static str>,
}

const SKIPPED: [&str; 8] = ["config", "dice", "window_rate", "port_rate", "rejected", "acquires", "last_task", "wall_lead"];

impl Sink {
    fn new() -> Self {
        Self { hasher: DefaultHasher::new(), skip: None, name: None }
    }
}

impl Write for Sink {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if let Some(depth) = &mut self.skip {
            match piece {
                " { " | "(" | "[" | "{" => *depth += 1,
                ", " | " }" | ")" | "]" | "}" if *depth == 0 => self.skip = None,
                " }" | ")" | "]" | "}" => *depth -= 1,
                _ => {}
            }
            return Ok(());
        }
        if piece == ": " {
            if let Some(name) = self.name.take() {
                self.skip = Some(0);
                self.hasher.write(name.as_bytes());
            }
            return Ok(());
        }
        self.name = SKIPPED.into_iter().find(|name| *name == piece);
        if self.name.is_none() {
            self.hasher.write(piece.as_bytes());
        }
        Ok(())
    }
}

thread_local! {
    static CONFIG: Config = config().acquire(true);
}
