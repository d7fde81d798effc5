//! The registrars that a line knows, their order, and where a token may go.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Registrar(usize);

/// Those of the settings, primaries first, and where another device was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Registrars {
    bases: Vec<String>,
    primaries: usize,
    named: usize,
}

impl Registrars {
    /// The primaries before the backups.
    pub(super) fn add(&mut self, base: &str, is_primary: bool) {
        self.bases.push(base.to_owned());
        self.named = self.bases.len();
        if is_primary {
            self.primaries = self.named;
        }
    }

    /// Whether there is one at least, and none that cannot be one.
    pub(super) fn are_usable(&self) -> bool {
        self.primaries > 0 && self.bases.iter().all(|base| is_base(base))
    }

    pub(super) fn base(&self, registrar: Registrar) -> &str {
        self.bases.get(registrar.0).map_or("", String::as_str)
    }

    pub(super) const fn primaries(&self) -> Queue {
        Queue { first: None, twice: None, next: 0, end: self.primaries }
    }

    pub(super) const fn backups(&self) -> Queue {
        Queue { first: None, twice: None, next: self.primaries, end: self.named }
    }

    pub(super) fn is_primary(&self, base: &str) -> bool {
        self.bases.iter().take(self.primaries).any(|primary| primary == base)
    }

    /// The one of this base.
    pub(super) fn find(&mut self, base: &str) -> Registrar {
        let known = self.bases.iter().position(|known| known == base);
        Registrar(known.unwrap_or_else(|| {
            self.bases.push(base.to_owned());
            self.bases.len().saturating_sub(1)
        }))
    }

    /// Whether a token may be sent there: to a registrar of the settings.
    pub(super) fn trust(&self, url: &str) -> bool {
        let trusted = self.bases.iter().take(self.named).any(|base| origin(base) == origin(url));
        trusted && is_plain(url) && !url.as_bytes().windows(4).any(|part| part == b"/../")
    }
}

/// Those that are tried one after the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Queue {
    first: Option<Registrar>,
    /// Is not tried again in its turn.
    twice: Option<Registrar>,
    next: usize,
    end: usize,
}

impl Queue {
    /// This one alone.
    pub(super) const fn only(registrar: Registrar) -> Self {
        Self { first: Some(registrar), twice: None, next: 0, end: 0 }
    }

    /// This one before the others, and not a second time.
    pub(super) const fn after(self, registrar: Registrar) -> Self {
        Self { first: Some(registrar), twice: Some(registrar), ..self }
    }

    /// This one once more.
    pub(super) const fn again(&mut self, registrar: Registrar) {
        self.first = Some(registrar);
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.first.is_none() && self.next >= self.end
    }

    pub(super) fn pop(&mut self) -> Option<Registrar> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        while self.next < self.end {
            let next = Registrar(self.next);
            self.next = self.next.saturating_add(1);
            if self.twice != Some(next) {
                return Some(next);
            }
        }
        None
    }
}

fn is_base(base: &str) -> bool {
    origin(base).is_some() && base.ends_with('/') && is_plain(base)
}

// A user name before the host would be another host.
fn is_plain(url: &str) -> bool {
    url.len() <= 1024 && url.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'@' | b'\\'))
}

/// `None` unless it is https, or http on this machine.
fn origin(url: &str) -> Option<&str> {
    let is_safe = url.starts_with("https://");
    let before = if is_safe { "https://" } else { "http://" };
    let rest = url.strip_prefix(before)?;
    let host = rest.get(..rest.bytes().position(|byte| byte == b'/').unwrap_or(rest.len()))?;
    let digits = host.bytes().rev().take_while(u8::is_ascii_digit).count();
    let name = host.get(..host.len().saturating_sub(digits))?.strip_suffix(':').unwrap_or(host);
    let is_here = name == "localhost" || name.ends_with(".localhost") || matches!(name, "127.0.0.1" | "[::1]");
    url.get(..before.len().saturating_add(host.len())).filter(|_| !name.is_empty() && (is_safe || is_here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_goes_to_the_registrars_that_are_named_and_nowhere_else() {
        let mut named = Registrars::default();
        named.add("https://a.example/api/", true);
        named.add("http://b.localhost:81/", false);
        for good in ["https://a.example/api/devices/1", "https://a.example/other", "http://b.localhost:81/devices/1"] {
            assert!(named.trust(good), "{good}");
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
            assert!(!named.trust(bad), "{bad}");
        }
    }
}
