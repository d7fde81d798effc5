//! What of the Rust face works on every target: errors, and what a server's reply is read into.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::error::Error;

use authframe::{
    Account, AcquireError, AcquireReason, AcquireRequest, BridgeError, Grant, HandlerError, PollRequest, Secret, SessionView, SignInResult,
    host,
};
use serde_json::{Value, json};

fn account(subject: &str) -> Result<Account, BridgeError> {
    Ok(Account::new(subject, None)?)
}

#[test]
fn an_error_of_the_core_becomes_one_of_the_bridge_where_there_is_no_browser() {
    let error = account("").unwrap_err();
    assert_eq!((error.code(), error.responsible()), ("ACCOUNT_INVALID", "app"));
    assert_eq!(error.to_string(), error.message());
    assert_eq!(error.message(), authframe::Error::AccountInvalid.to_string());
    assert!(error.as_js().is_none() && error.source().is_none());
    assert_eq!(error, account("").unwrap_err());
    assert_ne!(error, BridgeError::from(authframe::Error::Closed));
    assert_eq!(account("ada").unwrap().subject(), "ada");
}

#[test]
fn whatever_fails_says_why_there_is_no_account_and_no_answer() {
    fn number(text: &str) -> Result<u32, AcquireError> {
        Ok(text.parse::<u32>()?)
    }
    fn text(text: Option<&str>) -> Result<&str, AcquireError> {
        text.ok_or("no text")?.get(1..).ok_or_else(|| format!("{text:?} is too short").into())
    }
    fn boxed(result: Result<(), Box<dyn Error>>) -> Result<(), AcquireError> {
        Ok(result?)
    }
    fn bridge(subject: &str) -> Result<Account, AcquireError> {
        Ok(account(subject)?)
    }
    fn answer(text: &str) -> Result<u32, HandlerError> {
        if text.is_empty() {
            return Err("an empty search".into());
        }
        Ok(text.parse::<u32>()?)
    }
    assert_eq!(number("a").unwrap_err().to_string(), "invalid digit found in string");
    assert_eq!(text(None).unwrap_err().to_string(), "no text");
    assert_eq!(text(Some("")).unwrap_err().to_string(), "Some(\"\") is too short");
    assert_eq!(boxed(Err("boxed".into())).unwrap_err().to_string(), "boxed");
    assert!(bridge("").unwrap_err().to_string().starts_with("ACCOUNT_INVALID"));
    assert_eq!(answer("").unwrap_err().to_string(), "an empty search");
    assert_eq!((answer("7").unwrap(), answer("a").unwrap_err().to_string()), (7, "invalid digit found in string".to_owned()));
}

#[test]
fn what_an_application_is_handed_can_be_made_in_its_tests() {
    let grant = Grant::from(account("ada").unwrap());
    let request = AcquireRequest::new(AcquireReason::Refresh).with_credential(grant.clone()).with_identity(grant);
    assert_eq!(request.reason, AcquireReason::Refresh);
    assert!(request.credential.is_some() && request.identity.is_some());
    let mut brought = SignInResult::default();
    brought.code = Some(Secret::new("code".to_owned()));
    assert!(brought.code.is_some() && PollRequest::default().code_verifier.is_none());
}

#[test]
fn what_is_known_of_a_user_goes_to_other_threads() {
    fn goes<T: Send + Sync + 'static>() {}
    goes::<SessionView>();
    goes::<Grant>();
    goes::<host::Session>();
}

fn read(reply: Value) -> Result<Grant, String> {
    serde_json::from_value(reply).map_err(|error| error.to_string())
}

#[test]
fn a_grant_is_read_of_a_servers_reply() {
    let reply = json!({
        "account": {"subject": "ada", "name": "Ada"}, "accessToken": "a1", "refreshToken": "r1", "expiresIn": 3600,
        "expiresAt": null, "serverTime": 1e12, "tokenType": "Bearer",
    });
    let grant = read(reply).unwrap();
    assert_eq!((grant.account.subject(), grant.account.name()), ("ada", Some("Ada")));
    assert_eq!(grant.access_token.unwrap().expose().as_str(), "a1");
    assert_eq!(grant.refresh_token.unwrap().expose().as_str(), "r1");
    assert_eq!((grant.expires_in, grant.expires_at, grant.server_time), (Some(3600.0), None, Some(1e12)));
    assert_eq!(read(json!({"account": "ada"})).unwrap().account.subject(), "ada");
}

#[test]
fn a_reply_that_is_no_grant_says_why_and_shows_no_token() {
    let wrong = |more: Value| {
        let mut reply = json!({"account": "ada", "accessToken": "taint"});
        reply.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let error = read(reply).unwrap_err();
        assert!(!error.contains("taint"), "{error}");
        error
    };
    assert!(wrong(json!({"account": ""})).starts_with("ACCOUNT_INVALID"));
    assert!(wrong(json!({"accessToken": ""})).starts_with("TOKEN_INVALID"));
    assert!(wrong(json!({"expiresIn": -1})).starts_with("LIFETIME_INVALID"));
    assert!(wrong(json!({"refreshToken": {"taint": "taint"}})).contains("expected a string"));
    assert!(wrong(json!({"expiresIn": "3600"})).contains("expected f64"));
    assert!(wrong(json!({"account": {"name": "taint"}})).contains("its subject, or an object with a subject"));
}
