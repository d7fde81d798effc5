//! A widget in Rust: it shows who is signed in, has two buttons, and uses no TypeScript of authframe.

use std::rc::Rc;

use authframe::{Account, AuthStatus, Bridge, Config, Error, Grant, Reason, SessionView};
use gloo_events::EventListener;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};
use web_sys::Element;

/// Who may embed this widget. Another page gets no answer.
const HOSTS: [&str; 2] = ["https://crm.example.com", "http://host.localhost:8080"];

/// Runs when the wasm is loaded.
#[wasm_bindgen(start)]
pub fn start() -> Result<(), JsError> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or(Error::EnvUnsupported)?;
    let element = |id| document.get_element_by_id(id).ok_or_else(|| JsError::new(&format!("the page has no element {id}")));
    let [status, sign_in, sign_out] = [element("status")?, element("sign-in")?, element("sign-out")?];

    let bridge = Rc::new(Bridge::connect(Config::new(HOSTS)?.namespace("rust-widget")?)?);
    let subscription = bridge.subscribe(move |session| show(&status, session));

    let signing_in = Rc::clone(&bridge);
    on_click(&sign_in, move || signing_in.authorize(ada()?));
    let signing_out = Rc::clone(&bridge);
    on_click(&sign_out, move || signing_out.sign_out(Reason::User));

    // Dropped, they would end. This widget lives as long as its page.
    std::mem::forget((bridge, subscription));
    Ok(())
}

/// A real widget asks its server who this is, and puts the server's token into the grant.
fn ada() -> Result<Grant, Error> {
    Ok(Account::new("u-17", Some("Ada"))?.into())
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

fn on_click(button: &Element, act: impl Fn() -> Result<(), Error> + 'static) {
    let listener = EventListener::new(button, "click", move |_| {
        // Closed, or busy with another call: the status has said so, or will.
        let _ = act();
    });
    listener.forget();
}
