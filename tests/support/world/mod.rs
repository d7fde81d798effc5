//! A browser with several tabs, a credential store, a Web Lock, a token server and a clock, in which every next step is chosen by the test: by all choices
//! in turn (`model.rs`), or by dice (`simulator.rs`). The tabs are real sessions; only what surrounds them is made up.

#![allow(dead_code, clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)]

mod actions;
mod credential_store;
mod host;
mod key;
mod laws;
mod server;
mod settle;
mod shared_record;
mod tab;
mod time;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use authframe::session::{
    Account, AcquireReason, Acquired, Config, Credentials, Grant, Id, Lock, Millis, Pause, Session, SharedStatus, Snapshot, StoreFailure,
    StoreRecord, Stored,
};

use crate::support::{StoreTask, config};

pub(crate) use actions::Act;
use host::{Listener, Word};

/// 2026-01-01 or so.
pub(crate) const WALL: f64 = 1_767_225_600_000.0;

/// How long an access token is good.
const LIFE: Millis = 3_600_000;

/// After so long, a tab takes a credential store that does not answer for none.
const PATIENCE: Millis = 10_000;

const ACCOUNTS: [&str; 2] = ["ada", "bob"];

type Machine = Session<Word, Listener>;

fn grant(who: u8, token: Option<u32>, expires_at: f64) -> Grant {
    let grant = Grant::from(Account::new(ACCOUNTS[usize::from(who)], None).unwrap());
    let Some(number) = token else { return grant };
    // Each token has its own moment, so that the text of a session, in which tokens do not stand, shows which one it has.
    grant.with_access_token(format!("a{number}")).with_refresh_token(format!("r{number}")).with_expires_at(expires_at + f64::from(number))
}

fn number(grant: &Grant) -> Option<u32> {
    grant.refresh_token.as_ref().and_then(|token| token.expose().strip_prefix('r')?.parse().ok())
}

/// Which rule the shell breaks, to show that the checks would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    Nothing,
    /// It writes what this tab changed and never repairs the shared record.
    Repair,
    /// It stores what a refresh brought, whichever tab has the lease.
    Fence,
    /// It shows no lease to a tab that wants it.
    Lease,
    /// It keeps the credential when asked to destroy it.
    Wipe,
}

/// How the world is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) tabs: usize,
    pub(crate) credentials: Credentials,
    pub(crate) locks: bool,
    /// A refresh token that was used before signs the user out everywhere; else it is taken once more.
    pub(crate) strict: bool,
    /// WebKit: a tab is notified of its own writes too.
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
    token_result: Option<bool>,
    last_task: u32,
    // Since when the credential store owes it the end of a task.
    since: Millis,
    // What it knows: the greatest epoch, and that of the latest sign-out.
    epoch: u64,
    // Whom it shows.
    subject: Option<String>,
    out: Option<u64>,
    // The same, of what is being done just now.
    pending_out: Option<u64>,
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
    // Each host half: the user that its page has named and that it sends to a widget that was loaded again, and at which epoch the widget took it.
    hosts: Vec<KeptUser>,
    pub(crate) tabs: Vec<Rc<Slot>>,
    shared_record: Option<Snapshot>,
    // What stands beside it, how often that was read, and after which reading until when the server has said that no tab is to come.
    pause: Option<Pause>,
    reads: u64,
    not_before: Option<(u64, Millis)>,
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
    /// Whether anything happened that may sign a user out: a sign-out, a refusal, a loss.
    pub(crate) harm: bool,
    /// Whether the credential store failed a tab, which then went on without.
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
            shared_record: None,
            pause: None,
            reads: 0,
            not_before: None,
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
            token_result: None,
            last_task: 0,
            since: 0,
            epoch: 0,
            subject: None,
            out: None,
            pending_out: None,
            written: BTreeSet::new(),
            key: 0,
        }
    }

    fn receive(&mut self, stored: Stored) {
        if let Stored::Snapshot(snapshot) = stored
            && snapshot.status == SharedStatus::Unauthorized
            && snapshot.epoch > 0
        {
            self.pending_out = self.pending_out.max(Some(snapshot.epoch));
        }
    }
}

thread_local! {
    static CONFIG: Config = config().acquire(true);
}
