//! Every word that JavaScript knows as well, written once: but for the reasons (`reason.rs`), the errors (`error.rs`) and the dialects (in their folders), they are here. `js/shared/words.ts` is made of it by `tests/words.rs`.

use super::{AcquireFailure, AcquireReason, AuthStatus, ConnectionState, Credentials, Kept, Lock, Millis, StorageTier, StoreFailure, Task};

macro_rules! words {
    ($($type:ident { $($(#[$only:meta])? $variant:ident = $word:literal,)* })*) => {$(
        impl $type {
            /// Every one there is.
            pub const ALL: &'static [Self] = &[$($(#[$only])? Self::$variant),*];

            /// The word in JavaScript.
            pub const fn as_str(self) -> &'static str {
                match self { $($(#[$only])? Self::$variant => $word,)* }
            }

            /// The one of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    )*};
}

words! {
    AuthStatus {
        Unknown = "unknown",
        Unauthorized = "unauthorized",
        Authorizing = "authorizing",
        Authorized = "authorized",
    }
    ConnectionState {
        Connecting = "connecting",
        Connected = "connected",
        Disconnected = "disconnected",
        Standalone = "standalone",
        Closed = "closed",
    }
    AcquireReason {
        Restore = "restore",
        OtherTab = "other-tab",
        SignIn = "sign-in",
        Refresh = "refresh",
    }
    Credentials {
        Memory = "memory",
        #[cfg(feature = "credentials")] Sealed = "sealed",
        #[cfg(feature = "credentials")] DangerousPlaintext = "dangerous-plaintext",
    }
    StorageTier {
        Local = "local",
        Session = "session",
        Memory = "memory",
    }
    Lock {
        Held = "held",
        Elsewhere = "elsewhere",
        Unsupported = "unsupported",
    }
    Kept {
        Nothing = "nothing",
        Same = "same",
        New = "new",
    }
    StoreFailure {
        Unavailable = "unavailable",
        Damaged = "damaged",
    }
}

impl Task {
    /// The words of all tasks.
    pub const WORDS: [&'static str; 5] = ["look", "take", "renew", "release", "keep"];

    /// The word in JavaScript.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Take { .. } => "take",
            Self::Renew => "renew",
            Self::Release { .. } => "release",
            Self::Keep { .. } => "keep",
        }
    }
}

impl AcquireFailure {
    /// The words of all failures.
    pub const WORDS: [&'static str; 4] = ["failed", "no-user", "refused", "later"];

    /// The one of a word. `pause`: for how long a server has said not to ask again, in milliseconds.
    pub fn from_word(word: &str, pause: Millis) -> Option<Self> {
        match word {
            "failed" => Some(Self::Failed),
            "no-user" => Some(Self::NoUser),
            "refused" => Some(Self::Refused),
            "later" => Some(Self::Later(pause)),
            _ => None,
        }
    }
}
