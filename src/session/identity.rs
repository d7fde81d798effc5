//! What a host claims.

use std::sync::Arc;

use super::lifetime::Lifetime;
use super::secret::{self, Token};
use super::{Account, Decoder, Encode, Encoder, Error, Grant, Malformed};

/// A user as the host knows them: a claim, which signs no user in. With an `acquire` it is handed to the application, and what that brings is the
/// grant. Without one it is accepted as it is, by `Identity::accept` and nowhere else.
#[derive(Clone, Debug)]
pub struct Identity {
    account: Arc<Account>,
    access_token: Option<Token>,
    refresh_token: Option<Token>,
    lifetime: Lifetime,
}

impl From<Account> for Identity {
    /// A claim without tokens.
    fn from(account: Account) -> Self {
        Self { account: Arc::new(account), access_token: None, refresh_token: None, lifetime: Lifetime::default() }
    }
}

impl Identity {
    /// Reads `{account: {subject, name} | subject, accessToken, expiresAt, expiresIn, refreshToken, serverTime}` (`docs/protocol.md` section 3).
    ///
    /// # Errors
    /// [`Malformed`] if the account is missing or any field is beyond its limit.
    pub fn read(fields: &impl Decoder) -> Result<Self, Malformed> {
        Ok(Self {
            account: Arc::new(Account::read(fields)?),
            access_token: secret::read(fields, "accessToken")?,
            refresh_token: secret::read(fields, "refreshToken")?,
            lifetime: Lifetime::read(fields)?,
        })
    }

    /// Who the user is said to be.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Whether an access token came with it.
    pub(super) const fn has_access_token(&self) -> bool {
        self.access_token.is_some()
    }

    /// Whether its tokens and times are ones that can be kept.
    ///
    /// # Errors
    /// As [`Grant::check`].
    pub(super) fn check(&self) -> Result<(), Error> {
        secret::check([&self.access_token, &self.refresh_token])?;
        self.lifetime.check()
    }

    /// The same, received at this moment of the wall clock: a relative lifetime counts from now, however long what follows has to wait.
    pub(super) fn received_at(&self, wall: f64) -> Self {
        Self { lifetime: self.lifetime.counted_from(wall), ..self.clone() }
    }

    /// Takes the claim for true: the application has no `acquire` that could judge it, so the host's word counts.
    pub(super) fn accept(&self) -> Grant {
        let Lifetime { expires_at, expires_in, server_time } = self.lifetime;
        Grant {
            account: Arc::clone(&self.account),
            access_token: self.access_token.clone(),
            expires_at,
            expires_in,
            refresh_token: self.refresh_token.clone(),
            server_time,
        }
    }
}

// Encoded, it goes to the application's own `acquire`, which needs the tokens, and nowhere else.
impl Encode for Identity {
    fn encode(&self, to: &mut dyn Encoder) {
        to.record("account", Some(&*self.account));
        to.text("accessToken", secret::exposed(self.access_token.as_ref()));
        to.number("expiresAt", self.lifetime.expires_at);
        to.text("refreshToken", secret::exposed(self.refresh_token.as_ref()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Secret;

    /// What a host sent. Its `account` is an object.
    #[derive(Default)]
    struct Sent {
        texts: Vec<(&'static str, String)>,
        numbers: Vec<(&'static str, f64)>,
        account: Option<Box<Sent>>,
    }

    impl Decoder for Sent {
        fn text(&self, key: &str, max: u32) -> Result<Option<String>, Malformed> {
            if key == "account" {
                return Err(Malformed);
            }
            let text = self.texts.iter().find(|(name, _)| *name == key).map(|(_, text)| text.clone());
            if text.as_ref().is_some_and(|text| text.len() > max as usize) { Err(Malformed) } else { Ok(text) }
        }

        fn number(&self, key: &str) -> Result<Option<f64>, Malformed> {
            Ok(self.numbers.iter().find(|(name, _)| *name == key).map(|(_, number)| *number))
        }

        fn child(&self, _: &str) -> Result<Option<Self>, Malformed> {
            let account = self.account.as_ref().ok_or(Malformed)?;
            Ok(Some(Self { texts: account.texts.clone(), ..Self::default() }))
        }

        fn are_texts(&self, _: &str, _: u32, _: u32) -> bool {
            false
        }

        #[cfg(feature = "dialects")]
        fn truthy(&self, _: &str) -> bool {
            false
        }

        #[cfg(feature = "dialects")]
        fn parsed(&self) -> Option<Self> {
            None
        }
    }

    fn sent(token: &str, numbers: &[(&'static str, f64)]) -> Sent {
        let account = Sent { texts: vec![("subject", "ada".to_owned()), ("name", "Ada".to_owned())], ..Sent::default() };
        let texts = vec![("accessToken", token.to_owned()), ("refreshToken", "again".to_owned())];
        Sent { texts, numbers: numbers.to_vec(), account: Some(Box::new(account)) }
    }

    fn text(token: Option<&Token>) -> Option<String> {
        secret::exposed(token).map(ToOwned::to_owned)
    }

    #[test]
    fn what_is_accepted_is_all_that_was_claimed() {
        let identity = Identity::read(&sent("good", &[("expiresIn", 60.0), ("expiresAt", 5.0), ("serverTime", 4.0)])).unwrap();
        assert_eq!((identity.account().subject(), identity.account().name()), ("ada", Some("Ada")));
        let grant = identity.accept();
        assert_eq!(*grant.account, *identity.account());
        assert_eq!((text(grant.access_token.as_ref()), text(grant.refresh_token.as_ref())), (Some("good".into()), Some("again".into())));
        assert_eq!((grant.expires_in, grant.expires_at, grant.server_time), (Some(60.0), Some(5.0), Some(4.0)));
    }

    #[test]
    fn a_claim_without_an_account_or_with_a_token_that_is_too_long_is_none() {
        assert_eq!(Identity::read(&Sent::default()).err(), Some(Malformed));
        assert_eq!(Identity::read(&sent(&"x".repeat(16_385), &[])).err(), Some(Malformed));
    }

    #[test]
    fn a_claim_that_could_not_be_kept_is_refused_before_it_is_accepted() {
        let check = |token: &str, numbers| Identity::read(&sent(token, numbers)).unwrap().check();
        assert_eq!(check("good", &[("expiresAt", 1e12)]), Ok(()));
        assert_eq!(check("", &[]), Err(Error::TokenInvalid));
        assert_eq!(check("good", &[("expiresIn", -1.0)]), Err(Error::LifetimeInvalid));
        assert_eq!(check("good", &[("serverTime", 1e16)]), Err(Error::LifetimeInvalid));
    }

    #[test]
    fn a_relative_lifetime_counts_from_when_the_claim_was_received() {
        let identity = Identity::read(&sent("good", &[("expiresIn", 60.0)])).unwrap().received_at(1000.0);
        assert_eq!(identity.received_at(50_000.0).accept().expires_at, Some(61_000.0), "and not from when it is accepted");
    }

    #[test]
    fn a_claim_shows_no_token() {
        let identity =
            Identity { access_token: Some(Secret::new(Arc::new("hidden".to_owned()))), ..Account::new("ada", None).unwrap().into() };
        assert!(identity.has_access_token());
        assert!(!format!("{identity:?}").contains("hidden"));
    }
}
