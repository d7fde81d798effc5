use serde::Serialize;
use serde_json::Value;

use super::request::{Api, COMPONENT, ID, Method, Query, Reply, Request, TEXT, plain, prose, push_segment, word};
use super::{Error, Fields};
use crate::session::Secret;

/// A user to create. What is `None` is not sent.
///
/// The vendor's sdk makes e-mail and names mandatory in its types, and fills in what is missing all the same: an e-mail of a random UUID,
/// the names `User`, and the password `password_{userId}`, which anyone can guess. Nothing is filled in here. Give a random password, or
/// none. The server is said to want a last name of two characters or more.
#[derive(Clone, Debug, Default)]
pub struct User {
    /// The host's own id of the user, 1 to 256 characters.
    pub uuid: String,
    /// The e-mail address.
    pub email: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The password.
    pub password: Option<Secret<String>>,
    /// The address of a picture.
    pub profile_image: Option<String>,
    /// What the user says about themselves.
    pub description: Option<String>,
    /// Further fields.
    pub more: Fields,
}

/// What to change of a user. What is `None` stays as it is. The vendor's types name more, which its sdk does not send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserUpdate {
    /// Whom: `{appId}_{userId}`, see [`Api::name_of`].
    pub xmpp_username: String,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// The address of a picture.
    pub profile_image: Option<String>,
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
    email: &'a str,
    first_name: &'a str,
    last_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(flatten)]
    more: &'a Fields,
}

impl<'a> Entry<'a> {
    fn of(user: &'a User) -> Result<Self, Error> {
        user.more.check_beside(&["uuid", "email", "firstName", "lastName", "password", "profileImage", "description"])?;
        Ok(Self {
            uuid: plain(&user.uuid, ID).ok_or(Error::UserInvalid)?,
            email: text(&user.email)?,
            first_name: text(&user.first_name)?,
            last_name: text(&user.last_name)?,
            password: user.password.as_ref().map(|password| text(password.expose())).transpose()?,
            profile_image: user.profile_image.as_deref().map(prose).transpose()?,
            description: user.description.as_deref().map(prose).transpose()?,
            more: &user.more,
        })
    }
}

#[derive(Serialize)]
struct Updates<'a> {
    users: Vec<Update<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Update<'a> {
    xmpp_username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile_image: Option<&'a str>,
}

impl<'a> Update<'a> {
    fn of(user: &'a UserUpdate) -> Result<Self, Error> {
        let optional = |field: &'a Option<String>| field.as_deref().map(text).transpose();
        let update = Self {
            xmpp_username: text(&user.xmpp_username)?,
            first_name: optional(&user.first_name)?,
            last_name: optional(&user.last_name)?,
            username: optional(&user.username)?,
            profile_image: user.profile_image.as_deref().map(prose).transpose()?,
        };
        let changes = [update.first_name, update.last_name, update.username, update.profile_image];
        if changes.iter().all(Option::is_none) { Err(Error::NothingToChange) } else { Ok(update) }
    }
}

fn text(text: &str) -> Result<&str, Error> {
    plain(text, TEXT).ok_or(Error::UserInvalid)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ids<'a> {
    users_id_list: Vec<&'a str>,
}

impl Api {
    /// How many users one update may have.
    pub const MOST_UPDATES: usize = 100;

    /// Creates users, one or many; their e-mail addresses count as confirmed. `POST /v2/users/batch`, or `POST
    /// /v2/apps/{appId}/users/batch`, which begins a job: see [`import_job`](Self::import_job).
    ///
    /// # Errors
    /// [`Error::ListEmpty`], [`Error::UserInvalid`], [`Error::TextInvalid`], [`Error::FieldRepeated`], [`Error::TokenInvalid`]
    pub fn create_users(&self, token: &Secret<String>, users: &[User]) -> Result<Request, Error> {
        self.create_users_with(token, users, true)
    }

    /// [`create_users`](Self::create_users), and whether their e-mail addresses count as confirmed is the caller's choice.
    ///
    /// # Errors
    /// Those of [`create_users`](Self::create_users)
    pub fn create_users_with(&self, token: &Secret<String>, users: &[User], bypass_email_confirmation: bool) -> Result<Request, Error> {
        let users_list = some(users)?.iter().map(Entry::of).collect::<Result<_, _>>()?;
        let path = self.either("/v2/users/batch", "/users/batch");
        self.send(token, Method::Post, &path, &Batch { bypass_email_confirmation, users_list })
    }

    /// Changes users of the token's app, up to [`Api::MOST_UPDATES`] of them: `PATCH /v2/chats/users`. The reply is said to have a result for
    /// each: `updated`, `not-found` or `skipped`.
    ///
    /// # Errors
    /// [`Error::ListEmpty`], [`Error::ListTooLong`], [`Error::NothingToChange`], [`Error::UserInvalid`], [`Error::TextInvalid`], [`Error::TokenInvalid`]
    pub fn update_users(&self, token: &Secret<String>, users: &[UserUpdate]) -> Result<Request, Error> {
        if users.len() > Self::MOST_UPDATES {
            return Err(Error::ListTooLong);
        }
        let users = some(users)?.iter().map(Update::of).collect::<Result<_, _>>()?;
        self.send(token, Method::Patch, "/v2/chats/users", &Updates { users })
    }

    /// Asks for one user of the token's app by their name, `{appId}_{userId}`: `GET /v1/apps/users/{xmppUsername}`.
    ///
    /// # Errors
    /// [`Error::UserInvalid`], [`Error::TokenInvalid`]
    pub fn get_app_user_by_xmpp_username(&self, token: &Secret<String>, xmpp_username: &str) -> Result<Request, Error> {
        let mut path = String::from("/v1/apps/users/");
        push_segment(text(xmpp_username)?, COMPONENT, &mut path).ok_or(Error::UserInvalid)?;
        self.request(token, Method::Get, &path)
    }

    /// Asks how far a job is that created users: `GET /v2/apps/{appId}/users/batch/{jobId}`. By the documents of the vendor's other tools the
    /// reply that begins the job has its id as `jobId`, and takes up to 100 users. No public source gives the form of the reply to this one.
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
        let [chat_name, xmpp_username, user_id] =
            [&query.chat_name, &query.xmpp_username, &query.user_id].map(|field| field.as_deref().map(text).transpose());
        let path = Query::of("/v2/chats/users".to_owned())
            .add("chatName", chat_name?)
            .add("xmppUsername", xmpp_username?)
            .add("userId", user_id?)
            .number("limit", query.limit)
            .number("offset", query.offset)
            .path();
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
