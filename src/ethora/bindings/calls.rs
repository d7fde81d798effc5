//! The calls by their names.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::{Api, App, Bearer, Comparison, CreatedChat, Error, Request, SigningKey, VerifiedToken, compare};
use super::arguments::{Argument, Arguments, Misuse};
use super::{bodies, original, replies};
use crate::session::Secret;

/// How long the token of a request is good, in seconds. It is made for each.
const SERVER_TOKEN_LIFE: i64 = 60;
/// How long a client token is good if nothing is said, in seconds.
const CLIENT_TOKEN_LIFE: i64 = 300;

type Built = Result<Option<Request>, Misuse>;

/// What `ethoraBackend` was given.
struct Options {
    app_id: String,
    app_secret: Secret<String>,
    base_url: String,
    conference: Option<String>,
    per_app: bool,
    tenant_id: Option<String>,
}

impl Options {
    fn read(options: Argument) -> Result<Self, Misuse> {
        // `now` and `wasm` are JavaScript's own.
        let known = ["appId", "appSecret", "baseUrl", "conference", "perApp", "tenantId", "now", "wasm"];
        let mut options = options.object(&known)?;
        Ok(Self {
            app_id: options.text("appId")?,
            app_secret: Secret::new(options.text("appSecret")?),
            base_url: bodies::optional_text(&mut options, "baseUrl")?.unwrap_or_else(|| Api::BASE.to_owned()),
            conference: bodies::optional_text(&mut options, "conference")?,
            per_app: options.take("perApp").given(Argument::flag)?.unwrap_or(false),
            tenant_id: bodies::optional_text(&mut options, "tenantId")?,
        })
    }

    fn app(&self) -> Result<App, Misuse> {
        Ok(App::new(&self.app_id, self.app_secret.clone())?)
    }

    /// The requests of this app, or of a child's by the paths that name it.
    fn api(&self, child: Option<&str>) -> Result<Api, Misuse> {
        let api = Api::new(&self.base_url, child.unwrap_or(&self.app_id))?;
        let api = if self.per_app || child.is_some() { api.per_app() } else { api };
        Ok(match &self.conference {
            Some(domain) => api.conference(domain),
            None => api,
        })
    }

    /// One of this app's, also for a child's paths.
    fn server_token(&self, now: u64) -> Result<Secret<String>, Misuse> {
        Ok(self.app()?.server_token(self.tenant_id.as_deref(), now, end(now, Some(SERVER_TOKEN_LIFE))?)?)
    }
}

pub(super) fn perform(mut asked: Arguments) -> Result<Value, Misuse> {
    let call = asked.text("call")?;
    let mut arguments = asked.take("arguments").object_as_is()?;
    if let Some(value) = without_app(&call, &mut arguments)? {
        return Ok(value);
    }
    let options = Options::read(asked.take("options"))?;
    let child = asked.take("app").given(Argument::text)?;
    let now = asked.take("now").number()? / 1000;
    let api = options.api(child.as_deref())?;
    if let Some(value) = token(&call, &options, now, &mut arguments)? {
        return Ok(value);
    }
    if let Some(value) = named_or_read(&call, &api, &mut arguments)? {
        return Ok(value);
    }
    let token = options.server_token(now)?;
    for group in [users, chats, apps] {
        if let Some(request) = group(&call, &api, &token, &mut arguments)? {
            return Ok(shown(&request));
        }
    }
    match original::request(&call, &token, &mut arguments)? {
        Some(request) => Ok(shown(&request)),
        None => Err(Misuse::Argument(format!("{call} is no call"))),
    }
}

fn without_app(call: &str, arguments: &mut Arguments) -> Result<Option<Value>, Misuse> {
    Ok(Some(match call {
        "check" => {
            replies::check(&bodies::reply(arguments)?)?;
            Value::Null
        }
        "compareUsers" => {
            let Comparison { missing, extra } = compare(arguments.texts("host")?, arguments.texts("ethora")?);
            json!({"missing": missing, "extra": extra})
        }
        "originalReadCreatedChat" => created(&original::read_created_chat(arguments)?),
        _ => return Ok(None),
    }))
}

