//! The machine of one line, by phase: [`registering`], [`retrying`], [`keepalive`] while it is registered, [`failback`], [`deregistering`]. An
//! [`attempt`] goes over several of these; all of them send [`requests`], one at a time.

mod attempt;
mod deregistering;
mod failback;
mod flight;
mod keepalive;
mod output;
mod registering;
#[cfg(feature = "webex")]
mod request;
mod requests;
mod resuming;
mod retrying;
mod saved;

#[cfg(feature = "webex")]
pub use output::Output;
pub use output::{CallState, Event, Lost, Purpose, Renewal, Status};
pub(super) use output::{Send, Step};
pub use saved::{Connection, Saved};

use super::registrar::{Answer, OtherDevice};
use super::registrars::Registrars;
use super::retry::{Dice, SECOND};
use super::settings::Rules;
use super::{Device, LineError};
#[cfg(feature = "webex")]
use super::{Settings, SettingsError};
use crate::session::Millis;
use attempt::Attempt;
use flight::Flight;

/// Two beginnings are so far apart, whatever asks for them.
const FLOOR: Millis = SECOND;
/// A line on a backup tries to go back after so many minutes, at least and at most, unless the registrar says it.
const REHOMING: (u64, u64) = (60, 120);

/// A line: one registration at a time, one request at a time.
///
/// Moments are milliseconds since 1970, by a clock that never goes back. After every call: [`Line::take_outputs`], then
/// [`Line::poll_timeout`].
#[derive(Clone, Debug)]
pub struct Line {
    /// For what is sent.
    #[cfg(feature = "webex")]
    settings: Settings,
    rules: Rules,
    registrars: Registrars,
    dice: Dice,
    status: Status,
    phase: Phase,
    flight: Option<Flight>,
    device: Option<Box<Device>>,
    /// How many keepalives have failed, one after the other.
    missed: u32,
    connection: Connection,
    call: CallState,
    offline: bool,
    /// Of the last reply of a primary registrar, in minutes.
    rehoming: (u64, u64),
    /// How many tries to go back were answered with 429.
    put_off: u32,
    next_id: u32,
    /// When it last began to register, and when it last asked by a keepalive.
    began: Option<Millis>,
    asked: Option<Millis>,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Phase {
    Idle,
    /// Given up by us; what is under way is waited for, so that a device that is made meanwhile is removed.
    Leaving(Then),
    /// Until `register`. The device is the one in whose place this one may come.
    Stopped {
        instead_of: Option<Box<OtherDevice>>,
    },
    Trying(Attempt),
    Registered {
        keepalive_at: Millis,
        failback_at: Option<Millis>,
    },
}

/// What comes after the line is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    Stay,
    Register,
}

impl Line {
    /// A line that is not registered.
    ///
    /// # Errors
    /// Every [`SettingsError`]
    #[cfg(feature = "webex")]
    pub fn new(settings: Settings, random: u64) -> Result<Self, SettingsError> {
        let registrars = settings.registrars();
        settings.check(&registrars)?;
        Ok(Self { settings: settings.clone(), ..Self::of(settings.rules(), registrars, random) })
    }

    /// The settings have been checked.
    pub(super) fn of(rules: Rules, registrars: Registrars, random: u64) -> Self {
        Self {
            #[cfg(feature = "webex")]
            settings: Settings::default(),
            rules,
            registrars,
            dice: Dice(random),
            status: Status::Idle,
            phase: Phase::Idle,
            flight: None,
            device: None,
            missed: 0,
            connection: Connection::Connected,
            call: CallState::None,
            offline: false,
            rehoming: REHOMING,
            put_off: 0,
            next_id: 0,
            began: None,
            asked: None,
            steps: Vec::new(),
        }
    }

    /// For a line that is made bit by bit: its registrars, before it does anything.
    #[cfg(not(feature = "webex"))]
    pub(super) const fn registrars_mut(&mut self) -> &mut Registrars {
        &mut self.registrars
    }

    /// And whether it can be a line, of this user.
    #[cfg(not(feature = "webex"))]
    pub(super) fn check(&self, user_id: &str, client_device_uri: &str, domain: &str) -> Result<(), super::SettingsError> {
        super::settings::check(self.rules, &self.registrars, user_id, client_device_uri, domain)
    }

