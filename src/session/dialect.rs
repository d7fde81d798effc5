//! The contract of a dialect: what it is notified of, and what it says of what it received.

use std::rc::Rc;

use super::{Encode, Error, Identity, Millis, Output, Refusal, SessionView};

/// What a host speaks: the `dialect` of its entry in `hosts`. The session knows which dialects there are no further than it says here; they are registered in `src/dialect/mod.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DialectKind {
    name: &'static str,
    widget_begins: bool,
    has_webview: bool,
}

impl DialectKind {
    /// Our own protocol.
    pub const NATIVE: Self = Self { name: "native", widget_begins: false, has_webview: false };

    /// A dialect of another system, under the name of its folder in `src/dialect/`. The widget has to speak first.
    pub const fn foreign(name: &'static str) -> Self {
        Self { name, widget_begins: true, has_webview: false }
    }

    /// The same, where the system has an app that may show the widget in its web view.
    #[must_use]
    pub const fn with_webview(self) -> Self {
        Self { has_webview: true, ..self }
    }

    /// The word in JavaScript.
    pub const fn as_str(self) -> &'static str {
        self.name
    }

    /// Whether the widget has to speak first, so that it has to know to whom.
    #[cfg(feature = "dialects")]
    pub(super) const fn widget_begins(self) -> bool {
        self.widget_begins
    }

    /// Whether an app may show the widget in its web view.
    #[cfg(feature = "dialects")]
    pub(super) const fn has_webview(self) -> bool {
        self.has_webview
    }
}

impl Default for DialectKind {
    fn default() -> Self {
        Self::NATIVE
    }
}

/// One conversation with the host in one protocol: a machine of the same form as the session, which owns it.
/// It never keeps a login state; it is notified of the session and gives back what it received.
pub trait Dialect<F> {
    /// Its own messages.
    type Message: Encode;

    /// Takes one notice, adds what is to be posted, and says what it received.
    fn handle(
        &mut self,
        now: Millis,
        notice: Notice<F>,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, Self::Message>>,
    ) -> Received<F>;

    /// Whether a message of another window than the host's pretends to be one of this dialect: only such a one is counted as refused. All others are another library's.
    fn is_imitated_by(&self, _message: &F) -> bool {
        false
    }

    /// Whether a message of the window ends or changes a session, so that it is taken however many others came before it.
    fn is_vital(&self, _message: &F) -> bool {
        false
    }

    /// When it wants to receive [`Notice::Timeout`].
    fn due(&self) -> Option<Millis> {
        None
    }
}

/// What a dialect is notified of.
#[derive(Debug)]
pub enum Notice<F> {
    /// The parent is pinned: the conversation may begin, in this language.
    Start(DialectKind),
    /// It is due.
    Timeout,
    /// The application says something that only this dialect understands.
    #[cfg(feature = "dialects")]
    App(F),
    /// The channel that [`Output::OpenPort`] asked for is there.
    PortOpened([u64; 2]),
    /// A message on the window, from the pinned parent.
    Window(F),
    /// A message on the private port.
    Port(F),
    /// The private port is gone.
    PortLost,
    /// The session changed, or has to be said once more.
    Session,
    /// What became of a [`Received::Identity`] or [`Received::SignOut`].
    Answer(u64, Result<(), Error>),
    /// The page goes away or the bridge is closed: say goodbye.
    Close,
}

/// What a dialect makes of a notice, where the session has to act on it.
#[derive(Debug)]
pub enum Received<F> {
    /// Nothing.
    Nothing,
    /// The host says that it is there: open a port.
    Knock,
    /// Something to be dropped and counted.
    Refused(Refusal),
    /// The host's greeting: the connection stands.
    Connected(F),
    /// The connection stands, without a greeting.
    #[cfg(feature = "dialects")]
    Open,
    /// The host is gone.
    Lost,
    /// The host refused us.
    Failed(Error),
    /// The host names the user; answer under this token. With an epoch, the host has named this user before and says it again, because it knows of no session after that epoch: if there was a later
    /// one, it counts for nothing.
    Identity(u64, Rc<Identity>, Option<u64>),
    /// The host signs the user out; answer under this token.
    SignOut(u64),
    /// A message that is the application's own.
    Message(F),
    /// The same; it says that the host has dropped messages of ours.
    Dropped(F),
}
