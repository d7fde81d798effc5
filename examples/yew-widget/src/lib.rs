//! The same widget in Yew: notes of the user who is signed in.

#[path = "../../shared/login.rs"]
mod login;

use authframe::{AuthStatus, Bridge, BridgeError, SessionView, SignOutReason};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Runs when the wasm is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    let app = web_sys::window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id("app"));
    if let Some(app) = app {
        yew::Renderer::<App>::with_root(app).render();
    }
}

/// What the widget shows.
enum Message {
    Connected(Result<Bridge, BridgeError>),
    Session(SessionView),
    Notes(Vec<String>),
    Done(Result<(), BridgeError>),
}

struct App {
    bridge: Option<Bridge>,
    session: Option<SessionView>,
    notes: Vec<String>,
    error: Option<String>,
    input: NodeRef,
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(context: &Context<Self>) -> Self {
        let link = context.link().clone();
        spawn_local(async move { link.send_message(Message::Connected(Bridge::connect(login::options("yew-widget")).await)) });
        Self { bridge: None, session: None, notes: Vec::new(), error: None, input: NodeRef::default() }
    }

    fn update(&mut self, context: &Context<Self>, message: Message) -> bool {
        match message {
            Message::Connected(Ok(bridge)) => {
                follow(context, &bridge);
                self.bridge = Some(bridge);
            }
            Message::Connected(Err(error)) => self.error = Some(error.to_string()),
            Message::Session(session) => self.session = Some(session),
            Message::Notes(notes) => self.notes = notes,
            Message::Done(done) => self.error = done.err().map(|failed| failed.code().to_owned()),
        }
        true
    }

    fn view(&self, context: &Context<Self>) -> Html {
        let status = self.session.as_ref().map_or(AuthStatus::Unknown, |session| session.status);
        html! {
            <>
                <p id="status" role="status">{ self.session.as_ref().map_or("One moment …".to_owned(), shown) }</p>
                if status == AuthStatus::Authorized {
                    <ul id="notes">{ for self.notes.iter().map(|note| html! { <li>{ note }</li> }) }</ul>
                    <p>
                        <input id="note" aria-label="Note" ref={self.input.clone()} />
                        <button id="add" onclick={self.adding(context)}>{ "Add" }</button>
                    </p>
                    <button id="sign-out" onclick={self.signing_out(context)}>{ "Sign out" }</button>
                }
                if status == AuthStatus::Unauthorized {
                    <button id="sign-in" onclick={self.signing_in(context)}>{ "Sign in" }</button>
                }
                <p id="error" role="alert">{ self.error.clone().unwrap_or_default() }</p>
            </>
        }
    }
}

impl App {
    // The window opens in the click, before the future is awaited.
    fn signing_in(&self, context: &Context<Self>) -> Callback<MouseEvent> {
        let (link, bridge) = (context.link().clone(), self.bridge.clone());
        Callback::from(move |_| {
            let Some(done) = bridge.as_ref().map(|bridge| bridge.sign_in(None)) else { return };
            let link = link.clone();
            spawn_local(async move { link.send_message(Message::Done(done.await)) });
        })
    }

    fn signing_out(&self, context: &Context<Self>) -> Callback<MouseEvent> {
        let (link, bridge) = (context.link().clone(), self.bridge.clone());
        Callback::from(move |_| {
            let Some(bridge) = bridge.clone() else { return };
            let link = link.clone();
            spawn_local(async move { link.send_message(Message::Done(bridge.sign_out(SignOutReason::User).await)) });
        })
    }

    fn adding(&self, context: &Context<Self>) -> Callback<MouseEvent> {
        let (link, storage) = (context.link().clone(), self.bridge.as_ref().map(Bridge::storage));
        let (input, notes) = (self.input.clone(), self.notes.clone());
        Callback::from(move |_| {
            let Some((storage, input)) = storage.clone().zip(input.cast::<HtmlInputElement>()) else { return };
            let (link, mut notes) = (link.clone(), notes.clone());
            notes.push(input.value());
            spawn_local(async move { link.send_message(Message::Done(storage.set("notes", &notes).await)) });
        })
    }
}

/// What the bridge says becomes messages.
fn follow(context: &Context<App>, bridge: &Bridge) {
    let link = context.link().clone();
    bridge.subscribe(move |session| link.send_message(Message::Session(session.clone()))).forever();
    let link = context.link().clone();
    let changes = move |list: Option<Vec<String>>| link.send_message(Message::Notes(list.unwrap_or_default()));
    if let Ok(changes) = bridge.storage().subscribe("notes", changes) {
        changes.forever();
    }
    let (link, storage) = (context.link().clone(), bridge.storage());
    spawn_local(async move { link.send_message(Message::Notes(storage.get("notes").await.ok().flatten().unwrap_or_default())) });
    let storage = bridge.storage();
    let count = bridge.handle("count", move |(): ()| {
        let storage = storage.clone();
        async move { Ok(storage.get::<Vec<String>>("notes").await?.unwrap_or_default().len()) }
    });
    if let Ok(count) = count {
        count.forever();
    }
}

fn shown(session: &SessionView) -> String {
    match session.status {
        AuthStatus::Unknown => "One moment …".to_owned(),
        AuthStatus::Unauthorized => "Signed out".to_owned(),
        AuthStatus::Authorizing => "Signing in …".to_owned(),
        AuthStatus::Authorized => session.account.as_ref().map_or("Signed in", |account| account.subject()).to_owned(),
    }
}