fn token(call: &str, options: &Options, now: u64, arguments: &mut Arguments) -> Result<Option<Value>, Misuse> {
    let token = match call {
        "clientToken" => {
            let user = arguments.text("userId")?;
            let mut given = arguments.object("options", &["expiresIn"])?;
            options.app()?.client_token(&user, now, expiry(&mut given, now, CLIENT_TOKEN_LIFE)?)?
        }
        "flatClientToken" => {
            let email = arguments.text("email")?;
            let mut given = arguments.object("options", &["expiresIn"])?;
            options.app()?.flat_client_token(&email, Some(now), expiry(&mut given, now, CLIENT_TOKEN_LIFE)?)?
        }
        "serverToken" => {
            let mut given = arguments.object("options", &["tenantId", "expiresIn"])?;
            let tenant = bodies::optional_text(&mut given, "tenantId")?.or_else(|| options.tenant_id.clone());
            options.app()?.server_token(tenant.as_deref(), now, expiry(&mut given, now, SERVER_TOKEN_LIFE)?)?
        }
        "verifyToken" => return Ok(Some(verified(&options.app()?.verify(&arguments.text("token")?, now)?))),
        _ => return Ok(None),
    };
    Ok(Some(json!(token.expose())))
}

fn verified(token: &VerifiedToken) -> Value {
    let key = match token.key {
        SigningKey::Derived => "derived",
        SigningKey::Secret => "secret",
    };
    let mut shown = json!({"key": key, "issuedAt": token.issued_at, "expiresAt": token.expires_at});
    let (kind, name, value) = match &token.bearer {
        Bearer::User(id) => ("client", "userId", json!(id)),
        Bearer::Email(email) => ("client", "email", json!(email)),
        Bearer::Server(tenant) => ("server", "tenantId", json!(tenant)),
    };
    if let Value::Object(fields) = &mut shown {
        fields.insert("type".to_owned(), json!(kind));
        fields.insert(name.to_owned(), value);
    }
    shown
}

fn named_or_read(call: &str, api: &Api, arguments: &mut Arguments) -> Result<Option<Value>, Misuse> {
    Ok(Some(match call {
        "nameOf" => json!(api.name_of(&arguments.text("id")?)),
        "chatJid" => json!(api.jid_of(&arguments.text("chatId")?)),
        "readCreatedChat" => {
            let chat_id = arguments.text("chatId")?;
            created(&api.read_created_chat(&chat_id, &bodies::reply(arguments)?)?)
        }
        "readUserIds" => replies::user_ids(api, arguments)?,
        _ => return Ok(None),
    }))
}

fn users(call: &str, api: &Api, token: &Secret<String>, arguments: &mut Arguments) -> Built {
    let request = match call {
        "createUsers" => {
            let users = arguments.take("users").list()?.into_iter().map(bodies::user).collect::<Result<Vec<_>, _>>()?;
            let mut options = arguments.object("options", &["bypassEmailConfirmation"])?;
            let bypass = options.take("bypassEmailConfirmation").given(Argument::flag)?.unwrap_or(true);
            named("users", &users, |users| api.create_users_with(token, users, bypass))?
        }
        "importJob" => api.import_job(token, &arguments.text("jobId")?)?,
        "updateUsers" => {
            let users = arguments.take("users").list()?.into_iter().map(bodies::user_update).collect::<Result<Vec<_>, _>>()?;
            named("users", &users, |users| api.update_users(token, users))?
        }
        "deleteUsers" => named("userIds", &arguments.texts("userIds")?, |ids| api.delete_users(token, ids))?,
        "listUsers" => api.list_users(token, &bodies::user_query(arguments)?)?,
        "getAppUserByXmppUsername" => api.get_app_user_by_xmpp_username(token, &arguments.text("xmppUsername")?)?,
        "getUserChats" => {
            let user = arguments.text("userId")?;
            api.get_user_chats(token, &user, &bodies::chat_query(arguments)?)?
        }
        _ => return Ok(None),
    };
    Ok(Some(request))
}

