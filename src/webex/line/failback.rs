//! A line on a backup goes back to a primary registrar, when one is up and no call goes on.

use super::super::registrar::{self, Answer};
use super::super::registrars::{Queue, Registrar};
use super::super::retry::MINUTE;
use super::attempt::Attempt;
use super::flight::Kind;
use super::{CallState, Event, Line, Phase, Status};
use crate::session::Millis;

/// So many tries to go back may be answered with 429, one after the other, before it waits as long as usual.
pub(super) const MOST_PUT_OFF: u32 = 5;
const DAY_IN_MINUTES: f64 = 1440.0;

impl Line {
    pub(super) fn failback_at(&mut self, now: Millis) -> Millis {
        let (low, high) = self.rehoming;
        now.saturating_add(self.dice.between(low, high.max(low)).saturating_mul(MINUTE))
    }

    /// It is due.
    pub(super) fn try_to_go_back(&mut self, now: Millis) {
        if self.call == CallState::InCall { self.stay(now) } else { self.ping(now, self.registrars.primaries()) }
    }

    fn stay(&mut self, now: Millis) {
        let at = self.failback_at(now);
        if let Phase::Registered { failback_at, .. } = &mut self.phase {
            *failback_at = Some(at);
        }
    }

    /// Asks these whether one is up.
    fn ping(&mut self, now: Millis, mut others: Queue) {
        match others.pop() {
            Some(registrar) => {
                let url = registrar::ping_address(self.registrars.base(registrar));
                self.send(now, Kind::Ping(others), registrar, url);
            }
            None => self.stay(now),
        }
    }

    pub(super) fn ping_answered(&mut self, now: Millis, reply: &Answer, others: Queue) {
        if reply.status == 200 {
            return self.return_to_primary(now);
        }
        self.ping(now, others);
    }

    fn return_to_primary(&mut self, now: Millis) {
        if self.call == CallState::InCall { self.stay(now) } else { self.remove(now, Kind::Return) }
    }

    pub(super) fn returned(&mut self, now: Millis, backup: Registrar) {
        self.status = Status::Inactive;
        self.emit(Event::Unregistered(None));
        self.begin(now, Attempt { left: Some(backup), ..Attempt::default() });
        // The user has not asked for it, and there is no line meanwhile.
        if let Phase::Trying(attempt) = &mut self.phase {
            attempt.at = Some(now);
        }
    }
}

/// At least one, at most a day.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(super) fn whole_minutes(minutes: f64) -> u64 {
    minutes.clamp(1.0, DAY_IN_MINUTES) as u64
}
