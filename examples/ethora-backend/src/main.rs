//! The backend of a page that embeds an Ethora chat: it has the app's secret, signs the token that its page hands to the widget, and makes users and rooms.
//!
//! ```sh
//! PORT=8101 ETHORA_CHAT_APP_ID=… ETHORA_CHAT_APP_SECRET=… cargo run --release
//! ```
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /api/chat-token` | the client token of the user whom the page's session names, as text |
//! | `POST /api/chats/{id}` | makes the private room of a business entity, and lets that user in; 204, also if it is there |
//!
//! 403 without a user; 400 for a name that no user or chat can have; 502 if the chat's server refuses or does not answer.
//!
//! A real server knows its user by its session cookie. Here it is the header `x-user`, which a proxy in front has to set.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use authframe::Secret;
use authframe::ethora::{Access, Api, App, Error, Method, Reply, Request};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

struct Backend {
    app: App,
    api: Api,
    http: reqwest::Client,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let setting = |name: &str| std::env::var(name).map_err(|_| format!("set {name}"));
    let id = setting("ETHORA_CHAT_APP_ID")?;
    let base = setting("ETHORA_CHAT_API_URL").unwrap_or_else(|_| Api::BASE.to_owned());
    let backend = Backend {
        app: App::new(&id, Secret::new(setting("ETHORA_CHAT_APP_SECRET")?))?,
        api: Api::new(&base, &id)?,
        // No redirect is followed: the token would go along.
        http: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?,
    };
    let app = Router::new().route("/api/chat-token", get(chat_token)).route("/api/chats/{id}", post(chat)).with_state(Arc::new(backend));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", setting("PORT").unwrap_or_default().parse().unwrap_or(8101))).await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn chat_token(State(backend): State<Arc<Backend>>, headers: HeaderMap) -> Response {
    let Some(user) = user(&headers) else { return StatusCode::FORBIDDEN.into_response() };
    let now = now();
    match backend.app.client_token(user, now, Some(now.saturating_add(300))) {
        Ok(token) => ([(header::CACHE_CONTROL, "no-store")], token.expose().clone()).into_response(),
        Err(error) => invalid(error).into_response(),
    }
}

async fn chat(State(backend): State<Arc<Backend>>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Some(user) = user(&headers) else { return StatusCode::FORBIDDEN.into_response() };
    match backend.room(&id, user).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// A status and the text that says why. What an error says has no secret in it.
type Refusal = (StatusCode, String);

/// The caller's.
fn invalid(error: Error) -> Refusal {
    (StatusCode::BAD_REQUEST, error.to_string())
}

/// The chat's server's.
fn failed(reason: impl ToString) -> Refusal {
    (StatusCode::BAD_GATEWAY, reason.to_string())
}

impl Backend {
    async fn room(&self, id: &str, user: &str) -> Result<(), Refusal> {
        let token = self.app.server_token(None, now(), Some(now().saturating_add(60))).map_err(invalid)?;
        let make = self.api.create_chat(&token, id, id, Access::Private).map_err(invalid)?;
        let join = self.api.add_members(&token, id, &[user]).map_err(invalid)?;
        match self.send(make).await?.check() {
            Ok(()) | Err(Error::AlreadyExists) => {}
            Err(error) => return Err(failed(error)),
        }
        self.send(join).await?.check().map_err(failed)
    }

    async fn send(&self, request: Request) -> Result<Reply, Refusal> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut sent = self.http.request(method, &request.url).body(request.body.unwrap_or_default());
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        let response = sent.send().await.map_err(|_| failed("the chat's server does not answer"))?;
        let status = response.status().as_u16();
        Ok(Reply { status, body: response.text().await.map_err(|_| failed("its answer broke off"))? })
    }
}

fn user(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-user")?.to_str().ok().filter(|user| !user.is_empty())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}
