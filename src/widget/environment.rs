use wasm_bindgen::JsValue;

use crate::interop::text_of;
use crate::session::StorageTier;

/// Where the widget stands and which tabs its changes reach. TypeScript finds it out (`js/widget/environment.ts`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Environment {
    /// Where the widget stands in the tree of frames: of several pages above it the farthest counts.
    pub scope: Scope,
    /// How that is known.
    pub evidence: Evidence,
    /// Where the shared state is kept.
    pub storage: StorageTier,
    /// Which tabs a change reaches.
    pub shares: Shares,
    /// What keeps two tabs from refreshing at once.
    pub refresh: RefreshGuard,
    /// The origin of the page that embeds us, once it is known.
    pub parent: Option<String>,
}

macro_rules! words {
    ($($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* } else $other:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $type { $($(#[$variant_doc])* $variant,)* }

        impl $type {
            /// The word in JavaScript.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            fn read(word: &str) -> Self {
                match word { $($word => Self::$variant,)* _ => Self::$other }
            }
        }
    )*};
}

words! {
    /// Where the widget stands.
    Scope {
        /// Not embedded.
        Top = "top",
        /// Every page above it has its own origin.
        SameOriginFrame = "same-origin-frame",
        /// Every page above it is of its own site.
        SameSiteFrame = "same-site-frame",
        /// Some page above it is of another site: storage is partitioned.
        CrossSiteFrame = "cross-site-frame",
        /// It is not known.
        Unknown = "unknown",
    } else Unknown

    /// How the scope is known.
    Evidence {
        /// The page has no parent.
        ParentIsSelf = "parent-is-self",
        /// The browser lists the pages above.
        AncestorOrigins = "ancestor-origins",
        /// The browser does not list them.
        NoAncestorOrigins = "no-ancestor-origins",
        /// The frame has no origin of its own.
        OpaqueOrigin = "opaque-origin",
    } else NoAncestorOrigins

    /// Which tabs a change reaches.
    Shares {
        /// Every tab and frame of the widget's own origin.
        Origin = "origin",
        /// Tabs in which the widget stands under the same host site, and no others.
        HostSite = "host-site",
        /// Only this tab.
        Tab = "tab",
        /// It is not known.
        Unknown = "unknown",
    } else Unknown

    /// What keeps two tabs from refreshing at once.
    RefreshGuard {
        /// A transaction on the credential store.
        Transaction = "transaction",
        /// A Web Lock.
        Lock = "lock",
        /// Nothing but good luck.
        BestEffort = "best-effort",
    } else BestEffort
}

impl Environment {
    pub(super) fn read(from: &JsValue) -> Self {
        let text = |key: &str| text_of(from, key).unwrap_or_default();
        Self {
            scope: Scope::read(&text("scope")),
            evidence: Evidence::read(&text("evidence")),
            storage: StorageTier::from_word(&text("storage")).unwrap_or(StorageTier::Memory),
            shares: Shares::read(&text("shares")),
            refresh: RefreshGuard::read(&text("refresh")),
            parent: text_of(from, "parent"),
        }
    }
}
