use crate::session::{Decoder, Encode, Encoder, Id, Malformed, Pause, PauseCause, Snapshot, Stored};

/// How long a refresh may be silent before another tab may take over, in milliseconds. Its holder renews it while it waits for the server.
pub const LEASE: f64 = 5000.0;

/// Who refreshes. It stands in the credential store beside the credential that it protects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lease {
    /// The tab.
    pub owner: Id,
    /// Until when, by this browser's wall clock.
    pub until: f64,
    /// What shows that the owner is still there.
    pub liveness: Liveness,
}

/// What shows that the owner of a lease is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Liveness {
    /// It holds the Web Lock as well: if that is free, the owner is gone.
    WebLock,
    /// Nothing but that it renews the lease.
    Renewal,
}

/// What the credential store holds: one record for each namespace, changed only in a transaction that has read it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoreRecord {
    /// The version that the credential belongs to, or the sign-out that destroyed it.
    pub snapshot: Snapshot,
    /// Who refreshes it.
    pub lease: Option<Lease>,
    /// What is known of the last refresh.
    pub outcome: RefreshOutcome,
    /// How long no tab refreshes, because the last attempt failed.
    pub pause: Option<Pause>,
    /// Whether there is a credential, and for a record to be written, which.
    pub credential: Kept,
}

/// Which credential a record has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// None.
    Nothing,
    /// The one that is there.
    Same,
    /// The one that came with the task.
    New,
}

/// What the credential store was found to hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Found {
    /// There is no store: tokens stay in this tab's memory, or the browser gives us no place.
    NoStore,
    /// Nothing.
    Nothing,
    /// A record.
    Record(StoreRecord),
    /// Something that is not a record of ours.
    Damaged,
    /// A record of a later version of authframe. It is left alone.
    Later,
}

/// Whether we hold the Web Lock of this namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// We do.
    Held,
    /// Another tab does.
    Elsewhere,
    /// This browser has no such locks, or none was asked for.
    Unsupported,
}

/// Whether a refresh waits for a pause to end that no server has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// It does.
    Patient,
    /// There is a reason to try at once: the network is back, or the page is shown.
    AtOnce,
}

/// What is known of a refresh that has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshOutcome {
    /// The server has answered.
    Known,
    /// It ended without an answer: the server may have used up the refresh token.
    Unknown,
}

/// What a task has the credential store hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The credential that comes with the task.
    Credential,
    /// None: the one that is there is destroyed.
    Nothing,
}

/// Whether a task is done only while the lease is this tab's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// Only then.
    Lease,
    /// Also while another tab has it.
    Open,
}

/// What is to be done with the credential store, in one transaction: read, [`decide`](Task::decide), write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Task {
    /// Read the credential.
    Look,
    /// Take the lease in order to refresh a version.
    Take {
        /// Whether it waits for a pause.
        urgency: Urgency,
    },
    /// Keep the lease for another while.
    Renew,
    /// Give the lease back.
    Release {
        /// What is known of the refresh.
        outcome: RefreshOutcome,
        /// How long all tabs wait now.
        pause: Option<Pause>,
    },
    /// Store a version.
    Keep {
        /// With which credential.
        content: Content,
        /// Under which condition.
        fence: Fence,
        /// How long all tabs wait before they refresh again, if what came was of no use.
        pause: Option<Pause>,
    },
}

/// What became of a [`Task`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// It is done.
    Done,
    /// The lease is ours. This is known of the refresh before.
    Taken(RefreshOutcome),
    /// Another tab has the lease until then, by the wall clock.
    Busy(f64),
    /// A refresh has failed, and no tab tries again before this pause has ended.
    Paused(Pause),
    /// The credential store holds a newer version, or the lease is another's by now.
    Overtaken,
    /// The record, or the credential in it, cannot be read.
    Damaged,
    /// It failed.
    Unavailable,
    /// There is none, or it is a later version's.
    Absent,
}

