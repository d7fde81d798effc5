//! What was accepted: a signed-in account with its tokens.

use std::sync::Arc;

use super::lifetime::Lifetime;
use super::secret::{self, exposed};
use super::{Account, Decoder, Encode, Encoder, Error, Malformed, Millis, Secret, Timestamp};

/// A signed-in account with what it may carry: made of an [`Account`], or read (`serde`) of a server's reply that has the form of the npm package's `Identity`,
/// `{"account": {"subject": …, "name": …}, "accessToken": …, "refreshToken": …, "expiresIn": …}`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Grant {
    /// Who.
    pub account: Arc<Account>,
    /// The access token.
    pub access_token: Option<Secret<Arc<String>>>,
    /// When it expires, in milliseconds since 1970, by the clock that `server_time` shows, else by this browser's.
    pub expires_at: Option<f64>,
    /// In how many seconds it expires, 0 to 3,155,760,000 (a hundred years); wins over `expires_at`.
    pub expires_in: Option<f64>,
    /// What brings the next access token.
    pub refresh_token: Option<Secret<Arc<String>>>,
    /// The server's clock when it made this, in milliseconds since 1970.
    pub server_time: Option<f64>,
}

impl From<Account> for Grant {
    /// An account without tokens.
    fn from(account: Account) -> Self {
        Self { account: Arc::new(account), access_token: None, expires_at: None, expires_in: None, refresh_token: None, server_time: None }
    }
}

impl Grant {
    /// With this access token: 1 to 16,384 UTF-16 units.
    #[must_use]
    pub fn with_access_token(mut self, token: impl Into<String>) -> Self {
        self.access_token = Some(Secret::new(Arc::new(token.into())));
        self
    }

    /// With what brings the next access token: 1 to 16,384 UTF-16 units.
    #[must_use]
    pub fn with_refresh_token(mut self, token: impl Into<String>) -> Self {
        self.refresh_token = Some(Secret::new(Arc::new(token.into())));
        self
    }

    /// The access token expires in so many seconds, as OAuth replies say it (RFC 6749 section 5.1): 0 to 3,155,760,000 (a hundred years). Wins over a moment; needs no clock.
    #[must_use]
    pub const fn with_expires_in(mut self, seconds: f64) -> Self {
        self.expires_in = Some(seconds);
        self
    }

    /// The access token expires at this moment, in milliseconds since 1970, by the clock that `server_time` shows, else by this browser's.
    #[must_use]
    pub const fn with_expires_at(mut self, moment: f64) -> Self {
        self.expires_at = Some(moment);
        self
    }

    /// The server's clock when it made this, in milliseconds since 1970: `expires_at` goes by it.
    #[must_use]
    pub const fn with_server_time(mut self, moment: f64) -> Self {
        self.server_time = Some(moment);
        self
    }

    /// Reads `{account: {subject, name} | subject, accessToken, expiresAt, expiresIn, refreshToken, serverTime}`.
    ///
    /// # Errors
    /// [`Malformed`] if the account is missing or any field is beyond its limit.
    pub fn read(fields: &impl Decoder) -> Result<Self, Malformed> {
        let Lifetime { expires_at, expires_in, server_time } = Lifetime::read(fields)?;
        Ok(Self {
            account: Arc::new(Account::read(fields)?),
            access_token: secret::read(fields, "accessToken")?,
            expires_at,
            expires_in,
            refresh_token: secret::read(fields, "refreshToken")?,
            server_time,
        })
    }

    /// Whether its tokens and times are ones that can be kept.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`] for a token that is empty or longer than 16,384 UTF-16 units; [`Error::LifetimeInvalid`] for a number of time that is
    /// not finite or out of its range.
    pub fn check(&self) -> Result<(), Error> {
        secret::check([&self.access_token, &self.refresh_token])?;
        self.lifetime().check()
    }

    /// How long it is good from now on, in milliseconds, and until when by this browser's wall clock; `None` if it does not say.
    pub fn life(&self, wall: f64) -> Option<(Millis, Timestamp)> {
        self.lifetime().left(wall)
    }

    /// The same, received at this moment of the wall clock: a relative lifetime counts from now.
    pub(super) fn received_at(&self, wall: f64) -> Self {
        let Lifetime { expires_at, expires_in, server_time } = self.lifetime().counted_from(wall);
        Self { expires_at, expires_in, server_time, ..self.clone() }
    }

    const fn lifetime(&self) -> Lifetime {
        Lifetime { expires_at: self.expires_at, expires_in: self.expires_in, server_time: self.server_time }
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

// Encoded, it goes to the application's own `acquire` and to the credential store, which need the tokens, and nowhere else.
impl Encode for Grant {
    fn encode(&self, to: &mut dyn Encoder) {
        to.record("account", Some(&*self.account));
        to.text("accessToken", exposed(self.access_token.as_ref()));
        to.number("expiresAt", self.expires_at);
        to.text("refreshToken", exposed(self.refresh_token.as_ref()));
    }
}
