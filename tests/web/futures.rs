//! A future that is dropped takes back what it asked for; what is wrong with a call is a typed error.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use authframe::session::DialectKind;
use authframe::{AuthStatus, Bridge, ConnectionState, Credentials, Options, Reason, SignIn};
use js_sys::Symbol;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{config, connect, status};
use crate::page::{HOST, Override, window};

/// Polls a future once, and drops it.
async fn begun_and_dropped<F: Future>(future: F) {
    let mut future = pin!(future);
    poll_fn(|context| {
        assert!(future.as_mut().poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
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

#[wasm_bindgen_test]
async fn every_option_is_taken() {
    let options = config("all-options")
        .host("https://a.example", DialectKind::NATIVE)
        .channel("c")
        .allow_opaque_origin(true)
        .credentials(Credentials::DangerousPlaintext)
        .acquire(|_| async { Ok(None) })
        .sign_in(&SignIn::page("https://login.example/"));
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
    assert_eq!(bridge.sign_out(Reason::Host).await.unwrap_err().code(), "CONFIG_INVALID");
    bridge.begin_sign_in().await.unwrap();
    assert_eq!(status(&bridge).0, AuthStatus::Authorizing);
    bridge.reset().await.unwrap();
    assert_eq!(status(&bridge).0, AuthStatus::Unauthorized);
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
