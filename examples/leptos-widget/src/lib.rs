//! The same widget in Leptos: notes of the user who is signed in.

#[path = "../../shared/login.rs"]
mod login;

use authframe::{AuthStatus, Bridge, BridgeError, SessionView, SignOutReason};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;

/// Runs when the wasm is loaded.
#[wasm_bindgen(start)]
pub fn start() {
    let app = document().get_element_by_id("app").map(JsCast::unchecked_into);
    if let Some(app) = app {
        mount_to(app, App).forget();
    }
}

#[component]
fn App() -> impl IntoView {
    // A bridge belongs to its page, not to a thread.
    let bridge = LocalResource::new(|| Bridge::connect(login::options("leptos-widget")));
    move || match bridge.get() {
        None => view! { <p role="status">"One moment …"</p> }.into_any(),
        Some(Ok(bridge)) => view! { <Notes bridge /> }.into_any(),
        Some(Err(error)) => view! { <p role="alert">{error.to_string()}</p> }.into_any(),
    }
}

#[component]
fn Notes(bridge: Bridge) -> impl IntoView {
    let session = RwSignal::new(bridge.session());
    let notes = RwSignal::new(Vec::<String>::new());
    let (text, error) = (RwSignal::new(String::new()), RwSignal::new(None::<String>));
    bridge.subscribe(move |now| session.set(now.clone())).forever();
    if let Ok(changes) = bridge.storage().subscribe("notes", move |list: Option<Vec<String>>| notes.set(list.unwrap_or_default())) {
        changes.forever();
    }
    let storage = bridge.storage();
    spawn_local(async move { notes.set(storage.get("notes").await.ok().flatten().unwrap_or_default()) });
    if let Ok(count) = bridge.handle("count", move |(): ()| async move { Ok(notes.get_untracked().len()) }) {
        count.forever();
    }

    let bridge = StoredValue::new_local(bridge);
    let report = move |done: Result<(), BridgeError>| error.set(done.err().map(|failed| failed.code().to_owned()));
    // The window opens in the click, before the future is awaited.
    let sign_in = move |_| {
        let done = bridge.with_value(|bridge| bridge.sign_in(None));
        spawn_local(async move { report(done.await) });
    };
    let sign_out = move |_| {
        let bridge = bridge.get_value();
        spawn_local(async move { report(bridge.sign_out(SignOutReason::User).await) });
    };
    let add = move |_| {
        let (storage, mut list) = (bridge.with_value(Bridge::storage), notes.get_untracked());
        list.push(text.get_untracked());
        spawn_local(async move { report(storage.set("notes", &list).await) });
    };
    let status = move || session.with(|session| session.status);
    view! {
        <p id="status" role="status">{move || session.with(shown)}</p>
        <Show when=move || status() == AuthStatus::Authorized>
            <ul id="notes"><For each=move || notes.get().into_iter().enumerate() key=|note| note.clone() let((_, note))><li>{note}</li></For></ul>
            <p>
                <input id="note" aria-label="Note" bind:value=text />
                <button id="add" on:click=add>"Add"</button>
            </p>
            <button id="sign-out" on:click=sign_out>"Sign out"</button>
        </Show>
        <Show when=move || status() == AuthStatus::Unauthorized>
            <button id="sign-in" on:click=sign_in>"Sign in"</button>
        </Show>
        <p id="error" role="alert">{error}</p>
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
