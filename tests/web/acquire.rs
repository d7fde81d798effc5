//! The application's own server: asked who is signed in, and what becomes of its answers.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::rc::Rc;
use std::time::Duration;

use authframe::{AcquireError, AcquireReason, AcquireRequest, AuthStatus, Bridge, Grant, Options, Reason, SignOutReason};
use js_sys::{Array, Function};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{Dropped, config, connect, grant, session_where, status, turn};
use crate::page::{HOST, Override, get, window};

/// As after a reload of a page in which a user was signed in: only the shared record is left.
async fn reloaded(namespace: &str, options: impl FnOnce(Options) -> Options) -> Bridge {
    let before = connect(namespace).await;
    before.authorize(&grant("ada")).await.unwrap();
    before.close();
    Bridge::connect(options(Options::new([HOST]).namespace(namespace))).await.unwrap()
}

#[wasm_bindgen_test]
async fn after_a_reload_the_application_is_asked_who_is_signed_in() {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let list = Rc::clone(&asked);
    let bridge = reloaded("acquire-restore", |options| {
        options.acquire(move |request: AcquireRequest| {
            list.borrow_mut().push((request.reason, request.identity.is_none(), request.credential.is_none()));
            async { Ok(Some(grant("ada"))) }
        })
    })
    .await;
    let session = session_where(&bridge, |session| session.account.is_some()).await;
    assert_eq!((session.status, session.account.unwrap().subject()), (AuthStatus::Authorized, "ada"));
    assert_eq!(*asked.borrow(), [(AcquireReason::Restore, true, true)]);
}

#[wasm_bindgen_test]
async fn a_refusal_is_a_sign_out_and_a_failure_is_none() {
    let refused =
        reloaded("acquire-refused", |options| options.acquire(|_| async { Err::<Option<Grant>, _>(AcquireError::Refused) })).await;
    let session = session_where(&refused, |session| session.status == AuthStatus::Unauthorized).await;
    assert_eq!(session.reason, Reason::Refused);

    // What another crate fails with, by `?`.
    let asked = Rc::new(Cell::new(0));
    let count = Rc::clone(&asked);
    let failed = reloaded("acquire-failed", |options| {
        options.acquire(move |_| {
            count.set(count.get() + 1);
            async { Ok(Some(grant(&"no number".parse::<u32>()?.to_string()))) }
        })
    })
    .await;
    turn().await;
    assert_eq!((asked.get(), status(&failed).0), (1, AuthStatus::Unauthorized));
    assert_eq!(status(&failed).1, Reason::AcquireFailed, "of this tab alone: it is tried again");
}

#[wasm_bindgen_test]
async fn an_access_token_is_renewed_and_a_server_that_says_later_is_not_asked_again() {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let list = Rc::clone(&asked);
    let options = config("acquire-refresh").acquire(move |request: AcquireRequest| {
        let credential = request.credential.unwrap();
        list.borrow_mut().push((request.reason, credential.refresh_token.map(|token| token.expose().to_string())));
        let renewed = list.borrow().len() > 1;
        async move {
            if renewed {
                return Err(AcquireError::Later(Some(Duration::from_secs(3600))));
            }
            Ok(Some(grant("ada").with_access_token("second").with_refresh_token("r2").with_expires_in(3600.0)))
        }
    });
    let bridge = Bridge::connect(options).await.unwrap();
    assert_eq!(bridge.access_token().await.unwrap_err().code(), "NOT_AUTHORIZED");
    bridge.authorize(&grant("ada").with_refresh_token("r1").with_expires_in(3600.0)).await.unwrap();
    assert_eq!(bridge.access_token().await.unwrap(), "taint-token");
    assert_eq!(bridge.access_token_for(Duration::MAX).await.unwrap(), "second", "renewed now");
    // What cannot be had fresher is good as long as it is.
    assert_eq!(bridge.access_token_for(Duration::MAX).await.unwrap(), "second");
    assert_eq!(bridge.access_token_for(Duration::MAX).await.unwrap(), "second");
    let expected = [(AcquireReason::Refresh, Some("r1".to_owned())), (AcquireReason::Refresh, Some("r2".to_owned()))];
    assert_eq!(*asked.borrow(), expected);
}