fn chats(call: &str, api: &Api, token: &Secret<String>, arguments: &mut Arguments) -> Built {
    let request = match call {
        "createChat" => {
            let (chat, title) = (arguments.text("chatId")?, arguments.text("title")?);
            let access = bodies::access(arguments.take("access"))?;
            api.create_chat_with(token, &chat, &title, access, &bodies::more(arguments)?)?
        }
        "updateChat" => {
            let chat = arguments.text("chatId")?;
            api.update_chat(token, &chat, &bodies::chat_update(arguments.take("update"))?)?
        }
        "deleteChat" => api.delete_chat(token, &arguments.text("chatId")?)?,
        "listChats" => api.list_chats(token, &bodies::chat_query(arguments)?)?,
        "addMembers" => {
            let chat = arguments.text("chatId")?;
            named("userIds", &arguments.texts("userIds")?, |ids| api.add_members(token, &chat, ids))?
        }
        "removeMembers" => {
            let chat = arguments.text("chatId")?;
            named("userIds", &arguments.texts("userIds")?, |ids| api.remove_members(token, &chat, ids))?
        }
        "broadcastToAppChats" => api.broadcast_to_app_chats(token, &bodies::broadcast(arguments.take("broadcast"))?)?,
        "getAppBroadcastJob" => api.get_app_broadcast_job(token, &arguments.text("jobId")?)?,
        _ => return Ok(None),
    };
    Ok(Some(request))
}

fn apps(call: &str, api: &Api, token: &Secret<String>, arguments: &mut Arguments) -> Built {
    let request = match call {
        "listApps" => api.list_apps(token, &bodies::app_query(arguments)?)?,
        "createApp" => api.create_app(token, &bodies::new_app(arguments.take("app"))?)?,
        "getApp" => api.get_app(token)?,
        "deleteApp" => api.delete_app(token)?,
        "listAppTokens" => api.list_app_tokens(token)?,
        "createAppToken" => api.create_app_token(token, bodies::label(arguments)?.as_deref())?,
        "rotateAppToken" => {
            let id = arguments.text("tokenId")?;
            api.rotate_app_token(token, &id, bodies::label(arguments)?.as_deref())?
        }
        "revokeAppToken" => api.revoke_app_token(token, &arguments.text("tokenId")?)?,
        "provisionApp" => api.provision_app(token, &bodies::provision(arguments)?)?,
        "getAppBot" => api.get_app_bot(token)?,
        "updateAppBot" => api.update_app_bot(token, &bodies::bot_update(arguments.take("update"))?)?,
        _ => return Ok(None),
    };
    Ok(Some(request))
}

/// Says which entry of the list is refused, if it is one of them.
fn named<T>(name: &str, list: &[T], build: impl Fn(&[T]) -> Result<Request, Error>) -> Result<Request, Misuse> {
    build(list).map_err(|error| {
        let is_of_entry = matches!(error, Error::UserInvalid | Error::TextInvalid | Error::NothingToChange | Error::FieldRepeated);
        let entry = if is_of_entry { Misuse::of_list(name, list, |entry| build(entry).err()) } else { None };
        entry.unwrap_or(Misuse::Refused(error))
    })
}

/// `null`: the token ends with the secret.
fn expiry(options: &mut Arguments, now: u64, default: i64) -> Result<Option<u64>, Misuse> {
    let given = options.take("expiresIn").given(|seconds| seconds.not_null(Argument::seconds))?;
    end(now, given.unwrap_or(Some(default)))
}

fn end(now: u64, life: Option<i64>) -> Result<Option<u64>, Misuse> {
    let end = life.map(|seconds| now.checked_add_signed(seconds).ok_or(Error::TimeInvalid)).transpose()?;
    Ok(end)
}

fn created(chat: &CreatedChat) -> Value {
    json!({"status": chat.status, "jid": chat.jid})
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
