use std::rc::Rc;

use wasm_bindgen::JsValue;

use super::value::{account_of, number_of, put, record, text_of};
use crate::session::{Grant, Secret};

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
    let token = |key: &str| text_of(object, key).map(|token| Secret::new(Rc::new(token)));
    Some(Grant {
        account: Rc::new(account_of(object)?),
        access_token: token("accessToken"),
        expires_at: number_of(object, "expiresAt"),
        expires_in: None,
        refresh_token: token("refreshToken"),
        server_time: number_of(object, "serverTime"),
    })
}
