use super::clock::Timestamp;
use super::decode::LARGEST;
use super::{Decoder, Encode, Encoder, Id, Malformed, Reason, SubjectTag};

/// Whether a user is signed in, as all tabs see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SharedStatus {
    /// One is.
    Authorized,
    /// None is. Stands last: at equal epoch it wins.
    Unauthorized,
}

/// What all tabs share, as it is stored: exactly these fields, never a credential and never an account's name.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    /// Raised by sign-in, account switch and sign-out: see [`Replica::next_epoch`].
    pub epoch: u64,
    /// Raised by a refresh within one epoch.
    pub sequence: u32,
    /// The tab that made the change.
    pub writer: Id,
    /// Whether a user is signed in.
    pub status: SharedStatus,
    /// Why.
    pub reason: Reason,
    /// When the access token expires.
    pub expires_at: Option<Timestamp>,
    /// Which account, as a salted hash; zero if no user is signed in.
    pub subject_tag: SubjectTag,
}

const FORMAT: u32 = 1;
const AUTHORIZED: &str = "authorized";
const UNAUTHORIZED: &str = "unauthorized";
const TEXT: u32 = 32;

impl Snapshot {
    /// Before the first sign-in.
    pub const fn initial() -> Self {
        Self {
            epoch: 0,
            sequence: 0,
            writer: Id(0),
            status: SharedStatus::Unauthorized,
            reason: Reason::Initial,
            expires_at: None,
            subject_tag: SubjectTag { salt: Id(0), hash: Id(0) },
        }
    }

    /// Whether this one wins over `other`. A total order: at equal epoch sign-out wins, then sequence, then writer; the rest only
    /// makes damaged twins of one change agree as well.
    pub fn beats(&self, other: &Self) -> bool {
        self.rank() > other.rank()
    }

    fn rank(&self) -> [u64; 8] {
        let Self { epoch, sequence, writer, status, reason, expires_at, subject_tag } = *self;
        let expires_at = expires_at.map_or(0, |at| at.millis().saturating_add(1));
        [epoch, status as u64, sequence.into(), writer.0, reason as u64, expires_at, subject_tag.salt.0, subject_tag.hash.0]
    }

    fn read(fields: &impl Decoder) -> Result<Self, Malformed> {
        let texts = ["status", "writer", "reason", "subjectTag"].map(|key| fields.required_text(key, TEXT));
        let [Ok(status), Ok(writer), Ok(reason), Ok(subject_tag)] = &texts else {
            return Err(Malformed);
        };
        let status = match &**status {
            AUTHORIZED => SharedStatus::Authorized,
            UNAUTHORIZED => SharedStatus::Unauthorized,
            _ => return Err(Malformed),
        };
        Ok(Self {
            epoch: fields.whole("epoch")?,
            sequence: fields.count("sequence")?,
            writer: Id::from_text(writer).ok_or(Malformed)?,
            status,
            reason: Reason::from_word(reason).ok_or(Malformed)?,
            expires_at: fields.number("expiresAt")?.map(|at| Timestamp::new(at).ok_or(Malformed)).transpose()?,
            subject_tag: SubjectTag::from_text(subject_tag).ok_or(Malformed)?,
        })
    }
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Encode for Snapshot {
    fn encode(&self, to: &mut dyn Encoder) {
        let status = match self.status {
            SharedStatus::Authorized => AUTHORIZED,
            SharedStatus::Unauthorized => UNAUTHORIZED,
        };
        to.count("v", FORMAT);
        to.whole("epoch", self.epoch);
        to.count("sequence", self.sequence);
        to.text("writer", Some(&self.writer.to_text()));
        to.text("status", Some(status));
        to.text("reason", Some(self.reason.as_str()));
        to.number("expiresAt", self.expires_at.map(Timestamp::as_f64));
        to.text("subjectTag", Some(&self.subject_tag.to_text()));
    }
}

/// What the shared record was found to hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stored {
    /// Nothing.
    Empty,
    /// A record.
    Snapshot(Snapshot),
    /// Something that is not a record of ours.
    Damaged,
    /// A record of a later version of authframe. It is left alone.
    Later,
    /// It could not be read any more and is kept elsewhere from now on, where nothing stands yet.
    Moved,
}

