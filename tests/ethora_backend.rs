//! Ethora for backends: tokens against those of Node's crypto, the original API, replies, access codes, and every error. The requests of the
//! current API are in `ethora_sdk_calls.rs`.

#![cfg(all(feature = "ethora", not(target_arch = "wasm32")))]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use authframe::Secret;
use authframe::ethora::{
    Access, AccessCode, Api, App, BotUpdate, Broadcast, ChatId, ChatQuery, ChatUpdate, CreatedChat, Endpoint, Error, Fields, Method,
    NewApp, Original, Provision, ProvisionRoom, Reply, Right, Settings, User, UserId, UserQuery, UserUpdate, compare,
};
use serde_json::Value;

const IAT: u64 = 1_700_000_000;

fn vectors(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn tokens() -> Value {
    vectors(include_str!("vectors/ethora/tokens.json"))
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

fn app() -> App {
    App::new("123", secret("test-secret-not-real-0123456789abcdef")).unwrap()
}

fn api() -> Api {
    Api::new(Api::BASE, "123").unwrap()
}

fn original() -> Original {
    Original::new("https://chat.example.com/v1", Settings::default()).unwrap()
}

fn server_token() -> Secret<String> {
    app().server_token(None, IAT, None).unwrap()
}

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, body: body.to_owned() }
}

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

fn named(uuid: &str) -> User {
    User {
        uuid: uuid.to_owned(),
        email: "ann@example.com".to_owned(),
        first_name: "Ann".to_owned(),
        last_name: "Lee".to_owned(),
        ..User::default()
    }
}

fn alone(uuid: &str) -> [User; 1] {
    [named(uuid)]
}

fn users() -> Vec<User> {
    vec![User { password: Some(secret("x9 \"ü\"")), ..named("u1") }, named("u2")]
}

fn update(xmpp_username: &str) -> UserUpdate {
    UserUpdate { xmpp_username: xmpp_username.to_owned(), first_name: text("Ann"), ..UserUpdate::default() }
}

fn fields(text: &str) -> Fields {
    text.parse().unwrap()
}

#[test]
fn a_token_is_byte_for_byte_the_one_that_node_signs() {
    let vectors = tokens();
    let app = App::new(vectors["appId"].as_str().unwrap(), secret(vectors["secret"].as_str().unwrap())).unwrap();
    let mut kinds = BTreeSet::new();
    for entry in vectors["tokens"].as_array().unwrap() {
        let subject = entry["subject"].as_str();
        let (iat, exp) = (entry["iat"].as_u64(), entry["exp"].as_u64());
        let kind = entry["kind"].as_str().unwrap();
        let token = match kind {
            "flat" => app.flat_client_token(subject.unwrap(), iat, exp),
            "nested" => app.client_token(subject.unwrap(), iat.unwrap(), exp),
            "server" => app.server_token(subject, iat.unwrap(), exp),
            other => panic!("{other}"),
        };
        assert_eq!(token.unwrap().expose(), entry["token"].as_str().unwrap(), "{entry}");
        kinds.insert(kind.to_owned());
    }
    assert_eq!(kinds.len(), 3);
}

