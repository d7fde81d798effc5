//! A widget in plain Rust: notes of the user who is signed in.

#[path = "../../shared/login.rs"]
mod login;

use authframe::{AuthStatus, Bridge, SessionView, SignOutReason};
use gloo_events::EventListener;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Document, Element, HtmlInputElement};

/// Runs when the wasm is loaded.
#[wasm_bindgen(start)]
pub async fn start() -> Result<(), JsError> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or_else(|| JsError::new("there is no page"))?;
    let page = Page::of(&document)?;
    let bridge = Bridge::connect(login::options("rust-widget")).await?;

    let shown = page.clone();
    bridge.subscribe(move |session| shown.show(session)).forever();
    let notes = page.clone();
    bridge.storage().subscribe("notes", move |list: Option<Vec<String>>| notes.list(&list.unwrap_or_default()))?.forever();
    page.list(&bridge.storage().get::<Vec<String>>("notes").await?.unwrap_or_default());
    let count = bridge.storage();
    bridge
        .handle("count", move |(): ()| {
            let storage = count.clone();
            async move { Ok(storage.get::<Vec<String>>("notes").await?.unwrap_or_default().len()) }
        })?
        .forever();

    let signing_in = bridge.clone();
    // The window opens in the click, before the future is awaited.
    page.on_click(&page.sign_in, move || signing_in.sign_in(None));
    let signing_out = bridge.clone();
    page.on_click(&page.sign_out, move || {
        let bridge = signing_out.clone();
        async move { bridge.sign_out(SignOutReason::User).await }
    });
    let (storage, input) = (bridge.storage(), page.input.clone());
    page.on_click(&page.add, move || {
        let (storage, text) = (storage.clone(), input.value());
        async move {
            let mut notes: Vec<String> = storage.get("notes").await?.unwrap_or_default();
            notes.push(text);
            storage.set("notes", &notes).await
        }
    });
    Ok(())
}

#[derive(Clone)]
struct Page {
    document: Document,
    status: Element,
    notes: Element,
    input: HtmlInputElement,
    add: Element,
    sign_in: Element,
    sign_out: Element,
    error: Element,
}

impl Page {
    fn of(document: &Document) -> Result<Self, JsError> {
        let element = |id: &str| document.get_element_by_id(id).ok_or_else(|| JsError::new(&format!("the page has no element {id}")));
        Ok(Self {
            document: document.clone(),
            status: element("status")?,
            notes: element("notes")?,
            input: wasm_bindgen::JsCast::unchecked_into(element("note")?),
            add: element("add")?,
            sign_in: element("sign-in")?,
            sign_out: element("sign-out")?,
            error: element("error")?,
        })
    }

    /// Nothing private is shown unless the status is `Authorized`; the account is `None` if another tab signed in and this one does not know who.
    fn show(&self, session: &SessionView) {
        let subject = session.account.as_ref().map(|account| account.subject());
        self.status.set_text_content(Some(match session.status {
            AuthStatus::Unknown => "One moment …",
            AuthStatus::Unauthorized => "Signed out",
            AuthStatus::Authorizing => "Signing in …",
            AuthStatus::Authorized => subject.unwrap_or("Signed in"),
        }));
        let is_shown = session.status == AuthStatus::Authorized;
        for (element, shown) in [
            (&self.notes, is_shown),
            (&*self.input, is_shown),
            (&self.add, is_shown),
            (&self.sign_out, is_shown),
            (&self.sign_in, session.status == AuthStatus::Unauthorized),
        ] {
            // It throws for no name that is one.
            let _ = element.toggle_attribute_with_force("hidden", !shown);
        }
    }

    fn list(&self, notes: &[String]) {
        self.notes.set_text_content(None);
        for note in notes {
            if let Ok(item) = self.document.create_element("li") {
                item.set_text_content(Some(note));
                let _ = self.notes.append_child(&item);
            }
        }
    }

    fn on_click<F>(&self, button: &Element, act: impl Fn() -> F + 'static)
    where
        F: Future<Output = Result<(), authframe::BridgeError>> + 'static,
    {
        let error = self.error.clone();
        let listener = EventListener::new(button, "click", move |_| {
            let (done, error) = (act(), error.clone());
            spawn_local(async move { error.set_text_content(done.await.err().map(|failed| failed.code().to_owned()).as_deref()) });
        });
        listener.forget();
    }
}
