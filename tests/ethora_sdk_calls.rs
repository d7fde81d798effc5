//! Ethora for backends: every call of the vendor's sdk, by method, path, query, headers and body, against a recording of it
//! (`vectors/ethora/make.mjs`).

#![cfg(all(feature = "ethora", not(target_arch = "wasm32")))]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;

use authframe::Secret;
use authframe::ethora::{
    Access, Api, App, AppOrder, AppQuery, BotUpdate, Broadcast, ChatQuery, ChatUpdate, Direction, Error, Fields, NewApp, Provision,
    ProvisionRoom, Request, User, UserQuery, UserUpdate,
};
use serde_json::Value;

const TITLE: &str = "Häuser & \"Co\"";
const LINES: &str = "in two\nlines";

fn recorded() -> Value {
    serde_json::from_str(include_str!("vectors/ethora/requests.json")).unwrap()
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn fields(text: &str) -> Fields {
    text.parse().unwrap()
}

fn ann() -> User {
    User {
        uuid: "u1".to_owned(),
        email: "ann@example.com".to_owned(),
        first_name: "Ann".to_owned(),
        last_name: "Lee".to_owned(),
        password: Some(Secret::new("x9 \"ü\"".to_owned())),
        ..User::default()
    }
}

fn users() -> [User; 2] {
    let bo = User {
        uuid: "u2".to_owned(),
        email: "bo@example.com".to_owned(),
        first_name: "Bo".to_owned(),
        last_name: "Ek".to_owned(),
        ..User::default()
    };
    [ann(), bo]
}

fn pictured() -> User {
    User { profile_image: text("https://a.example/ann.png"), description: text(LINES), ..ann() }
}

fn query() -> UserQuery {
    UserQuery { chat_name: text("123_a b&c"), xmpp_username: text("123_ü"), user_id: text("u/1~*'()!"), limit: Some(10), offset: Some(0) }
}

fn updates() -> [UserUpdate; 2] {
    let ann = UserUpdate {
        xmpp_username: "123_u1".to_owned(),
        first_name: text("Ann"),
        last_name: text("Lee"),
        username: text("ann"),
        profile_image: text("https://a.example/ann.png"),
    };
    [ann, UserUpdate { xmpp_username: "123_u2".to_owned(), first_name: text("Bo"), ..UserUpdate::default() }]
}

fn page(include_members: bool) -> ChatQuery {
    ChatQuery { limit: Some(20), offset: Some(40), include_members: Some(include_members) }
}

fn titled(title: &str) -> ChatUpdate {
    ChatUpdate { title: text(title), description: None }
}

fn new_app() -> NewApp {
    NewApp {
        display_name: "Co".to_owned(),
        domain_name: text("co"),
        app_tagline: text("Ours"),
        logo_image: text("https://a.example/1.png"),
        sublogo_image: text("https://a.example/2.png"),
        primary_color: text("#112233"),
        bundle_id: text("example.co"),
        more: fields(r#"{"plan":{"seats":5}}"#),
    }
}

fn provision() -> Provision {
    let room = |title, pinned, more: &str| ProvisionRoom { title: text(title), pinned, more: fields(more) };
    Provision {
        rooms: Some(vec![room("Häuser", Some(true), "{}"), room("Co", None, r#"{"colour":"red"}"#)]),
        more: fields(r#"{"welcome":["a",1,null]}"#),
    }
}

fn bot() -> BotUpdate {
    BotUpdate {
        status: text("on"),
        trigger: text("any_message"),
        prompt: text(LINES),
        greeting_message: text("Hello"),
        chat_id: text("c1"),
        is_rag: Some(true),
        bot_first_name: text("Bo"),
        bot_last_name: text("Bot"),
        more: fields(r#"{"model":"m"}"#),
    }
}

fn broadcast() -> Broadcast {
    Broadcast {
        text: "Hello".to_owned(),
        all_rooms: Some(false),
        chat_names: Some(vec!["123_c1".to_owned()]),
        chat_ids: Some(vec!["c2".to_owned()]),
        metadata: Some(fields(r#"{"by":"ann","deep":{"x":[1]}}"#)),
        dry_run: Some(true),
        more: fields(r#"{"colour":"red"}"#),
    }
}

type Built = Option<Result<Request, Error>>;

fn of_users(call: &str, api: &Api, token: &Secret<String>) -> Built {
    Some(match call {
        "create_user" => api.create_users(token, &[ann()]),
        "create_user_picture" => api.create_users(token, &[pictured()]),
        "import_job" => api.import_job(token, "job-1"),
        "delete_users" => api.delete_users(token, &["u1", "u2"]),
        "list_users" => api.list_users(token, &UserQuery::default()),
        "list_users_query" => api.list_users(token, &query()),
        "update_users" => api.update_users(token, &updates()),
        "user_by_name" => api.get_app_user_by_xmpp_username(token, "123_ü/1~*()!"),
        "user_chats" => api.get_user_chats(token, "u1", &ChatQuery::default()),
        "user_chats_query" => api.get_user_chats(token, "u1", &page(true)),
        _ => return None,
    })
}

fn of_chats(call: &str, api: &Api, token: &Secret<String>) -> Built {
    let described = ChatUpdate { title: text(TITLE), description: text(LINES) };
    let more = fields(r#"{"description":"in two\nlines","pinned":true}"#);
    Some(match call {
        "create_chat" => api.create_chat(token, "c1", TITLE, Access::default()),
        "create_chat_fields" => api.create_chat_with(token, "c1", TITLE, Access::Private, &more),
        "update_chat" => api.update_chat(token, "c1", &described),
        "update_chat_title" => api.update_chat(token, "123_c1", &titled("Co")),
        "list_chats" => api.list_chats(token, &ChatQuery::default()),
        "list_chats_query" => api.list_chats(token, &page(false)),
        "delete_chat" => api.delete_chat(token, "c1"),
        "add_members" => api.add_members(token, "c1", &["u1", "u2"]),
        "remove_members" => api.remove_members(token, "c1", &["u1"]),
        _ => return None,
    })
}

fn of_apps(call: &str, api: &Api, token: &Secret<String>) -> Built {
    let apps = AppQuery { limit: Some(20), offset: Some(40), order: Some(Direction::Descending), order_by: Some(AppOrder::CreatedAt) };
    let to_all = Broadcast { text: LINES.to_owned(), all_rooms: Some(true), ..Broadcast::default() };
    Some(match call {
        "list_apps" => api.list_apps(token, &AppQuery::default()),
        "list_apps_query" => api.list_apps(token, &apps),
        "get_app" => api.get_app(token),
        "create_app" => api.create_app(token, &NewApp { display_name: TITLE.to_owned(), ..NewApp::default() }),
        "create_app_fields" => api.create_app(token, &new_app()),
        "delete_app" => api.delete_app(token),
        "list_app_tokens" => api.list_app_tokens(token),
        "create_app_token" => api.create_app_token(token, None),
        "create_app_token_label" => api.create_app_token(token, Some("CI")),
        "rotate_app_token" => api.rotate_app_token(token, "t-1", None),
        "rotate_app_token_label" => api.rotate_app_token(token, "t-1", Some("CI")),
        "revoke_app_token" => api.revoke_app_token(token, "t-1"),
        "provision_app" => api.provision_app(token, &Provision::default()),
        "provision_app_rooms" => api.provision_app(token, &provision()),
        "get_app_bot" => api.get_app_bot(token),
        "update_app_bot" => api.update_app_bot(token, &bot()),
        "broadcast" => api.broadcast_to_app_chats(token, &to_all),
        "broadcast_fields" => api.broadcast_to_app_chats(token, &broadcast()),
        "broadcast_job" => api.get_app_broadcast_job(token, "job-1"),
        _ => return None,
    })
}

/// The own app by the paths that name it.
fn per_app(call: &str, api: &Api, token: &Secret<String>) -> Built {
    Some(match call {
        "create_users_per_app" => api.create_users(token, &users()),
        "delete_users_per_app" => api.delete_users(token, &["u1"]),
        "create_chat_per_app" => api.create_chat(token, "c1", TITLE, Access::Public),
        "delete_chat_per_app" => api.delete_chat(token, "123_c1"),
        "add_members_per_app" => api.add_members(token, "123_c1", &["123_u1", "123zzz"]),
        "remove_members_per_app" => api.remove_members(token, "c1", &["u1"]),
        _ => return None,
    })
}

/// A child's path with the parent's token.
fn of_child(call: &str, child: &Api, token: &Secret<String>) -> Built {
    let jid = "a-b@conference.example.com";
    Some(match call.strip_prefix("child_")? {
        "create_users" => child.create_users(token, &users()),
        "import_job" => child.import_job(token, "job-1"),
        "delete_users" => child.delete_users(token, &["u1"]),
        "user_chats" => child.get_user_chats(token, "u1", &ChatQuery { limit: Some(20), ..ChatQuery::default() }),
        "create_chat" => child.create_chat(token, "c1", TITLE, Access::Private),
        "update_chat" => child.update_chat(token, "c1", &titled("Co")),
        "update_chat_jid" => child.update_chat(token, jid, &titled("Co")),
        "list_chats" => child.list_chats(token, &ChatQuery::default()),
        "delete_chat" => child.delete_chat(token, "c1"),
        "add_members" => child.add_members(token, "c1", &["u1"]),
        "remove_members" => child.remove_members(token, "c1", &["u1"]),
        "get_app" => child.get_app(token),
        "delete_app" => child.delete_app(token),
        "list_app_tokens" => child.list_app_tokens(token),
        "get_app_bot" => child.get_app_bot(token),
        "broadcast_job" => child.get_app_broadcast_job(token, "job-1"),
        _ => return None,
    })
}

#[test]
fn e8_each_call_of_the_vendors_sdk_is_byte_for_byte_the_request_that_it_sends() {
    let vectors = recorded();
    let (id, secret) = (vectors["appId"].as_str().unwrap(), vectors["secret"].as_str().unwrap());
    let app = App::new(id, Secret::new(secret.to_owned())).unwrap();
    let token = app.server_token(None, vectors["iat"].as_u64().unwrap(), None).unwrap();
    let api = Api::new(Api::BASE, id).unwrap();
    let (scoped, child) = (api.clone().per_app(), Api::new(Api::BASE, "child").unwrap().per_app());
    let mut compared = BTreeSet::new();
    for entry in vectors["requests"].as_array().unwrap() {
        let call = entry["call"].as_str().unwrap();
        let built = of_users(call, &api, &token)
            .or_else(|| of_chats(call, &api, &token))
            .or_else(|| of_apps(call, &api, &token))
            .or_else(|| per_app(call, &scoped, &token))
            .or_else(|| of_child(call, &child, &token));
        let Request { method, url, headers, body } = built.unwrap_or_else(|| panic!("{call} has no builder")).unwrap();
        assert_eq!(method.as_str(), entry["method"], "{entry}");
        assert_eq!(url, [Api::BASE, entry["path"].as_str().unwrap()].concat());
        let pair = |pair: &Value| (pair[0].as_str().unwrap().to_owned(), pair[1].as_str().unwrap().to_owned());
        assert_eq!(headers, entry["headers"].as_array().unwrap().iter().map(pair).collect::<Vec<_>>(), "{entry}");
        assert_eq!(body.as_deref(), entry["body"].as_str(), "{entry}");
        compared.insert(entry["sdk"].as_str().unwrap());
    }
    let methods: BTreeSet<&str> = vectors["methods"].as_array().unwrap().iter().map(|method| method.as_str().unwrap()).collect();
    assert_eq!(compared, methods, "every method of the sdk that sends");
    let names = [[&api.name_of("c1"), "@", Api::CONFERENCE].concat(), api.name_of("c1")];
    assert!(vectors["names"].as_array().unwrap().iter().eq(&names), "createChatName");
}

#[test]
fn what_stands_in_a_path_is_one_part_of_it() {
    let api = Api::new(Api::BASE, "123").unwrap();
    let app = App::new("123", Secret::new("s".to_owned())).unwrap();
    let token = app.server_token(None, 1_700_000_000, None).unwrap();
    let url = |request: Result<Request, Error>| request.unwrap().url;
    let chats = url(api.get_user_chats(&token, "../a b?#%/ü@x", &ChatQuery::default()));
    assert_eq!(chats, "https://api.chat.ethora.com/v2/apps/123/users/..%2Fa%20b%3F%23%25%2F%C3%BC@x/chats");
    let chat = url(api.update_chat(&token, "a/../b", &titled("Co")));
    assert_eq!(chat, "https://api.chat.ethora.com/v2/apps/123/chats/123_a%2F..%2Fb");
}
