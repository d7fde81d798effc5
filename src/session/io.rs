use std::rc::Rc;

use super::{Encode, Error, Grant, Identity, Millis, Pause, Reason, Refusal, SessionView, Task};

/// What a host speaks: the `dialect` of its entry in `hosts`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DialectKind {
    /// Our own protocol.
    #[default]
    Native,
    /// x-bees.
    #[cfg(feature = "xbees")]
    Xbees = 1,
    /// RingCentral Embeddable.
    #[cfg(feature = "ringcentral")]
    RingCentral = 2,
}

impl DialectKind {
    /// The one of this number.
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Native),
            #[cfg(feature = "xbees")]
            1 => Some(Self::Xbees),
            #[cfg(feature = "ringcentral")]
            2 => Some(Self::RingCentral),
            _ => None,
        }
    }

    /// Whether the widget has to speak first, so that it has to know to whom.
    #[cfg(feature = "dialects")]
    pub(super) const fn widget_begins(self) -> bool {
        !matches!(self, Self::Native)
    }
}

/// What the browser says about the page that embeds us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parent {
    /// There is none: the page is not embedded.
    None,
    /// There is none, but an app that shows the page in a web view and takes texts.
    #[cfg(feature = "xbees")]
    Webview,
    /// Its origin, from `location.ancestorOrigins`.
    Known(String),
    /// Its origin, from `document.referrer`: a hint, used only if it is in `hosts`.
    Hint(String),
    /// Nothing. We stay silent until an allowed host speaks.
    Unknown,
}

/// How we stand with the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// No handshake yet.
    Connecting,
    /// Both sides may talk.
    Connected,
    /// The host went away; it may come back.
    Disconnected,
    /// The page is not embedded.
    Standalone,
    /// The bridge was closed.
    Closed,
}

impl ConnectionState {
    /// The word in JavaScript.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Connected => "connected",
            Self::Disconnected => "disconnected",
            Self::Standalone => "standalone",
            Self::Closed => "closed",
        }
    }
}

/// Why the application is asked for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcquireReason {
    /// Somebody was signed in when this page was last here.
    Restore,
    /// Another tab signed in.
    OtherTab,
    /// The host named a user.
    SignIn,
    /// The access token expires.
    Refresh,
}

impl AcquireReason {
    /// The word in JavaScript.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restore => "restore",
            Self::OtherTab => "other-tab",
            Self::SignIn => "sign-in",
            Self::Refresh => "refresh",
        }
    }

    /// The reason that the status has because of it.
    pub(super) const fn cause(self) -> Reason {
        match self {
            Self::Restore => Reason::Restore,
            Self::OtherTab => Reason::OtherTab,
            Self::SignIn => Reason::SignIn,
            Self::Refresh => Reason::Refresh,
        }
    }
}

/// Why an acquire gave no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcquireFailure {
    /// Something went wrong.
    Failed,
    /// Nobody is signed in.
    Nobody,
    /// The server said no.
    Refused,
    /// Something went wrong, and the server has said not to ask again for so long, in milliseconds (`Retry-After`). At most a day.
    Later(Millis),
}

impl AcquireFailure {
    /// What a server has asked for.
    pub(super) const fn later(self) -> Option<Millis> {
        if let Self::Later(millis) = self { Some(millis) } else { None }
    }

    /// Whether it may pass.
    pub(super) const fn is_passing(self) -> bool {
        matches!(self, Self::Failed | Self::Later(_))
    }
}

/// Why the credential store did not do as it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFailure {
    /// It failed, or there is none.
    Unavailable,
    /// The credential that is in it cannot be read.
    Damaged,
}

/// What `acquire` brought.
pub type Acquired = Result<Rc<Grant>, AcquireFailure>;

/// What the shell has to do, in this order. `F` is a message as it came, `M` the dialect's own messages.
#[derive(Clone, Debug)]
pub enum Output<F, M> {
    /// Make a `MessageChannel`, drop any earlier one, and call `handle_port_opened` with 128 random bits.
    OpenPort,
    /// Post to the parent window, at exactly the origin of [`Session::host`](super::Session::host), and hand over the other end of the channel.
    PostWindow(M),
    /// Post to the parent window, at exactly the origin of the host, with a port of its own; give the near end of that to the application.
    #[cfg(feature = "dialects")]
    Ask(M),
    /// Post what the application has worded to the parent window, at exactly the origin of the host, without a port.
    #[cfg(feature = "dialects")]
    Carry(F),
    /// Give it to the application's half of the dialect.
    #[cfg(feature = "dialects")]
    Report(M),
    /// Post to the private port.
    PostPort(M),
    /// Close the private port.
    ClosePort,
    /// Read what stands beside the shared record, under [`Config::pause_key`](super::Config::pause_key), and call `handle_pause`; then read the shared record and call
    /// `handle_stored`.
    Read,
    /// Write it beside the shared record, or remove what stands there.
    Pause(Option<Pause>),
    /// Write [`Session::snapshot`](super::Session::snapshot) to the shared record.
    Write,
    /// Tell the application.
    Emit(Event<F>),
}

/// What the application hears.
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
        /// What it is about: the user as the host named it, checked (`SignIn`), or what is to be renewed (`Refresh`).
        about: Option<Rc<Grant>>,
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
    /// A message on the port that is the application's own affair, unread but for its type.
    Message(F),
    /// For the application's half of the dialect: the port on which the answer to an [`Output::Ask`] may come, or an [`Output::Report`].
    #[cfg(feature = "dialects")]
    Dialect(F),
}

/// One conversation with the host in one protocol: a machine of the same form as the session, which owns it.
/// It never keeps a login state; it is told the session and says what the host wants.
pub trait Dialect<F> {
    /// Its own messages.
    type Message: Encode;

    /// Takes one notice, adds what is to be posted, and says what it heard.
    fn handle(
        &mut self,
        now: Millis,
        notice: Notice<F>,
        session: &Rc<SessionView>,
        outputs: &mut Vec<Output<F, Self::Message>>,
    ) -> Heard<F>;

    /// Whether a message of another window than the host's pretends to be one of this dialect: only such a one is counted as refused. All others are somebody else's.
    fn is_imitated_by(&self, _message: &F) -> bool {
        false
    }

    /// Whether a message of the window ends or changes a session, so that it is taken however many others came before it.
    fn is_vital(&self, _message: &F) -> bool {
        false
    }

    /// When it wants to hear [`Notice::Timeout`].
    fn due(&self) -> Option<Millis> {
        None
    }
}

/// What a dialect is told.
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
    /// What became of a [`Heard::Identity`] or [`Heard::SignOut`].
    Answer(u64, Result<(), Error>),
    /// The page goes away or the bridge is closed: say goodbye.
    Close,
}

/// What a dialect heard that is not its own affair.
#[derive(Debug)]
pub enum Heard<F> {
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