impl Stored {
    /// What is beyond reason is not believed: see [`Snapshot::is_within_reason`].
    #[must_use]
    pub fn believed(self, wall: f64) -> Self {
        match self {
            Self::Snapshot(snapshot) if !snapshot.is_within_reason(wall) => Self::Damaged,
            other => other,
        }
    }

    /// Reads a record.
    pub fn read(fields: &impl Decoder) -> Self {
        match fields.count("v") {
            Ok(FORMAT) => Snapshot::read(fields).map_or(Self::Damaged, Self::Snapshot),
            Ok(2..) => Self::Later,
            _ => Self::Damaged,
        }
    }
}

/// This tab's copy of what all tabs share.
///
/// [`merge`](Self::merge) keeps the greater of two records in a total order, so it is commutative, associative and idempotent: whatever
/// arrives, late, twice or out of order, every tab ends with the same record.
#[derive(Clone, Debug)]
pub struct Replica(Snapshot);

impl Default for Replica {
    fn default() -> Self {
        Self(Snapshot::initial())
    }
}

impl Replica {
    /// The greatest record seen.
    pub const fn current(&self) -> &Snapshot {
        &self.0
    }

    /// Whether a user is signed in.
    pub fn authorized(&self) -> bool {
        self.0.status == SharedStatus::Authorized
    }

    /// Takes a record seen elsewhere; true if it is greater than ours.
    pub fn merge(&mut self, seen: &Snapshot) -> bool {
        let greater = seen.beats(&self.0);
        if greater {
            self.0 = *seen;
        }
        greater
    }

    /// The epoch of a change that is made at this moment of the wall clock (milliseconds since 1970): the greater of the known one plus one
    /// and the clock, a hybrid logical clock. So a change that is made after the storage was emptied is above every one that a living tab
    /// still holds, and one that is made while the clock is behind is above the one before it all the same.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn next_epoch(&self, wall: f64) -> u64 {
        // A cast stops at the ends of the range, and makes zero of what is no number.
        self.0.epoch.saturating_add(1).max((wall as u64).min(LATEST)).min(LARGEST)
    }

    /// Signs an account in: a new epoch, or only a new sequence if the same account is signed in already.
    pub fn sign_in(&mut self, writer: Id, reason: Reason, expires_at: Option<Timestamp>, subject_tag: SubjectTag, wall: f64) {
        // A sequence that cannot rise any more begins again in a new epoch.
        let same = self.authorized() && self.0.subject_tag == subject_tag && self.0.sequence < u32::MAX;
        let sequence = if same { self.0.sequence.saturating_add(1) } else { 0 };
        let epoch = if same { self.0.epoch } else { self.next_epoch(wall) };
        let status = SharedStatus::Authorized;
        self.0 = Snapshot { epoch, sequence, writer, status, reason, expires_at, subject_tag };
    }

    /// Signs the user out in a new epoch.
    pub fn sign_out(&mut self, writer: Id, reason: Reason, wall: f64) {
        let epoch = self.next_epoch(wall);
        self.0 = Snapshot { epoch, writer, reason, ..Snapshot::initial() };
    }
}

/// 2026-01-01, in milliseconds since 1970. A clock that is behind it is known to be wrong.
const BUILT: u64 = 1_767_225_600_000;
/// A hundred years, in milliseconds.
const REACH: u64 = 3_155_760_000_000;
/// What a clock may say at most: beyond, it is no clock.
const LATEST: u64 = 1 << 50;

impl Snapshot {
    /// Whether an epoch can have come from a clock: not more than a hundred years ahead of this browser's, or of 2026 if that is behind.
    ///
    /// What is not within reason was not made by authframe. It is taken for damaged and written over, so that no user is locked out by it: above an
    /// epoch that is within reason there is always another one, because the clock goes on.
    /// The reach is so long that no clock jumps across it: a computer that wakes in 1970 still believes what it wrote yesterday.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn is_within_reason(&self, wall: f64) -> bool {
        self.epoch <= (wall as u64).clamp(BUILT, LATEST).saturating_add(REACH)
    }
}
