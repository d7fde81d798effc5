//! Who a user is: never a credential.

use super::{Decoder, Encode, Encoder, Error, Malformed};

const SUBJECT: u32 = 256;
const NAME: u32 = 256;

/// Who: an opaque subject and a name to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    subject: String,
    name: Option<String>,
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

    /// Reads `{account: {subject, name} | subject}`.
    ///
    /// # Errors
    /// [`Malformed`] if there is no subject or a field is beyond its limit.
    pub(super) fn read(fields: &impl Decoder) -> Result<Self, Malformed> {
        let (subject, name) = match fields.text("account", SUBJECT) {
            Ok(subject) => (subject, None),
            Err(_) => {
                let account = fields.child("account")?.ok_or(Malformed)?;
                (account.text("subject", SUBJECT)?, account.text("name", NAME)?)
            }
        };
        let subject = subject.filter(|subject| !subject.is_empty()).ok_or(Malformed)?;
        Ok(Self { subject, name })
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
