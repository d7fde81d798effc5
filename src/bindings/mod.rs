//! The one export that `js/widget/bridge.ts` is built on: conversion, no decision. Users never see it; see `js/widget/index.ts`.
//!
//! Words that both sides know go as numbers: a call, an event, a state, a reason, an error. Their order is written down here (or in the enum)
//! and in `js/widget/core/call.ts`, `js/widget/bridge.ts` and `js/widget/failure.ts`; `tests/purity.rs` compares them.

mod calls;

use std::rc::Rc;

use lol_alloc::{FreeListAllocator, LockedAllocator};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::browser::{Driver, JsDecoder, Machine, to_js};
use crate::session::{
    AcquireFailure, Config, Credentials, Decoder, DialectKind, Encode, Encoder, Error, Event, Found, Grant, Lock, Millis, Reason, Refusal,
    StorageTier, StoreFailure,
};

/// Of `ALLOW`, in place of a dialect: x-bees in the web view of its app. The number of `js/dialect/registry.ts`.
#[cfg(feature = "xbees")]
const WEBVIEW_XBEES: u32 = 256 + DialectKind::Xbees as u32;

#[global_allocator]
static ALLOCATOR: LockedAllocator<FreeListAllocator> = LockedAllocator::new(FreeListAllocator::new());

#[wasm_bindgen]
extern "C" {
    /// What `js/widget/bridge.ts` gives us to report events to.
    pub(crate) type Sink;

    #[wasm_bindgen(method)]
    fn event(this: &Sink, event: u32, word: u32, data: &JsValue, id: u32);

    /// Where the shared record is kept, if not in this window's own storage: `js/storage-access/unpartitioned.ts`.
    #[cfg(feature = "credentials")]
    #[wasm_bindgen(method, getter)]
    fn area(this: &Sink) -> Option<web_sys::Storage>;
}

/// Makes a bridge that has not begun and allows no host yet: a function `(call, word, data, id) => result`. A number is the error of that place.
/// `options`: 1 for a widget that may be opaque, 2 for one with `acquire`, 4 times the place of its [`Credentials`].
#[allow(unreachable_pub)] // wasm-bindgen wants it
#[wasm_bindgen]
pub fn open(namespace: &JsValue, channel: &JsValue, options: u32, sink: Sink) -> JsValue {
    create(namespace, channel, options, sink).unwrap_or_else(refused)
}

fn create(namespace: &JsValue, channel: &JsValue, options: u32, sink: Sink) -> Result<JsValue, Error> {
    let (Some(namespace), Some(channel)) = (namespace.as_string(), channel.as_string()) else {
        return Err(Error::ConfigInvalid);
    };
    let credentials = Credentials::from_number(options >> 2).ok_or(Error::ConfigInvalid)?;
    let mut config = Config::default().allow_opaque_origin(options & 1 > 0).acquire(options & 2 > 0).credentials(credentials);
    config.set_names(&namespace, &channel)?;
    #[cfg(feature = "credentials")]
    let area = sink.area();
    #[cfg(not(feature = "credentials"))]
    let area = None;
    let driver = Driver::new(config, area, Box::new(move |event| report(&sink, event)))?;
    let calls = move |call, word, data, id| perform(&driver, call, word, data, id).unwrap_or_else(refused);
    Ok(Closure::<dyn Fn(u32, u32, JsValue, u32) -> JsValue>::new(calls).into_js_value())
}

fn perform(driver: &Rc<Driver>, call: u32, word: u32, data: JsValue, id: u32) -> Result<JsValue, Error> {
    match call {
        calls::START => driver.start()?,
        calls::RECEIVE => driver.receive(data.unchecked_ref()),
        calls::POST => driver.post(&data)?,
        #[cfg(feature = "dialects")]
        calls::DIALECT => return driver.read(|session, _| JsValue::from(session.dialect_kind() as u32)),
        #[cfg(feature = "dialects")]
        calls::ASK => return driver.ask(&data),
        calls::FACTS => return driver.read(|session, tier| to_js(&Facts { session, tier })),
        _ => return driver.enter(|session, now| command(session, now, call, word, data, id))?,
    }
    Ok(JsValue::UNDEFINED)
}

/// `undefined`: wait for the event.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn access_token(session: &mut Machine, now: Millis, validity: f64) -> Result<JsValue, Error> {
    let token = session.access_token(now, validity as Millis)?;
    Ok(token.map_or(JsValue::UNDEFINED, |token| JsValue::from_str(token.expose())))
}

