//! How long no tab tries again, because an attempt of one of them has failed: a record of its own beside the shared record.

use super::backoff::{LONGEST, LONGEST_TOLD};
use super::credentials::refresh::Stage;
use super::{Decoder, Dialect, Encode, Encoder, Malformed, Millis, Output, Refusal, Session};

/// What an attempt that failed, or brought a dead token, has all tabs wait for. It stands beside the shared record; for a refresh also in the credential store, where it is read in the
/// same transaction as the lease.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pause {
    /// How often it has failed in turn.
    pub failures: u32,
    /// Since when, by this browser's wall clock.
    pub since: f64,
    /// Until when.
    pub until: f64,
    /// Whether the server has asked for it.
    pub told: bool,
}

impl Pause {
    /// Whether it goes on. One that begins later than now was made before the clock was set back; one that is longer than any can be, nobody has made. Two tabs' clocks
    /// may differ by a moment.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn is_running(&self, wall: f64) -> bool {
        let longest = if self.told { LONGEST_TOLD } else { LONGEST };
        self.until > wall && self.since <= wall + 1000.0 && self.until <= self.since + longest as f64 + 1000.0
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`Malformed`] if it is none.
    pub fn read(fields: &impl Decoder) -> Result<Self, Malformed> {
        let (since, until) = (fields.number("since")?.unwrap_or(f64::MAX), fields.number("until")?.ok_or(Malformed)?);
        Ok(Self { failures: fields.count("failures")?, since, until, told: fields.count("told")? > 0 })
    }
}

impl Encode for Pause {
    fn encode(&self, to: &mut dyn Encoder) {
        to.count("failures", self.failures);
        to.number("since", Some(self.since));
        to.number("until", Some(self.until));
        to.count("told", u32::from(self.told));
    }
}

impl<F, D: Dialect<F>> Session<F, D> {
    /// Another tab has failed, and all wait with it. Gives when that ends.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(super) fn adopt(&mut self, now: Millis, pause: Option<Pause>) -> Millis {
        let wall = self.wall(now);
        let Some(pause) = pause.filter(|pause| pause.is_running(wall)) else { return now };
        let until = now.saturating_add((pause.until - wall) as Millis);
        self.backoff.adopt(now, pause.failures, until, pause.told);
        until
    }

    /// What all tabs are to know of this one's failures.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn pause(&self, now: Millis, until: Millis) -> Pause {
        let since = self.wall(now);
        Pause { failures: self.backoff.failures(), since, until: since + until.saturating_sub(now) as f64, told: self.backoff.is_told() }
    }

    /// All tabs are to know how long nobody tries again. Written when it is known what stands there: what a server has asked another tab for is not written over.
    pub(super) fn announce_pause(&mut self) {
        self.announcing = true;
        self.read();
    }

    /// Takes what stands beside the shared record, as [`Output::Read`] asked, before what the shared record holds: how long no tab tries again, because an attempt of one of
    /// them has failed. Not where nothing can be shared.
    pub fn handle_pause(&mut self, now: Millis, found: Result<Option<Pause>, Malformed>) {
        let hurried = std::mem::take(&mut self.hurried);
        let announcing = std::mem::take(&mut self.announcing);
        if self.closed() {
            return;
        }
        if found.is_err() {
            self.refuse(Refusal::Storage);
        }
        let before = std::mem::replace(&mut self.shared_pause, found.ok().flatten());
        // What was read before is known, and may have been cut short since: there was a reason to try at once.
        if before != self.shared_pause {
            match self.shared_pause {
                Some(pause) => self.take_pause(now, pause, hurried),
                // An attempt has succeeded, in some tab. What this tab has written itself is gone only if it stood there.
                None if found.is_ok() && !announcing && self.pause_stood => self.resume(now),
                None => {}
            }
        }
        self.pause_stood = self.shared_pause.is_some();
        if announcing {
            self.shared_pause = self.backoff.end(now).map(|until| self.pause(now, until));
            self.outputs.push(Output::Pause(self.shared_pause));
        } else if found.is_err() {
            self.outputs.push(Output::Pause(None));
        }
    }

    // Another tab has failed. What a server has asked for holds for every attempt; what only grew, for those that are tried again, so that one tab whose attempts always
    // fail keeps no healthy one from its first.
    fn take_pause(&mut self, now: Millis, pause: Pause, hurried: bool) {
        // It is older than the reason to try at once.
        if hurried && !pause.told {
            return;
        }
        let until = self.adopt(now, Some(pause));
        if let Some(again) = self.again.as_mut().filter(|again| again.at < until) {
            again.at = self.backoff.after(until);
        }
        if self.refresh.stage == Stage::Idle && self.refresh.at.is_some_and(|at| at < until) && (pause.told || self.refresh.retries) {
            self.refresh.retry(self.backoff.after(until));
            self.settle_by_life(now);
        }
    }

    // There is nothing to wait for any more.
    fn resume(&mut self, now: Millis) {
        self.backoff.reset();
        let at = self.backoff.after(now);
        self.refresh.hurry(at);
        if let Some(again) = &mut self.again {
            again.at = again.at.min(at);
        }
    }

    /// An attempt has succeeded: no tab waits any longer.
    pub(super) fn end_pause(&mut self) {
        self.backoff.reset();
        if self.shared_pause.take().is_some() {
            self.outputs.push(Output::Pause(None));
        }
    }
}
