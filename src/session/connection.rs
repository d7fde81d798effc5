//! Who embeds us, and how we stand with that page.

/// What the browser says about the page that embeds us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parent {
    /// There is none: the page is not embedded.
    None,
    /// There is none, but an app that shows the page in a web view and takes texts.
    #[cfg(feature = "dialects")]
    Webview,
    /// Its origin, from `location.ancestorOrigins`.
    Known(String),
    /// Its origin, from `document.referrer`: a hint, used only if it is in `hosts`.
    Hint(String),
    /// Nothing. We stay silent until an allowed host speaks.
    Unknown,
}

/// Which window a message came from (`MessageEvent.source`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The parent, or the app whose web view shows the page.
    Parent,
    /// Any other.
    Other,
}

/// How we stand with the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionState {
    /// No handshake yet.
    Connecting,
    /// Both sides may talk.
    Connected,
    /// The host went away; it may come back.
    Disconnected,
    /// The page is not embedded.
    Standalone,
    /// The bridge was closed.
    Closed,
}
