//! D58, C9: what failed and may pass is tried again, later each time.

use authframe::session::AuthStatus::{Authorizing, Unauthorized};
use authframe::session::{AcquireFailure, AcquireReason, Credentials, Lock, Parent, Reason, Session, StoreFailure};
use serde_json::json;

use crate::fixtures::{WALL, asking, at, fail, restoring};
use crate::support::{CredentialStore, Tab, grant, grant_with, read_grant};

#[test]
fn d58_a_restore_that_fails_is_tried_again_later_each_time_and_succeeds_in_silence() {
    let mut tab = restoring();
    let mut last = 0;
    for attempt in 0..7 {
        assert_eq!(tab.asked().len(), attempt + 1);
        fail(&mut tab, AcquireFailure::Failed);
        assert_eq!(tab.state(), (Unauthorized, Reason::AcquireFailed));
        let pause = tab.session.poll_timeout().unwrap() - tab.now;
        let longest = 60_000.min(1000 << attempt);
        assert!((longest / 2..=longest).contains(&pause), "{attempt}: {pause}");
        last = pause;
        tab.pass(pause);
    }
    assert!(last >= 30_000);
    let states = tab.states().len();
    let asked = tab.asked().pop().unwrap();
    // The tag of that record belongs to no account: another account is a mismatch, and that is lasting.
    tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(grant("ada").into())));
    assert_eq!(tab.state(), (Unauthorized, Reason::AccountMismatch));
    assert_eq!(tab.states().len(), states + 1, "no attempt was shown");
    assert_eq!(tab.session.poll_timeout(), None);
}

#[test]
fn d58_a_store_that_fails_is_looked_into_less_and_less() {
    let mut store = CredentialStore::new();
    let mut tab = Tab::started(asking().credentials(Credentials::Sealed), 1, None, Parent::None);
    while tab.store_step(&mut store) {}
    tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
    while tab.store_step(&mut store) {}
    // Another tab has renewed it.
    let mut shared_record = tab.shared_record.clone().unwrap();
    shared_record["sequence"] = json!(9);
    tab.changed_elsewhere(Some(shared_record));
    let mut looks = 0;
    for _ in 0..600 {
        while let Some(task) = tab.next_task() {
            looks += 1;
            tab.store_done(task.id, Err(StoreFailure::Unavailable));
        }
        tab.pass(100);
    }
    assert!((4..=9).contains(&looks), "{looks} in a minute");
    assert_eq!(tab.subject(), Some("ada"));
}

#[test]
fn d58_when_the_network_is_back_it_is_tried_at_once_but_not_before_a_server_has_asked_for() {
    let mut tab = restoring();
    for _ in 0..6 {
        fail(&mut tab, AcquireFailure::Failed);
        let due = tab.session.poll_timeout().unwrap();
        tab.pass(due - tab.now);
    }
    fail(&mut tab, AcquireFailure::Failed);
    tab.now += 1500;
    tab.enter(Session::handle_chance);
    tab.pass(0);
    assert_eq!(tab.asked().len(), 8, "at once");
    fail(&mut tab, AcquireFailure::Later(20_000));
    tab.now += 1500;
    tab.enter(Session::handle_chance);
    tab.pass(18_499);
    assert_eq!(tab.asked().len(), 8, "not before");
    tab.pass(60_000);
    assert_eq!(tab.asked().len(), 9);
}

#[test]
fn d58_a_user_whom_the_host_names_while_the_server_is_down_is_signed_in_when_it_is_back() {
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    fail(&mut tab, AcquireFailure::Failed);
    assert_eq!(tab.said_of("error")[0]["code"], "ACQUIRE_FAILED");
    let due = tab.session.poll_timeout().unwrap();
    tab.pass(due - tab.now);
    let asked = tab.asked().pop().unwrap();
    assert_eq!((asked.reason, asked.identity.unwrap().account().subject().to_owned()), (AcquireReason::SignIn, "ada".to_owned()));
    tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(grant("ada").into())));
    assert_eq!(tab.subject(), Some("ada"));
    // Not once the host has changed its mind.
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    fail(&mut tab, AcquireFailure::Failed);
    tab.host_says(json!({"type": "sign-out", "id": 2}));
    assert_eq!(tab.session.poll_timeout(), None);
    assert_eq!(tab.state(), (Unauthorized, Reason::Host), "the attempt that failed is not what counts any more");
}

#[test]
fn d58_an_attempt_that_nobody_sees_leaves_a_sign_in_of_the_user_alone() {
    let mut tab = restoring();
    fail(&mut tab, AcquireFailure::Failed);
    tab.enter(|session, now| session.begin_sign_in(now)).unwrap();
    tab.forget();
    tab.pass(3_000);
    assert_eq!(tab.asked().len(), 1, "it is tried again");
    fail(&mut tab, AcquireFailure::Failed);
    assert_eq!(tab.view().status, Authorizing);
    // Its answer may also never come.
    tab.pass(600_000);
    assert_eq!(tab.view().status, Authorizing);
}

#[test]
fn d58_what_a_server_refuses_or_nobody_is_is_not_tried_again() {
    for failure in [AcquireFailure::Refused, AcquireFailure::NoUser] {
        let mut tab = restoring();
        fail(&mut tab, failure);
        assert_eq!(tab.session.poll_timeout(), None, "{failure:?}");
    }
}

#[test]
fn c9_tokens_that_are_dead_on_arrival_are_asked_for_less_and_less_and_the_clock_is_blamed() {
    let mut tab = Tab::alone(asking(), 1);
    at(&mut tab, WALL);
    let dead = |wall: f64| read_grant(json!({"account": "ada", "accessToken": format!("a{wall}"), "expiresAt": wall - 3_600_000.0}));
    tab.enter(|session, _| session.authorize(dead(WALL))).unwrap();
    let mut requests = 0;
    for tenth in 1..600_u64 {
        tab.now = 1000 + tenth * 100;
        let wall = WALL + (tenth * 100) as f64;
        at(&mut tab, wall);
        tab.enter(Session::handle_timeout);
        let mut store = CredentialStore { there: false, lock: Lock::Held, ..CredentialStore::new() };
        while tab.store_step(&mut store) {}
        for asked in tab.asked() {
            requests += 1;
            tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(dead(wall).into())));
        }
        tab.forget();
    }
    assert!((3..=6).contains(&requests), "{requests}");
    assert!(tab.session.dead_on_arrival() >= 3_600_000.0);
}
