use std::fmt;

/// Where the line is registered, and as whom. Nothing of it comes from the host page.
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
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Registrar => "a registrar is https (or http on loopback), ends in a slash, and has no query, fragment or user name; there is at least one",
            Self::UserId => "the user's id has 1 to 256 characters",
            Self::ClientDeviceUri => "the device's URL has 1 to 1024 visible ASCII characters",
            Self::Domain => "the domain is a host name, which a contact center must have",
        })
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        let mut registrars = self.primary.iter().chain(&self.backup);
        if self.primary.is_empty() || !registrars.all(|base| is_base(base)) {
            return Err(SettingsError::Registrar);
        }
        if !(1..=256).contains(&self.user_id.chars().count()) {
            return Err(SettingsError::UserId);
        }
        let uri = &self.client_device_uri;
        if !(1..=1024).contains(&uri.len()) || !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SettingsError::ClientDeviceUri);
        }
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        let needed = self.indicator == Indicator::ContactCenter;
        if (needed && self.domain.is_empty()) || self.domain.len() > 253 || !self.domain.bytes().all(letters) {
            return Err(SettingsError::Domain);
        }
        Ok(())
    }

    /// Whether a token may be sent there: to a registrar that is named here.
    pub(super) fn trusts(&self, url: &str) -> bool {
        let trusted = self.primary.iter().chain(&self.backup).any(|base| origin(base) == origin(url));
        trusted && plain(url) && !url.contains("/../")
    }
}

fn is_base(base: &str) -> bool {
    origin(base).is_some() && base.ends_with('/') && plain(base)
}

// A user name before the host would be another host.
fn plain(url: &str) -> bool {
    url.len() <= 1024 && url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'@' | b'\\'))
}

fn origin(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next()?;
    let name = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit())).map_or(host, |(name, _)| name);
    let here = name == "localhost" || name.ends_with(".localhost") || matches!(name, "127.0.0.1" | "[::1]");
    let fine = !name.is_empty() && (scheme == "https" || (scheme == "http" && here));
    url.get(..scheme.len().saturating_add(3).saturating_add(host.len())).filter(|_| fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_the_registrars_that_are_named_and_nowhere_else() {
        let base = |base: &str| base.to_owned();
        let settings =
            Settings { primary: vec![base("https://a.example/api/")], backup: vec![base("http://b.localhost:81/")], ..Settings::default() };
        for good in ["https://a.example/api/devices/1", "https://a.example/other", "http://b.localhost:81/devices/1"] {
            assert!(settings.trusts(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "https://a.example.evil/",
            "https://a.example@evil/",
            "http://a.example/",
            "https://a.example:444/",
            "//a.example/",
            "devices/1",
            "https://a.example/\u{e9}",
            "https://a.example/x?y",
            "https://a.example/../x",
            "HTTPS://a.example/",
            "https://evil/https://a.example/",
        ] {
            assert!(!settings.trusts(bad), "{bad}");
        }
    }
}
