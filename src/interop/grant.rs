use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use wasm_bindgen::JsValue;

use super::value::{account_of, number_of, put, record, text_of};
use crate::session::{Account, Grant, Secret};

/// A grant as TypeScript takes it.
pub(crate) fn grant_to_js(grant: &Grant) -> JsValue {
    let (object, account) = (record(), record());
    put(&account, "subject", grant.account.subject());
    put(&account, "name", grant.account.name());
    put(&object, "account", &account);
    put(&object, "accessToken", grant.access_token.as_ref().map(|token| token.expose().as_str()));
    put(&object, "refreshToken", grant.refresh_token.as_ref().map(|token| token.expose().as_str()));
    put(&object, "expiresAt", grant.expires_at);
    put(&object, "expiresIn", grant.expires_in);
    put(&object, "serverTime", grant.server_time);
    object.into()
}

/// A user as the host named them, or a credential that is to be renewed: TypeScript has made the object.
pub(crate) fn grant_from_js(object: &JsValue) -> Option<Grant> {
    let token = |key: &str| text_of(object, key).map(|token| Secret::new(token.into()));
    Some(Grant {
        account: Arc::new(account_of(object)?),
        access_token: token("accessToken"),
        expires_at: number_of(object, "expiresAt"),
        expires_in: None,
        refresh_token: token("refreshToken"),
        server_time: number_of(object, "serverTime"),
    })
}

/// `Identity` of `js/shared/types.ts`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    account: GivenAccount,
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_at: Option<f64>,
    expires_in: Option<f64>,
    server_time: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "an account is its subject, or an object with a subject and a name")]
enum GivenAccount {
    Subject(String),
    Named { subject: String, name: Option<String> },
}

/// Of a server's reply, in the form of the npm package's `Identity`; checked as [`Grant::check`] and [`Account::new`] do.
impl<'de> Deserialize<'de> for Grant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Given { account, access_token, refresh_token, expires_at, expires_in, server_time } = Given::deserialize(from)?;
        let account = match account {
            GivenAccount::Subject(subject) => Account::new(&subject, None),
            GivenAccount::Named { subject, name } => Account::new(&subject, name.as_deref()),
        };
        let token = |text: Option<String>| text.map(|token| Secret::new(token.into()));
        let mut grant = Self::from(account.map_err(D::Error::custom)?);
        grant.access_token = token(access_token);
        grant.refresh_token = token(refresh_token);
        (grant.expires_at, grant.expires_in, grant.server_time) = (expires_at, expires_in, server_time);
        grant.check().map_err(D::Error::custom)?;
        Ok(grant)
    }
}
