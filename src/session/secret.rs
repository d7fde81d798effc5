use std::fmt;

/// A credential. It has no `Display`, no comparison, and `Debug` shows only that it is there.
#[derive(Clone)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a credential.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The credential itself.
    ///
    /// # Security
    /// Whoever calls this answers for where it goes: never into a log, an error, a URL or shared storage.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}
