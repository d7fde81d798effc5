use serde::Serialize;

use super::request::{Api, ID, Method, Query, Reply, Request, SEGMENT, TEXT, plain, prose, push_segment};
use super::users::some;
use super::{Access, Error, Fields};
use crate::session::Secret;

/// The reply to the creation of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedChat {
    /// What the server says of how it went: text or a number in the original API, the status code of HTTP in the current one.
    pub status: String,
    /// The chat's JID.
    pub jid: String,
}

/// What to change of a chat. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChatUpdate {
    /// The title, 1 to 1024 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Which chats to list. What is `None` is not asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChatQuery {
    /// At most so many.
    pub limit: Option<u32>,
    /// From this one on.
    pub offset: Option<u32>,
    /// With the members of each.
    pub include_members: Option<bool>,
}

impl ChatQuery {
    fn path(self, path: String) -> String {
        Query::of(path).number("limit", self.limit).number("offset", self.offset).flag("includeMembers", self.include_members).path()
    }
}

#[derive(Serialize)]
struct Create<'a> {
    title: &'a str,
    uuid: &'a str,
    r#type: &'static str,
    #[serde(flatten)]
    more: &'a Fields,
}

#[derive(Serialize)]
struct Delete {
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Members {
    chat_name: String,
    members: Vec<String>,
}

impl Api {
    /// Creates a chat: `POST /v2/chats`, or `/v2/apps/{appId}/chats`. `chat_id` is the host's own. A private chat is of the type `group`,
    /// which the vendor's sdk makes if nothing is said, a public one of the type `public`.
    ///
    /// # Errors
    /// [`Error::ChatInvalid`], [`Error::TokenInvalid`]
    pub fn create_chat(&self, token: &Secret<String>, chat_id: &str, title: &str, access: Access) -> Result<Request, Error> {
        self.create_chat_with(token, chat_id, title, access, &Fields::default())
    }

