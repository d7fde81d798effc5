use super::Millis;

/// Lets `per_second` messages through each second, and as many at once after a quiet second.
#[derive(Clone, Debug)]
pub struct TokenBucket {
    per_second: u32,
    level: f64,
    at: Millis,
}

impl TokenBucket {
    /// A full bucket.
    pub fn new(per_second: u32) -> Self {
        Self { per_second, level: f64::from(per_second), at: 0 }
    }

    /// Takes one token; false if there is none.
    #[allow(clippy::cast_precision_loss)]
    pub fn take(&mut self, now: Millis) -> bool {
        let per_second = f64::from(self.per_second);
        let gained = now.saturating_sub(self.at) as f64 * per_second / 1000.0;
        self.level = per_second.min(self.level + gained);
        self.at = now.max(self.at);
        let some = self.level >= 1.0;
        if some {
            self.level -= 1.0;
        }
        some
    }
}
