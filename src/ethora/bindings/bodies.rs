//! The objects that callers hand over, as the requests take them.

use super::super::{
    Access, AppOrder, AppQuery, BotUpdate, Broadcast, ChatQuery, ChatUpdate, Direction, Fields, NewApp, Provision, ProvisionRoom, Reply,
    User, UserQuery, UserUpdate,
};
use super::arguments::{Argument, Arguments, Misuse};
use crate::session::Secret;

pub(super) fn user(argument: Argument) -> Result<User, Misuse> {
    let known = ["uuid", "email", "firstName", "lastName", "password", "profileImage", "description", "more"];
    let mut user = argument.object(&known)?;
    Ok(User {
        uuid: user.text("uuid")?,
        email: user.text("email")?,
        first_name: user.text("firstName")?,
        last_name: user.text("lastName")?,
        password: optional_text(&mut user, "password")?.map(Secret::new),
        profile_image: optional_text(&mut user, "profileImage")?,
        description: optional_text(&mut user, "description")?,
        more: more(&mut user)?,
    })
}

pub(super) fn user_update(argument: Argument) -> Result<UserUpdate, Misuse> {
    let mut user = argument.object(&["xmppUsername", "firstName", "lastName", "username", "profileImage"])?;
    Ok(UserUpdate {
        xmpp_username: user.text("xmppUsername")?,
        first_name: optional_text(&mut user, "firstName")?,
        last_name: optional_text(&mut user, "lastName")?,
        username: optional_text(&mut user, "username")?,
        profile_image: optional_text(&mut user, "profileImage")?,
    })
}

pub(super) fn user_query(arguments: &mut Arguments) -> Result<UserQuery, Misuse> {
    let mut query = arguments.object("query", &["chatName", "xmppUsername", "userId", "limit", "offset"])?;
    Ok(UserQuery {
        chat_name: optional_text(&mut query, "chatName")?,
        xmpp_username: optional_text(&mut query, "xmppUsername")?,
        user_id: optional_text(&mut query, "userId")?,
        limit: query.take("limit").given(Argument::count)?,
        offset: query.take("offset").given(Argument::count)?,
    })
}

pub(super) fn access(argument: Argument) -> Result<Access, Misuse> {
    // The vendor's word for a private one is `group`: it is named, with ours.
    let word = argument.given(|word| word.word(&["private", "public"]))?;
    Ok(if word == Some("public") { Access::Public } else { Access::Private })
}

pub(super) fn chat_update(argument: Argument) -> Result<ChatUpdate, Misuse> {
    let mut update = argument.object(&["title", "description"])?;
    Ok(ChatUpdate { title: optional_text(&mut update, "title")?, description: optional_text(&mut update, "description")? })
}

pub(super) fn chat_query(arguments: &mut Arguments) -> Result<ChatQuery, Misuse> {
    let mut query = arguments.object("query", &["limit", "offset", "includeMembers"])?;
    Ok(ChatQuery {
        limit: query.take("limit").given(Argument::count)?,
        offset: query.take("offset").given(Argument::count)?,
        include_members: query.take("includeMembers").given(Argument::flag)?,
    })
}

pub(super) fn app_query(arguments: &mut Arguments) -> Result<AppQuery, Misuse> {
    let mut query = arguments.object("query", &["limit", "offset", "order", "orderBy"])?;
    let order = query.take("order").given(|order| order.word(&["asc", "desc"]))?;
    let order_by = query.take("orderBy").given(|order| order.word(&["displayName", "createdAt"]))?;
    Ok(AppQuery {
        limit: query.take("limit").given(Argument::count)?,
        offset: query.take("offset").given(Argument::count)?,
        order: order.map(|order| if order == "asc" { Direction::Ascending } else { Direction::Descending }),
        order_by: order_by.map(|order| if order == "createdAt" { AppOrder::CreatedAt } else { AppOrder::DisplayName }),
    })
}

