//! The border to `js/widget/bridge.ts`: [`Core`] is what it calls, [`Sink`] what it is called by. Conversion, no decision. Users never see it; see
//! `js/widget/index.ts`.
//!
//! TypeScript has both as interfaces in `js/widget/core/core.ts`, and the compiler compares `Core` with what wasm-bindgen makes of it. Words are those of `session/words.rs`.
//! A method throws the code of an [`Error`], after the core was left.

mod sink;

use std::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::Event;

pub(crate) use self::sink::Sink;
use self::sink::report;
use crate::browser::{Driver, JsDecoder, Machine, to_js};
use crate::dialect;
use crate::session::{
    AcquireFailure, Config, Credentials, DialectKind, Encode, Encoder, Error, Found, Grant, Lock, Malformed, Millis, Reason, Refusal,
    StorageTier, StoreFailure, StoreRecord,
};

// A widget written in Rust brings its own.
#[cfg(all(feature = "bindings", target_arch = "wasm32"))]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());

// The npm package compiles against it; a widget in Rust needs no types of what it exports for our own half.
#[cfg(feature = "bindings")]
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"import type { CoreOptions, Decision, Facts, Sink } from "../../widget/core/core.js";"#;

#[wasm_bindgen]
extern "C" {
    /// How a bridge behaves. `js/widget/bridge.ts` makes it, so that reading it cannot throw.
    #[wasm_bindgen(typescript_type = "CoreOptions")]
    pub type CoreOptions;

    #[wasm_bindgen(method, getter)]
    fn namespace(this: &CoreOptions) -> String;
    #[wasm_bindgen(method, getter)]
    fn channel(this: &CoreOptions) -> String;
    #[wasm_bindgen(method, getter, js_name = allowOpaqueOrigin)]
    fn allow_opaque_origin(this: &CoreOptions) -> bool;
    /// Whether the application answers `acquire`.
    #[wasm_bindgen(method, getter)]
    fn acquire(this: &CoreOptions) -> bool;
    #[wasm_bindgen(method, getter)]
    fn credentials(this: &CoreOptions) -> String;
    /// Where the shared record is kept, if not in this window's own storage: `js/storage-access/unpartitioned.ts`.
    #[cfg(feature = "credentials")]
    #[wasm_bindgen(method, getter)]
    fn area(this: &CoreOptions) -> Option<web_sys::Storage>;
}

/// One bridge.
// A widget written in Rust exports it to nobody: its own glue alone uses it, and another version of this crate may be beside this one.
#[cfg_attr(feature = "bindings", wasm_bindgen(js_name = AuthframeCore))]
#[cfg_attr(not(feature = "bindings"), wasm_bindgen(js_name = AuthframeCore, private, skip_typescript))]
pub struct Core {
    driver: Rc<Driver>,
}

/// The code of an error, as JavaScript gets it.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        error.code().into()
    }
}

/// Makes a bridge that has not begun and allows no host yet.
///
/// # Errors
/// `CONFIG_INVALID`, `ENV_UNSUPPORTED`.
#[allow(unreachable_pub)] // wasm-bindgen wants it
#[cfg_attr(feature = "bindings", wasm_bindgen)]
pub fn open(options: &CoreOptions, sink: Sink) -> Result<Core, Error> {
    let credentials = Credentials::from_word(&options.credentials()).ok_or(Error::ConfigInvalid)?;
    let mut config =
        Config::default().allow_opaque_origin(options.allow_opaque_origin()).acquire(options.acquire()).credentials(credentials);
    config.set_names(&options.namespace(), &options.channel())?;
    #[cfg(feature = "credentials")]
    let area = options.area();
    #[cfg(not(feature = "credentials"))]
    let area = None;
    let driver = Driver::new(config, area, Box::new(move |event, views| report(&sink, event, views)))?;
    Ok(Core { driver })
}

