//! The calls of the original API by their names.

use std::num::NonZeroU64;

use super::super::{ChatId, CreatedChat, Endpoint, Error, Method, Original, Request, Settings, UserId};
use super::arguments::{Argument, Arguments, Misuse};
use super::{bodies, replies};
use crate::session::Secret;

pub(super) fn request(call: &str, token: &Secret<String>, arguments: &mut Arguments) -> Result<Option<Request>, Misuse> {
    if !call.starts_with("original") {
        return Ok(None);
    }
    let original = api(arguments)?;
    let request = match call {
        // For what `original()` itself is given.
        "originalCheck" => original.delete_chat(token, &ChatId::Uuid(0)),
        "originalCreateChat" => {
            let uuid = arguments.take("uuid").number()?;
            original.create_chat(token, uuid, bodies::access(arguments.take("access"))?)
        }
        "originalDeleteChat" => original.delete_chat(token, &chat(arguments.take("chat"))?),
        "originalSetAccess" => {
            let (chat, user) = (chat(arguments.take("chat"))?, user(arguments.take("user"))?);
            let code = arguments.text("accessCode")?.parse()?;
            let timer = arguments.take("accessTimer").given(Argument::number)?;
            let timer = timer.map(|seconds| NonZeroU64::new(seconds).ok_or(Error::TimeInvalid)).transpose()?;
            original.set_access(token, &chat, &user, code, timer)
        }
        "originalCreateUser" => original.create_user(token, &arguments.take("body").json()?),
        "originalDeleteUser" => original.delete_user(token, &arguments.take("body").json()?),
        "originalImportUsers" => original.import_users(token, &arguments.take("body").json()?),
        _ => return Ok(None),
    };
    Ok(Some(request?))
}

pub(super) fn read_created_chat(arguments: &mut Arguments) -> Result<CreatedChat, Misuse> {
    let original = api(arguments)?;
    replies::created_chat(&bodies::reply(arguments)?, |reply| original.read_created_chat(reply))
}

fn api(arguments: &mut Arguments) -> Result<Original, Misuse> {
    let base = arguments.text("baseUrl")?;
    Ok(Original::new(&base, settings(arguments)?)?)
}

fn chat(argument: Argument) -> Result<ChatId, Misuse> {
    let mut chat = argument.object(&["jid", "uuid"])?;
    let jid = bodies::optional_text(&mut chat, "jid")?;
    Ok(ChatId::one_of(jid, chat.take("uuid").given(Argument::number)?)?)
}

fn user(argument: Argument) -> Result<UserId, Misuse> {
    let mut user = argument.object(&["jid", "uuid"])?;
    let jid = bodies::optional_text(&mut user, "jid")?;
    Ok(UserId::one_of(jid, bodies::optional_text(&mut user, "uuid")?)?)
}

/// Of [`Settings`], what is given.
fn settings(arguments: &mut Arguments) -> Result<Settings, Misuse> {
    let known = ["headers", "createChat", "deleteChat", "setAccess", "createUser", "deleteUser", "importUsers"];
    let mut given = arguments.object("settings", &known)?;
    let default = Settings::default();
    let headers = given.take("headers").given(|headers| headers.list()?.into_iter().map(header).collect())?;
    Ok(Settings {
        headers: headers.unwrap_or(default.headers),
        create_chat: given.take("createChat").given(method)?.unwrap_or(default.create_chat),
        delete_chat: given.take("deleteChat").given(method)?.unwrap_or(default.delete_chat),
        set_access: given.take("setAccess").given(method)?.unwrap_or(default.set_access),
        create_user: given.take("createUser").given(endpoint)?.unwrap_or(default.create_user),
        delete_user: given.take("deleteUser").given(endpoint)?.unwrap_or(default.delete_user),
        import_users: given.take("importUsers").given(endpoint)?.unwrap_or(default.import_users),
    })
}

fn header(argument: Argument) -> Result<(String, String), Misuse> {
    let mut pair = argument.list()?.into_iter();
    match (pair.next(), pair.next(), pair.next()) {
        (Some(name), Some(value), None) => Ok((name.text()?, value.text()?)),
        _ => Err(Error::SettingsInvalid.into()),
    }
}

fn endpoint(argument: Argument) -> Result<Endpoint, Misuse> {
    let mut endpoint = argument.object(&["method", "path"])?;
    Ok(Endpoint { method: method(endpoint.take("method"))?, path: endpoint.text("path")? })
}

fn method(argument: Argument) -> Result<Method, Misuse> {
    let all = [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete];
    let given = argument.text()?;
    all.into_iter().find(|method| method.as_str() == given).ok_or_else(|| Error::SettingsInvalid.into())
}
