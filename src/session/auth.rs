use std::rc::Rc;

use super::clock::Timestamp;
use super::{Decoder, Encode, Encoder, Error, Id, Malformed, Millis, Secret};

/// Whether somebody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthStatus {
    /// Not established: at the start, while the page is hidden away, just after it came back.
    Unknown,
    /// Nobody.
    Unauthorized,
    /// A sign-in is under way.
    Authorizing,
    /// Somebody.
    Authorized,
}

impl AuthStatus {
    /// The word on the wire and in JavaScript.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Unauthorized => "unauthorized",
            Self::Authorizing => "authorizing",
            Self::Authorized => "authorized",
        }
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Why the status is what it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word on the wire, in storage and in JavaScript.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

reasons! {
    /// Nothing has been read yet.
    Starting = "starting",
    /// The page is being hidden or frozen.
    Suspended = "suspended",
    /// The page came back from the back/forward cache and is being re-read.
    Restored = "restored",
    /// Nobody has signed in here before.
    Initial = "initial",
    /// The user asked for it.
    User = "user",
    /// The host asked for it, or named the user.
    Host = "host",
    /// A server said no.
    Refused = "refused",
    /// The session ran out.
    Expired = "expired",
    /// Another account takes over.
    AccountSwitch = "account-switch",
    /// Somebody emptied the storage.
    StorageCleared = "storage-cleared",
    /// `acquire` failed or gave nobody. Local to this tab.
    AcquireFailed = "acquire-failed",
    /// `acquire` took too long. Local to this tab.
    AcquireTimeout = "acquire-timeout",
    /// `acquire` gave another account than the one that is signed in. Local to this tab.
    AccountMismatch = "account-mismatch",
    /// A sign-in.
    SignIn = "sign-in",
    /// Another tab signed in.
    OtherTab = "other-tab",
    /// Found at the start.
    Restore = "restore",
    /// The same account, renewed.
    Refresh = "refresh",
    /// A refresh ended without an answer, and the next one was refused: the server may have taken it for a theft.
    RefreshOutcomeUnknown = "refresh-outcome-unknown",
    /// The stored credential could not be read.
    CredentialLost = "credential-lost",
}

impl Reason {
    /// The reason of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == word)
    }
}

/// What can happen to the status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// A sign-in, a join or a restore begins.
    Begin,
    /// An account is signed in.
    Grant,
    /// Nobody is signed in any more, or the attempt failed.
    Revoke,
    /// The page is hidden away or has just come back.
    Suspend,
}

/// Every legal move. What is not listed is [`Error::InvalidState`].
///
/// `Begin` from `Authorized` is missing on purpose: a user is signed out before another one begins.
pub const MOVES: [(AuthStatus, Move, AuthStatus); 15] = {
    use AuthStatus::{Authorized, Authorizing, Unauthorized, Unknown};
    use Move::{Begin, Grant, Revoke, Suspend};
    [
        (Unknown, Begin, Authorizing),
        (Unknown, Grant, Authorized),
        (Unknown, Revoke, Unauthorized),
        (Unknown, Suspend, Unknown),
        (Unauthorized, Begin, Authorizing),
        (Unauthorized, Grant, Authorized),
        (Unauthorized, Revoke, Unauthorized),
        (Unauthorized, Suspend, Unknown),
        (Authorizing, Begin, Authorizing),
        (Authorizing, Grant, Authorized),
        (Authorizing, Revoke, Unauthorized),
        (Authorizing, Suspend, Unknown),
        (Authorized, Grant, Authorized),
        (Authorized, Revoke, Unauthorized),
        (Authorized, Suspend, Unknown),
    ]
};

impl Move {
    /// Where this move leads from `status`: [`MOVES`] in short, which the tests compare.
    ///
    /// # Errors
    /// [`Error::InvalidState`] if [`MOVES`] has no such row.
    pub fn from(self, status: AuthStatus) -> Result<AuthStatus, Error> {
        match self {
            Self::Begin if status == AuthStatus::Authorized => Err(Error::InvalidState),
            Self::Begin => Ok(AuthStatus::Authorizing),
            Self::Grant => Ok(AuthStatus::Authorized),
            Self::Revoke => Ok(AuthStatus::Unauthorized),
            Self::Suspend => Ok(AuthStatus::Unknown),
        }
    }
}

const SUBJECT: u32 = 256;
const NAME: u32 = 256;
const TOKEN: u32 = 16_384;
/// The longest lifetime that is taken: a hundred years, in seconds.
const LONGEST_LIFE: f64 = 3_155_760_000.0;

/// Who: an opaque subject and a name to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    subject: String,
    name: Option<String>,
}

impl Account {
    /// An account.
    ///
    /// # Errors
    /// [`Error::AccountInvalid`] unless `subject` has 1 to 256 UTF-16 units and `name` at most 256.
    pub fn new(subject: &str, name: Option<&str>) -> Result<Self, Error> {
        let fits = |text: &str, max: u32| text.encode_utf16().count() <= max as usize;
        if subject.is_empty() || !fits(subject, SUBJECT) || !name.is_none_or(|name| fits(name, NAME)) {
            return Err(Error::AccountInvalid);
        }
        Ok(Self { subject: subject.to_owned(), name: name.map(ToOwned::to_owned) })
    }

    /// The subject, opaque to us.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The name to show.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl Encode for Account {
    fn encode(&self, to: &mut dyn Encoder) {
        to.text("subject", Some(&self.subject));
        to.text("name", self.name());
    }
}

