use serde::Serialize;

use super::apps::check_texts;
use super::request::{Api, Method, Request};
use super::{Error, Fields};
use crate::session::Secret;

/// What to change of an app's bot. What is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BotUpdate {
    /// Whether it is at work: `on` or `off`, by the documents of the vendor's other tools.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What it answers to: `any_message` or `/bot`, by the same documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<String>,
    /// What it is instructed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// What it begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting_message: Option<String>,
    /// The chat that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat_id: Option<String>,
    /// Whether it looks its answers up in documents.
    #[serde(rename = "isRAG", skip_serializing_if = "Option::is_none")]
    pub is_rag: Option<bool>,
    /// Its first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot_first_name: Option<String>,
    /// Its last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bot_last_name: Option<String>,
    /// Further fields.
    #[serde(flatten)]
    pub more: Fields,
}

impl Api {
    /// Asks for the bot of this app: `GET /v2/apps/{appId}/bot`.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`]
    pub fn get_app_bot(&self, token: &Secret<String>) -> Result<Request, Error> {
        self.request(token, Method::Get, &self.scoped("/bot"))
    }

    /// Changes the bot of this app: `PUT /v2/apps/{appId}/bot`.
    ///
    /// # Errors
    /// [`Error::NothingToChange`], [`Error::TextInvalid`], [`Error::FieldRepeated`], [`Error::TokenInvalid`]
    pub fn update_app_bot(&self, token: &Secret<String>, update: &BotUpdate) -> Result<Request, Error> {
        if *update == BotUpdate::default() {
            return Err(Error::NothingToChange);
        }
        let BotUpdate { status, trigger, prompt, greeting_message, chat_id, bot_first_name, bot_last_name, .. } = update;
        check_texts([status, trigger, prompt, greeting_message, chat_id, bot_first_name, bot_last_name])?;
        let known = ["status", "trigger", "prompt", "greetingMessage", "chatId", "isRAG", "botFirstName", "botLastName"];
        update.more.check_beside(&known)?;
        self.send(token, Method::Put, &self.scoped("/bot"), update)
    }
}
