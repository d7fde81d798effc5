//! Why the status is what it is.

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// Why the status is what it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The word on the wire, in storage and in JavaScript.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

reasons! {
    /// Nothing has been read yet.
    Starting = "starting",
    /// The page is being hidden or frozen.
    Suspended = "suspended",
    /// The page came back from the back/forward cache and is being re-read.
    Restored = "restored",
    /// No user has signed in here before.
    Initial = "initial",
    /// The user asked for it.
    User = "user",
    /// The host asked for it, or named the user.
    Host = "host",
    /// A server said no.
    Refused = "refused",
    /// The session ran out.
    Expired = "expired",
    /// Another account takes over.
    AccountSwitch = "account-switch",
    /// The storage was emptied.
    StorageCleared = "storage-cleared",
    /// `acquire` failed or gave no account. Local to this tab.
    AcquireFailed = "acquire-failed",
    /// `acquire` took too long. Local to this tab.
    AcquireTimeout = "acquire-timeout",
    /// `acquire` gave another account than the one that is signed in. Local to this tab.
    AccountMismatch = "account-mismatch",
    /// A sign-in.
    SignIn = "sign-in",
    /// Another tab signed in.
    OtherTab = "other-tab",
    /// Found at the start.
    Restore = "restore",
    /// The same account, renewed.
    Refresh = "refresh",
    /// A refresh ended without an answer, and the next one was refused: the server may have taken it for a theft.
    RefreshOutcomeUnknown = "refresh-outcome-unknown",
    /// The stored credential could not be read.
    CredentialLost = "credential-lost",
}

impl Reason {
    /// The reason of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == word)
    }
}
