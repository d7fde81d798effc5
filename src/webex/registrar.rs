//! What a registrar answers, and which of it is believed.

use super::registrars::Registrars;
use crate::session::Millis;

/// What a registrar answered, as far as the line reads it.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// The status of HTTP, 0 if there was no answer.
    pub(super) status: u16,
    /// What `Retry-After` says, in milliseconds from now.
    pub(super) retry_after: Option<Millis>,
    /// The registrar's own code, of a 403.
    pub(super) error_code: Option<u16>,
    pub(super) device: Named,
}

/// The device that a reply names, as it came.
#[derive(Clone, Debug, Default)]
pub(super) enum Named {
    #[default]
    None,
    /// What was made.
    Made(Box<Device>),
    /// The first of a refusal because of too many.
    Other(Box<OtherDevice>),
}

/// Another device of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OtherDevice {
    pub(super) device_id: String,
    pub(super) uri: String,
    pub(super) client_device_uri: Option<String>,
}

/// A registered device: what another tab needs to keep it alive. There is no token in it.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "webex", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "camelCase"))]
pub struct Device {
    /// The registrar, a base of [`Settings`](super::Settings).
    pub base: String,
    /// `mobiusDeviceId`.
    pub device_id: String,
    /// Below it are the keepalives.
    pub uri: String,
    /// SIP addresses of the line.
    #[cfg(feature = "webex")]
    pub addresses: Vec<String>,
    /// When the registrar saw it last, in its own words.
    #[cfg(feature = "webex")]
    pub last_seen: Option<String>,
    /// Seconds between two keepalives.
    pub keepalive_interval: f64,
    /// The same during a call.
    #[cfg(feature = "webex")]
    pub call_keepalive_interval: Option<f64>,
    /// Minutes after which a line on a backup tries to go back: at least.
    pub rehoming_interval_min: Option<f64>,
    /// And at most.
    pub rehoming_interval_max: Option<f64>,
    /// The voice portal's number.
    #[cfg(feature = "webex")]
    pub voice_portal_number: Option<f64>,
    /// And its extension.
    #[cfg(feature = "webex")]
    pub voice_portal_extension: Option<f64>,
}

/// In seconds, where a reply names none.
const DEFAULT_KEEPALIVE: f64 = 30.0;
pub(super) const LONGEST_TEXT: usize = 1024;

impl Device {
    /// In milliseconds, a second at least and an hour at most.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(super) fn interval(&self) -> Millis {
        (self.keepalive_interval.clamp(1.0, 3600.0) * 1000.0) as Millis
    }
}

/// The device that was made at this registrar; `None` if it is none that can be kept alive.
pub(super) fn device_at(registrars: &Registrars, base: &str, mut device: Box<Device>) -> Option<Box<Device>> {
    if !is_id(&device.device_id) {
        return None;
    }
    // A token goes along: an address elsewhere is not followed.
    if !registrars.trust(&device.uri) {
        device.uri = address_of(base, &device.device_id);
    }
    device.base = base.to_owned();
    if device.keepalive_interval <= 0.0 {
        device.keepalive_interval = DEFAULT_KEEPALIVE;
    }
    Some(device)
}

/// The registrar of another device; `None` if that is none that is known.
pub(super) fn base_of<'a>(registrars: &Registrars, other: &'a OtherDevice) -> Option<&'a str> {
    let OtherDevice { device_id, uri, .. } = other;
    if !is_id(device_id) || !registrars.trust(uri) {
        return None;
    }
    uri.strip_suffix(device_id.as_str())?.strip_suffix("devices/")
}

/// Whether this can stand in a header: 1 to 1,024 visible ASCII characters.
pub(super) fn is_device_url(url: &str) -> bool {
    (1..=LONGEST_TEXT).contains(&url.len()) && url.bytes().all(|byte| byte.is_ascii_graphic())
}

/// `{base}devices/{deviceId}`
pub(super) fn address_of(base: &str, device_id: &str) -> String {
    joined(&[base, "devices/", device_id])
}

/// `…/ping`
pub(super) fn ping_address(base: &str) -> String {
    joined(&[base.strip_suffix("calling/web/").unwrap_or(base), "ping"])
}

/// Whether this may be a part of an address.
pub(super) fn is_id(id: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    // A dot alone would be another folder.
    !id.is_empty() && id.len() <= LONGEST_TEXT && id.bytes().all(safe) && !id.bytes().all(|byte| byte == b'.')
}

/// Without the checks of `concat`, which the wasm would carry.
pub(super) fn joined(parts: &[&str]) -> String {
    let mut all = String::new();
    for part in parts {
        all.push_str(part);
    }
    all
}
