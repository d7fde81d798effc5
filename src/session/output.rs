//! What the session has its shell do.

use super::{Event, Pause};

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
    /// Emit it to the application.
    Emit(Event<F>),
}

impl<F, M> Output<F, M> {
    /// The same, with a message of another type.
    pub fn map_message<N>(self, convert: impl FnOnce(M) -> N) -> Output<F, N> {
        match self {
            Self::OpenPort => Output::OpenPort,
            Self::PostWindow(message) => Output::PostWindow(convert(message)),
            #[cfg(feature = "dialects")]
            Self::Ask(message) => Output::Ask(convert(message)),
            #[cfg(feature = "dialects")]
            Self::Carry(said) => Output::Carry(said),
            #[cfg(feature = "dialects")]
            Self::Report(message) => Output::Report(convert(message)),
            Self::PostPort(message) => Output::PostPort(convert(message)),
            Self::ClosePort => Output::ClosePort,
            Self::Read => Output::Read,
            Self::Pause(pause) => Output::Pause(pause),
            Self::Write => Output::Write,
            Self::Emit(event) => Output::Emit(event),
        }
    }
}
