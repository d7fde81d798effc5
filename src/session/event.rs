//! What the application is notified of.

use std::rc::Rc;

use super::{AcquireAbout, AcquireReason, ConnectionState, Error, Grant, SessionView, Task};

/// What the application is notified of.
#[derive(Clone, Debug)]
pub enum Event<F> {
    /// The session changed.
    Session(Rc<SessionView>),
    /// The connection changed. Once it stands, the host's greeting comes with it.
    Connection(ConnectionState, Option<F>),
    /// The host refused us.
    Failed(Error),
    /// Get an account and call `handle_acquired` with this `id`. A newer one replaces it.
    Acquire {
        /// Counts the acquires.
        id: u32,
        /// Why.
        reason: AcquireReason,
        /// What it is about: an identity with `SignIn`, a credential with `Refresh`.
        about: Option<AcquireAbout>,
    },
    /// Do this with the credential store: [`Session::handle_store_found`](super::Session::handle_store_found) within the transaction,
    /// [`Session::handle_store_done`](super::Session::handle_store_done) after it, one task after the other.
    CredentialStore {
        /// Counts the tasks.
        id: u32,
        /// What to do.
        task: Task,
        /// What to store.
        credential: Option<Rc<Grant>>,
    },
    /// Those who wait for an access token may ask again, or learn why not.
    Token(Result<(), Error>),
    /// What was asked for under this number holds now: [`Session::authorize_for`](super::Session::authorize_for).
    Settled(u32),
    /// The newest acquire is not wanted any more.
    AcquireCancelled,
    /// A message on the port that is the application's own, unread but for its type.
    Message(F),
    /// For the application's half of the dialect: the port on which the answer to an [`Output::Ask`](super::Output::Ask) may come, or an [`Output::Report`](super::Output::Report).
    #[cfg(feature = "dialects")]
    Dialect(F),
}
