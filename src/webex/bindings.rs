//! The border to `js/webex/driver.ts`: [`Machine`] is what it calls, [`Turn`] what it is called by. Conversion, no decision.
//!
//! No object crosses it and no JSON: JavaScript has read what it hands over, and keeps what nothing here depends on.

use lol_alloc::{FreeListAllocator, LockedAllocator};
use wasm_bindgen::prelude::wasm_bindgen;

use super::line::{Send, Step};
use super::registrar::{Answer, Device, Named, OtherDevice, joined};
use super::registrars::Registrars;
use super::settings::Rules;
use super::{CallState, Connection, DeviceLimit, Event, Indicator, Line, LineError, Renewal, Saved};
use crate::session::{Clock, Millis};

#[global_allocator]
static ALLOCATOR: LockedAllocator<FreeListAllocator> = LockedAllocator::new(FreeListAllocator::new());

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"import type { Turn } from "../../webex/turn.js";"#;

// Called while the line is borrowed: none of these may throw, and none may call the machine.
#[wasm_bindgen]
extern "C" {
    /// What one call of the machine comes to, thing by thing.
    #[wasm_bindgen(typescript_type = "Turn")]
    pub type Turn;

    #[wasm_bindgen(method)]
    fn send(this: &Turn, id: u32, purpose: &str, url: &str, device_url: Option<&str>);
    #[wasm_bindgen(method)]
    fn abort(this: &Turn, id: u32);
    #[wasm_bindgen(method)]
    fn renew(this: &Turn, id: u32);
    #[wasm_bindgen(method, js_name = saveActive)]
    fn save_active(this: &Turn, base: &str, device_id: &str, uri: &str, interval: f64, connection: &str);
    #[wasm_bindgen(method, js_name = saveRetrying)]
    fn save_retrying(this: &Turn, since: Option<f64>, tries: u32, round: u8, until: f64);
    #[wasm_bindgen(method)]
    fn forget(this: &Turn);
    /// Of the event after it.
    #[wasm_bindgen(method)]
    fn failure(
        this: &Turn,
        documented_type: &str,
        documented_message: &str,
        code: u16,
        error_code: Option<u16>,
        fatal: bool,
        sdk_type: &str,
        message: &str,
    );
    #[wasm_bindgen(method)]
    fn event(this: &Turn, name: &str, status: &str, reason: Option<&str>, missed: Option<u32>, next_attempt_at: Option<f64>);
    #[wasm_bindgen(method)]
    fn end(this: &Turn, status: &str, timeout_in: Option<f64>);
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
    now: Millis,
    /// Of the reply that comes next.
    named: Named,
}

#[allow(unreachable_pub, missing_docs)] // js/webex/machine.ts says what they are
#[wasm_bindgen]
impl Machine {
    /// It has no registrar yet.
    #[wasm_bindgen(constructor)]
    pub fn new(indicator: &str, replaces_devices: bool, retry_slowly: bool, random: u64) -> Self {
        let rules = Rules {
            indicator: match indicator {
                "contactcenter" => Indicator::ContactCenter,
                "guestcalling" => Indicator::GuestCalling,
                _ => Indicator::Calling,
            },
            device_limit: if replaces_devices { DeviceLimit::Replace } else { DeviceLimit::Report },
            retry_slowly,
        };
        let line = Line::of(rules, Registrars::default(), random);
        Self { line, clock: Clock::default(), start: None, now: 0, named: Named::None }
    }

    /// The primaries before the backups.
    #[wasm_bindgen(js_name = addRegistrar)]
    pub fn add_registrar(&mut self, base: &str, is_primary: bool) {
        self.line.registrars_mut().add(base, is_primary);
    }

    /// After the registrars: the code and the text of a `SettingsError`.
    pub fn problem(&mut self, user_id: &str, client_device_uri: &str, domain: &str) -> Option<String> {
        let checked = self.line.check(user_id, client_device_uri, domain);
        checked.err().map(|error| joined(&[error.code(), ": ", error.text()]))
    }

