//! Tabs and records that several of these modules begin with.

use authframe::session::{AcquireFailure, Config, Parent};
use serde_json::{Value, json};

use crate::support::{Tab, config};

pub(crate) const WALL: f64 = 1_790_000_000_000.0;
pub(crate) const DAY: u64 = 86_400_000;

/// A record as another tab would have left it.
pub(crate) fn record(epoch: u64, status: &str, more: Value) -> Value {
    let mut record = json!({
        "v": 1, "epoch": epoch, "sequence": 0, "writer": "0909090909090909", "status": status, "reason": "user", "expiresAt": null,
        "subjectTag": if status == "authorized" { "0909090909090909aaaaaaaaaaaaaaaa" } else { "" },
    });
    for (key, value) in more.as_object().unwrap() {
        record[key] = value.clone();
    }
    record
}

pub(crate) fn at(tab: &mut Tab, wall: f64) {
    let now = tab.now;
    tab.session.set_wall_clock(now, wall);
}

pub(crate) fn asking() -> Config {
    config().acquire(true)
}

pub(crate) fn restoring() -> Tab {
    Tab::started(asking(), 1, Some(record(5, "authorized", json!({}))), Parent::None)
}

pub(crate) fn fail(tab: &mut Tab, failure: AcquireFailure) {
    let asked = tab.asked().pop().unwrap();
    tab.enter(|session, now| session.handle_acquired(now, asked.id, Err(failure)));
}
