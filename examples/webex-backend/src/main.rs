//! The backend of a widget that signs in at Webex: it has the app's secret, so it exchanges codes and refreshes.
//!
//! ```sh
//! PORT=8100 WEBEX_CLIENT_ID=C1… WEBEX_CLIENT_SECRET=… cargo run --release
//! ```
//!
//! | request | body | answer |
//! | --- | --- | --- |
//! | `POST /api/webex/exchange` | `{"code", "redirectUri", "codeVerifier"}` | the tokens, as RFC 6749 has them; 400 if the provider refuses |
//! | `POST /api/webex/refresh` | `{"refreshToken"}` | the same |
//!
//! What cannot be answered now is 503, with the provider's `Retry-After`; what is no answer at all is 502. A body that is not this is 400, 415 or 422.

use std::sync::Arc;

use authframe::Secret;
use authframe::http::Request;
use authframe::webex::{Reply, TokenEndpoint, TokenError, Tokens};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

struct Backend {
    endpoint: TokenEndpoint,
    http: reqwest::Client,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exchange {
    code: String,
    redirect_uri: String,
    code_verifier: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Refresh {
    refresh_token: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let setting = |name: &str| std::env::var(name).map_err(|_| format!("set {name}"));
    let url = setting("WEBEX_TOKEN_URL").unwrap_or_else(|_| TokenEndpoint::URL.to_owned());
    let endpoint = TokenEndpoint::new(&url, &setting("WEBEX_CLIENT_ID")?, Secret::new(setting("WEBEX_CLIENT_SECRET")?));
    // No redirect is followed: the secret would go along.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let app = Router::new()
        .route("/api/webex/exchange", post(exchange))
        .route("/api/webex/refresh", post(refresh))
        .with_state(Arc::new(Backend { endpoint, http }));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", setting("PORT").unwrap_or_default().parse().unwrap_or(8100))).await?;
    println!("listening on {}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}

async fn exchange(State(backend): State<Arc<Backend>>, Json(asked): Json<Exchange>) -> Response {
    backend.answer(backend.endpoint.exchange(&asked.code, &asked.redirect_uri, asked.code_verifier.as_deref())).await
}

async fn refresh(State(backend): State<Arc<Backend>>, Json(asked): Json<Refresh>) -> Response {
    backend.answer(backend.endpoint.refresh(&Secret::new(asked.refresh_token))).await
}

impl Backend {
    async fn answer(&self, request: Request) -> Response {
        let reply = match self.send(request).await {
            Ok(reply) => reply,
            Err(_) => return (StatusCode::BAD_GATEWAY, "the provider does not answer").into_response(),
        };
        match Tokens::read(&reply) {
            Ok(tokens) => ([(header::CACHE_CONTROL, "no-store")], Json(Answer::from(&tokens))).into_response(),
            Err(TokenError::Refused(refused)) => (StatusCode::BAD_REQUEST, Json(Refusal { error: refused.error })).into_response(),
            Err(TokenError::Unavailable { retry_after, .. }) => {
                let seconds = retry_after.map_or(5, |millis| millis.div_ceil(1000)).to_string();
                (StatusCode::SERVICE_UNAVAILABLE, [(HeaderName::from_static("retry-after"), seconds)]).into_response()
            }
            Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
        }
    }

    async fn send(&self, request: Request) -> Result<Reply, reqwest::Error> {
        let mut sent = self.http.post(&request.url).body(request.body.unwrap_or_default());
        for (name, value) in &request.headers {
            sent = sent.header(name, value);
        }
        let response = sent.send().await?;
        let retry_after = seconds(response.headers()).map(|seconds| seconds.saturating_mul(1000));
        Ok(Reply { status: response.status().as_u16(), retry_after, body: response.text().await? })
    }
}

/// `Retry-After` in seconds (RFC 9110 section 10.2.3); a date counts as not said.
fn seconds(headers: &HeaderMap) -> Option<u64> {
    headers.get("retry-after")?.to_str().ok()?.parse().ok()
}

#[derive(Serialize)]
struct Answer {
    access_token: String,
    token_type: &'static str,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
    refresh_token_expires_in: Option<u64>,
    scope: Option<String>,
}

#[derive(Serialize)]
struct Refusal {
    error: String,
}

impl From<&Tokens> for Answer {
    fn from(tokens: &Tokens) -> Self {
        Self {
            access_token: tokens.access_token.expose().clone(),
            token_type: "Bearer",
            expires_in: tokens.expires_in,
            refresh_token: tokens.refresh_token.as_ref().map(|token| token.expose().clone()),
            refresh_token_expires_in: tokens.refresh_token_expires_in,
            scope: tokens.scope.clone(),
        }
    }
}
