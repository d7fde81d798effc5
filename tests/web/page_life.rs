//! A page that comes back, and one that missed events.

use authframe::{AuthStatus, Reason};
use js_sys::Object;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Event;

use crate::fixtures::{connect, grant, key, listen, signed_out, states, status};
use crate::page::{construct, local, page_event, set, window};

#[wasm_bindgen_test]
async fn d49_a_page_that_comes_back_reads_again_before_it_shows_anybody() {
    let bridge = connect("restored").await;
    bridge.authorize(&grant("ada")).await.unwrap();
    let (views, _subscription) = listen(&bridge);
    page_event("pagehide", true);
    assert!(bridge.session().account.is_none());
    let out = signed_out("restored");
    local().set_item(&key("restored"), &out).unwrap();
    page_event("pageshow", true);
    let expected = [
        (AuthStatus::Authorized, Reason::SignIn),
        (AuthStatus::Unknown, Reason::Suspended),
        (AuthStatus::Unknown, Reason::Restored),
        (AuthStatus::Unauthorized, Reason::User),
    ];
    let mut states = states(&views);
    // The epoch is seen before the page shows anything; that shows no user.
    states.dedup();
    assert_eq!(states, expected);
    assert!(views.borrow()[1..].iter().all(|session| session.account.is_none()));
}

#[wasm_bindgen_test]
async fn missed_events_are_healed_when_the_page_wakes() {
    let bridge = connect("wake").await;
    for wake in ["focus", "visibilitychange"] {
        bridge.authorize(&grant("ada")).await.unwrap();
        let out = signed_out("wake");
        local().set_item(&key("wake"), &out).unwrap();
        assert_eq!(status(&bridge).0, AuthStatus::Authorized);
        let bubbles = Object::new();
        set(&bubbles, "bubbles", &(wake == "visibilitychange").into());
        let event: Event = construct("Event", &[wake.into(), bubbles.into()]).unchecked_into();
        match wake {
            "focus" => window().dispatch_event(&event).unwrap(),
            _ => window().document().unwrap().dispatch_event(&event).unwrap(),
        };
        assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::User), "{wake}");
    }
}
