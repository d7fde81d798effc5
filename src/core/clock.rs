use super::Millis;

/// One clock out of two. The monotonic one stands still while the computer sleeps, the wall clock can be set by anybody. This one follows the
/// monotonic one, and leaps ahead when the wall clock does: then the computer slept, or somebody changed the time, and nobody can tell which.
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
