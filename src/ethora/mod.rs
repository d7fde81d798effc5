//! Ethora's API for backends that have users of their own: tokens, users, chats and who may do what in them.
//!
//! It opens no connection and reads no clock: it builds a [`Request`], the caller sends it with `fetch` or any HTTP client, and the
//! [`Reply`] is read here. It belongs on a server: the App Secret or a server token gives access to the whole app.
//!
//! | what | says how | certain |
//! | --- | --- | --- |
//! | [`App`] | the seed note (flat client tokens); `@ethora/sdk-backend` 26.8.1 (nested ones, server tokens, keys) | the sdk's tokens, byte for byte |
//! | [`Api`] | the same sdk, run against a recording server | every request of its, byte for byte; of replies only what is said there |
//! | [`Original`] | the seed note | `/chats/`, `/chat-access/` and the names of their fields; the rest is [`Settings`] |
//!
//! ```
//! use authframe::Secret;
//! use authframe::ethora::{Access, Api, App, Error, Reply};
//!
//! let app = App::new("123", Secret::new("the App Secret".to_owned()))?;
//! let now = 1_700_000_000; // seconds since 1970, from the caller's clock
//!
//! // For the browser of the user u1, for five minutes.
//! let for_the_browser = app.client_token("u1", now, Some(now + 300))?;
//!
//! // A request of the backend itself: `fetch(url, { method, headers, body })`.
//! let api = Api::new(Api::BASE, "123")?;
//! let request = api.create_chat(&app.server_token(None, now, Some(now + 60))?, "c1", "Support", Access::Private)?;
//! assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", "https://api.chat.ethora.com/v2/chats"));
//! assert_eq!(request.body.as_deref(), Some(r#"{"title":"Support","uuid":"c1","type":"group"}"#));
//!
//! let reply = Reply { status: 401, body: String::new() };
//! assert_eq!(api.read_created_chat("c1", &reply), Err(Error::Unauthorized));
//!
//! // A child app: the parent's token, the child's path and names.
//! let child = Api::new(Api::BASE, "456")?.per_app();
//! let request = child.add_members(&app.server_token(None, now, Some(now + 60))?, "c1", &["u1"])?;
//! assert_eq!(request.url, "https://api.chat.ethora.com/v2/apps/456/chats/users-access");
//! assert_eq!(request.body.as_deref(), Some(r#"{"chatName":"456_c1","members":["456_u1"]}"#));
//! # Ok::<(), Error>(())
//! ```

mod access;
mod app_tokens;
mod apps;
#[cfg(all(target_arch = "wasm32", feature = "ethora-bindings"))]
mod bindings;
mod bot;
mod broadcast;
mod chats;
mod compare;
mod error;
mod fields;
mod original;
mod request;
mod token;
mod users;
mod verify;

pub use crate::http::{Method, Request};
pub use access::{Access, AccessCode, Right};
pub use apps::{AppOrder, AppQuery, Direction, NewApp, Provision, ProvisionRoom};
pub use bot::BotUpdate;
pub use broadcast::Broadcast;
pub use chats::{ChatQuery, ChatUpdate, CreatedChat};
pub use compare::{Comparison, compare};
pub use error::Error;
pub use fields::Fields;
pub use original::{ChatId, Endpoint, Original, Settings, UserId};
pub use request::{Api, Reply};
pub use token::App;
pub use users::{User, UserQuery, UserUpdate};
pub use verify::{Bearer, SigningKey, VerifiedToken};
