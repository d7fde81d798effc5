use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::retry::{Dice, LONGEST_BACKUP_PAUSE, LONGEST_PAUSE, MINUTE, SECOND, WINDOW, WORTHWHILE};
use super::{Device, DeviceLimit, Indicator, LineError, Reply, Settings, SettingsError, registrar};
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

/// What listeners are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// `connecting`: once for each [`Line::register`], before anything is sent.
    Connecting,
    /// `registered`: [`Line::device`] is there. Also after a registration that went on by itself.
    Registered,
    /// `unregistered`. With a reason, nothing more happens until [`Line::register`].
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
    /// `superseded`: the user's line was registered somewhere else (409). Whoever registers again takes it back.
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

/// What to do, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send this, and report with [`Line::handle_reply`].
    Send {
        /// Names it.
        id: u32,
        /// What it is for.
        purpose: Purpose,
        /// Lacks the token.
        request: Request,
    },
    /// Nobody waits for this request any more.
    Abort(u32),
    /// The registrar does not take the token: get a newer one, and report with [`Line::handle_renewal`].
    Renew(u32),
    /// Tell the listeners.
    Event {
        /// What happened.
        event: Event,
        /// How far the line was then.
        status: Status,
    },
    /// Remember this for whoever goes on with the line: [`Line::resume`]. `None`: forget it.
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

/// What another tab, or this one after a reload, needs to go on with a line. There is no token in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "camelCase")]
pub enum Saved {
    /// It is registered.
    Active {
        /// The device.
        device: Device,
        /// Whether `reconnecting` was told last.
        reconnecting: bool,
    },
    /// It is being registered.
    Retrying {
        /// When it failed first.
        since: Option<Millis>,
        /// How often it waited.
        tries: u32,
        /// 0: at the primary registrars; 1 and 2: the first and the second time at the backups.
        round: u8,
        /// When it goes on.
        until: Millis,
    },
}

/// A line: one registration at a time, one request at a time.
///
/// Moments are milliseconds since 1970, by a clock that never goes back. After every call: [`Line::take_outputs`], then
/// [`Line::poll_timeout`].
#[derive(Clone, Debug)]
pub struct Line {
    settings: Settings,
    dice: Dice,
    status: Status,
    phase: Phase,
    flight: Option<Flight>,
    device: Option<Device>,
    missed: u32,
    reconnecting: bool,
    in_call: bool,
    offline: bool,
    /// Of the last reply of a primary registrar, in minutes.
    rehoming: (u64, u64),
    /// How many tries to go back were answered with 429.
    put_off: u32,
    next_id: u32,
    /// When it last began to register, and when it last asked by a keepalive.
    began: Option<Millis>,
    asked: Option<Millis>,
    outputs: Vec<Output>,
}

#[derive(Clone, Debug)]
enum Phase {
    Idle,
    /// Given up by us; what is under way is waited for, so that a device that is made meanwhile is removed.
    Leaving {
        register: bool,
    },
    /// Until `register`. The device is the one in whose place this one may come.
    Stopped {
        instead_of: Option<(String, String)>,
    },
    Trying(Attempt),
    Active {
        keepalive_at: Millis,
        failback_at: Option<Millis>,
    },
}

#[derive(Clone, Debug, Default)]
struct Attempt {
    /// When it goes on; `None`: a request is under way, or a call.
    at: Option<Millis>,
    queue: VecDeque<String>,
    round: u8,
    since: Option<Millis>,
    tries: u32,
    retry_after: Option<Millis>,
    /// The first of the queue is where it was registered before.
    again: bool,
    /// A device was removed for this one already.
    replaced: bool,
    /// It may be: by `take_over`.
    replace: bool,
    /// It left this backup to go back.
    left: Option<String>,
    /// When to try to go back again, where that is known.
    back_in: Option<Millis>,
}

#[derive(Clone, Debug)]
struct Flight {
    id: u32,
    kind: Kind,
    base: String,
    request: Request,
    sent_at: Millis,
    deadline: Millis,
    renewed: bool,
    renewing: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Register,
    Keepalive,
    Ping,
    /// The device of whom this one replaces.
    Replace,
    /// Our own one on the backup.
    Return,
    /// Our own one.
    Leave,
}

