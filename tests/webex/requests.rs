//! What Webex's line sends and what it reads: requests, hostile replies, settings, and the backend's token requests.

use crate::world::{MINUTE, SECOND, SOON, World, answering, base, device, reply, settings, soon};
use authframe::Secret;
use authframe::webex::{Indicator, Line, Refused, Reply, Settings, SettingsError, TokenEndpoint, TokenError, Tokens};
use serde_json::{Value, json};

// --- requests ---------------------------------------------------------------------------------------------------------------------

#[test]
fn requests_are_byte_for_byte_those_of_the_reference() {
    let expected: Value = serde_json::from_str(include_str!("../vectors/webex/requests.json")).unwrap();
    let settings =
        Settings { domain: "a.example".to_owned(), jwe: Some("j.w.e".to_owned()), indicator: Indicator::GuestCalling, ..settings() };
    let primary = base("p1");
    // Registered on the backup, so that it pings before it goes back.
    let mut world =
        World::new(Settings { primary: vec![primary.clone()], ..settings }, 7, move |sent| match (sent.method, sent.url.as_str()) {
            ("POST", url) if url == format!("{primary}device") && sent.at < 1_700_000_200_000 => soon(reply(500)),
            ("POST", url) if url.ends_with("/device") => soon(device(url, "d1")),
            _ => soon(reply(200)),
        });
    world.call(Line::register);
    world.pass(3 * 60 * MINUTE);
    world.call(Line::deregister);
    world.pass(SOON);
    let mut shown: Vec<Value> = Vec::new();
    for sent in &world.sent {
        let headers: Vec<(String, String)> = sent.headers.iter().map(|(name, value)| (name.clone(), masked(name, value))).collect();
        let one = json!({"purpose": format!("{:?}", sent.purpose), "method": sent.method, "url": sent.url, "headers": headers, "body": sent.body});
        if !shown.contains(&one) {
            shown.push(one);
        }
    }
    assert_eq!(Value::Array(shown), expected);
    let ids: Vec<&String> =
        world.sent.iter().flat_map(|sent| &sent.headers).filter(|(name, _)| name == "trackingid").map(|(_, id)| id).collect();
    assert!(ids.len() > 100 && (1..ids.len()).all(|at| !ids[..at].contains(&ids[at])), "no tracking id comes twice");
}

/// The random part of a tracking id, if it is a UUID of version 4.
fn masked(name: &str, value: &str) -> String {
    let Some((kind, id)) = value.rsplit_once('_').filter(|_| name == "trackingid") else { return value.to_owned() };
    let parts: Vec<&str> = id.split('-').collect();
    let digits = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let fits = parts.iter().map(|part| part.len()).collect::<Vec<_>>() == [8, 4, 4, 4, 12];
    assert!(digits && fits && parts[2].starts_with('4') && parts[3].starts_with(['8', '9', 'a', 'b']), "{id}");
    format!("{kind}_$uuid")
}

// --- hostile replies -----------------------------------------------------------------------------------------------------------------