    /// [`create_chat`](Self::create_chat) with further fields, such as a `description`.
    ///
    /// # Errors
    /// Those of [`create_chat`](Self::create_chat), and [`Error::FieldRepeated`]
    pub fn create_chat_with(
        &self,
        token: &Secret<String>,
        chat_id: &str,
        title: &str,
        access: Access,
        more: &Fields,
    ) -> Result<Request, Error> {
        more.check_beside(&["title", "uuid", "type"])?;
        let uuid = plain(chat_id, ID).ok_or(Error::ChatInvalid)?;
        let title = plain(title, TEXT).ok_or(Error::ChatInvalid)?;
        let kind = if access == Access::Public { "public" } else { "group" };
        self.send(token, Method::Post, &self.either("/v2/chats", "/chats"), &Create { title, uuid, r#type: kind, more })
    }

    /// Changes the title or the description of a chat: `PATCH /v2/apps/{appId}/chats/{name}`. A whole JID is taken too.
    ///
    /// # Errors
    /// [`Error::NothingToChange`], [`Error::ChatInvalid`], [`Error::TextInvalid`], [`Error::TokenInvalid`]
    pub fn update_chat(&self, token: &Secret<String>, chat_id: &str, update: &ChatUpdate) -> Result<Request, Error> {
        if *update == ChatUpdate::default() {
            return Err(Error::NothingToChange);
        }
        if update.title.as_deref().is_some_and(|title| plain(title, TEXT).is_none()) {
            return Err(Error::ChatInvalid);
        }
        update.description.as_deref().map(prose).transpose()?;
        let mut path = self.scoped("/chats/");
        push_segment(&self.scoped_chat_name(chat_id)?, SEGMENT, &mut path).ok_or(Error::ChatInvalid)?;
        self.send(token, Method::Patch, &path, update)
    }

    /// Lists the chats of the app: `GET /v2/apps/{appId}/chats`.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`]
    pub fn list_chats(&self, token: &Secret<String>, query: &ChatQuery) -> Result<Request, Error> {
        self.request(token, Method::Get, &query.path(self.scoped("/chats")))
    }

    /// Lists the chats of a user, by the host's own id: `GET /v2/apps/{appId}/users/{userId}/chats`.
    ///
    /// # Errors
    /// [`Error::UserInvalid`], [`Error::TokenInvalid`]
    pub fn get_user_chats(&self, token: &Secret<String>, user_id: &str, query: &ChatQuery) -> Result<Request, Error> {
        let mut path = self.scoped("/users/");
        let id = plain(user_id, ID).ok_or(Error::UserInvalid)?;
        push_segment(id, SEGMENT, &mut path).ok_or(Error::UserInvalid)?;
        path.push_str("/chats");
        self.request(token, Method::Get, &query.path(path))
    }

    /// The reply to [`create_chat`](Self::create_chat). No public source gives its body: the JID is put together as the vendor's sdk does
    /// it, `{appId}_{chatId}@` and the domain.
    ///
    /// # Errors
    /// Those of [`Reply::check`]
    pub fn read_created_chat(&self, chat_id: &str, reply: &Reply) -> Result<CreatedChat, Error> {
        reply.check()?;
        Ok(CreatedChat { status: reply.status.to_string(), jid: self.jid_of(chat_id) })
    }

    /// Deletes a chat: `DELETE /v1/chats`, or `/v2/apps/{appId}/chats`.
    ///
    /// **All history of the chat is destroyed, for every member, and nothing brings it back.** Of a chat that is not there the reply is
    /// [`Error::NotFound`].
    ///
    /// # Errors
    /// [`Error::ChatInvalid`], [`Error::TokenInvalid`]
    pub fn delete_chat(&self, token: &Secret<String>, chat_id: &str) -> Result<Request, Error> {
        let name = self.chat_name(chat_id)?;
        self.send(token, Method::Delete, &self.either("/v1/chats", "/chats"), &Delete { name })
    }

    /// Lets users into a chat, by the host's own ids: `POST /v2/chats/users-access`, or `/v2/apps/{appId}/chats/users-access`. The current
    /// API knows no single rights and no timer: see [`Original::set_access`](super::Original::set_access).
    ///
    /// # Errors
    /// [`Error::ListEmpty`], [`Error::ChatInvalid`], [`Error::UserInvalid`], [`Error::TokenInvalid`]
    pub fn add_members<T: AsRef<str>>(&self, token: &Secret<String>, chat_id: &str, user_ids: &[T]) -> Result<Request, Error> {
        self.members(token, Method::Post, chat_id, user_ids)
    }

    /// Takes users' access to a chat away: `DELETE` on the path and with the body of [`add_members`](Self::add_members).
    ///
    /// # Errors
    /// [`Error::ListEmpty`], [`Error::ChatInvalid`], [`Error::UserInvalid`], [`Error::TokenInvalid`]
    pub fn remove_members<T: AsRef<str>>(&self, token: &Secret<String>, chat_id: &str, user_ids: &[T]) -> Result<Request, Error> {
        self.members(token, Method::Delete, chat_id, user_ids)
    }

    fn members<T: AsRef<str>>(&self, token: &Secret<String>, method: Method, chat_id: &str, user_ids: &[T]) -> Result<Request, Error> {
        let names = some(user_ids)?.iter().map(|id| plain(id.as_ref(), ID).map(|id| self.name_of(id)).ok_or(Error::UserInvalid));
        let body = Members { chat_name: self.chat_name(chat_id)?, members: names.collect::<Result<_, _>>()? };
        self.send(token, method, &self.either("/v2/chats/users-access", "/chats/users-access"), &body)
    }

    fn chat_name(&self, chat_id: &str) -> Result<String, Error> {
        if self.is_per_app() {
            return self.scoped_chat_name(chat_id);
        }
        plain(chat_id, ID).map(|id| self.name_of(id)).ok_or(Error::ChatInvalid)
    }

    /// As the sdk has it where the path names the app: a whole JID is left alone.
    fn scoped_chat_name(&self, chat_id: &str) -> Result<String, Error> {
        let id = plain(chat_id, ID).ok_or(Error::ChatInvalid)?;
        Ok(if id.contains('@') { id.to_owned() } else { self.name_of(id) })
    }
}
