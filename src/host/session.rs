use std::sync::Arc;

use wasm_bindgen::JsValue;

use crate::interop::{account_of, number_of, text_of, whole_of};
use crate::session::{Account, AuthStatus, Id, Reason};

/// What the widget has said of its user. It never holds a token.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Session {
    /// Whether a user is signed in.
    pub status: AuthStatus,
    /// Why; `None` for a reason of a later version of the widget.
    pub reason: Option<Reason>,
    /// Who, if the widget knows.
    pub account: Option<Arc<Account>>,
    /// When the access token expires, in milliseconds since 1970.
    pub expires_at: Option<f64>,
    /// Raised by sign-in, account switch and sign-out. Never falls.
    pub epoch: u64,
    /// Raised by a refresh within one epoch.
    pub sequence: u32,
    /// The tab that made this change; zero before the first one.
    pub writer: Id,
}

impl Session {
    pub(super) fn read(from: &JsValue) -> Self {
        let text = |key: &str| text_of(from, key).unwrap_or_default();
        Self {
            status: AuthStatus::from_word(&text("status")).unwrap_or(AuthStatus::Unknown),
            reason: Reason::from_word(&text("reason")),
            account: account_of(from).map(Arc::new),
            expires_at: number_of(from, "expiresAt"),
            epoch: whole_of(from, "epoch"),
            sequence: u32::try_from(whole_of(from, "sequence")).unwrap_or(u32::MAX),
            writer: Id::from_text(&text("writer")).unwrap_or_default(),
        }
    }
}
