use serde::Serialize;

use super::Error;
use super::request::{Api, Method, Request, prose, word};
use crate::session::Secret;

#[derive(Serialize)]
struct Label<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
}

/// The tokens of an app: legacy ones, which sign-ups by e-mail carry. No request of this API needs one.
impl Api {
    /// Lists the tokens of this app: `GET /v2/apps/{appId}/tokens`.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`]
    pub fn list_app_tokens(&self, token: &Secret<String>) -> Result<Request, Error> {
        self.request(token, Method::Get, &self.scoped("/tokens"))
    }

    /// Makes a token of this app: `POST /v2/apps/{appId}/tokens`. The reply holds it: do not log that.
    ///
    /// # Errors
    /// [`Error::TextInvalid`] for the label, [`Error::TokenInvalid`]
    pub fn create_app_token(&self, token: &Secret<String>, label: Option<&str>) -> Result<Request, Error> {
        self.labelled(token, "/tokens", label)
    }

    /// Replaces a token of this app by a new one, and ends it at once: `POST /v2/apps/{appId}/tokens/{tokenId}/rotate`. The reply holds it: do not log that.
    ///
    /// # Errors
    /// [`Error::AppTokenInvalid`], [`Error::TextInvalid`] for the label, [`Error::TokenInvalid`]
    pub fn rotate_app_token(&self, token: &Secret<String>, token_id: &str, label: Option<&str>) -> Result<Request, Error> {
        self.labelled(token, &["/tokens/", known(token_id)?, "/rotate"].concat(), label)
    }

    /// Ends a token of this app: `DELETE /v2/apps/{appId}/tokens/{tokenId}`.
    ///
    /// # Errors
    /// [`Error::AppTokenInvalid`], [`Error::TokenInvalid`]
    pub fn revoke_app_token(&self, token: &Secret<String>, token_id: &str) -> Result<Request, Error> {
        self.request(token, Method::Delete, &self.scoped(&["/tokens/", known(token_id)?].concat()))
    }

    fn labelled(&self, token: &Secret<String>, path: &str, label: Option<&str>) -> Result<Request, Error> {
        label.map(prose).transpose()?;
        self.send(token, Method::Post, &self.scoped(path), &Label { label })
    }
}

fn known(token_id: &str) -> Result<&str, Error> {
    word(token_id).ok_or(Error::AppTokenInvalid)
}
