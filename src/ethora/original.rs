use std::num::NonZeroU64;

use serde::Serialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::request::{ID, Method, Reply, Request, TEXT, check_base, default_headers, json, plain, with_token};
use super::{Access, AccessCode, CreatedChat, Error};
use crate::session::Secret;

// What a number of JavaScript holds exactly.
const GREATEST_NUMBER: u64 = 9_007_199_254_740_991;

/// How one call of the original API is sent, where its path is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The path after the base URL, with a slash in front.
    pub path: String,
}

/// What no public source says of the original API. **All defaults are guesses**: compare them with what your server takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Names and values of headers; `{token}` in a value stands for the server token. Guess: those of the current API.
    pub headers: Vec<(String, String)>,
    /// The method on `/chats/` that creates. Guess: `POST`.
    pub create_chat: Method,
    /// The method on `/chats/` that deletes. Guess: `DELETE`.
    pub delete_chat: Method,
    /// The method on `/chat-access/`. Guess: `POST`.
    pub set_access: Method,
    /// "User Create". Guess: `POST /users/`.
    pub create_user: Endpoint,
    /// "User Delete". Guess: `DELETE /users/`.
    pub delete_user: Endpoint,
    /// "import-users API". Guess: `POST /import-users/`.
    pub import_users: Endpoint,
}

impl Default for Settings {
    fn default() -> Self {
        let endpoint = |method, path: &str| Endpoint { method, path: path.to_owned() };
        Self {
            headers: default_headers(),
            create_chat: Method::Post,
            delete_chat: Method::Delete,
            set_access: Method::Post,
            create_user: endpoint(Method::Post, "/users/"),
            delete_user: endpoint(Method::Delete, "/users/"),
            import_users: endpoint(Method::Post, "/import-users/"),
        }
    }
}

/// A chat, by one of its two names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChatId {
    /// `name@domain`
    Jid(String),
    /// The number that it was created with, at most 9007199254740991.
    Uuid(u64),
}

/// A user, by one of its two names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserId {
    /// `name@domain`
    Jid(String),
    /// The id that it was created with.
    Uuid(String),
}

impl ChatId {
    /// Exactly one of both, where they come from outside.
    ///
    /// # Errors
    /// [`Error::NotExactlyOne`] for both, even if they mean the same, and for neither
    pub fn one_of(jid: Option<String>, uuid: Option<u64>) -> Result<Self, Error> {
        one_of(jid.map(Self::Jid), uuid.map(Self::Uuid))
    }

    fn check(&self) -> Result<(), Error> {
        match self {
            Self::Jid(jid) => check_jid(jid),
            Self::Uuid(number) => check_number(*number),
        }
    }
}

impl UserId {
    /// Exactly one of both, where they come from outside.
    ///
    /// # Errors
    /// [`Error::NotExactlyOne`] for both, even if they mean the same, and for neither
    pub fn one_of(jid: Option<String>, uuid: Option<String>) -> Result<Self, Error> {
        one_of(jid.map(Self::Jid), uuid.map(Self::Uuid))
    }

    fn check(&self) -> Result<(), Error> {
        match self {
            Self::Jid(jid) => check_jid(jid),
            Self::Uuid(id) => plain(id, ID).map(|_| ()).ok_or(Error::UserInvalid),
        }
    }
}

fn one_of<T>(jid: Option<T>, uuid: Option<T>) -> Result<T, Error> {
    jid.xor(uuid).ok_or(Error::NotExactlyOne)
}

fn check_number(number: u64) -> Result<(), Error> {
    if number > GREATEST_NUMBER { Err(Error::ChatInvalid) } else { Ok(()) }
}

fn check_jid(jid: &str) -> Result<(), Error> {
    let whole = plain(jid, TEXT).filter(|jid| !jid.contains(|letter: char| letter.is_whitespace() || letter == '/'));
    let parts = whole.and_then(|jid| jid.split_once('@')).filter(|(name, domain)| !name.is_empty() && !domain.is_empty());
    if parts.is_some_and(|(_, domain)| !domain.contains('@')) { Ok(()) } else { Err(Error::JidInvalid) }
}

#[derive(Serialize)]
struct Create {
    access: &'static str,
    #[serde(rename = "UUID")]
    uuid: u64,
}

#[derive(Serialize)]
enum Delete<'a> {
    #[serde(rename = "JID")]
    Jid(&'a str),
    #[serde(rename = "UUID")]
    Uuid(u64),
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct SetAccess<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_jid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chat_uuid: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_jid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_uuid: Option<&'a str>,
    access_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_timer: Option<NonZeroU64>,
}

/// The requests of the original API, of which `/chats/`, `/chat-access/` and their field names are known. The rest is [`Settings`].
#[derive(Clone, Debug)]
pub struct Original {
    base: String,
    settings: Settings,
}

impl Original {
    /// The API at a base URL, for instance `https://api.chat.ethora.com/v1`.
    ///
    /// # Errors
    /// [`Error::BaseInvalid`], [`Error::SettingsInvalid`]
    pub fn new(base: &str, settings: Settings) -> Result<Self, Error> {
        let name = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let value = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        let header = |(left, right): &(String, String)| !left.is_empty() && left.bytes().all(name) && right.bytes().all(value);
        let path = |path: &str| path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#'));
        let Settings { headers, create_user, delete_user, import_users, .. } = &settings;
        if !headers.iter().all(header) || ![create_user, delete_user, import_users].iter().all(|endpoint| path(&endpoint.path)) {
            return Err(Error::SettingsInvalid);
        }
        Ok(Self { base: check_base(base)?.to_owned(), settings })
    }

