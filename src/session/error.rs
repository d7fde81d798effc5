use std::fmt;

/// What went wrong, with a stable [`code`](Error::code). Bad input from outside is never an error: it is a counted [`Refusal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
// A byte beside a pointer is taken apart and put together again wherever a result is passed on.
#[repr(u32)]
pub enum Error {
    /// `acquire` gave no account, failed, took too long, or was overtaken.
    AcquireFailed,
    /// An account without a subject, or with one that is too long.
    AccountInvalid,
    /// A call came from inside a getter that we were reading.
    ReentrantCall,
    /// The bridge was closed.
    Closed,
    /// An option is out of its range.
    ConfigInvalid,
    /// An entry of `hosts` is neither an exact origin nor the one allowed pattern.
    ConfigOriginInvalid,
    /// `hosts` is missing or empty.
    ConfigOriginRequired,
    /// The stored credential is damaged, or of another origin's or version's making.
    CredentialDamaged,
    /// The data holds something that cannot be copied to another window, or there is no connection.
    DataNotCloneable,
    /// There is no browser here.
    EnvUnsupported,
    /// The page that embeds us is not in `hosts`.
    HostNotAllowed,
    /// The status does not allow this move.
    InvalidState,
    /// A lifetime or a moment is not finite or out of its range.
    LifetimeInvalid,
    /// There is no access token.
    NotAuthorized,
    /// The frame has no origin and not both sides opted in.
    OpaqueOrigin,
    /// The host waits for the widget to begin, and the browser does not say who it is.
    ParentUnknown,
    /// The access token has expired and could not be renewed for now.
    RefreshFailed,
    /// The access token has expired, and there is no `acquire` to renew it.
    TokenExpired,
    /// An access or refresh token is empty or too long.
    TokenInvalid,
    /// The place for stored credentials failed; they stay in memory.
    CredentialStoreUnavailable,
    /// No protocol version in common.
    VersionMismatch,
}

