//! A line of Webex Calling: it is registered at a registrar, kept alive, moved to a backup and back, and given up again.
//!
//! [`Line`] opens no connection, reads no clock and has no randomness of its own: it takes what happened, and says what to do. It holds no
//! token either: the caller that sends its requests adds `Authorization: Bearer …`, with the token that is good at that moment.
//!
//! What the requests, waits and events are, the vendor's `@webex/calling` 3.12.0 says, run against a scripted registrar; where this is
//! different on purpose, `docs/dialects/webex.md` says why. [`TokenEndpoint`] is for the backend that has the app's secret.
//!
//! ```
//! use authframe::webex::{Line, Output, Reply, Settings};
//!
//! let settings = Settings {
//!     primary: vec!["https://registrar.example/api/v1/calling/web/".to_owned()],
//!     user_id: "u-17".to_owned(),
//!     client_device_uri: "https://wdm.example/devices/1".to_owned(),
//!     ..Settings::default()
//! };
//! let mut line = Line::new(settings, 7)?; // 7: a random number
//!
//! line.register(0);
//! let outputs = line.take_outputs(); // connecting; what to remember; POST …/device, to be sent with a token
//! let Some(Output::Send { id, request, .. }) = outputs.last() else { panic!() };
//! assert_eq!(request.url, "https://registrar.example/api/v1/calling/web/device");
//!
//! let body = r#"{"device":{"deviceId":"d1","uri":"https://registrar.example/api/v1/calling/web/devices/d1"},"keepaliveInterval":30}"#;
//! line.handle_reply(120, *id, &Reply { status: 200, retry_after: None, body: body.to_owned() });
//! assert!(line.take_outputs().iter().any(|output| matches!(output, Output::Event { event, .. } if event.name() == "registered")));
//! assert_eq!(line.poll_timeout(), Some(30_120)); // the first keepalive
//! # Ok::<(), authframe::webex::SettingsError>(())
//! ```

#[cfg(all(target_arch = "wasm32", feature = "webex-bindings", not(feature = "webex")))]
mod bindings;
mod error;
mod line;
mod registrar;
mod registrars;
#[cfg(feature = "webex")]
mod reply;
mod retry;
mod settings;
#[cfg(feature = "webex")]
mod tokens;

pub use error::{ErrorType, LineError};
#[cfg(feature = "webex")]
pub use line::Output;
pub use line::{CallState, Connection, Event, Line, Lost, Purpose, Renewal, Saved, Status};
pub use registrar::Device;
#[cfg(feature = "webex")]
pub use reply::Reply;
#[cfg(feature = "webex")]
pub use settings::Settings;
pub use settings::{DeviceLimit, Indicator, SettingsError};
#[cfg(feature = "webex")]
pub use tokens::{Refused, TokenEndpoint, TokenError, Tokens};
