use serde::Serialize;

use super::request::{Api, ID, Method, Request, plain, prose, word};
use super::users::some;
use super::{Error, Fields};
use crate::session::Secret;

/// A message to many chats of an app. What is `None` is not sent. By the documents of the vendor's other tools the server wants exactly one of
/// `all_rooms`, `chat_names` and `chat_ids`, and refuses whatever else (400).
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Broadcast {
    /// The message.
    pub text: String,
    /// Whether it goes to all chats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all_rooms: Option<bool>,
    /// Chats by their names, `{appId}_{chatId}`. An empty list is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_names: Option<Vec<String>>,
    /// Chats by their ids. An empty list is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_ids: Option<Vec<String>>,
    /// What goes along with the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Fields>,
    /// Whether it is only tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<bool>,
    /// Further fields.
    #[serde(flatten)]
    pub more: Fields,
}

impl Api {
    /// Sends a message to many chats of this app, which begins a job: `POST /v2/apps/{appId}/chats/broadcast`.
    ///
    /// # Errors
    /// [`Error::TextInvalid`], [`Error::ListEmpty`], [`Error::ChatInvalid`], [`Error::FieldRepeated`], [`Error::TokenInvalid`]
    pub fn broadcast_to_app_chats(&self, token: &Secret<String>, broadcast: &Broadcast) -> Result<Request, Error> {
        prose(&broadcast.text)?;
        for list in [&broadcast.chat_names, &broadcast.chat_ids].into_iter().flatten() {
            some(list)?.iter().try_for_each(|chat| plain(chat, ID).map(|_| ()).ok_or(Error::ChatInvalid))?;
        }
        broadcast.more.check_beside(&["text", "allRooms", "chatNames", "chatIds", "metadata", "dryRun"])?;
        self.send(token, Method::Post, &self.scoped("/chats/broadcast"), broadcast)
    }

    /// Asks how far a broadcast is: `GET /v2/apps/{appId}/chats/broadcast/{jobId}`.
    ///
    /// # Errors
    /// [`Error::JobInvalid`], [`Error::TokenInvalid`]
    pub fn get_app_broadcast_job(&self, token: &Secret<String>, job_id: &str) -> Result<Request, Error> {
        let path = ["/chats/broadcast/", word(job_id).ok_or(Error::JobInvalid)?].concat();
        self.request(token, Method::Get, &self.scoped(&path))
    }
}
