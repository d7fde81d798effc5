use super::dom;
use crate::session::{OwnOrigin, Parent};

/// What the browser says about the page that embeds us.
pub(crate) fn parent() -> Parent {
    #[cfg(feature = "dialects")]
    if dom::has_webview() {
        return Parent::Webview;
    }
    if !dom::is_embedded() {
        Parent::None
    } else if let Some(origin) = dom::ancestor().as_string() {
        Parent::Known(origin)
    } else {
        dom::referrer().as_string().map_or(Parent::Unknown, Parent::Hint)
    }
}

/// Which kind of origin this page has.
pub(crate) fn own_origin() -> OwnOrigin {
    if dom::is_opaque() { OwnOrigin::Opaque } else { OwnOrigin::Tuple }
}
