//! A clone of options is options of its own.

use std::pin::pin;

use authframe::session::DialectKind;
use authframe::{AcquireError, AuthStatus, Bridge, ConnectionState, OAuth, Options, SignIn};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{config, grant, stored};
use crate::futures::is_pending;
use crate::page::HOST;
use crate::popups::Popups;

fn oauth() -> OAuth {
    OAuth::new("https://idp.example/authorize", "chat", "https://chat.example/callback")
}

fn by_oauth(oauth: OAuth) -> SignIn {
    SignIn::oauth(oauth, |_| async { Err(AcquireError::Refused) })
}

#[wasm_bindgen_test]
async fn what_is_set_on_a_clone_is_not_set_on_the_original() {
    let base = config("cloned");
    let _: Options = base.clone().namespace("clone");
    // As an origin that must not be allowed would be.
    let _: Options = base.clone().host("no origin", DialectKind::NATIVE);
    let bridge = Bridge::connect(base.clone()).await.unwrap();
    bridge.authorize(&grant("ada")).await.unwrap();
    assert!(stored("cloned").is_some() && stored("clone").is_none());
    let widened = Bridge::connect(base.namespace("widened").host("no origin", DialectKind::NATIVE)).await;
    assert_eq!(widened.unwrap_err().code(), "CONFIG_ORIGIN_INVALID");
}

#[wasm_bindgen_test]
async fn a_connect_with_a_clone_is_taken_back_alone() {
    let base = Options::new([HOST]);
    let mut first = pin!(Bridge::connect(base.clone().namespace("first-clone")));
    assert!(is_pending(first.as_mut()).await);
    let mut second = Box::pin(Bridge::connect(base.namespace("second-clone")));
    assert!(is_pending(second.as_mut()).await);
    let bridge = first.await.unwrap();
    drop(second);
    assert_eq!(bridge.connection(), ConnectionState::Standalone);
}

#[wasm_bindgen_test]
async fn a_sign_in_and_its_request_are_cloned_whole() {
    let popups = Popups::new();
    let original = oauth();
    let _: OAuth = original.clone().parameter("prompt", "none").scope("all").pkce(false);
    let sign_in = by_oauth(original.parameter("login_hint", "ada"));
    let _: SignIn = sign_in.clone().from("https://evil.example").size(1, 1);
    let bridge = Bridge::connect(config("cloned-sign-in").sign_in(&sign_in)).await.unwrap();
    let mut done = pin!(bridge.sign_in(None));
    assert!(is_pending(done.as_mut()).await);
    let address = popups.address().await;
    assert!(address.contains("login_hint=ada") && address.contains("code_challenge="), "{address}");
    assert!(!address.contains("prompt") && !address.contains("scope"), "{address}");
    assert_eq!(popups.features(), "popup,width=480,height=640");
}

#[wasm_bindgen_test]
async fn a_call_that_says_how_to_sign_in_takes_nothing_of_the_default_way() {
    let popups = Popups::new();
    let bridge = Bridge::connect(config("other-way").sign_in(&by_oauth(oauth()).size(300, 400))).await.unwrap();
    let own = SignIn::page("https://b.example/sign-in");
    let mut done = pin!(bridge.sign_in(Some(&own)));
    assert!(is_pending(done.as_mut()).await);
    let address = popups.address().await;
    assert!(address.starts_with("https://b.example/sign-in?state="), "{address}");
    assert_eq!(popups.features(), "popup,width=300,height=400", "how it looks is still the default's");
    popups.close();
    assert_eq!(done.await.unwrap_err().code(), "SIGN_IN_UNCONFIRMED");
}

#[wasm_bindgen_test]
async fn the_poll_of_the_default_signs_no_user_in_who_was_asked_for_elsewhere() {
    let popups = Popups::new();
    let default = SignIn::page("https://a.example/").poll(|_| async { Ok(Some(grant("user-of-a"))) });
    let bridge = Bridge::connect(config("other-poll").sign_in(&default)).await.unwrap();
    let own = SignIn::page("https://b.example/");
    let mut done = pin!(bridge.sign_in(Some(&own)));
    assert!(is_pending(done.as_mut()).await);
    popups.address().await;
    popups.close();
    assert_eq!(done.await.unwrap_err().code(), "SIGN_IN_UNCONFIRMED");
    assert_eq!(bridge.session().status, AuthStatus::Unauthorized);
    // The default itself is polled.
    let mut done = pin!(bridge.sign_in(None));
    assert!(is_pending(done.as_mut()).await);
    popups.address().await;
    popups.close();
    done.await.unwrap();
    assert_eq!(bridge.session().account.unwrap().subject(), "user-of-a");
}
