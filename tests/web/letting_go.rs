//! What a closed bridge held is freed, also what holds the bridge itself.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use authframe::{Bridge, SignIn, Subscription};
use js_sys::Function;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

use crate::fixtures::{Dropped, config, connect, grant, turn};
use crate::page::{get, window};

/// The browser's garbage collector: `webdriver.json` asks Chromium for it. No page of Firefox gets at it.
fn collector() -> Option<Function> {
    get(&window(), "gc").dyn_into().ok()
}

/// What an application gives to a bridge, with the bridge in it; and whether it was dropped.
#[derive(Default)]
struct Given {
    bridge: Rc<RefCell<Option<Bridge>>>,
    all: RefCell<Vec<(&'static str, Flag)>>,
}

/// Whether it was dropped.
type Flag = Rc<Cell<bool>>;

impl Given {
    fn holder(&self, name: &'static str) -> impl Fn() + use<> {
        let flag = Flag::default();
        self.all.borrow_mut().push((name, Rc::clone(&flag)));
        let (bridge, guard) = (Rc::clone(&self.bridge), Dropped(flag));
        move || {
            let _holds = (&bridge, &guard);
        }
    }

    fn left(&self) -> Vec<&'static str> {
        self.all.borrow().iter().filter(|(_, dropped)| !dropped.get()).map(|(name, _)| *name).collect()
    }
}

#[wasm_bindgen_test]
async fn close_lets_go_of_every_closure_though_each_holds_the_bridge() {
    let Some(collect) = collector() else { return console_log!("there is no gc() here") };
    let given = Given::default();
    let (acquire, poll) = (given.holder("acquire"), given.holder("poll"));
    let options = config("let-go")
        .acquire(move |_| {
            acquire();
            async { Ok(None) }
        })
        .sign_in(&SignIn::page("https://login.example/").poll(move |_| {
            poll();
            async { Ok(None) }
        }));
    let bridge = Bridge::connect(options).await.unwrap();
    given.bridge.replace(Some(bridge.clone()));
    let (session, connection, handler, value) =
        (given.holder("subscribe"), given.holder("on_connection"), given.holder("handle"), given.holder("storage.subscribe"));
    bridge.subscribe(move |_| session()).forever();
    bridge.on_connection(move |_| connection()).forever();
    let answer = move |_: u32| {
        handler();
        async { Ok(()) }
    };
    bridge.handle("x", answer).unwrap().forever();
    bridge.storage().subscribe("key", move |_: Option<u32>| value()).unwrap().forever();
    // As a component has it that is held by its own listeners.
    let own = Rc::new(RefCell::new(Vec::<Subscription>::new()));
    let (listener, component) = (given.holder("a subscription of its own"), Rc::clone(&own));
    own.borrow_mut().push(bridge.subscribe(move |_| {
        let _holds = &component;
        listener();
    }));
    drop(own);
    bridge.authorize(&grant("ada")).await.unwrap();
    turn().await;
    bridge.close();
    drop(bridge);
    // The bridge is held by the closures alone, and they by nothing.
    let Given { bridge, all } = given;
    drop(bridge);
    let given = Given { bridge: Rc::default(), all };
    for _ in 0..50 {
        if given.left().is_empty() {
            break;
        }
        collect.call0(&JsValue::UNDEFINED).unwrap();
        turn().await;
    }
    assert_eq!(given.left(), [""; 0]);
}

#[wasm_bindgen_test]
async fn a_closure_that_holds_the_bridge_weakly_does_not_keep_it_open() {
    let bridge = connect("weak").await;
    let weak = bridge.downgrade();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let (own, list) = (weak.clone(), Rc::clone(&seen));
    bridge.on_connection(move |_| list.borrow_mut().push(own.upgrade().map(|bridge| bridge.id()))).forever();
    assert_eq!(*seen.borrow(), [Some(bridge.id())]);
    drop(bridge);
    assert!(weak.upgrade().is_none());
    assert_eq!(seen.borrow().len(), 2, "of the end too");
    // The namespace is free.
    connect("weak").await;
}

#[wasm_bindgen_test]
async fn a_thousand_bridges_one_after_the_other_do_not_fill_the_memory() {
    async fn mounted(times: u32) -> usize {
        for _ in 0..times {
            let bridge = connect("thousand").await;
            bridge.subscribe(|_| {}).forever();
            bridge.authorize(&grant("ada")).await.unwrap();
        }
        core::arch::wasm32::memory_size::<0>()
    }
    let before = mounted(200).await;
    let after = mounted(1000).await;
    console_log!("{before} pages of memory, {after} after 1,000 more bridges");
    assert!(after <= before + 8, "{before} pages, then {after}");
}
