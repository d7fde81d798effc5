//! The host names a user, and the store holds one.

use authframe::session::AuthStatus::{Authorized, Authorizing, Unauthorized};
use authframe::session::{AcquireReason, Config, Credentials, Parent, Reason};
use serde_json::{Value, json};

use crate::site::sealed;
use crate::support::{CredentialStore, HOST, Tab, config, read_grant};

/// A tab of a page that names this user before the credential store has answered; another tab has signed ada in.
fn host_names(config: Config, subject: &str) -> (Tab, CredentialStore) {
    let mut store = CredentialStore::new();
    let mut first = Tab::alone(config.clone(), 1);
    while first.store_step(&mut store) {}
    first.sign_in("ada");
    while first.store_step(&mut store) {}
    let mut tab = Tab::started(config, 2, first.shared_record.clone(), Parent::Known(HOST.to_owned()));
    tab.shake_hands();
    tab.host_says(
        json!({"type": "identity", "id": 7, "identity": {"account": {"subject": subject, "name": null}, "accessToken": "from the host"}}),
    );
    (tab, store)
}

#[test]
fn the_stored_user_named_by_the_host_is_signed_in_from_the_store_and_nobody_is_asked() {
    let (mut tab, mut store) = host_names(sealed(), "ada");
    while tab.store_step(&mut store) {}
    assert_eq!((tab.state(), tab.subject(), tab.asked().len()), ((Authorized, Reason::Restore), Some("ada"), 0));
    assert_eq!(tab.said_of("reply"), [json!({"type": "reply", "id": 7, "data": null})]);
    assert_eq!(tab.session.snapshot().epoch, 1);
}

#[test]
fn another_user_named_by_the_host_wins_over_the_stored_one_who_is_never_shown() {
    for acquire in [true, false] {
        let (mut tab, mut store) = host_names(config().acquire(acquire).credentials(Credentials::Sealed), "grace");
        while tab.store_step(&mut store) {}
        if acquire {
            let asked = tab.asked();
            let last = asked.last().unwrap();
            assert_eq!(
                (last.reason, last.identity.as_ref().map(|identity| identity.account().subject())),
                (AcquireReason::SignIn, Some("grace"))
            );
            // Already now no other user is signed in anywhere, and the credential is destroyed.
            assert_eq!((tab.session.snapshot().epoch, store.credential.is_none()), (2, true));
            let id = last.id;
            tab.enter(|session, now| {
                session.handle_acquired(now, id, Ok(read_grant(json!({"account": "grace", "accessToken": "traded"})).into()))
            });
            while tab.store_step(&mut store) {}
        }
        assert_eq!((tab.state().0, tab.subject()), (Authorized, Some("grace")));
        assert!(tab.sessions().iter().all(|view| view.account.as_ref().is_none_or(|account| account.subject() == "grace")));
        let sessions: Vec<Value> = ["open", "session"].into_iter().flat_map(|kind| tab.said_of(kind)).collect();
        assert!(!sessions.is_empty() && sessions.iter().all(|said| !said.to_string().contains("ada")), "{sessions:?}");
        assert_eq!(store.credential.as_ref().map(|grant| grant.account.subject()), Some("grace"));
        assert!(tab.session.snapshot().epoch > 1);
    }
}

#[test]
fn a_stored_user_whom_the_host_signs_out_is_never_shown_and_a_damaged_credential_costs_no_sign_in() {
    let (mut tab, mut store) = host_names(sealed(), "ada");
    tab.host_says(json!({"type": "sign-out", "id": 8}));
    while tab.store_step(&mut store) {}
    assert_eq!((tab.state().0, store.credential.is_none()), (Unauthorized, true));
    assert!(tab.sessions().iter().all(|view| view.account.is_none()));

    let (mut tab, mut store) = host_names(sealed(), "grace");
    store.damaged = true;
    assert!(tab.store_step(&mut store));
    store.damaged = false;
    while tab.store_step(&mut store) {}
    let last = tab.asked().last().unwrap().clone();
    assert_eq!((tab.state().0, last.reason), (Authorizing, AcquireReason::SignIn));
    tab.enter(|session, now| {
        session.handle_acquired(now, last.id, Ok(read_grant(json!({"account": "grace", "accessToken": "traded"})).into()))
    });
    while tab.store_step(&mut store) {}
    assert_eq!((tab.state().0, tab.subject()), (Authorized, Some("grace")));
}
