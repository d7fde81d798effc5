//! What tabs of one partition make of each other's changes.

use authframe::session::AuthStatus::{Authorized, Unauthorized};
use authframe::session::Reason;

use crate::support::{Browser, Tab, config};

#[test]
fn a_sign_in_reaches_the_other_tab_which_writes_nothing() {
    let mut browser = Browser::new(false);
    let [a, b] = [browser.open(config()), browser.open(config())];
    browser.tabs[b].forget();
    browser.act(a, |tab| tab.sign_in("ada"));
    browser.settle();
    assert_eq!(browser.tabs[b].states(), [(Authorized, Reason::OtherTab)]);
    assert_eq!(browser.tabs[b].subject(), None, "the account is not in the shared record");
    assert_eq!(browser.tabs[b].view().epoch, 1);
    assert_eq!((browser.tabs[a].writes.len(), browser.tabs[b].writes.len()), (1, 0));
}

#[test]
fn a_sign_out_reaches_the_other_tabs_and_no_tab_writes_what_it_learned() {
    let mut browser = Browser::new(false);
    let tabs: Vec<usize> = (0..5).map(|_| browser.open(config())).collect();
    browser.act(tabs[0], |tab| tab.sign_in("ada"));
    browser.settle();
    browser.act(tabs[3], Tab::sign_out);
    browser.settle();
    for tab in &browser.tabs {
        assert_eq!((tab.state(), tab.view().epoch), ((Unauthorized, Reason::User), 2));
    }
    assert_eq!(browser.writes(), 2, "one write a change");
}

#[test]
fn a_third_tab_opened_later_starts_right() {
    let mut browser = Browser::new(false);
    let a = browser.open(config());
    browser.act(a, |tab| tab.sign_in("ada"));
    browser.settle();
    let c = browser.open(config());
    assert_eq!(browser.tabs[c].states(), [(Authorized, Reason::Restore)]);
    browser.act(a, Tab::sign_out);
    browser.settle();
    let d = browser.open(config());
    assert_eq!(browser.tabs[d].states(), [(Unauthorized, Reason::User)]);
    assert_eq!(browser.tabs[c].state(), (Unauthorized, Reason::User));
    assert_eq!(browser.writes(), 2);
}

#[test]
fn an_account_switch_elsewhere_shows_nobody_in_between() {
    let mut browser = Browser::new(false);
    let [a, b] = [browser.open(config()), browser.open(config())];
    browser.act(b, |tab| tab.sign_in("ada"));
    browser.settle();
    browser.tabs[b].events.clear();
    browser.act(a, |tab| tab.sign_in("bob"));
    browser.settle();
    assert_eq!(browser.tabs[b].states(), [(Unauthorized, Reason::AccountSwitch), (Authorized, Reason::OtherTab)]);
    assert_eq!(browser.tabs[b].subject(), None, "the first account is gone");
    assert_eq!(browser.tabs[b].view().epoch, 2);
}

#[test]
fn a_refresh_elsewhere_signs_nobody_out() {
    // Both who know the account and who only follow the status.
    for knows in [true, false] {
        let mut browser = Browser::new(false);
        let [a, b] = [browser.open(config()), browser.open(config())];
        browser.act(a, |tab| tab.sign_in("ada"));
        browser.settle();
        if knows {
            browser.act(b, |tab| tab.sign_in("ada"));
            browser.settle();
        }
        browser.tabs[b].events.clear();
        browser.act(a, |tab| tab.sign_in("ada"));
        browser.settle();
        let states = browser.tabs[b].states();
        assert!(states.iter().all(|(status, _)| *status == Authorized), "knows the account: {knows}, saw {states:?}");
        assert_eq!(browser.tabs[b].view().sequence, browser.tabs[a].view().sequence);
    }
}

#[test]
fn of_a_sign_in_and_a_sign_out_at_the_same_epoch_the_sign_out_wins_in_every_tab() {
    let mut browser = Browser::new(false);
    let [a, b, c] = [browser.open(config()), browser.open(config()), browser.open(config())];
    browser.act(a, |tab| tab.sign_in("ada"));
    browser.settle();
    browser.act(a, |tab| tab.sign_in("bob"));
    browser.act(b, Tab::sign_out);
    // The sign-out is overwritten: the switch comes last.
    browser.commit(b);
    browser.commit(a);
    assert_eq!(browser.shared_record().unwrap()["status"], "authorized");
    browser.settle();
    for tab in [a, b, c] {
        assert_eq!(browser.tabs[tab].view().status, Unauthorized);
    }
    assert_eq!(browser.shared_record().unwrap()["status"], "unauthorized", "repaired");
    let late = browser.open(config());
    assert_eq!(browser.tabs[late].view().status, Unauthorized, "who opens afterwards is signed out");
}
