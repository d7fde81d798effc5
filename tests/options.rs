//! The options of both faces are plain data: they are built, cloned and shown on every target, and show no secret.

#![cfg(all(not(target_arch = "wasm32"), feature = "widget", feature = "host", feature = "xbees", feature = "ringcentral"))]
#![allow(clippy::panic, clippy::unwrap_used)]

#[path = "support/sources.rs"]
mod sources;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::rc::Rc;
use std::time::Duration;

use authframe::host::EmbedOptions;
use authframe::session::DialectKind;
use authframe::widget::{RingCentralLogin, RingCentralOptions, RingCentralPresence, XbeesOptions};
use authframe::{
    Account, AcquireError, AcquireReason, AcquireRequest, Credentials, Grant, OAuth, Options, PollRequest, Reason, Secret, SignIn,
    SignInResult, SignOutReason,
};
use wasm_bindgen::{JsCast, JsValue};

const TAINT: &str = "taint-7b1f";

fn secret() -> Secret<String> {
    Secret::new(TAINT.to_owned())
}

fn address() -> String {
    format!("https://login.example/?key={TAINT}")
}

fn grant() -> Grant {
    Grant::from(Account::new("ada", None).unwrap()).with_access_token(TAINT).with_refresh_token(TAINT)
}

fn oauth() -> OAuth {
    OAuth::new(&address(), "chat", &address()).scope("openid").issuer("https://login.example").pkce(true).parameter("login_hint", TAINT)
}

fn sign_ins() -> [SignIn; 2] {
    let by_oauth = SignIn::oauth(oauth(), |_| async { Ok(grant()) });
    let by_page = SignIn::page(&address());
    [by_oauth, by_page].map(|sign_in| {
        sign_in.from("https://login.example").timeout(Duration::from_secs(60)).size(300, 400).poll(|_| async { Ok(Some(grant())) })
    })
}

fn xbees() -> XbeesOptions {
    let options = XbeesOptions::default().manual_ready(true).sign_in(true).first_status_by_application().web_only();
    options.ready_timeout(Duration::from_secs(1)).logout_type("logout").iframe_id("frame").version("1.1.3")
}

fn ringcentral() -> RingCentralOptions {
    let words = BTreeMap::from([("availableBtn".to_owned(), "Da".to_owned())]);
    RingCentralOptions::default()
        .login(|_| async { Ok(RingCentralLogin::default()) })
        .presence(&RingCentralPresence::default())
        .brand(&address(), Some(&address()))
        .locale("de-DE", &words)
        .size(300, 500)
        .minimized(true)
        .closed(false)
        .share_authorization(true)
        .disable_login_popup(true)
        .disable_login_popup_by_host()
        .on_login_failed(|_| {})
        .ready_timeout(Duration::from_secs(1))
}

fn options() -> Options {
    let [sign_in, _] = sign_ins();
    Options::new(["https://crm.example.com"])
        .host("https://xbees.example", DialectKind::NATIVE)
        .namespace("chat")
        .channel("c")
        .allow_opaque_origin(true)
        .credentials(Credentials::Sealed)
        .acquire(|_| async { Ok(Some(grant())) })
        .sign_in(&sign_in)
        .xbees(xbees())
        .ringcentral(ringcentral())
}

fn embed() -> EmbedOptions {
    // Off the browser there is no element; that `null` stands for one matters to `embed` alone.
    EmbedOptions::new(&JsValue::NULL.unchecked_into())
        .src(&address())
        .origin("https://login.example")
        .id("chat")
        .title("Chat")
        .allow("microphone")
        .sandbox("allow-scripts")
        .identity(&grant())
        .on_sign_in_request(|| async { Ok(Some(grant())) })
        .timeout(Duration::from_secs(1))
        .channel("c")
        .allow_opaque_origin(true)
}

/// The text of a value and of its clone, which is the same.
fn shown<T: Clone + Debug>(value: &T) -> String {
    let [text, pretty] = [format!("{value:?}"), format!("{value:#?}")];
    let clone = value.clone();
    assert_eq!([format!("{clone:?}"), format!("{clone:#?}")], [text.as_str(), &pretty]);
    text + &pretty
}

