//! One try to register, over all its rounds.

use super::super::registrars::{Queue, Registrar};
use crate::session::Millis;

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attempt {
    /// When it goes on; `None`: a request is under way, or a call.
    pub(super) at: Option<Millis>,
    pub(super) queue: Queue,
    /// 0: at the primary registrars; 1 and 2: the first and the second time at the backups.
    pub(super) round: u8,
    pub(super) since: Option<Millis>,
    pub(super) tries: u32,
    pub(super) retry_after: Option<Millis>,
    pub(super) first: First,
    pub(super) place: Place,
    /// It left this backup to go back.
    pub(super) left: Option<Registrar>,
    /// When to try to go back again, where that is known.
    pub(super) back_in: Option<Millis>,
}

/// What the first registrar of the queue is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum First {
    #[default]
    Any,
    /// It is where the line was registered before.
    Previous,
}

/// Whose place a device takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Own,
    /// Another device was removed for this one, by [`take_over`](super::Line::take_over) or by the settings. That happens once in an attempt.
    OfAnother,
}
