//! A bridge that is closed leaves nothing behind.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use authframe::{ConnectionState, Error, Reason};
use js_sys::{Array, Function};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::EventTarget;

use crate::fixtures::{another_tab_writes, connect, grant, key, listen, signed_out, states, stored};
use crate::page::{Override, get, local, page_event, storage_event, window};

#[wasm_bindgen_test]
fn d12_a_closed_bridge_hears_and_does_nothing_more() {
    let bridge = connect("closed");
    bridge.authorize(grant("ada")).unwrap();
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
    assert_eq!(bridge.connection().unwrap(), ConnectionState::Closed);
    assert_eq!(bridge.authorize(grant("bob")), Err(Error::Closed));
    assert_eq!(bridge.sign_out(Reason::User), Err(Error::Closed));
    assert_eq!(bridge.begin_sign_in(), Err(Error::Closed));
    bridge.close();
}

type Patched = Closure<dyn Fn(JsValue, JsValue, JsValue)>;

/// Counts, per type, the listeners on the window and the document while it lives.
struct Counted {
    counts: Rc<RefCell<BTreeMap<String, i32>>>,
    _overrides: Vec<Override>,
    _closures: Vec<Patched>,
}

impl Counted {
    fn new() -> Self {
        let counts = Rc::<RefCell<BTreeMap<String, i32>>>::default();
        let (mut overrides, mut closures) = (Vec::new(), Vec::new());
        let targets: [EventTarget; 2] = [window().into(), window().document().unwrap().into()];
        for target in targets {
            for (method, step) in [("addEventListener", 1), ("removeEventListener", -1)] {
                let original: Function = get(&target, method).unchecked_into();
                let (counts, owner) = (Rc::clone(&counts), target.clone());
                let closure =
                    Closure::<dyn Fn(JsValue, JsValue, JsValue)>::new(move |kind: JsValue, listener: JsValue, options: JsValue| {
                        *counts.borrow_mut().entry(kind.as_string().unwrap()).or_default() += step;
                        original.apply(&owner, &Array::of3(&kind, &listener, &options)).unwrap();
                    });
                overrides.push(Override::new(&target, method, closure.as_ref()));
                closures.push(closure);
            }
        }
        Self { counts, _overrides: overrides, _closures: closures }
    }

    fn total(&self) -> i32 {
        self.counts.borrow().values().sum()
    }
}

#[wasm_bindgen_test]
fn d12_close_and_drop_remove_every_listener() {
    let counted = Counted::new();
    let bridge = connect("listeners");
    let kinds: Vec<String> = counted.counts.borrow().keys().cloned().collect();
    assert_eq!(kinds, ["focus", "message", "messageerror", "online", "pagehide", "pageshow", "storage", "visibilitychange"]);
    assert_eq!(counted.total(), 8);
    bridge.close();
    assert_eq!(counted.total(), 0, "{:?}", counted.counts);
    for _ in 0..20 {
        let bridge = connect("listeners");
        assert_eq!(counted.total(), 8);
        drop(bridge);
        assert_eq!(counted.total(), 0, "{:?}", counted.counts);
    }
}

#[wasm_bindgen_test]
fn d48_nobody_listens_to_unload() {
    let counted = Counted::new();
    let _bridge = connect("unload");
    assert!(!counted.counts.borrow().keys().any(|kind| kind.contains("unload")), "{:?}", counted.counts);
}