    /// Creates a chat: `/chats/` with `{"access","UUID"}`. `uuid` is a number of the host's own, at most 9007199254740991.
    ///
    /// # Errors
    /// [`Error::ChatInvalid`], [`Error::TokenInvalid`]
    pub fn create_chat(&self, token: &Secret<String>, uuid: u64, access: Access) -> Result<Request, Error> {
        check_number(uuid)?;
        self.send(token, self.settings.create_chat, "/chats/", json(&Create { access: access.as_str(), uuid })?)
    }

    /// The reply to [`create_chat`](Self::create_chat): an object with a status, which is text or a whole number, and the JID. How the
    /// server writes their names is not known: `status` and `JID` are read, and `jid`.
    ///
    /// # Errors
    /// Those of [`Reply::check`], and [`Error::ReplyInvalid`]
    pub fn read_created_chat(&self, reply: &Reply) -> Result<CreatedChat, Error> {
        let json = reply.json()?;
        let status = match json.get("status") {
            Some(Value::String(status)) if status.len() <= TEXT => status.clone(),
            Some(Value::Number(status)) if status.is_u64() => status.to_string(),
            _ => return Err(Error::ReplyInvalid),
        };
        let jid = json.get("JID").or_else(|| json.get("jid")).and_then(Value::as_str).ok_or(Error::ReplyInvalid)?;
        check_jid(jid).map_err(|_| Error::ReplyInvalid)?;
        Ok(CreatedChat { status, jid: jid.to_owned() })
    }

    /// Deletes a chat: `/chats/` with `{"JID"}` or `{"UUID"}`, the names of its creation; that it is deleted by them is inferred.
    ///
    /// **All history of the chat is destroyed, for every member, and nothing brings it back.**
    ///
    /// # Errors
    /// [`Error::JidInvalid`], [`Error::ChatInvalid`], [`Error::TokenInvalid`]
    pub fn delete_chat(&self, token: &Secret<String>, chat: &ChatId) -> Result<Request, Error> {
        chat.check()?;
        let body = match chat {
            ChatId::Jid(jid) => Delete::Jid(jid),
            ChatId::Uuid(uuid) => Delete::Uuid(*uuid),
        };
        self.send(token, self.settings.delete_chat, "/chats/", json(&body)?)
    }

    /// Says what a user may do in a chat: `/chat-access/` with `{"chatJid"|"chatUuid","userJid"|"userUuid","accessCode"[,"accessTimer"]}`.
    /// [`AccessCode::NONE`] takes everything away. `timer` is in seconds: after it the earlier state is expected to return; without it this
    /// one lasts.
    ///
    /// # Errors
    /// [`Error::JidInvalid`], [`Error::ChatInvalid`], [`Error::UserInvalid`], [`Error::TokenInvalid`]
    pub fn set_access(
        &self,
        token: &Secret<String>,
        chat: &ChatId,
        user: &UserId,
        code: AccessCode,
        timer: Option<NonZeroU64>,
    ) -> Result<Request, Error> {
        chat.check()?;
        user.check()?;
        let mut body = SetAccess { access_code: code.to_string(), access_timer: timer, ..SetAccess::default() };
        match chat {
            ChatId::Jid(jid) => body.chat_jid = Some(jid),
            ChatId::Uuid(uuid) => body.chat_uuid = Some(*uuid),
        }
        match user {
            UserId::Jid(jid) => body.user_jid = Some(jid),
            UserId::Uuid(uuid) => body.user_uuid = Some(uuid),
        }
        self.send(token, self.settings.set_access, "/chat-access/", json(&body)?)
    }

    /// "User Create". The names of its fields are not known: `body` is JSON of the caller's own, here and in the next two.
    ///
    /// # Errors
    /// [`Error::BodyInvalid`], [`Error::TokenInvalid`]
    pub fn create_user(&self, token: &Secret<String>, body: &str) -> Result<Request, Error> {
        self.user(token, &self.settings.create_user, body)
    }

    /// "User Delete".
    ///
    /// # Errors
    /// [`Error::BodyInvalid`], [`Error::TokenInvalid`]
    pub fn delete_user(&self, token: &Secret<String>, body: &str) -> Result<Request, Error> {
        self.user(token, &self.settings.delete_user, body)
    }

    /// The "import-users API".
    ///
    /// # Errors
    /// [`Error::BodyInvalid`], [`Error::TokenInvalid`]
    pub fn import_users(&self, token: &Secret<String>, body: &str) -> Result<Request, Error> {
        self.user(token, &self.settings.import_users, body)
    }

    fn user(&self, token: &Secret<String>, endpoint: &Endpoint, body: &str) -> Result<Request, Error> {
        serde_json::from_str::<IgnoredAny>(body).map_err(|_| Error::BodyInvalid)?;
        self.send(token, endpoint.method, &endpoint.path, body.to_owned())
    }

    fn send(&self, token: &Secret<String>, method: Method, path: &str, body: String) -> Result<Request, Error> {
        let headers = with_token(&self.settings.headers, token)?;
        Ok(Request { method, url: [&self.base, path].concat(), headers, body: Some(body) })
    }
}
