//! A sign-out, a sign-in or an account switch while a refresh is under way.

use authframe::session::AuthStatus::{Authorized, Unauthorized};
use authframe::session::{AcquireReason, Reason};
use serde_json::{Value, json};

use crate::site::{HOUR, Site, sealed};
use crate::support::{CredentialStore, Tab, grant, read_grant, writer};

#[test]
fn d24_a_sign_out_at_any_stage_of_a_refresh_leaves_everybody_out() {
    for who in [0, 1] {
        for stage in 0..5 {
            let mut site = Site::signed_in(sealed(), 3);
            let signed_in = site.tab(0).view().epoch;
            assert_eq!(site.want(0), Ok(false));
            let mut taken = None;
            let mut asked = None;
            if stage >= 1 {
                taken = site.transact(0);
            }
            if stage >= 2 {
                let (task, decided) = taken.take().unwrap();
                site.done(0, &task, decided);
                asked = site.tab(0).asked().pop();
            }
            if stage >= 3 {
                let result = site.send(asked.as_ref().unwrap());
                site.answer(0, &asked.take().unwrap(), result);
            }
            if stage >= 4 {
                taken = site.transact(0);
            }
            site.sign_out(who);
            if let Some((task, decided)) = taken {
                site.done(0, &task, decided);
            }
            if let Some(asked) = asked {
                let result = site.send(&asked);
                site.answer(0, &asked, result);
            }
            site.settle();
            for tab in 0..3 {
                site.act(tab, |tab| tab.enter(|session, _| session.handle_wake()));
            }
            site.settle();
            site.all_are_out(Reason::User);
            assert!(site.tab(0).view().epoch > signed_in, "by {who} at stage {stage}");
        }
    }
}

#[test]
fn an_account_switch_during_a_refresh_is_not_undone_by_it() {
    for who in [0, 1] {
        let mut site = Site::signed_in(sealed(), 2);
        let asked = site.begin(0);
        let late = site.send(&asked);
        site.sign_in(who, "bob");
        site.settle();
        site.answer(0, &asked, late);
        site.settle();
        assert_eq!((site.tab(0).subject(), site.tab(1).subject()), (Some("bob"), Some("bob")));
        site.all_have("access 3");
    }
}

#[test]
fn a_renewal_of_the_lease_that_comes_too_late_does_not_call_off_a_sign_in() {
    let (mut tab, mut store) = (Tab::connected(sealed(), 1), CredentialStore::new());
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "t", "expiresIn": 3600})))).unwrap();
    while tab.store_step(&mut store) {}
    assert!(tab.enter(|session, now| session.access_token(now, 2 * HOUR)).unwrap().is_none());
    assert!(tab.store_step(&mut store));
    tab.pass(2000);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": {"subject": "bob", "name": null}, "accessToken": null}}));
    store.record.as_mut().unwrap()["lease"] = Value::Null;
    while tab.store_step(&mut store) {}
    let asked = tab.asked().pop().unwrap();
    assert_eq!((asked.reason, tab.cancelled()), (AcquireReason::SignIn, 1));
    tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(grant("bob").into())));
    assert_eq!(tab.subject(), Some("bob"));
}

#[test]
fn a_refresh_that_brings_another_account_ends_this_tabs_session_alone() {
    let mut site = Site::signed_in(sealed(), 2);
    let asked = site.begin(0);
    site.answer(0, &asked, Ok(read_grant(json!({"account": "bob", "accessToken": "bob's"})).into()));
    site.settle();
    assert_eq!(site.tab(0).state(), (Unauthorized, Reason::AccountMismatch));
    assert_eq!((site.tab(1).view().status, site.token(1).as_deref()), (Authorized, Ok("access 1")));
    assert_eq!(site.store.owner(), None, "the lease is given back");
}

#[test]
fn a_storage_that_is_emptied_during_a_refresh_is_a_sign_out() {
    let mut site = Site::signed_in(sealed(), 2);
    let asked = site.begin(0);
    let late = site.send(&asked);
    site.shared_record = None;
    site.act(1, |tab| tab.changed_elsewhere(None));
    site.answer(0, &asked, late);
    site.settle();
    site.all_are_out(Reason::StorageCleared);
}

#[test]
fn a_refresh_that_was_given_up_does_not_answer_for_the_next_one() {
    let mut site = Site::signed_in(sealed(), 2);
    assert_eq!(site.want(0), Ok(false));
    site.sign_in(0, "bob");
    assert_eq!(site.want(0), Ok(false));
    site.settle();
    site.pass(1000);
    assert_eq!(site.tab(0).asked().len(), 1);
    assert_eq!(site.store.owner(), Some(&*writer(1)), "the tab that asks the server has the lease");
}

#[test]
fn a_sign_in_while_a_result_is_stored_is_renewed_in_its_turn() {
    let mut site = Site::signed_in(sealed(), 1);
    let asked = site.begin(0);
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.now += 10;
    site.sign_in(0, "ada");
    site.settle();
    assert_eq!(site.token(0).as_deref(), Ok("access 3"));
    assert!(site.tab(0).session.poll_timeout().is_some(), "it will be renewed");
}

#[test]
fn a_sign_in_after_the_shared_record_was_emptied_unseen_is_not_undone_by_the_store() {
    let mut site = Site::signed_in(sealed(), 1);
    site.refresh(0);
    site.kill(0);
    site.shared_record = None;
    // Before the credential store has answered.
    let tab = site.open();
    site.sign_in(tab, "bob");
    site.settle();
    assert_eq!(site.tab(tab).subject(), Some("bob"));
}
