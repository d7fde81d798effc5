use std::fmt;

use super::registrar::is_device_url;
use super::registrars::Registrars;

/// Where the line is registered, and as whom. Nothing of it comes from the host page.
#[cfg(feature = "webex")]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Registrars in the order in which they are tried, each a base URL that ends in `/`: `https://…/api/v1/calling/web/`. `https`, or `http`
    /// on this very machine.
    pub primary: Vec<String>,
    /// Those that are tried after these have failed for 114 seconds.
    pub backup: Vec<String>,
    /// The user's id, as the device service says it.
    pub user_id: String,
    /// The URL of the user's device, as the device service says it.
    pub client_device_uri: String,
    /// What the line is for.
    pub indicator: Indicator,
    /// The domain of a contact center, or nothing.
    pub domain: String,
    /// Of a guest: what the guest service has issued.
    pub jwe: Option<String>,
    /// What to do where the user has as many devices as are allowed.
    pub device_limit: DeviceLimit,
    /// Whether to begin anew 5 to 15 minutes after all registrars have failed. Without it the line waits for [`Line::register`](super::Line).
    pub retry_slowly: bool,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Indicator {
    /// `calling`: a user's phone.
    #[default]
    Calling,
    /// `contactcenter`: an agent's. It gives up sooner, and goes straight to the backup.
    ContactCenter,
    /// `guestcalling`: a visitor's.
    GuestCalling,
}

impl Indicator {
    /// As the registrar reads it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calling => "calling",
            Self::ContactCenter => "contactcenter",
            Self::GuestCalling => "guestcalling",
        }
    }

    /// How many keepalives may fail one after the other before the line counts as lost.
    pub(super) const fn threshold(self) -> u32 {
        if matches!(self, Self::ContactCenter) { 4 } else { 5 }
    }
}

/// What to do where the user has as many devices as are allowed (403 with code 101).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeviceLimit {
    /// Say so. [`Line::take_over`](super::Line::take_over) takes the place of the oldest one.
    #[default]
    Report,
    /// Take the place of the oldest one without asking, as the vendor's SDK does. A call there is cut off.
    Replace,
}

/// What cannot be a line's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// There is no registrar, or one is not `https://…/` (or `http` on this machine), or has a query, a fragment or a user name.
    Registrar,
    /// The user's id is empty, or longer than 256 characters.
    UserId,
    /// The device's URL is empty, longer than 1,024 characters, or cannot stand in a header.
    ClientDeviceUri,
    /// A contact center has no domain, or the domain is none.
    Domain,
}

impl SettingsError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Registrar => "REGISTRAR_INVALID",
            Self::UserId => "USER_ID_INVALID",
            Self::ClientDeviceUri => "CLIENT_DEVICE_URI_INVALID",
            Self::Domain => "DOMAIN_INVALID",
        }
    }

    /// What is meant.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Registrar => {
                "a registrar is https (or http on loopback), ends in a slash, and has no query, fragment or user name; there is at least one"
            }
            Self::UserId => "the user's id has 1 to 256 characters",
            Self::ClientDeviceUri => "the device's URL has 1 to 1024 visible ASCII characters",
            Self::Domain => "the domain is a host name, which a contact center must have",
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for SettingsError {}

#[cfg(feature = "webex")]
impl Settings {
    pub(super) const fn rules(&self) -> Rules {
        Rules { indicator: self.indicator, device_limit: self.device_limit, retry_slowly: self.retry_slowly }
    }

    pub(super) fn registrars(&self) -> Registrars {
        let mut all = Registrars::default();
        for base in &self.primary {
            all.add(base, true);
        }
        for base in &self.backup {
            all.add(base, false);
        }
        all
    }

    pub(super) fn check(&self, registrars: &Registrars) -> Result<(), SettingsError> {
        check(self.rules(), registrars, &self.user_id, &self.client_device_uri, &self.domain)
    }
}

/// The part of the settings that the machine decides by.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rules {
    pub(super) indicator: Indicator,
    pub(super) device_limit: DeviceLimit,
    pub(super) retry_slowly: bool,
}

/// What is wrong with a line's settings.
pub(super) fn check(
    rules: Rules,
    registrars: &Registrars,
    user_id: &str,
    client_device_uri: &str,
    domain: &str,
) -> Result<(), SettingsError> {
    if !registrars.are_usable() {
        return Err(SettingsError::Registrar);
    }
    // Not `chars().count()`, which is written for long texts.
    let characters = user_id.bytes().filter(|byte| !matches!(byte, 0x80..=0xbf)).count();
    if !(1..=256).contains(&characters) {
        return Err(SettingsError::UserId);
    }
    if !is_device_url(client_device_uri) {
        return Err(SettingsError::ClientDeviceUri);
    }
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let needed = rules.indicator == Indicator::ContactCenter;
    if (needed && domain.is_empty()) || domain.len() > 253 || !domain.bytes().all(letters) {
        return Err(SettingsError::Domain);
    }
    Ok(())
}
