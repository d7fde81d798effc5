//! What `js/webex-machine.ts` is built on: one object, told and asked in JSON. Conversion, no decision.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

use super::{Device, Event, Line, LineError, Output, Purpose, Renewal, Reply, Saved, Settings};
use crate::core::{Clock, Millis};
use crate::http::Request;

#[derive(Deserialize)]
struct Told {
    /// `performance.now()`
    monotonic: f64,
    /// `Date.now()`
    wall: f64,
    #[serde(flatten)]
    what: What,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum What {
    Register,
    UseHere,
    Deregister,
    SignOut,
    Stop,
    Resume { saved: Value },
    Call { in_call: bool },
    Offline,
    Online,
    Timeout,
    Reply { id: u32, status: u16, retry_after: Option<f64>, body: String },
    Renewal { id: u32, renewal: String },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    outputs: Vec<Value>,
    /// Milliseconds from now.
    timeout_in: Option<Millis>,
    status: &'static str,
    device: Option<&'a Device>,
}

/// A line and its clock.
#[allow(unreachable_pub)] // wasm-bindgen wants it
#[wasm_bindgen]
#[derive(Debug)]
pub struct Machine {
    line: Line,
    clock: Clock,
    /// What makes of the clock's moments such since 1970.
    start: Option<Millis>,
}

#[allow(unreachable_pub, missing_docs)] // js/webex-machine.ts says what it is
#[wasm_bindgen]
impl Machine {
    /// Fails with the code and the text of a `SettingsError`.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str, random: u64) -> Result<Machine, String> {
        let settings: Settings = serde_json::from_str(settings).map_err(|error| error.to_string())?;
        let line = Line::new(settings, random).map_err(|error| [error.code(), ": ", &error.to_string()].concat())?;
        Ok(Self { line, clock: Clock::default(), start: None })
    }

    /// What to do, as JSON. What cannot be read changes nothing.
    pub fn tell(&mut self, told: &str) -> String {
        let now = serde_json::from_str(told).ok().map(|told: Told| self.perform(told));
        let outputs = self.line.take_outputs().iter().map(shown).collect();
        let timeout_in = self.line.poll_timeout().zip(now).map(|(at, now)| at.saturating_sub(now));
        let answer = Answer { outputs, timeout_in, status: self.line.status().as_str(), device: self.line.device() };
        serde_json::to_string(&answer).unwrap_or_default()
    }
}

impl Machine {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn perform(&mut self, Told { monotonic, wall, what }: Told) -> Millis {
        let start = *self.start.get_or_insert((wall - monotonic) as Millis);
        let now = self.clock.read(monotonic, wall).saturating_add(start);
        let line = &mut self.line;
        match what {
            What::Register => line.register(now),
            What::UseHere => line.use_here(now),
            What::Deregister => line.deregister(now),
            What::SignOut => line.sign_out(),
            What::Stop => line.stop(),
            // What cannot be read is as good as nothing.
            What::Resume { saved } => match serde_json::from_value::<Saved>(saved) {
                Ok(saved) => line.resume(now, saved),
                Err(_) => line.register(now),
            },
            What::Call { in_call } => line.handle_call(now, in_call),
            What::Offline => line.handle_offline(),
            What::Online => line.handle_online(now),
            What::Timeout => line.handle_timeout(now),
            What::Reply { id, status, retry_after, body } => {
                let retry_after = retry_after.map(|wait| wait as Millis);
                line.handle_reply(now, id, &Reply { status, retry_after, body });
            }
            What::Renewal { id, renewal } => {
                let renewal = match renewal.as_str() {
                    "fresh" => Renewal::Fresh,
                    "refused" => Renewal::Refused,
                    _ => Renewal::Failed,
                };
                line.handle_renewal(now, id, renewal);
            }
        }
        now
    }
}

fn shown(output: &Output) -> Value {
    match output {
        Output::Send { id, purpose, request: Request { method, url, headers, body } } => {
            let purpose = match purpose {
                Purpose::Register => "register",
                Purpose::Keepalive => "keepalive",
                Purpose::Deregister => "deregister",
                Purpose::Ping => "ping",
            };
            json!({"do": "send", "id": id, "purpose": purpose, "method": method.as_str(), "url": url, "headers": headers, "body": body})
        }
        Output::Abort(id) => json!({"do": "abort", "id": id}),
        Output::Renew(id) => json!({"do": "renew", "id": id}),
        Output::Save(saved) => json!({"do": "save", "saved": saved}),
        Output::Event { event, status } => {
            let (name, status) = (event.name(), status.as_str());
            match event {
                Event::Unregistered(Some(reason)) => json!({"do": "event", "event": name, "status": status, "reason": reason.as_str()}),
                Event::Reconnecting { missed, next_at } => {
                    json!({"do": "event", "event": name, "status": status, "missed": missed, "nextAttemptAt": next_at})
                }
                Event::Error(error) => json!({"do": "event", "event": name, "status": status, "error": failure(error)}),
                _ => json!({"do": "event", "event": name, "status": status}),
            }
        }
    }
}

/// As the vendor's guide has it, and the SDK's own form beside it.
fn failure(error: &LineError) -> Value {
    json!({
        "status": "inactive",
        "type": error.documented_type(),
        "msg": error.documented_message(),
        "code": error.status,
        "errorCode": error.error_code,
        "final": error.is_final,
        "sdk": {"type": error.error_type.as_str(), "message": error.message, "status": "inactive"},
    })
}
