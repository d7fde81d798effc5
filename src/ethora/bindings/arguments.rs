//! Reads what JavaScript hands over, and says which argument is wrong.

use serde_json::{Map, Value};

use super::super::{Error, Fields};

/// Why a call cannot be made.
pub(super) enum Misuse {
    /// `CALL_INVALID`: an argument is missing, of another type, out of its range, or not known. The text names it.
    Argument(String),
    /// What the requests themselves refuse.
    Refused(Error),
    /// The same of one entry of a list, which is named.
    RefusedEntry(String, Error),
    /// `REPLY_INVALID`, with what was expected and what came.
    Unreadable(String),
}

impl Misuse {
    /// Of a list that is refused as a whole: the first entry that is refused by itself.
    pub(super) fn of_list<T>(name: &str, list: &[T], refuses: impl Fn(&[T]) -> Option<Error>) -> Option<Self> {
        let refused = |(index, entry)| refuses(std::slice::from_ref(entry)).map(|error| (index, error));
        list.iter().enumerate().find_map(refused).map(|(index, error)| Self::RefusedEntry(format!("{name}[{index}]"), error))
    }
}

impl From<Error> for Misuse {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// An object of the caller's.
pub(super) struct Arguments {
    path: String,
    fields: Map<String, Value>,
}

/// One value of the caller's, and how it is called.
pub(super) struct Argument {
    path: String,
    value: Option<Value>,
}

impl Arguments {
    pub(super) const fn of(fields: Map<String, Value>) -> Self {
        Self { path: String::new(), fields }
    }

    /// Refuses a field that is not among these.
    pub(super) fn only(self, known: &[&str]) -> Result<Self, Misuse> {
        match self.fields.keys().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => {
                let place = if self.path.is_empty() { "" } else { "." };
                let text = format!("{}{place}{unknown} is not known: there are {}", self.path, known.join(", "));
                Err(Misuse::Argument(text))
            }
            None => Ok(self),
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Argument {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Argument { path, value: self.fields.remove(name) }
    }

    pub(super) fn text(&mut self, name: &str) -> Result<String, Misuse> {
        self.take(name).text()
    }

    pub(super) fn texts(&mut self, name: &str) -> Result<Vec<String>, Misuse> {
        self.take(name).list()?.into_iter().map(Argument::text).collect()
    }

    /// An object with these fields and no others; without it, one that has none of them.
    pub(super) fn object(&mut self, name: &str, known: &[&str]) -> Result<Self, Misuse> {
        let argument = self.take(name);
        if argument.value.is_some() { argument.object(known) } else { Ok(Self { path: argument.path, fields: Map::new() }) }
    }
}

impl Argument {
    /// `None` if it was left out.
    pub(super) fn given<T>(self, read: impl FnOnce(Self) -> Result<T, Misuse>) -> Result<Option<T>, Misuse> {
        if self.value.is_some() { read(self).map(Some) } else { Ok(None) }
    }

    /// `None` if it is `null`.
    pub(super) fn not_null<T>(self, read: impl FnOnce(Self) -> Result<T, Misuse>) -> Result<Option<T>, Misuse> {
        if self.value == Some(Value::Null) { Ok(None) } else { read(self).map(Some) }
    }

    pub(super) fn text(self) -> Result<String, Misuse> {
        match self.value {
            Some(Value::String(text)) => Ok(text),
            _ => Err(self.wrong("text")),
        }
    }

    pub(super) fn flag(self) -> Result<bool, Misuse> {
        match self.value {
            Some(Value::Bool(flag)) => Ok(flag),
            _ => Err(self.wrong("true or false")),
        }
    }

    /// A whole number from 0 to 4294967295.
    pub(super) fn count(self) -> Result<u32, Misuse> {
        match self.value.as_ref().and_then(Value::as_u64).map(u32::try_from) {
            Some(Ok(count)) => Ok(count),
            _ => Err(self.wrong_number("a whole number from 0 to 4294967295")),
        }
    }

    /// A whole number from 0 on. What is too great for JavaScript, the requests refuse.
    pub(super) fn number(self) -> Result<u64, Misuse> {
        match self.value.as_ref().and_then(Value::as_u64) {
            Some(number) => Ok(number),
            None => Err(self.wrong_number("a whole number from 0 to 9007199254740991")),
        }
    }

    /// Seconds, which may be below 0.
    pub(super) fn seconds(self) -> Result<i64, Misuse> {
        match self.value.as_ref().and_then(Value::as_i64) {
            Some(seconds) => Ok(seconds),
            None => Err(self.wrong_number("a whole number of seconds")),
        }
    }

    pub(super) fn word(self, words: &[&'static str]) -> Result<&'static str, Misuse> {
        let given = self.value.as_ref().and_then(Value::as_str);
        match words.iter().find(|word| Some(**word) == given) {
            Some(word) => Ok(word),
            None => Err(self.wrong(&words.join(" or "))),
        }
    }

    pub(super) fn list(self) -> Result<Vec<Self>, Misuse> {
        match self.value {
            Some(Value::Array(values)) => {
                let named = |(index, value)| Self { path: format!("{}[{index}]", self.path), value: Some(value) };
                Ok(values.into_iter().enumerate().map(named).collect())
            }
            _ => Err(self.wrong("a list")),
        }
    }

    /// An object with these fields and no others.
    pub(super) fn object(self, known: &[&str]) -> Result<Arguments, Misuse> {
        match self.value {
            Some(Value::Object(fields)) => Arguments { path: self.path, fields }.only(known),
            _ => Err(self.wrong("an object")),
        }
    }

    /// The arguments themselves: what stands in them is named without a path.
    pub(super) fn object_as_is(self) -> Result<Arguments, Misuse> {
        match self.value {
            Some(Value::Object(fields)) => Ok(Arguments::of(fields)),
            _ => Err(self.wrong("an object")),
        }
    }

    /// An object with whatever fields.
    pub(super) fn fields(self) -> Result<Fields, Misuse> {
        match self.value {
            Some(Value::Object(fields)) => Ok(Fields::of(fields)),
            _ => Err(self.wrong("an object")),
        }
    }

    /// What is given, as JSON.
    pub(super) fn json(self) -> Result<String, Misuse> {
        match self.value {
            Some(value) => Ok(value.to_string()),
            None => Err(self.wrong("what JSON can hold")),
        }
    }

    /// It never says what text or number was given: that may be a secret, a password of digits for instance.
    fn wrong(&self, meant: &str) -> Misuse {
        let given = match &self.value {
            None => "missing".to_owned(),
            Some(Value::Null) => "null".to_owned(),
            Some(Value::Bool(flag)) => flag.to_string(),
            Some(Value::Number(_)) => "a number".to_owned(),
            Some(Value::String(_)) => "text of another form".to_owned(),
            Some(Value::Array(_)) => "a list".to_owned(),
            Some(Value::Object(_)) => "an object".to_owned(),
        };
        self.is_but(&given, meant)
    }

    /// Where a number is meant, which is no secret, the one that was given is shown.
    fn wrong_number(&self, meant: &str) -> Misuse {
        match &self.value {
            Some(Value::Number(number)) => self.is_but(&number.to_string(), meant),
            _ => self.wrong(meant),
        }
    }

    fn is_but(&self, given: &str, meant: &str) -> Misuse {
        Misuse::Argument(format!("{} is {given}: it is meant to be {meant}", self.path))
    }
}
