//! The exports that `js/` is built on: conversion, no decision. Users never see them; see `js/index.ts`.

use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::MessageEvent;

use crate::browser::{Driver, JsFields, to_js};
use crate::core::{AcquireFailure, Config, Error, Event, Grant, Reason, Session};

#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[wasm_bindgen]
extern "C" {
    /// What `js/bridge.ts` gives us to report events to.
    pub type Sink;

    #[wasm_bindgen(method)]
    fn event(this: &Sink, kind: &str, id: u32, name: &str, data: &JsValue);
}

/// One bridge.
#[wasm_bindgen]
pub struct Core(Rc<Driver>);

#[wasm_bindgen]
impl Core {
    /// A bridge that has not begun and allows no host yet.
    #[wasm_bindgen(constructor)]
    pub fn new(namespace: &str, channel: &str, opaque: bool, acquire: bool, sink: Sink) -> Result<Self, JsValue> {
        let mut config = Config::default().opaque(opaque).acquire(acquire);
        config.set_names(namespace, channel)?;
        Ok(Self(Driver::new(config, Box::new(move |event| report(&sink, event)))?))
    }

    /// Adds a host.
    pub fn allow(&self, host: &str) -> Result<(), JsValue> {
        Ok(self.0.enter(|session, _| session.allow(host))??)
    }

    /// Reads the register and begins to talk.
    pub fn start(&self) -> Result<(), JsValue> {
        Ok(self.0.start()?)
    }

    /// A window message that came while the wasm was loading.
    pub fn receive(&self, event: &MessageEvent) {
        self.0.receive(event);
    }

    pub fn authorizing(&self) -> Result<(), JsValue> {
        Ok(self.0.enter(Session::authorizing)??)
    }

    pub fn authorize(&self, grant: JsValue) -> Result<(), JsValue> {
        let grant = Grant::read(&JsFields(grant)).map_err(|_| Error::AccountInvalid)?;
        Ok(self.0.enter(|session, _| session.authorize(grant))??)
    }

    pub fn unauthorized(&self, reason: &str) -> Result<(), JsValue> {
        let reason = Reason::from_word(reason).ok_or(Error::ConfigInvalid)?;
        Ok(self.0.enter(|session, _| session.unauthorized(reason))??)
    }

    #[wasm_bindgen(js_name = accessToken)]
    pub fn access_token(&self) -> Result<JsValue, JsValue> {
        Ok(self.0.read(|session| session.access_token().map(|token| JsValue::from_str(token.expose())))??)
    }

    /// Posts the application's own message.
    pub fn post(&self, message: &JsValue) -> Result<(), JsValue> {
        Ok(self.0.post(message)?)
    }

    /// What the application acquired: a grant, or nothing, and then whether the server refused.
    pub fn acquired(&self, id: u32, grant: JsValue, refused: bool) {
        let failure = if refused { AcquireFailure::Refused } else { AcquireFailure::Failed };
        let result = Grant::read(&JsFields(grant)).map_err(|_| failure);
        self.0.enter_quietly(|session, now| session.handle_acquired(now, id, result));
    }

    /// The session, the environment and the counters, in this order.
    pub fn facts(&self) -> Result<Vec<JsValue>, JsValue> {
        let environment = to_js(&self.0.environment()?);
        Ok(self.0.read(|session| {
            let counts = session.rejected().iter().map(|count| JsValue::from(*count));
            [to_js(session.view()), environment, JsValue::from_str(&session.tab().to_text())].into_iter().chain(counts).collect()
        })?)
    }

    pub fn close(&self) {
        self.0.enter_quietly(Session::close);
    }
}

fn report(sink: &Sink, event: Event<JsFields>) {
    let (kind, id, name, data) = match event {
        Event::Session(session) => ("session", 0, "", to_js(&session)),
        Event::Connection(state, greeting) => ("connection", 0, state.as_str(), greeting.unwrap_or_default().0),
        Event::Failed(error) => ("failed", 0, "", error.into()),
        Event::Acquire { id, reason, identity } => {
            ("acquire", id, reason.as_str(), identity.map_or(JsValue::NULL, |identity| to_js(&identity)))
        }
        Event::AcquireCancelled => ("cancel", 0, "", JsValue::UNDEFINED),
        Event::Message(message) => ("message", 0, "", message.0),
    };
    sink.event(kind, id, name, &data);
}
