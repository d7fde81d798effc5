//! What a backend says to Ethora, printed instead of sent: `cargo run --example ethora_backend --features ethora`.

use std::time::{SystemTime, UNIX_EPOCH};

use authframe::Secret;
use authframe::ethora::{Access, Api, App, Request, User};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let secret = std::env::var("ETHORA_CHAT_APP_SECRET").unwrap_or_else(|_| "test-secret-not-real-0123456789abcdef".to_owned());
    let app = App::new("123", Secret::new(secret))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();

    // The page of the user u1 gets this one, and no other.
    println!("for the browser: {}\n", app.client_token("u1", now, Some(now.saturating_add(300)))?.expose());

    // A server token for each request: it stays here, and so does a log that shows the headers.
    let token = app.server_token(None, now, Some(now.saturating_add(60)))?;
    let api = Api::new(Api::BASE, "123")?;
    let ada = User {
        uuid: "u1".to_owned(),
        email: "ada@example.com".to_owned(),
        first_name: "Ada".to_owned(),
        last_name: "Lovelace".to_owned(),
        ..User::default()
    };
    show(&api.create_users(&token, &[ada])?);
    show(&api.create_chat(&token, "c1", "Support", Access::Private)?);
    show(&api.add_members(&token, "c1", &["u1"])?);
    Ok(())
}

// Any HTTP client sends it.
fn show(request: &Request) {
    println!("{} {}", request.method.as_str(), request.url);
    for (name, _) in &request.headers {
        println!("{name}: …");
    }
    println!("{}\n", request.body.as_deref().unwrap_or_default());
}
