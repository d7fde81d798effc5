//! The application's `acquire`: restore, follow another tab, time out, give up.

use authframe::session::AuthStatus::{Authorized, Authorizing, Unauthorized};
use authframe::session::{AcquireFailure, AcquireReason, Parent, Reason, Session};

use crate::fixtures::{acquired, asking, failed, only_asked, record};
use crate::support::{Browser, Tab, config};

fn joining() -> (Browser, usize, usize) {
    let mut browser = Browser::new(false);
    let [a, b] = [browser.open(config()), browser.open(asking())];
    browser.tabs[b].forget();
    browser.act(a, |tab| tab.sign_in("ada"));
    browser.settle();
    (browser, a, b)
}

#[test]
fn a_tab_that_learns_of_a_sign_in_joins_by_its_own_acquire_and_writes_nothing() {
    let (mut browser, _, b) = joining();
    assert_eq!(browser.tabs[b].states(), [(Authorizing, Reason::OtherTab)]);
    let asked = only_asked(&browser.tabs[b]);
    assert_eq!((asked.reason, asked.identity.is_none()), (AcquireReason::OtherTab, true));
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    browser.settle();
    assert_eq!(browser.tabs[b].states(), [(Authorizing, Reason::OtherTab), (Authorized, Reason::OtherTab)]);
    assert_eq!(browser.tabs[b].subject(), Some("ada"));
    assert!(browser.tabs[b].writes.is_empty());
    assert_eq!(browser.tabs[b].session.poll_timeout(), None);
}

#[test]
fn a_reload_restores_by_acquire_and_the_snapshot_alone_never_authorizes() {
    let mut tab = Tab::started(asking(), 1, Some(record(4, 2, Some("ada"))), Parent::None);
    assert_eq!(tab.states(), [(Authorizing, Reason::Restore)]);
    let asked = only_asked(&tab);
    assert_eq!(asked.reason, AcquireReason::Restore);
    acquired(&mut tab, asked.id, "ada");
    assert_eq!((tab.state(), tab.subject()), ((Authorized, Reason::Restore), Some("ada")));
    assert_eq!((tab.view().epoch, tab.view().sequence, tab.writes.len()), (4, 2, 0));
}

#[test]
fn an_acquire_that_fails_is_this_tabs_own_affair() {
    for (failure, reason) in [(AcquireFailure::Failed, Reason::AcquireFailed), (AcquireFailure::Refused, Reason::Refused)] {
        let (mut browser, a, b) = joining();
        let asked = only_asked(&browser.tabs[b]);
        browser.act(b, |tab| failed(tab, asked.id, failure));
        browser.settle();
        assert_eq!(browser.tabs[b].state(), (Unauthorized, reason));
        assert!(browser.tabs[b].writes.is_empty());
        assert_eq!(browser.tabs[a].view().status, Authorized);
        assert_eq!(browser.shared_record().unwrap()["status"], "authorized");
    }
}

#[test]
fn an_acquire_is_given_up_after_exactly_30_seconds() {
    let (mut browser, a, b) = joining();
    assert_eq!(browser.tabs[b].session.poll_timeout(), Some(browser.tabs[b].now + 30_000));
    browser.act(b, |tab| tab.pass(29_999));
    browser.act(b, |tab| tab.enter(Session::handle_timeout));
    assert_eq!(browser.tabs[b].view().status, Authorizing, "a timer that comes too early does nothing");
    browser.act(b, |tab| tab.pass(1));
    browser.settle();
    assert_eq!(browser.tabs[b].state(), (Unauthorized, Reason::AcquireTimeout));
    assert_eq!(browser.tabs[b].cancelled(), 1);
    let again = browser.tabs[b].session.poll_timeout().unwrap() - browser.tabs[b].now;
    assert!((500..=1500).contains(&again), "it is tried again: {again}");
    assert!(browser.tabs[b].writes.is_empty());
    assert_eq!(browser.tabs[a].view().status, Authorized);
}