impl Kind {
    const fn purpose(self) -> Purpose {
        match self {
            Self::Register => Purpose::Register,
            Self::Keepalive => Purpose::Keepalive,
            Self::Ping => Purpose::Ping,
            Self::Replace | Self::Return | Self::Leave => Purpose::Deregister,
        }
    }
}

const REGISTER_PATIENCE: Millis = 30 * SECOND;
const SHORT_PATIENCE: Millis = 5 * SECOND;
const RENEWAL_PATIENCE: Millis = 60 * SECOND;
/// Two beginnings are so far apart, whoever asks for them.
const FLOOR: Millis = SECOND;
const MOST_PUT_OFF: u32 = 5;
const REHOMING: (u64, u64) = (60, 120);
const DAY_IN_MINUTES: f64 = 1440.0;

impl Line {
    /// A line that is not registered.
    ///
    /// # Errors
    /// Every [`SettingsError`]
    pub fn new(settings: Settings, random: u64) -> Result<Self, SettingsError> {
        settings.check()?;
        Ok(Self {
            settings,
            dice: Dice(random),
            status: Status::Idle,
            phase: Phase::Idle,
            flight: None,
            device: None,
            missed: 0,
            reconnecting: false,
            in_call: false,
            offline: false,
            rehoming: REHOMING,
            put_off: 0,
            next_id: 0,
            began: None,
            asked: None,
            outputs: Vec::new(),
        })
    }

    /// How far it is.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The device, also the last one after it was lost.
    pub const fn device(&self) -> Option<&Device> {
        self.device.as_ref()
    }