#[wasm_bindgen_test]
async fn an_answer_that_is_not_wanted_any_more_is_dropped() {
    let dropped = Rc::new(Cell::new(false));
    let flag = Rc::clone(&dropped);
    let bridge = reloaded("acquire-dropped", |options| {
        options.acquire(move |_| {
            let guard = Dropped(Rc::clone(&flag));
            async move {
                pending::<()>().await;
                drop(guard);
                Ok(None)
            }
        })
    })
    .await;
    turn().await;
    assert!(!dropped.get());
    bridge.sign_out(SignOutReason::User).await.unwrap();
    assert!(dropped.get());
    assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::User));
}

#[wasm_bindgen_test]
async fn an_answer_that_takes_itself_back_is_dropped() {
    let own = Rc::new(RefCell::new(None::<Bridge>));
    let dropped = Rc::new(Cell::new(false));
    let (bridge_of_it, flag) = (Rc::clone(&own), Rc::clone(&dropped));
    let bridge = reloaded("acquire-own-abort", |options| {
        options.acquire(move |_| {
            let (own, guard) = (Rc::clone(&bridge_of_it), Dropped(Rc::clone(&flag)));
            async move {
                turn().await;
                let bridge = own.borrow().clone().unwrap();
                bridge.close();
                pending::<()>().await;
                drop(guard);
                Ok(None)
            }
        })
    })
    .await;
    own.replace(Some(bridge));
    turn().await;
    turn().await;
    assert!(dropped.get());
    own.take();
}

#[wasm_bindgen_test]
async fn an_answer_that_is_taken_back_before_it_has_begun_is_dropped() {
    let own = Rc::new(RefCell::new(None::<Bridge>));
    let dropped = Rc::new(Cell::new(false));
    let (bridge_of_it, flag) = (Rc::clone(&own), Rc::clone(&dropped));
    let options = config("acquire-abort-at-once").acquire(move |_| {
        let guard = Dropped(Rc::clone(&flag));
        if let Some(bridge) = bridge_of_it.borrow().as_ref() {
            bridge.close();
        }
        async move {
            pending::<()>().await;
            drop(guard);
            Ok(None)
        }
    });
    let bridge = Bridge::connect(options).await.unwrap();
    bridge.authorize(&grant("ada").with_expires_in(3600.0).with_refresh_token("r")).await.unwrap();
    own.replace(Some(bridge.clone()));
    assert_eq!(bridge.access_token_for(Duration::MAX).await.unwrap_err().code(), "CLOSED");
    turn().await;
    assert!(dropped.get());
    own.take();
}

/// How often a method of signals is called while it lives.
struct Calls {
    count: Rc<Cell<u32>>,
    _override: Override,
    _closure: Closure<dyn Fn(JsValue, JsValue, JsValue, JsValue)>,
}

impl Calls {
    fn of(method: &'static str) -> Self {
        let prototype = get(&get(&window(), "AbortSignal"), "prototype");
        let original: Function = get(&prototype, method).unchecked_into();
        let count = Rc::new(Cell::new(0));
        let own = Rc::clone(&count);
        let closure = Closure::<dyn Fn(JsValue, JsValue, JsValue, JsValue)>::new(
            move |signal: JsValue, kind: JsValue, listener: JsValue, options: JsValue| {
                own.set(own.get() + 1);
                original.apply(&signal, &Array::of3(&kind, &listener, &options)).unwrap();
            },
        );
        // A function that knows what it is called on.
        let method_of = Function::new_with_args("call", "return function (...given) { return call(this, ...given) }");
        let wrapped = method_of.call1(&JsValue::UNDEFINED, closure.as_ref()).unwrap();
        Self { count, _override: Override::new(&prototype, method, &wrapped), _closure: closure }
    }
}

#[wasm_bindgen_test]
async fn an_answer_that_is_done_listens_to_its_signal_no_more() {
    let (added, removed) = (Calls::of("addEventListener"), Calls::of("removeEventListener"));
    let bridge = reloaded("acquire-done", |options| {
        options.acquire(|_| async {
            turn().await;
            Ok(Some(grant("ada")))
        })
    })
    .await;
    session_where(&bridge, |session| session.account.is_some()).await;
    turn().await;
    // It has a signal of its own.
    bridge.close();
    assert!(added.count.get() > 0);
    assert_eq!(added.count.get(), removed.count.get());
}
