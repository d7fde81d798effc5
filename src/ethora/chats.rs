use serde::Serialize;

use super::request::{Api, ID, Method, Reply, Request, TEXT, plain};
use super::users::some;
use super::{Access, Error};
use crate::session::Secret;

/// The reply to the creation of a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedChat {
    /// What the server says of how it went: text or a number in the original API, the status code of HTTP in the current one.
    pub status: String,
    /// The chat's JID.
    pub jid: String,
}

#[derive(Serialize)]
struct Create<'a> {
    title: &'a str,
    uuid: &'a str,
    r#type: &'static str,
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
        let uuid = plain(chat_id, ID).ok_or(Error::ChatInvalid)?;
        let title = plain(title, TEXT).ok_or(Error::ChatInvalid)?;
        let kind = if access == Access::Public { "public" } else { "group" };
        self.send(token, Method::Post, &self.either("/v2/chats", "/chats"), &Create { title, uuid, r#type: kind })
    }

    /// The reply to [`create_chat`](Self::create_chat). No public source gives its body: the JID is put together as the vendor's sdk does
    /// it, `{appId}_{chatId}@` and the domain.
    ///
    /// # Errors
    /// Those of [`Reply::check`]
    pub fn read_created_chat(&self, chat_id: &str, reply: &Reply) -> Result<CreatedChat, Error> {
        reply.check()?;
        Ok(CreatedChat { status: reply.status.to_string(), jid: [&self.name_of(chat_id), "@", &self.conference].concat() })
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
        plain(chat_id, ID).map(|id| self.name_of(id)).ok_or(Error::ChatInvalid)
    }
}
