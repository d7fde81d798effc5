//! A future that is dropped takes back what it asked for; what is wrong with a call is a typed error.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use authframe::session::DialectKind;
use authframe::widget::{RingCentralLogin, RingCentralOptions, RingCentralPresence, XbeesOptions};
use authframe::{AuthStatus, Bridge, ConnectionState, Credentials, Options, Reason, SignIn, SignOutReason};
use js_sys::Symbol;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{config, connect, grant, status};
use crate::page::{HOST, Override, window};
use crate::popups::Unhandled;

/// Polls a future once, and drops it.
async fn begun_and_dropped<F: Future>(future: F) {
    assert!(is_pending(pin!(future)).await);
}

/// Polls a future once.
pub(crate) async fn is_pending<F: Future>(mut future: Pin<&mut F>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

#[wasm_bindgen_test]
async fn a_connect_that_is_dropped_gives_the_namespace_back() {
    begun_and_dropped(Bridge::connect(config("taken-back"))).await;
    let bridge = connect("taken-back").await;
    assert_eq!(bridge.connection(), ConnectionState::Standalone);
}

#[wasm_bindgen_test]
async fn what_is_wrong_with_an_option_is_said() {
    for (options, code, text) in [
        (Options::new(["https://a.example/path"]), "CONFIG_ORIGIN_INVALID", "path"),
        (Options::new(["https://a.example"]).namespace("no spaces"), "CONFIG_INVALID", "namespace"),
        (Options::new([""; 0]), "CONFIG_ORIGIN_REQUIRED", "hosts"),
        (Options::new([HOST]).channel(&"x".repeat(65)), "CONFIG_INVALID", "channel"),
    ] {
        let error = Bridge::connect(options).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.message().contains(text), "{error}");
        assert_eq!(error.responsible(), "app");
    }
}

/// With all of its options: TypeScript names one that it does not know.
fn xbees() -> XbeesOptions {
    let options = XbeesOptions::default().manual_ready(true).sign_in(true).first_status_by_application().web_only();
    options.ready_timeout(Duration::from_secs(1)).logout_type("logout").iframe_id("frame").version("1.1.3")
}

fn ringcentral() -> RingCentralOptions {
    RingCentralOptions::default()
        .login(|_| async { Ok(RingCentralLogin::default()) })
        .presence(&RingCentralPresence::default())
        .brand("https://chat.example/logo.svg", None)
        .locale("de-DE", &BTreeMap::from([("availableBtn".to_owned(), "Da".to_owned())]))
        .size(300, 500)
        .minimized(true)
        .closed(false)
        .share_authorization(true)
        .disable_login_popup_by_host()
        .on_login_failed(|_| {})
        .ready_timeout(Duration::from_secs(1))
}

#[wasm_bindgen_test]
async fn every_option_is_taken() {
    let options = config("all-options")
        .host("https://a.example", DialectKind::NATIVE)
        .channel("c")
        .allow_opaque_origin(true)
        .credentials(Credentials::DangerousPlaintext)
        .acquire(|_| async { Ok(None) })
        .sign_in(&SignIn::page("https://login.example/"))
        .xbees(xbees())
        .ringcentral(ringcentral());
    let bridge = Bridge::connect(options).await.unwrap();
    assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::Initial));
    assert!(bridge.failure().is_none());
    assert_eq!((bridge.capabilities().len(), bridge.undelivered()), (0, 0.0));
    assert_eq!(bridge.rejected(), authframe::Rejected::default());
    assert_eq!(bridge.id().to_text().len(), 16);
    assert!(bridge.diagnose().await.unwrap().is_empty(), "nothing is wrong");
}

#[wasm_bindgen_test]
async fn a_finding_says_what_to_do() {
    let options = config("finding");
    let denied = Override::new(&window(), "localStorage", &JsValue::NULL);
    let bridge = Bridge::connect(options).await.unwrap();
    let findings = bridge.diagnose().await.unwrap();
    drop(denied);
    assert!(findings.iter().any(|finding| finding.code.starts_with("STORAGE_")), "{findings:?}");
    assert!(findings.iter().all(|finding| !finding.problem.is_empty() && !finding.remedy.is_empty()), "{findings:?}");
}

#[wasm_bindgen_test]
async fn errors_of_calls_have_the_codes_of_the_npm_package() {
    let bridge = connect("codes").await;
    assert_eq!(bridge.sign_in(None).await.unwrap_err().code(), "CONFIG_INVALID");
    assert_eq!(bridge.send("", "data").unwrap_err().code(), "NAME_INVALID");
    assert_eq!(bridge.send_js("a", &JsValue::from(Symbol::from(JsValue::from("s")))).unwrap_err().code(), "DISCONNECTED");
    assert_eq!(bridge.request::<u32>("a", "data").await.unwrap_err().code(), "DISCONNECTED");
    let late = bridge.request_js("a", &JsValue::NULL, Some(Duration::ZERO)).await.unwrap_err();
    assert_eq!(late.code(), "CONFIG_INVALID", "{late}");
    bridge.begin_sign_in().await.unwrap();
    assert_eq!(status(&bridge).0, AuthStatus::Authorizing);
    bridge.reset().await.unwrap();
    assert_eq!(status(&bridge).0, AuthStatus::Unauthorized);
    for why in [SignOutReason::Refused, SignOutReason::Expired, SignOutReason::User] {
        bridge.authorize(&grant("ada")).await.unwrap();
        bridge.sign_out(why).await.unwrap();
        assert_eq!(status(&bridge), (AuthStatus::Unauthorized, why.into()));
    }
}

#[wasm_bindgen_test]
async fn the_last_clone_closes_the_bridge() {
    let bridge = connect("clones").await;
    let clone = bridge.clone();
    drop(bridge);
    assert_eq!(clone.connection(), ConnectionState::Standalone);
    let subscription = clone.subscribe(|_| {});
    drop(clone);
    drop(subscription);
    // The namespace is free at once.
    assert_eq!(connect("clones").await.connection(), ConnectionState::Standalone);
}

#[wasm_bindgen_test]
async fn a_sign_in_that_is_dropped_before_it_is_awaited_fails_without_a_word() {
    let unhandled = Unhandled::new();
    let bridge = connect("dropped-sign-in").await;
    drop(bridge.sign_in(None));
    assert_eq!(unhandled.seen().await, [""; 0]);
    assert_eq!(status(&bridge).0, AuthStatus::Unauthorized);
}
