use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Error;

/// Fields beside those that have a name here, for bodies whose form the vendor leaves open. They are sent as they are.
///
/// ```
/// use authframe::ethora::{Error, Fields};
///
/// let more: Fields = r#"{"plan":{"seats":5}}"#.parse()?;
/// assert_eq!("[1]".parse::<Fields>(), Err(Error::BodyInvalid));
/// # Ok::<(), Error>(())
/// ```
///
/// `Debug` shows their names alone.
#[derive(Clone, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Fields(Map<String, Value>);

impl Fields {
    #[cfg(all(target_arch = "wasm32", feature = "ethora-bindings"))]
    pub(super) fn of(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// None of them may have the name of a field that has a place of its own: it would be sent twice.
    pub(super) fn check_beside(&self, known: &[&str]) -> Result<(), Error> {
        if known.iter().any(|name| self.0.contains_key(*name)) { Err(Error::FieldRepeated) } else { Ok(()) }
    }
}

impl FromStr for Fields {
    type Err = Error;

    /// # Errors
    /// [`Error::BodyInvalid`] for whatever is no JSON object
    fn from_str(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map(Self).map_err(|_| Error::BodyInvalid)
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
