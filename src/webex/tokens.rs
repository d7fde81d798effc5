//! Token requests of a backend that has the app's secret. No page may.

use std::fmt;

use serde_json::Value;

use super::Reply;
use crate::http::{Method, Request, percent};
use crate::session::{Millis, Secret};

/// Where codes and refresh tokens are exchanged, and who asks. RFC 6749 sections 4.1.3 and 6, with the client's secret in the form, as the
/// vendor documents it.
#[derive(Clone, Debug)]
pub struct TokenEndpoint {
    url: String,
    client_id: String,
    client_secret: Secret<String>,
}

/// What the token endpoint gives. `Debug` shows no token.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For requests, `Bearer`.
    pub access_token: Secret<String>,
    /// Seconds.
    pub expires_in: Option<u64>,
    /// What brings the next ones. Missing: the one before goes on being good.
    pub refresh_token: Option<Secret<String>>,
    /// Seconds. The server prolongs it at each use without saying so.
    pub refresh_token_expires_in: Option<u64>,
    /// Words separated by spaces.
    pub scope: Option<String>,
}

/// Why there are no tokens. It holds nothing of what was sent, and may be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// The server refuses (400, 401). The user who has these tokens is signed out.
    Refused(Refused),
    /// It could not answer (429, 5xx, anything else): try again later.
    Unavailable {
        /// The status of HTTP.
        status: u16,
        /// Not before so many milliseconds, if it says so: [`Reply::retry_after`].
        retry_after: Option<Millis>,
    },
    /// It answered without an access token.
    ReplyInvalid,
}

/// What a server that refuses says: RFC 6749 section 5.2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// Such as `invalid_grant`, or an empty text; 64 characters at most.
    pub error: String,
    /// In words, for a developer; 1,024 characters at most.
    pub description: Option<String>,
    /// A page about it; as long at most.
    pub uri: Option<String>,
}

impl TokenError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(_) => "TOKEN_REFUSED",
            Self::Unavailable { .. } => "TOKEN_UNAVAILABLE",
            Self::ReplyInvalid => "REPLY_INVALID",
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(Refused { error, description: None, .. }) => write!(f, "the token endpoint refuses: {error}"),
            Self::Refused(Refused { error, description: Some(why), .. }) => write!(f, "the token endpoint refuses: {error}: {why}"),
            Self::Unavailable { status, .. } => write!(f, "the token endpoint is out of order ({status})"),
            Self::ReplyInvalid => f.write_str("the token endpoint answered without an access token"),
        }
    }
}

impl std::error::Error for TokenError {}

impl TokenEndpoint {
    /// The vendor's own, for integrations.
    pub const URL: &'static str = "https://webexapis.com/v1/access_token";

    /// One at an address, for instance [`TokenEndpoint::URL`].
    pub fn new(url: &str, client_id: &str, client_secret: Secret<String>) -> Self {
        Self { url: url.to_owned(), client_id: client_id.to_owned(), client_secret }
    }

    /// Exchanges a code: the five documented fields, and `code_verifier` if the authorization request had a challenge.
    pub fn exchange(&self, code: &str, redirect_uri: &str, code_verifier: Option<&str>) -> Request {
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
            ("code", code),
            ("redirect_uri", redirect_uri),
        ];
        fields.extend(code_verifier.map(|verifier| ("code_verifier", verifier)));
        self.post(&fields)
    }

    /// Exchanges a refresh token for new ones.
    pub fn refresh(&self, refresh_token: &Secret<String>) -> Request {
        self.post(&[
            ("grant_type", "refresh_token"),
            ("client_id", &self.client_id),
            ("client_secret", self.client_secret.expose()),
            ("refresh_token", refresh_token.expose()),
        ])
    }

    fn post(&self, fields: &[(&str, &str)]) -> Request {
        let mut body = String::new();
        for (name, value) in fields {
            if !body.is_empty() {
                body.push('&');
            }
            body.push_str(name);
            body.push('=');
            percent(value, b"*-._", &mut body);
        }
        let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        Request { method: Method::Post, url: self.url.clone(), headers, body: Some(body) }
    }
}

impl Tokens {
    /// Reads the reply to either request. `token_type` may be missing, and may stand before the token: the vendor's SDK knows both.
    ///
    /// # Errors
    /// Every [`TokenError`]
    pub fn read(reply: &Reply) -> Result<Self, TokenError> {
        let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        match reply.status {
            200..=299 => {}
            400 | 401 => {
                let line = |name: &str, longest: usize| text(name).map(|text| text.chars().take(longest).collect());
                return Err(TokenError::Refused(Refused {
                    error: line("error", 64).unwrap_or_default(),
                    description: line("error_description", 1024),
                    uri: line("error_uri", 1024),
                }));
            }
            status => return Err(TokenError::Unavailable { status, retry_after: reply.retry_after }),
        }
        let token = text("access_token").ok_or(TokenError::ReplyInvalid)?;
        let token = token.split_once(' ').map_or(token, |(_, token)| token);
        Ok(Self {
            access_token: Secret::new(token.to_owned()),
            expires_in: body.get("expires_in").and_then(Value::as_u64),
            refresh_token: text("refresh_token").map(|token| Secret::new(token.to_owned())),
            refresh_token_expires_in: body.get("refresh_token_expires_in").and_then(Value::as_u64),
            scope: text("scope").map(str::to_owned),
        })
    }
}
