//! A failure of the credential store passes.

use authframe::session::AuthStatus::Authorized;
use authframe::session::{AcquireFailure, Credentials, Error, Event, Reason, Session, StoreFailure};
use serde_json::{Value, json};

use crate::site::{Site, sealed};
use crate::support::{config, read_grant};

#[test]
fn c10_what_a_refresh_brought_is_stored_as_soon_as_the_store_can_and_the_used_token_is_not_sent_again() {
    for tabs in [1, 2] {
        let mut site = Site::signed_in(sealed(), tabs);
        let asked = site.begin(0);
        let result = site.send(&asked);
        site.answer(0, &asked, result);
        let task = site.tabs[0].as_mut().unwrap().next_task().unwrap();
        assert_eq!(task.task.as_str(), "keep");
        site.act(0, |tab| tab.store_done(task.id, Err(StoreFailure::Unavailable)));
        site.settle();
        assert_eq!(site.token(0).as_deref(), Ok("access 2"));
        site.pass(2_000);
        let kept =
            site.store.credential.as_ref().and_then(|credential| credential.refresh_token.as_ref()).map(|token| token.expose().to_string());
        assert_eq!(kept.as_deref(), Some("refresh 2"));
        site.forget();
        let (tab, asked) = site.pass_until_asked();
        let result = site.send(&asked);
        assert!(result.is_ok(), "a strict server was sent a used token");
        site.answer(tab, &asked, result);
        site.settle();
        site.all_have("access 3");
    }
}

#[test]
fn c10_a_refresh_does_not_send_a_token_of_the_store_that_is_older_than_what_this_tab_holds() {
    let mut site = Site::signed_in(sealed(), 1);
    let asked = site.begin(0);
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    let task = site.tabs[0].as_mut().unwrap().next_task().unwrap();
    site.act(0, |tab| tab.store_done(task.id, Err(StoreFailure::Unavailable)));
    // Wanted again before the credential store was tried again.
    let asked = site.begin(0);
    assert_eq!(asked.credential.as_ref().unwrap().refresh_token.as_ref().unwrap().expose().as_str(), "refresh 2");
}

#[test]
fn c10_a_look_into_the_store_that_fails_once_is_done_again() {
    for acquire in [false, true] {
        let mut site = Site::signed_in(config().acquire(acquire).credentials(Credentials::Sealed), 1);
        site.kill(0);
        let tab = site.open();
        let task = site.tabs[tab].as_mut().unwrap().next_task().unwrap();
        assert_eq!(task.task.as_str(), "look");
        site.act(tab, |tab| tab.store_done(task.id, Err(StoreFailure::Unavailable)));
        assert_eq!(site.failures(tab), [Error::CredentialStoreUnavailable]);
        site.settle();
        for asked in site.tab(tab).asked() {
            site.answer(tab, &asked, Err(AcquireFailure::Failed));
        }
        site.pass(10_000);
        assert_eq!(site.token(tab).as_deref(), Ok("access 1"), "with acquire: {acquire}");
        assert_eq!(site.tab(tab).subject(), Some("ada"));
    }
}

#[test]
fn d61_a_second_sign_in_and_a_reset_hold_no_sooner_than_the_store_has_done_them() {
    let mut site = Site::new(sealed(), 1);
    let settled = |site: &Site| -> Vec<u32> {
        site.tab(0).events.iter().filter_map(|event| if let Event::Settled(number) = event { Some(*number) } else { None }).collect()
    };
    let same = || read_grant(json!({"account": "ada", "accessToken": "token"}));
    for number in [1, 2] {
        site.act(0, |tab| tab.enter(|session, _| session.authorize_for(number, same()))).unwrap();
    }
    assert_eq!(settled(&site), [0_u32; 0]);
    site.settle();
    assert_eq!(settled(&site), [1, 2]);
    assert!(site.store.credential.is_some());
    site.act(0, |tab| tab.enter(|session, _| session.sign_out_for(3, Reason::User))).unwrap();
    assert_eq!(settled(&site), [1, 2]);
    site.settle();
    assert_eq!((settled(&site), site.store.credential.is_some()), (vec![1, 2, 3], false));
    site.act(0, |tab| tab.enter(|session, _| session.authorize_for(4, same()))).unwrap();
    site.settle();
    site.act(0, |tab| tab.enter(|session, _| session.reset(5))).unwrap();
    assert_eq!(settled(&site), [1, 2, 3, 4]);
    site.settle();
    assert_eq!((settled(&site), site.store.credential.is_some()), (vec![1, 2, 3, 4, 5], false));
}

#[test]
fn a_sign_out_destroys_what_is_in_the_store() {
    let mut site = Site::signed_in(sealed(), 3);
    site.sign_out(1);
    site.settle();
    site.all_are_out(Reason::User);
    assert_eq!(site.store.record.as_ref().unwrap()["credential"], 0);
}

#[test]
fn a_credential_is_destroyed_however_late_the_store_is() {
    let mut site = Site::signed_in(sealed(), 1);
    site.sign_out(0);
    site.now += 10_000;
    site.act(0, |tab| tab.enter(Session::handle_timeout));
    site.settle();
    site.all_are_out(Reason::User);
}

#[test]
fn two_sign_ins_that_a_dead_store_does_not_take_are_no_emptied_storage() {
    let mut site = Site::new(sealed(), 1);
    site.sign_in(0, "ada");
    site.sign_in(0, "ada");
    for _ in 0..2 {
        site.now += 10_000;
        site.act(0, |tab| tab.enter(Session::handle_timeout));
    }
    assert_eq!(site.tab(0).view().status, Authorized, "{:?}", site.tab(0).state());
    assert_eq!(site.shared_record.as_ref().unwrap()["status"], "authorized");
}

#[test]
fn two_tasks_at_once_are_both_heard() {
    // The end of the first must not forget the second.
    let mut site = Site::signed_in(sealed(), 1);
    site.sign_in(0, "bob");
    site.sign_out(0);
    assert_eq!((site.step(0), site.step(0)), (Some("keep"), Some("keep")));
    site.all_are_out(Reason::User);
}

#[test]
fn a_refresh_goes_on_although_another_tab_signed_in_anew_and_its_store_failed() {
    let mut site = Site::signed_in(sealed(), 2);
    let asked = site.begin(0);
    site.sign_in(1, "ada");
    let task = site.tabs[1].as_mut().unwrap().next_task().unwrap();
    site.act(1, |tab| tab.store_done(task.id, Err(StoreFailure::Unavailable)));
    // Tab 0 learns of a version that the credential store does not know, and looks.
    site.settle();
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.settle();
    assert_eq!((site.holder, &site.store.record.as_ref().unwrap()["lease"]), (None, &Value::Null), "lock and lease are given back");
}
