//! Promises and futures: either one that is not wanted any more is taken back.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::BridgeError;
use super::value::{function, property};

#[wasm_bindgen]
extern "C" {
    type AbortController;
    #[wasm_bindgen(constructor)]
    fn new() -> AbortController;
    #[wasm_bindgen(method, getter)]
    fn signal(this: &AbortController) -> JsValue;
    #[wasm_bindgen(method)]
    fn abort(this: &AbortController);
}

/// What a promise resolves with.
pub(crate) async fn settled(promise: Promise) -> Result<JsValue, BridgeError> {
    JsFuture::from(promise).await.map_err(BridgeError::from_js)
}

/// Aborts when it is dropped, unless it was disarmed.
pub(crate) struct AbortOnDrop(Option<AbortController>);

impl AbortOnDrop {
    pub(crate) fn new() -> (Self, JsValue) {
        let controller = AbortController::new();
        let signal = controller.signal();
        (Self(Some(controller)), signal)
    }

    /// The result is there: a drop takes nothing back any more.
    pub(crate) fn disarm(&mut self) {
        self.0 = None;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = self.0.take() {
            controller.abort();
        }
    }
}

/// A promise of a future, which is dropped when the signal is aborted.
pub(crate) fn until_aborted(signal: &JsValue, future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let running = Rc::new(RefCell::new(Running { future: Some(Box::pin(future)), waker: None }));
    let own = Rc::clone(&running);
    let on_abort = Closure::once_into_js(move || {
        // Dropped with nothing borrowed: it may own what calls us.
        let mut running = own.borrow_mut();
        let (future, waker) = (running.future.take(), running.waker.take());
        drop(running);
        drop(future);
        if let Some(waker) = waker {
            waker.wake();
        }
    });
    listen_to_abort(signal, &on_abort);
    future_to_promise(poll_fn(move |context| {
        // Taken out while it runs: it may abort itself.
        let Some(mut future) = running.borrow_mut().future.take() else { return Poll::Ready(Err("aborted".into())) };
        let polled = future.as_mut().poll(context);
        if polled.is_pending() {
            let mut running = running.borrow_mut();
            running.future = Some(future);
            running.waker = Some(context.waker().clone());
        }
        polled
    }))
}

/// An asynchronous function of the application, as TypeScript calls it: with one object, whose `signal` says when the answer is not wanted any more.
pub(crate) fn callback<F>(call: impl Fn(JsValue) -> F + 'static) -> JsValue
where
    F: Future<Output = Result<JsValue, JsValue>> + 'static,
{
    function::<dyn Fn(JsValue) -> JsValue>(move |request: JsValue| {
        let signal = property(&request, "signal");
        until_aborted(&signal, call(request)).into()
    })
}

type Work = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

struct Running {
    future: Option<Work>,
    waker: Option<Waker>,
}

fn listen_to_abort(signal: &JsValue, listener: &JsValue) {
    use wasm_bindgen::JsCast;
    let add: JsValue = property(signal, "addEventListener");
    if let Some(add) = add.dyn_ref::<js_sys::Function>() {
        let _ = add.call2(signal, &"abort".into(), listener);
    }
}
