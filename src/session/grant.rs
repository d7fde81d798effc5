//! What was accepted: a signed-in account with its tokens.

use std::rc::Rc;

use super::account::{NAME, SUBJECT};
use super::{Account, Decoder, Encode, Encoder, Error, Malformed, Millis, Secret, Timestamp};

const TOKEN: u32 = 16_384;
/// The longest lifetime that is taken: a hundred years, in seconds.
const LONGEST_LIFE: f64 = 3_155_760_000.0;

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
