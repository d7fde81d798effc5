//! The host names the user, and signs the user out.

use authframe::session::AuthStatus::{Authorized, Authorizing, Unauthorized};
use authframe::session::{AcquireFailure, AcquireReason, Error, Event, Parent, Reason, Source};
use serde_json::json;

use crate::fixtures::{acquired, asking, failed, identity, only_asked, record, refusal, reply};
use crate::support::{HOST, Tab, config, grant_with, to_value};

#[test]
fn an_identity_signs_in_where_nobody_is_to_be_asked() {
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(json!({"type": "identity", "id": 7, "identity": {"account": {"subject": "ada"}, "accessToken": "t", "expiresAt": 1e12}}));
    assert_eq!(tab.states(), [(Authorized, Reason::Host)]);
    assert_eq!((tab.subject(), tab.view().expires_at, tab.writes.len()), (Some("ada"), Some(1e12), 1));
    assert_eq!(tab.token().unwrap(), "t");
    assert_eq!(tab.kinds(), ["session", "reply"], "the host receives the session before its answer");
    assert_eq!(tab.said_of("reply"), [reply(7)]);
}

#[test]
fn the_same_identity_again_is_answered_and_changes_nothing() {
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(identity(1, "ada"));
    tab.forget();
    tab.host_says(identity(2, "ada"));
    assert_eq!(tab.said_of("reply"), [reply(2)]);
    assert!(tab.events.is_empty() && tab.writes.is_empty());
}

#[test]
fn the_same_identity_with_a_new_token_is_a_refresh() {
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(identity(1, "ada"));
    tab.forget();
    tab.host_says(json!({"type": "identity", "id": 2, "identity": {"account": "ada", "accessToken": "newer"}}));
    assert_eq!(tab.states(), [(Authorized, Reason::Refresh)]);
    assert_eq!((tab.view().epoch, tab.view().sequence, tab.writes.len()), (1, 1, 1));
    assert_eq!(tab.token().unwrap(), "newer");
}

#[test]
fn d18_an_identity_of_another_user_is_a_sign_out_then_a_sign_in_at_a_higher_epoch() {
    let mut tab = Tab::connected(config(), 1);
    tab.sign_in("ada");
    tab.forget();
    tab.host_says(identity(3, "bob"));
    assert_eq!(tab.states(), [(Unauthorized, Reason::AccountSwitch), (Authorized, Reason::AccountSwitch)]);
    assert_eq!((tab.subject(), tab.view().epoch, tab.writes.len()), (Some("bob"), 2, 1));
    assert_eq!(tab.kinds(), ["session", "session", "reply"]);
}

#[test]
fn d18_an_identity_is_taken_only_from_the_port_of_a_finished_handshake() {
    // On the window, although from the parent.
    let mut tab = Tab::connected(config(), 1);
    tab.window(Source::Parent, HOST, identity(1, "mallory"));
    assert!(tab.events.is_empty() && tab.said.is_empty() && tab.writes.is_empty());
    // On a port before the welcome.
    let mut early = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    early.forget();
    early.host_says(identity(1, "mallory"));
    early.host_says(json!({"type": "sign-out", "id": 2}));
    assert!(early.events.is_empty() && early.said.is_empty() && early.writes.is_empty());
    // And after the host went away.
    tab.host_says(json!({"type": "bye"}));
    tab.forget();
    tab.host_says(identity(1, "mallory"));
    assert!(tab.events.is_empty() && tab.said.is_empty() && tab.writes.is_empty());
}

/// A token whose claims name mallory, in base64url: nothing in this crate reads them, signed or not.
const MALLORYS_JWT: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtYWxsb3J5IiwiZW1haWwiOiJtYWxsb3J5QGV4YW1wbGUuY29tIiwiZXhwIjoxfQ.";

