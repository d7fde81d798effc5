//! What the browser says of the widget's own page.

/// Which kind of origin the widget's own frame has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnOrigin {
    /// One with scheme, host and port.
    Tuple,
    /// None that can be named: a sandbox without `allow-same-origin`, or a `data:` address.
    Opaque,
}

/// What becomes of a page that is hidden away (`pagehide`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageHide {
    /// It may come back from the back/forward cache (`persisted`).
    MayReturn,
    /// It ends.
    Final,
}
