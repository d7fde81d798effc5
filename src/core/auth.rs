use std::rc::Rc;

use super::{Encode, Error, Fields, Id, Malformed, Piece, Secret};

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
    AccountSwitch = "account_switch",
    /// Somebody emptied the storage.
    StorageCleared = "storage_cleared",
    /// `acquire` failed or gave nobody. Local to this tab.
    AcquireFailed = "acquire_failed",
    /// `acquire` took too long. Local to this tab.
    AcquireTimeout = "acquire_timeout",
    /// `acquire` gave another account than the one that is signed in. Local to this tab.
    AccountMismatch = "account_mismatch",
    /// A sign-in.
    SignIn = "sign_in",
    /// Another tab signed in.
    Join = "join",
    /// Found at the start.
    Restore = "restore",
    /// The same account, renewed.
    Refresh = "refresh",
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

/// Every legal move. What is not listed is [`Error::IllegalMove`].
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
    /// Where this move leads from `status`.
    ///
    /// # Errors
    /// [`Error::IllegalMove`] if [`MOVES`] has no such row.
    pub fn from(self, status: AuthStatus) -> Result<AuthStatus, Error> {
        let row = MOVES.iter().find(|(from, by, _)| *from == status && *by == self);
        row.map(|(_, _, to)| *to).ok_or(Error::IllegalMove)
    }
}

const SUBJECT: u32 = 256;
const NAME: u32 = 256;
const TOKEN: u32 = 16_384;

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

    fn pieces(&self) -> [(&'static str, Piece<'_>); 2] {
        [("subject", Piece::Text(&self.subject)), ("name", self.name().into())]
    }
}

/// A signed-in account with what it may carry.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Who.
    pub account: Rc<Account>,
    /// The access token, kept in memory only.
    pub access_token: Option<Secret<Rc<str>>>,
    /// When it expires, in milliseconds since 1970.
    pub expires_at: Option<f64>,
}

/// A user as the host knows it. The same shape as a [`Grant`]; what `acquire` makes of it becomes one.
pub type Identity = Grant;

impl Grant {
    /// Reads `{account: {subject, name} | subject, accessToken, expiresAt}`.
    ///
    /// # Errors
    /// [`Malformed`] if the account is missing or any field is beyond its limit.
    pub fn read(fields: &impl Fields) -> Result<Self, Malformed> {
        let (subject, name) = match fields.text("account", SUBJECT) {
            Ok(subject) => (subject, None),
            Err(_) => {
                let account = fields.child("account")?.ok_or(Malformed)?;
                (account.text("subject", SUBJECT)?, account.text("name", NAME)?)
            }
        };
        Ok(Self {
            account: Rc::new(Account { subject: subject.filter(|subject| !subject.is_empty()).ok_or(Malformed)?, name }),
            access_token: fields.text("accessToken", TOKEN)?.map(|token| Secret::new(token.into())),
            expires_at: fields.number("expiresAt")?,
        })
    }
}

// Encoded, it goes to the application's own `acquire`, which needs the token, and nowhere else.
impl Encode for Grant {
    fn encode(&self, with: &mut dyn FnMut(Piece<'_>)) {
        let token = self.access_token.as_ref().map(|token| &**token.expose());
        with(Piece::Record(&[
            ("account", Piece::Record(&self.account.pieces())),
            ("accessToken", token.into()),
            ("expiresAt", self.expires_at.into()),
        ]));
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
    pub epoch: u32,
    /// Raised by a refresh.
    pub sequence: u32,
    /// The tab that made this change; zero before the first one.
    pub writer: Id,
}

impl Encode for SessionView {
    fn encode(&self, with: &mut dyn FnMut(Piece<'_>)) {
        let account = self.account.as_ref().map(|account| account.pieces());
        with(Piece::Record(&[
            ("status", Piece::Text(self.status.as_str())),
            ("reason", Piece::Text(self.reason.as_str())),
            ("account", account.as_ref().map_or(Piece::Absent, |pieces| Piece::Record(pieces))),
            ("expiresAt", self.expires_at.into()),
            ("epoch", self.epoch.into()),
            ("sequence", self.sequence.into()),
            ("writer", Piece::Text(&self.writer.to_text())),
        ]));
    }
}
