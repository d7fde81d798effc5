use std::fmt;
use std::sync::Arc;

use super::{Decoder, Error, Malformed};

/// The longest token, in UTF-16 units.
const LONGEST: u32 = 16_384;

/// An access or refresh token.
pub(super) type Token = Secret<Arc<String>>;

/// A credential. It has no `Display`, no comparison, and `Debug` shows only that it is there.
#[derive(Clone, Default)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a credential.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The credential itself.
    ///
    /// # Security
    /// The caller answers for where it goes: never into a log, an error, a URL or shared storage.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// Reads a token.
///
/// # Errors
/// [`Malformed`] if it is not text or too long.
pub(super) fn read(fields: &impl Decoder, key: &str) -> Result<Option<Token>, Malformed> {
    Ok(fields.text(key, LONGEST)?.map(|token| Secret::new(token.into())))
}

/// Whether tokens are ones that can be kept.
///
/// # Errors
/// [`Error::TokenInvalid`] for one that is empty or longer than 16,384 UTF-16 units.
pub(super) fn check(tokens: [&Option<Token>; 2]) -> Result<(), Error> {
    let fits = |token: &Token| (1..=LONGEST as usize).contains(&token.expose().encode_utf16().count());
    if tokens.into_iter().flatten().all(fits) { Ok(()) } else { Err(Error::TokenInvalid) }
}

/// The text of a token, if there is one.
pub(super) fn exposed(token: Option<&Token>) -> Option<&str> {
    token.map(|token| token.expose().as_str())
}
