//! What hosts speak: one machine a protocol, each behind the session's [`Dialect`] trait. They translate and
//! remember their conversation; who is signed in is decided by the session.
//!
//! Another dialect is a folder here, its `mod` and its line in `dialects!`, and a feature of `Cargo.toml` under its name.

#[macro_use]
mod any;
pub mod native;
#[cfg(feature = "dialects")]
#[allow(dead_code)] // A dialect may do without.
mod phase;
#[cfg(feature = "ringcentral")]
pub mod ringcentral;
#[cfg(feature = "xbees")]
pub mod xbees;

// Its folder, and in there its machine and the messages which that posts.
dialects! {
    #[cfg(feature = "xbees")]
    xbees::{Xbees, XbeesMessage},
    #[cfg(feature = "ringcentral")]
    ringcentral::{RingCentral, RingCentralMessage},
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_dialect_has_a_word_of_its_own() {
        let words: BTreeSet<_> = KINDS.iter().map(|kind| kind.as_str()).collect();
        assert_eq!(words.len(), KINDS.len(), "{words:?}");
        assert!(KINDS.iter().all(|kind| from_word(kind.as_str()) == Some(*kind)));
        assert_eq!(from_word("klingon"), None);
    }
}
