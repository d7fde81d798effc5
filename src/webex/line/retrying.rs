//! All registrars of a round have failed: the wait before the next round, the backups, the end.

use super::super::LineError;
use super::super::registrars::{Queue, Registrar};
use super::super::retry::{LONGEST_BACKUP_PAUSE, MINUTE, SECOND, WINDOW, WORTHWHILE};
use super::attempt::Attempt;
use super::{Event, Line, Phase, Status};
use crate::session::Millis;

impl Line {
    pub(super) fn wait(&mut self, now: Millis, wait: Millis, mut attempt: Attempt) {
        self.status = Status::Inactive;
        attempt.queue = if attempt.round == 0 { self.registrars.primaries() } else { self.registrars.backups() };
        attempt.retry_after = None;
        attempt.at = Some(now.saturating_add(wait));
        self.save_attempt(&attempt);
        self.phase = Phase::Trying(attempt);
    }

    /// All of them have failed.
    pub(super) fn exhausted(&mut self, now: Millis) {
        let Phase::Trying(attempt) = &mut self.phase else { return };
        let mut attempt = *attempt;
        let since = *attempt.since.get_or_insert(now);
        let retry_after = attempt.retry_after.unwrap_or_default();
        if let Some(backup) = attempt.left.take() {
            // It could not go back: to the backup again, then everything from the start.
            attempt = Attempt { at: Some(now), queue: Queue::only(backup), back_in: attempt.back_in, ..Attempt::default() };
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
        if self.registrars.backups().is_empty() {
            return self.give_up(now);
        }
        attempt.round = 1;
        self.wait(now, 0, attempt);
        self.advance(now);
    }

    fn give_up(&mut self, now: Millis) {
        let slowly = self.rules.retry_slowly;
        self.emit(Event::Error(LineError { is_fatal: !slowly, ..LineError::EXHAUSTED }));
        if slowly {
            let wait = self.dice.between(300, 900).saturating_mul(SECOND);
            self.wait(now, wait, Attempt::default());
        } else {
            self.fail(None);
        }
    }

    /// The registrar where it was registered before asks for time.
    pub(super) fn previous_is_busy(&mut self, now: Millis, registrar: Registrar, retry_after: Option<Millis>) {
        let primary = self.registrars.is_primary(self.registrars.base(registrar));
        let Phase::Trying(attempt) = &mut self.phase else { return };
        let attempt = *attempt;
        match retry_after {
            Some(wait) if wait < MINUTE => self.wait(now, wait, attempt),
            Some(_) if primary && !self.registrars.backups().is_empty() => self.go_to_backups(now, attempt),
            _ => self.next(now),
        }
    }
}
