//! How long to wait: the vendor's formulas, in milliseconds.

use crate::session::Millis;

pub(super) const SECOND: Millis = 1000;
pub(super) const MINUTE: Millis = 60 * SECOND;

/// From the first failure on, the primary registrars are tried for so long.
pub(super) const WINDOW: Millis = 114 * SECOND;
/// A wait that is cut to less than this is not worth another try at the primary registrars.
pub(super) const WORTHWHILE: Millis = 30 * SECOND;
/// A server that wants to be left alone is, but not for ever.
pub(super) const LONGEST_PAUSE: Millis = 60 * MINUTE;
/// The longest wait before the second round of the backups.
pub(super) const LONGEST_BACKUP_PAUSE: Millis = 60 * SECOND;

/// Numbers that need not withstand an attacker, out of one random number (SplitMix64).
#[derive(Clone, Debug)]
pub(super) struct Dice(pub u64);

impl Dice {
    pub(super) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number between the two, both included.
    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        let span = high.saturating_sub(low).saturating_add(1);
        self.roll().checked_rem(span).unwrap_or(0).saturating_add(low)
    }

    /// Before attempt `n`: 30 + 2ⁿ + (1 to 10) seconds.
    pub(super) fn wait(&mut self, n: u32) -> Millis {
        30_u64.saturating_add(1 << n.min(6)).saturating_add(self.between(1, 10)).saturating_mul(SECOND)
    }
}
