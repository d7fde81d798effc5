use serde::Serialize;
use serde_json::Value;

use super::Error;
use super::request::{Api, ID, Method, Reply, Request, TEXT, encode, plain, word};
use crate::session::Secret;

/// A user to create. What is `None` is not sent.
///
/// The vendor's sdk fills in what is missing: an e-mail of a random UUID, the names `User`, and the password `password_{userId}`, which
/// anyone can guess. Nothing is filled in here. Give a random password, or none. The server is said to want a last name of two characters
/// or more.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// The host's own id of the user, 1 to 256 characters.
    pub uuid: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The password.
    pub password: Option<Secret<String>>,
}

/// Which users to list. What is `None` is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserQuery {
    /// Those of this chat, by its whole name `{appId}_{chatId}`.
    pub chat_name: Option<String>,
    /// The one with this name, `{appId}_{userId}`.
    pub xmpp_username: Option<String>,
    /// The one with this id.
    pub user_id: Option<String>,
    /// At most so many.
    pub limit: Option<u32>,
    /// From this one on.
    pub offset: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Batch<'a> {
    bypass_email_confirmation: bool,
    users_list: Vec<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    uuid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn of(user: &'a User) -> Result<Self, Error> {
        let text = |text: Option<&'a String>| text.map(|text| plain(text, TEXT).ok_or(Error::UserInvalid)).transpose();
        Ok(Self {
            uuid: plain(&user.uuid, ID).ok_or(Error::UserInvalid)?,
            email: text(user.email.as_ref())?,
            first_name: text(user.first_name.as_ref())?,
            last_name: text(user.last_name.as_ref())?,
            password: text(user.password.as_ref().map(Secret::expose))?,
        })
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ids<'a> {
    users_id_list: Vec<&'a str>,
}

impl Api {
    /// Creates users, one or many; their e-mail addresses count as confirmed. `POST /v2/users/batch`, or `POST
    /// /v2/apps/{appId}/users/batch`, which begins a job: see [`import_job`](Self::import_job).
    ///
    /// # Errors
    /// [`Error::ListEmpty`], [`Error::UserInvalid`], [`Error::TokenInvalid`]
    pub fn create_users(&self, token: &Secret<String>, users: &[User]) -> Result<Request, Error> {
        let users_list = some(users)?.iter().map(Entry::of).collect::<Result<_, _>>()?;
        let path = self.either("/v2/users/batch", "/users/batch");
        self.send(token, Method::Post, &path, &Batch { bypass_email_confirmation: true, users_list })
    }

    /// Asks how far a job is that created users: `GET /v2/apps/{appId}/users/batch/{jobId}`. No public source gives the form of the reply,
    /// nor where the first reply has the job's id.
    ///
    /// # Errors
    /// [`Error::JobInvalid`], [`Error::TokenInvalid`]
    pub fn import_job(&self, token: &Secret<String>, job_id: &str) -> Result<Request, Error> {
        let path = ["/users/batch/", word(job_id).ok_or(Error::JobInvalid)?].concat();
        self.request(token, Method::Get, &self.scoped(&path))
    }

    /// Deletes users by the host's own ids: `DELETE /v1/users/batch`, or `/v2/apps/{appId}/users/batch`. Of users that are not there the
    /// reply is [`Error::NotFound`].
    ///
    /// # Errors
    /// [`Error::ListEmpty`], [`Error::UserInvalid`], [`Error::TokenInvalid`]
    pub fn delete_users<T: AsRef<str>>(&self, token: &Secret<String>, user_ids: &[T]) -> Result<Request, Error> {
        let ids = some(user_ids)?.iter().map(|id| plain(id.as_ref(), ID).ok_or(Error::UserInvalid));
        let users_id_list = ids.collect::<Result<_, _>>()?;
        self.send(token, Method::Delete, &self.either("/v1/users/batch", "/users/batch"), &Ids { users_id_list })
    }

    /// Lists users: `GET /v2/chats/users`, without a query all of the app.
    ///
    /// # Errors
    /// [`Error::UserInvalid`] for a text of the query, [`Error::TokenInvalid`]
    pub fn list_users(&self, token: &Secret<String>, query: &UserQuery) -> Result<Request, Error> {
        let mut path = String::from("/v2/chats/users");
        let mut separator = '?';
        let mut add = |name: &str, value: &str| {
            path.push(separator);
            path.push_str(name);
            path.push('=');
            encode(value, &mut path);
            separator = '&';
        };
        for (name, value) in [("chatName", &query.chat_name), ("xmppUsername", &query.xmpp_username), ("userId", &query.user_id)] {
            if let Some(value) = value {
                add(name, plain(value, TEXT).ok_or(Error::UserInvalid)?);
            }
        }
        for (name, value) in [("limit", query.limit), ("offset", query.offset)] {
            if let Some(value) = value {
                add(name, &value.to_string());
            }
        }
        self.request(token, Method::Get, &path)
    }

    /// The host's own ids in a reply to [`list_users`](Self::list_users), as [`compare`](super::compare) takes them. That the reply is
    /// `{"results":[…]}` is documented; that each entry has an `xmppUsername`, from which the id is taken, is inferred. An entry of another
    /// app, or without one, makes the whole reply invalid: a list with holes would name users as missing that are there.
    ///
    /// # Errors
    /// Those of [`Reply::check`], and [`Error::ReplyInvalid`]
    pub fn read_user_ids(&self, reply: &Reply) -> Result<Vec<String>, Error> {
        let json = reply.json()?;
        let results = json.get("results").and_then(Value::as_array).ok_or(Error::ReplyInvalid)?;
        let id = |user: &Value| user.get("xmppUsername").and_then(Value::as_str).and_then(|name| self.id_of(name)).map(str::to_owned);
        results.iter().map(|user| id(user).ok_or(Error::ReplyInvalid)).collect()
    }
}

pub(super) fn some<T>(list: &[T]) -> Result<&[T], Error> {
    if list.is_empty() { Err(Error::ListEmpty) } else { Ok(list) }
}
