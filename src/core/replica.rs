use super::{Encode, Fields, Id, Malformed, Reason, SubjectTag, Writer};

/// Whether somebody is signed in, as all tabs see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SharedStatus {
    /// Somebody is.
    Authorized,
    /// Nobody is. Stands last: at equal epoch it wins.
    Unauthorized,
}

/// What all tabs share, as it is stored: exactly these fields, never a credential and never an account's name.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    /// Raised by sign-in, account switch and sign-out. Never falls.
    pub epoch: u32,
    /// Raised by a refresh within one epoch.
    pub sequence: u32,
    /// The tab that made the change.
    pub writer: Id,
    /// Whether somebody is signed in.
    pub status: SharedStatus,
    /// Why.
    pub reason: Reason,
    /// When the access token expires, in milliseconds since 1970.
    pub expires_at: Option<f64>,
    /// Which account, as a salted hash; zero if nobody.
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
        // A number's bits: as good an order as any.
        let expires_at = expires_at.map_or(0, |at| at.to_bits().saturating_add(1));
        [epoch.into(), status as u64, sequence.into(), writer.0, reason as u64, expires_at, subject_tag.salt.0, subject_tag.hash.0]
    }

    fn read(fields: &impl Fields) -> Result<Self, Malformed> {
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
            epoch: fields.count("epoch")?,
            sequence: fields.count("sequence")?,
            writer: Id::from_text(writer).ok_or(Malformed)?,
            status,
            reason: Reason::from_word(reason).ok_or(Malformed)?,
            expires_at: fields.number("expiresAt")?,
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
    fn encode(&self, to: &mut dyn Writer) {
        let status = match self.status {
            SharedStatus::Authorized => AUTHORIZED,
            SharedStatus::Unauthorized => UNAUTHORIZED,
        };
        to.count("v", FORMAT);
        to.count("epoch", self.epoch);
        to.count("sequence", self.sequence);
        to.text("writer", Some(&self.writer.to_text()));
        to.text("status", Some(status));
        to.text("reason", Some(self.reason.as_str()));
        to.number("expiresAt", self.expires_at);
        to.text("subjectTag", Some(&self.subject_tag.to_text()));
    }
}

/// What the register was found to hold.
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
    /// Reads a record.
    pub fn read(fields: &impl Fields) -> Self {
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

    /// Whether somebody is signed in.
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

    /// Signs an account in: a new epoch, or only a new sequence if the same account is signed in already.
    pub fn sign_in(&mut self, writer: Id, reason: Reason, expires_at: Option<f64>, subject_tag: SubjectTag) {
        let same = self.authorized() && self.0.subject_tag == subject_tag;
        let sequence = if same { self.0.sequence.saturating_add(1) } else { 0 };
        let epoch = self.0.epoch.saturating_add(u32::from(!same));
        let status = SharedStatus::Authorized;
        self.0 = Snapshot { epoch, sequence, writer, status, reason, expires_at, subject_tag };
    }

    /// Signs everybody out in a new epoch. At the highest epoch there can be, it wins by being a sign-out.
    pub fn sign_out(&mut self, writer: Id, reason: Reason) {
        let epoch = self.0.epoch.saturating_add(1);
        self.0 = Snapshot { epoch, writer, reason, ..Snapshot::initial() };
    }
}
