//! What the example widgets have in common: where their page stands and who signs users in. All of it is the widget vendor's own; a real one has it as constants.

use authframe::{Account, AcquireError, AcquireReason, BridgeError, Credentials, Grant, OAuth, Options, Secret, SignIn};
use gloo_net::http::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The content of a `<meta>` of the widget's page.
fn meta(name: &str) -> String {
    let document = web_sys::window().and_then(|window| window.document());
    let element = document.and_then(|document| document.query_selector(&format!("meta[name={name}]")).ok().flatten());
    element.and_then(|element| element.get_attribute("content")).unwrap_or_default()
}

/// Who may embed the widget, and how its users sign in and stay signed in.
pub fn options(namespace: &str) -> Options {
    let [host, issuer, client, redirect] = ["host", "issuer", "client", "redirect"].map(meta);
    let token_endpoint = format!("{issuer}/token");
    let oauth = OAuth::new(&format!("{issuer}/auth"), &client, &redirect)
        .issuer(&issuer)
        .scope("openid offline_access")
        .parameter("prompt", "consent");
    let (endpoint, id) = (token_endpoint.clone(), client.clone());
    let sign_in = SignIn::oauth(oauth, move |result| {
        let form = [
            ("grant_type", "authorization_code".to_owned()),
            ("code", text(result.code)),
            ("code_verifier", text(result.code_verifier)),
            ("redirect_uri", result.redirect_uri.unwrap_or_default()),
            ("client_id", id.clone()),
        ];
        ask(endpoint.clone(), form.to_vec())
    });
    Options::new([host]).namespace(namespace).credentials(Credentials::Sealed).sign_in(&sign_in).acquire(move |request| {
        let (endpoint, id) = (token_endpoint.clone(), client.clone());
        async move {
            let token = request.credential.and_then(|credential| credential.refresh_token);
            match (request.reason, token) {
                (AcquireReason::Refresh, Some(token)) => {
                    let form =
                        [("grant_type", "refresh_token".to_owned()), ("refresh_token", token.expose().to_string()), ("client_id", id)];
                    ask(endpoint, form.to_vec()).await.map(Some)
                }
                // The store has it, or no user is signed in: this provider has no session to ask for.
                _ => Ok(None),
            }
        }
    })
}

/// For the request that redeems it, and for nothing else.
fn text(secret: Option<Secret<String>>) -> String {
    secret.map(|secret| secret.expose().clone()).unwrap_or_default()
}

#[derive(Deserialize)]
struct Reply {
    access_token: String,
    refresh_token: Option<String>,
    expires_in: f64,
    id_token: String,
}

/// Asks the token endpoint.
async fn ask(endpoint: String, form: Vec<(&'static str, String)>) -> Result<Grant, AcquireError> {
    let form = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&pairs(&form)).map_err(BridgeError::from)?;
    let response = Request::post(&endpoint).body(form)?.send().await?;
    match response.status() {
        200 => {}
        400 | 401 => return Err(AcquireError::Refused),
        429 | 503 => return Err(AcquireError::Later(None)),
        status => return Err(AcquireError::from(format!("the token endpoint answered {status}"))),
    }
    let reply: Reply = parsed(&response.text().await?)?;
    let mut grant = Grant::from(Account::new(&subject(&reply.id_token)?, None)?)
        .with_access_token(reply.access_token)
        .with_expires_in(reply.expires_in);
    if let Some(token) = reply.refresh_token {
        grant = grant.with_refresh_token(token);
    }
    Ok(grant)
}

fn pairs(form: &[(&str, String)]) -> js_sys::Array {
    form.iter().map(|(key, value)| js_sys::Array::of2(&(*key).into(), &value.as_str().into())).collect()
}

/// Who an id token is for. It came from the token endpoint itself, over TLS: its signature needs no check (OpenID Connect Core 1.0, section 3.1.3.7).
fn subject(id_token: &str) -> Result<String, AcquireError> {
    #[derive(Deserialize)]
    struct Claims {
        sub: String,
    }
    let payload = id_token.split('.').nth(1).unwrap_or_default().replace('-', "+").replace('_', "/");
    let window = web_sys::window().ok_or("there is no window")?;
    let json = window.atob(&payload).map_err(BridgeError::from)?;
    Ok(parsed::<Claims>(&json)?.sub)
}

/// By the browser's own parser: `serde_json` would make the wasm larger.
fn parsed<T: DeserializeOwned>(json: &str) -> Result<T, AcquireError> {
    let value = js_sys::JSON::parse(json).map_err(BridgeError::from)?;
    Ok(serde_wasm_bindgen::from_value(value)?)
}
