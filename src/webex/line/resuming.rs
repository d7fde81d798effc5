//! How a tab goes on with the line that another has left, and leaves it itself.

use super::super::registrar;
use super::super::retry::WINDOW;
use super::attempt::Attempt;
use super::{Line, Phase, Saved, Status, Step};
use crate::session::Millis;

impl Line {
    /// Goes on with a line that another tab, or this one before a reload, has left. A registered one is asked for at once.
    pub fn resume(&mut self, now: Millis, saved: Saved) {
        if !matches!(self.phase, Phase::Idle) {
            return;
        }
        match saved {
            Saved::Active { device, connection }
                if self.registrars.trust(&device.base) && self.registrars.trust(&device.uri) && registrar::is_id(&device.device_id) =>
            {
                self.status = Status::Active;
                (self.missed, self.connection) = (0, connection);
                let failback_at = if self.registrars.is_primary(&device.base) { None } else { Some(self.failback_at(now)) };
                self.phase = Phase::Registered { keepalive_at: now, failback_at };
                self.device = Some(Box::new(device));
            }
            // No tab was there for longer than it would have tried: it begins anew.
            Saved::Retrying { since, tries, round, until } if now <= until.saturating_add(WINDOW) => {
                let attempt = Attempt { since, tries, round, ..Attempt::default() };
                self.wait(now, until.saturating_sub(now).min(WINDOW), attempt);
            }
            _ => self.begin(now, Attempt::default()),
        }
        self.advance(now);
    }

    pub(super) fn save_registered(&mut self) {
        self.steps.push(Step::SaveActive(self.connection));
    }

    pub(super) fn save_attempt(&mut self, attempt: &Attempt) {
        let Attempt { since, tries, round, at, .. } = *attempt;
        self.steps.push(Step::SaveRetrying { since, tries, round, until: at.unwrap_or_default() });
    }

    pub(super) fn forget(&mut self) {
        self.steps.push(Step::Forget);
    }
}
