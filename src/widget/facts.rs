//! What can be read of a bridge at any time.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use crate::interop::{account_of, number_of, text_of};
use crate::session::{AuthStatus, Id, Reason, SessionView};

/// How much was dropped, and why: `docs/protocol.md` section 4.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rejected {
    /// Of another window than the host's.
    pub source: f64,
    /// Of an origin that is not in `hosts`.
    pub origin: f64,
    /// Not of the protocol's form.
    pub malformed: f64,
    /// Too many at once.
    pub rate: f64,
    /// Said before.
    pub replay: f64,
    /// A storage event of another area, or with a record that is not ours.
    pub storage: f64,
}

/// Something that [`Bridge::diagnose`](super::Bridge::diagnose) found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable code.
    pub code: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl Rejected {
    pub(super) fn read(from: &JsValue) -> Self {
        let count = |key: &str| number_of(from, key).unwrap_or(0.0);
        Self {
            source: count("source"),
            origin: count("origin"),
            malformed: count("malformed"),
            rate: count("rate"),
            replay: count("replay"),
            storage: count("storage"),
        }
    }
}

impl Finding {
    pub(super) fn read_all(from: &JsValue) -> Vec<Self> {
        let text = |each: &JsValue, key: &str| text_of(each, key).unwrap_or_default();
        let list: &Array = from.unchecked_ref();
        list.iter().map(|each| Self { code: text(&each, "code"), problem: text(&each, "problem"), remedy: text(&each, "remedy") }).collect()
    }
}

/// The session, whose object the core has made: every field is there.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(super) fn session(from: JsValue) -> SessionView {
    let word = |key: &str| text_of(&from, key).unwrap_or_default();
    SessionView {
        status: AuthStatus::from_word(&word("status")).unwrap_or(AuthStatus::Unknown),
        reason: Reason::from_word(&word("reason")).unwrap_or(Reason::Starting),
        account: account_of(&from).map(Rc::new),
        expires_at: number_of(&from, "expiresAt"),
        epoch: number_of(&from, "epoch").unwrap_or(0.0) as u64,
        sequence: number_of(&from, "sequence").unwrap_or(0.0) as u32,
        writer: Id::from_text(&word("writer")).unwrap_or_default(),
    }
}
