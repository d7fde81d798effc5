use super::Error;

const HTTPS: &str = "https://";
const HTTP: &str = "http://";

/// An entry of the allow-list: an exact origin as browsers serialise it (`https://crm.example.com`, `http://host.localhost:8080`), or
/// `https://*.example.com` for one whole left-most label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern(String);

impl OriginPattern {
    /// Takes an entry that is written exactly so.
    ///
    /// # Errors
    /// [`Error::ConfigOriginInvalid`] for anything else: other schemes, upper case, a path, user-info, a trailing dot, a default or impossible
    /// port, any other place for a star, or a star in front of fewer than two labels.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let (rest, default_port) = match text.strip_prefix(HTTPS) {
            Some(rest) => (rest, 443),
            None => (text.strip_prefix(HTTP).ok_or(Error::ConfigOriginInvalid)?, 80),
        };
        let labels = rest.strip_prefix("*.").filter(|_| default_port == 443);
        let (host, port) = split_port(labels.unwrap_or(rest));
        let enough = labels.is_none() || host.as_bytes().contains(&b'.');
        if !(enough && valid_host(host) && valid_port(port, default_port)) {
            return Err(Error::ConfigOriginInvalid);
        }
        Ok(Self(text.to_owned()))
    }

    /// The origin, unless it is a pattern for several.
    #[cfg(feature = "dialects")]
    pub(super) fn exact(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|origin| !origin.as_bytes().contains(&b'*'))
    }

    /// Whether a serialised origin, as the browser gave it, is meant by this entry.
    pub fn matches(&self, origin: &str) -> bool {
        let suffix = self.0.strip_prefix(HTTPS).and_then(|rest| rest.strip_prefix('*'));
        suffix.map_or(self.0 == origin, |suffix| {
            let label = origin.strip_prefix(HTTPS).and_then(|rest| rest.strip_suffix(suffix));
            label.is_some_and(|label| valid_label(label.as_bytes()))
        })
    }
}

// The colons of an IPv6 literal are not the port's.
fn split_port(rest: &str) -> (&str, Option<&str>) {
    let colon = rest.bytes().rposition(|byte| byte == b':').filter(|_| !rest.ends_with(']'));
    colon.and_then(|colon| rest.split_at_checked(colon)).map_or((rest, None), |(host, port)| (host, port.get(1..)))
}

fn valid_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(literal) => literal.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b':')),
        None => host.as_bytes().split(|byte| *byte == b'.').all(valid_label),
    }
}

// Browsers take the underscore too; nothing else survives in a serialised host.
fn valid_label(label: &[u8]) -> bool {
    (1..=63).contains(&label.len()) && label.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'-' | b'_'))
}

fn valid_port(port: Option<&str>, default_port: u32) -> bool {
    port.is_none_or(|port| {
        let number = port.bytes().fold(0_u32, |number, byte| number.saturating_mul(10).saturating_add(u32::from(byte).wrapping_sub(48)));
        (1..=65_535).contains(&number) && number != default_port && !port.starts_with('0') && port.bytes().all(|byte| byte.is_ascii_digit())
    })
}