pub(super) fn new_app(argument: Argument) -> Result<NewApp, Misuse> {
    let known = ["displayName", "domainName", "appTagline", "logoImage", "sublogoImage", "primaryColor", "bundleId", "more"];
    let mut app = argument.object(&known)?;
    Ok(NewApp {
        display_name: app.text("displayName")?,
        domain_name: optional_text(&mut app, "domainName")?,
        app_tagline: optional_text(&mut app, "appTagline")?,
        logo_image: optional_text(&mut app, "logoImage")?,
        sublogo_image: optional_text(&mut app, "sublogoImage")?,
        primary_color: optional_text(&mut app, "primaryColor")?,
        bundle_id: optional_text(&mut app, "bundleId")?,
        more: more(&mut app)?,
    })
}

pub(super) fn provision(arguments: &mut Arguments) -> Result<Provision, Misuse> {
    let mut provision = arguments.object("provision", &["rooms", "more"])?;
    let rooms = provision.take("rooms").given(|rooms| rooms.list()?.into_iter().map(room).collect())?;
    Ok(Provision { rooms, more: more(&mut provision)? })
}

fn room(argument: Argument) -> Result<ProvisionRoom, Misuse> {
    let mut room = argument.object(&["title", "pinned", "more"])?;
    Ok(ProvisionRoom {
        title: optional_text(&mut room, "title")?,
        pinned: room.take("pinned").given(Argument::flag)?,
        more: more(&mut room)?,
    })
}

pub(super) fn bot_update(argument: Argument) -> Result<BotUpdate, Misuse> {
    let known = ["status", "trigger", "prompt", "greetingMessage", "chatId", "isRAG", "botFirstName", "botLastName", "more"];
    let mut bot = argument.object(&known)?;
    Ok(BotUpdate {
        status: optional_text(&mut bot, "status")?,
        trigger: optional_text(&mut bot, "trigger")?,
        prompt: optional_text(&mut bot, "prompt")?,
        greeting_message: optional_text(&mut bot, "greetingMessage")?,
        chat_id: optional_text(&mut bot, "chatId")?,
        is_rag: bot.take("isRAG").given(Argument::flag)?,
        bot_first_name: optional_text(&mut bot, "botFirstName")?,
        bot_last_name: optional_text(&mut bot, "botLastName")?,
        more: more(&mut bot)?,
    })
}

pub(super) fn broadcast(argument: Argument) -> Result<Broadcast, Misuse> {
    let mut broadcast = argument.object(&["text", "allRooms", "chatNames", "chatIds", "metadata", "dryRun", "more"])?;
    let texts = |list: Argument| list.list()?.into_iter().map(Argument::text).collect();
    Ok(Broadcast {
        text: broadcast.text("text")?,
        all_rooms: broadcast.take("allRooms").given(Argument::flag)?,
        chat_names: broadcast.take("chatNames").given(texts)?,
        chat_ids: broadcast.take("chatIds").given(texts)?,
        metadata: broadcast.take("metadata").given(Argument::fields)?,
        dry_run: broadcast.take("dryRun").given(Argument::flag)?,
        more: more(&mut broadcast)?,
    })
}

pub(super) fn reply(arguments: &mut Arguments) -> Result<Reply, Misuse> {
    let mut reply = arguments.take("reply").object(&["status", "body"])?;
    let status = reply.take("status").count()?;
    // What is no status, `check` calls a reply that cannot be read.
    Ok(Reply { status: u16::try_from(status).unwrap_or_default(), body: reply.text("body")? })
}

pub(super) fn label(arguments: &mut Arguments) -> Result<Option<String>, Misuse> {
    optional_text(&mut arguments.object("options", &["label"])?, "label")
}

pub(super) fn more(object: &mut Arguments) -> Result<Fields, Misuse> {
    Ok(object.take("more").given(Argument::fields)?.unwrap_or_default())
}

pub(super) fn optional_text(object: &mut Arguments, name: &str) -> Result<Option<String>, Misuse> {
    object.take(name).given(Argument::text)
}
