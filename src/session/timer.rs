//! Everything that the session waits for, by name. When the next one is due and what is done then come from the same table, so that neither can know of a
//! timer that the other does not.

use super::Millis;

macro_rules! timers {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What can be due.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Timer { $($(#[$doc])* $name,)* }

        impl Timer {
            /// Every timer, in the order in which those are fired that are due at the same moment.
            const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

timers! {
    /// The application has not answered an acquire.
    AcquireDeadline,
    /// What has failed is tried again.
    AcquireAgain,
    /// The credential store has not done a task.
    StoreTask,
    /// The credential store has not answered once: no more waiting for what it knows.
    StoreFirstAnswer,
    /// What the credential store could not do is tried again.
    StoreUpkeep,
    /// The lease is to be renewed, because its refresh goes on.
    LeaseRenewal,
    /// The browser has not said who has the Web Lock.
    LockAnswer,
    /// The token is to be refreshed.
    Refresh,
    /// The dialect wants to be called.
    Dialect,
}

/// What has timers: each is asked when it is due, and then fired.
pub(super) trait Timers {
    /// When it is due; `None` while it does not run.
    fn due(&self, timer: Timer) -> Option<Millis>;

    /// It is due. Afterwards it does not run, or is due later.
    fn fire(&mut self, now: Millis, timer: Timer);
}

/// When the next one is due.
pub(super) fn next(timers: &impl Timers) -> Option<Millis> {
    Timer::ALL.iter().filter_map(|timer| timers.due(*timer)).min()
}

/// Fires all that are due. What one of them does may stop a later one, or make it due.
pub(super) fn fire_due(timers: &mut impl Timers, now: Millis) {
    for timer in Timer::ALL {
        if timers.due(*timer).is_some_and(|due| due <= now) {
            timers.fire(now, *timer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One moment for each timer; what fires stops, and stops what it says.
    struct Fake {
        due: Vec<Option<Millis>>,
        stops: Option<(Timer, Timer)>,
        fired: Vec<Timer>,
    }

    impl Timers for Fake {
        fn due(&self, timer: Timer) -> Option<Millis> {
            self.due[timer as usize]
        }

        fn fire(&mut self, _: Millis, timer: Timer) {
            self.fired.push(timer);
            self.due[timer as usize] = None;
            if let Some((by, stopped)) = self.stops
                && by == timer
            {
                self.due[stopped as usize] = None;
            }
        }
    }

    fn all_at(due: Option<Millis>) -> Fake {
        Fake { due: vec![due; Timer::ALL.len()], stops: None, fired: Vec::new() }
    }

    #[test]
    fn each_timer_alone_is_announced_and_fired_at_its_moment_and_not_before() {
        for timer in Timer::ALL {
            let mut fake = all_at(None);
            fake.due[*timer as usize] = Some(70);
            assert_eq!(next(&fake), Some(70), "{timer:?}");
            fire_due(&mut fake, 69);
            assert_eq!(fake.fired, []);
            fire_due(&mut fake, 70);
            assert_eq!(fake.fired, [*timer]);
            assert_eq!(next(&fake), None);
        }
    }

    #[test]
    fn the_earliest_is_announced_and_all_that_are_due_fire_in_their_order() {
        let mut fake = all_at(Some(50));
        fake.due[Timer::Dialect as usize] = Some(40);
        fake.due[Timer::Refresh as usize] = Some(60);
        assert_eq!(next(&fake), Some(40));
        fire_due(&mut fake, 55);
        let fired: Vec<Timer> = Timer::ALL.iter().copied().filter(|timer| *timer != Timer::Refresh).collect();
        assert_eq!(fake.fired, fired);
        assert_eq!(next(&fake), Some(60));
    }

    #[test]
    fn what_an_earlier_one_stops_does_not_fire() {
        let mut fake = Fake { stops: Some((Timer::AcquireDeadline, Timer::Refresh)), ..all_at(Some(1)) };
        fire_due(&mut fake, 1);
        assert!(!fake.fired.contains(&Timer::Refresh));
        assert!(fake.fired.contains(&Timer::AcquireDeadline));
    }
}
