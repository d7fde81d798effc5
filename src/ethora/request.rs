use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::Error;
use crate::http::percent;
pub(super) use crate::http::{Method, Request};
use crate::session::Secret;

pub(super) const ID: usize = 256;
pub(super) const TEXT: usize = 1024;
const PROSE: usize = 65_536;
const WORD: usize = 128;
// Bytes. What is longer is not parsed.
const LONGEST_REPLY: usize = 16_777_216;

/// What the server answered. `Debug` does not show the body.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code of HTTP.
    pub status: u16,
    /// The body as text, empty if there is none.
    pub body: String,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Reply {
    /// Whether the server did it. Where the reply of a request has a known form, there is a method of its own that reads it.
    ///
    /// A status of 422 is read by its words: "not found" and "already exist", in plain text or in JSON. The vendor's sdk knows the first in
    /// plain text only, and calls a deletion of nothing no error.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] (401), [`Error::Forbidden`] (403), [`Error::NotFound`] (404, 422), [`Error::AlreadyExists`] (409, 422),
    /// [`Error::Rejected`] (other 4xx), [`Error::ServerFailed`] (5xx), [`Error::ReplyInvalid`] (whatever else is not 2xx)
    pub fn check(&self) -> Result<(), Error> {
        Err(match self.status {
            200..=299 => return Ok(()),
            401 => Error::Unauthorized,
            403 => Error::Forbidden,
            404 => Error::NotFound,
            409 => Error::AlreadyExists,
            422 => {
                let words = self.body.to_lowercase();
                if words.contains("not found") {
                    Error::NotFound
                } else if words.contains("already exist") {
                    Error::AlreadyExists
                } else {
                    Error::Rejected
                }
            }
            400..=499 => Error::Rejected,
            500..=599 => Error::ServerFailed,
            _ => Error::ReplyInvalid,
        })
    }

    pub(super) fn json(&self) -> Result<Value, Error> {
        self.check()?;
        let body = Some(self.body.as_str()).filter(|body| body.len() <= LONGEST_REPLY);
        body.and_then(|body| serde_json::from_str(body).ok()).ok_or(Error::ReplyInvalid)
    }
}

/// The requests of the current API (`/v1`, `/v2`), as the vendor's `@ethora/sdk-backend` 26.8.1 sends them; it gives the server 30 seconds. Each is given a server token of
/// [`App::server_token`](super::App::server_token).
#[derive(Clone, Debug)]
pub struct Api {
    base: String,
    app_id: String,
    per_app: bool,
    conference: String,
}

impl Api {
    /// The vendor's own server. It has no version: the paths have.
    pub const BASE: &'static str = "https://api.chat.ethora.com";
    /// The domain of the chats there.
    pub const CONFERENCE: &'static str = "conference.xmpp.chat.ethora.com";

    /// The API at a base URL without a version, for instance [`Api::BASE`], for one app. `http` is taken too, for a server in the backend's own network: the
    /// token goes with each request, and can be read on the way.
    ///
    /// # Errors
    /// [`Error::BaseInvalid`], [`Error::AppIdInvalid`]
    pub fn new(base: &str, app_id: &str) -> Result<Self, Error> {
        let app_id = word(app_id).ok_or(Error::AppIdInvalid)?.to_owned();
        // Each call adds its own, `/v1` or `/v2`.
        if matches!(base.rsplit('/').next(), Some("v1" | "v2")) {
            return Err(Error::BaseInvalid);
        }
        Ok(Self { base: check_base(base)?.to_owned(), app_id, per_app: false, conference: Self::CONFERENCE.to_owned() })
    }

    /// The same with the paths that name the app, `/v2/apps/{appId}/…`, for an app that is not the token's own: the token is one of the
    /// parent's, the app of this `Api` the child. What has no other path names the app always.
    #[must_use]
    pub fn per_app(mut self) -> Self {
        self.per_app = true;
        self
    }

    /// The same with another domain for chats than [`Api::CONFERENCE`].
    #[must_use]
    pub fn conference(mut self, domain: &str) -> Self {
        domain.clone_into(&mut self.conference);
        self
    }

    /// `{appId}_{id}`: how the server names a user or a chat. An id that begins so already is left alone; one that merely begins with the
    /// app id is not, other than in some calls of the vendor's sdk.
    pub fn name_of(&self, id: &str) -> String {
        let named = id.strip_prefix(&self.app_id).is_some_and(|rest| rest.starts_with('_'));
        if named { id.to_owned() } else { [&self.app_id, "_", id].concat() }
    }

