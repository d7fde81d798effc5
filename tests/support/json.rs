//! Untrusted values as JSON, and what is sent or stored as JSON.

use authframe::session::{Decoder, Encode, Encoder, Malformed, Stored};
use serde_json::{Map, Value, json};

/// An untrusted value, read by the same rules as `JsDecoder` in the browser.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct JsonDecoder(pub(crate) Value);

impl JsonDecoder {
    fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }
}

impl Decoder for JsonDecoder {
    fn text(&self, key: &str, max: u32) -> Result<Option<String>, Malformed> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::String(text)) if text.encode_utf16().count() <= max as usize => Ok(Some(text.clone())),
            Some(_) => Err(Malformed),
        }
    }

    fn number(&self, key: &str) -> Result<Option<f64>, Malformed> {
        self.get(key).map_or(Ok(None), |value| value.as_f64().map(Some).ok_or(Malformed))
    }

    fn are_texts(&self, key: &str, count: u32, max: u32) -> bool {
        let fits = |text: &Value| text.as_str().is_some_and(|text| text.encode_utf16().count() <= max as usize);
        self.get(key).is_none_or(|list| list.as_array().is_some_and(|list| list.len() <= count as usize && list.iter().all(fits)))
    }

    fn truthy(&self, key: &str) -> bool {
        match self.get(key) {
            None => false,
            Some(Value::Bool(value)) => *value,
            Some(Value::Number(number)) => number.as_f64() != Some(0.0),
            Some(Value::String(text)) => !text.is_empty(),
            Some(_) => true,
        }
    }

    fn parsed(&self) -> Option<Self> {
        serde_json::from_str(self.0.as_str()?).ok().filter(Value::is_object).map(Self)
    }

    fn child(&self, key: &str) -> Result<Option<Self>, Malformed> {
        match self.get(key) {
            None => Ok(None),
            // A list is an object, as in JavaScript.
            Some(value @ (Value::Object(_) | Value::Array(_))) => Ok(Some(Self(value.clone()))),
            Some(_) => Err(Malformed),
        }
    }
}

/// What is sent, stored or handed over, as JSON; what is missing as `null`.
pub(crate) fn to_value(record: &dyn Encode) -> Value {
    let mut properties = Properties::default();
    record.encode(&mut properties);
    Value::Object(properties.0)
}

/// How vectors write what JSON has no word for.
pub(crate) const UNDEFINED: &str = "$undefined";

#[derive(Default)]
struct Properties(Map<String, Value>);

impl Properties {
    fn put(&mut self, key: &str, value: Value) {
        assert_eq!(self.0.insert(key.to_owned(), value), None, "{key} comes once");
    }
}

impl Encoder for Properties {
    fn text(&mut self, key: &'static str, text: Option<&str>) {
        self.put(key, text.into());
    }

    fn number(&mut self, key: &'static str, number: Option<f64>) {
        // JSON knows no NaN and no infinity: `JSON.stringify` makes them null as well.
        self.put(key, number.map_or(Value::Null, number_value));
    }

    fn words(&mut self, key: &'static str, words: &str) {
        self.put(key, words.split(' ').collect());
    }

    fn undefined(&mut self, key: &'static str) {
        self.put(key, UNDEFINED.into());
    }

    fn flag(&mut self, key: &'static str, flag: bool) {
        self.put(key, flag.into());
    }

    fn record(&mut self, key: &'static str, record: Option<&dyn Encode>) {
        self.put(key, record.map_or(Value::Null, to_value));
    }
}

fn number_value(number: f64) -> Value {
    if number as i64 as f64 == number { json!(number as i64) } else { json!(number) }
}

/// What the shell makes of what stands in the shared record.
pub(crate) fn read_stored(value: Option<&Value>) -> Stored {
    value.map_or(Stored::Empty, |value| Stored::read(&JsonDecoder(value.clone())))
}
