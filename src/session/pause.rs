//! How long no tab tries again, because an attempt of one of them has failed: a record of its own beside the shared record.

use super::backoff::{Backoff, LONGEST, LONGEST_OF_A_SERVER, PauseCause};
use super::{Decoder, Encode, Encoder, Malformed, Millis};

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
    /// Why.
    pub cause: PauseCause,
}

impl Pause {
    /// What all tabs are to know of this one's failures: that it waits until then.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn of(backoff: &Backoff, now: Millis, wall: f64, until: Millis) -> Self {
        Self { failures: backoff.failures(), since: wall, until: wall + until.saturating_sub(now) as f64, cause: backoff.cause() }
    }

    /// Another tab has failed, and all wait with it. Gives when that ends by our clock, which is at once if it is over.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(super) fn adopt(&self, backoff: &mut Backoff, now: Millis, wall: f64) -> Millis {
        if !self.is_running(wall) {
            return now;
        }
        let until = now.saturating_add((self.until - wall) as Millis);
        backoff.adopt(now, self.failures, until, self.cause);
        until
    }

    /// Whether it goes on. One that begins later than now was made before the clock was set back; one that is longer than any can be, authframe has not made. Two tabs' clocks
    /// may differ by a moment.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn is_running(&self, wall: f64) -> bool {
        let longest = match self.cause {
            PauseCause::Server => LONGEST_OF_A_SERVER,
            PauseCause::Failures => LONGEST,
        };
        self.until > wall && self.since <= wall + 1000.0 && self.until <= self.since + longest as f64 + 1000.0
    }

    /// Reads `{failures, since, until, told}`; `told` is 1 if a server has asked for the pause, else 0.
    ///
    /// # Errors
    /// [`Malformed`] if it is none.
    pub fn read(fields: &impl Decoder) -> Result<Self, Malformed> {
        let (since, until) = (fields.number("since")?.unwrap_or(f64::MAX), fields.number("until")?.ok_or(Malformed)?);
        let failures = fields.count("failures")?;
        let cause = if fields.count("told")? > 0 { PauseCause::Server } else { PauseCause::Failures };
        Ok(Self { failures, since, until, cause })
    }
}

impl Encode for Pause {
    fn encode(&self, to: &mut dyn Encoder) {
        to.count("failures", self.failures);
        to.number("since", Some(self.since));
        to.number("until", Some(self.until));
        to.count("told", u32::from(self.cause == PauseCause::Server));
    }
}

/// The pause that stands beside the shared record, as this tab knows it.
#[derive(Clone, Debug, Default)]
pub(super) struct SharedPause {
    // As it was read or written last, and whether it was seen to stand there.
    known: Option<Pause>,
    stood: bool,
    // Whether our own is to be written.
    announcing: bool,
    // Whether there has been a reason to try at once since it was read.
    hurried: bool,
}

/// What reading it has shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PauseNews {
    Nothing,
    /// Another tab has failed.
    Begun(Pause),
    /// An attempt has succeeded, in some tab.
    Ended,
}

/// What is to be written there then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PauseWrite {
    Nothing,
    /// What this tab waits for.
    Ours,
    /// It is damaged: nothing is to stand there.
    Removal,
}

impl SharedPause {
    /// The one that is known.
    pub(super) const fn known(&self) -> Option<&Pause> {
        self.known.as_ref()
    }

    /// All tabs are to know of this one's failure. Written when it is known what stands there: what a server has asked another tab for is not written over.
    pub(super) const fn announce(&mut self) {
        self.announcing = true;
    }

    /// There is a reason to try at once.
    pub(super) const fn hurry(&mut self) {
        self.hurried = true;
    }