#[test]
fn a_result_that_comes_after_the_timeout_is_ignored() {
    let (mut browser, _, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    browser.act(b, |tab| tab.pass(30_000));
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    assert_eq!(browser.tabs[b].state(), (Unauthorized, Reason::AcquireTimeout));
}

#[test]
fn an_acquire_that_brings_another_account_than_the_one_signed_in_gives_nobody() {
    let (mut browser, a, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    browser.act(b, |tab| acquired(tab, asked.id, "mallory"));
    browser.settle();
    assert_eq!((browser.tabs[b].state(), browser.tabs[b].subject()), ((Unauthorized, Reason::AccountMismatch), None));
    assert!(browser.tabs[b].writes.is_empty());
    assert_eq!(browser.tabs[a].subject(), Some("ada"));
}

#[test]
fn a_newer_acquire_replaces_the_older_one_whose_result_is_ignored() {
    let (mut browser, a, b) = joining();
    let first = only_asked(&browser.tabs[b]);
    browser.act(a, |tab| tab.sign_in("bob"));
    browser.settle();
    assert_eq!(browser.tabs[b].cancelled(), 1);
    let second = browser.tabs[b].asked().pop().unwrap();
    assert_ne!(first.id, second.id);
    browser.act(b, |tab| acquired(tab, first.id, "ada"));
    assert_eq!(browser.tabs[b].view().status, Authorizing, "the late result of the first");
    browser.act(b, |tab| failed(tab, first.id, AcquireFailure::Refused));
    assert_eq!(browser.tabs[b].view().status, Authorizing, "and its late failure");
    browser.act(b, |tab| acquired(tab, second.id, "bob"));
    assert_eq!(browser.tabs[b].subject(), Some("bob"));
}

#[test]
fn a_newer_acquire_has_its_own_30_seconds() {
    let (mut browser, a, b) = joining();
    browser.act(b, |tab| tab.pass(20_000));
    browser.act(a, |tab| tab.sign_in("bob"));
    browser.settle();
    assert_eq!(browser.tabs[b].session.poll_timeout(), Some(browser.tabs[b].now + 30_000));
}

#[test]
fn a_refresh_elsewhere_during_an_acquire_lets_it_go_on() {
    let (mut browser, a, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    let due = browser.tabs[b].session.poll_timeout();
    browser.act(a, |tab| tab.renew("ada"));
    browser.settle();
    assert_eq!((browser.tabs[b].cancelled(), browser.tabs[b].asked().len(), browser.tabs[b].session.poll_timeout()), (0, 1, due));
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    browser.settle();
    assert_eq!((browser.tabs[b].subject(), browser.tabs[b].view().sequence, browser.tabs[b].writes.len()), (Some("ada"), 1, 0));
}

#[test]
fn after_a_failed_acquire_a_refresh_elsewhere_is_a_new_chance() {
    let (mut browser, a, b) = joining();
    let first = only_asked(&browser.tabs[b]);
    browser.act(b, |tab| failed(tab, first.id, AcquireFailure::Failed));
    browser.act(a, |tab| tab.renew("ada"));
    browser.settle();
    let second = browser.tabs[b].asked().pop().unwrap();
    assert_ne!(first.id, second.id);
    browser.act(b, |tab| acquired(tab, second.id, "ada"));
    assert_eq!(browser.tabs[b].subject(), Some("ada"));
}

#[test]
fn d24_a_sign_out_elsewhere_during_an_acquire_calls_it_off_and_its_result_changes_nothing() {
    let (mut browser, a, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    browser.act(a, Tab::sign_out);
    browser.settle();
    assert_eq!(browser.tabs[b].state(), (Unauthorized, Reason::User));
    assert_eq!((browser.tabs[b].cancelled(), browser.tabs[b].session.poll_timeout()), (1, None));
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    browser.settle();
    assert_eq!(browser.tabs[b].state(), (Unauthorized, Reason::User));
    assert!(browser.tabs[b].writes.is_empty());
}

#[test]
fn d24_a_sign_out_here_during_an_acquire_signs_everybody_out() {
    let (mut browser, a, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    browser.act(b, Tab::sign_out);
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    browser.settle();
    for tab in [a, b] {
        assert_eq!((browser.tabs[tab].state(), browser.tabs[tab].view().epoch), ((Unauthorized, Reason::User), 2));
    }
    assert_eq!(browser.tabs[b].cancelled(), 1);
}

#[test]
fn d24_storage_that_is_cleared_during_an_acquire_calls_it_off() {
    let mut tab = Tab::started(asking(), 1, Some(record(1, 0, Some("ada"))), Parent::None);
    let asked = only_asked(&tab);
    tab.changed_elsewhere(None);
    assert_eq!(tab.state(), (Unauthorized, Reason::StorageCleared));
    assert_eq!((tab.cancelled(), tab.session.poll_timeout()), (1, None), "called off");
    acquired(&mut tab, asked.id, "ada");
    assert_eq!(tab.state(), (Unauthorized, Reason::StorageCleared));
}

#[test]
fn the_applications_own_sign_in_during_an_acquire_takes_its_place() {
    let (mut browser, a, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    browser.act(b, |tab| tab.sign_in("bob"));
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    browser.settle();
    assert_eq!((browser.tabs[b].subject(), browser.tabs[b].cancelled()), (Some("bob"), 1));
    assert_eq!((browser.tabs[a].view().epoch, browser.tabs[a].view().status), (2, Authorized));
}

#[test]
fn a_result_that_nobody_asked_for_is_ignored() {
    let mut tab = Tab::alone(asking(), 1);
    tab.forget();
    for id in [0, 1, u32::MAX] {
        acquired(&mut tab, id, "mallory");
        failed(&mut tab, id, AcquireFailure::Refused);
    }
    assert!(tab.events.is_empty() && tab.writes.is_empty());
}

#[test]
fn giving_up_a_sign_in_does_not_end_the_one_that_another_tab_has_just_made() {
    let mut browser = Browser::new(false);
    let (one, two) = (browser.open(config()), browser.open(config()));
    browser.act(two, |tab| tab.enter(Session::begin_sign_in)).unwrap();
    browser.act(one, |tab| tab.sign_in("ada"));
    browser.commit(one);
    // The shared record holds it, but the event has not come.
    browser.tabs[two].shared_record = browser.shared_record().cloned();
    browser.act(two, Tab::sign_out);
    browser.settle();
    assert_eq!(browser.shared_record().unwrap()["status"], "authorized");
    assert_eq!(browser.tabs[one].state(), (Authorized, Reason::SignIn));
    assert_eq!(browser.tabs[two].state(), (Authorized, Reason::OtherTab));
}