    /// `performance.now()` and `Date.now()`: before each of the calls below.
    #[wasm_bindgen(js_name = setTime)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn set_time(&mut self, monotonic: f64, wall: f64) {
        let start = *self.start.get_or_insert((wall - monotonic) as Millis);
        self.now = self.clock.read(monotonic, wall).saturating_add(start);
    }

    /// Says what to do: after each of the calls below.
    #[wasm_bindgen(js_name = finishTurn)]
    pub fn finish_turn(&mut self, turn: &Turn) {
        for step in self.line.take_steps() {
            self.show(turn, &step);
        }
        let timeout_in = self.line.poll_timeout().map(|at| float(at.saturating_sub(self.now)));
        turn.end(self.line.status().as_str(), timeout_in);
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

    #[wasm_bindgen(js_name = tokenEnded)]
    pub fn token_ended(&mut self) {
        self.line.token_ended();
    }

    pub fn stop(&mut self) {
        self.line.stop();
    }

    #[wasm_bindgen(js_name = resumeActive)]
    pub fn resume_active(&mut self, base: String, device_id: String, uri: String, interval: f64, reconnecting: bool) {
        let device = Device { base, ..device(device_id, uri, interval) };
        let connection = if reconnecting { Connection::Reconnecting } else { Connection::Connected };
        self.line.resume(self.now, Saved::Active { device, connection });
    }

    #[wasm_bindgen(js_name = resumeRetrying)]
    pub fn resume_retrying(&mut self, since: Option<f64>, tries: u32, round: u8, until: f64) {
        self.line.resume(self.now, Saved::Retrying { since: since.map(millis), tries, round, until: millis(until) });
    }

    #[wasm_bindgen(js_name = setInCall)]
    pub fn set_in_call(&mut self, in_call: bool) {
        self.line.handle_call(self.now, if in_call { CallState::InCall } else { CallState::None });
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

    /// What the reply that comes next says was made. A number that it does not name is 0.
    pub fn made(&mut self, device_id: String, uri: String, interval: f64, rehoming_min: f64, rehoming_max: f64) {
        let named = |number: f64| Some(number).filter(|number| *number > 0.0);
        let (rehoming_interval_min, rehoming_interval_max) = (named(rehoming_min), named(rehoming_max));
        self.named = Named::Made(Box::new(Device { rehoming_interval_min, rehoming_interval_max, ..device(device_id, uri, interval) }));
    }

    /// The other device that the reply that comes next names first. `client_device_uri` is empty if that is not said.
    pub fn other(&mut self, device_id: String, uri: String, client_device_uri: String) {
        // One that cannot stand in a header, as an empty one, is not used.
        let client_device_uri = Some(client_device_uri);
        self.named = Named::Other(Box::new(OtherDevice { device_id, uri, client_device_uri }));
    }

    /// `retry_after` is in milliseconds.
    pub fn reply(&mut self, id: u32, status: u16, retry_after: Option<f64>, error_code: Option<u16>) {
        let device = std::mem::take(&mut self.named);
        self.line.handle_answer(self.now, id, Answer { status, retry_after: retry_after.map(millis), error_code, device });
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

fn device(device_id: String, uri: String, keepalive_interval: f64) -> Device {
    Device { device_id, uri, keepalive_interval, ..Device::default() }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
const fn millis(number: f64) -> Millis {
    number as Millis
}

#[allow(clippy::cast_precision_loss)]
const fn float(millis: Millis) -> f64 {
    millis as f64
}

impl Machine {
    fn show(&self, turn: &Turn, step: &Step) {
        match step {
            Step::Send(Send { id, purpose, url, device_url }) => turn.send(*id, purpose.as_str(), url, device_url.as_deref()),
            Step::Abort(id) => turn.abort(*id),
            Step::Renew(id) => turn.renew(*id),
            Step::SaveActive(connection) => {
                if let Some(Device { base, device_id, uri, keepalive_interval, .. }) = self.line.device() {
                    turn.save_active(base, device_id, uri, *keepalive_interval, connection.as_str());
                }
            }
            Step::SaveRetrying { since, tries, round, until } => {
                turn.save_retrying(since.map(float), *tries, *round, float(*until));
            }
            Step::Forget => turn.forget(),
            Step::Event(event, status) => show_event(turn, event, status.as_str()),
        }
    }
}

fn show_event(turn: &Turn, event: &Event, status: &str) {
    let (mut reason, mut missed, mut next_attempt_at) = (None, None, None);
    match event {
        Event::Unregistered(lost) => reason = lost.map(super::Lost::as_str),
        Event::Reconnecting { missed: count, next_at, error } => {
            (missed, next_attempt_at) = (Some(*count), Some(float(*next_at)));
            if let Some(error) = error {
                show_failure(turn, error);
            }
        }
        Event::Error(error) => show_failure(turn, error),
        _ => {}
    }
    turn.event(event.name(), status, reason, missed, next_attempt_at);
}

/// As the vendor's guide has it, and the SDK's own form beside it.
fn show_failure(turn: &Turn, error: &LineError) {
    let LineError { error_type, message, status, error_code, is_fatal } = error;
    turn.failure(error.documented_type(), error.documented_message(), *status, *error_code, *is_fatal, error_type.as_str(), message);
}
