//! What the widget says to others.

use authframe::session::{AuthStatus, Error, Parent};
use serde_json::json;

use crate::support::{HOST, Tab, config, grant_with};

#[test]
fn d11_an_error_to_a_peer_holds_a_number_a_code_and_a_fixed_text() {
    let taint = "do-not-repeat-me";
    let mut errors = Vec::new();
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": taint.repeat(40), "accessToken": taint}}));
    tab.host_says(json!({"type": "identity", "id": 2, "identity": {"account": {"subject": taint, "name": [taint]}}}));
    errors.extend(tab.said_of("error"));
    let mut tab = Tab::connected(config().acquire(true), 1);
    tab.host_says(json!({"type": "identity", "id": 3, "identity": {"account": taint, "accessToken": taint}}));
    tab.host_says(json!({"type": "sign-out", "id": 4}));
    errors.extend(tab.said_of("error"));
    assert!(errors.iter().any(|error| error["id"] == 3), "{errors:?}");
    for error in errors {
        let keys: Vec<&str> = error.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["type", "id", "code", "message"], "{error}");
        let known = Error::ALL.iter().find(|known| error["code"] == known.code()).expect("a stable code");
        assert_eq!(error["message"], known.code());
        assert!(!error.to_string().contains(taint));
    }
}

#[test]
fn d11_the_text_of_every_error_is_short_and_plain() {
    for error in Error::ALL {
        let (code, message) = (error.code(), error.message());
        assert!(code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') && code.len() <= 64, "{code}");
        assert!(!message.is_empty() && message.is_ascii() && message.len() <= 256, "{code}: {message}");
        assert!(!message.contains("src/") && !message.contains(".rs"), "{code}: {message}");
        assert_eq!(error.to_string(), format!("{code}: {message}"));
        assert!(["app", "peer", "network", "user"].contains(&error.responsible()), "{code}");
    }
}

#[test]
fn d14_the_hello_has_exactly_its_four_fields_and_its_type_whoever_is_signed_in() {
    let mut tab = Tab::alone(config(), 9);
    tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
    let config = config().channel("chat").unwrap();
    let tab = Tab::started(config, 1, tab.shared_record, Parent::Known(HOST.to_owned()));
    assert_eq!(tab.view().status, AuthStatus::Authorized);
    let hello = &tab.said_of("authframe:hello")[0];
    assert_eq!(*hello, json!({"type": "authframe:hello", "channel": "chat", "min": 1, "max": 1, "nonce": "01".repeat(16)}));
    assert_eq!(tab.said.len(), 1, "and nothing else is said on the window");
}
