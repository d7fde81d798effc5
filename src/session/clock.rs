/// A moment in milliseconds, on a clock that never goes back.
pub type Millis = u64;

/// One clock out of two. The monotonic one stands still while the computer sleeps, the wall clock can be set by the user. This one follows the
/// monotonic one, and leaps ahead when the wall clock does: then the computer slept, or the time was changed: it is not known which.
/// It never goes back, so what was valid for ten minutes is never valid for longer.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    // How far the wall clock is ahead of the monotonic one.
    lead: Option<f64>,
    leaps: f64,
}

/// Less than this is a correction of the wall clock, not a leap, in milliseconds.
const LEAP: f64 = 1000.0;

impl Clock {
    /// By how much it has leapt ahead of the monotonic clock so far, in milliseconds: a timer that was set before a leap comes too late.
    pub const fn leaps(&self) -> f64 {
        self.leaps
    }

    /// The moment, from both clocks in milliseconds.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn read(&mut self, monotonic: f64, wall: f64) -> Millis {
        let lead = wall - monotonic;
        let leap = lead - self.lead.unwrap_or(lead);
        if leap > LEAP {
            self.leaps += leap;
        }
        if self.lead.is_none() || leap.abs() > LEAP {
            self.lead = Some(lead);
        }
        (monotonic + self.leaps) as Millis
    }
}

/// The wall clock, as far as it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WallClock {
    // How far it is ahead of ours, and what it said last.
    wall_lead: Option<f64>,
    wall_now: Option<f64>,
}

impl WallClock {
    /// It says this now, in milliseconds since 1970.
    #[allow(clippy::cast_precision_loss)]
    pub(super) const fn set(&mut self, now: Millis, wall: f64) {
        self.wall_now = Some(wall);
        self.wall_lead = Some(wall - now as f64);
    }

    /// What it said last.
    pub(super) const fn last(&self) -> Option<f64> {
        self.wall_now
    }

    /// What it says at this moment of ours; our own clock, where that is not known.
    #[allow(clippy::cast_precision_loss)]
    pub(super) fn at(&self, now: Millis) -> f64 {
        now as f64 + self.wall_lead.unwrap_or_default()
    }

    /// The same, for the epochs: where it is not known, they are counted.
    pub(super) fn for_epochs(&self, now: Millis) -> f64 {
        if self.wall_lead.is_some() { self.at(now) } else { 0.0 }
    }
}

/// A moment in whole milliseconds since 1970, within the range of JavaScript's `Date`. What is made of a number and written reads back as the
/// same, so that two tabs cannot go on correcting each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The latest moment that a `Date` can have (ECMAScript, section "Time Values and Time Range").
    pub const LATEST: f64 = 8.64e15;

    /// Cuts to whole milliseconds; `None` for what is no moment from 1970 on, or no number.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn new(millis: f64) -> Option<Self> {
        // Minus zero is within the range, and becomes zero.
        (0.0..=Self::LATEST).contains(&millis).then_some(Self(millis as u64))
    }

    /// The nearest moment that there is.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub const fn nearest(millis: f64) -> Self {
        Self(millis.clamp(0.0, Self::LATEST) as u64)
    }

    /// In milliseconds.
    pub const fn millis(self) -> u64 {
        self.0
    }

    /// In milliseconds, as JavaScript has it.
    #[allow(clippy::cast_precision_loss)]
    pub const fn as_f64(self) -> f64 {
        self.0 as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTES: f64 = 60_000.0;

    #[test]
    fn follows_the_monotonic_clock_and_ignores_small_corrections() {
        let mut clock = Clock::default();
        assert_eq!(clock.read(5.0, 1e12), 5);
        assert_eq!(clock.read(10.0, 1e12 + 505.0), 10);
        assert_eq!(clock.read(20.0, 1e12 - 400.0), 20);
    }

    #[test]
    fn leaps_over_a_sleep_once() {
        let mut clock = Clock::default();
        clock.read(0.0, 1e12);
        // Eight hours: the monotonic clock stood still.
        assert_eq!(clock.read(1000.0, 1e12 + 480.0 * MINUTES), 28_800_000);
        assert_eq!(clock.read(2000.0, 1e12 + 480.0 * MINUTES + 1000.0), 28_801_000);
    }

    #[test]
    fn never_goes_back_when_the_wall_clock_does() {
        let mut clock = Clock::default();
        clock.read(0.0, 1e12);
        assert_eq!(clock.read(1000.0, 1e12 - 10.0 * MINUTES), 1000);
        // The clock is set right again: this looks like a sleep of ten minutes, and is taken for one.
        assert_eq!(clock.read(2000.0, 1e12 + 2000.0), 603_000);
    }
}
