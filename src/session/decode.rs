/// The largest whole number that JavaScript distinguishes from its neighbours.
pub(super) const LARGEST: u64 = (1 << 53) - 1;

/// A field is there but of the wrong type, too long or out of range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Reads an untrusted message field by field. Fields that are not asked for are never visited, keys are never walked,
/// and no read can throw: what cannot be read is absent.
///
/// `Ok(None)` is a field that is missing, `null` or `undefined`.
pub trait Decoder: Sized {
    /// Text of at most `max` UTF-16 units.
    ///
    /// # Errors
    /// [`Malformed`] if it is not text or longer.
    fn text(&self, key: &str, max: u32) -> Result<Option<String>, Malformed>;

    /// A finite number.
    ///
    /// # Errors
    /// [`Malformed`] if it is not a finite number.
    fn number(&self, key: &str) -> Result<Option<f64>, Malformed>;

    /// An object.
    ///
    /// # Errors
    /// [`Malformed`] if it is anything else.
    fn child(&self, key: &str) -> Result<Option<Self>, Malformed>;

    /// Whether it is missing, or a list of at most `count` texts of at most `max` UTF-16 units.
    fn are_texts(&self, key: &str, count: u32, max: u32) -> bool;

    /// Whether JavaScript takes it for true.
    #[cfg(feature = "dialects")]
    fn truthy(&self, key: &str) -> bool;

    /// The object whose JSON text this is.
    #[cfg(feature = "dialects")]
    fn parsed(&self) -> Option<Self>;

    /// Text that must be there.
    ///
    /// # Errors
    /// [`Malformed`] if it is not.
    fn required_text(&self, key: &str, max: u32) -> Result<String, Malformed> {
        self.text(key, max)?.ok_or(Malformed)
    }

    /// A whole number from 0 to 2^53 − 1 that must be there: what JavaScript counts exactly.
    ///
    /// # Errors
    /// [`Malformed`] if it is missing, negative, fractional or larger.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, clippy::float_cmp)]
    fn whole(&self, key: &str) -> Result<u64, Malformed> {
        let number = self.number(key)?.ok_or(Malformed)?;
        let whole = number as u64;
        if whole <= LARGEST && whole as f64 == number { Ok(whole) } else { Err(Malformed) }
    }

    /// A whole number from 0 to 2^32 − 1 that must be there.
    ///
    /// # Errors
    /// [`Malformed`] if it is missing, negative, fractional or larger.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::float_cmp)]
    fn count(&self, key: &str) -> Result<u32, Malformed> {
        let number = self.number(key)?.ok_or(Malformed)?;
        let count = number as u32;
        if f64::from(count) == number { Ok(count) } else { Err(Malformed) }
    }
}
