//! Tabs, records and messages that several of these modules begin with.

use authframe::session::{AcquireFailure, Config, Error};
use serde_json::{Value, json};

use crate::support::{Asked, Tab, config, grant};

pub(crate) const EVIL: &str = "https://evil.example";

pub(crate) fn asking() -> Config {
    config().acquire(true)
}

/// A tab, alone, with this account signed in and everything before forgotten.
pub(crate) fn signed_in(config: Config, subject: &str) -> Tab {
    let mut tab = Tab::alone(config, 1);
    tab.sign_in(subject);
    tab.forget();
    tab
}

/// What another tab, of number 9, left in the shared record.
pub(crate) fn record(epoch: u32, sequence: u32, subject: Option<&str>) -> Value {
    let mut other = Tab::alone(config(), 9);
    other.sign_in(subject.unwrap_or("nobody"));
    if subject.is_none() {
        other.sign_out();
    }
    let mut record = other.shared_record.unwrap();
    record["epoch"] = json!(epoch);
    record["sequence"] = json!(sequence);
    record
}

pub(crate) fn only_asked(tab: &Tab) -> Asked {
    let mut asked = tab.asked();
    assert_eq!(asked.len(), 1, "{:?}", tab.events);
    asked.remove(0)
}

pub(crate) fn acquired(tab: &mut Tab, id: u32, subject: &str) {
    tab.enter(|session, now| session.handle_acquired(now, id, Ok(grant(subject).into())));
}

pub(crate) fn failed(tab: &mut Tab, id: u32, failure: AcquireFailure) {
    tab.enter(|session, now| session.handle_acquired(now, id, Err(failure)));
}

pub(crate) fn identity(id: u32, subject: &str) -> Value {
    json!({"type": "identity", "id": id, "identity": {"account": {"subject": subject, "name": null}, "accessToken": null}})
}

pub(crate) fn reply(id: u32) -> Value {
    json!({"type": "reply", "id": id, "data": null})
}

pub(crate) fn refusal(id: u32, error: Error) -> Value {
    json!({"type": "error", "id": id, "code": error.code(), "message": error.code()})
}

pub(crate) fn signed_in_connected(subject: &str) -> Tab {
    let mut tab = Tab::connected(config(), 1);
    tab.sign_in(subject);
    tab
}
