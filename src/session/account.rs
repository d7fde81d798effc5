//! Who a user is: never a credential.

use super::{Encode, Encoder, Error};

pub(super) const SUBJECT: u32 = 256;
pub(super) const NAME: u32 = 256;

/// Who: an opaque subject and a name to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub(super) subject: String,
    pub(super) name: Option<String>,
}

impl Account {
    /// An account.
    ///
    /// # Errors
    /// [`Error::AccountInvalid`] unless `subject` has 1 to 256 UTF-16 units and `name` at most 256.
    pub fn new(subject: &str, name: Option<&str>) -> Result<Self, Error> {
        let fits = |text: &str, max: u32| text.encode_utf16().count() <= max as usize;
        if subject.is_empty() || !fits(subject, SUBJECT) || !name.is_none_or(|name| fits(name, NAME)) {
            return Err(Error::AccountInvalid);
        }
        Ok(Self { subject: subject.to_owned(), name: name.map(ToOwned::to_owned) })
    }

    /// The subject, opaque to us.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The name to show.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl Encode for Account {
    fn encode(&self, to: &mut dyn Encoder) {
        to.text("subject", Some(&self.subject));
        to.text("name", self.name());
    }
}
