//! Storage that does not work.

use authframe::session::StorageTier;
use authframe::widget::Shares;
use authframe::{AuthStatus, Bridge, Reason, SignOutReason};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{config, connect, grant, key, listen, states, status, stored, tier};
use crate::page::{Override, construct, dispatch, storage_prototype, window};

#[wasm_bindgen_test]
async fn d32_where_no_local_storage_is_to_be_had_the_session_storage_is_used_and_environment_says_so() {
    let config = config("no-local");
    let denied = Override::new(&window(), "localStorage", &JsValue::NULL);
    let bridge = Bridge::connect(config).await.unwrap();
    assert_eq!(tier(&bridge), (StorageTier::Session, Shares::Tab));
    bridge.authorize(&grant("ada")).await.unwrap();
    let session = window().session_storage().unwrap().unwrap();
    assert!(session.get_item(&key("no-local")).unwrap().unwrap().contains("authorized"));
    drop(denied);
    assert_eq!(stored("no-local"), None);
}

#[wasm_bindgen_test]
async fn d32_where_nothing_is_to_be_had_memory_is_used_and_environment_says_so() {
    let config = config("nothing");
    let denied = [Override::new(&window(), "localStorage", &JsValue::NULL), Override::new(&window(), "sessionStorage", &JsValue::NULL)];
    let bridge = Bridge::connect(config).await.unwrap();
    assert_eq!(tier(&bridge), (StorageTier::Memory, Shares::Tab));
    bridge.authorize(&grant("ada")).await.unwrap();
    let first = bridge.session().epoch;
    bridge.sign_out(SignOutReason::User).await.unwrap();
    bridge.authorize(&grant("bob")).await.unwrap();
    assert_eq!(status(&bridge).0, AuthStatus::Authorized);
    assert!(bridge.session().epoch >= first + 2);
    drop(denied);
}

#[wasm_bindgen_test]
async fn d32_storage_that_throws_on_writing_lands_on_the_next_tier() {
    let bridge = connect("quota").await;
    assert_eq!(tier(&bridge).0, StorageTier::Local);
    // What is no function throws when it is called.
    let denied = Override::new(&storage_prototype(), "setItem", &JsValue::NULL);
    bridge.authorize(&grant("ada")).await.unwrap();
    drop(denied);
    assert_eq!(tier(&bridge), (StorageTier::Memory, Shares::Tab));
    assert_eq!((status(&bridge), stored("quota")), ((AuthStatus::Authorized, Reason::SignIn), None));
    // It goes on there.
    let epoch = bridge.session().epoch;
    bridge.sign_out(SignOutReason::User).await.unwrap();
    assert!(bridge.session().epoch > epoch);
}

#[wasm_bindgen_test]
async fn d32_storage_that_does_not_keep_what_it_took_lands_on_the_next_tier() {
    let bridge = connect("forgetful").await;
    let forget = Closure::<dyn Fn(JsValue, JsValue)>::new(|_, _| {});
    let broken = Override::new(&storage_prototype(), "setItem", forget.as_ref());
    bridge.authorize(&grant("ada")).await.unwrap();
    drop(broken);
    assert_eq!((tier(&bridge).0, status(&bridge).0), (StorageTier::Memory, AuthStatus::Authorized));
}

#[wasm_bindgen_test]
async fn d32_storage_that_throws_on_reading_or_vanishes_in_mid_session_loses_nobodys_session() {
    let bridge = connect("vanishing").await;
    bridge.authorize(&grant("ada")).await.unwrap();
    let (views, _subscription) = listen(&bridge);
    let broken = Override::new(&storage_prototype(), "getItem", &JsValue::NULL);
    dispatch(construct("Event", &["focus".into()]));
    dispatch(construct("Event", &["focus".into()]));
    drop(broken);
    assert_eq!((tier(&bridge).0, status(&bridge).0), (StorageTier::Memory, AuthStatus::Authorized));
    assert_eq!(views.borrow().len(), 1, "{:?}", states(&views));
}
