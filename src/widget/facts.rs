//! What can be read of a bridge at any time.

use std::sync::Arc;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use crate::interop::{account_of, number_of, text_of, whole_of};
use crate::session::{AuthStatus, Id, Reason, SessionView};

/// Something that [`Bridge::diagnose`](super::Bridge::diagnose) found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// A stable code.
    pub code: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl Finding {
    pub(super) fn read_all(from: &JsValue) -> Vec<Self> {
        let text = |each: &JsValue, key: &str| text_of(each, key).unwrap_or_default();
        let list: &Array = from.unchecked_ref();
        list.iter().map(|each| Self { code: text(&each, "code"), problem: text(&each, "problem"), remedy: text(&each, "remedy") }).collect()
    }
}

/// The session, whose object the core has made: every field is there.
pub(super) fn session(from: JsValue) -> SessionView {
    let word = |key: &str| text_of(&from, key).unwrap_or_default();
    SessionView {
        status: AuthStatus::from_word(&word("status")).unwrap_or(AuthStatus::Unknown),
        reason: Reason::from_word(&word("reason")).unwrap_or(Reason::Starting),
        account: account_of(&from).map(Arc::new),
        expires_at: number_of(&from, "expiresAt"),
        epoch: whole_of(&from, "epoch"),
        sequence: u32::try_from(whole_of(&from, "sequence")).unwrap_or(u32::MAX),
        writer: Id::from_text(&word("writer")).unwrap_or_default(),
    }
}
