//! Promises and futures: either one that is not wanted any more is taken back.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::JsCast;
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

    #[derive(Clone)]
    type AbortSignal;
    #[wasm_bindgen(method, getter)]
    fn aborted(this: &AbortSignal) -> bool;
    #[wasm_bindgen(method, catch, js_name = addEventListener)]
    fn add_event_listener(this: &AbortSignal, kind: &str, listener: &Closure<dyn Fn()>) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeEventListener)]
    fn remove_event_listener(this: &AbortSignal, kind: &str, listener: &Closure<dyn Fn()>) -> Result<(), JsValue>;
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

/// Gives what the future gives, or drops it as soon as the signal is aborted: be that before, while it is polled (it may abort itself), or while it waits.
async fn until_aborted<F>(signal: AbortSignal, future: F) -> Result<JsValue, JsValue>
where
    F: Future<Output = Result<JsValue, JsValue>>,
{
    let mut future = Box::pin(future);
    let waker = Rc::new(RefCell::new(None::<Waker>));
    // As long as this lives: then neither the signal has the listener any more, nor the listener the waker.
    let _listening = Listening::new(&signal, Rc::clone(&waker));
    poll_fn(move |context| {
        let aborted = || Poll::Ready(Err("aborted".into()));
        if signal.aborted() {
            return aborted();
        }
        let polled = future.as_mut().poll(context);
        if polled.is_pending() && signal.aborted() {
            return aborted();
        }
        waker.replace(Some(context.waker().clone()));
        polled
    })
    .await
}

/// Wakes a future when a signal is aborted, until it is dropped.
struct Listening {
    signal: AbortSignal,
    listener: Closure<dyn Fn()>,
}

impl Listening {
    fn new(signal: &AbortSignal, waker: Rc<RefCell<Option<Waker>>>) -> Self {
        let listener = Closure::new(move || {
            let woken = waker.take();
            if let Some(waker) = woken {
                waker.wake();
            }
        });
        // What a page has put in its place may throw: then it is only seen at the next poll.
        let _ = signal.add_event_listener("abort", &listener);
        Self { signal: signal.clone(), listener }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener("abort", &self.listener);
    }
}

/// An asynchronous function of the application, as TypeScript calls it: with one object, whose `signal` says when the answer is not wanted any more.
pub(crate) fn callback<F>(call: impl Fn(JsValue) -> F + 'static) -> JsValue
where
    F: Future<Output = Result<JsValue, JsValue>> + 'static,
{
    function::<dyn Fn(JsValue) -> JsValue>(move |request: JsValue| {
        // What the other side sends is no object with such a signal: nothing takes its answer back.
        let signal = property(&request, "signal").dyn_into::<AbortSignal>().ok();
        let future = call(request);
        match signal {
            Some(signal) => future_to_promise(until_aborted(signal, future)),
            None => future_to_promise(future),
        }
        .into()
    })
}