    /// What to do, in this order.
    pub fn take_outputs(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.outputs)
    }

    /// When [`Line::handle_timeout`] is due.
    pub fn poll_timeout(&self) -> Option<Millis> {
        if let Some(flight) = &self.flight {
            return Some(flight.deadline);
        }
        match &self.phase {
            _ if self.offline => None,
            Phase::Trying(attempt) => attempt.at,
            Phase::Active { keepalive_at, failback_at } => Some(failback_at.map_or(*keepalive_at, |at| at.min(*keepalive_at))),
            _ => None,
        }
    }

    /// Registers. Where it is registered, that is told again; where it is being registered, nothing is done twice.
    pub fn register(&mut self, now: Millis) {
        match &mut self.phase {
            Phase::Active { .. } => self.tell(Event::Registered),
            Phase::Trying(_) => self.tell(Event::Connecting),
            Phase::Leaving { register } => {
                *register = true;
                self.tell(Event::Connecting);
            }
            Phase::Idle | Phase::Stopped { .. } => {
                self.tell(Event::Connecting);
                self.begin(now, Attempt::default());
            }
        }
        self.advance(now);
    }

    /// Registers in the place of another device: after the device limit was reported, of the one that was named first. Else as [`Line::register`].
    pub fn take_over(&mut self, now: Millis) {
        let Phase::Stopped { instead_of: Some((base, device_id)) } = self.phase.clone() else { return self.register(now) };
        self.tell(Event::Connecting);
        self.begin(now, Attempt { replace: true, ..Attempt::default() });
        self.replace(now, base, &device_id);
    }

    /// Gives the line up. What was under way ends; a device that it still makes is removed.
    pub fn deregister(&mut self, now: Millis) {
        let registering = self.flight.as_ref().is_some_and(|flight| flight.kind == Kind::Register && !flight.renewing);
        match &mut self.phase {
            Phase::Idle | Phase::Leaving { register: false } => return,
            Phase::Leaving { register } => *register = false,
            Phase::Active { .. } => {
                self.drop_flight();
                self.phase = Phase::Leaving { register: false };
                self.remove(now, Kind::Leave);
            }
            Phase::Trying(_) if registering => self.phase = Phase::Leaving { register: false },
            Phase::Trying(_) | Phase::Stopped { .. } => {
                self.drop_flight();
                self.phase = Phase::Idle;
            }
        }
        self.status = Status::Idle;
        self.forget();
        self.tell(Event::Unregistered(None));
    }

    /// The user has left: nothing more is sent, and nothing of him is remembered.
    pub fn sign_out(&mut self) {
        let told = !matches!(self.phase, Phase::Idle | Phase::Leaving { register: false });
        self.stop();
        self.device = None;
        self.forget();
        if told {
            self.tell(Event::Unregistered(Some(Lost::SignedOut)));
        }
    }

    /// Ends without a word: somebody else goes on with what was saved.
    pub fn stop(&mut self) {
        self.drop_flight();
        self.phase = Phase::Idle;
        self.status = Status::Idle;
    }

    /// Goes on with a line that another tab, or this one before a reload, has left. A registered one is asked for at once.
    pub fn resume(&mut self, now: Millis, saved: Saved) {
        if !matches!(self.phase, Phase::Idle) {
            return;
        }
        match saved {
            Saved::Active { device, reconnecting }
                if self.settings.trusts(&device.base) && self.settings.trusts(&device.uri) && registrar::is_id(&device.device_id) =>
            {
                self.status = Status::Active;
                (self.missed, self.reconnecting) = (0, reconnecting);
                let failback_at = if self.is_primary(&device.base) { None } else { Some(self.failback_at(now)) };
                self.phase = Phase::Active { keepalive_at: now, failback_at };
                self.device = Some(device);
            }
            // Nobody was there for longer than it would have tried: it begins anew.
            Saved::Retrying { since, tries, round, until } if now <= until.saturating_add(WINDOW) => {
                let attempt = Attempt { since, tries, round, ..Attempt::default() };
                self.wait(now, until.saturating_sub(now).min(WINDOW), attempt);
            }
            _ => self.begin(now, Attempt::default()),
        }
        self.advance(now);
    }

    /// Whether somebody speaks: nothing is moved meanwhile.
    pub fn handle_call(&mut self, now: Millis, in_call: bool) {
        self.in_call = in_call;
        match &mut self.phase {
            Phase::Trying(attempt) if !in_call && self.flight.is_none() => _ = attempt.at.get_or_insert(now),
            _ => {}
        }
        self.advance(now);
    }

    /// The browser has no network: everything waits.
    pub fn handle_offline(&mut self) {
        if !self.offline {
            self.offline = true;
            if let Phase::Active { keepalive_at, .. } = self.phase {
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
            Phase::Active { keepalive_at, .. } => *keepalive_at = at,
            Phase::Trying(attempt) if attempt.at.is_some() => self.begin(now, Attempt::default()),
            _ => {}
        }
        self.advance(now);
    }

    /// It is due.
    pub fn handle_timeout(&mut self, now: Millis) {
        if let Some(Flight { id, .. }) = self.flight.as_ref().filter(|flight| flight.deadline <= now) {
            let id = *id;
            self.outputs.push(Output::Abort(id));
            self.answered(now, id, &Reply::default());
        }
        self.advance(now);
    }

    /// What a request came to. Replies to others than the one that is under way are ignored.
    pub fn handle_reply(&mut self, now: Millis, id: u32, reply: &Reply) {
        if self.flight.as_ref().is_some_and(|flight| !flight.renewing) {
            self.answered(now, id, reply);
        }
        self.advance(now);
    }

    /// What became of [`Output::Renew`].
    pub fn handle_renewal(&mut self, now: Millis, id: u32, renewal: Renewal) {
        match self.flight.take() {
            Some(flight) if flight.id == id && flight.renewing => match renewal {
                Renewal::Fresh => self.send(now, flight.kind, flight.base, flight.request, true),
                Renewal::Refused => {
                    self.flight = Some(Flight { renewed: true, ..flight });
                    self.answered(now, id, &Reply { status: 401, ..Reply::default() });
                }
                Renewal::Failed => {
                    self.flight = Some(flight);
                    self.answered(now, id, &Reply::default());
                }
            },
            other => self.flight = other,
        }
        self.advance(now);
    }

    fn tell(&mut self, event: Event) {
        self.outputs.push(Output::Event { event, status: self.status });
    }

    fn forget(&mut self) {
        self.outputs.push(Output::Save(None));
    }

    fn is_primary(&self, base: &str) -> bool {
        self.settings.primary.iter().any(|primary| primary == base)
    }

    fn failback_at(&mut self, now: Millis) -> Millis {
        let (low, high) = self.rehoming;
        now.saturating_add(self.dice.between(low, high.max(low)).saturating_mul(MINUTE))
    }

    fn mark_reconnecting(&mut self, missed: u32, next_at: Millis, error: Option<LineError>) {
        if !std::mem::replace(&mut self.reconnecting, true) {
            self.save_active();
        }
        self.tell(Event::Reconnecting { missed, next_at, error });
    }

    fn save_active(&mut self) {
        if let Some(device) = self.device.clone() {
            self.outputs.push(Output::Save(Some(Saved::Active { device, reconnecting: self.reconnecting })));
        }
    }

    fn drop_flight(&mut self) {
        // What removes a device goes on.
        if let Some(flight) = self.flight.take().filter(|flight| flight.kind.purpose() != Purpose::Deregister) {
            self.outputs.push(Output::Abort(flight.id));
        }
    }

    fn send(&mut self, now: Millis, kind: Kind, base: String, request: Request, renewed: bool) {
        let patience = match kind {
            Kind::Register => REGISTER_PATIENCE,
            Kind::Keepalive => self.device.as_ref().map_or(REGISTER_PATIENCE, |device| device.interval().saturating_mul(2)),
            Kind::Ping | Kind::Replace | Kind::Return | Kind::Leave => SHORT_PATIENCE,
        };
        self.next_id = self.next_id.wrapping_add(1);
        let id = self.next_id;
        self.outputs.push(Output::Send { id, purpose: kind.purpose(), request: request.clone() });
        self.flight =
            Some(Flight { id, kind, base, request, sent_at: now, deadline: now.saturating_add(patience), renewed, renewing: false });
    }

    /// Begins with the primary registrars, or with those that are queued.
    fn begin(&mut self, now: Millis, mut attempt: Attempt) {
        self.status = Status::Inactive;
        if attempt.queue.is_empty() {
            attempt.queue = self.settings.primary.iter().cloned().collect();
        }
        attempt.at = Some(not_sooner(now, self.began));
        self.save_attempt(&attempt);
        self.phase = Phase::Trying(attempt);
    }

    fn wait(&mut self, now: Millis, wait: Millis, mut attempt: Attempt) {
        self.status = Status::Inactive;
        attempt.queue = if attempt.round == 0 { &self.settings.primary } else { &self.settings.backup }.iter().cloned().collect();
        attempt.retry_after = None;
        attempt.at = Some(now.saturating_add(wait));
        self.save_attempt(&attempt);
        self.phase = Phase::Trying(attempt);
    }

    fn save_attempt(&mut self, attempt: &Attempt) {
        let Attempt { since, tries, round, at, .. } = *attempt;
        self.outputs.push(Output::Save(Some(Saved::Retrying { since, tries, round, until: at.unwrap_or_default() })));
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
            Phase::Active { keepalive_at, .. } if *keepalive_at <= now => {
                if let Some(device) = &self.device {
                    let (base, request) = (device.base.clone(), registrar::keepalive(&self.settings, device, &mut self.dice));
                    self.asked = Some(now);
                    self.send(now, Kind::Keepalive, base, request, false);
                }
            }
            Phase::Active { failback_at, .. } if failback_at.is_some_and(|at| at <= now) => {
                *failback_at = None;
                if self.in_call { self.stay(now) } else { self.ping(now, 0) }
            }
            _ => {}
        }
    }

    /// To the next registrar of the queue.
    fn next(&mut self, now: Millis) {
        let Phase::Trying(attempt) = &mut self.phase else { return };
        match attempt.queue.pop_front() {
            Some(base) => {
                let request = registrar::register(&self.settings, &base, &mut self.dice);
                self.send(now, Kind::Register, base, request, false);
            }
            None => self.exhausted(now),
        }
    }

    /// All of them have failed.
    fn exhausted(&mut self, now: Millis) {
        let Phase::Trying(attempt) = &mut self.phase else { return };
        let mut attempt = std::mem::take(attempt);
        let since = *attempt.since.get_or_insert(now);
        let retry_after = attempt.retry_after.unwrap_or_default();
        if let Some(backup) = attempt.left.take() {
            // It could not go back: to the backup again, then everything from the start.
            attempt = Attempt { at: Some(now), queue: [backup].into(), back_in: attempt.back_in, ..Attempt::default() };
            self.phase = Phase::Trying(attempt);
            return self.advance(now);
        }
        attempt.tries = attempt.tries.saturating_add(1);
        match attempt.round {
            0 => {
                let elapsed = now.saturating_sub(since);
                let own = self.dice.wait(attempt.tries);
                let impatient = retry_after > own && elapsed.saturating_add(retry_after) > WINDOW;
                let wait = own.max(retry_after).min(WINDOW.saturating_sub(elapsed));
                if wait > WORTHWHILE && !impatient { self.wait(now, wait, attempt) } else { self.go_to_backups(now, attempt) }
            }
            1 => {
                let wait = self.dice.wait(1).max(retry_after.min(LONGEST_BACKUP_PAUSE));
                attempt.round = 2;
                self.wait(now, wait, attempt);
            }
            _ => self.give_up(now),
        }
    }

    fn go_to_backups(&mut self, now: Millis, mut attempt: Attempt) {
        if self.settings.backup.is_empty() {
            return self.give_up(now);
        }
        attempt.round = 1;
        self.wait(now, 0, attempt);
        self.advance(now);
    }

    fn give_up(&mut self, now: Millis) {
        let slowly = self.settings.retry_slowly;
        self.tell(Event::Error(LineError { is_fatal: !slowly, ..LineError::EXHAUSTED }));
        if slowly {
            let wait = self.dice.between(300, 900).saturating_mul(SECOND);
            self.wait(now, wait, Attempt::default());
        } else {
            self.fail(None);
        }
    }

    /// Nothing more until `register`.
    fn fail(&mut self, instead_of: Option<(String, String)>) {
        self.status = Status::Inactive;
        self.phase = Phase::Stopped { instead_of };
        self.forget();
    }

    fn answered(&mut self, now: Millis, id: u32, reply: &Reply) {
        let Some(mut flight) = self.flight.take_if(|flight| flight.id == id) else { return };
        let wanted =
            matches!(self.phase, Phase::Trying(_) | Phase::Active { .. }) && matches!(flight.kind, Kind::Register | Kind::Keepalive);
        if reply.status == 401 && !flight.renewed && wanted {
            flight.renewing = true;
            flight.deadline = now.saturating_add(RENEWAL_PATIENCE);
            self.outputs.push(Output::Renew(id));
            self.flight = Some(flight);
            return;
        }
        match flight.kind {
            Kind::Register => self.register_answered(now, &flight, reply),
            Kind::Keepalive => self.keepalive_answered(now, &flight, reply),
            Kind::Ping if reply.status == 200 => self.return_to_primary(now),
            Kind::Ping => {
                let after = self.settings.primary.iter().position(|base| *base == flight.base);
                self.ping(now, after.map_or(usize::MAX, |index| index.saturating_add(1)));
            }
            // Whatever the registrar says of it.
            Kind::Replace => {
                self.tell(Event::Unregistered(None));
                self.next(now);
            }
            Kind::Return => self.returned(now, flight.base),
            Kind::Leave => self.left(now),
        }
    }

    fn left(&mut self, now: Millis) {
        if let Phase::Leaving { register } = self.phase {
            self.phase = Phase::Idle;
            if register {
                self.begin(now, Attempt::default());
            }
        }
    }

    /// Removes our own device.
    fn remove(&mut self, now: Millis, kind: Kind) {
        if let Some(Device { base, device_id, .. }) = &self.device {
            let (base, request) = (base.clone(), registrar::deregister(&self.settings, base, device_id, &mut self.dice));
            self.send(now, kind, base, request, false);
        }
    }

    fn register_answered(&mut self, now: Millis, flight: &Flight, reply: &Reply) {
        let made = if matches!(reply.status, 200..=299) { registrar::read_device(&self.settings, &flight.base, reply) } else { None };
        let in_time = matches!(self.phase, Phase::Trying(_));
        match made {
            Some(device) => {
                self.device = Some(device);
                if in_time { self.registered(now) } else { self.remove(now, Kind::Leave) }
            }
            None if in_time => self.register_failed(now, flight, reply),
            None => self.left(now),
        }
    }

    fn registered(&mut self, now: Millis) {
        let (Some(device), Phase::Trying(attempt)) = (&self.device, &self.phase) else { return };
        let (interval, back_in) = (device.interval(), attempt.back_in);
        let minutes = |given: Option<f64>, default: u64| given.map_or(default, whole_minutes);
        let failback_at = if self.is_primary(&device.base) {
            self.rehoming = (minutes(device.rehoming_interval_min, REHOMING.0), minutes(device.rehoming_interval_max, REHOMING.1));
            self.put_off = 0;
            None
        } else {
            Some(back_in.map_or_else(|| self.failback_at(now), |wait| now.saturating_add(wait)))
        };
        self.status = Status::Active;
        (self.missed, self.reconnecting) = (0, false);
        self.phase = Phase::Active { keepalive_at: now.saturating_add(interval), failback_at };
        self.save_active();
        self.tell(Event::Registered);
    }

    fn register_failed(&mut self, now: Millis, flight: &Flight, reply: &Reply) {
        let Phase::Trying(attempt) = &mut self.phase else { return };
        let error = error_of(reply);
        if self.offline && reply.status == 0 {
            // Nobody has seen it: it is sent again when there is a network.
            attempt.queue.push_front(flight.base.clone());
            attempt.at = Some(now);
            return;
        }
        attempt.since.get_or_insert(now);
        let again = std::mem::take(&mut attempt.again);
        match (error.status, error.error_code) {
            (403, Some(101)) => return self.too_many_devices(now, error, reply),
            // It is for the one that is registered to say so.
            (409, _) => {}
            (429, _) => {
                if again {
                    return self.previous_is_busy(now, &flight.base, reply.retry_after);
                }
                if attempt.left.is_some() {
                    self.put_off = self.put_off.saturating_add(1);
                    if self.put_off > MOST_PUT_OFF {
                        self.put_off = 0;
                    } else {
                        attempt.back_in = Some(self.dice.wait(self.put_off));
                        attempt.queue.clear();
                    }
                }
                attempt.retry_after = attempt.retry_after.max(reply.retry_after);
            }
            _ if error.is_fatal => {
                self.tell(Event::Error(error));
                return self.fail(None);
            }
            _ => self.tell(Event::Unregistered(None)),
        }
        self.next(now);
    }

    /// The registrar where it was registered before wants to be left alone.
    fn previous_is_busy(&mut self, now: Millis, base: &str, retry_after: Option<Millis>) {
        let primary = self.is_primary(base);
        let Phase::Trying(attempt) = &mut self.phase else { return };
        let attempt = std::mem::take(attempt);
        match retry_after {
            Some(wait) if wait < MINUTE => self.wait(now, wait, attempt),
            Some(_) if primary && !self.settings.backup.is_empty() => self.go_to_backups(now, attempt),
            _ => {
                self.phase = Phase::Trying(attempt);
                self.next(now);
            }
        }
    }

    fn too_many_devices(&mut self, now: Millis, error: LineError, reply: &Reply) {
        let first = registrar::read_first_device(&self.settings, reply);
        let Phase::Trying(attempt) = &mut self.phase else { return };
        if self.settings.device_limit == DeviceLimit::Report && !attempt.replace {
            self.tell(Event::Error(error));
            return self.fail(first);
        }
        match first {
            Some((base, device_id)) if !attempt.replaced => self.replace(now, base, &device_id),
            _ => {
                attempt.queue.clear();
                self.tell(Event::Unregistered(None));
                self.exhausted(now);
            }
        }
    }

    /// Removes that device, and registers where it was.
    fn replace(&mut self, now: Millis, base: String, device_id: &str) {
        if let Phase::Trying(attempt) = &mut self.phase {
            (attempt.at, attempt.replaced, attempt.queue) = (None, true, [base.clone()].into());
            let request = registrar::deregister(&self.settings, &base, device_id, &mut self.dice);
            self.began = Some(now);
            self.send(now, Kind::Replace, base, request, false);
        }
    }

    fn keepalive_answered(&mut self, now: Millis, flight: &Flight, reply: &Reply) {
        let Phase::Active { keepalive_at, .. } = &mut self.phase else { return };
        let interval = self.device.as_ref().map_or(REGISTER_PATIENCE, Device::interval);
        let at = flight.sent_at.saturating_add(interval).max(now);
        *keepalive_at = at;
        let error = error_of(reply);
        match (error.status, error.error_code) {
            (200..=299, _) => {
                self.missed = 0;
                if std::mem::take(&mut self.reconnecting) {
                    self.save_active();
                    self.tell(Event::Reconnected);
                }
            }
            (0, _) if self.offline => {}
            (400 | 401, _) | (403, Some(102)) => {
                self.tell(Event::Error(error));
                self.fail(None);
                self.tell(Event::Unregistered(None));
            }
            (404, _) => {
                self.tell(Event::Error(LineError { is_fatal: false, ..error }));
                self.begin(now, Attempt::default());
                self.tell(Event::Unregistered(None));
            }
            (409, _) => {
                self.fail(None);
                self.tell(Event::Unregistered(Some(Lost::Superseded)));
            }
            (429, _) => {
                self.missed = 0;
                *keepalive_at = at.max(now.saturating_add(reply.retry_after.unwrap_or_default().min(LONGEST_PAUSE)));
            }
            _ => {
                self.missed = self.missed.saturating_add(1);
                if self.missed < self.settings.indicator.threshold() {
                    self.mark_reconnecting(self.missed, at, Some(error));
                } else {
                    self.lost(now);
                }
            }
        }
    }

    /// The registrar has not answered for too long.
    fn lost(&mut self, now: Millis) {
        let last = self.device.as_ref().map(|device| device.base.clone());
        let straight = self.settings.indicator == Indicator::ContactCenter && !self.settings.backup.is_empty();
        let attempt = if straight {
            Attempt { round: 1, queue: self.settings.backup.iter().cloned().collect(), ..Attempt::default() }
        } else {
            // The one that has just failed need not fail twice.
            let others = self.settings.primary.iter().filter(|base| Some(*base) != last.as_ref());
            Attempt { again: true, queue: last.iter().chain(others).cloned().collect(), ..Attempt::default() }
        };
        self.begin(now, attempt);
        if let (true, Phase::Trying(attempt)) = (self.in_call, &mut self.phase) {
            attempt.at = None;
        }
        self.tell(Event::Unregistered(None));
    }

    fn stay(&mut self, now: Millis) {
        let at = self.failback_at(now);
        if let Phase::Active { failback_at, .. } = &mut self.phase {
            *failback_at = Some(at);
        }
    }

    /// Asks the primary registrars from this one on whether one is up.
    fn ping(&mut self, now: Millis, index: usize) {
        match self.settings.primary.get(index).cloned() {
            Some(base) => {
                let request = registrar::ping(&base);
                self.send(now, Kind::Ping, base, request, false);
            }
            None => self.stay(now),
        }
    }

    fn return_to_primary(&mut self, now: Millis) {
        if self.in_call { self.stay(now) } else { self.remove(now, Kind::Return) }
    }

    fn returned(&mut self, now: Millis, backup: String) {
        self.status = Status::Inactive;
        self.tell(Event::Unregistered(None));
        self.begin(now, Attempt { left: Some(backup), ..Attempt::default() });
        // It was not begun by anybody, and there is no line meanwhile.
        if let Phase::Trying(attempt) = &mut self.phase {
            attempt.at = Some(now);
        }
    }
}

/// Not sooner after the last one than is decent.
fn not_sooner(now: Millis, last: Option<Millis>) -> Millis {
    last.map_or(now, |last| last.saturating_add(FLOOR).max(now))
}

fn error_of(reply: &Reply) -> LineError {
    LineError::of(reply.status, if reply.status == 403 { registrar::read_error_code(reply) } else { None })
}

/// At least one, at most a day.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole_minutes(minutes: f64) -> u64 {
    minutes.clamp(1.0, DAY_IN_MINUTES) as u64
}