#[test]
fn a_reply_that_is_none_is_a_failure_and_no_token_follows_a_foreign_address() {
    let huge = format!(r#"{{"device":{{"deviceId":"d1"}},"x":"{}"}}"#, "x".repeat(70_000));
    for body in [
        " ",
        "{",
        "[]",
        "null",
        r#"{"device":{}}"#,
        r#"{"device":{"deviceId":7}}"#,
        r#"{"device":{"deviceId":".."}}"#,
        r#"{"device":{"deviceId":"a/b"}}"#,
        r#"{"device":{"deviceId":"a?b"}}"#,
        &huge,
    ] {
        let bad = Reply { status: 200, retry_after: None, body: body.to_owned() };
        let mut world = answering(settings(), 1, vec![bad]);
        world.call(Line::register);
        world.pass(SECOND);
        assert_eq!(world.take_events(), ["connecting", "unregistered", "unregistered"], "{body}");
    }
    for uri in ["https://evil.example/devices/d1", "https://p1.example.evil/x", "http://p1.example/x", "//evil", "https://p1.example/x?y#z"]
    {
        let body = json!({"device": {"deviceId": "d1", "uri": uri, "addresses": [1, "sip:a", null]}, "voicePortalNumber": {}, "rehomingIntervalMin": "x"}).to_string();
        let mut world = World::new(settings(), 1, move |_| Some((0, Reply { status: 200, retry_after: None, body: body.clone() })));
        world.call(Line::register);
        world.pass(31 * SECOND);
        assert_eq!(world.sent[1].url, "https://p1.example/api/v1/calling/web/devices/d1/status", "{uri}");
        assert_eq!(world.line.device().unwrap().addresses, ["sip:a"]);
    }
}

#[test]
fn settings_that_cannot_be_a_lines_say_what_is_wrong() {
    let of = |change: fn(&mut Settings)| {
        let mut changed = settings();
        change(&mut changed);
        Line::new(changed, 1).err()
    };
    for base in
        ["", "https://a.example", "http://a.example/", "https://a.example/?x/", "https://u@a.example/", "ftp://a.example/", "a.example/"]
    {
        assert_eq!(Line::new(Settings { primary: vec![base.to_owned()], ..settings() }, 1).err(), Some(SettingsError::Registrar), "{base}");
    }
    assert_eq!(of(|settings| settings.primary.clear()), Some(SettingsError::Registrar));
    assert_eq!(of(|settings| settings.user_id.clear()), Some(SettingsError::UserId));
    assert_eq!(of(|settings| settings.client_device_uri = "a\r\nb".to_owned()), Some(SettingsError::ClientDeviceUri));
    assert_eq!(of(|settings| settings.indicator = Indicator::ContactCenter), Some(SettingsError::Domain));
    assert_eq!(of(|settings| settings.domain = "a b".to_owned()), Some(SettingsError::Domain));
    assert_eq!(of(|settings| settings.primary = vec!["http://registrar.localhost:81/x/".to_owned()]), None);
    let codes = [SettingsError::Registrar, SettingsError::UserId, SettingsError::ClientDeviceUri, SettingsError::Domain]
        .map(|error| (error.code(), error.to_string().is_empty()));
    assert_eq!(
        codes,
        [("REGISTRAR_INVALID", false), ("USER_ID_INVALID", false), ("CLIENT_DEVICE_URI_INVALID", false), ("DOMAIN_INVALID", false)]
    );
}

// --- the backend ---------------------------------------------------------------------------------------------------------------------

#[test]
fn the_token_endpoint_gets_the_documented_fields_and_nothing_else() {
    let endpoint = TokenEndpoint::new(TokenEndpoint::URL, "C1", Secret::new("s&=ü".to_owned()));
    let request = endpoint.exchange("a_b_c", "https://a.example/cb?x=1", None);
    assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://webexapis.com/v1/access_token"));
    assert_eq!(request.headers, [("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())]);
    assert_eq!(
        request.body.as_deref(),
        Some(
            "grant_type=authorization_code&client_id=C1&client_secret=s%26%3D%C3%BC&code=a_b_c&redirect_uri=https%3A%2F%2Fa.example%2Fcb%3Fx%3D1"
        )
    );
    assert_eq!(
        endpoint.exchange("c", "r", Some("v")).body.as_deref(),
        Some("grant_type=authorization_code&client_id=C1&client_secret=s%26%3D%C3%BC&code=c&redirect_uri=r&code_verifier=v")
    );
    assert_eq!(
        endpoint.refresh(&Secret::new("r t".to_owned())).body.as_deref(),
        Some("grant_type=refresh_token&client_id=C1&client_secret=s%26%3D%C3%BC&refresh_token=r%20t")
    );
    assert!(!format!("{endpoint:?} {request:?}").contains("s&="));
}

#[test]
fn what_the_token_endpoint_answers() {
    let read = |status: u16, body: &str| Tokens::read(&Reply { status, retry_after: None, body: body.to_owned() });
    let tokens = read(200, r#"{"access_token":"a","expires_in":1209600,"refresh_token":"r","refresh_token_expires_in":7776000,"token_type":"Bearer","scope":"x y"}"#).unwrap();
    assert_eq!(
        (tokens.access_token.expose().as_str(), tokens.expires_in, tokens.refresh_token_expires_in, tokens.scope.as_deref()),
        ("a", Some(1_209_600), Some(7_776_000), Some("x y"))
    );
    assert_eq!(tokens.refresh_token.unwrap().expose(), "r");
    let bare = read(200, r#"{"access_token":"Bearer b"}"#).unwrap();
    assert_eq!((bare.access_token.expose().as_str(), bare.expires_in, bare.refresh_token.is_none()), ("b", None, true));
    assert_eq!(
        read(400, r#"{"error":"invalid_grant","error_description":"x"}"#).unwrap_err(),
        TokenError::Refused(Refused { error: "invalid_grant".to_owned(), description: Some("x".to_owned()), uri: None })
    );
    assert_eq!(read(401, "").unwrap_err(), TokenError::Refused(Refused::default()));
    assert_eq!(read(503, "").unwrap_err(), TokenError::Unavailable { status: 503, retry_after: None });
    for body in ["", "{}", r#"{"access_token":""}"#, r#"{"access_token":7}"#] {
        assert_eq!(read(200, body).unwrap_err(), TokenError::ReplyInvalid);
    }
    let errors =
        [TokenError::Refused(Refused::default()), TokenError::Unavailable { status: 500, retry_after: None }, TokenError::ReplyInvalid];
    assert_eq!(errors.map(|error| error.code()), ["TOKEN_REFUSED", "TOKEN_UNAVAILABLE", "REPLY_INVALID"]);
}

#[test]
fn w3_w4_what_the_token_endpoint_says_beside_the_tokens_is_there() {
    for status in [429, 503] {
        let reply = Reply { status, retry_after: Some(20 * SECOND), body: String::new() };
        assert_eq!(Tokens::read(&reply).unwrap_err(), TokenError::Unavailable { status, retry_after: Some(20_000) });
    }
    let body = json!({"error": "invalid_grant", "error_description": "d".repeat(2000), "error_uri": "https://a.example/why"}).to_string();
    let TokenError::Refused(refused) = Tokens::read(&Reply { status: 400, retry_after: None, body }).unwrap_err() else { panic!() };
    assert_eq!(
        (refused.error.as_str(), refused.description.as_deref().map(str::len), refused.uri.as_deref()),
        ("invalid_grant", Some(1024), Some("https://a.example/why"))
    );
    assert!(TokenError::Refused(refused).to_string().starts_with("the token endpoint refuses: invalid_grant: ddd"));
}
