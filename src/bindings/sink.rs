use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::browser::{JsDecoder, Views, report_error, to_js};
use crate::session::{Event, Grant};

// Each is called with nothing borrowed, and what it throws is reported as uncaught: the next event is reported all the same.
#[wasm_bindgen]
extern "C" {
    /// What `js/widget/bridge.ts` gives us to report events to.
    #[wasm_bindgen(typescript_type = "Sink")]
    pub type Sink;

    #[wasm_bindgen(method, catch)]
    fn session(this: &Sink, session: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn connection(this: &Sink, state: &str, greeting: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn failed(this: &Sink, code: &str) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn acquire(this: &Sink, id: u32, reason: &str, about: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = acquireCancelled)]
    fn acquire_cancelled(this: &Sink) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn message(this: &Sink, message: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = credentialStore)]
    fn credential_store(this: &Sink, id: u32, task: &str, credential: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn token(this: &Sink, failure: Option<&str>) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    fn settled(this: &Sink, call: u32) -> Result<(), JsValue>;
    #[cfg(feature = "dialects")]
    #[wasm_bindgen(method, catch)]
    fn dialect(this: &Sink, news: &JsValue) -> Result<(), JsValue>;
}

pub(super) fn report(sink: &Sink, event: &Event<JsDecoder>, views: &Views) {
    let reported = match event {
        Event::Session(session) => sink.session(&views.get(session.clone())),
        Event::Connection(state, greeting) => {
            sink.connection(state.as_str(), greeting.as_ref().map_or(&JsValue::UNDEFINED, |greeting| &greeting.0))
        }
        Event::Failed(error) => sink.failed(error.code()),
        Event::Acquire { id, reason, about } => {
            sink.acquire(*id, reason.as_str(), &about.as_ref().map_or(JsValue::NULL, |about| to_js(about)))
        }
        Event::AcquireCancelled => sink.acquire_cancelled(),
        Event::Message(message) => sink.message(&message.0),
        Event::CredentialStore { id, task, credential } => sink.credential_store(*id, task.as_str(), &grant_to_js(credential.as_deref())),
        Event::Token(result) => sink.token(result.err().map(crate::session::Error::code)),
        Event::Settled(call) => sink.settled(*call),
        #[cfg(feature = "dialects")]
        Event::Dialect(news) => sink.dialect(&news.0),
    };
    if let Err(thrown) = reported {
        report_error(&thrown);
    }
}

fn grant_to_js(grant: Option<&Grant>) -> JsValue {
    grant.map_or(JsValue::NULL, |grant| to_js(grant))
}
