use super::{Id, Lock, Millis};

/// As long as the lease in the vault.
pub(super) const LEASE: Millis = super::LEASE as Millis;

/// How often a holder says that it is still there.
pub(super) const RENEWAL: Millis = 2000;
// Before it ends, a token is renewed this early, or in the last quarter of a short life.
const LEAD: Millis = 60_000;
// Two refreshes are at least this far apart, even if the server gives out tokens that are dead on arrival.
const FLOOR: Millis = 5000;
const LONGEST_PAUSE: Millis = 60_000;
// How often a tab without a vault gives way to others before it goes ahead.
const PATIENCE: u32 = 10;

/// When this tab refreshes, and how far it is.
#[derive(Clone, Debug)]
pub(super) struct Refresh {
    /// When the next attempt is due.
    pub at: Option<Millis>,
    /// What is under way.
    pub stage: Stage,
    /// Whether somebody waits for a token.
    pub wanted: bool,
    /// The newest task that asks for the lease.
    pub take: u32,
    /// When the lease that it got ends, by our clock; where there are only locks, when nobody waits for one any more.
    pub lapse: Millis,
    /// Who has the lock, as it was found last.
    pub lock: Lock,
    failures: u32,
    yielded: u32,
    dice: u64,
}

/// How far a refresh is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing is under way.
    Idle,
    /// The lease is asked for.
    Asking,
    /// The application is asked.
    Holding {
        /// When the lease is to be renewed.
        renew: Millis,
        /// Whether the lease is ours; else we go ahead without.
        fenced: bool,
        /// Whether an earlier refresh ended without an answer.
        doubt: bool,
    },
    /// The result is being stored.
    Storing,
}

impl Refresh {
    pub(super) const fn new(tab: Id) -> Self {
        Self {
            at: None,
            stage: Stage::Idle,
            wanted: false,
            take: 0,
            lapse: 0,
            lock: Lock::Unsupported,
            failures: 0,
            yielded: 0,
            dice: tab.0,
        }
    }

    /// A token is here that is good until then. `again`: it came from a refresh.
    pub(super) fn plan(&mut self, now: Millis, until: Option<Millis>, again: bool) {
        self.stop();
        // A token that was dead on arrival is as bad as none.
        let dead = again && until.is_some_and(|until| until <= now);
        self.failures = if dead { self.failures.saturating_add(1) } else { 0 };
        self.at = until.map(|until| {
            let lead = LEAD.min(until.saturating_sub(now) / 4);
            // Not all tabs at the same moment: the first one serves the others.
            let at = until.saturating_sub(lead).saturating_add(self.dice(lead / 2));
            at.max(now.saturating_add(if again { FLOOR } else { 0 }))
        });
    }

    /// An attempt failed: wait longer each time.
    pub(super) fn pause(&mut self, now: Millis) {
        let longest = LONGEST_PAUSE.min(1000_u64.saturating_mul(1 << self.failures.min(6)));
        self.stop();
        self.failures = self.failures.saturating_add(1);
        self.at = Some(now.saturating_add(longest / 2).saturating_add(self.dice(longest / 2)));
    }

    /// Another tab is at it for so long.
    pub(super) fn give_way(&mut self, now: Millis, wait: Millis) {
        self.stage = Stage::Idle;
        self.yielded = self.yielded.saturating_add(1);
        self.at = Some(now.saturating_add(wait.saturating_add(self.dice(200)).max(100)));
    }

    pub(super) const fn out_of_patience(&self) -> bool {
        self.yielded >= PATIENCE
    }

    /// Whether the last attempt failed and the next one waits.
    pub(super) fn cooling(&self, now: Millis) -> bool {
        self.failures > 0 && self.at.is_some_and(|at| at > now)
    }

    pub(super) const fn stop(&mut self) {
        self.at = None;
        self.stage = Stage::Idle;
        self.yielded = 0;
    }

    // Called in three places: inlined, it costs three times.
    #[inline(never)]
    // Not for secrets: it only has to differ between tabs. Knuth's linear congruential generator.
    fn dice(&mut self, below_or_at: Millis) -> Millis {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33).checked_rem(below_or_at.saturating_add(1)).unwrap_or(0)
    }
}
