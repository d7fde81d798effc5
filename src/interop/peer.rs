//! The application's own messages, which both faces send and receive.

use std::future::Future;
use std::time::Duration;

use js_sys::{Array, Function, Promise};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::future::settled;
use super::handler::{handler_function, js_handler_function};
use super::value::{function, put, record, texts_of};
use super::{BridgeError, HandlerError, Subscription};
use crate::session::ConnectionState;

#[wasm_bindgen]
extern "C" {
    /// `Peer` of `js/shared/types.ts`.
    #[derive(Clone)]
    pub(crate) type Peer;

    #[wasm_bindgen(method, getter, js_name = connection)]
    fn connection_word(this: &Peer) -> String;
    #[wasm_bindgen(method, getter, js_name = capabilities)]
    fn capability_list(this: &Peer) -> Array;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn undelivered(this: &Peer) -> f64;
    #[wasm_bindgen(method, js_name = onConnection)]
    fn subscribe_to_connection(this: &Peer, listener: &JsValue) -> Function;
    #[wasm_bindgen(method, catch)]
    fn send(this: &Peer, name: &str, data: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn request(this: &Peer, name: &str, data: &JsValue, options: &JsValue) -> Promise;
    #[wasm_bindgen(method, catch)]
    fn handle(this: &Peer, name: &str, handler: &JsValue) -> Result<Function, JsValue>;
}

impl Peer {
    pub(crate) fn connection(&self) -> ConnectionState {
        read_connection(&self.connection_word())
    }

    pub(crate) fn capabilities(&self) -> Vec<String> {
        texts_of(&self.capability_list())
    }

    pub(crate) fn on_connection(&self, listener: impl Fn(ConnectionState) + 'static) -> Subscription {
        let listener = function::<dyn Fn(String)>(move |word: String| listener(read_connection(&word)));
        Subscription::new(self.subscribe_to_connection(&listener))
    }

    pub(crate) fn send_js(&self, name: &str, data: &JsValue) -> Result<(), BridgeError> {
        self.send(name, data).map_err(BridgeError::from_js)
    }

    pub(crate) async fn request_js(&self, name: &str, data: &JsValue, timeout: Option<Duration>) -> Result<JsValue, BridgeError> {
        settled(self.request(name, data, &timeout_option(timeout))).await
    }

    pub(crate) fn answer<D, R, F>(&self, name: &str, answer: impl Fn(D) -> F + 'static) -> Result<Subscription, BridgeError>
    where
        D: DeserializeOwned,
        R: Serialize,
        F: Future<Output = Result<R, HandlerError>> + 'static,
    {
        self.handle(name, &handler_function(answer)).map(Subscription::new).map_err(BridgeError::from_js)
    }

    pub(crate) fn answer_js<F>(&self, name: &str, answer: impl Fn(JsValue) -> F + 'static) -> Result<Subscription, BridgeError>
    where
        F: Future<Output = Result<JsValue, HandlerError>> + 'static,
    {
        self.handle(name, &js_handler_function(answer)).map(Subscription::new).map_err(BridgeError::from_js)
    }
}

fn read_connection(word: &str) -> ConnectionState {
    ConnectionState::from_word(word).unwrap_or(ConnectionState::Connecting)
}

/// `RequestOptions` of `js/shared/types.ts`.
pub(crate) fn timeout_option(timeout: Option<Duration>) -> JsValue {
    let Some(timeout) = timeout else { return JsValue::UNDEFINED };
    let options = record();
    put(&options, "timeoutMs", timeout.as_secs_f64() * 1000.0);
    options.into()
}

/// The methods of a face that are those of its [`Peer`], which `self.peer()` is.
macro_rules! peer_methods {
    () => {
        /// How we stand with the other side.
        pub fn connection(&self) -> ConnectionState {
            self.peer().connection()
        }

        /// What the other side announced at the handshake; empty until connected.
        pub fn capabilities(&self) -> Vec<String> {
            self.peer().capabilities()
        }

        /// How many messages of this side's application the other side has dropped in this connection, because too many came at once.
        pub fn undelivered(&self) -> f64 {
            self.peer().undelivered()
        }

        /// Calls `listener` at once with the state of the connection and after every change.
        pub fn on_connection(&self, listener: impl Fn(ConnectionState) + 'static) -> Subscription {
            self.peer().on_connection(listener)
        }

        /// Sends news that needs no answer. Before the connection stands it waits (at most 32 wait). If the other side has no handler of this name it is dropped there.
        ///
        /// # Errors
        /// `RATE_LIMITED` (more than 20,000 messages and requests in a second), `QUEUE_FULL`, `NAME_INVALID`, `DATA_NOT_CLONEABLE`, `CLOSED`, `DISCONNECTED` in a page that is not embedded, and
        /// `NO_HANDLER` below a host of another system.
        pub fn send<T: Serialize + ?Sized>(&self, name: &str, data: &T) -> Result<(), BridgeError> {
            self.send_js(name, &to_value(data)?)
        }

        /// The same with a value of JavaScript, such as a `Blob`.
        ///
        /// # Errors
        /// As [`send`](Self::send).
        pub fn send_js(&self, name: &str, data: &JsValue) -> Result<(), BridgeError> {
            self.peer().send_js(name, data)
        }

        /// Asks the other side, and waits for its answer for 10 s.
        ///
        /// # Errors
        /// `REQUEST_TIMEOUT`, `DISCONNECTED`, `NO_HANDLER`, `HANDLER_FAILED`, `RATE_LIMITED`, `QUEUE_FULL`, `NAME_INVALID`, `DATA_NOT_CLONEABLE`, `CLOSED`; `DATA_INVALID` if the answer has not the form
        /// of `R`.
        pub async fn request<R: DeserializeOwned>(&self, name: &str, data: &(impl Serialize + ?Sized)) -> Result<R, BridgeError> {
            from_value(self.request_js(name, &to_value(data)?, None).await?)
        }

        /// The same, and waits as long as you say: 1 ms to 10 minutes.
        ///
        /// # Errors
        /// As [`request`](Self::request), and `CONFIG_INVALID` for another timeout.
        pub async fn request_within<R: DeserializeOwned>(
            &self,
            name: &str,
            data: &(impl Serialize + ?Sized),
            timeout: Duration,
        ) -> Result<R, BridgeError> {
            from_value(self.request_js(name, &to_value(data)?, Some(timeout)).await?)
        }

        /// The same with values of JavaScript, such as a `Blob`. `timeout`: as [`request_within`](Self::request_within); `None`: 10 s.
        ///
        /// # Errors
        /// As [`request_within`](Self::request_within), but for `DATA_INVALID`.
        pub async fn request_js(&self, name: &str, data: &JsValue, timeout: Option<Duration>) -> Result<JsValue, BridgeError> {
            self.peer().request_js(name, data, timeout).await
        }

        /// Answers the other side's requests of this name and takes its messages. One handler a name; the last one counts. After the end of this side nothing calls it.
        ///
        /// With an `Err`, for data that has not the form of `D`, and for an answer that cannot be sent, the other side gets `HANDLER_FAILED`; what it was is reported here, in the console.
        ///
        /// # Errors
        /// `NAME_INVALID`.
        pub fn handle<D, R, F>(&self, name: &str, handler: impl Fn(D) -> F + 'static) -> Result<Subscription, BridgeError>
        where
            D: DeserializeOwned,
            R: Serialize,
            F: Future<Output = Result<R, HandlerError>> + 'static,
        {
            self.peer().answer(name, handler)
        }

        /// The same with values of JavaScript, such as a `Blob`.
        ///
        /// # Errors
        /// As [`handle`](Self::handle).
        pub fn handle_js<F>(&self, name: &str, handler: impl Fn(JsValue) -> F + 'static) -> Result<Subscription, BridgeError>
        where
            F: Future<Output = Result<JsValue, HandlerError>> + 'static,
        {
            self.peer().answer_js(name, handler)
        }
    };
}

pub(crate) use peer_methods;