/// What the host, the page and the application do.
#[wasm_bindgen(js_class = AuthframeCore)]
impl Core {
    /// Lets a page of this origin embed the widget, and says what it speaks.
    pub fn allow(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] origin: &JsValue,
        #[wasm_bindgen(unchecked_param_type = "string")] dialect: &JsValue,
    ) -> Result<(), Error> {
        self.command(|session, _| session.allow(&text(origin), spoken(dialect)?))
    }

    /// Begins.
    pub fn start(&self) -> Result<(), Error> {
        self.driver.start()
    }

    /// Takes a message of the window that came before the start.
    pub fn receive(&self, event: &Event) {
        self.driver.receive(event);
    }

    /// Posts a message of the application on the port.
    pub fn post(&self, message: &JsValue) -> Result<(), Error> {
        self.driver.post(message)
    }

    /// An access token that is good for so many milliseconds more; `undefined`: wait for `Sink.token`.
    #[wasm_bindgen(js_name = accessToken)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn access_token(&self, validity: f64) -> Result<Option<String>, Error> {
        let token = self.ask_for(|session, now| session.access_token(now, validity as Millis))?;
        Ok(token.map(|token| token.expose().to_string()))
    }

    /// What can be asked for at any time.
    #[wasm_bindgen(unchecked_return_type = "Facts")]
    pub fn facts(&self) -> Result<JsValue, Error> {
        self.driver.read(|session, tier| to_js(&Facts { session, tier }))
    }

    /// The application's own sign-in has begun.
    #[wasm_bindgen(js_name = beginSignIn)]
    pub fn begin_sign_in(&self) -> Result<(), Error> {
        self.command(Machine::begin_sign_in)
    }

    /// Signs an account in. `Sink.settled` says when it holds, by the number of the call.
    pub fn authorize(&self, call: u32, grant: JsValue) -> Result<(), Error> {
        self.command(|session, _| session.authorize_for(call, read(grant).map_err(|_| Error::AccountInvalid)?))
    }

    /// Signs the account out; `Sink.settled` says when that holds.
    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&self, call: u32, #[wasm_bindgen(unchecked_param_type = "string")] reason: &JsValue) -> Result<(), Error> {
        self.command(|session, _| session.sign_out_for(call, Reason::from_word(&text(reason)).ok_or(Error::ConfigInvalid)?))
    }

    /// Signs the account out and writes over what stands in the shared record and in the credential store; `Sink.settled` says when that holds.
    pub fn reset(&self, call: u32) -> Result<(), Error> {
        self.command(|session, _| session.reset(call))
    }

    /// Ends the bridge. Afterwards every call is `CLOSED`, or answers nothing.
    pub fn close(&self) -> Result<(), Error> {
        let closed = self.driver.enter(|session, now| session.close(now));
        // It was closed before.
        if closed == Err(Error::Closed) { Ok(()) } else { closed }
    }
}

/// Answers to `Sink.acquire` and `Sink.credentialStore`. An answer that comes from inside a getter which is being read is lost, as one that comes too late is.
#[wasm_bindgen(js_class = AuthframeCore)]
impl Core {
    /// What `acquire` gave.
    pub fn acquired(&self, id: u32, grant: JsValue) {
        self.answer(|session, now| session.handle_acquired(now, id, read(grant).map_err(|_| AcquireFailure::Failed)));
    }

    /// Why `acquire` gave nothing. `pause`: for how many milliseconds a server has said not to ask again.
    #[wasm_bindgen(js_name = acquireFailed)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn acquire_failed(&self, id: u32, #[wasm_bindgen(unchecked_param_type = "string")] failure: &JsValue, pause: f64) {
        let failure = AcquireFailure::from_word(&text(failure), pause as Millis).unwrap_or(AcquireFailure::Failed);
        self.answer(|session, now| session.handle_acquired(now, id, Err(failure)));
    }

    /// What is to be written to the credential store, from within the transaction that has read `record`; `undefined`: nothing. `null` is no store at all.
    #[wasm_bindgen(js_name = storeFound)]
    #[wasm_bindgen(unchecked_return_type = "Decision | undefined")]
    pub fn store_found(&self, id: u32, #[wasm_bindgen(unchecked_param_type = "string")] lock: &JsValue, record: JsValue) -> JsValue {
        let lock = Lock::from_word(&text(lock)).unwrap_or(Lock::Unsupported);
        let found = if record.is_null() || !cfg!(feature = "credentials") {
            Found::NoStore
        } else {
            Found::read(Some(JsDecoder(record)).filter(|record| !record.0.is_undefined()).as_ref())
        };
        let decided = self.driver.enter(|session, now| session.handle_store_found(now, id, lock, &found));
        decided.ok().flatten().map_or(JsValue::UNDEFINED, |record| to_js(&Decision(record)))
    }

    /// The task is done: `credential` stands in the store now, if any.
    #[wasm_bindgen(js_name = storeDone)]
    pub fn store_done(&self, id: u32, credential: JsValue) {
        let credential = if credential.is_undefined() { Ok(None) } else { read(credential).map(Some).map_err(|_| StoreFailure::Damaged) };
        self.answer(|session, now| session.handle_store_done(now, id, credential));
    }

    /// The task was not done.
    #[wasm_bindgen(js_name = storeFailed)]
    pub fn store_failed(&self, id: u32, #[wasm_bindgen(unchecked_param_type = "string")] failure: &JsValue) {
        let failure = StoreFailure::from_word(&text(failure)).unwrap_or(StoreFailure::Unavailable);
        self.answer(|session, now| session.handle_store_done(now, id, Err(failure)));
    }
}

