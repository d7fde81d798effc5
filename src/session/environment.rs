use super::{Encode, Encoder};

/// Where the widget stands in the tree of frames, from the closest to the farthest: of several pages above it the farthest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Not embedded.
    Top,
    /// Every page above it has its own origin.
    SameOriginFrame,
    /// Every page above it is of its own site.
    SameSiteFrame,
    /// It is not known.
    Unknown,
    /// Some page above it is of another site: storage is partitioned.
    CrossSiteFrame,
}

/// Where the shared state is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageTier {
    /// localStorage: other tabs learn of it, and it survives a reload.
    Local,
    /// sessionStorage: it survives a reload of this tab.
    Session,
    /// Nothing but this page's memory.
    Memory,
}

/// Who learns of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shares {
    /// Every tab and frame of the widget's own origin that is not partitioned away itself.
    Origin,
    /// Tabs in which the widget stands under the same host site, and no others.
    HostSite,
    /// Only this tab.
    Tab,
    /// It is not known.
    Unknown,
}

/// What the widget's location allows, with the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Where the widget stands.
    pub scope: Scope,
    /// How that is known: `ancestor-origins`, `parent-is-self`, `no-ancestor-origins`, `opaque-origin`.
    pub evidence: &'static str,
    /// Where the shared state is kept.
    pub storage: StorageTier,
    /// Who learns of a change.
    pub shares: Shares,
    /// The origin of the page that embeds us, once it is pinned.
    pub parent: Option<String>,
}

impl Encode for Environment {
    fn encode(&self, to: &mut dyn Encoder) {
        let scope = match self.scope {
            Scope::Top => "top",
            Scope::SameOriginFrame => "same-origin-frame",
            Scope::SameSiteFrame => "same-site-frame",
            Scope::Unknown => "unknown",
            Scope::CrossSiteFrame => "cross-site-frame",
        };
        let shares = match self.shares {
            Shares::Origin => "origin",
            Shares::HostSite => "host-site",
            Shares::Tab => "tab",
            Shares::Unknown => "unknown",
        };
        to.text("scope", Some(scope));
        to.text("evidence", Some(self.evidence));
        to.text("storage", Some(self.storage.as_str()));
        to.text("shares", Some(shares));
        to.text("parent", self.parent.as_deref());
    }
}

impl Environment {
    /// Puts the facts together. `ancestors` is `None` where the browser does not list them.
    pub fn new(own: &str, embedded: bool, ancestors: Option<&[String]>, storage: StorageTier, parent: Option<String>) -> Self {
        let (scope, evidence) = match ancestors {
            _ if !embedded => (Scope::Top, "parent-is-self"),
            _ if own == "null" => (Scope::CrossSiteFrame, "opaque-origin"),
            None => (Scope::Unknown, "no-ancestor-origins"),
            Some(ancestors) => (scope(own, ancestors), "ancestor-origins"),
        };
        let shares = match (storage, scope) {
            (StorageTier::Session | StorageTier::Memory, _) => Shares::Tab,
            (_, Scope::Unknown) => Shares::Unknown,
            (_, Scope::CrossSiteFrame) => Shares::HostSite,
            _ => Shares::Origin,
        };
        Self { scope, evidence, storage, shares, parent }
    }
}

/// What the origins above a frame prove. Never a guess: two hosts that agree in their last two labels may be one site
/// (`a.example.com`, `b.example.com`) or two (`a.co.uk`, `b.co.uk`), and only the public suffix list knows which.
pub fn scope(own: &str, ancestors: &[String]) -> Scope {
    ancestors.iter().map(|ancestor| relation(own, ancestor)).max().unwrap_or(Scope::Unknown)
}

fn relation(own: &str, other: &str) -> Scope {
    // An origin without a name is like no other, not even like itself.
    if own == other && own != "null" {
        return Scope::SameOriginFrame;
    }
    let (scheme, host) = parts(own);
    let (other_scheme, other_host) = parts(other);
    if host == other_host && scheme == other_scheme && own != "null" {
        // Another port of the same host is the same site.
        Scope::SameSiteFrame
    } else if scheme != other_scheme || is_address(host) || last_two_labels(host) != last_two_labels(other_host) {
        Scope::CrossSiteFrame
    } else {
        Scope::Unknown
    }
}

// (scheme, host) of a serialised origin.
fn parts(origin: &str) -> (&[u8], &[u8]) {
    let bytes = origin.as_bytes();
    let colon = bytes.iter().position(|byte| *byte == b':').unwrap_or(bytes.len());
    let (scheme, rest) = bytes.split_at_checked(colon).unwrap_or((bytes, &[]));
    // The colons of an IPv6 literal are not the port's, and the first one is the scheme's.
    let port = rest.iter().rposition(|byte| *byte == b':').filter(|port| *port > 0 && rest.last() != Some(&b']'));
    let end = port.unwrap_or(rest.len());
    (scheme, rest.get(..end).unwrap_or(rest))
}

fn is_address(host: &[u8]) -> bool {
    host.last().is_none_or(|byte| byte.is_ascii_digit() || *byte == b']')
}

fn last_two_labels(host: &[u8]) -> &[u8] {
    let mut dots = 0_u8;
    let start = host.iter().rposition(|byte| {
        dots = dots.saturating_add(u8::from(*byte == b'.'));
        dots == 2 || *byte == b'/'
    });
    // Without what stands before them: a dot, or the slashes behind the scheme.
    host.get(start.map_or(0, |start| start.saturating_add(1))..).unwrap_or(host)
}