#[test]
fn nothing_is_filled_in_for_a_user_above_all_no_password() {
    let request = api().create_users(&server_token(), &alone("u1")).unwrap();
    let user = r#"{"uuid":"u1","email":"ann@example.com","firstName":"Ann","lastName":"Lee"}"#;
    assert_eq!(request.body, Some(format!(r#"{{"bypassEmailConfirmation":true,"usersList":[{user}]}}"#)));
    let unconfirmed = api().create_users_with(&server_token(), &alone("u1"), false).unwrap();
    assert_eq!(unconfirmed.body, Some(format!(r#"{{"bypassEmailConfirmation":false,"usersList":[{user}]}}"#)));
}

#[test]
fn the_base_url_may_have_a_path_and_a_port() {
    for base in ["https://proxy.example.com/ethora", "http://localhost:8080", "http://[::1]:8080"] {
        let request = Api::new(base, "123").unwrap().delete_chat(&server_token(), "c1").unwrap();
        assert_eq!(request.url, format!("{base}/v1/chats"));
    }
}

#[test]
fn a_name_has_the_app_in_front_once_and_an_id_that_only_begins_like_it_is_no_name() {
    let api = api();
    for (id, name) in [("u1", "123_u1"), ("123_u1", "123_u1"), ("123zzz", "123_123zzz"), ("123", "123_123"), ("12_u1", "123_12_u1")] {
        assert_eq!(api.name_of(id), name);
    }
    assert_eq!(api.id_of("123_u1"), Some("u1"));
    assert_eq!(api.id_of("123zzz"), None);
    assert_eq!(api.id_of("456_u1"), None);
}

#[test]
fn a_chat_that_was_created_is_told_as_status_and_jid() {
    let current = api().read_created_chat("c1", &reply(201, ""));
    assert_eq!(current, Ok(CreatedChat { status: "201".to_owned(), jid: "123_c1@conference.xmpp.chat.ethora.com".to_owned() }));
    let elsewhere = api().conference("rooms.example.com").read_created_chat("c1", &reply(200, "")).unwrap();
    assert_eq!(elsewhere.jid, "123_c1@rooms.example.com");
    let read = |body: &str| original().read_created_chat(&reply(200, body));
    let expected = |status: &str| Ok(CreatedChat { status: status.to_owned(), jid: "42@rooms.example.com".to_owned() });
    assert_eq!(read(r#"{"status":"ok","JID":"42@rooms.example.com"}"#), expected("ok"));
    assert_eq!(read(r#"{"jid":"42@rooms.example.com","status":200,"more":[1]}"#), expected("200"));
}

#[test]
fn all_sixteen_access_codes_are_read_and_written_as_their_rights() {
    let vectors = vectors(include_str!("vectors/ethora/access.json"));
    let valid = vectors["valid"].as_array().unwrap();
    assert_eq!(valid.len(), 16);
    let named = |right: &Value| match right.as_str().unwrap() {
        "read" => Right::Read,
        "write" => Right::Write,
        "moderator" => Right::Moderator,
        "owner" => Right::Owner,
        other => panic!("{other}"),
    };
    let mut codes = BTreeSet::new();
    for entry in valid {
        let text = entry["code"].as_str().unwrap();
        let code: AccessCode = text.parse().unwrap();
        let rights: Vec<Right> = entry["rights"].as_array().unwrap().iter().map(named).collect();
        assert_eq!(code.rights().collect::<Vec<_>>(), rights, "{text}");
        assert_eq!(rights.iter().copied().collect::<AccessCode>(), code);
        assert_eq!(code.to_string(), text);
        assert!(Right::ALL.into_iter().all(|right| code.contains(right) == rights.contains(&right)), "{text}");
        assert_eq!(code.warning().is_some(), entry["warning"].as_bool().unwrap(), "{text}");
        codes.insert(text);
    }
    assert_eq!(codes.len(), 16);
    assert_eq!("0000".parse(), Ok(AccessCode::NONE));
}

#[test]
fn whatever_is_not_four_binary_digits_is_no_access_code() {
    let vectors = vectors(include_str!("vectors/ethora/access.json"));
    for text in vectors["invalid"].as_array().unwrap() {
        assert_eq!(text.as_str().unwrap().parse::<AccessCode>(), Err(Error::AccessCodeInvalid), "{text}");
    }
}

#[test]
fn the_original_api_has_the_paths_and_names_that_are_known() {
    let vectors = vectors(include_str!("vectors/ethora/original.json"));
    let original = Original::new(vectors["base"].as_str().unwrap(), Settings::default()).unwrap();
    let token = server_token();
    let chat = [ChatId::Jid("42@conference.example.com".to_owned()), ChatId::Uuid(42)];
    let user = [UserId::Jid("u1@example.com".to_owned()), UserId::Uuid("u1".to_owned())];
    let access = |chat, user, code: &str, timer| original.set_access(&token, chat, user, code.parse().unwrap(), NonZeroU64::new(timer));
    let build = |call: &str| match call {
        "create_chat" => original.create_chat(&token, 42, Access::default()),
        "create_chat_public" => original.create_chat(&token, 9_007_199_254_740_991, Access::Public),
        "delete_chat_by_uuid" => original.delete_chat(&token, &chat[1]),
        "delete_chat_by_jid" => original.delete_chat(&token, &chat[0]),
        "access_jid_jid" => access(&chat[0], &user[0], "0011", 0),
        "access_jid_uuid" => access(&chat[0], &user[1], "0111", 3600),
        "access_uuid_jid" => access(&chat[1], &user[0], "1111", 0),
        "access_uuid_uuid" => access(&chat[1], &user[1], "0000", 0),
        other => panic!("{other}"),
    };
    let known = vectors["requests"].as_array().unwrap();
    assert_eq!(known.len(), 8);
    for entry in known {
        let request = build(entry["call"].as_str().unwrap()).unwrap();
        assert_eq!(request.method.as_str(), entry["method"], "{entry}");
        assert_eq!(request.url, [vectors["base"].as_str().unwrap(), entry["path"].as_str().unwrap()].concat());
        assert_eq!(request.body.as_deref(), entry["body"].as_str());
        let value = |name: &str| request.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.clone());
        assert_eq!(value("Authorization"), Some(format!("Bearer {}", token.expose())));
        assert_eq!(value("x-custom-token").as_ref(), Some(token.expose()));
    }
}

#[test]
fn methods_headers_and_the_other_paths_of_the_original_api_are_settings() {
    let endpoint = |method, path: &str| Endpoint { method, path: path.to_owned() };
    let settings = Settings {
        headers: vec![("Authorization".to_owned(), "JWT {token}".to_owned())],
        create_chat: Method::Put,
        delete_chat: Method::Post,
        set_access: Method::Patch,
        create_user: endpoint(Method::Put, "/user-create"),
        delete_user: endpoint(Method::Get, "/user-delete"),
        import_users: endpoint(Method::Patch, "/import"),
    };
    let original = Original::new("https://chat.example.com", settings).unwrap();
    let token = server_token();
    let body = r#"{ "any": ["thing"] }"#;
    let (chat, user) = (ChatId::Uuid(1), UserId::Uuid("u1".to_owned()));
    for (request, method, path) in [
        (original.create_chat(&token, 1, Access::Private), "PUT", "/chats/"),
        (original.delete_chat(&token, &chat), "POST", "/chats/"),
        (original.set_access(&token, &chat, &user, AccessCode::NONE, None), "PATCH", "/chat-access/"),
        (original.create_user(&token, body), "PUT", "/user-create"),
        (original.delete_user(&token, body), "GET", "/user-delete"),
        (original.import_users(&token, body), "PATCH", "/import"),
    ] {
        let request = request.unwrap();
        assert_eq!((request.method.as_str(), request.url), (method, format!("https://chat.example.com{path}")));
        assert_eq!(request.headers, [("Authorization".to_owned(), format!("JWT {}", token.expose()))]);
        assert!(path.starts_with("/chat") || request.body.as_deref() == Some(body), "the caller's body goes out as it is");
    }
}

#[test]
fn the_lists_of_both_sides_are_compared_and_nothing_else_happens() {
    let listed = reply(200, r#"{"results":[{"xmppUsername":"123_bob"},{"xmppUsername":"123_Eve"},{"xmppUsername":"123_eve","more":1}]}"#);
    let theirs = api().read_user_ids(&listed).unwrap();
    assert_eq!(theirs, ["bob", "Eve", "eve"]);
    let comparison = compare(["zoe", "bob", "eve", "ann", "ann"], theirs);
    assert_eq!(comparison.missing, ["ann", "zoe"]);
    assert_eq!(comparison.extra, ["Eve"]);
    let none = compare([""; 0], [""; 0]);
    assert!(none.missing.is_empty() && none.extra.is_empty());
}

#[test]
fn debug_shows_no_secret_no_token_and_no_password() {
    let app = app();
    let token = server_token();
    let request = api().create_users(&token, &users()).unwrap();
    let answer = reply(200, "JWT abc");
    let more = fields(r#"{"note":"x9"}"#);
    let shown = format!("{app:?} {token:?} {request:?} {:?} {answer:?} {more:?}", users());
    assert!(shown.contains("note") && shown.contains("/v2/users/batch") && shown.contains("x-custom-token"), "{shown}");
    for hidden in ["test-secret", "eyJ", "x9", "abc"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
}

/// Each way to each error.
fn failures() -> Vec<(Error, &'static str, Result<(), Error>)> {
    let (app, api, original, token) = (app(), api(), original(), server_token());
    let mut all = Vec::new();
    let mut add = |expected, what, found| all.push((expected, what, found));
    let long = "x".repeat(1025);
    let done = |_| ();

    for code in ["", "2"] {
        add(Error::AccessCodeInvalid, "code", code.parse::<AccessCode>().map(|_| ()));
    }
    for id in ["", "a/b", "a b", "é", &"x".repeat(129)] {
        add(Error::AppIdInvalid, "app", App::new(id, secret("s")).map(|_| ()));
        add(Error::AppIdInvalid, "api", Api::new(Api::BASE, id).map(|_| ()));
    }
    add(Error::SecretInvalid, "secret", App::new("123", secret("")).map(|_| ()));
    let bases =
        ["", "https://", "ftp://a", "a.example", "https://a/", "https://a?b", "https://a#b", "https://u@a", "https://a b", "https:///a"];
    for base in bases.into_iter().chain(["https://:80", "https://a\\b", "https://é"]) {
        add(Error::BaseInvalid, "api", Api::new(base, "123").map(|_| ()));
        add(Error::BaseInvalid, "original", Original::new(base, Settings::default()).map(|_| ()));
    }

    for (iat, exp) in [(IAT, Some(IAT)), (IAT, Some(IAT - 1)), (IAT * 1000, None), (IAT, Some(IAT * 1000))] {
        add(Error::TimeInvalid, "nested", app.client_token("u1", iat, exp).map(|_| ()));
        add(Error::TimeInvalid, "flat", app.flat_client_token("a@b", Some(iat), exp).map(|_| ()));
        add(Error::TimeInvalid, "server", app.server_token(None, iat, exp).map(|_| ()));
    }
    for user in ["", "a\nb", &long] {
        add(Error::UserInvalid, "nested", app.client_token(user, IAT, None).map(|_| ()));
        add(Error::UserInvalid, "flat", app.flat_client_token(user, None, None).map(|_| ()));
        add(Error::UserInvalid, "tenant", app.server_token(Some(user), IAT, None).map(|_| ()));
        add(Error::UserInvalid, "create", api.create_users(&token, &alone(user)).map(done));
        let ann = named("u1");
        let value = || text(user);
        for named in [
            User { email: user.to_owned(), ..ann.clone() },
            User { first_name: user.to_owned(), ..ann.clone() },
            User { last_name: user.to_owned(), ..ann.clone() },
            User { password: Some(secret(user)), ..ann },
        ] {
            add(Error::UserInvalid, "create with", api.create_users(&token, &[named]).map(done));
        }
        for named in [
            update(user),
            UserUpdate { first_name: value(), ..update("123_u1") },
            UserUpdate { last_name: value(), ..update("123_u1") },
            UserUpdate { username: value(), ..update("123_u1") },
        ] {
            add(Error::UserInvalid, "update with", api.update_users(&token, &[named]).map(done));
        }
        add(Error::UserInvalid, "by name", api.get_app_user_by_xmpp_username(&token, user).map(done));
        add(Error::UserInvalid, "chats", api.get_user_chats(&token, user, &ChatQuery::default()).map(done));
        add(Error::UserInvalid, "delete", api.delete_users(&token, &[user]).map(done));
        add(Error::UserInvalid, "list", api.list_users(&token, &UserQuery { user_id: value(), ..UserQuery::default() }).map(done));
        add(Error::UserInvalid, "add", api.add_members(&token, "c1", &[user]).map(done));
        let uuid = UserId::Uuid(user.to_owned());
        add(Error::UserInvalid, "access", original.set_access(&token, &ChatId::Uuid(1), &uuid, AccessCode::NONE, None).map(done));
        add(Error::ChatInvalid, "create", api.create_chat(&token, user, "t", Access::Private).map(done));
        add(Error::ChatInvalid, "title", api.create_chat(&token, "c1", user, Access::Private).map(done));
        add(Error::ChatInvalid, "delete", api.delete_chat(&token, user).map(done));
        let title = ChatUpdate { title: text("t"), description: None };
        add(Error::ChatInvalid, "update", api.update_chat(&token, user, &title).map(done));
        add(Error::ChatInvalid, "title", api.update_chat(&token, "c1", &ChatUpdate { title: text(user), description: None }).map(done));
        let broadcast = Broadcast { text: "Hello".to_owned(), chat_ids: Some(vec![user.to_owned()]), ..Broadcast::default() };
        add(Error::ChatInvalid, "broadcast", api.broadcast_to_app_chats(&token, &broadcast).map(done));
        add(Error::ChatInvalid, "remove", api.remove_members(&token, user, &["u1"]).map(done));
    }
    for dots in [".", ".."] {
        add(Error::UserInvalid, "path", api.get_user_chats(&token, dots, &ChatQuery::default()).map(done));
        add(Error::UserInvalid, "path", api.get_app_user_by_xmpp_username(&token, dots).map(done));
    }
    let great = 9_007_199_254_740_992;
    add(Error::ChatInvalid, "number", original.create_chat(&token, great, Access::Private).map(done));
    add(Error::ChatInvalid, "number", original.delete_chat(&token, &ChatId::Uuid(great)).map(done));
    for jid in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b/c", &format!("a@{long}")] {
        let (chat, user) = (ChatId::Jid(jid.to_owned()), UserId::Jid(jid.to_owned()));
        add(Error::JidInvalid, "delete", original.delete_chat(&token, &chat).map(done));
        add(
            Error::JidInvalid,
            "chat",
            original.set_access(&token, &chat, &UserId::Uuid("u1".to_owned()), AccessCode::NONE, None).map(done),
        );
        add(Error::JidInvalid, "user", original.set_access(&token, &ChatId::Uuid(1), &user, AccessCode::NONE, None).map(done));
    }
    add(Error::NotExactlyOne, "chat", ChatId::one_of(None, None).map(|_| ()));
    add(Error::NotExactlyOne, "chat", ChatId::one_of(text("42@c"), Some(42)).map(|_| ()));
    add(Error::NotExactlyOne, "user", UserId::one_of(None, None).map(|_| ()));
    add(Error::NotExactlyOne, "user", UserId::one_of(text("u1@c"), text("u1")).map(|_| ()));

    let nobody: [&str; 0] = [];
    add(Error::ListEmpty, "create", api.create_users(&token, &[]).map(done));
    add(Error::ListEmpty, "delete", api.delete_users(&token, &nobody).map(done));
    add(Error::ListEmpty, "add", api.add_members(&token, "c1", &nobody).map(done));
    add(Error::ListEmpty, "remove", api.remove_members(&token, "c1", &nobody).map(done));
    add(Error::ListEmpty, "update", api.update_users(&token, &[]).map(done));
    add(Error::ListTooLong, "update", api.update_users(&token, &vec![update("123_u1"); 101]).map(done));
    let to_none = Broadcast { text: "Hello".to_owned(), chat_names: Some(Vec::new()), ..Broadcast::default() };
    add(Error::ListEmpty, "broadcast", api.broadcast_to_app_chats(&token, &to_none).map(done));
    for job in ["", "a/../b", "a?b", &long] {
        add(Error::JobInvalid, "job", api.import_job(&token, job).map(done));
        add(Error::JobInvalid, "job", api.get_app_broadcast_job(&token, job).map(done));
        add(Error::AppTokenInvalid, "rotate", api.rotate_app_token(&token, job, None).map(done));
        add(Error::AppTokenInvalid, "revoke", api.revoke_app_token(&token, job).map(done));
    }
    let unchanged = UserUpdate { first_name: None, ..update("123_u1") };
    add(Error::NothingToChange, "user", api.update_users(&token, &[unchanged]).map(done));
    add(Error::NothingToChange, "chat", api.update_chat(&token, "c1", &ChatUpdate::default()).map(done));
    add(Error::NothingToChange, "bot", api.update_app_bot(&token, &BotUpdate::default()).map(done));
    let endless = "x".repeat(65_537);
    for odd in ["", "a\0b", &endless] {
        let value = || text(odd);
        let image = User { profile_image: value(), ..named("u1") };
        add(Error::TextInvalid, "user", api.create_users(&token, &[image]).map(done));
        add(Error::TextInvalid, "user", api.create_users(&token, &[User { description: value(), ..named("u1") }]).map(done));
        let image = UserUpdate { profile_image: value(), ..update("123_u1") };
        add(Error::TextInvalid, "user", api.update_users(&token, &[image]).map(done));
        add(Error::TextInvalid, "chat", api.update_chat(&token, "c1", &ChatUpdate { title: None, description: value() }).map(done));
        add(Error::TextInvalid, "app", api.create_app(&token, &NewApp { display_name: odd.to_owned(), ..NewApp::default() }).map(done));
        let app = NewApp { display_name: "Co".to_owned(), bundle_id: value(), ..NewApp::default() };
        add(Error::TextInvalid, "app", api.create_app(&token, &app).map(done));
        let rooms = Some(vec![ProvisionRoom { title: value(), ..ProvisionRoom::default() }]);
        add(Error::TextInvalid, "provision", api.provision_app(&token, &Provision { rooms, ..Provision::default() }).map(done));
        add(Error::TextInvalid, "bot", api.update_app_bot(&token, &BotUpdate { prompt: value(), ..BotUpdate::default() }).map(done));
        let broadcast = Broadcast { text: odd.to_owned(), ..Broadcast::default() };
        add(Error::TextInvalid, "broadcast", api.broadcast_to_app_chats(&token, &broadcast).map(done));
        add(Error::TextInvalid, "label", api.create_app_token(&token, value().as_deref()).map(done));
        add(Error::TextInvalid, "label", api.rotate_app_token(&token, "t-1", value().as_deref()).map(done));
    }
    let more = |text| fields(text);
    add(Error::FieldRepeated, "user", api.create_users(&token, &[User { more: more(r#"{"uuid":"u2"}"#), ..named("u1") }]).map(done));
    let chat = api.create_chat_with(&token, "c1", "t", Access::Private, &more(r#"{"type":"public"}"#));
    add(Error::FieldRepeated, "chat", chat.map(done));
    let app = NewApp { display_name: "Co".to_owned(), more: more(r#"{"domainName":"a"}"#), ..NewApp::default() };
    add(Error::FieldRepeated, "app", api.create_app(&token, &app).map(done));
    let rooms = Some(vec![ProvisionRoom { more: more(r#"{"pinned":true}"#), ..ProvisionRoom::default() }]);
    add(Error::FieldRepeated, "room", api.provision_app(&token, &Provision { rooms, ..Provision::default() }).map(done));
    let provision = Provision { rooms: None, more: more(r#"{"rooms":[]}"#) };
    add(Error::FieldRepeated, "provision", api.provision_app(&token, &provision).map(done));
    let bot = BotUpdate { more: more(r#"{"isRAG":true}"#), ..BotUpdate::default() };
    add(Error::FieldRepeated, "bot", api.update_app_bot(&token, &bot).map(done));
    let broadcast = Broadcast { text: "Hello".to_owned(), more: more(r#"{"dryRun":true}"#), ..Broadcast::default() };
    add(Error::FieldRepeated, "broadcast", api.broadcast_to_app_chats(&token, &broadcast).map(done));
    for text in ["", "[]", "null", "{", "{}{}"] {
        add(Error::BodyInvalid, "fields", text.parse::<Fields>().map(|_| ()));
    }
    for body in ["", "{", "a", "{} {}"] {
        add(Error::BodyInvalid, "create", original.create_user(&token, body).map(done));
        add(Error::BodyInvalid, "delete", original.delete_user(&token, body).map(done));
        add(Error::BodyInvalid, "import", original.import_users(&token, body).map(done));
    }
    for token in ["", "a.b", "a.b.c.d", "a..c", "a.b.c\r\nx: y", "Bearer a.b.c", "JWT JWT a.b.c", "JWT", "a.b.é"] {
        add(Error::TokenInvalid, "api", api.delete_chat(&secret(token), "c1").map(done));
        add(Error::TokenInvalid, "get", api.import_job(&secret(token), "j").map(done));
        add(Error::TokenInvalid, "original", original.delete_chat(&secret(token), &ChatId::Uuid(1)).map(done));
    }
    let settings = |settings| Original::new("https://a", settings).map(|_| ());
    for (name, value) in [("", "v"), ("a b", "v"), ("a:", "v"), ("é", "v"), ("a", "v\r\nb: c"), ("a", "é")] {
        add(
            Error::SettingsInvalid,
            "header",
            settings(Settings { headers: vec![(name.to_owned(), value.to_owned())], ..Settings::default() }),
        );
    }
    for path in ["", "users", "/a b", "/a?b", "/a#b", "/é"] {
        let endpoint = || Endpoint { method: Method::Post, path: path.to_owned() };
        add(Error::SettingsInvalid, "create", settings(Settings { create_user: endpoint(), ..Settings::default() }));
        add(Error::SettingsInvalid, "delete", settings(Settings { delete_user: endpoint(), ..Settings::default() }));
        add(Error::SettingsInvalid, "import", settings(Settings { import_users: endpoint(), ..Settings::default() }));
    }

    for (expected, status, body) in [
        (Error::Unauthorized, 401, ""),
        (Error::Forbidden, 403, ""),
        (Error::NotFound, 404, ""),
        (Error::NotFound, 422, "Users Not Found"),
        (Error::NotFound, 422, r#"{"error":"chat not found"}"#),
        (Error::AlreadyExists, 409, ""),
        (Error::AlreadyExists, 422, r#"{"error":"User already exists"}"#),
        (Error::AlreadyExists, 422, "These already exist"),
        (Error::Rejected, 422, r#"{"error":"lastName is too short"}"#),
        (Error::Rejected, 400, "not found"),
        (Error::Rejected, 429, ""),
        (Error::ServerFailed, 500, ""),
        (Error::ServerFailed, 599, ""),
        (Error::ReplyInvalid, 302, ""),
        (Error::ReplyInvalid, 0, ""),
        (Error::ReplyInvalid, 600, ""),
        (Error::ReplyInvalid, 199, ""),
    ] {
        let answer = reply(status, body);
        add(expected, "check", answer.check());
        add(expected, "created", api.read_created_chat("c1", &answer).map(|_| ()));
        add(expected, "created", original.read_created_chat(&answer).map(|_| ()));
        add(expected, "ids", api.read_user_ids(&answer).map(|_| ()));
    }
    let long_status = format!(r#"{{"status":"{long}","JID":"a@b"}}"#);
    for body in ["", "[]", "null", "{}", r#"{"status":"ok"}"#, r#"{"JID":"a@b"}"#, r#"{"status":true,"JID":"a@b"}"#, &long_status]
        .into_iter()
        .chain([r#"{"status":"ok","JID":"a"}"#, r#"{"status":"ok","JID":7}"#, r#"{"status":1.5,"JID":"a@b"}"#, "{\"status\":"])
    {
        add(Error::ReplyInvalid, "created", original.read_created_chat(&reply(200, body)).map(|_| ()));
    }
    let huge = format!(r#"{{"results":[]{}}}"#, " ".repeat(16_777_216));
    for body in ["", "[]", "{}", r#"{"results":{}}"#, r#"{"results":["u1"]}"#, r#"{"results":[{}]}"#, &huge]
        .into_iter()
        .chain([r#"{"results":[{"xmppUsername":"456_u1"}]}"#, r#"{"results":[{"xmppUsername":"123_u1"},{"xmppUsername":1}]}"#])
    {
        add(Error::ReplyInvalid, "ids", api.read_user_ids(&reply(200, body)).map(|_| ()));
    }
    all
}

#[test]
fn every_way_to_every_error_ends_in_it_and_none_is_without_one() {
    let mut reached = Vec::new();
    for (expected, what, found) in failures() {
        assert_eq!(found, Err(expected), "{what}");
        reached.push(expected);
    }
    // Those of tokens are in `ethora_verify.rs`.
    for error in Error::ALL.into_iter().filter(|error| !error.code().starts_with("JWT_")) {
        assert!(reached.contains(&error), "{error:?} has no test");
    }
}

#[test]
fn what_is_just_allowed_is_allowed() {
    let (app, api, token) = (app(), api(), server_token());
    let (id, long) = ("ü".repeat(256), "x".repeat(1024));
    assert!(app.client_token(&id, 253_402_300_799, None).is_ok());
    assert!(app.client_token("u1", IAT, Some(IAT + 1)).is_ok());
    assert!(app.flat_client_token(&long, None, Some(1)).is_ok());
    assert!(App::new(&"x".repeat(128), secret("s")).is_ok() && App::new("aZ09-_", secret("s")).is_ok());
    assert!(api.create_chat(&token, &id, &long, Access::Private).is_ok());
    assert!(api.create_users(&token, &alone(&id)).is_ok());
    assert_eq!(ChatId::one_of(None, Some(42)), Ok(ChatId::Uuid(42)));
    assert_eq!(ChatId::one_of(text("42@c"), None), Ok(ChatId::Jid("42@c".to_owned())));
    assert_eq!(UserId::one_of(None, text("u1")), Ok(UserId::Uuid("u1".to_owned())));
    assert_eq!(UserId::one_of(text("u1@c"), None), Ok(UserId::Jid("u1@c".to_owned())));
    for status in [200, 201, 204, 299] {
        assert_eq!(reply(status, "not found").check(), Ok(()));
    }
}

#[test]
fn the_vectors_know_every_error_and_whose_fault_it_is() {
    let vectors = vectors(include_str!("vectors/ethora/errors.json"));
    let vectors: Vec<(&str, &str)> = vectors["codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["code"].as_str().unwrap(), entry["responsible"].as_str().unwrap()))
        .collect();
    assert_eq!(vectors, Error::ALL.map(|error| (error.code(), error.responsible())));
    // `ALL` is written by hand: every variant of the source stands in it.
    let source = include_str!("../src/ethora/error.rs");
    let body = source.split("pub enum Error {").nth(1).unwrap().split("\n}").next().unwrap();
    assert_eq!(body.lines().filter(|line| line.ends_with(',') && !line.trim_start().starts_with("//")).count(), Error::ALL.len());
    for error in Error::ALL {
        assert_eq!(error.to_string(), format!("{}: {}", error.code(), error.message()));
    }
}