/// What the application's half of a dialect asks for: `js/dialect/registry.ts`.
#[cfg(feature = "dialects")]
#[wasm_bindgen(js_class = AuthframeCore)]
impl Core {
    /// What the host speaks.
    pub fn dialect(&self) -> Result<String, Error> {
        self.driver.read(|session, _| session.dialect_kind().as_str().to_owned())
    }

    /// Says something to the core's half of the dialect.
    #[wasm_bindgen(js_name = notifyDialect)]
    pub fn notify_dialect(&self, message: JsValue) -> Result<(), Error> {
        self.command(|session, now| session.notify_dialect(now, JsDecoder(message)))
    }

    /// Posts a message to the host with a port of its own; gives the near end of it, or what the browser throws.
    #[wasm_bindgen(js_name = postWithPort)]
    pub fn post_with_port(&self, message: &JsValue) -> Result<JsValue, Error> {
        self.driver.ask(message)
    }

    /// Lets the app of this dialect show the widget in its own web view.
    #[wasm_bindgen(js_name = allowWebview)]
    pub fn allow_webview(&self, #[wasm_bindgen(unchecked_param_type = "string")] dialect: &JsValue) -> Result<(), Error> {
        self.command(|session, _| session.allow_webview(spoken(dialect)?))
    }
}

impl Core {
    fn ask_for<R>(&self, input: impl FnOnce(&mut Machine, Millis) -> Result<R, Error>) -> Result<R, Error> {
        self.driver.enter(input).and_then(|result| result)
    }

    fn command(&self, input: impl FnOnce(&mut Machine, Millis) -> Result<(), Error>) -> Result<(), Error> {
        self.ask_for(input)
    }

    fn answer(&self, input: impl FnOnce(&mut Machine, Millis)) {
        let _ = self.driver.enter(input);
    }
}

/// What an application gives as a text, if it is one.
fn text(given: &JsValue) -> String {
    given.as_string().unwrap_or_default()
}

/// What an application says that a host speaks.
fn spoken(given: &JsValue) -> Result<DialectKind, Error> {
    dialect::from_word(&text(given)).ok_or(Error::ConfigInvalid)
}

fn read(grant: JsValue) -> Result<Rc<Grant>, Malformed> {
    Grant::read(&JsDecoder(grant)).map(Rc::new)
}

/// What can be asked for at any time.
struct Facts<'a> {
    session: &'a Machine,
    tier: StorageTier,
}

impl Encode for Facts<'_> {
    fn encode(&self, to: &mut dyn Encoder) {
        to.text("id", Some(&self.session.tab().to_text()));
        to.text("tier", Some(self.tier.as_str()));
        to.text("host", self.session.host());
        to.number("deadOnArrival", Some(self.session.dead_on_arrival()));
        to.record("rejected", Some(&Rejected(self.session)));
    }
}

/// The counters of what was dropped.
struct Rejected<'a>(&'a Machine);

impl Encode for Rejected<'_> {
    fn encode(&self, to: &mut dyn Encoder) {
        for (refusal, count) in Refusal::ALL.into_iter().zip(self.0.rejected()) {
            to.count(refusal.name(), *count);
        }
    }
}

/// What is to be written to the credential store, and with which credential.
struct Decision(StoreRecord);

impl Encode for Decision {
    fn encode(&self, to: &mut dyn Encoder) {
        to.record("record", Some(&self.0));
        to.text("credential", Some(self.0.credential.as_str()));
    }
}
