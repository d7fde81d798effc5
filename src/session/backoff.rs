use super::Millis;

/// The longest pause that grows by itself.
pub(super) const LONGEST: Millis = 60_000;
/// The longest pause that a server can ask for (`Retry-After`): a day.
pub(super) const LONGEST_OF_A_SERVER: Millis = 86_400_000;
/// So soon after a failure nothing is tried again, whatever happens.
const SOONEST: Millis = 1000;

/// How long the first pause is at most.
pub(super) const AFTER_A_FAILURE: Millis = 1000;
/// The same, if what came was of no use: a token that was dead on arrival, as when a clock is wrong.
const AFTER_A_DEAD_TOKEN: Millis = 5000;

/// When a pause of all tabs ends, they do not ask all at once: the first one serves the others.
const SPREAD: Millis = 500;

/// Why a pause goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseCause {
    /// Attempts have failed: a reason to try at once is stronger.
    Failures,
    /// A server has asked for it (`Retry-After`): it is kept to the end.
    Server,
}

/// The one policy of trying again. What has failed may pass: each pause is up to twice as long as the one before, up to a minute, and between
/// half and the whole of that at random, so that tabs do not ask all at once. A pause that a server has asked for is kept to the end.
#[derive(Clone, Debug)]
pub(super) struct Backoff {
    failures: u32,
    // When the pause ends that goes on, and why it does.
    until: Option<Millis>,
    cause: PauseCause,
    // No sooner than this, even if there is a reason to try at once.
    soonest: Millis,
    dice: u64,
}

impl Backoff {
    /// `seed` makes one tab's pauses differ from another's.
    pub(super) const fn new(seed: u64) -> Self {
        Self { failures: 0, until: None, cause: PauseCause::Failures, soonest: 0, dice: seed }
    }

    /// It failed. `first` is the longest that a first pause can be, `later` what a server has asked for. Gives when the pause ends.
    pub(super) fn fail(&mut self, now: Millis, first: Millis, later: Option<Millis>) -> Millis {
        let longest = LONGEST.min(first.saturating_mul(1 << self.failures.min(6)));
        let pause = (longest / 2).saturating_add(self.roll(longest / 2));
        // At different moments here as well.
        let asked = later.map(|later| later.min(LONGEST_OF_A_SERVER).saturating_add(self.roll(1000)));
        let until = now.saturating_add(asked.map_or(pause, |asked| asked.max(pause)));
        // What a server has asked another attempt to wait for holds for this one too.
        let held = self.server_end(now);
        let until = held.map_or(until, |held| held.max(until));
        self.failures = self.failures.saturating_add(1);
        self.cause = if later.is_some() || held.is_some() { PauseCause::Server } else { PauseCause::Failures };
        self.soonest = now.saturating_add(SOONEST);
        self.until = Some(until);
        until
    }

    /// A token was dead on arrival: gives when the next attempt is. The same token twice is one failure.
    pub(super) fn pause_after_a_dead_token(&mut self, now: Millis) -> Millis {
        self.end(now).unwrap_or_else(|| self.fail(now, AFTER_A_DEAD_TOKEN, None))
    }

    /// Another tab has failed, and pauses: so does this one. A longer pause that a server has asked for stays.
    pub(super) fn adopt(&mut self, now: Millis, failures: u32, until: Millis, cause: PauseCause) {
        self.failures = self.failures.max(failures);
        let held = self.server_end(now);
        self.cause = if held.is_some() { PauseCause::Server } else { cause };
        self.until = Some(until).max(held);
    }

    /// It worked.
    pub(super) const fn reset(&mut self) {
        self.failures = 0;
        self.until = None;
        self.cause = PauseCause::Failures;
    }

    /// There is a reason to try at once (the network is back, the page is shown). Gives the moment for it, unless a server has asked for the pause.
    pub(super) fn hurry(&mut self, now: Millis) -> Option<Millis> {
        let until = self.until.filter(|until| *until > now && self.cause != PauseCause::Server)?;
        let at = until.min(self.soonest.max(now));
        self.until = Some(at);
        Some(at)
    }

    /// When this tab is to try again after a pause of all tabs that ends then.
    pub(super) fn after(&mut self, until: Millis) -> Millis {
        until.saturating_add(self.roll(SPREAD))
    }

    /// When the pause ends that goes on, if one does.
    pub(super) fn end(&self, now: Millis) -> Option<Millis> {
        self.until.filter(|until| *until > now)
    }

    /// The same, if a server has asked for the pause.
    pub(super) fn server_end(&self, now: Millis) -> Option<Millis> {
        self.end(now).filter(|_| self.cause == PauseCause::Server)
    }

    pub(super) const fn failures(&self) -> u32 {
        self.failures
    }

    pub(super) const fn cause(&self) -> PauseCause {
        self.cause
    }

    // Not for secrets: it only has to differ between tabs. Knuth's linear congruential generator.
    pub(super) fn roll(&mut self, below_or_at: Millis) -> Millis {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33).checked_rem(below_or_at.saturating_add(1)).unwrap_or(0)
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]
mod tests {
    use super::*;

    fn attempts(first: Millis, span: Millis, seed: u64) -> usize {
        let mut backoff = Backoff::new(seed);
        let (mut now, mut count) = (0, 0);
        while now < span {
            count += 1;
            now = backoff.fail(now, first, None);
        }
        count
    }

    #[test]
    fn half_a_minute_of_failures_costs_six_attempts_at_most_and_a_minute_of_dead_tokens_five() {
        for seed in 0..2000 {
            assert!(attempts(AFTER_A_FAILURE, 30_000, seed) <= 6, "{seed}");
            assert!(attempts(AFTER_A_DEAD_TOKEN, 60_000, seed) <= 5, "{seed}");
        }
    }

    #[test]
    fn what_a_server_asks_for_is_kept_and_nothing_hurries_it() {
        let mut backoff = Backoff::new(7);
        let until = backoff.fail(100, AFTER_A_FAILURE, Some(20_000));
        assert!((20_100..=21_100).contains(&until), "{until}");
        assert_eq!(backoff.hurry(5000), None);
        assert_eq!(backoff.server_end(20_099), Some(until));
        let day = backoff.fail(0, AFTER_A_FAILURE, Some(Millis::MAX));
        assert!(day <= LONGEST_OF_A_SERVER + 1000);
    }

    #[test]
    fn a_reason_to_try_at_once_shortens_a_pause_but_not_to_nothing() {
        let mut backoff = Backoff::new(7);
        for _ in 0..6 {
            backoff.fail(1000, AFTER_A_FAILURE, None);
        }
        assert_eq!(backoff.hurry(1100), Some(2000));
        assert_eq!(backoff.hurry(2000), None, "it is over");
    }
}
