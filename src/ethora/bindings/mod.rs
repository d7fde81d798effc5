//! What `js/ethora/backend.ts` is built on: one function, JSON in and JSON out. Conversion, no decision.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Access, Api, App, ChatId, Comparison, Error, Method, Original, Reply, Request, Settings, User, UserId, UserQuery, compare};
use crate::session::Secret;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    app_id: String,
    app_secret: Option<String>,
    base_url: Option<String>,
    #[serde(default)]
    per_app: bool,
    /// Seconds since 1970: when tokens are made, and when those of this request end.
    #[serde(default)]
    iat: u64,
    exp: Option<u64>,
    #[serde(flatten)]
    call: Call,
}

#[derive(Deserialize)]
#[serde(tag = "call", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Call {
    ClientToken { user_id: String },
    FlatClientToken { email: String },
    ServerToken { tenant_id: Option<String> },
    CreateUsers { users: Vec<NewUser> },
    ImportJob { job_id: String },
    DeleteUsers { user_ids: Vec<String> },
    ListUsers { limit: Option<u32>, offset: Option<u32> },
    CreateChat { chat_id: String, title: String, access: Option<String> },
    DeleteChat { chat_id: String },
    AddMembers { chat_id: String, user_ids: Vec<String> },
    RemoveMembers { chat_id: String, user_ids: Vec<String> },
    OriginalCreateChat { uuid: u64, access: Option<String>, settings: Option<Changes> },
    OriginalDeleteChat { chat: Jid<u64>, settings: Option<Changes> },
    OriginalSetAccess { chat: Jid<u64>, user: Jid<String>, access_code: String, access_timer: Option<u64>, settings: Option<Changes> },
    ReadCreatedChat { chat_id: String, status: u16, body: String },
    OriginalReadCreatedChat { status: u16, body: String },
    ReadUserIds { status: u16, body: String },
    Check { status: u16, body: String },
    Compare { host: Vec<String>, ethora: Vec<String> },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewUser {
    uuid: String,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    password: Option<String>,
}

#[derive(Deserialize)]
struct Jid<T> {
    jid: Option<String>,
    uuid: Option<T>,
}

/// Of [`Settings`], what is not known.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changes {
    headers: Option<Vec<(String, String)>>,
    create_chat: Option<String>,
    delete_chat: Option<String>,
    set_access: Option<String>,
}

/// Answers `{"ok": …}` or `{"error": {"code", "responsible", "message"}}`; what cannot be read is `CALL_INVALID`.
#[allow(unreachable_pub)] // wasm-bindgen wants it
#[wasm_bindgen]
pub fn call(asked: &str) -> String {
    let answer = serde_json::from_str::<Asked>(asked).map(perform);
    let failed =
        |code: &str, responsible: &str, message: &str| json!({"error": {"code": code, "responsible": responsible, "message": message}});
    match answer {
        Ok(Ok(value)) => json!({"ok": value}),
        Ok(Err(error)) => failed(error.code(), error.responsible(), error.message()),
        Err(_) => failed("CALL_INVALID", "app", "an argument is missing or of another type"),
    }
    .to_string()
}

