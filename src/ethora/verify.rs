use jwt_compact::{AlgorithmExt, Claims, UntrustedToken, alg::Hs256, alg::Hs256Key};
use serde_json::{Map, Value};

use super::Error;
use super::request::bare;
use super::token::{App, derived_key};

// Characters. What is longer is not parsed.
const LONGEST: usize = 16_384;

/// Whom a token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// A user's browser, by the host's own id: a client token.
    User(String),
    /// A user's browser, by the e-mail address: a client token of the original form.
    Email(String),
    /// A backend: a server token, with its tenant's id if it names one.
    Server(Option<String>),
}

/// What a token was signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningKey {
    /// The key that is derived for clients or for servers.
    Derived,
    /// The App Secret itself: what the vendor means to give up.
    Secret,
}

/// What a token of this app's says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedToken {
    /// Whom it is for.
    pub bearer: Bearer,
    /// What it was signed with.
    pub key: SigningKey,
    /// When it was made, in seconds since 1970.
    pub issued_at: Option<u64>,
    /// When it ends, in seconds since 1970. `None`: with the secret.
    pub expires_at: Option<u64>,
}

impl App {
    /// Checks the signature of a token, that it is of this app, and its times. White space around it and the prefix `JWT ` are no part of it.
    ///
    /// As in the vendor's sdk the App Secret itself is a good key beside the derived one; [`VerifiedToken::key`] says which it was. Other than
    /// there, the app is compared.
    ///
    /// # Errors
    /// [`Error::JwtMalformed`], [`Error::JwtAlg`], [`Error::JwtSignature`], [`Error::JwtAmbiguous`], [`Error::JwtType`], [`Error::JwtApp`],
    /// [`Error::JwtNoSubject`], [`Error::JwtExpired`], [`Error::JwtNotYetValid`]
    pub fn verify(&self, token: &str, now: u64) -> Result<VerifiedToken, Error> {
        let token = UntrustedToken::new(Some(bare(token)).filter(|token| token.len() <= LONGEST).ok_or(Error::JwtMalformed)?)
            .map_err(|_| Error::JwtMalformed)?;
        // First, because a token that says `none` has no signature.
        if token.algorithm() != "HS256" {
            return Err(Error::JwtAlg);
        }
        let claims = token.deserialize_claims_unchecked::<Map<String, Value>>().map_err(|_| Error::JwtMalformed)?;
        let key = self.key_of(&token, &claims.custom).ok_or(Error::JwtSignature)?;
        let bearer = self.bearer(&claims.custom)?;
        let (issued_at, expires_at) = times(&claims, now)?;
        Ok(VerifiedToken { bearer, key, issued_at, expires_at })
    }

    fn key_of(&self, token: &UntrustedToken<'_>, claims: &Map<String, Value>) -> Option<SigningKey> {
        let is_good = |key: &str| Hs256.validator::<Map<String, Value>>(&Hs256Key::new(key)).validate(token).is_ok();
        let purpose = claims.get("data").and_then(|data| data.get("type")).and_then(Value::as_str);
        let purpose = purpose.filter(|purpose| matches!(*purpose, "client" | "server"));
        if purpose.is_some_and(|purpose| is_good(&derived_key(self.secret(), purpose))) {
            return Some(SigningKey::Derived);
        }
        is_good(self.secret()).then_some(SigningKey::Secret)
    }

    fn bearer(&self, claims: &Map<String, Value>) -> Result<Bearer, Error> {
        let nested = claims.get("data").and_then(Value::as_object);
        let said = nested.unwrap_or(claims);
        let differs = |name: &&str| nested.is_some() && claims.get(*name).is_some_and(|beside| said.get(*name) != Some(beside));
        if ["type", "appId", "userId"].iter().any(differs) {
            return Err(Error::JwtAmbiguous);
        }
        let text = |name: &str| said.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
        let bearer = match (text("type").as_deref(), nested) {
            (Some("client"), Some(_)) => text("userId").map(Bearer::User),
            (Some("client"), None) => text("email").map(Bearer::Email),
            (Some("server"), Some(_)) => Some(Bearer::Server(text("tenantId"))),
            _ => return Err(Error::JwtType),
        };
        if text("appId").as_deref() != Some(self.id()) {
            return Err(Error::JwtApp);
        }
        bearer.ok_or(Error::JwtNoSubject)
    }
}

fn times(claims: &Claims<Map<String, Value>>, now: u64) -> Result<(Option<u64>, Option<u64>), Error> {
    let second = |time: i64| u64::try_from(time).map_err(|_| Error::JwtMalformed);
    let issued_at = claims.issued_at.map(|time| second(time.timestamp())).transpose()?;
    let expires_at = claims.expiration.map(|time| second(time.timestamp())).transpose()?;
    let from = claims.not_before.map(|time| second(time.timestamp())).transpose()?;
    if expires_at.is_some_and(|end| end <= now) {
        return Err(Error::JwtExpired);
    }
    if from.is_some_and(|from| from > now) {
        return Err(Error::JwtNotYetValid);
    }
    Ok((issued_at, expires_at))
}
