use crate::session::backoff::Backoff;
use crate::session::{Lock, Millis};

/// As long as the lease in the credential store.
pub(in crate::session) const LEASE: Millis = super::store::LEASE as Millis;

/// How often a holder says that it is still there.
pub(in crate::session) const RENEWAL: Millis = 2000;
// Before it ends, a token is renewed this early, or in the last quarter of a short life.
const LEAD: Millis = 60_000;
// Two refreshes are at least this far apart.
const FLOOR: Millis = 5000;
/// As long as an `acquire` may take. Then a tab without a credential store, which has given way to others all that time, goes ahead.
const PATIENCE: Millis = 30_000;
/// Those who wait for a token that long get the one that is there, if it is still good.
const SHORT_PATIENCE: Millis = 3000;
// The longest wait between two looks at whether the lock is free.
const LONGEST_LOOK: Millis = 3200;

/// When this tab refreshes, and how far it is.
#[derive(Clone, Debug)]
pub(in crate::session) struct Refresh {
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
    /// With tokens in memory: whether this tab has the lock.
    pub holds_lock: bool,
    /// Whether the next attempt does not wait for a pause that another tab has written down.
    pub at_once: bool,
    /// Whether the next attempt is one after a failure.
    pub retries: bool,
    // Since when, and how often, this tab has given way to others.
    yielding: Option<(Millis, u32)>,
}

/// How far a refresh is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum Stage {
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
    pub(in crate::session) const fn new() -> Self {
        Self {
            at: None,
            stage: Stage::Idle,
            wanted: false,
            take: 0,
            lapse: 0,
            lock: Lock::Unsupported,
            holds_lock: false,
            at_once: false,
            retries: false,
            yielding: None,
        }
    }

    /// A token is here that is good until then. `again`: it came from a refresh.
    pub(in crate::session) fn plan(&mut self, now: Millis, until: Option<Millis>, again: bool, backoff: &mut Backoff) {
        self.stop();
        // A token that was dead on arrival is as bad as none.
        if again && until.is_some_and(|until| until <= now) {
            self.retry(backoff.pause_after_a_dead_token(now));
            return;
        }
        backoff.reset();
        self.at = until.map(|until| {
            let lead = LEAD.min(until.saturating_sub(now) / 4);
            // Not all tabs at the same moment: the first one serves the others.
            let at = until.saturating_sub(lead).saturating_add(backoff.roll(lead / 2));
            at.max(now.saturating_add(if again { FLOOR } else { 0 }))
        });
    }

    /// Another tab is at it for so long.
    pub(in crate::session) fn give_way(&mut self, now: Millis, wait: Millis, backoff: &mut Backoff) {
        self.stage = Stage::Idle;
        let (since, times) = self.yielding.unwrap_or((now, 0));
        self.yielding = Some((since, times.saturating_add(1)));
        let look = LONGEST_LOOK.min(100 << times.min(6));
        self.at = Some(now.saturating_add(wait.saturating_add(backoff.roll(look)).max(100)));
    }

    pub(in crate::session) fn out_of_patience(&self, now: Millis) -> bool {
        self.has_yielded_for(now, PATIENCE)
    }

    pub(in crate::session) fn short_of_patience(&self, now: Millis) -> bool {
        self.has_yielded_for(now, SHORT_PATIENCE)
    }

    fn has_yielded_for(&self, now: Millis, time: Millis) -> bool {
        self.yielding.is_some_and(|(since, _)| now >= since.saturating_add(time))
    }

    /// Whether an attempt has failed and the next one waits.
    pub(in crate::session) fn cooling(&self, now: Millis) -> bool {
        self.retries && self.at.is_some_and(|at| at > now)
    }

    /// When the lease is to be renewed.
    pub(in crate::session) const fn renewal(&self) -> Option<Millis> {
        if let Stage::Holding { renew, .. } = self.stage { Some(renew) } else { None }
    }

    /// There is a reason to try at once what waits after a failure.
    pub(in crate::session) fn hurry(&mut self, at: Millis) {
        if self.stage == Stage::Idle && self.retries {
            self.at = Some(at);
            self.at_once = true;
        }
    }

    pub(in crate::session) const fn stop(&mut self) {
        self.at = None;
        self.stage = Stage::Idle;
        self.at_once = false;
        self.retries = false;
        self.yielding = None;
    }

    /// An attempt has failed, here or in another tab: the next one is then.
    pub(in crate::session) const fn retry(&mut self, at: Millis) {
        self.stop();
        self.at = Some(at);
        self.retries = true;
    }
}
