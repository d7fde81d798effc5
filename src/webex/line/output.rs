//! What a line says: its status, its events, and what its caller has to do.

use super::super::LineError;
use super::Connection;
#[cfg(feature = "webex")]
use super::Saved;
#[cfg(feature = "webex")]
use crate::http::Request;
use crate::session::Millis;

/// How far the line is. The vendor's guide knows only `active` and `inactive`, its SDK all three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// `IDLE`: never tried, or given up.
    #[default]
    Idle,
    /// `active`: registered.
    Active,
    /// `inactive`: trying, failed or lost.
    Inactive,
}

impl Status {
    /// The SDK's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "IDLE",
            Self::Active => "active",
            Self::Inactive => "inactive",
        }
    }
}

/// What listeners receive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// `connecting`: once for each [`Line::register`](super::Line::register), before anything is sent.
    Connecting,
    /// `registered`: [`Line::device`](super::Line::device) is there. Also after a registration that went on by itself.
    Registered,
    /// `unregistered`. With a reason, nothing more happens until [`Line::register`](super::Line::register).
    Unregistered(Option<Lost>),
    /// `reconnecting`: a keepalive failed.
    Reconnecting {
        /// How many have, one after the other; 0: the browser is offline.
        missed: u32,
        /// When the next one is due.
        next_at: Millis,
        /// What the last one failed with, unless the browser is offline.
        error: Option<LineError>,
    },
    /// `reconnected`: a keepalive succeeded again.
    Reconnected,
    /// `error`
    Error(LineError),
}

impl Event {
    /// The vendor's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Registered => "registered",
            Self::Unregistered(_) => "unregistered",
            Self::Reconnecting { .. } => "reconnecting",
            Self::Reconnected => "reconnected",
            Self::Error(_) => "error",
        }
    }
}

/// Why a line is lost for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// `superseded`: the user's line was registered somewhere else (409). The device that registers next takes it back.
    Superseded,
    /// `signed-out`
    SignedOut,
}

impl Lost {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::SignedOut => "signed-out",
        }
    }
}

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It makes a device.
    Register,
    /// It keeps one alive.
    Keepalive,
    /// It removes one. Sent so that it outlives the page.
    Deregister,
    /// It asks whether a registrar is up. The only one that is sent without a token.
    Ping,
}

impl Purpose {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::Keepalive => "keepalive",
            Self::Deregister => "deregister",
            Self::Ping => "ping",
        }
    }
}

/// What to do, in this order, as the machine says it: what is sent along and what is remembered is made of it where it is taken.
#[derive(Clone, Debug)]
pub(in super::super) enum Step {
    Send(Send),
    Abort(u32),
    Renew(u32),
    Event(Event, Status),
    /// The device, and this.
    SaveActive(Connection),
    SaveRetrying {
        since: Option<Millis>,
        tries: u32,
        round: u8,
        until: Millis,
    },
    Forget,
}

/// A request.
#[derive(Clone, Debug)]
pub(in super::super) struct Send {
    pub(in super::super) id: u32,
    pub(in super::super) purpose: Purpose,
    pub(in super::super) url: String,
    /// Of another device than our own, for which the request is.
    pub(in super::super) device_url: Option<String>,
}

/// What to do, in this order.
#[cfg(feature = "webex")]
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send this, and report with [`Line::handle_reply`](super::Line::handle_reply).
    Send {
        /// Names it.
        id: u32,
        /// What it is for.
        purpose: Purpose,
        /// Lacks the token.
        request: Request,
    },
    /// The reply to this request is not needed any more.
    Abort(u32),
    /// The registrar does not take the token: get a newer one, and report with [`Line::handle_renewal`](super::Line::handle_renewal).
    Renew(u32),
    /// Notify the listeners.
    Event {
        /// What happened.
        event: Event,
        /// How far the line was then.
        status: Status,
    },
    /// Remember this for the tab that goes on with the line: [`Line::resume`](super::Line::resume). `None`: forget it.
    Save(Option<Saved>),
}

/// What became of a token's renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// There is a newer one.
    Fresh,
    /// There is none, and will be none.
    Refused,
    /// There is none now.
    Failed,
}

/// Whether the user is in a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallState {
    /// No call.
    #[default]
    None,
    /// At least one call goes on: the line is not moved meanwhile.
    InCall,
}
