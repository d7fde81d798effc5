//! One tab that stands alone: sign-in, sign-out, account switch, expiry.

use authframe::session::AuthStatus::{Authorized, Unauthorized, Unknown};
use authframe::session::{ConnectionState, Error, Reason};
use serde_json::{Value, json};

use crate::fixtures::{record, signed_in};
use crate::support::{Tab, config, grant, grant_with, to_value, writer};

#[test]
fn a_tab_that_finds_nothing_is_unauthorized_and_writes_nothing() {
    let tab = Tab::alone(config(), 1);
    assert_eq!(tab.states(), [(Unauthorized, Reason::Initial)]);
    assert_eq!((tab.reads, tab.writes.len()), (1, 0));
    assert_eq!((tab.view().epoch, tab.view().sequence), (0, 0));
}

#[test]
fn a_session_that_has_not_begun_is_unknown() {
    let tab = Tab::new(config(), 1);
    assert_eq!(tab.state(), (Unknown, Reason::Starting));
    assert_eq!(tab.session.connection(), ConnectionState::Connecting);
}

#[test]
fn a_sign_in_is_shown_once_written_once_and_told_to_the_host() {
    let mut tab = Tab::connected(config(), 1);
    tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
    assert_eq!(tab.states(), [(Authorized, Reason::SignIn)]);
    assert_eq!((tab.view().epoch, tab.view().sequence, tab.subject()), (1, 0, Some("ada")));
    assert_eq!(to_value(tab.view())["writer"], writer(1));
    assert_eq!(tab.writes.len(), 1);
    assert_eq!(tab.said_of("session"), [json!({"type": "session", "session": to_value(tab.view())})]);
    assert_eq!(tab.said_of("session")[0]["session"]["account"], json!({"subject": "ada", "name": "A name"}));
    assert_eq!(tab.said.len(), 1);
    assert_eq!(tab.token().unwrap(), "token");
}

#[test]
fn a_change_is_made_only_after_the_shared_record_was_read() {
    let mut tab = Tab::alone(config(), 1);
    let reads = tab.reads;
    tab.shared_record = Some(record(7, 0, Some("bob")));
    tab.sign_in("ada");
    assert_eq!(tab.reads, reads + 1);
    assert_eq!(tab.view().epoch, 8, "above what was found");
    assert_eq!(tab.writes.len(), 1);
}

#[test]
fn a_sign_out_raises_the_epoch_and_is_written_once() {
    let mut tab = signed_in(config(), "ada");
    tab.sign_out();
    assert_eq!(tab.states(), [(Unauthorized, Reason::User)]);
    assert_eq!((tab.view().epoch, tab.subject()), (2, None));
    assert_eq!(tab.writes.len(), 1);
    assert_eq!(tab.token().err(), Some(Error::NotAuthorized));
    assert_eq!(tab.writes[0]["subjectTag"], "");
}

#[test]
fn a_sign_out_when_nobody_is_signed_in_changes_nothing() {
    let mut tab = Tab::alone(config(), 1);
    tab.forget();
    tab.sign_out();
    assert!(tab.events.is_empty() && tab.writes.is_empty());
    assert_eq!(tab.state(), (Unauthorized, Reason::Initial));
}

#[test]
fn a_reason_that_an_application_can_have_is_shown_and_written_and_any_other_is_an_error() {
    for reason in Reason::ALL.iter().copied() {
        let mut tab = signed_in(config(), "ada");
        let result = tab.enter(|session, _| session.sign_out(reason));
        if matches!(reason, Reason::User | Reason::Refused | Reason::Expired) {
            assert_eq!((result, tab.state()), (Ok(()), (Unauthorized, reason)));
            assert_eq!(tab.writes[0]["reason"], reason.as_str());
        } else {
            assert_eq!((result, tab.view().status, tab.writes.len()), (Err(Error::ConfigInvalid), Authorized, 0), "{reason:?}");
        }
    }
}

#[test]
fn an_account_switch_shows_nobody_in_between_and_is_one_write_at_the_next_epoch() {
    let mut tab = signed_in(config(), "ada");
    tab.sign_in("bob");
    assert_eq!(tab.states(), [(Unauthorized, Reason::AccountSwitch), (Authorized, Reason::AccountSwitch)]);
    assert!(tab.sessions()[0].account.is_none());
    assert_eq!((tab.subject(), tab.view().epoch, tab.view().sequence), (Some("bob"), 2, 0));
    assert_eq!(tab.writes.len(), 1);
}

#[test]
fn an_account_switch_forgets_the_first_accounts_token() {
    let mut tab = Tab::alone(config(), 1);
    tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
    tab.sign_in("bob");
    assert_eq!(tab.token().err(), Some(Error::NotAuthorized));
}

#[test]
fn the_same_account_again_raises_only_the_sequence() {
    let mut tab = signed_in(config(), "ada");
    tab.enter(|session, _| session.authorize(grant_with("ada", "newer"))).unwrap();
    assert_eq!(tab.states(), [(Authorized, Reason::Refresh)]);
    assert_eq!((tab.view().epoch, tab.view().sequence), (1, 1));
    assert_eq!(tab.writes.len(), 1);
    assert_eq!(tab.token().unwrap(), "newer");
}

#[test]
fn a_sign_in_after_a_sign_out_is_a_new_epoch_even_for_the_same_account() {
    let mut tab = signed_in(config(), "ada");
    tab.sign_out();
    tab.sign_in("ada");
    assert_eq!((tab.view().epoch, tab.view().sequence), (3, 0));
}

#[test]
fn an_expiry_is_shown_only_while_somebody_is_signed_in() {
    let mut tab = Tab::alone(config(), 1);
    tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
    assert_eq!(tab.view().expires_at, Some(1_900_000_000_000.0));
    tab.sign_out();
    assert_eq!(tab.view().expires_at, None);
    assert_eq!(tab.writes[1]["expiresAt"], Value::Null);
}

#[test]
fn an_expiry_that_no_shared_record_can_hold_is_not_written_again_and_again() {
    for expires_at in [f64::NAN, f64::INFINITY] {
        let mut tab = Tab::alone(config(), 1);
        let mut grant = grant("ada");
        grant.expires_at = Some(expires_at);
        // An error would be right as well.
        let _ = tab.enter(|session, _| session.authorize(grant));
        tab.forget();
        tab.enter(|session, _| session.handle_wake());
        tab.enter(|session, _| session.handle_wake());
        assert_eq!((tab.writes.len(), tab.events.len()), (0, 0), "{expires_at}");
    }
}
