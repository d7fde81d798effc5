//! What is stored, read again after a restart, and destroyed.

use authframe::session::AuthStatus::{Authorized, Authorizing};
use authframe::session::{Error, Reason, Session};
use serde_json::json;

use crate::site::{HOUR, Site, sealed};

#[test]
fn a_sign_in_is_in_the_store_before_it_is_announced() {
    let mut site = Site::new(sealed(), 2);
    site.sign_in(0, "ada");
    assert_eq!(site.tab(0).state(), (Authorized, Reason::SignIn), "the tab itself need not wait");
    assert_eq!(site.shared_record, None, "not announced yet");
    assert_eq!(site.step(0), Some("keep"));
    assert_eq!(site.store.record.as_ref().unwrap()["snapshot"], *site.shared_record.as_ref().unwrap());
    assert_eq!(site.store.record.as_ref().unwrap()["credential"], 1);
}

#[test]
fn another_tab_joins_from_the_store_and_asks_nobody() {
    let mut site = Site::new(sealed(), 3);
    site.sign_in(0, "ada");
    site.step(0);
    assert_eq!(site.tab(1).state(), (Authorizing, Reason::OtherTab));
    site.settle();
    for tab in 1..3 {
        assert_eq!((site.tab(tab).state(), site.tab(tab).subject()), ((Authorized, Reason::OtherTab), Some("ada")));
        assert!(site.tab(tab).asked().is_empty());
    }
    site.all_have("access 1");
}

#[test]
fn after_a_restart_the_user_is_signed_in_from_the_store_without_a_question() {
    let mut site = Site::signed_in(sealed(), 2);
    (0..2).for_each(|tab| site.kill(tab));
    let tab = site.open();
    assert_eq!(site.tab(tab).state(), (Authorizing, Reason::Restore), "not before it is here");
    site.settle();
    assert_eq!((site.tab(tab).state(), site.tab(tab).subject()), ((Authorized, Reason::Restore), Some("ada")));
    assert!(site.tab(tab).asked().is_empty());
    assert_eq!(site.token(tab).as_deref(), Ok("access 1"));
}

#[test]
fn a_token_that_ran_out_while_everything_was_closed_is_renewed_at_the_restart() {
    let mut site = Site::signed_in(sealed(), 1);
    site.kill(0);
    site.now += 8 * HOUR;
    let tab = site.open();
    site.settle();
    site.forget();
    let (tab, asked) = {
        site.pass(1);
        (tab, site.tab(tab).asked())
    };
    let asked = asked.first().cloned().unwrap_or_else(|| site.begin(tab));
    let result = site.send(&asked);
    site.answer(tab, &asked, result);
    site.settle();
    site.all_have("access 2");
    assert_eq!(site.server.requests, 1);
}

#[test]
fn a_damaged_credential_is_told_and_ends_in_a_clean_sign_out() {
    let mut site = Site::signed_in(sealed(), 1);
    site.store.damaged = true;
    let late = site.open();
    site.settle();
    assert_eq!(site.failures(late), [Error::CredentialDamaged]);
    site.all_are_out(Reason::CredentialLost);
    assert_eq!(site.store.record.as_ref().unwrap()["snapshot"]["status"], "unauthorized");
}

#[test]
fn a_record_that_is_none_ends_in_a_clean_sign_out_too() {
    let mut site = Site::signed_in(sealed(), 1);
    for broken in [json!({"v": 1}), json!({"v": 0}), json!({"v": 1, "snapshot": {"v": 1}}), json!({"v": "1"})] {
        site.store.record = Some(broken);
        let late = site.open();
        site.settle();
        assert_eq!(site.failures(late), [Error::CredentialDamaged]);
        site.all_are_out(Reason::CredentialLost);
        site.sign_in(0, "ada");
        site.settle();
    }
}

#[test]
fn a_later_versions_record_is_left_alone() {
    let mut site = Site::signed_in(sealed(), 1);
    let later = json!({"v": 2, "what": "not known"});
    site.store.record = Some(later.clone());
    let late = site.open();
    site.settle();
    assert_eq!(site.tab(late).asked().len(), 1, "the application is asked instead");
    assert_eq!(site.store.record, Some(later));
    // What cannot be understood is destroyed all the same, once its user has signed out.
    site.sign_out(0);
    site.settle();
    let record = site.store.record.clone().unwrap();
    assert_eq!((&record["v"], &record["credential"]), (&json!(1), &json!(0)));
}

#[test]
fn a_credential_of_another_version_than_the_shared_records_is_not_used() {
    let mut site = Site::signed_in(sealed(), 1);
    site.store.record.as_mut().unwrap()["snapshot"]["epoch"] = json!(0);
    let late = site.open();
    site.settle();
    assert_eq!(site.tab(late).state(), (Authorizing, Reason::Restore));
    assert_eq!(site.tab(late).asked().len(), 1);
}

#[test]
fn a_store_that_knows_more_than_the_shared_record_repairs_it() {
    let mut site = Site::signed_in(sealed(), 1);
    let old = site.shared_record.clone();
    site.refresh(0);
    site.kill(0);
    site.shared_record = old;
    let late = site.open();
    site.settle();
    assert_eq!(site.token(late).as_deref(), Ok("access 2"));
    assert_eq!(site.shared_record.as_ref().unwrap()["sequence"], 1);
}

#[test]
fn without_a_store_credentials_stay_in_memory_and_the_application_hears_of_it() {
    let mut site = Site::new(sealed(), 1);
    site.store.there = false;
    site.sign_in(0, "ada");
    site.settle();
    assert_eq!(site.failures(0), [Error::CredentialStoreUnavailable]);
    assert_eq!(site.tab(0).state(), (Authorized, Reason::SignIn));
    assert_eq!(site.shared_record.as_ref().unwrap()["status"], "authorized", "announced all the same");
    assert_eq!(site.token(0).as_deref(), Ok("access 1"));
}

#[test]
fn a_store_that_does_not_answer_is_none() {
    let mut site = Site::signed_in(sealed(), 1);
    let late = site.open();
    site.now += 10_000;
    site.act(late, |tab| tab.enter(Session::handle_timeout));
    assert_eq!(site.tab(late).asked().len(), 1);
}
