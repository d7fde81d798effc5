//! Subscriptions, and what a listener may do while it is called.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use authframe::{AuthStatus, Bridge, ConnectionState, Reason, SignOutReason, Subscription};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{Views, connect, grant, listen, states, status, turn};

#[wasm_bindgen_test]
async fn subscribe_calls_at_once_and_after_every_change() {
    let bridge = connect("subscribe").await;
    let (views, _subscription) = listen(&bridge);
    assert_eq!(states(&views), [(AuthStatus::Unauthorized, Reason::Initial)]);
    bridge.authorize(&grant("ada")).await.unwrap();
    bridge.sign_out(SignOutReason::User).await.unwrap();
    assert_eq!(states(&views)[1..], [(AuthStatus::Authorized, Reason::SignIn), (AuthStatus::Unauthorized, Reason::User)]);
}

#[wasm_bindgen_test]
async fn a_dropped_subscription_hears_nothing_more_and_the_others_still_do() {
    let bridge = connect("dropped").await;
    let (first, one) = listen(&bridge);
    let (second, _two) = listen(&bridge);
    drop(one);
    bridge.authorize(&grant("ada")).await.unwrap();
    assert_eq!((first.borrow().len(), second.borrow().len()), (1, 2));
}

#[wasm_bindgen_test]
async fn a_subscription_may_outlive_its_bridge() {
    let bridge = connect("outlived").await;
    let (views, subscription) = listen(&bridge);
    drop(bridge);
    drop(subscription);
    assert_eq!(views.borrow().len(), 1);
}

#[wasm_bindgen_test]
async fn a_listener_may_call_the_bridge_and_everybody_hears_every_event_in_the_same_order() {
    let bridge = connect("reentrant").await;
    let inner: Rc<RefCell<Option<Bridge>>> = Rc::new(RefCell::new(Some(bridge.clone())));
    let own = Rc::clone(&inner);
    let _first = bridge.subscribe(move |session| {
        if let (AuthStatus::Authorized, Some(bridge)) = (session.status, own.borrow().clone()) {
            assert_eq!(status(&bridge).0, AuthStatus::Authorized);
            spawn_local(async move { bridge.sign_out(SignOutReason::User).await.unwrap() });
        }
    });
    let (views, _second) = listen(&bridge);
    bridge.authorize(&grant("ada")).await.unwrap();
    turn().await;
    inner.take();
    let expected =
        [(AuthStatus::Unauthorized, Reason::Initial), (AuthStatus::Authorized, Reason::SignIn), (AuthStatus::Unauthorized, Reason::User)];
    assert_eq!(states(&views), expected);
}

#[wasm_bindgen_test]
async fn a_listener_may_close_the_bridge_and_subscribe_and_unsubscribe() {
    let bridge = connect("closing").await;
    let later = Rc::<RefCell<Vec<Subscription>>>::default();
    let calls = Rc::new(Cell::new(0));
    let (inner, kept, count) = (bridge.clone(), Rc::clone(&later), Rc::clone(&calls));
    let _first = bridge.subscribe(move |session| {
        if session.status == AuthStatus::Authorized {
            let count = Rc::clone(&count);
            kept.borrow_mut().push(inner.subscribe(move |_| count.set(count.get() + 1)));
            inner.close();
        }
    });
    // It holds, or is closed before it is known.
    let _ = bridge.authorize(&grant("ada")).await;
    assert_eq!(bridge.connection(), ConnectionState::Closed);
    assert_eq!((calls.get(), later.borrow().len()), (1, 1));
    later.borrow_mut().clear();
}

#[wasm_bindgen_test]
async fn a_listener_that_signs_in_when_it_is_first_called_hears_of_its_own_change() {
    let bridge = connect("at-once").await;
    let views = Views::default();
    let (inner, sink) = (bridge.clone(), Rc::clone(&views));
    let _subscription = bridge.subscribe(move |session| {
        sink.borrow_mut().push(session.clone());
        if session.status == AuthStatus::Unauthorized {
            let bridge = inner.clone();
            spawn_local(async move { bridge.authorize(&grant("ada")).await.unwrap() });
        }
    });
    turn().await;
    assert_eq!(states(&views), [(AuthStatus::Unauthorized, Reason::Initial), (AuthStatus::Authorized, Reason::SignIn)]);
}

#[wasm_bindgen_test]
async fn a_subscription_that_is_owned_by_another_listener_may_end_with_it() {
    let bridge = connect("nested").await;
    let inner = bridge.subscribe(|_| {});
    let outer = bridge.subscribe(move |_| {
        let _ = &inner;
    });
    drop(outer);
    // Nothing is poisoned.
    bridge.authorize(&grant("ada")).await.unwrap();
    assert_eq!(status(&bridge).0, AuthStatus::Authorized);
}
