//! The one request that is under way.

use super::super::registrars::{Queue, Registrar};
use super::Purpose;
use crate::session::Millis;

#[derive(Clone, Debug)]
pub(super) struct Flight {
    pub(super) id: u32,
    pub(super) kind: Kind,
    pub(super) registrar: Registrar,
    pub(super) url: String,
    pub(super) sent_at: Millis,
    pub(super) deadline: Millis,
    pub(super) token: Token,
}

/// Which token a request goes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// The one that was there.
    First,
    /// That one was refused; the next is awaited.
    Renewing,
    /// The next. If that is refused too, the request has failed.
    Renewed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Register,
    Keepalive,
    /// The primaries that are asked after this one.
    Ping(Queue),
    /// Removes the device in whose place this line comes.
    Replace,
    /// Removes our own device on the backup.
    Return,
    /// Removes our own device.
    Leave,
}

impl Kind {
    pub(super) const fn purpose(self) -> Purpose {
        match self {
            Self::Register => Purpose::Register,
            Self::Keepalive => Purpose::Keepalive,
            Self::Ping(_) => Purpose::Ping,
            Self::Replace | Self::Return | Self::Leave => Purpose::Deregister,
        }
    }
}
