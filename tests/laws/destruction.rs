//! S2, S4: what a user leaves is destroyed before the next one is shown.

use authframe::session::{Credentials, Error, Event, Parent, StoreFailure};
use serde_json::{Value, json};

use crate::fixtures::asking;
use crate::support::{CredentialStore, Tab, config, grant, grant_with};

#[test]
fn s2_a_credential_that_could_not_be_destroyed_is_destroyed_later() {
    let mut tab = Tab::started(asking().credentials(Credentials::Sealed), 1, None, Parent::None);
    let mut store = CredentialStore::new();
    while tab.store_step(&mut store) {}
    tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
    while tab.store_step(&mut store) {}
    assert!(store.credential.is_some());
    tab.sign_out();
    for attempt in 0..3 {
        let task = tab.next_task().unwrap_or_else(|| panic!("attempt {attempt}"));
        tab.store_done(task.id, Err(StoreFailure::Unavailable));
        assert!(tab.events.iter().any(|event| matches!(event, Event::Failed(Error::CredentialStoreUnavailable))), "and it is reported");
        let due = tab.session.poll_timeout().unwrap();
        tab.pass(due - tab.now);
    }
    while tab.store_step(&mut store) {}
    assert!(store.credential.is_none());
    assert_eq!(tab.session.poll_timeout(), None);
}

#[test]
fn s4_between_two_users_there_is_always_nobody() {
    let mut tab = Tab::connected(config(), 1);
    tab.sign_in("ada");
    tab.shared_record = None;
    tab.enter(|session, _| session.authorize(grant("bob"))).unwrap();
    let subjects: Vec<Option<&str>> = tab.sessions().iter().map(|view| view.account.as_ref().map(|account| account.subject())).collect();
    let ada = subjects.iter().position(|subject| *subject == Some("ada")).unwrap();
    let bob = subjects.iter().position(|subject| *subject == Some("bob")).unwrap();
    assert!(subjects[ada..bob].contains(&None), "{subjects:?}");
    let said: Vec<Value> = tab.said_of("session").iter().map(|said| said["session"]["account"]["subject"].clone()).collect();
    assert_eq!(said, [json!("ada"), Value::Null, json!("bob")]);
}
