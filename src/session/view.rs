//! The session as it is shown.

use std::sync::Arc;

use super::{Account, AuthStatus, Encode, Encoder, Id, Reason};

/// What the host and the application's listeners may know of the session. It never holds a token.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SessionView {
    /// Whether a user is signed in.
    pub status: AuthStatus,
    /// Why.
    pub reason: Reason,
    /// Who, if this tab knows.
    pub account: Option<Arc<Account>>,
    /// When the access token expires, in milliseconds since 1970.
    pub expires_at: Option<f64>,
    /// Raised by sign-in, account switch and sign-out.
    pub epoch: u64,
    /// Raised by a refresh.
    pub sequence: u32,
    /// The tab that made this change; zero before the first one.
    pub writer: Id,
}

impl Encode for SessionView {
    fn encode(&self, to: &mut dyn Encoder) {
        to.text("status", Some(self.status.as_str()));
        to.text("reason", Some(self.reason.as_str()));
        to.record("account", self.account.as_deref().map(|account| account as &dyn Encode));
        to.number("expiresAt", self.expires_at);
        to.whole("epoch", self.epoch);
        to.count("sequence", self.sequence);
        to.text("writer", Some(&self.writer.to_text()));
    }
}
