use std::fmt;
use std::str::FromStr;

use super::Error;

/// Who may find and enter a chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Only users who are let in.
    #[default]
    Private,
    /// Every user of the app.
    Public,
}

impl Access {
    /// The word of the original API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

/// What a user may do in a chat. None of them implies another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Right {
    /// Read messages: `0001`.
    Read = 1,
    /// Write messages: `0010`.
    Write = 2,
    /// Moderate: `0100`.
    Moderator = 4,
    /// Own the chat: `1000`.
    Owner = 8,
}

impl Right {
    /// All of them, as they stand in a code from right to left.
    pub const ALL: [Self; 4] = [Self::Read, Self::Write, Self::Moderator, Self::Owner];
}

/// A set of rights, written as four digits of `0` and `1`.
///
/// ```
/// use authframe::ethora::{AccessCode, Right};
///
/// let code: AccessCode = "0011".parse()?;
/// assert!(code.contains(Right::Write) && !code.contains(Right::Owner));
/// assert_eq!(code, [Right::Read, Right::Write].into_iter().collect());
/// assert_eq!(AccessCode::NONE.to_string(), "0000");
/// # Ok::<(), authframe::ethora::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessCode(u8);

impl AccessCode {
    /// No right: banned or removed.
    pub const NONE: Self = Self(0);

    /// Whether this right is in the set.
    pub const fn contains(self, right: Right) -> bool {
        self.0 & right as u8 != 0
    }

    /// The rights in the set, from read to owner.
    pub fn rights(self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(move |right| self.contains(*right))
    }

    /// What is odd about the set, for the caller who chooses it. It is sent all the same.
    pub fn warning(self) -> Option<&'static str> {
        let odd = self != Self::NONE && !self.contains(Right::Read);
        odd.then_some("a right without the right to read")
    }
}

impl FromIterator<Right> for AccessCode {
    fn from_iter<T: IntoIterator<Item = Right>>(rights: T) -> Self {
        Self(rights.into_iter().fold(0, |bits, right| bits | right as u8))
    }
}

impl FromStr for AccessCode {
    type Err = Error;

    /// # Errors
    /// [`Error::AccessCodeInvalid`] for whatever is not exactly four digits of `0` and `1`
    fn from_str(text: &str) -> Result<Self, Error> {
        if text.len() != 4 || !text.bytes().all(|digit| matches!(digit, b'0' | b'1')) {
            return Err(Error::AccessCodeInvalid);
        }
        Ok(Right::ALL.into_iter().zip(text.bytes().rev()).filter(|(_, digit)| *digit == b'1').map(|(right, _)| right).collect())
    }
}

impl fmt::Display for AccessCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04b}", self.0)
    }
}
