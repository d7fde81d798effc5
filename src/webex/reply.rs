//! What a registrar answered, as text: for callers in Rust.

use serde_json::Value;

use super::registrar::{Answer, Device, LONGEST_TEXT, Named, OtherDevice};
use crate::session::Millis;

/// What a registrar answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The status of HTTP, 0 if there was no answer.
    pub status: u16,
    /// What the header `Retry-After` says, in milliseconds from now; `None` if it is missing or cannot be read, as in a browser unless the server
    /// exposes it.
    pub retry_after: Option<Millis>,
    /// The body as text, empty if there is none.
    pub body: String,
}

const LONGEST_REPLY: usize = 65_536;
const MOST_ADDRESSES: usize = 32;

impl Reply {
    pub(super) fn read(&self) -> Answer {
        let Self { status, retry_after, body } = self;
        let body = Some(body).filter(|body| body.len() <= LONGEST_REPLY).and_then(|body| serde_json::from_str(body).ok());
        let body: Value = body.unwrap_or_default();
        let error_code = body.get("errorCode").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
        Answer {
            status: *status,
            retry_after: *retry_after,
            error_code,
            device: read_device(&body).or_else(|| read_first(&body)).unwrap_or_default(),
        }
    }
}

fn read_device(body: &Value) -> Option<Named> {
    let device = body.get("device")?;
    let addresses = device.get("addresses").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let interval = |name: &str| number(body.get(name)).filter(|interval| *interval > 0.0);
    Some(Named::Made(Box::new(Device {
        base: String::new(),
        device_id: text(device.get("deviceId"))?,
        uri: text(device.get("uri")).unwrap_or_default(),
        addresses: addresses.iter().take(MOST_ADDRESSES).filter_map(|address| text(Some(address))).collect(),
        last_seen: text(device.get("lastSeen")),
        keepalive_interval: interval("keepaliveInterval").unwrap_or_default(),
        call_keepalive_interval: interval("callKeepaliveInterval"),
        rehoming_interval_min: interval("rehomingIntervalMin"),
        rehoming_interval_max: interval("rehomingIntervalMax"),
        voice_portal_number: number(body.get("voicePortalNumber")),
        voice_portal_extension: number(body.get("voicePortalExtension")),
    })))
}

fn read_first(body: &Value) -> Option<Named> {
    let device = body.get("devices")?.get(0)?;
    Some(Named::Other(Box::new(OtherDevice {
        device_id: text(device.get("deviceId"))?,
        uri: text(device.get("uri"))?,
        client_device_uri: text(device.get("clientDeviceUri")),
    })))
}

fn text(value: Option<&Value>) -> Option<String> {
    value?.as_str().filter(|text| !text.is_empty() && text.len() <= LONGEST_TEXT).map(str::to_owned)
}

/// A number, also if it comes as its digits.
fn number(value: Option<&Value>) -> Option<f64> {
    let value = value?;
    let digits = value.as_str().filter(|text| text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit()));
    value.as_f64().or_else(|| digits?.parse().ok()).filter(|number| number.is_finite())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The same vectors as in `tests/unit/webex-registrar.test.mjs`.
    #[test]
    fn replies_are_read_field_by_field_with_limits() {
        let rows: Value = serde_json::from_str(include_str!("../../tests/vectors/webex/replies.json")).unwrap_or_default();
        let rows = rows.as_array().cloned().unwrap_or_default();
        assert!(rows.len() > 10);
        for row in rows {
            let body = row.get("body").map(Value::to_string).unwrap_or_default();
            let answer = Reply { status: 200, retry_after: None, body: body.clone() }.read();
            let mut shown = json!({"body": row.get("body")});
            if let Some(code) = answer.error_code {
                shown["errorCode"] = json!(code);
            }
            match answer.device {
                Named::None => {}
                Named::Made(device) => {
                    shown["made"] = serde_json::to_value(device).unwrap_or_default();
                    shown["made"].as_object_mut().and_then(|made| made.remove("base"));
                }
                Named::Other(other) => {
                    let OtherDevice { device_id, uri, client_device_uri } = *other;
                    shown["other"] = json!({"deviceId": device_id, "uri": uri, "clientDeviceUri": client_device_uri});
                }
            }
            assert_eq!(as_numbers(shown), as_numbers(row), "{body}");
        }
    }

    /// Without the difference between 20 and 20.0.
    fn as_numbers(value: Value) -> Value {
        match value {
            Value::Number(number) => json!(number.as_f64()),
            Value::Array(all) => all.into_iter().map(as_numbers).collect(),
            Value::Object(all) => all.into_iter().map(|(key, value)| (key, as_numbers(value))).collect(),
            other => other,
        }
    }
}
