use super::dom;
use crate::session::{Environment, OwnOrigin, Parent, StorageTier};

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

/// Where this page stands and what that means for the shared state. The npm package finds it out by `js/widget/environment.ts`.
pub(crate) fn environment(storage: StorageTier, parent: Option<&str>) -> Environment {
    let ancestors: Option<Vec<_>> = dom::ancestors().map(|all| all.iter().filter_map(|origin| origin.as_string()).collect());
    Environment::new(&dom::origin(), dom::is_embedded(), ancestors.as_deref(), storage, parent.map(ToOwned::to_owned))
}
