//! D56, D61: a sign-in that changes nothing, and when one holds.

use authframe::session::{AcquireFailure, Credentials, Error, Event, Parent, Reason, StoreFailure};
use serde_json::json;

use crate::fixtures::{asking, fail, restoring};
use crate::support::{Browser, CredentialStore, HOST, Tab, config, grant, grant_with};

#[test]
fn d56_signing_in_who_is_signed_in_already_changes_nothing_and_notifies_nobody() {
    let mut tab = Tab::connected(config(), 1);
    for grant in [grant("ada"), grant_with("bob", "token")] {
        tab.enter(|session, _| session.authorize(grant.clone())).unwrap();
        let before = tab.view().clone();
        tab.forget();
        for _ in 0..3 {
            tab.enter(|session, _| session.authorize(grant.clone())).unwrap();
        }
        assert_eq!((tab.events.len(), tab.writes.len(), tab.said.len()), (0, 0, 0));
        assert_eq!(*tab.view(), before);
    }
}

#[test]
fn d56_two_tabs_that_sign_in_whenever_they_hear_of_anything_come_to_rest() {
    let mut browser = Browser::new(true);
    let [a, b] = [browser.open(config()), browser.open(config())];
    browser.act(a, |tab| tab.sign_in("ada"));
    for _ in 0..20 {
        browser.settle();
        for tab in [a, b] {
            browser.act(tab, |tab| tab.sign_in("ada"));
        }
    }
    browser.settle();
    assert_eq!(browser.writes(), 1, "the one sign-in");
    assert_eq!(browser.tabs[b].subject(), Some("ada"), "and each tab knows who it is");
}

#[test]
fn d61_a_caller_that_waits_for_a_token_gets_it_from_the_sign_in_that_is_under_way() {
    let waits = |tab: &mut Tab| assert!(tab.enter(|session, now| session.access_token(now, 0)).unwrap().is_none());
    let answered = |tab: &Tab| {
        tab.events.iter().filter_map(|event| if let Event::Token(result) = event { Some(result.is_ok()) } else { None }).collect::<Vec<_>>()
    };
    // The host names a user, and acquire brings a grant.
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    waits(&mut tab);
    let id = tab.asked().pop().unwrap().id;
    tab.enter(|session, now| session.handle_acquired(now, id, Ok(grant_with("ada", "token").into())));
    assert_eq!((answered(&tab), tab.token()), (vec![true], Ok("token".to_owned())));
    // A restore is under way when the host names the same user.
    let mut ada = Tab::alone(asking(), 2);
    ada.sign_in("ada");
    let mut tab = Tab::started(asking(), 1, ada.shared_record.clone(), Parent::Known(HOST.to_owned()));
    tab.shake_hands();
    waits(&mut tab);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    let id = tab.asked().pop().unwrap().id;
    tab.enter(|session, now| session.handle_acquired(now, id, Ok(grant_with("ada", "token").into())));
    assert_eq!(answered(&tab), [true]);
    // The credential store has nothing, so that acquire is asked.
    let mut store = CredentialStore { there: false, ..CredentialStore::new() };
    let mut tab = Tab::started(asking().credentials(Credentials::Sealed), 1, ada.shared_record.clone(), Parent::None);
    waits(&mut tab);
    while tab.store_step(&mut store) {}
    let id = tab.asked().pop().unwrap().id;
    tab.enter(|session, now| session.handle_acquired(now, id, Ok(grant_with("ada", "token").into())));
    while tab.store_step(&mut store) {}
    assert_eq!(answered(&tab), [true]);
}

#[test]
fn d61_a_caller_that_waits_for_a_token_of_an_attempt_that_a_sign_out_ends_is_answered() {
    let mut tab = restoring();
    fail(&mut tab, AcquireFailure::Failed);
    tab.pass(1000);
    assert_eq!(tab.asked().len(), 2, "this attempt is not shown");
    assert!(tab.enter(|session, now| session.access_token(now, 0)).unwrap().is_none());
    tab.sign_out();
    assert!(tab.events.iter().any(|event| matches!(event, Event::Token(Err(Error::NotAuthorized)))), "{:?}", tab.events);
}

#[test]
fn d61_a_sign_in_holds_when_it_is_stored_and_announced() {
    let mut tab = Tab::started(asking().credentials(Credentials::Sealed), 1, None, Parent::None);
    let mut store = CredentialStore::new();
    let settled = |tab: &Tab| tab.events.iter().filter(|event| matches!(event, Event::Settled(7))).count();
    tab.enter(|session, _| session.authorize_for(7, grant_with("ada", "token"))).unwrap();
    assert_eq!(settled(&tab), 0);
    while tab.store_step(&mut store) {}
    assert_eq!(tab.token().as_deref(), Ok("token"));
    assert_eq!((settled(&tab), tab.subject(), tab.writes.len()), (1, Some("ada"), 1));
    // In memory at once; what is there already as well.
    let mut tab = Tab::alone(config(), 1);
    for _ in 0..2 {
        tab.enter(|session, _| session.authorize_for(7, grant_with("ada", "token"))).unwrap();
    }
    tab.enter(|session, _| session.sign_out_for(7, Reason::User)).unwrap();
    assert_eq!(settled(&tab), 3);
}

#[test]
fn d61_a_store_that_fails_keeps_nobody_waiting() {
    let mut tab = Tab::started(asking().credentials(Credentials::Sealed), 1, None, Parent::None);
    let mut store = CredentialStore::new();
    while tab.store_step(&mut store) {}
    tab.enter(|session, _| session.authorize_for(7, grant_with("ada", "token"))).unwrap();
    let task = tab.next_task().unwrap();
    tab.store_done(task.id, Err(StoreFailure::Unavailable));
    assert!(tab.events.iter().any(|event| matches!(event, Event::Settled(7))));
    assert!(tab.events.iter().any(|event| matches!(event, Event::Failed(Error::CredentialStoreUnavailable))));
    // And it is tried again, until it is there.
    let due = tab.session.poll_timeout().unwrap();
    assert!(due - tab.now <= 1000);
    tab.pass(1000);
    while tab.store_step(&mut store) {}
    assert_eq!(store.credential.as_ref().map(|grant| grant.account.subject().to_owned()).as_deref(), Some("ada"));
}