#[test]
fn d26_the_claims_of_a_token_name_nobody_and_end_nothing() {
    // From the host, without an acquire: the account that it names counts.
    let mut tab = Tab::connected(config(), 1);
    let named = json!({"account": {"subject": "ada"}, "accessToken": MALLORYS_JWT});
    tab.host_says(json!({"type": "identity", "id": 1, "identity": named}));
    assert_eq!((tab.subject(), tab.view().expires_at), (Some("ada"), None));
    // From the application.
    tab.enter(|session, _| session.authorize(grant_with("bob", MALLORYS_JWT))).unwrap();
    assert_eq!((tab.subject(), tab.state().0), (Some("bob"), Authorized), "although its claims expired in 1970");
    // From the host, with an acquire: its server says who that is.
    let mut asking = Tab::connected(asking(), 2);
    asking.host_says(json!({"type": "identity", "id": 1, "identity": named}));
    assert_eq!((asking.subject(), asking.state().0), (None, Authorizing));
    let asked = only_asked(&asking);
    failed(&mut asking, asked.id, AcquireFailure::Refused);
    assert_eq!((asking.subject(), asking.state()), (None, (Unauthorized, Reason::Refused)));
}

#[test]
fn an_identity_is_handed_to_acquire_where_there_is_one_and_answered_when_it_is_done() {
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(json!({"type": "identity", "id": 4, "identity": {"account": {"subject": "crm-7"}, "accessToken": "host token"}}));
    assert_eq!(tab.states(), [(Authorizing, Reason::SignIn)]);
    assert_eq!(tab.kinds(), ["session"], "not answered yet");
    let asked = only_asked(&tab);
    assert_eq!(asked.reason, AcquireReason::SignIn);
    let handed = to_value(&asked.identity.unwrap());
    assert_eq!(
        handed,
        json!({"account": {"subject": "crm-7", "name": null}, "accessToken": "host token", "expiresAt": null, "refreshToken": null})
    );
    // What acquire makes of it counts.
    tab.forget();
    acquired(&mut tab, asked.id, "ada");
    assert_eq!((tab.states(), tab.subject()), (vec![(Authorized, Reason::Host)], Some("ada")));
    assert_eq!((tab.said_of("reply"), tab.writes.len()), (vec![reply(4)], 1));
}

#[test]
fn an_identity_that_acquire_refuses_is_answered_with_an_error_and_signs_nobody_in() {
    for (failure, reason) in [(AcquireFailure::Failed, Reason::AcquireFailed), (AcquireFailure::Refused, Reason::Refused)] {
        let mut tab = Tab::connected(asking(), 1);
        tab.host_says(identity(5, "ada"));
        let asked = only_asked(&tab);
        failed(&mut tab, asked.id, failure);
        assert_eq!(tab.state(), (Unauthorized, reason));
        assert_eq!(tab.said_of("error"), [refusal(5, Error::AcquireFailed)]);
        assert!(tab.writes.is_empty() && tab.said_of("reply").is_empty());
    }
}

#[test]
fn an_identity_whose_acquire_takes_too_long_is_answered_with_an_error() {
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(identity(5, "ada"));
    tab.pass(30_000);
    assert_eq!(tab.state(), (Unauthorized, Reason::AcquireTimeout));
    assert_eq!(tab.said_of("error"), [refusal(5, Error::AcquireFailed)]);
}

#[test]
fn a_second_identity_takes_the_place_of_the_first_which_is_answered_with_an_error() {
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(identity(1, "ada"));
    let first = only_asked(&tab);
    tab.host_says(identity(2, "bob"));
    assert_eq!(tab.said_of("error"), [refusal(1, Error::AcquireFailed)]);
    let second = tab.asked().pop().unwrap();
    acquired(&mut tab, first.id, "ada");
    acquired(&mut tab, second.id, "bob");
    assert_eq!(tab.subject(), Some("bob"));
    assert_eq!((tab.said_of("reply"), tab.writes.len()), (vec![reply(2)], 1));
}