#[test]
fn no_text_of_what_an_application_gives_or_gets_shows_a_secret() {
    let [by_oauth, by_page] = sign_ins();
    let mut poll = PollRequest::default();
    (poll.state, poll.code_verifier, poll.redirect_uri) = (secret(), Some(secret()), Some(address()));
    let mut result = SignInResult::default();
    // Natively the text of a value of JavaScript would be a panic.
    (result.code, result.data, result.state) = (Some(secret()), Secret::new(JsValue::NULL), secret());
    (result.code_verifier, result.redirect_uri) = (Some(secret()), Some(address()));
    let request = AcquireRequest::new(AcquireReason::Refresh).with_identity(grant()).with_credential(grant());
    for (text, part) in [
        (shown(&oauth()), "chat"),
        (shown(&by_oauth), "300"),
        (shown(&by_page), "300"),
        (shown(&poll), "state"),
        (shown(&result), "code_verifier"),
        (shown(&request), "Refresh"),
        (shown(&xbees()), "logout"),
        (shown(&ringcentral()), "de-DE"),
        (shown(&options()), "https://crm.example.com"),
        (shown(&embed()), "microphone"),
        (shown(&grant()), "ada"),
    ] {
        assert!(!text.contains(TAINT), "{text}");
        assert!(text.contains(part), "the test can see: {text}");
    }
    assert_eq!(format!("{:?}", AcquireError::Refused), "Refused");
}

#[test]
fn a_clone_is_independent() {
    let base = options();
    let before = shown(&base);
    let widened = base.clone().host("https://evil-dev.example", DialectKind::NATIVE).namespace("other");
    assert_eq!(shown(&base), before);
    assert!(shown(&widened).contains("evil-dev") && shown(&widened).contains("other"));
    let base = oauth();
    let changed = base.clone().parameter("prompt", "none");
    assert!(!shown(&base).contains("prompt") && shown(&changed).contains("prompt"));
    let base = embed();
    let changed = base.clone().title("Other");
    assert!(shown(&base).contains("Chat") && shown(&changed).contains("Other"));
}

#[test]
fn clones_drop_what_their_functions_own_with_the_last_of_them() {
    struct Dropped(Rc<Cell<bool>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let dropped = Rc::new(Cell::new(false));
    let guard = Dropped(Rc::clone(&dropped));
    let options = Options::new(["https://crm.example.com"]).acquire(move |_| {
        let _ = &guard;
        async { Ok(None) }
    });
    let clone = options.clone();
    drop(options);
    assert!(!dropped.get());
    drop(clone);
    assert!(dropped.get());
}

#[test]
fn a_sign_out_reason_is_one_that_is_a_reason() {
    for reason in [SignOutReason::User, SignOutReason::Refused, SignOutReason::Expired] {
        assert_eq!(Reason::from(reason).as_str(), reason.as_str());
    }
    assert_eq!(SignOutReason::default(), SignOutReason::User);
}

/// The types of the faces whose `Debug` is derived, with the lines of their fields.
fn derived() -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for face in ["src/widget", "src/host", "src/interop"] {
        for file in sources::rust_files(face) {
            let text = std::fs::read_to_string(file).unwrap();
            let derives = text.split("#[derive(").skip(1).filter(|rest| rest.split(")]").next().unwrap().contains("Debug"));
            for rest in derives {
                let Some((head, body)) = rest.split_once(" {\n") else { continue };
                let name = head.lines().last().unwrap().trim();
                let body = body.split("\n}").next().unwrap();
                let fields = body.lines().map(str::trim).filter(|line| line.contains(": ") && !line.starts_with("//"));
                found.push((name.to_owned(), fields.map(ToOwned::to_owned).collect()));
            }
        }
    }
    found
}

#[test]
fn where_debug_is_derived_a_value_of_javascript_or_a_credential_is_a_secret() {
    let types = derived();
    assert!(types.len() > 12 && types.iter().any(|(name, fields)| name.ends_with("EmbedOptions") && fields.len() == 12), "{types:?}");
    let is_open = |field: &&String| {
        let (name, kind) = field.split_once(": ").unwrap();
        let name = name.rsplit(' ').next().unwrap();
        let is_javascript = ["JsValue", "Object", "Function", "Element", "Array", "Closure"].iter().any(|word| kind.contains(word));
        let is_credential = ["verifier", "token", "url", "uri", "src", "endpoint", "state"].iter().any(|word| name.contains(word));
        (is_javascript || (is_credential && kind.contains("String"))) && !kind.contains("Secret<")
    };
    let open: Vec<_> = types.iter().flat_map(|(name, fields)| fields.iter().filter(is_open).map(move |field| (name, field))).collect();
    assert!(open.is_empty(), "{open:?}");
}
