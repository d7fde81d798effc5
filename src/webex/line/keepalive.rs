//! While it is registered: a keepalive at each interval, what its answer means, and when the line counts as lost.

use super::super::registrar::{self, Answer};
use super::super::retry::LONGEST_PAUSE;
use super::super::{Indicator, LineError};
use super::attempt::{Attempt, First};
use super::flight::{Flight, Kind};
use super::requests::REGISTER_PATIENCE;
use super::{CallState, Connection, Event, Line, Lost, Phase, error_of};
use crate::session::Millis;

impl Line {
    pub(super) fn send_keepalive(&mut self, now: Millis) {
        if let Some(device) = &self.device {
            let (registrar, url) = (self.registrars.find(&device.base), registrar::joined(&[&device.uri, "/status"]));
            self.asked = Some(now);
            self.send(now, Kind::Keepalive, registrar, url);
        }
    }

    pub(super) fn keepalive_answered(&mut self, now: Millis, flight: &Flight, reply: &Answer) {
        let Phase::Registered { keepalive_at, .. } = &mut self.phase else { return };
        let interval = self.device.as_ref().map_or(REGISTER_PATIENCE, |device| device.interval());
        let at = flight.sent_at.saturating_add(interval).max(now);
        *keepalive_at = at;
        let error = error_of(reply);
        match (error.status, error.error_code) {
            (200..=299, _) => {
                self.missed = 0;
                if std::mem::take(&mut self.connection) == Connection::Reconnecting {
                    self.save_registered();
                    self.emit(Event::Reconnected);
                }
            }
            (0, _) if self.offline => {}
            (400 | 401, _) | (403, Some(102)) => {
                self.emit(Event::Error(error));
                self.fail(None);
                self.emit(Event::Unregistered(None));
            }
            (404, _) => {
                self.emit(Event::Error(LineError { is_fatal: false, ..error }));
                self.begin(now, Attempt::default());
                self.emit(Event::Unregistered(None));
            }
            (409, _) => {
                self.fail(None);
                self.emit(Event::Unregistered(Some(Lost::Superseded)));
            }
            _ => {
                let pause = if error.status == 429 { reply.retry_after.unwrap_or_default().min(LONGEST_PAUSE) } else { 0 };
                let at = at.max(now.saturating_add(pause));
                *keepalive_at = at;
                self.missed = self.missed.saturating_add(1);
                if self.missed < self.rules.indicator.threshold() {
                    self.mark_reconnecting(self.missed, at, Some(error));
                    if error.status == 429 {
                        // The registrar is there: the count begins anew.
                        self.missed = 0;
                    }
                } else {
                    self.lost(now);
                }
            }
        }
    }

    pub(super) fn mark_reconnecting(&mut self, missed: u32, next_at: Millis, error: Option<LineError>) {
        if std::mem::replace(&mut self.connection, Connection::Reconnecting) == Connection::Connected {
            self.save_registered();
        }
        self.emit(Event::Reconnecting { missed, next_at, error });
    }

    /// The registrar has not answered for too long.
    fn lost(&mut self, now: Millis) {
        let (primaries, backups) = (self.registrars.primaries(), self.registrars.backups());
        let attempt = if self.rules.indicator == Indicator::ContactCenter && !backups.is_empty() {
            Attempt { round: 1, queue: backups, ..Attempt::default() }
        } else {
            // The one that has just failed need not fail twice.
            let last = self.device.as_ref().map(|device| self.registrars.find(&device.base));
            let queue = last.map_or(primaries, |last| primaries.after(last));
            Attempt { first: First::Previous, queue, ..Attempt::default() }
        };
        self.begin(now, attempt);
        if let (CallState::InCall, Phase::Trying(attempt)) = (self.call, &mut self.phase) {
            attempt.at = None;
        }
        self.emit(Event::Unregistered(None));
    }
}
