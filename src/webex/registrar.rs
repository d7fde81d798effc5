//! The registrar's requests and replies.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Settings;
use super::retry::Dice;
use crate::http::{Method, Request};
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

/// A registered device: what another tab needs to keep it alive. There is no token in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// The registrar, a base of [`Settings`].
    pub base: String,
    /// `mobiusDeviceId`.
    pub device_id: String,
    /// Below it are the keepalives.
    pub uri: String,
    /// SIP addresses of the line.
    pub addresses: Vec<String>,
    /// When the registrar saw it last, in its own words.
    pub last_seen: Option<String>,
    /// Seconds between two keepalives.
    pub keepalive_interval: f64,
    /// The same during a call.
    pub call_keepalive_interval: Option<f64>,
    /// Minutes after which a line on a backup tries to go back: at least.
    pub rehoming_interval_min: Option<f64>,
    /// And at most.
    pub rehoming_interval_max: Option<f64>,
    /// The voice portal's number.
    pub voice_portal_number: Option<f64>,
    /// And its extension.
    pub voice_portal_extension: Option<f64>,
}

const DEFAULT_KEEPALIVE: f64 = 30.0;
const LONGEST_REPLY: usize = 65_536;
const LONGEST_TEXT: usize = 1024;
const MOST_ADDRESSES: usize = 32;

impl Device {
    /// In milliseconds, a second at least and an hour at most.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(super) fn interval(&self) -> Millis {
        (self.keepalive_interval.clamp(1.0, 3600.0) * 1000.0) as Millis
    }
}

fn uuid(dice: &mut Dice) -> String {
    let (high, low) = (dice.roll(), dice.roll());
    let digits = crate::session::hex(&[(high & !0xf000) | 0x4000, (low & (u64::MAX >> 2)) | (1 << 63)]);
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

fn request(settings: &Settings, method: Method, url: String, tracking: &str, dice: &mut Dice, body: Option<String>) -> Request {
    let mut headers = vec![
        ("cisco-device-url".to_owned(), settings.client_device_uri.clone()),
        ("spark-user-agent".to_owned(), "webex-calling/beta".to_owned()),
        ("trackingid".to_owned(), [tracking, &uuid(dice)].concat()),
    ];
    if body.is_some() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    Request { method, url, headers, body }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Register<'a> {
    user_id: &'a str,
    client_device_uri: &'a str,
    service_data: ServiceData<'a>,
}

#[derive(Serialize)]
struct ServiceData<'a> {
    indicator: &'static str,
    domain: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwe: Option<&'a str>,
}

/// `POST {base}device`
pub(super) fn register(settings: &Settings, base: &str, dice: &mut Dice) -> Request {
    let Settings { user_id, client_device_uri, indicator, domain, jwe, .. } = settings;
    let service_data = ServiceData { indicator: indicator.as_str(), domain, jwe: jwe.as_deref() };
    // Text and no map with other keys: this cannot fail.
    let body = serde_json::to_string(&Register { user_id, client_device_uri, service_data }).unwrap_or_default();
    request(settings, Method::Post, [base, "device"].concat(), "webex-web-client_", dice, Some(body))
}

/// `POST {device.uri}/status`
pub(super) fn keepalive(settings: &Settings, device: &Device, dice: &mut Dice) -> Request {
    request(settings, Method::Post, [&device.uri, "/status"].concat(), "web_worker_", dice, None)
}

/// `DELETE {base}devices/{deviceId}`
pub(super) fn deregister(settings: &Settings, base: &str, device_id: &str, dice: &mut Dice) -> Request {
    request(settings, Method::Delete, [base, "devices/", device_id].concat(), "webex-web-client_", dice, None)
}

/// `GET …/ping`, without a token.
pub(super) fn ping(base: &str) -> Request {
    let root = base.strip_suffix("calling/web/").unwrap_or(base);
    Request { method: Method::Get, url: [root, "ping"].concat(), headers: Vec::new(), body: None }
}

/// The body as JSON, if it is some.
fn json(reply: &Reply) -> Option<Value> {
    Some(&reply.body).filter(|body| body.len() <= LONGEST_REPLY).and_then(|body| serde_json::from_str(body).ok())
}

/// The device of a good reply; `None` if it names none that can be kept alive.
pub(super) fn read_device(settings: &Settings, base: &str, reply: &Reply) -> Option<Device> {
    let body = json(reply)?;
    let device = body.get("device")?;
    let device_id = id(device)?;
    // A token goes along: an address elsewhere is not followed.
    let uri = text(device.get("uri")).filter(|uri| settings.trusts(uri)).unwrap_or_else(|| [base, "devices/", &device_id].concat());
    let addresses = device.get("addresses").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let interval = |name: &str| number(body.get(name)).filter(|interval| *interval > 0.0);
    Some(Device {
        base: base.to_owned(),
        device_id,
        uri,
        addresses: addresses.iter().take(MOST_ADDRESSES).filter_map(|address| text(Some(address))).collect(),
        last_seen: text(device.get("lastSeen")),
        keepalive_interval: interval("keepaliveInterval").unwrap_or(DEFAULT_KEEPALIVE),
        call_keepalive_interval: interval("callKeepaliveInterval"),
        rehoming_interval_min: interval("rehomingIntervalMin"),
        rehoming_interval_max: interval("rehomingIntervalMax"),
        voice_portal_number: number(body.get("voicePortalNumber")),
        voice_portal_extension: number(body.get("voicePortalExtension")),
    })
}

/// The code of a 403.
pub(super) fn read_error_code(reply: &Reply) -> Option<u16> {
    let code = json(reply)?.get("errorCode")?.as_u64()?;
    u16::try_from(code).ok()
}

/// The first device of a refusal because of too many: its registrar and its id. `None` if there is none, or none at a registrar that is known.
pub(super) fn read_first_device(settings: &Settings, reply: &Reply) -> Option<(String, String)> {
    let body = json(reply)?;
    let device = body.get("devices")?.get(0)?;
    let device_id = id(device)?;
    let uri = text(device.get("uri")).filter(|uri| settings.trusts(uri))?;
    let base = uri.strip_suffix(&device_id)?.strip_suffix("devices/")?;
    Some((base.to_owned(), device_id))
}

fn id(device: &Value) -> Option<String> {
    text(device.get("deviceId")).filter(|id| is_id(id))
}

/// Whether this may be a part of an address.
pub(super) fn is_id(id: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    // A dot alone would be another folder.
    !id.is_empty() && id.len() <= LONGEST_TEXT && id.bytes().all(safe) && !id.bytes().all(|byte| byte == b'.')
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
