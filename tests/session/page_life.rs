//! The page is hidden, frozen, restored, and goes for good.

use authframe::session::AuthStatus::{Authorized, Unauthorized, Unknown};
use authframe::session::{ConnectionState, Error, PageHide, Reason};

use crate::fixtures::{identity, record, signed_in};
use crate::support::{Tab, config, grant_with};

#[test]
fn d49_a_page_that_is_hidden_shows_nothing_and_posts_nothing() {
    let mut tab = Tab::connected(config(), 1);
    tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
    tab.forget();
    tab.enter(|session, now| session.handle_hide(now, PageHide::MayReturn));
    assert_eq!(tab.states(), [(Unknown, Reason::Suspended)]);
    assert_eq!((tab.subject(), tab.view().expires_at), (None, None));
    assert_eq!(tab.token().err(), Some(Error::NotAuthorized));
    assert_eq!(tab.kinds(), [""; 0], "a message that is posted now evicts the page from Firefox's back/forward cache");
    assert_eq!(tab.session.connection(), ConnectionState::Connected, "a page that is only frozen keeps its port");
    tab.enter(|session, now| session.handle_show(now));
    assert_eq!(tab.said_of("session").last().unwrap()["session"]["status"], "authorized", "the host receives how it is now");
    assert!(tab.writes.is_empty());
}

#[test]
fn d49_a_restored_page_is_unknown_before_anything_authorized_is_seen() {
    let mut tab = signed_in(config(), "ada");
    tab.enter(|session, now| session.handle_hide(now, PageHide::MayReturn));
    let reads = tab.reads;
    tab.enter(|session, now| session.handle_show(now));
    assert_eq!(tab.reads, reads + 1, "it reads again");
    assert_eq!(tab.states(), [(Unknown, Reason::Suspended), (Unknown, Reason::Restored), (Authorized, Reason::SignIn)]);
    assert_eq!(tab.subject(), Some("ada"));
    assert!(tab.writes.is_empty());
}

#[test]
fn d49_a_sign_out_elsewhere_meanwhile_is_seen_before_anything_private() {
    for missed in [true, false] {
        let mut tab = signed_in(config(), "ada");
        tab.enter(|session, now| session.handle_hide(now, PageHide::MayReturn));
        tab.shared_record = Some(record(2, 0, None));
        if !missed {
            tab.storage_event();
        }
        tab.enter(|session, now| session.handle_show(now));
        assert_eq!(tab.state(), (Unauthorized, Reason::User), "{missed}");
        assert!(tab.sessions().iter().all(|view| view.status != Authorized && view.account.is_none()), "{:?}", tab.states());
        assert!(tab.writes.is_empty());
    }
}

#[test]
fn d49_an_account_switch_elsewhere_meanwhile_never_shows_the_old_account() {
    let mut tab = signed_in(config(), "ada");
    tab.enter(|session, now| session.handle_hide(now, PageHide::MayReturn));
    tab.shared_record = Some(record(2, 0, Some("bob")));
    tab.enter(|session, now| session.handle_show(now));
    assert_eq!((tab.view().status, tab.subject(), tab.view().epoch), (Authorized, None, 2));
    assert!(tab.sessions().iter().all(|view| view.account.is_none()));
}

#[test]
fn d49_nothing_that_arrives_while_the_page_is_hidden_shows_anything() {
    let mut tab = Tab::connected(config(), 1);
    tab.sign_in("ada");
    tab.enter(|session, now| session.handle_hide(now, PageHide::MayReturn));
    tab.forget();
    tab.enter(|session, _| session.handle_wake());
    tab.changed_elsewhere(Some(record(5, 0, Some("bob"))));
    tab.sign_in("carol");
    tab.host_says(identity(1, "dave"));
    assert!(tab.sessions().iter().all(|view| view.status == Unknown && view.account.is_none()), "{:?}", tab.sessions());
    let sessions = tab.said_of("session");
    assert!(
        sessions.iter().all(|message| message["session"]["status"] == "unknown" && message["session"]["account"].is_null()),
        "{sessions:?}"
    );
    assert_eq!(tab.token().err(), Some(Error::NotAuthorized));
}

#[test]
fn a_page_that_is_shown_without_having_been_hidden_changes_nothing() {
    let mut tab = signed_in(config(), "ada");
    tab.enter(|session, now| session.handle_show(now));
    assert!(tab.events.is_empty() && tab.writes.is_empty());
}

#[test]
fn a_page_that_goes_for_good_says_goodbye() {
    let mut tab = Tab::connected(config(), 1);
    tab.enter(|session, now| session.handle_hide(now, PageHide::Final));
    assert_eq!(tab.kinds(), ["bye"]);
    assert_eq!((tab.session.connection(), tab.has_port()), (ConnectionState::Disconnected, false));
    assert!(tab.writes.is_empty(), "leaving is no sign-out");
}

#[test]
fn a_page_that_missed_events_catches_up_when_it_wakes() {
    let mut tab = signed_in(config(), "ada");
    tab.shared_record = Some(record(2, 0, None));
    tab.enter(|session, _| session.handle_wake());
    assert_eq!(tab.state(), (Unauthorized, Reason::User));
    assert!(tab.writes.is_empty());
}
