//! D53, D54: times and durations that come in.

use authframe::session::AuthStatus::Unauthorized;
use authframe::session::{Credentials, Error, Event, Grant, Parent, Reason, Session};
use serde_json::json;

use crate::fixtures::{DAY, WALL, asking, at, record};
use crate::support::{CredentialStore, Tab, config, grant_with, read_grant};

#[test]
fn d53_a_relative_lifetime_counts_from_when_it_was_received() {
    let mut tab = Tab::started(asking().credentials(Credentials::Sealed), 1, None, Parent::None);
    at(&mut tab, WALL);
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "a", "expiresIn": 60})))).unwrap();
    // The credential store takes five seconds to answer what it holds.
    tab.now += 5000;
    at(&mut tab, WALL + 5000.0);
    let mut store = CredentialStore::new();
    while tab.store_step(&mut store) {}
    assert_eq!(tab.view().expires_at, Some(WALL + 60_000.0));
}

#[test]
fn d54_times_that_cannot_be_are_typed_errors_that_name_what_is_wrong() {
    for (field, number) in [
        ("expiresIn", 1e308),
        ("expiresIn", -1.0),
        ("expiresIn", f64::INFINITY),
        ("expiresIn", f64::NAN),
        ("expiresAt", -5.0),
        ("expiresAt", 8.7e15),
        ("serverTime", f64::NEG_INFINITY),
    ] {
        let mut grant = grant_with("ada", "token");
        match field {
            "expiresIn" => grant.expires_in = Some(number),
            "expiresAt" => grant.expires_at = Some(number),
            _ => grant.server_time = Some(number),
        }
        let mut tab = Tab::alone(config(), 1);
        tab.forget();
        assert_eq!(tab.enter(|session, _| session.authorize(grant)), Err(Error::LifetimeInvalid), "{field} {number}");
        assert!(tab.events.is_empty() && tab.writes.is_empty());
    }
    let mut tab = Tab::alone(config(), 1);
    let empty = read_grant(json!({"account": "ada", "accessToken": ""}));
    assert_eq!(tab.enter(|session, _| session.authorize(empty)), Err(Error::TokenInvalid));
}

#[test]
fn d54_what_acquire_brings_and_cannot_be_used_is_said_and_tried_again() {
    let mut tab = Tab::started(asking(), 1, Some(record(5, "authorized", json!({}))), Parent::None);
    let asked = tab.asked().remove(0);
    let bad: Grant = read_grant(json!({"account": "ada", "expiresIn": 1e12}));
    tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(bad.into())));
    assert_eq!(tab.state(), (Unauthorized, Reason::AcquireFailed));
    assert!(tab.events.iter().any(|event| matches!(event, Event::Failed(Error::LifetimeInvalid))));
}

#[test]
fn d54_a_token_that_lives_for_ninety_days_is_due_then_and_not_before() {
    let mut tab = Tab::alone(asking(), 1);
    at(&mut tab, WALL);
    let token = read_grant(json!({"account": "ada", "accessToken": "a", "expiresIn": 90 * 86_400}));
    tab.enter(|session, _| session.authorize(token)).unwrap();
    let due = tab.session.poll_timeout().unwrap();
    assert!(due > tab.now + 89 * DAY && due < tab.now + 90 * DAY, "{due}");
    // A browser's timer fires after 2^31 - 1 milliseconds at the latest: nothing is due then.
    tab.forget();
    tab.now += (1 << 31) - 1;
    tab.enter(Session::handle_timeout);
    assert!(tab.events.is_empty());
    assert_eq!(tab.session.poll_timeout(), Some(due));
}