/// Why the credential store did not do a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFailure {
    /// It failed, or there is none.
    Unavailable,
    /// The credential that is in it cannot be read.
    Damaged,
}

impl Task {
    /// Decides, within the transaction, what is written. `version` is what the task is about, `me` this tab, `wall` the wall clock in
    /// milliseconds since 1970.
    pub fn decide(&self, version: &Snapshot, me: Id, lock: Lock, wall: f64, found: &Found) -> (Option<StoreRecord>, Answer) {
        let record = match found {
            Found::Record(record) => Some(record),
            Found::Nothing => None,
            Found::Damaged if matches!(self, Self::Look) => return (None, Answer::Damaged),
            Found::Damaged => None,
            // What cannot be understood is destroyed all the same, once its user has signed out.
            Found::Later if matches!(self, Self::Keep { content: Content::Nothing, fence: Fence::Open, .. }) => None,
            Found::Later => return (None, Answer::Absent),
            // Only the lock says who refreshes.
            Found::NoStore => {
                let answer = match self {
                    Self::Take { .. } if lock == Lock::Elsewhere => Answer::Busy(wall),
                    Self::Take { .. } => Answer::Taken(RefreshOutcome::Known),
                    Self::Renew | Self::Release { .. } => Answer::Done,
                    Self::Look | Self::Keep { .. } => Answer::Absent,
                };
                return (None, answer);
            }
        };
        let ours = record.is_some_and(|record| record.lease.is_some_and(|lease| lease.owner == me));
        match self {
            Self::Look => (None, Answer::Done),
            Self::Take { urgency } => take(record, version, me, lock, wall, *urgency),
            Self::Renew => match record {
                Some(record) if ours => {
                    let lease = record.lease.map(|lease| Lease { until: wall + LEASE, ..lease });
                    (Some(StoreRecord { lease, credential: record.same(), ..*record }), Answer::Done)
                }
                _ => (None, Answer::Overtaken),
            },
            Self::Release { outcome, pause } => {
                let (outcome, pause) = (*outcome, *pause);
                let free = |record: &StoreRecord| StoreRecord { lease: None, outcome, pause, credential: record.same(), ..*record };
                (record.filter(|_| ours).map(free), Answer::Done)
            }
            Self::Keep { content, fence, pause } => {
                let fenced = *fence == Fence::Lease;
                if record.is_some_and(|record| record.snapshot.beats(version)) || fenced && !ours {
                    return (None, Answer::Overtaken);
                }
                let (credential, enough) = match content {
                    Content::Credential => (Kept::New, false),
                    Content::Nothing => (Kept::Nothing, true),
                };
                let known = record.is_some_and(|record| record.snapshot == *version && (record.credential != Kept::Nothing || enough));
                let write = !known && version.epoch > 0;
                // What only comes late to its own version takes nothing from a tab that refreshes it already.
                let running = record.filter(|record| !fenced && record.snapshot == *version);
                let (lease, outcome) = running.map_or((None, RefreshOutcome::Known), |record| (record.lease, record.outcome));
                let pause = running.map_or(*pause, |record| record.pause);
                (write.then_some(StoreRecord { snapshot: *version, lease, outcome, pause, credential }), Answer::Done)
            }
        }
    }
}