    /// It was read.
    pub(super) fn found(&mut self, found: Result<Option<Pause>, Malformed>) -> (PauseNews, PauseWrite) {
        let hurried = std::mem::take(&mut self.hurried);
        let announcing = std::mem::take(&mut self.announcing);
        let before = std::mem::replace(&mut self.known, found.ok().flatten());
        let stood = std::mem::replace(&mut self.stood, self.known.is_some());
        let news = match self.known {
            // What was read before is known, and may have been cut short since: there was a reason to try at once.
            known if known == before => PauseNews::Nothing,
            // It is older than the reason to try at once.
            Some(pause) if hurried && pause.cause != PauseCause::Server => PauseNews::Nothing,
            Some(pause) => PauseNews::Begun(pause),
            // What this tab has written itself is gone only if it stood there.
            None if found.is_ok() && !announcing && stood => PauseNews::Ended,
            None => PauseNews::Nothing,
        };
        let write = match found {
            _ if announcing => PauseWrite::Ours,
            Err(_) => PauseWrite::Removal,
            Ok(_) => PauseWrite::Nothing,
        };
        (news, write)
    }

    /// This is written there.
    pub(super) const fn wrote(&mut self, pause: Option<Pause>) {
        self.known = pause;
    }

    /// An attempt has succeeded. Whether it has to be removed.
    pub(super) const fn end(&mut self) -> bool {
        self.known.take().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Pause = Pause { failures: 1, since: 1000.0, until: 2000.0, cause: PauseCause::Failures };
    const OF_A_SERVER: Pause = Pause { cause: PauseCause::Server, ..PAUSE };

    #[test]
    fn a_pause_of_another_tab_is_news_once() {
        let mut shared = SharedPause::default();
        assert_eq!(shared.found(Ok(Some(PAUSE))), (PauseNews::Begun(PAUSE), PauseWrite::Nothing));
        assert_eq!(shared.found(Ok(Some(PAUSE))), (PauseNews::Nothing, PauseWrite::Nothing));
        assert_eq!(shared.found(Ok(None)), (PauseNews::Ended, PauseWrite::Nothing));
        assert_eq!(shared.found(Ok(None)), (PauseNews::Nothing, PauseWrite::Nothing));
    }

    #[test]
    fn a_reason_to_try_at_once_is_stronger_than_a_pause_that_no_server_has_asked_for() {
        for (pause, news) in [(PAUSE, PauseNews::Nothing), (OF_A_SERVER, PauseNews::Begun(OF_A_SERVER))] {
            let mut shared = SharedPause::default();
            shared.hurry();
            assert_eq!(shared.found(Ok(Some(pause))).0, news);
        }
    }

    #[test]
    fn what_this_tab_has_written_is_gone_only_if_it_was_seen_there() {
        let mut shared = SharedPause::default();
        shared.announce();
        assert_eq!(shared.found(Ok(None)), (PauseNews::Nothing, PauseWrite::Ours));
        shared.wrote(Some(PAUSE));
        assert_eq!(shared.found(Ok(None)).0, PauseNews::Nothing, "it has not arrived");
        assert!(!shared.end());
    }

    #[test]
    fn what_is_damaged_is_removed_or_written_over_and_ends_nothing() {
        let mut shared = SharedPause::default();
        shared.found(Ok(Some(PAUSE)));
        assert_eq!(shared.found(Err(Malformed)), (PauseNews::Nothing, PauseWrite::Removal));
        shared.announce();
        assert_eq!(shared.found(Err(Malformed)), (PauseNews::Nothing, PauseWrite::Ours));
    }

    #[test]
    fn a_pause_that_is_over_or_that_no_clock_can_have_made_is_not_kept() {
        let adopted = |pause: Pause, wall: f64| {
            let mut backoff = Backoff::new(7);
            let until = pause.adopt(&mut backoff, 50, wall);
            (until, backoff.end(50))
        };
        assert_eq!(adopted(PAUSE, 1500.0), (550, Some(550)));
        assert_eq!(adopted(PAUSE, 2000.0), (50, None));
        assert_eq!(adopted(Pause { since: 9000.0, until: 9500.0, ..PAUSE }, 1500.0), (50, None));
        assert_eq!(adopted(Pause { until: 200_000.0, ..PAUSE }, 1500.0), (50, None));
    }
}