fn perform(asked: Asked) -> Result<Value, Error> {
    let secret = |secret: Option<String>| App::new(&asked.app_id, Secret::new(secret.unwrap_or_default()));
    let (iat, exp) = (asked.iat, asked.exp);
    let api = || {
        let api = Api::new(asked.base_url.as_deref().unwrap_or(Api::BASE), &asked.app_id)?;
        Ok::<_, Error>(if asked.per_app { api.per_app() } else { api })
    };
    let original = |changes: Option<Changes>| Original::new(asked.base_url.as_deref().unwrap_or_default(), settings(changes)?);
    let server = || secret(asked.app_secret.clone())?.server_token(None, iat, exp);
    let text = |token: Secret<String>| json!(token.expose());
    let reply = |status, body| Reply { status, body };
    Ok(match asked.call {
        Call::ClientToken { user_id } => text(secret(asked.app_secret)?.client_token(&user_id, iat, exp)?),
        Call::FlatClientToken { email } => text(secret(asked.app_secret)?.flat_client_token(&email, Some(iat), exp)?),
        Call::ServerToken { tenant_id } => text(secret(asked.app_secret)?.server_token(tenant_id.as_deref(), iat, exp)?),
        Call::CreateUsers { users } => {
            let users: Vec<User> = users.into_iter().map(NewUser::known).collect();
            shown(&api()?.create_users(&server()?, &users)?)
        }
        Call::ImportJob { job_id } => shown(&api()?.import_job(&server()?, &job_id)?),
        Call::DeleteUsers { user_ids } => shown(&api()?.delete_users(&server()?, &user_ids)?),
        Call::ListUsers { limit, offset } => shown(&api()?.list_users(&server()?, &UserQuery { limit, offset, ..UserQuery::default() })?),
        Call::CreateChat { chat_id, title, access: given } => shown(&api()?.create_chat(&server()?, &chat_id, &title, access(given)?)?),
        Call::DeleteChat { chat_id } => shown(&api()?.delete_chat(&server()?, &chat_id)?),
        Call::AddMembers { chat_id, user_ids } => shown(&api()?.add_members(&server()?, &chat_id, &user_ids)?),
        Call::RemoveMembers { chat_id, user_ids } => shown(&api()?.remove_members(&server()?, &chat_id, &user_ids)?),
        Call::OriginalCreateChat { uuid, access: given, settings } => {
            shown(&original(settings)?.create_chat(&server()?, uuid, access(given)?)?)
        }
        Call::OriginalDeleteChat { chat, settings } => {
            shown(&original(settings)?.delete_chat(&server()?, &ChatId::one_of(chat.jid, chat.uuid)?)?)
        }
        Call::OriginalSetAccess { chat, user, access_code, access_timer, settings } => {
            let (chat, user) = (ChatId::one_of(chat.jid, chat.uuid)?, UserId::one_of(user.jid, user.uuid)?);
            let timer = access_timer.map(|seconds| NonZeroU64::new(seconds).ok_or(Error::TimeInvalid)).transpose()?;
            shown(&original(settings)?.set_access(&server()?, &chat, &user, access_code.parse()?, timer)?)
        }
        Call::ReadCreatedChat { chat_id, status, body } => {
            let chat = api()?.read_created_chat(&chat_id, &reply(status, body))?;
            json!({"status": chat.status, "jid": chat.jid})
        }
        Call::OriginalReadCreatedChat { status, body } => {
            let chat = original(None)?.read_created_chat(&reply(status, body))?;
            json!({"status": chat.status, "jid": chat.jid})
        }
        Call::ReadUserIds { status, body } => json!(api()?.read_user_ids(&reply(status, body))?),
        Call::Check { status, body } => {
            reply(status, body).check()?;
            Value::Null
        }
        Call::Compare { host, ethora } => {
            let Comparison { missing, extra } = compare(host, ethora);
            json!({"missing": missing, "extra": extra})
        }
    })
}

#[derive(Serialize)]
struct Shown<'a> {
    method: &'static str,
    url: &'a str,
    headers: &'a [(String, String)],
    body: Option<&'a str>,
}

fn shown(request: &Request) -> Value {
    let Request { method, url, headers, body } = request;
    json!(Shown { method: method.as_str(), url, headers, body: body.as_deref() })
}

impl NewUser {
    fn known(self) -> User {
        let Self { uuid, email, first_name, last_name, password } = self;
        User { uuid, email, first_name, last_name, password: password.map(Secret::new) }
    }
}

fn access(given: Option<String>) -> Result<Access, Error> {
    match given.as_deref() {
        None | Some("private") => Ok(Access::Private),
        Some("public") => Ok(Access::Public),
        Some(_) => Err(Error::ChatInvalid),
    }
}

fn settings(changes: Option<Changes>) -> Result<Settings, Error> {
    let mut settings = Settings::default();
    if let Some(changes) = changes {
        let methods = [
            (changes.create_chat, &mut settings.create_chat),
            (changes.delete_chat, &mut settings.delete_chat),
            (changes.set_access, &mut settings.set_access),
        ];
        for (given, method) in methods {
            if let Some(given) = given {
                *method = known(&given)?;
            }
        }
        settings.headers = changes.headers.unwrap_or(settings.headers);
    }
    Ok(settings)
}

fn known(method: &str) -> Result<Method, Error> {
    let all = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
    all.into_iter().find(|known| known.as_str() == method).ok_or(Error::SettingsInvalid)
}