    /// The id in a name: the other direction of [`name_of`](Self::name_of).
    pub fn id_of<'a>(&self, name: &'a str) -> Option<&'a str> {
        name.strip_prefix(&self.app_id)?.strip_prefix('_')
    }

    /// `{appId}_{id}@` and the domain of chats: how XMPP names a chat.
    pub fn jid_of(&self, chat_id: &str) -> String {
        [&self.name_of(chat_id), "@", &self.conference].concat()
    }

    /// Whether the paths name the app, where there are others.
    pub(super) const fn is_per_app(&self) -> bool {
        self.per_app
    }

    pub(super) fn scoped(&self, path: &str) -> String {
        ["/v2/apps/", &self.app_id, path].concat()
    }

    /// `plain` is the path without the app, `path` what follows the app.
    pub(super) fn either(&self, plain: &str, path: &str) -> String {
        if self.per_app { self.scoped(path) } else { plain.to_owned() }
    }

    pub(super) fn request(&self, token: &Secret<String>, method: Method, path: &str) -> Result<Request, Error> {
        let headers = with_token(&default_headers(), token)?;
        Ok(Request { method, url: [&self.base, path].concat(), headers, body: None })
    }

    pub(super) fn send(&self, token: &Secret<String>, method: Method, path: &str, body: &impl Serialize) -> Result<Request, Error> {
        Ok(Request { body: Some(json(body)?), ..self.request(token, method, path)? })
    }
}

pub(super) fn json(body: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(body).map_err(|_| Error::BodyInvalid)
}

// `{token}` stands for the server token.
pub(super) fn default_headers() -> Vec<(String, String)> {
    let headers = [("Authorization", "Bearer {token}"), ("x-custom-token", "{token}"), ("Content-Type", "application/json")];
    headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

/// What is sent of a token: white space around it and the prefix `JWT `, which the vendor's component takes, are no part of it.
pub(super) fn bare(token: &str) -> &str {
    let token = token.trim();
    match token.strip_prefix("JWT") {
        Some(rest) if rest.starts_with(char::is_whitespace) => rest.trim_start(),
        _ => token,
    }
}

pub(super) fn with_token(headers: &[(String, String)], token: &Secret<String>) -> Result<Vec<(String, String)>, Error> {
    let token = bare(token.expose());
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if token.split('.').count() != 3 || token.split('.').any(|part| part.is_empty() || !part.bytes().all(safe)) {
        return Err(Error::TokenInvalid);
    }
    Ok(headers.iter().map(|(name, value)| (name.clone(), value.replace("{token}", token))).collect())
}

pub(super) fn check_base(base: &str) -> Result<&str, Error> {
    let rest = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://")).ok_or(Error::BaseInvalid)?;
    let visible = rest.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'@' | b'\\'));
    if rest.is_empty() || rest.starts_with(['/', ':']) || rest.ends_with('/') || !visible { Err(Error::BaseInvalid) } else { Ok(base) }
}

/// What may stand in a path as it is.
pub(super) fn word(text: &str) -> Option<&str> {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    Some(text).filter(|text| (1..=WORD).contains(&text.len()) && text.bytes().all(safe))
}

/// Something, but no control characters, and at most so many characters.
pub(super) fn plain(text: &str, most: usize) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control))
}

/// Text of several lines: something, and no control characters but for tabs and the ends of lines.
pub(super) fn prose(text: &str) -> Result<&str, Error> {
    let odd = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
    if text.is_empty() || text.chars().count() > PROSE || text.chars().any(odd) { Err(Error::TextInvalid) } else { Ok(text) }
}

/// Writes a part of a path between two slashes. A URL resolves `.` and `..`, so they are none.
pub(super) fn push_segment(text: &str, safe: &[u8], path: &mut String) -> Option<()> {
    if matches!(text, "." | "..") {
        return None;
    }
    percent(text, safe, path);
    Some(())
}

/// What `encodeURIComponent` leaves as it is.
pub(super) const COMPONENT: &[u8] = b"-_.!~*'()";
/// What may stand in a part of a path as it is.
pub(super) const SEGMENT: &[u8] = b"-_.!~*'()$&+,;=:@";

/// A path and its query. What is `None` is not asked for.
pub(super) struct Query {
    path: String,
    separator: char,
}

impl Query {
    pub(super) fn of(path: String) -> Self {
        Self { path, separator: '?' }
    }

    pub(super) fn add(mut self, name: &str, value: Option<&str>) -> Self {
        if let Some(value) = value {
            self.path.push(self.separator);
            self.path.push_str(name);
            self.path.push('=');
            // `encodeURIComponent`, and the `'` that a URL's query encodes too.
            percent(value, b"-_.!~*()", &mut self.path);
            self.separator = '&';
        }
        self
    }

    pub(super) fn number(self, name: &str, value: Option<u32>) -> Self {
        let value = value.map(|value| value.to_string());
        self.add(name, value.as_deref())
    }

    pub(super) fn flag(self, name: &str, value: Option<bool>) -> Self {
        self.add(name, value.map(|value| if value { "true" } else { "false" }))
    }

    pub(super) fn path(self) -> String {
        self.path
    }
}
