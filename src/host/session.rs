use wasm_bindgen::JsValue;

use crate::interop::{account_of, number_of, text_of};
use crate::session::{Account, AuthStatus, Reason};

/// What the widget has said of its user.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Whether a user is signed in.
    pub status: AuthStatus,
    /// Why; `None` for a reason of a later version of the widget.
    pub reason: Option<Reason>,
    /// Who, if the widget knows.
    pub account: Option<Account>,
    /// When the access token expires, in milliseconds since 1970.
    pub expires_at: Option<f64>,
    /// Raised by sign-in, account switch and sign-out. Never falls.
    pub epoch: f64,
    /// Raised by a refresh within one epoch.
    pub sequence: f64,
    /// The tab that made this change, empty before the first one.
    pub writer: String,
}

impl Session {
    pub(super) fn read(from: &JsValue) -> Self {
        let text = |key: &str| text_of(from, key).unwrap_or_default();
        let number = |key: &str| number_of(from, key).unwrap_or_default();
        Self {
            status: AuthStatus::from_word(&text("status")).unwrap_or(AuthStatus::Unknown),
            reason: Reason::from_word(&text("reason")),
            account: account_of(from),
            expires_at: number_of(from, "expiresAt"),
            epoch: number("epoch"),
            sequence: number("sequence"),
            writer: text("writer"),
        }
    }
}