impl Error {
    /// The stable code, the same in Rust and TypeScript (`tests/vectors/errors.json`).
    pub const fn code(self) -> &'static str {
        match self {
            Self::AcquireFailed => "ACQUIRE_FAILED",
            Self::AccountInvalid => "ACCOUNT_INVALID",
            Self::ReentrantCall => "REENTRANT_CALL",
            Self::Closed => "CLOSED",
            Self::ConfigInvalid => "CONFIG_INVALID",
            Self::ConfigOriginInvalid => "CONFIG_ORIGIN_INVALID",
            Self::ConfigOriginRequired => "CONFIG_ORIGIN_REQUIRED",
            Self::CredentialDamaged => "CREDENTIAL_DAMAGED",
            Self::DataNotCloneable => "DATA_NOT_CLONEABLE",
            Self::EnvUnsupported => "ENV_UNSUPPORTED",
            Self::HostNotAllowed => "HOST_NOT_ALLOWED",
            Self::InvalidState => "INVALID_STATE",
            Self::LifetimeInvalid => "LIFETIME_INVALID",
            Self::NotAuthorized => "NOT_AUTHORIZED",
            Self::OpaqueOrigin => "OPAQUE_ORIGIN",
            Self::ParentUnknown => "PARENT_UNKNOWN",
            Self::RefreshFailed => "REFRESH_FAILED",
            Self::TokenExpired => "TOKEN_EXPIRED",
            Self::TokenInvalid => "TOKEN_INVALID",
            Self::CredentialStoreUnavailable => "CREDENTIAL_STORE_UNAVAILABLE",
            Self::VersionMismatch => "VERSION_MISMATCH",
        }
    }

    /// Who can fix it: `app` (the code that calls us), `peer` (the other side), `network` or `user`.
    pub const fn responsible(self) -> &'static str {
        match self {
            Self::VersionMismatch => "peer",
            Self::NotAuthorized | Self::CredentialDamaged | Self::CredentialStoreUnavailable => "user",
            Self::RefreshFailed => "network",
            _ => "app",
        }
    }

    /// What is wrong and what to do.
    pub const fn message(self) -> &'static str {
        match self {
            Self::AcquireFailed => {
                "acquire gave no account: it failed, found no user signed in, took longer than 30 s, was overtaken, or a server has said not to come yet (RetryLater)"
            }
            Self::AccountInvalid => "an account has a subject of 1 to 256 characters and, if it has one, a name of at most 256",
            Self::ReentrantCall => "the bridge was called from inside a getter that it was reading: call it later",
            Self::Closed => "the bridge is closed: call connect() again",
            Self::ConfigInvalid => "an option is out of its range",
            Self::ConfigOriginInvalid => {
                "an entry of hosts is an exact origin, such as https://crm.example.com, or https://*.example.com for one whole label"
            }
            Self::ConfigOriginRequired => "list in hosts the origins of the pages that may embed this widget",
            Self::CredentialDamaged => "the stored credential could not be read, and the user was signed out in every tab: sign in again",
            Self::DataNotCloneable => "the data holds something that cannot be copied to another window: send what structuredClone takes",
            Self::EnvUnsupported => "there is no browser window here: call this in a page",
            Self::HostNotAllowed => "the page that embeds this widget is not in hosts: add its exact origin",
            Self::InvalidState => "a user is signed in: sign out first",
            Self::LifetimeInvalid => {
                "expiresIn is 0 to 3155760000 seconds; expiresAt and serverTime are milliseconds from 1970 on, at most 8640000000000000"
            }
            Self::NotAuthorized => "no user is signed in, or this tab has no access token: sign in first",
            Self::RefreshFailed => "the access token has expired and the last acquire failed: it is tried again by itself",
            Self::TokenExpired => "the access token has expired and there is no acquire to renew it: authorize again, or give acquire",
            Self::TokenInvalid => "an access or refresh token has 1 to 16384 characters: leave it out if there is none",
            Self::CredentialStoreUnavailable => {
                "the place for stored credentials failed: until it works again, credentials last until the tab closes"
            }
            Self::ParentUnknown => "this browser does not say who embeds the page: give hosts one exact origin",
            Self::OpaqueOrigin => "the frame has no origin: add allow-same-origin to its sandbox, or set allowOpaqueOrigin on both sides",
            Self::VersionMismatch => "no protocol version in common: update the older of authframe and authframe/host",
        }
    }

    /// Every error there is, in the order of the codes.
    pub const ALL: [Self; 21] = [
        Self::AcquireFailed,
        Self::AccountInvalid,
        Self::ReentrantCall,
        Self::Closed,
        Self::ConfigInvalid,
        Self::ConfigOriginInvalid,
        Self::ConfigOriginRequired,
        Self::CredentialDamaged,
        Self::DataNotCloneable,
        Self::EnvUnsupported,
        Self::HostNotAllowed,
        Self::InvalidState,
        Self::LifetimeInvalid,
        Self::NotAuthorized,
        Self::OpaqueOrigin,
        Self::ParentUnknown,
        Self::RefreshFailed,
        Self::TokenExpired,
        Self::TokenInvalid,
        Self::CredentialStoreUnavailable,
        Self::VersionMismatch,
    ];
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        f.write_str(": ")?;
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

/// Why something from outside was dropped. Each has a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not from the window that embeds us.
    Source,
    /// From an origin that is not allowed.
    Origin,
    /// One of ours, but a field is missing, of the wrong type or beyond its limit.
    Shape,
    /// More messages a second than the limit.
    Rate,
    /// A nonce that is not the current one, or has expired.
    Replay,
    /// The stored value is damaged.
    Storage,
}

impl Refusal {
    /// How many there are.
    pub const COUNT: usize = 6;

    /// Every refusal there is, in the order of their counters.
    pub const ALL: [Self; Self::COUNT] = [Self::Source, Self::Origin, Self::Shape, Self::Rate, Self::Replay, Self::Storage];

    /// The name of its counter.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Origin => "origin",
            Self::Shape => "malformed",
            Self::Rate => "rate",
            Self::Replay => "replay",
            Self::Storage => "storage",
        }
    }
}