fn take(
    record: Option<&StoreRecord>,
    version: &Snapshot,
    me: Id,
    lock: Lock,
    wall: f64,
    urgency: Urgency,
) -> (Option<StoreRecord>, Answer) {
    let held = record.and_then(|record| record.lease);
    if record.is_some_and(|record| record.snapshot.beats(version)) {
        return (None, Answer::Overtaken);
    }
    if let Some(lease) = held {
        // A lease that ends later than any can was made before the clock was set back.
        let running = lease.until > wall && lease.until <= wall + LEASE;
        let gone = lease.liveness == Liveness::WebLock && lock == Lock::Held;
        if lease.owner != me && running && !gone {
            return (None, Answer::Busy(lease.until));
        }
    }
    let pause = record.and_then(|record| record.pause);
    if let Some(pause) = pause.filter(|pause| pause.is_running(wall) && (pause.cause == PauseCause::Server || urgency == Urgency::Patient))
    {
        return (None, Answer::Paused(pause));
    }
    // Its last holder did not give it back: it is not known what the server did.
    let outcome = if held.is_some() { RefreshOutcome::Unknown } else { record.map_or(RefreshOutcome::Known, |record| record.outcome) };
    let liveness = if lock == Lock::Held { Liveness::WebLock } else { Liveness::Renewal };
    let lease = Some(Lease { owner: me, until: wall + LEASE, liveness });
    let (snapshot, credential) = record.map_or((*version, Kept::Nothing), |record| (record.snapshot, record.same()));
    (Some(StoreRecord { snapshot, lease, outcome, pause, credential }), Answer::Taken(outcome))
}

impl StoreRecord {
    const fn same(&self) -> Kept {
        match self.credential {
            Kept::Nothing => Kept::Nothing,
            Kept::Same | Kept::New => Kept::Same,
        }
    }

    fn read(fields: &impl Decoder) -> Result<Self, Malformed> {
        let Stored::Snapshot(snapshot) = fields.child("snapshot")?.map_or(Stored::Empty, |snapshot| Stored::read(&snapshot)) else {
            return Err(Malformed);
        };
        let lease = match fields.child("lease")? {
            None => None,
            Some(lease) => Some(Lease {
                owner: Id::from_text(&lease.required_text("owner", 16)?).ok_or(Malformed)?,
                until: lease.number("until")?.ok_or(Malformed)?,
                liveness: if lease.count("locked")? > 0 { Liveness::WebLock } else { Liveness::Renewal },
            }),
        };
        let pause = fields.child("pause")?.map(|pause| Pause::read(&pause)).transpose()?;
        let credential = if fields.count("credential")? > 0 { Kept::Same } else { Kept::Nothing };
        let outcome = if fields.count("doubt")? > 0 { RefreshOutcome::Unknown } else { RefreshOutcome::Known };
        Ok(Self { snapshot, lease, outcome, pause, credential })
    }
}

impl Found {
    /// What is beyond reason is not believed: see [`Snapshot::is_within_reason`].
    #[must_use]
    pub fn believed(self, wall: f64) -> Self {
        match self {
            Self::Record(record) if !record.snapshot.is_within_reason(wall) => Self::Damaged,
            other => other,
        }
    }

    /// Reads a record; `None` is an empty store.
    pub fn read(fields: Option<&impl Decoder>) -> Self {
        match fields.map(|fields| (fields.count("v"), fields)) {
            None => Self::Nothing,
            Some((Ok(1), fields)) => StoreRecord::read(fields).map_or(Self::Damaged, Self::Record),
            Some((Ok(2..), _)) => Self::Later,
            Some(_) => Self::Damaged,
        }
    }
}

impl Encode for StoreRecord {
    fn encode(&self, to: &mut dyn Encoder) {
        to.count("v", 1);
        to.record("snapshot", Some(&self.snapshot));
        to.record("lease", self.lease.as_ref().map(|lease| lease as &dyn Encode));
        to.count("doubt", u32::from(self.outcome == RefreshOutcome::Unknown));
        to.record("pause", self.pause.as_ref().map(|pause| pause as &dyn Encode));
        // Which one, stands beside the record.
        to.count("credential", u32::from(self.credential != Kept::Nothing));
    }
}

impl Encode for Lease {
    fn encode(&self, to: &mut dyn Encoder) {
        to.text("owner", Some(&self.owner.to_text()));
        to.number("until", Some(self.until));
        to.count("locked", u32::from(self.liveness == Liveness::WebLock));
    }
}
