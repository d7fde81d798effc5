//! Reads replies, and says of one that cannot be read what was expected and what came: never a value of it.

use serde_json::{Value, json};

use super::super::{Api, Error, Reply};
use super::arguments::{Arguments, Misuse};
use super::bodies;

const USER_IDS: &str = "readUserIds reads the reply to listUsers(), {\"results\": [{\"xmppUsername\": \"{appId}_{userId}\"}, ...]}";
const CREATED_CHAT: &str =
    "readCreatedChat reads the reply to original().createChat(), {\"status\": text or a whole number, \"JID\": text}";
const SUCCESS: &str = "a reply has a status of 200 to 299, or of 400 on";

pub(super) fn user_ids(api: &Api, arguments: &mut Arguments) -> Result<Value, Misuse> {
    let reply = bodies::reply(arguments)?;
    let ids = api.read_user_ids(&reply).map_err(|error| explained(error, USER_IDS, || came_for_users(api, &reply)))?;
    Ok(json!(ids))
}

/// Of the original API.
pub(super) fn created_chat<T>(reply: &Reply, read: impl FnOnce(&Reply) -> Result<T, Error>) -> Result<T, Misuse> {
    read(reply).map_err(|error| explained(error, CREATED_CHAT, || came(reply)))
}

pub(super) fn check(reply: &Reply) -> Result<(), Misuse> {
    reply.check().map_err(|error| explained(error, SUCCESS, || came(reply)))
}

fn explained(error: Error, expected: &str, came: impl FnOnce() -> String) -> Misuse {
    if error == Error::ReplyInvalid { Misuse::Unreadable(format!("{expected}; what came is {}", came())) } else { Misuse::Refused(error) }
}

fn came(reply: &Reply) -> String {
    let body = match serde_json::from_str(&reply.body) {
        Ok(Value::Object(fields)) if fields.is_empty() => "an object without fields".to_owned(),
        Ok(Value::Object(_)) => "an object with other fields".to_owned(),
        Ok(Value::Array(_)) => "a list".to_owned(),
        Ok(_) => "JSON, but no object".to_owned(),
        Err(_) if reply.body.is_empty() => "nothing".to_owned(),
        Err(_) => format!("{} bytes that are not JSON", reply.body.len()),
    };
    format!("status {} with {body}", reply.status)
}

/// As [`came`], and which entry it is.
fn came_for_users(api: &Api, reply: &Reply) -> String {
    let json = serde_json::from_str::<Value>(&reply.body).unwrap_or_default();
    let Some(results) = json.get("results").and_then(Value::as_array) else { return came(reply) };
    let names = results.iter().map(|user| user.get("xmppUsername").and_then(Value::as_str));
    let bad = |(index, name): (usize, Option<&str>)| match name {
        Some(name) if api.id_of(name).is_some() => None,
        Some(_) => Some(format!("a list whose results[{index}].xmppUsername does not begin with this appId and _")),
        None => Some(format!("a list whose results[{index}] has no xmppUsername")),
    };
    names.enumerate().find_map(bad).unwrap_or_else(|| "too long".to_owned())
}
