//! A widget in Rust: it shows who is signed in, and has two buttons.

use authframe::{Account, AuthStatus, Bridge, BridgeError, Credentials, Options, Reason, SessionView};
use gloo_events::EventListener;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

/// Who may embed this widget. Another page gets no answer.
const HOSTS: [&str; 2] = ["https://crm.example.com", "http://host.localhost:8080"];

/// Runs when the wasm is loaded.
#[wasm_bindgen(start)]
pub async fn start() -> Result<(), JsError> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or_else(|| JsError::new("there is no page"))?;
    let element = |id| document.get_element_by_id(id).ok_or_else(|| JsError::new(&format!("the page has no element {id}")));
    let [status, sign_in, sign_out] = [element("status")?, element("sign-in")?, element("sign-out")?];

    let options = Options::new(HOSTS).namespace("rust-widget").credentials(Credentials::Sealed);
    let bridge = Bridge::connect(options).await?;
    bridge.subscribe(move |session| show(&status, session)).forever();
    bridge.handle("ping", |number: u32| async move { number + 1 })?.forever();

    let signing_in = bridge.clone();
    on_click(&sign_in, move || {
        let bridge = signing_in.clone();
        async move { bridge.authorize(&Account::new("u-17", Some("Ada"))?.into()).await }
    });
    let signing_out = bridge;
    on_click(&sign_out, move || {
        let bridge = signing_out.clone();
        async move { bridge.sign_out(Reason::User).await }
    });
    Ok(())
}

/// Nothing private is shown unless the status is `Authorized`; the account is `None` if another tab signed in.
fn show(status: &Element, session: &SessionView) {
    let name = session.account.as_ref().and_then(|account| account.name());
    status.set_text_content(Some(match session.status {
        AuthStatus::Unknown => "One moment …",
        AuthStatus::Unauthorized => "Signed out",
        AuthStatus::Authorizing => "Signing in …",
        AuthStatus::Authorized => name.unwrap_or("Signed in"),
    }));
}

fn on_click<F: Future<Output = Result<(), BridgeError>> + 'static>(button: &Element, act: impl Fn() -> F + 'static) {
    let listener = EventListener::new(button, "click", move |_| {
        let done = act();
        // Closed, or refused: the status has said so, or will.
        spawn_local(async move { drop(done.await) });
    });
    listener.forget();
}
