//! A bridge that is closed leaves nothing behind.

use std::cell::RefCell;
use std::rc::Rc;

use authframe::{ConnectionState, SignOutReason};
use js_sys::{Array, Function};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::EventTarget;

use crate::fixtures::{another_tab_writes, connect, grant, key, listen, signed_out, states, stored};
use crate::page::{Override, get, local, page_event, storage_event, window};

#[wasm_bindgen_test]
async fn d12_a_closed_bridge_hears_and_does_nothing_more() {
    let bridge = connect("closed").await;
    bridge.authorize(&grant("ada")).await.unwrap();
    let (views, _subscription) = listen(&bridge);
    bridge.close();
    let out = signed_out("closed");
    another_tab_writes("closed", &out);
    local().remove_item(&key("closed")).unwrap();
    storage_event(&local(), None, None);
    page_event("pagehide", true);
    page_event("pageshow", true);
    assert_eq!(views.borrow().len(), 1, "{:?}", states(&views));
    assert_eq!(stored("closed"), None);
    assert_eq!(bridge.connection(), ConnectionState::Closed);
    assert_eq!(bridge.authorize(&grant("bob")).await.unwrap_err().code(), "CLOSED");
    assert_eq!(bridge.sign_out(SignOutReason::User).await.unwrap_err().code(), "CLOSED");
    assert_eq!(bridge.begin_sign_in().await.unwrap_err().code(), "CLOSED");
    bridge.close();
}

type Patched = Closure<dyn Fn(JsValue, JsValue, JsValue)>;

/// Which listeners the window and the document have got while it lives: as a browser does it, each pair of type and function once.
struct Counted {
    listeners: Rc<RefCell<Vec<(String, JsValue)>>>,
    _overrides: Vec<Override>,
    _closures: Vec<Patched>,
}

impl Counted {
    fn new() -> Self {
        let listeners = Rc::<RefCell<Vec<(String, JsValue)>>>::default();
        let (mut overrides, mut closures) = (Vec::new(), Vec::new());
        let targets: [EventTarget; 2] = [window().into(), window().document().unwrap().into()];
        for target in targets {
            for (method, adds) in [("addEventListener", true), ("removeEventListener", false)] {
                let original: Function = get(&target, method).unchecked_into();
                let (listeners, owner) = (Rc::clone(&listeners), target.clone());
                let closure =
                    Closure::<dyn Fn(JsValue, JsValue, JsValue)>::new(move |kind: JsValue, listener: JsValue, options: JsValue| {
                        let pair = (kind.as_string().unwrap(), listener.clone());
                        listeners.borrow_mut().retain(|one| *one != pair);
                        if adds {
                            listeners.borrow_mut().push(pair);
                        }
                        original.apply(&owner, &Array::of3(&kind, &listener, &options)).unwrap();
                    });
                overrides.push(Override::new(&target, method, closure.as_ref()));
                closures.push(closure);
            }
        }
        Self { listeners, _overrides: overrides, _closures: closures }
    }

    fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<_> = self.listeners.borrow().iter().map(|(kind, _)| kind.clone()).collect();
        kinds.sort();
        kinds
    }
}

#[wasm_bindgen_test]
async fn d12_close_and_drop_remove_every_listener() {
    let counted = Counted::new();
    // The message event has two: the core's, and the one of what popups say.
    let all = ["focus", "message", "message", "messageerror", "online", "pagehide", "pageshow", "storage", "visibilitychange"];
    let bridge = connect("listeners").await;
    assert_eq!(counted.kinds(), all);
    bridge.close();
    assert!(counted.kinds().is_empty(), "{:?}", counted.kinds());
    for _ in 0..20 {
        let bridge = connect("listeners").await;
        assert_eq!(counted.kinds(), all);
        drop(bridge);
        assert!(counted.kinds().is_empty(), "{:?}", counted.kinds());
    }
}

#[wasm_bindgen_test]
async fn d48_nobody_listens_to_unload() {
    let counted = Counted::new();
    let _bridge = connect("unload").await;
    assert!(!counted.kinds().iter().any(|kind| kind.contains("unload")), "{:?}", counted.kinds());
}