/// A signed-in account with what it may carry.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Who.
    pub account: Rc<Account>,
    /// The access token.
    pub access_token: Option<Secret<Rc<String>>>,
    /// When it expires, in milliseconds since 1970, by the clock that `server_time` shows, else by this browser's.
    pub expires_at: Option<f64>,
    /// In how many seconds it expires, 0 to 3,155,760,000 (a hundred years); wins over `expires_at`.
    pub expires_in: Option<f64>,
    /// What brings the next access token.
    pub refresh_token: Option<Secret<Rc<String>>>,
    /// The server's clock when it made this, in milliseconds since 1970.
    pub server_time: Option<f64>,
}

impl From<Account> for Grant {
    /// An account without tokens.
    fn from(account: Account) -> Self {
        Self { account: Rc::new(account), access_token: None, expires_at: None, expires_in: None, refresh_token: None, server_time: None }
    }
}

/// A user as the host knows it. The same shape as a [`Grant`]; what `acquire` makes of it becomes one.
pub type Identity = Grant;

impl Grant {
    /// Reads `{account: {subject, name} | subject, accessToken, expiresAt, expiresIn, refreshToken, serverTime}`.
    ///
    /// # Errors
    /// [`Malformed`] if the account is missing or any field is beyond its limit.
    pub fn read(fields: &impl Decoder) -> Result<Self, Malformed> {
        let (subject, name) = match fields.text("account", SUBJECT) {
            Ok(subject) => (subject, None),
            Err(_) => {
                let account = fields.child("account")?.ok_or(Malformed)?;
                (account.text("subject", SUBJECT)?, account.text("name", NAME)?)
            }
        };
        Ok(Self {
            account: Rc::new(Account { subject: subject.filter(|subject| !subject.is_empty()).ok_or(Malformed)?, name }),
            access_token: secret(fields, "accessToken")?,
            expires_at: fields.number("expiresAt")?,
            expires_in: fields.number("expiresIn")?,
            refresh_token: secret(fields, "refreshToken")?,
            server_time: fields.number("serverTime")?,
        })
    }

    /// Whether its tokens and times are ones that can be kept.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`] for a token that is empty or longer than 16,384 UTF-16 units; [`Error::LifetimeInvalid`] for a number of time that is
    /// not finite or out of its range.
    pub fn check(&self) -> Result<(), Error> {
        let fits = |token: &Secret<Rc<String>>| {
            let units = token.expose().encode_utf16().count();
            (1..=TOKEN as usize).contains(&units)
        };
        if ![&self.access_token, &self.refresh_token].into_iter().flatten().all(fits) {
            return Err(Error::TokenInvalid);
        }
        let is_moment = |at: f64| Timestamp::new(at).is_some();
        let fine = self.expires_in.is_none_or(|seconds| (0.0..=LONGEST_LIFE).contains(&seconds))
            && [self.expires_at, self.server_time].into_iter().flatten().all(is_moment);
        if fine { Ok(()) } else { Err(Error::LifetimeInvalid) }
    }

    /// How long it is good from now on, in milliseconds, and until when by this browser's wall clock; `None` if it does not say.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn life(&self, wall: f64) -> Option<(Millis, Timestamp)> {
        let left = match (self.expires_in, self.expires_at) {
            (Some(seconds), _) => seconds * 1000.0,
            (None, Some(at)) => at - self.server_time.unwrap_or(wall),
            (None, None) => return None,
        };
        // A cast stops at the ends of the range.
        left.is_finite().then_some((left as Millis, Timestamp::nearest(wall + left)))
    }

    /// Whether this is the same sign-in: account, tokens and, but for a second of rounding, the end of its life.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1000.0,
            (a, b) => a.is_none() && b.is_none(),
        };
        self.account == other.account
            && exposed(self.access_token.as_ref()) == exposed(other.access_token.as_ref())
            && exposed(self.refresh_token.as_ref()) == exposed(other.refresh_token.as_ref())
            && near(self.expires_at, other.expires_at)
    }
}

fn secret(fields: &impl Decoder, key: &str) -> Result<Option<Secret<Rc<String>>>, Malformed> {
    Ok(fields.text(key, TOKEN)?.map(|token| Secret::new(token.into())))
}

fn exposed(token: Option<&Secret<Rc<String>>>) -> Option<&str> {
    token.map(|token| token.expose().as_str())
}

// Encoded, it goes to the application's own `acquire` and to the credential store, which need the tokens, and nowhere else.
impl Encode for Grant {
    fn encode(&self, to: &mut dyn Encoder) {
        to.record("account", Some(&*self.account));
        to.text("accessToken", exposed(self.access_token.as_ref()));
        to.number("expiresAt", self.expires_at);
        to.text("refreshToken", exposed(self.refresh_token.as_ref()));
    }
}

/// What everybody may know of the session. It never holds a token.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionView {
    /// Whether somebody is signed in.
    pub status: AuthStatus,
    /// Why.
    pub reason: Reason,
    /// Who, if this tab knows.
    pub account: Option<Rc<Account>>,
    /// When the access token expires, in milliseconds since 1970.
    pub expires_at: Option<f64>,
    /// Raised by sign-in, account switch and sign-out.
    pub epoch: u64,
    /// Raised by a refresh.
    pub sequence: u32,
    /// The tab that made this change; zero before the first one.
    pub writer: Id,
}

impl Encode for SessionView {
    fn encode(&self, to: &mut dyn Encoder) {
        to.text("status", Some(self.status.as_str()));
        to.text("reason", Some(self.reason.as_str()));
        to.record("account", self.account.as_deref().map(|account| account as &dyn Encode));
        to.number("expiresAt", self.expires_at);
        to.whole("epoch", self.epoch);
        to.count("sequence", self.sequence);
        to.text("writer", Some(&self.writer.to_text()));
    }
}
