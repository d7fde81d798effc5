//! What `js/webex/driver.ts` is built on: one object whose methods say what happened. Conversion, no decision.

use serde_json::{Value, json};
use wasm_bindgen::prelude::wasm_bindgen;

use super::{CallState, DeviceLimit, Event, Indicator, Line, LineError, Output, Purpose, Renewal, Reply, Saved, Settings};
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
    now: Millis,
}

#[allow(unreachable_pub, missing_docs)] // js/webex/driver.ts says what they are
#[wasm_bindgen]
impl Machine {
    /// Fails with the code and the text of a `SettingsError`.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str, random: u64) -> Result<Machine, String> {
        let settings =
            read_settings(&serde_json::from_str(settings).unwrap_or_default()).ok_or("settings: a member is missing or of another type")?;
        let line = Line::new(settings, random).map_err(|error| [error.code(), ": ", &error.to_string()].concat())?;
        Ok(Self { line, clock: Clock::default(), start: None, now: 0 })
    }

    /// `performance.now()` and `Date.now()`: before each of the calls below.
    #[wasm_bindgen(js_name = setTime)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn set_time(&mut self, monotonic: f64, wall: f64) {
        let start = *self.start.get_or_insert((wall - monotonic) as Millis);
        self.now = self.clock.read(monotonic, wall).saturating_add(start);
    }

    /// What to do, as JSON, after each of the calls below: `{outputs, timeoutIn, status, device}`.
    #[wasm_bindgen(js_name = takeAnswer)]
    pub fn take_answer(&mut self) -> String {
        let outputs: Vec<Value> = self.line.take_outputs().iter().map(shown).collect();
        let timeout_in = self.line.poll_timeout().map(|at| at.saturating_sub(self.now));
        json!({"outputs": outputs, "timeoutIn": timeout_in, "status": self.line.status().as_str(), "device": self.line.device()})
            .to_string()
    }

    pub fn register(&mut self) {
        self.line.register(self.now);
    }

    #[wasm_bindgen(js_name = takeOver)]
    pub fn take_over(&mut self) {
        self.line.take_over(self.now);
    }

    pub fn deregister(&mut self) {
        self.line.deregister(self.now);
    }

    #[wasm_bindgen(js_name = signOut)]
    pub fn sign_out(&mut self) {
        self.line.sign_out();
    }

    pub fn stop(&mut self) {
        self.line.stop();
    }

    /// With the JSON of a [`Saved`]. What cannot be read changes nothing.
    pub fn resume(&mut self, saved: &str) {
        if let Ok(saved) = serde_json::from_str::<Saved>(saved) {
            self.line.resume(self.now, saved);
        }
    }

    #[wasm_bindgen(js_name = callBegan)]
    pub fn call_began(&mut self) {
        self.line.handle_call(self.now, CallState::InCall);
    }

    #[wasm_bindgen(js_name = callEnded)]
    pub fn call_ended(&mut self) {
        self.line.handle_call(self.now, CallState::None);
    }

    pub fn offline(&mut self) {
        self.line.handle_offline();
    }

    pub fn online(&mut self) {
        self.line.handle_online(self.now);
    }

    pub fn timeout(&mut self) {
        self.line.handle_timeout(self.now);
    }

    /// `retry_after` is in milliseconds.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn reply(&mut self, id: u32, status: u16, retry_after: Option<f64>, body: String) {
        let reply = Reply { status, retry_after: retry_after.map(|wait| wait as Millis), body };
        self.line.handle_reply(self.now, id, &reply);
    }

    #[wasm_bindgen(js_name = tokenRenewed)]
    pub fn token_renewed(&mut self, id: u32) {
        self.line.handle_renewal(self.now, id, Renewal::Fresh);
    }

    #[wasm_bindgen(js_name = renewalRefused)]
    pub fn renewal_refused(&mut self, id: u32) {
        self.line.handle_renewal(self.now, id, Renewal::Refused);
    }

    #[wasm_bindgen(js_name = renewalFailed)]
    pub fn renewal_failed(&mut self, id: u32) {
        self.line.handle_renewal(self.now, id, Renewal::Failed);
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