/// What is to be written to the credential store, from within the transaction that has read `record`; `undefined`: nothing. `null` is no vault at all.
fn found(session: &mut Machine, now: Millis, lock: u32, record: &JsDecoder, id: u32) -> JsValue {
    let lock = match lock {
        0 => Lock::Held,
        1 => Lock::Elsewhere,
        _ => Lock::Unsupported,
    };
    let found = match record {
        record if record.0.is_null() => Found::NoStore,
        record if cfg!(feature = "credentials") => Found::read(Some(record).filter(|record| !record.0.is_undefined())),
        _ => Found::NoStore,
    };
    session.handle_store_found(now, id, lock, &found).map_or(JsValue::UNDEFINED, |record| to_js(&record))
}

fn command(session: &mut Machine, now: Millis, call: u32, word: u32, data: JsValue, id: u32) -> Result<JsValue, Error> {
    let data = JsDecoder(data);
    let text = data.0.as_string().unwrap_or_default();
    let grant = || Grant::read(&data).map(Rc::new);
    match call {
        calls::ACCESS_TOKEN => return access_token(session, now, data.number("v").ok().flatten().unwrap_or(f64::INFINITY)),
        calls::FOUND => return Ok(found(session, now, word, &data, id)),
        #[cfg(feature = "xbees")]
        calls::ALLOW if word == WEBVIEW_XBEES => session.allow_webview(),
        calls::ALLOW => session.allow(&text, DialectKind::from_number(word).ok_or(Error::ConfigInvalid)?)?,
        #[cfg(feature = "dialects")]
        calls::TELL_DIALECT => session.tell_dialect(now, data)?,
        calls::BEGIN_SIGN_IN => session.begin_sign_in(now)?,
        calls::AUTHORIZE => session.authorize_for(id, grant().map_err(|_| Error::AccountInvalid)?)?,
        calls::SIGN_OUT => session.sign_out_for(id, Reason::from_word(&text).ok_or(Error::ConfigInvalid)?)?,
        calls::RESET => session.reset(id)?,
        calls::ACQUIRED => {
            let failure = match word {
                0 => AcquireFailure::Nobody,
                1 => AcquireFailure::Refused,
                // In milliseconds.
                3 => AcquireFailure::Later(data.whole("later").unwrap_or_default()),
                _ => AcquireFailure::Failed,
            };
            session.handle_acquired(now, id, grant().map_err(|_| failure));
        }
        calls::STORE_DONE => {
            let result = match word {
                0 if data.0.is_undefined() => Ok(None),
                0 => grant().map(Some).map_err(|_| StoreFailure::Damaged),
                1 => Err(StoreFailure::Unavailable),
                _ => Err(StoreFailure::Damaged),
            };
            session.handle_store_done(now, id, result);
        }
        calls::CLOSE => session.close(now),
        _ => {}
    }
    Ok(JsValue::UNDEFINED)
}

/// What can be asked for at any time.
struct Facts<'a> {
    session: &'a Machine,
    tier: StorageTier,
}

impl Encode for Facts<'_> {
    fn encode(&self, to: &mut dyn Encoder) {
        to.text("id", Some(&self.session.tab().to_text()));
        to.count("tier", self.tier as u32);
        to.text("host", self.session.host());
        to.number("deadOnArrival", Some(self.session.dead_on_arrival()));
        for (refusal, count) in Refusal::ALL.into_iter().zip(self.session.rejected()) {
            to.count(refusal.name(), *count);
        }
    }
}

fn report(sink: &Sink, event: &Event<JsDecoder>) {
    let nothing = JsValue::UNDEFINED;
    match event {
        Event::Session(session) => sink.event(0, 0, &to_js(&**session), 0),
        Event::Connection(state, greeting) => sink.event(1, *state as u32, greeting.as_ref().map_or(&nothing, |greeting| &greeting.0), 0),
        Event::Failed(error) => sink.event(2, *error as u32, &nothing, 0),
        Event::Acquire { id, reason, about } => sink.event(3, *reason as u32, &grant_to_js(about.as_deref()), *id),
        Event::AcquireCancelled => sink.event(4, 0, &nothing, 0),
        Event::Message(message) => sink.event(5, 0, &message.0, 0),
        Event::CredentialStore { id, task, credential } => sink.event(6, task.number(), &grant_to_js(credential.as_deref()), *id),
        #[cfg(feature = "dialects")]
        Event::Dialect(news) => sink.event(8, 0, &news.0, 0),
        Event::Token(Ok(())) => sink.event(7, 0, &nothing, 0),
        Event::Token(Err(error)) => sink.event(7, 0, &refused(*error), 0),
        Event::Settled(call) => sink.event(9, 0, &nothing, *call),
    }
}

fn grant_to_js(grant: Option<&Grant>) -> JsValue {
    grant.map_or(JsValue::NULL, |grant| to_js(grant))
}

fn refused(error: Error) -> JsValue {
    JsValue::from(error as u32)
}
