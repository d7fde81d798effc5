//! How long an access token is good, as its server says it.

use super::{Decoder, Error, Malformed, Millis, Timestamp};

/// The longest lifetime that is taken: a hundred years, in seconds.
const LONGEST: f64 = 3_155_760_000.0;

/// A moment, a time from now on, or neither.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Lifetime {
    /// When it expires, in milliseconds since 1970, by the clock that `server_time` shows, else by this browser's.
    pub expires_at: Option<f64>,
    /// In how many seconds it expires; wins over `expires_at`.
    pub expires_in: Option<f64>,
    /// The server's clock when it said so, in milliseconds since 1970.
    pub server_time: Option<f64>,
}

impl Lifetime {
    /// Reads `{expiresAt, expiresIn, serverTime}`.
    ///
    /// # Errors
    /// [`Malformed`] if one of them is not a finite number.
    pub(super) fn read(fields: &impl Decoder) -> Result<Self, Malformed> {
        Ok(Self {
            expires_at: fields.number("expiresAt")?,
            expires_in: fields.number("expiresIn")?,
            server_time: fields.number("serverTime")?,
        })
    }

    /// # Errors
    /// [`Error::LifetimeInvalid`] for a number that is not finite or out of its range.
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_moment = |at: f64| Timestamp::new(at).is_some();
        let fine = self.expires_in.is_none_or(|seconds| (0.0..=LONGEST).contains(&seconds))
            && [self.expires_at, self.server_time].into_iter().flatten().all(is_moment);
        if fine { Ok(()) } else { Err(Error::LifetimeInvalid) }
    }

    /// How long it lasts from now on, in milliseconds, and until when by this browser's wall clock; `None` if it does not say.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(super) fn left(&self, wall: f64) -> Option<(Millis, Timestamp)> {
        let left = match (self.expires_in, self.expires_at) {
            (Some(seconds), _) => seconds * 1000.0,
            (None, Some(at)) => at - self.server_time.unwrap_or(wall),
            (None, None) => return None,
        };
        // A cast stops at the ends of the range.
        left.is_finite().then_some((left as Millis, Timestamp::nearest(wall + left)))
    }

    /// The same as a moment of this browser's wall clock, which says `wall` now.
    #[must_use]
    pub(super) fn counted_from(self, wall: f64) -> Self {
        self.left(wall).map_or(self, |(_, at)| Self { expires_at: Some(at.as_f64()), expires_in: None, server_time: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Lifetime = Lifetime { expires_at: None, expires_in: None, server_time: None };

    #[test]
    fn a_relative_time_wins_over_a_moment_and_a_moment_goes_by_the_clock_of_its_server() {
        let both = Lifetime { expires_in: Some(60.0), expires_at: Some(5.0), ..NONE };
        assert_eq!(both.left(1000.0).map(|(left, at)| (left, at.as_f64())), Some((60_000, 61_000.0)));
        let moment = Lifetime { expires_at: Some(9000.0), server_time: Some(8000.0), ..NONE };
        assert_eq!(moment.left(1000.0).map(|(left, at)| (left, at.as_f64())), Some((1000, 2000.0)));
        assert_eq!(NONE.left(1000.0), None);
    }

    #[test]
    fn what_was_counted_from_a_moment_is_a_moment_and_stays_it() {
        let counted = Lifetime { expires_in: Some(60.0), ..NONE }.counted_from(1000.0);
        assert_eq!(counted, Lifetime { expires_at: Some(61_000.0), ..NONE });
        assert_eq!(counted.counted_from(50_000.0), counted);
        assert_eq!(NONE.counted_from(1000.0), NONE);
    }
}
