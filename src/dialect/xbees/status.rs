//! What the host is notified of who is signed in: nothing twice, and no word sooner after itself than the host takes it.

use crate::session::{AuthStatus, Millis};

/// The host refuses the same word within a second of the last one; a little more, because its clock is another one.
const PACE: Millis = 1_100;

/// Whether a user is signed in, as x-bees has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XbeesStatus {
    /// `xBeesAuthorized`
    Authorized,
    /// `xBeesNotAuthorized`
    NotAuthorized,
}

impl XbeesStatus {
    pub(super) const fn from_count(count: u32) -> Self {
        if count > 0 { Self::Authorized } else { Self::NotAuthorized }
    }
}

impl From<AuthStatus> for XbeesStatus {
    fn from(status: AuthStatus) -> Self {
        if status == AuthStatus::Authorized { Self::Authorized } else { Self::NotAuthorized }
    }
}

/// What was said, and what is to be said. It posts nothing by itself.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusReport {
    // The application's own word for this instance. It stands until the application says another one, or the user is signed out.
    own: Option<XbeesStatus>,
    // The session's, as far as it is established.
    session: Option<XbeesStatus>,
    // What was posted last; none: whatever is to be said is news.
    posted: Option<XbeesStatus>,
    // When each word was posted last.
    authorized_at: Option<Millis>,
    not_authorized_at: Option<Millis>,
    // Whether each word keeps its distance to the last one of its kind.
    paced: bool,
    // What is to be said next: at once, because it says more than the last one; or later, because the host has refused it.
    hurried: bool,
    refused: bool,
}

impl StatusReport {
    /// From now on each word keeps its distance to the last one of its kind.
    pub(super) const fn keep_pace(&mut self) {
        self.paced = true;
    }

    /// The session is shown. Whether its status is established, and another one than before.
    pub(super) fn take_session(&mut self, status: AuthStatus) -> bool {
        if !matches!(status, AuthStatus::Authorized | AuthStatus::Unauthorized) {
            return false;
        }
        let status = XbeesStatus::from(status);
        let before = self.session.replace(status);
        let changed = before.is_some_and(|before| before != status);
        // Another instance's sign-in is no word about this one.
        if changed && status == XbeesStatus::NotAuthorized {
            self.own = None;
        }
        changed
    }

    /// The host is not kept waiting until the session's status is established.
    pub(super) fn presume(&mut self, status: AuthStatus) {
        self.session = Some(status.into());
    }

    /// The application says it of this instance, with a payload that was not posted yet or without.
    pub(super) const fn take_own(&mut self, status: XbeesStatus, says_more: bool) {
        self.own = Some(status);
        if says_more {
            self.posted = None;
            self.hurried = true;
        }
    }

    /// Whether the application has spoken for this instance.
    pub(super) const fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// The host has not taken what was posted last, because it came too soon.
    pub(super) const fn refused(&mut self) {
        self.posted = None;
        self.refused = true;
    }

    /// Whatever was posted is to be said anew.
    pub(super) const fn restart(&mut self) {
        self.posted = None;
        self.authorized_at = None;
        self.not_authorized_at = None;
    }

    /// What is to be posted at this moment, which counts as posted from then on.
    pub(super) fn next(&mut self, now: Millis) -> Option<XbeesStatus> {
        let status = self.news().filter(|status| self.free_at(*status) <= now)?;
        self.posted = Some(status);
        self.hurried = false;
        self.refused = false;
        let last = if status == XbeesStatus::Authorized { &mut self.authorized_at } else { &mut self.not_authorized_at };
        *last = Some(now);
        Some(status)
    }

    /// When [`next`](Self::next) gives something, if nothing else happens.
    pub(super) fn due(&self) -> Option<Millis> {
        self.news().map(|status| self.free_at(status))
    }

    fn news(&self) -> Option<XbeesStatus> {
        self.own.or(self.session).filter(|status| self.posted != Some(*status))
    }

    fn free_at(&self, status: XbeesStatus) -> Millis {
        if self.hurried || !(self.paced || self.refused) {
            return 0;
        }
        let last = if status == XbeesStatus::Authorized { self.authorized_at } else { self.not_authorized_at };
        last.map_or(0, |last| last.saturating_add(PACE))
    }
}

#[cfg(test)]
mod tests {
    use super::XbeesStatus::{Authorized, NotAuthorized};
    use super::*;

    #[test]
    fn nothing_is_said_before_anything_is_known() {
        let mut report = StatusReport::default();
        assert!(!report.take_session(AuthStatus::Unknown));
        assert!(!report.take_session(AuthStatus::Authorizing));
        assert_eq!((report.next(0), report.due()), (None, None));
    }

    #[test]
    fn a_repeat_is_nothing_and_the_same_word_keeps_its_distance() {
        let mut report = StatusReport::default();
        report.keep_pace();
        report.take_own(Authorized, false);
        assert_eq!(report.next(1000), Some(Authorized));
        report.take_own(Authorized, false);
        assert_eq!((report.next(1001), report.due()), (None, None));
        report.take_own(NotAuthorized, false);
        assert_eq!(report.next(1002), Some(NotAuthorized), "another word is free at once");
        report.take_own(Authorized, false);
        assert_eq!((report.next(1003), report.due()), (None, Some(2100)));
        assert_eq!(report.next(2100), Some(Authorized));
        report.take_own(Authorized, true);
        assert_eq!(report.next(2101), Some(Authorized), "what says more is not held back");
    }

    #[test]
    fn what_the_host_refused_is_said_once_more_in_its_time() {
        let mut report = StatusReport::default();
        report.take_session(AuthStatus::Authorized);
        assert_eq!(report.next(1000), Some(Authorized));
        report.refused();
        assert_eq!((report.next(1001), report.due()), (None, Some(2100)));
        assert_eq!(report.next(2100), Some(Authorized));
        assert_eq!(report.due(), None);
    }

    #[test]
    fn another_instances_sign_in_is_no_word_about_this_one_and_a_sign_out_is() {
        let mut report = StatusReport::default();
        report.take_session(AuthStatus::Unauthorized);
        report.take_own(NotAuthorized, false);
        assert_eq!(report.next(0), Some(NotAuthorized));
        assert!(report.take_session(AuthStatus::Authorized), "it is news, and not for this host");
        assert_eq!(report.next(5000), None);
        report.take_own(Authorized, false);
        assert_eq!(report.next(5000), Some(Authorized));
        assert!(report.take_session(AuthStatus::Unauthorized));
        assert_eq!(report.next(9000), Some(NotAuthorized));
        assert!(report.take_session(AuthStatus::Authorized), "another account, say");
        assert_eq!(report.next(9000), Some(Authorized));
    }

    #[test]
    fn the_application_speaks_for_this_instance_until_the_session_changes() {
        let mut report = StatusReport::default();
        assert!(!report.take_session(AuthStatus::Authorized), "it was not known before");
        report.take_own(NotAuthorized, false);
        assert_eq!(report.next(0), Some(NotAuthorized));
        assert!(!report.take_session(AuthStatus::Authorized));
        assert_eq!(report.next(5000), None);
        assert!(report.take_session(AuthStatus::Unauthorized));
        assert!(report.take_session(AuthStatus::Authorized));
        assert!(!report.is_own());
        assert_eq!(report.next(5000), Some(Authorized));
    }
}
