use std::fmt::Write;

use jwt_compact::{Algorithm, AlgorithmExt, AlgorithmSignature, Claims, Header, alg::Hs256, alg::Hs256Key};
use serde::Serialize;

use super::Error;
use super::request::{ID, TEXT, plain, word};
use crate::session::Secret;

// 9999-12-31T23:59:59Z. Milliseconds are above it.
const LAST_SECOND: u64 = 253_402_300_799;

/// An app of Ethora's with its secret: what signs tokens. Each token is HS256 with the header `{"alg":"HS256","typ":"JWT"}`; the same
/// arguments give the same bytes.
///
/// Times are whole seconds since 1970. The vendor's tokens have no `exp` and are good until the secret changes: give one wherever the
/// server takes it.
#[derive(Clone, Debug)]
pub struct App {
    id: String,
    secret: Secret<String>,
}

#[derive(Serialize)]
struct Flat<'a> {
    email: &'a str,
    r#type: &'static str,
    #[serde(rename = "appId")]
    app_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<u64>,
}

#[derive(Serialize)]
struct Nested<T> {
    data: T,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Client<'a> {
    r#type: &'static str,
    user_id: &'a str,
    app_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Server<'a> {
    app_id: &'a str,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'a str>,
}

impl App {
    /// An app by its id and its App Secret.
    ///
    /// # Errors
    /// [`Error::AppIdInvalid`], [`Error::SecretInvalid`]
    pub fn new(id: &str, secret: Secret<String>) -> Result<Self, Error> {
        if secret.expose().is_empty() {
            return Err(Error::SecretInvalid);
        }
        Ok(Self { id: word(id).ok_or(Error::AppIdInvalid)?.to_owned(), secret })
    }

    /// A client JWT for a user, for the browser: `{"data":{"type":"client","userId","appId"},"iat"[,"exp"]}`, signed with the key that is
    /// derived for clients, as the vendor's sdk does it. `user_id` is the host's own id, the one that the user was created with.
    ///
    /// # Errors
    /// [`Error::UserInvalid`], [`Error::TimeInvalid`]
    pub fn client_token(&self, user_id: &str, iat: u64, exp: Option<u64>) -> Result<Secret<String>, Error> {
        let data = Client { r#type: "client", user_id: plain(user_id, ID).ok_or(Error::UserInvalid)?, app_id: &self.id };
        self.nested(data, "client", iat, exp)
    }

    /// A client JWT of the original form: `{"email","type":"client","appId"[,"iat"][,"exp"]}`, signed with the App Secret itself. Prefer
    /// [`client_token`](Self::client_token): the vendor means to give up the secret as a key. The e-mail is sent as it is.
    ///
    /// # Errors
    /// [`Error::UserInvalid`], [`Error::TimeInvalid`]
    pub fn flat_client_token(&self, email: &str, iat: Option<u64>, exp: Option<u64>) -> Result<Secret<String>, Error> {
        check_times(iat, exp)?;
        let email = plain(email, TEXT).ok_or(Error::UserInvalid)?;
        sign(&Flat { email, r#type: "client", app_id: &self.id, iat, exp }, self.secret.expose())
    }

    /// A server token, for the requests of a backend: `{"data":{"appId","type":"server"[,"tenantId"]},"iat"[,"exp"]}`, signed with the key
    /// that is derived for servers. The vendor's sdk makes a new one for each request.
    ///
    /// # Security
    /// It never goes to a browser.
    ///
    /// # Errors
    /// [`Error::UserInvalid`] for a tenant's id, [`Error::TimeInvalid`]
    pub fn server_token(&self, tenant_id: Option<&str>, iat: u64, exp: Option<u64>) -> Result<Secret<String>, Error> {
        if tenant_id.is_some_and(|id| plain(id, ID).is_none()) {
            return Err(Error::UserInvalid);
        }
        self.nested(Server { app_id: &self.id, r#type: "server", tenant_id }, "server", iat, exp)
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn secret(&self) -> &str {
        self.secret.expose()
    }

    fn nested(&self, data: impl Serialize, purpose: &str, iat: u64, exp: Option<u64>) -> Result<Secret<String>, Error> {
        check_times(Some(iat), exp)?;
        sign(&Nested { data, iat, exp }, &derived_key(self.secret.expose(), purpose))
    }
}

fn check_times(iat: Option<u64>, exp: Option<u64>) -> Result<(), Error> {
    let good = [iat, exp].into_iter().flatten().all(|time| time <= LAST_SECOND) && exp.is_none_or(|exp| exp > iat.unwrap_or(0));
    if good { Ok(()) } else { Err(Error::TimeInvalid) }
}

// The key of a purpose is 64 hex digits, and they are the key as text. So a token for one purpose is none for the other.
pub(super) fn derived_key(secret: &str, purpose: &str) -> String {
    let signature = Hs256.sign(&Hs256Key::new(secret), ["ethora:", purpose, ":v1"].concat().as_bytes());
    let mut key = String::new();
    for byte in signature.as_bytes().iter() {
        // Text takes everything.
        let _ = write!(key, "{byte:02x}");
    }
    key
}

// The times are part of the payload and not of `Claims`, which would write them first.
fn sign(payload: &impl Serialize, key: &str) -> Result<Secret<String>, Error> {
    let token = Hs256.token(&Header::empty().with_token_type("JWT"), &Claims::new(payload), &Hs256Key::new(key));
    token.map(Secret::new).map_err(|_| Error::TokenInvalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_derived_key_is_that_of_the_reference() {
        let secret = "test-secret-not-real-0123456789abcdef";
        assert_eq!(derived_key(secret, "client"), "029af42bc9bd1ca066621b3155888fd5ea1eff1292b291e5374495813f79dbe6");
        assert_ne!(derived_key(secret, "client"), derived_key(secret, "server"));
    }
}