    /// How far it is.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The device, also the last one after it was lost.
    pub fn device(&self) -> Option<&Device> {
        self.device.as_deref()
    }

    /// What to do, in this order.
    #[cfg(feature = "webex")]
    pub fn take_outputs(&mut self) -> Vec<Output> {
        self.take_steps().into_iter().filter_map(|step| self.shown(step)).collect()
    }

    /// `None`: there is no device to be remembered.
    #[cfg(feature = "webex")]
    fn shown(&mut self, step: Step) -> Option<Output> {
        Some(match step {
            Step::Send(send) => {
                let request = request::request(&self.settings, &mut self.dice, &send);
                Output::Send { id: send.id, purpose: send.purpose, request }
            }
            Step::Abort(id) => Output::Abort(id),
            Step::Renew(id) => Output::Renew(id),
            Step::Event(event, status) => Output::Event { event, status },
            Step::SaveActive(connection) => Output::Save(Some(Saved::Active { device: *self.device.clone()?, connection })),
            Step::SaveRetrying { since, tries, round, until } => Output::Save(Some(Saved::Retrying { since, tries, round, until })),
            Step::Forget => Output::Save(None),
        })
    }

    pub(super) fn take_steps(&mut self) -> Vec<Step> {
        std::mem::take(&mut self.steps)
    }

    /// When [`Line::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Millis> {
        if let Some(flight) = &self.flight {
            return Some(flight.deadline);
        }
        match &self.phase {
            _ if self.offline => None,
            Phase::Trying(attempt) => attempt.at,
            Phase::Registered { keepalive_at, failback_at } => Some(failback_at.map_or(*keepalive_at, |at| at.min(*keepalive_at))),
            _ => None,
        }
    }

    /// It is due.
    pub fn handle_timeout(&mut self, now: Millis) {
        self.expire_flight(now);
        self.advance(now);
    }

    /// Whether the user is in a call: the line is not moved meanwhile.
    pub fn handle_call(&mut self, now: Millis, call: CallState) {
        self.call = call;
        match &mut self.phase {
            Phase::Trying(attempt) if call == CallState::None && self.flight.is_none() => _ = attempt.at.get_or_insert(now),
            _ => {}
        }
        self.advance(now);
    }

    /// The browser has no network: everything waits.
    pub fn handle_offline(&mut self) {
        if !self.offline {
            self.offline = true;
            if let Phase::Registered { keepalive_at, .. } = self.phase {
                self.mark_reconnecting(0, keepalive_at, None);
            }
        }
    }

    /// It has one again: a registered line is asked for at once, one that waits begins anew.
    pub fn handle_online(&mut self, now: Millis) {
        if !std::mem::take(&mut self.offline) {
            return;
        }
        let at = not_sooner(now, self.asked);
        match &mut self.phase {
            Phase::Registered { keepalive_at, .. } => *keepalive_at = at,
            Phase::Trying(attempt) if attempt.at.is_some() => self.begin(now, Attempt::default()),
            _ => {}
        }
        self.advance(now);
    }

    /// Does what is due.
    fn advance(&mut self, now: Millis) {
        if self.flight.is_some() || self.offline {
            return;
        }
        match &mut self.phase {
            Phase::Trying(attempt) if attempt.at.is_some_and(|at| at <= now) => {
                attempt.at = None;
                self.began = Some(now);
                self.next(now);
            }
            Phase::Registered { keepalive_at, .. } if *keepalive_at <= now => self.send_keepalive(now),
            Phase::Registered { failback_at, .. } if failback_at.is_some_and(|at| at <= now) => {
                *failback_at = None;
                self.try_to_go_back(now);
            }
            _ => {}
        }
    }

    fn emit(&mut self, event: Event) {
        self.steps.push(Step::Event(event, self.status));
    }
}

/// Not sooner after the last one than is decent.
fn not_sooner(now: Millis, last: Option<Millis>) -> Millis {
    last.map_or(now, |last| last.saturating_add(FLOOR).max(now))
}

const fn error_of(reply: &Answer) -> LineError {
    LineError::of(reply.status, reply.error_code)
}