#[test]
fn d18_with_an_acquire_the_first_users_account_is_gone_before_anybody_is_asked_for_the_second() {
    let mut tab = Tab::connected(asking(), 1);
    tab.enter(|session, _| session.authorize(grant_with("ada", "adas token"))).unwrap();
    tab.forget();
    tab.host_says(identity(6, "bob"));
    let asked_at = tab.events.iter().position(|event| matches!(event, Event::Acquire { .. })).unwrap();
    let gone_at = tab.events.iter().position(|event| matches!(event, Event::Session(view) if view.status == Unauthorized)).unwrap();
    assert!(gone_at < asked_at, "{:?}", tab.events);
    assert_eq!(tab.states(), [(Unauthorized, Reason::AccountSwitch), (Authorizing, Reason::SignIn)]);
    assert_eq!(tab.subject(), None);
    // A caller that asks for a token now waits for bob's.
    assert!(tab.enter(|session, now| session.access_token(now, 0)).unwrap().is_none());
    // Everywhere, at once: the sign-out stands in the shared record.
    assert_eq!(tab.writes.len(), 1);
    assert_eq!((&tab.writes[0]["status"], &tab.writes[0]["epoch"]), (&json!("unauthorized"), &json!(2)));
    let asked = only_asked(&tab);
    acquired(&mut tab, asked.id, "bob");
    assert_eq!((tab.subject(), tab.view().epoch, tab.writes.len()), (Some("bob"), 3, 2));
    assert_eq!(tab.said_of("reply"), [reply(6)]);
}

#[test]
fn d18_if_the_second_users_acquire_fails_the_first_does_not_come_back() {
    let mut tab = Tab::connected(asking(), 1);
    tab.sign_in("ada");
    tab.forget();
    tab.host_says(identity(6, "bob"));
    let asked = only_asked(&tab);
    failed(&mut tab, asked.id, AcquireFailure::Failed);
    assert_eq!((tab.state(), tab.subject()), ((Unauthorized, Reason::AcquireFailed), None));
    assert_eq!(tab.shared_record.as_ref().unwrap()["status"], "unauthorized");
}

#[test]
fn a_sign_in_elsewhere_does_not_call_off_the_acquire_of_the_user_whom_the_host_named() {
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(identity(1, "bob"));
    let asked = only_asked(&tab);
    tab.changed_elsewhere(Some(record(3, 0, Some("ada"))));
    assert_eq!((tab.asked().len(), tab.cancelled()), (1, 0));
    acquired(&mut tab, asked.id, "bob");
    assert_eq!((tab.subject(), tab.view().epoch), (Some("bob"), 4));
}

#[test]
fn the_host_signs_everybody_out_and_is_answered() {
    let mut tab = Tab::connected(config(), 1);
    tab.sign_in("ada");
    tab.forget();
    tab.host_says(json!({"type": "sign-out", "id": 8}));
    assert_eq!(tab.states(), [(Unauthorized, Reason::Host)]);
    assert_eq!((tab.view().epoch, tab.writes.len()), (2, 1));
    assert_eq!(tab.said_of("reply"), [reply(8)]);
    // Again: answered, nothing changes.
    tab.forget();
    tab.host_says(json!({"type": "sign-out", "id": 9}));
    assert_eq!((tab.said_of("reply"), tab.writes.len(), tab.events.len()), (vec![reply(9)], 0, 0));
}

#[test]
fn an_answer_belongs_to_the_connection_on_which_it_was_asked() {
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(identity(1, "ada"));
    let asked = only_asked(&tab);
    tab.host_says(json!({"type": "bye"}));
    tab.knock();
    tab.shake_hands();
    tab.said.clear();
    acquired(&mut tab, asked.id, "ada");
    assert_eq!(tab.subject(), Some("ada"));
    assert_eq!(tab.kinds(), ["session"], "number 1 of this connection is another question");
}
