use super::Millis;

const SECOND: u64 = 1_000_000;

/// Lets `per_second` messages through each second, and after a quiet while as many at once as pass in `seconds`. `js/shared/rate-limit.ts` is the same rule, and
/// `tests/vectors/rate-limit.json` holds for both.
#[derive(Clone, Debug)]
pub struct TokenBucket {
    // In microseconds: what one message takes, when the bucket is full again, and how long it takes to fill.
    share: u64,
    full: u64,
    depth: u64,
}

impl TokenBucket {
    /// A full bucket.
    pub const fn new(per_second: u32, seconds: u32) -> Self {
        let share = match SECOND.checked_div(per_second as u64) {
            Some(share) => share,
            None => u64::MAX,
        };
        Self { share, full: 0, depth: SECOND.saturating_mul(seconds as u64) }
    }

    /// Takes one token; false if there is none.
    pub const fn take(&mut self, now: Millis) -> bool {
        let now = now.saturating_mul(1000);
        let from = if self.full > now { self.full } else { now };
        let full = from.saturating_add(self.share);
        let some = full.saturating_sub(now) <= self.depth;
        if some {
            self.full = full;
        }
        some
    }
}
