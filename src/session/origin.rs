use super::Error;

const HTTPS: &str = "https://";
const HTTP: &str = "http://";

type Check = fn(&str) -> bool;

/// The hosts that are no web sites, and what their names look like. The list is closed: of these schemes it is known that the browser gives
/// each page a tuple origin, how it serialises it, and that no web site can have it. `docs/serving.md` says more.
const APPS: [(&str, Check); 6] = [
    ("chrome-extension://", valid_chrome_id),
    ("moz-extension://", |name| valid_uuid(name, |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))),
    // Safari keeps the letters as they are; it writes them in upper case.
    ("safari-web-extension://", |name| valid_uuid(name, |byte| byte.is_ascii_hexdigit())),
    ("capacitor://", valid_name),
    ("ionic://", valid_name),
    ("tauri://", valid_name),
];

/// An entry of the allow-list: an exact origin as browsers serialise it (`https://crm.example.com`, `http://host.localhost:8080`),
/// `https://*.example.com` for one whole left-most label, or the exact origin of a browser extension or an app (`chrome-extension://…`,
/// `moz-extension://…`, `safari-web-extension://…`, `capacitor://localhost`, `ionic://localhost`, `tauri://localhost`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginPattern(String);

impl OriginPattern {
    /// Takes an entry that is written exactly so.
    ///
    /// # Errors
    /// [`Error::ConfigOriginInvalid`] for anything else: other schemes, upper case, a path, user-info, a trailing dot, a default or impossible
    /// port, an address that is none or that browsers write in another way, any other place for a star, or a star in front of fewer than two
    /// labels.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if valid_app(text) || valid_web(text) { Ok(Self(text.to_owned())) } else { Err(Error::ConfigOriginInvalid) }
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

fn valid_app(text: &str) -> bool {
    APPS.iter().any(|(scheme, valid)| text.strip_prefix(scheme).is_some_and(valid))
}

fn valid_web(text: &str) -> bool {
    let Some((rest, default_port)) =
        text.strip_prefix(HTTPS).map(|rest| (rest, 443)).or_else(|| text.strip_prefix(HTTP).map(|rest| (rest, 80)))
    else {
        return false;
    };
    let labels = rest.strip_prefix("*.").filter(|_| default_port == 443);
    let (host, port) = split_port(labels.unwrap_or(rest));
    let valid = match labels {
        // Behind a star: a name of at least two labels, and no address.
        Some(_) => host.as_bytes().contains(&b'.') && valid_name(host),
        None => valid_host(host),
    };
    valid && valid_port(port, default_port)
}

// The colons of an IPv6 literal are not the port's.
fn split_port(rest: &str) -> (&str, Option<&str>) {
    let colon = rest.bytes().rposition(|byte| byte == b':').filter(|_| !rest.ends_with(']'));
    colon.and_then(|colon| rest.split_at_checked(colon)).map_or((rest, None), |(host, port)| (host, port.get(1..)))
}

fn valid_host(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(literal) => valid_ipv6(literal),
        None => valid_name(host) || valid_ipv4(host),
    }
}

// Bytes, not text: what `str` needs to look for patterns weighs more than all that stands here.

/// A name of labels. Where the last one is a number, browsers take the whole for an IPv4 address, or for no host at all.
fn valid_name(name: &str) -> bool {
    let labels = || name.as_bytes().split(|byte| *byte == b'.');
    labels().all(valid_label) && !labels().next_back().is_some_and(is_number)
}

/// Whether browsers read it as a number: decimal, or hexadecimal behind `0x`, even with no digit.
fn is_number(label: &[u8]) -> bool {
    label.strip_prefix(b"0x").map_or_else(|| label.iter().all(u8::is_ascii_digit), |digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// Four numbers up to 255, as browsers serialise them.
fn valid_ipv4(host: &str) -> bool {
    let parts = || host.as_bytes().split(|byte| *byte == b'.');
    parts().count() == 4 && parts().all(valid_octet)
}

fn valid_octet(part: &[u8]) -> bool {
    let number = part.iter().fold(0_u32, |number, byte| number.saturating_mul(10).saturating_add(u32::from(*byte).wrapping_sub(48)));
    let plain = part == b"0" || part.first() != Some(&b'0');
    plain && (1..=3).contains(&part.len()) && part.iter().all(u8::is_ascii_digit) && number <= 255
}

/// Eight groups as browsers serialise them (URL Standard): lower case, no leading zeros, and `::` in place of the first longest run of two or
/// more zeros.
fn valid_ipv6(literal: &str) -> bool {
    let literal = literal.as_bytes();
    let place = literal.windows(2).position(|pair| pair == b"::");
    let (left, right) =
        place.and_then(|place| Some((literal.get(..place)?, literal.get(place.saturating_add(2)..)?))).unwrap_or((literal, b""));
    let shortened = place.is_some();
    let groups = |part: &[u8]| if part.is_empty() { 0 } else { split(part).count() };
    let (before, after) = (groups(left), groups(right));
    let count = before.saturating_add(after);
    let valid = |part: &[u8]| part.is_empty() || split(part).all(valid_group);
    if !(valid(left) && valid(right) && if shortened { count <= 6 } else { count == 8 }) {
        return false;
    }
    // Which groups are zero: first none of those that are written, all of those that are not.
    let mut zeros = [true; 8];
    for (zero, group) in zeros.iter_mut().zip(split(left).take(before)) {
        *zero = group == b"0";
    }
    for (zero, group) in zeros.iter_mut().rev().zip(split(right).rev().take(after)) {
        *zero = group == b"0";
    }
    let (mut run, mut longest, mut end) = (0_usize, 1_usize, 0_usize);
    for (place, zero) in zeros.iter().enumerate() {
        run = if *zero { run.saturating_add(1) } else { 0 };
        if run > longest {
            (longest, end) = (run, place.saturating_add(1));
        }
    }
    // `end` is 0 where no two zeros stand side by side.
    if shortened { longest == 8_usize.saturating_sub(count) && end == 8_usize.saturating_sub(after) } else { end == 0 }
}

fn split(part: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    part.split(|byte| *byte == b':')
}

fn valid_group(group: &[u8]) -> bool {
    let plain = group == b"0" || group.first() != Some(&b'0');
    plain && (1..=4).contains(&group.len()) && group.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The extension's public key, as Chrome shortens it to 32 letters.
fn valid_chrome_id(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| matches!(byte, b'a'..=b'p'))
}

fn valid_uuid(name: &str, valid_digit: impl Fn(u8) -> bool) -> bool {
    let fits = |(place, byte)| if matches!(place, 8 | 13 | 18 | 23) { byte == b'-' } else { valid_digit(byte) };
    name.len() == 36 && name.bytes().enumerate().all(fits)
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
