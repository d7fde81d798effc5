//! The one request that is under way: sent, answered, given up, or sent once more with a newer token.

use super::super::Device;
#[cfg(feature = "webex")]
use super::super::Reply;
use super::super::registrar::{self, Answer};
use super::super::registrars::Registrar;
use super::super::retry::SECOND;
use super::flight::{Flight, Kind, Token};
use super::{Line, Phase, Purpose, Renewal, Send, Step};
use crate::session::Millis;

pub(super) const REGISTER_PATIENCE: Millis = 30 * SECOND;
const SHORT_PATIENCE: Millis = 5 * SECOND;
const RENEWAL_PATIENCE: Millis = 60 * SECOND;

impl Line {
    /// What a request came to. Replies to others than the one that is under way are ignored.
    #[cfg(feature = "webex")]
    pub fn handle_reply(&mut self, now: Millis, id: u32, reply: &Reply) {
        self.handle_answer(now, id, reply.read());
    }

    pub(in super::super) fn handle_answer(&mut self, now: Millis, id: u32, reply: Answer) {
        if self.flight.as_ref().is_some_and(|flight| flight.token != Token::Renewing) {
            self.answered(now, id, reply);
        }
        self.advance(now);
    }

    /// What became of [`Output::Renew`](super::super::Output::Renew).
    pub fn handle_renewal(&mut self, now: Millis, id: u32, renewal: Renewal) {
        match self.flight.take() {
            Some(flight) if flight.id == id && flight.token == Token::Renewing => match renewal {
                Renewal::Fresh => self.send_with(now, flight.kind, flight.registrar, flight.url, Token::Renewed, None),
                Renewal::Refused => {
                    self.flight = Some(Flight { token: Token::Renewed, ..flight });
                    self.answered(now, id, Answer { status: 401, ..Answer::default() });
                }
                Renewal::Failed => {
                    self.flight = Some(flight);
                    self.answered(now, id, Answer::default());
                }
            },
            other => self.flight = other,
        }
        self.advance(now);
    }

    /// No answer counts as one after so long.
    pub(super) fn expire_flight(&mut self, now: Millis) {
        if let Some(Flight { id, .. }) = self.flight.as_ref().filter(|flight| flight.deadline <= now) {
            let id = *id;
            self.steps.push(Step::Abort(id));
            self.answered(now, id, Answer::default());
        }
    }

    pub(super) fn drop_flight(&mut self) {
        // What removes a device goes on.
        if let Some(flight) = self.flight.take().filter(|flight| flight.kind.purpose() != Purpose::Deregister) {
            self.steps.push(Step::Abort(flight.id));
        }
    }

    pub(super) fn send(&mut self, now: Millis, kind: Kind, registrar: Registrar, url: String) {
        self.send_for(now, kind, registrar, url, None);
    }

    /// In the name of another device, if one is given.
    pub(super) fn send_for(&mut self, now: Millis, kind: Kind, registrar: Registrar, url: String, device_url: Option<String>) {
        self.send_with(now, kind, registrar, url, Token::First, device_url);
    }

    fn send_with(&mut self, now: Millis, kind: Kind, registrar: Registrar, url: String, token: Token, device_url: Option<String>) {
        let patience = match kind {
            Kind::Register => REGISTER_PATIENCE,
            Kind::Keepalive => self.device.as_ref().map_or(REGISTER_PATIENCE, |device| device.interval().saturating_mul(2)),
            Kind::Ping(_) | Kind::Replace | Kind::Return | Kind::Leave => SHORT_PATIENCE,
        };
        self.next_id = self.next_id.wrapping_add(1);
        let id = self.next_id;
        self.steps.push(Step::Send(Send { id, purpose: kind.purpose(), url: url.clone(), device_url }));
        self.flight = Some(Flight { id, kind, registrar, url, sent_at: now, deadline: now.saturating_add(patience), token });
    }

    fn answered(&mut self, now: Millis, id: u32, reply: Answer) {
        let Some(mut flight) = self.flight.take_if(|flight| flight.id == id) else { return };
        let wanted =
            matches!(self.phase, Phase::Trying(_) | Phase::Registered { .. }) && matches!(flight.kind, Kind::Register | Kind::Keepalive);
        if reply.status == 401 && flight.token != Token::Renewed && wanted {
            flight.token = Token::Renewing;
            flight.deadline = now.saturating_add(RENEWAL_PATIENCE);
            self.steps.push(Step::Renew(id));
            self.flight = Some(flight);
            return;
        }
        match flight.kind {
            Kind::Register => self.register_answered(now, &flight, reply),
            Kind::Keepalive => self.keepalive_answered(now, &flight, &reply),
            Kind::Ping(others) => self.ping_answered(now, &reply, others),
            // For these three any answer is good enough.
            Kind::Replace => self.replaced(now),
            Kind::Return => self.returned(now, flight.registrar),
            Kind::Leave => self.left(now),
        }
    }

    /// Removes our own device.
    pub(super) fn remove(&mut self, now: Millis, kind: Kind) {
        if let Some(Device { base, device_id, .. }) = self.device.as_deref() {
            let (registrar, url) = (self.registrars.find(base), registrar::address_of(base, device_id));
            self.send(now, kind, registrar, url);
        }
    }
}
