//! What `js/webex/machine.ts` is built on: one object, told and asked in JSON. Conversion, no decision.

use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

use super::{DeviceLimit, Event, Indicator, Line, LineError, Output, Purpose, Renewal, Reply, Saved, Settings};
use crate::http::Request;
use crate::session::{Clock, Millis};

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

#[allow(unreachable_pub, missing_docs)] // js/webex/machine.ts says what it is
#[wasm_bindgen]
impl Machine {
    /// Fails with the code and the text of a `SettingsError`.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str, random: u64) -> Result<Machine, String> {
        let settings =
            read_settings(&serde_json::from_str(settings).unwrap_or_default()).ok_or("settings: a member is missing or of another type")?;
        let line = Line::new(settings, random).map_err(|error| [error.code(), ": ", &error.to_string()].concat())?;
        Ok(Self { line, clock: Clock::default(), start: None })
    }

    /// What to do, as JSON. What cannot be read changes nothing.
    ///
    /// `{do, monotonic, wall, …}`: what happened, `performance.now()`, `Date.now()`, and what belongs to it. The answer is `{outputs, timeoutIn, status, device}`.
    pub fn tell(&mut self, told: &str) -> String {
        let told: Value = serde_json::from_str(told).unwrap_or_default();
        let now = self.now(number(&told, "monotonic"), number(&told, "wall"));
        self.perform(now, &told);
        let outputs: Vec<Value> = self.line.take_outputs().iter().map(shown).collect();
        let timeout_in = self.line.poll_timeout().map(|at| at.saturating_sub(now));
        json!({"outputs": outputs, "timeoutIn": timeout_in, "status": self.line.status().as_str(), "device": self.line.device()})
            .to_string()
    }
}

impl Machine {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn now(&mut self, monotonic: f64, wall: f64) -> Millis {
        let start = *self.start.get_or_insert((wall - monotonic) as Millis);
        self.clock.read(monotonic, wall).saturating_add(start)
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn perform(&mut self, now: Millis, told: &Value) {
        let line = &mut self.line;
        let text = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
        let id = number(told, "id") as u32;
        match text("do") {
            "register" => line.register(now),
            "takeOver" => line.take_over(now),
            "deregister" => line.deregister(now),
            "signOut" => line.sign_out(),
            "stop" => line.stop(),
            "resume" => {
                if let Some(saved) = told.get("saved").cloned().and_then(|saved| serde_json::from_value::<Saved>(saved).ok()) {
                    line.resume(now, saved);
                }
            }
            "call" => line.handle_call(now, told.get("inCall") == Some(&Value::Bool(true))),
            "offline" => line.handle_offline(),
            "online" => line.handle_online(now),
            "timeout" => line.handle_timeout(now),
            "reply" => {
                let retry_after = told.get("retryAfter").and_then(Value::as_f64).map(|wait| wait as Millis);
                let reply = Reply { status: number(told, "status") as u16, retry_after, body: text("body").to_owned() };
                line.handle_reply(now, id, &reply);
            }
            "renewal" => {
                let renewal = match text("renewal") {
                    "fresh" => Renewal::Fresh,
                    "refused" => Renewal::Refused,
                    _ => Renewal::Failed,
                };
                line.handle_renewal(now, id, renewal);
            }
            _ => {}
        }
    }
}

fn read_settings(from: &Value) -> Option<Settings> {
    let text = |name: &str| match from.get(name) {
        None => Some(String::new()),
        Some(value) => value.as_str().map(str::to_owned),
    };
    let texts = |name: &str| match from.get(name) {
        None => Some(Vec::new()),
        Some(value) => value.as_array()?.iter().map(|entry| entry.as_str().map(str::to_owned)).collect(),
    };
    Some(Settings {
        primary: texts("primary")?,
        backup: texts("backup")?,
        user_id: text("userId")?,
        client_device_uri: text("clientDeviceUri")?,
        indicator: match text("indicator")?.as_str() {
            "" | "calling" => Indicator::Calling,
            "contactcenter" => Indicator::ContactCenter,
            "guestcalling" => Indicator::GuestCalling,
            _ => return None,
        },
        domain: text("domain")?,
        jwe: text("jwe").map(|jwe| Some(jwe).filter(|jwe| !jwe.is_empty()))?,
        device_limit: match text("deviceLimit")?.as_str() {
            "" | "report" => DeviceLimit::Report,
            "replace" => DeviceLimit::Replace,
            _ => return None,
        },
        retry_slowly: from.get("retrySlowly") == Some(&Value::Bool(true)),
    })
}

fn number(from: &Value, name: &str) -> f64 {
    from.get(name).and_then(Value::as_f64).unwrap_or_default()
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
                Event::Reconnecting { missed, next_at, error } => {
                    let error = error.as_ref().map(failure);
                    json!({"do": "event", "event": name, "status": status, "missed": missed, "nextAttemptAt": next_at, "error": error})
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
        "fatal": error.is_fatal,
        "cause": "registrar",
        "sdk": {"type": error.error_type.as_str(), "message": error.message, "status": "inactive"},
    })
}
