//! What measuring the first version taught: requirements D52 to D63 and the findings behind them, as far as the core decides them.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use authframe::session::AuthStatus::{Authorized, Authorizing, Unauthorized};
use authframe::session::{
    AcquireFailure, AcquireReason, Credentials, Error, Event, Grant, Lock, Malformed, Parent, Pause, Reason, Refusal, Session,
    StoreFailure, TokenBucket,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{Browser, Tab, Vault, config, grant, grant_with, read_grant, to_value};

const WALL: f64 = 1_790_000_000_000.0;
const DAY: u64 = 86_400_000;

/// A record as another tab would have left it.
fn record(epoch: u64, status: &str, more: Value) -> Value {
    let mut record = json!({
        "v": 1, "epoch": epoch, "sequence": 0, "writer": "0909090909090909", "status": status, "reason": "user", "expiresAt": null,
        "subjectTag": if status == "authorized" { "0909090909090909aaaaaaaaaaaaaaaa" } else { "" },
    });
    for (key, value) in more.as_object().unwrap() {
        record[key] = value.clone();
    }
    record
}

fn at(tab: &mut Tab, wall: f64) {
    let now = tab.now;
    tab.session.tell_time(now, wall);
}

fn asking() -> authframe::session::Config {
    config().acquire(true)
}

// D53

#[test]
fn d53_a_user_whom_the_host_names_again_is_not_taken_once_that_session_has_ended() {
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    let taken = tab.view().epoch;
    tab.changed_elsewhere(Some(record(taken + 1, "unauthorized", json!({}))));
    assert_eq!(tab.view().status, Unauthorized);
    tab.forget();
    tab.host_says(json!({"type": "identity", "id": 2, "identity": {"account": "ada"}, "epoch": taken}));
    assert_eq!((tab.view().status, tab.writes.len(), tab.kinds()), (Unauthorized, 0, vec!["reply"]));
    // A new word of the application is another thing.
    tab.host_says(json!({"type": "identity", "id": 3, "identity": {"account": "ada"}}));
    assert_eq!(tab.subject(), Some("ada"));
}

#[test]
fn d53_a_sign_out_that_this_tab_has_not_heard_of_counts_as_well() {
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    let taken = tab.view().epoch;
    // It stands in the shared record, and no event has come.
    tab.register = Some(record(taken + 1, "unauthorized", json!({})));
    tab.host_says(json!({"type": "identity", "id": 2, "identity": {"account": "ada"}, "epoch": taken}));
    assert_eq!(tab.view().status, Unauthorized);
}

#[test]
fn d53_a_token_that_is_told_again_does_not_replace_a_newer_one() {
    let mut tab = Tab::connected(config(), 1);
    at(&mut tab, WALL);
    let told = json!({"account": "ada", "accessToken": "old", "expiresAt": WALL + 3_000.0});
    tab.host_says(json!({"type": "identity", "id": 1, "identity": told}));
    let epoch = tab.view().epoch;
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "new", "expiresAt": WALL + 3_600_000.0}))))
        .unwrap();
    assert_eq!(tab.view().epoch, epoch, "the same session");
    tab.host_says(json!({"type": "identity", "id": 2, "epoch": epoch, "identity": told}));
    assert_eq!(tab.token().as_deref(), Ok("new"));
}

#[test]
fn d53_while_that_session_lives_the_user_is_taken_again() {
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}, "epoch": 0}));
    let asked = tab.asked().remove(0);
    assert_eq!(asked.reason, AcquireReason::SignIn);
    tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(grant("ada").into())));
    assert_eq!(tab.subject(), Some("ada"));
}

#[test]
fn d53_a_relative_lifetime_counts_from_when_it_was_received() {
    let mut tab = Tab::started(asking().credentials(Credentials::Sealed), 1, None, Parent::None);
    at(&mut tab, WALL);
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "a", "expiresIn": 60})))).unwrap();
    // The credential store takes five seconds to answer what it holds.
    tab.now += 5000;
    at(&mut tab, WALL + 5000.0);
    let mut vault = Vault::new();
    while tab.store_step(&mut vault) {}
    assert_eq!(tab.view().expires_at, Some(WALL + 60_000.0));
}

// D54

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

// D56

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

// D58

fn restoring() -> Tab {
    Tab::started(asking(), 1, Some(record(5, "authorized", json!({}))), Parent::None)
}

fn fail(tab: &mut Tab, failure: AcquireFailure) {
    let asked = tab.asked().pop().unwrap();
    tab.enter(|session, now| session.handle_acquired(now, asked.id, Err(failure)));
}

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
    // The tag of that record is nobody's: another account is a mismatch, and that is lasting.
    tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(grant("ada").into())));
    assert_eq!(tab.state(), (Unauthorized, Reason::AccountMismatch));
    assert_eq!(tab.states().len(), states + 1, "nobody saw the attempts");
    assert_eq!(tab.session.poll_timeout(), None);
}

// What a page that is loaded finds: another tab has been told to wait, or has failed by itself.
fn loaded(other: &Tab, register: Option<Value>) -> Tab {
    let mut tab = Tab::new(asking(), 2);
    tab.now = other.now;
    (tab.register, tab.pause) = (register, other.pause);
    tab.enter(|session, now| session.handle_start(now, Parent::None, false)).unwrap();
    tab
}

fn hear(tab: &mut Tab, other: &Tab) {
    tab.pause = other.pause;
    tab.storage_event();
}

#[test]
fn d58_what_a_server_has_asked_one_tab_to_wait_for_all_wait_for_and_pages_that_are_loaded_too() {
    let mut first = restoring();
    let mut open = restoring();
    fail(&mut open, AcquireFailure::Failed);
    fail(&mut first, AcquireFailure::Later(20_000));
    hear(&mut open, &first);
    // Somebody is signed in, or nobody is and the host names a user: a page that is loaded asks nobody.
    let mut page = loaded(&first, first.register.clone());
    assert_eq!(page.state(), (Unauthorized, Reason::AcquireFailed));
    let mut framed = Tab::new(asking(), 3);
    framed.pause = first.pause;
    framed.enter(|session, now| session.handle_start(now, Parent::Known(support::HOST.to_owned()), false)).unwrap();
    framed.shake_hands();
    framed.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    assert_eq!(framed.said_of("error")[0]["code"], "ACQUIRE_FAILED");
    for tab in [&mut first, &mut open, &mut page, &mut framed] {
        tab.forget();
        tab.now += 10_000;
        tab.enter(Session::handle_chance);
        tab.pass(9_999);
        assert_eq!(tab.asked().len(), 0, "not before");
        tab.pass(1_501);
        assert_eq!(tab.asked().len(), 1, "then it is tried, and nobody has to do anything for it");
    }
    assert_eq!(framed.asked()[0].reason, AcquireReason::SignIn);
    framed.enter(|session, now| session.handle_acquired(now, 1, Ok(grant("ada").into())));
    assert_eq!(framed.subject(), Some("ada"));
}

#[test]
fn d58_what_failed_by_itself_all_that_try_again_wait_for_and_a_page_that_is_loaded_asks_at_once() {
    let (mut first, mut open) = (restoring(), restoring());
    fail(&mut open, AcquireFailure::Failed);
    for _ in 0..6 {
        fail(&mut first, AcquireFailure::Failed);
        let due = first.session.poll_timeout().unwrap();
        first.pass(due - first.now);
    }
    fail(&mut first, AcquireFailure::Failed);
    open.now = first.now - 1;
    hear(&mut open, &first);
    let Some(Ok(pause)) = first.pause else { panic!("{:?}", first.pause) };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let until = pause.until as u64;
    open.forget();
    open.pass(until - open.now - 1);
    assert_eq!(open.asked().len(), 0);
    open.pass(501);
    assert_eq!(open.asked().len(), 1);
    // A shown page is a reason to try at once, and its pause goes on from where the others' are.
    let mut page = loaded(&first, first.register.clone());
    assert_eq!(page.asked().len(), 1);
    fail(&mut page, AcquireFailure::Failed);
    assert!(page.session.poll_timeout().unwrap() - page.now >= 30_000);
}

#[test]
fn d58_a_success_ends_the_pause_of_all_tabs_and_so_does_reset() {
    let mut tab = restoring();
    fail(&mut tab, AcquireFailure::Later(20_000));
    assert!(tab.pause.is_some());
    // Another way to sign in was open.
    tab.enter(|session, _| session.authorize(grant("ada"))).unwrap();
    assert_eq!((tab.pause, tab.session.poll_timeout()), (None, None));
    let mut page = loaded(&tab, Some(record(5, "authorized", json!({}))));
    assert_eq!(page.asked().len(), 1);

    fail(&mut page, AcquireFailure::Later(20_000));
    page.sign_out();
    assert!(page.pause.is_some(), "the server has not been heard since");
    page.enter(|session, _| session.reset(1)).unwrap();
    assert_eq!(page.pause, None);
    let writes = page.pauses;
    page.sign_in("ada");
    assert_eq!(page.pauses, writes, "nothing is removed that is not there");
}

#[test]
fn d58_a_pause_that_is_damaged_or_beyond_reason_holds_nobody() {
    let mut tab = Tab::new(asking(), 1);
    tab.register = Some(record(5, "authorized", json!({})));
    tab.pause = Some(Err(Malformed));
    tab.enter(|session, now| session.handle_start(now, Parent::None, false)).unwrap();
    assert_eq!((tab.asked().len(), tab.pause, tab.rejected(Refusal::Storage)), (1, None, 1));
    let now = tab.now as f64;
    // Longer than any can be, over, or begun before the clock was set back.
    let beyond = [
        (now, f64::MAX),
        (now, f64::INFINITY),
        (now, f64::NAN),
        (now, -1.0),
        (now, now + DAY as f64 + 2000.0),
        (now + 3_600_000.0, now + 3_620_000.0),
    ];
    for (since, until) in beyond {
        tab.pause = Some(Ok(Pause { failures: u32::MAX, since, until, told: true }));
        let page = loaded(&tab, tab.register.clone());
        assert_eq!(page.asked().len(), 1, "{since} {until}");
    }
    // One that a server has not asked for is a minute at most.
    let mut tab = restoring();
    fail(&mut tab, AcquireFailure::Failed);
    let due = tab.session.poll_timeout();
    tab.pause = Some(Ok(Pause { failures: 1, since: now, until: now + 3_600_000.0, told: false }));
    tab.storage_event();
    assert_eq!(tab.session.poll_timeout(), due);
}

#[test]
fn d58_a_refresh_waits_for_what_another_tab_was_told_when_it_signed_in() {
    let mut vault = Vault { there: false, lock: Lock::Held, ..Vault::new() };
    let mut tab = Tab::alone(asking(), 1);
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "a", "expiresIn": 60})))).unwrap();
    let since = tab.now as f64;
    tab.pause = Some(Ok(Pause { failures: 1, since, until: since + 300_000.0, told: true }));
    tab.storage_event();
    // A caller that waits for a token gets what is good, and then learns that there is none.
    assert_eq!(tab.token().as_deref(), Ok("a"));
    for _ in 0..299 {
        tab.pass(1000);
        while tab.store_step(&mut vault) {}
    }
    assert_eq!((tab.token(), tab.asked().len()), (Err(Error::RefreshFailed), 0));
    tab.pass(1501);
    while tab.store_step(&mut vault) {}
    assert_eq!(tab.asked().len(), 1);
}

#[test]
fn d58_a_success_in_one_tab_frees_the_others_at_once() {
    let mut first = restoring();
    let mut second = restoring();
    fail(&mut first, AcquireFailure::Later(3_600_000));
    hear(&mut second, &first);
    fail(&mut second, AcquireFailure::Failed);
    let mut page = loaded(&first, first.register.clone());
    first.enter(|session, _| session.authorize(grant("ada"))).unwrap();
    assert_eq!(first.pause, None);
    for tab in [&mut second, &mut page] {
        tab.forget();
        hear(tab, &first);
        tab.changed_elsewhere(first.register.clone());
        tab.pass(501);
        assert_eq!(tab.asked().len(), 1);
    }
    // Where nothing can be written, each tab keeps its own.
    let mut denied = restoring();
    fail(&mut denied, AcquireFailure::Later(20_000));
    denied.pause = None;
    denied.forget();
    denied.storage_event();
    denied.pass(19_999);
    assert_eq!(denied.asked().len(), 0);
}

#[test]
fn d58_a_tab_whose_attempts_always_fail_keeps_no_healthy_one_from_its_refresh() {
    let mut vault = Vault { there: false, lock: Lock::Held, ..Vault::new() };
    let mut tab = Tab::alone(asking(), 1);
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "a", "expiresIn": 60})))).unwrap();
    for _ in 0..60 {
        let since = tab.now as f64;
        tab.pause = Some(Ok(Pause { failures: 9, since, until: since + 60_000.0, told: false }));
        tab.storage_event();
        tab.pass(1000);
        while tab.store_step(&mut vault) {}
    }
    assert_eq!(tab.asked().len(), 1);
    // Those that try again take turns: who is first differs from tab to tab.
    let firsts: Vec<bool> = (0..40_u8)
        .map(|number| {
            let mut tab = Tab::started(asking(), 50 + number, Some(record(5, "authorized", json!({}))), Parent::None);
            let mut other = Tab::started(asking(), 120 + number, Some(record(5, "authorized", json!({}))), Parent::None);
            fail(&mut tab, AcquireFailure::Failed);
            fail(&mut other, AcquireFailure::Failed);
            fail_again(&mut other);
            tab.now = other.now;
            hear(&mut tab, &other);
            tab.session.poll_timeout() < other.session.poll_timeout()
        })
        .collect();
    assert!(firsts.contains(&true) && firsts.contains(&false), "{firsts:?}");
}

fn fail_again(tab: &mut Tab) {
    let due = tab.session.poll_timeout().unwrap();
    tab.pass(due - tab.now);
    fail(tab, AcquireFailure::Failed);
}

#[test]
fn d58_what_a_server_has_asked_for_is_not_lost_in_what_fails_without_a_word() {
    // Here a request was under way when another tab was told.
    let mut tab = restoring();
    for _ in 0..6 {
        fail_again_or_first(&mut tab);
    }
    let due = tab.session.poll_timeout().unwrap();
    tab.pass(due - tab.now);
    let since = tab.now as f64;
    tab.pause = Some(Ok(Pause { failures: 1, since, until: since + 20_000.0, told: true }));
    tab.storage_event();
    fail(&mut tab, AcquireFailure::Failed);
    let Some(Ok(pause)) = tab.pause else { panic!("{:?}", tab.pause) };
    assert!(pause.told && pause.until >= since + 20_000.0, "{pause:?}");
    // It has not even been heard of yet: what stands there is read before it is written over.
    let mut late = restoring();
    late.pause = Some(Ok(Pause { failures: 1, since: 1000.0, until: 1000.0 + 3_600_000.0, told: true }));
    fail(&mut late, AcquireFailure::Failed);
    let Some(Ok(pause)) = late.pause else { panic!("{:?}", late.pause) };
    assert!(pause.told && pause.until >= 3_600_000.0, "{pause:?}");
}

fn fail_again_or_first(tab: &mut Tab) {
    if tab.session.poll_timeout().is_some_and(|due| due > tab.now) && tab.asked().is_empty() {
        return fail_again(tab);
    }
    fail(tab, AcquireFailure::Failed);
    tab.forget();
}

#[test]
fn d58_a_pause_that_is_read_when_the_page_is_shown_does_not_move_what_is_tried_at_once() {
    let mut tab = restoring();
    fail(&mut tab, AcquireFailure::Failed);
    tab.now += 10_000;
    let since = tab.now as f64;
    tab.pause = Some(Ok(Pause { failures: 6, since, until: since + 60_000.0, told: false }));
    tab.forget();
    tab.enter(Session::handle_chance);
    tab.pass(1000);
    assert_eq!(tab.asked().len(), 1);
}

#[test]
fn d58_a_store_that_fails_is_looked_into_less_and_less() {
    let mut vault = Vault::new();
    let mut tab = Tab::started(asking().credentials(Credentials::Sealed), 1, None, Parent::None);
    while tab.store_step(&mut vault) {}
    tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
    while tab.store_step(&mut vault) {}
    // Another tab has renewed it.
    let mut register = tab.register.clone().unwrap();
    register["sequence"] = json!(9);
    tab.changed_elsewhere(Some(register));
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
fn d61_a_caller_that_waits_for_a_token_gets_it_from_the_sign_in_that_is_under_way() {
    let waits = |tab: &mut Tab| assert!(tab.enter(|session, now| session.access_token(now, 0)).unwrap().is_none());
    let told = |tab: &Tab| {
        tab.events.iter().filter_map(|event| if let Event::Token(result) = event { Some(result.is_ok()) } else { None }).collect::<Vec<_>>()
    };
    // The host names a user, and acquire brings a grant.
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    waits(&mut tab);
    let id = tab.asked().pop().unwrap().id;
    tab.enter(|session, now| session.handle_acquired(now, id, Ok(grant_with("ada", "token").into())));
    assert_eq!((told(&tab), tab.token()), (vec![true], Ok("token".to_owned())));
    // A restore is under way when the host names the same user.
    let mut ada = Tab::alone(asking(), 2);
    ada.sign_in("ada");
    let mut tab = Tab::started(asking(), 1, ada.register.clone(), Parent::Known(support::HOST.to_owned()));
    tab.shake_hands();
    waits(&mut tab);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    let id = tab.asked().pop().unwrap().id;
    tab.enter(|session, now| session.handle_acquired(now, id, Ok(grant_with("ada", "token").into())));
    assert_eq!(told(&tab), [true]);
    // The credential store has nothing, so that acquire is asked.
    let mut vault = Vault { there: false, ..Vault::new() };
    let mut tab = Tab::started(asking().credentials(Credentials::Sealed), 1, ada.register.clone(), Parent::None);
    waits(&mut tab);
    while tab.store_step(&mut vault) {}
    let id = tab.asked().pop().unwrap().id;
    tab.enter(|session, now| session.handle_acquired(now, id, Ok(grant_with("ada", "token").into())));
    while tab.store_step(&mut vault) {}
    assert_eq!(told(&tab), [true]);
}

#[test]
fn d61_a_caller_that_waits_for_a_token_of_an_attempt_that_a_sign_out_ends_is_answered() {
    let mut tab = restoring();
    fail(&mut tab, AcquireFailure::Failed);
    tab.pass(1000);
    assert_eq!(tab.asked().len(), 2, "nobody sees this attempt");
    assert!(tab.enter(|session, now| session.access_token(now, 0)).unwrap().is_none());
    tab.sign_out();
    assert!(tab.events.iter().any(|event| matches!(event, Event::Token(Err(Error::NotAuthorized)))), "{:?}", tab.events);
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
    assert_eq!((asked.reason, asked.identity.unwrap().account.subject().to_owned()), (AcquireReason::SignIn, "ada".to_owned()));
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
    for failure in [AcquireFailure::Refused, AcquireFailure::Nobody] {
        let mut tab = restoring();
        fail(&mut tab, failure);
        assert_eq!(tab.session.poll_timeout(), None, "{failure:?}");
    }
}

// D61

#[test]
fn d61_a_sign_in_holds_when_it_is_stored_and_announced() {
    let mut tab = Tab::started(asking().credentials(Credentials::Sealed), 1, None, Parent::None);
    let mut vault = Vault::new();
    let settled = |tab: &Tab| tab.events.iter().filter(|event| matches!(event, Event::Settled(7))).count();
    tab.enter(|session, _| session.authorize_for(7, grant_with("ada", "token"))).unwrap();
    assert_eq!(settled(&tab), 0);
    while tab.store_step(&mut vault) {}
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
    let mut vault = Vault::new();
    while tab.store_step(&mut vault) {}
    tab.enter(|session, _| session.authorize_for(7, grant_with("ada", "token"))).unwrap();
    let task = tab.next_task().unwrap();
    tab.store_done(task.id, Err(StoreFailure::Unavailable));
    assert!(tab.events.iter().any(|event| matches!(event, Event::Settled(7))));
    assert!(tab.events.iter().any(|event| matches!(event, Event::Failed(Error::CredentialStoreUnavailable))));
    // And it is tried again, until it is there.
    let due = tab.session.poll_timeout().unwrap();
    assert!(due - tab.now <= 1000);
    tab.pass(1000);
    while tab.store_step(&mut vault) {}
    assert_eq!(vault.credential.as_ref().map(|grant| grant.account.subject().to_owned()).as_deref(), Some("ada"));
}

// Epochs (C17, S5, S6, S8)

#[test]
fn c17_a_sign_in_after_the_storage_was_emptied_beats_every_older_sign_out() {
    let mut old = Tab::alone(config(), 1);
    at(&mut old, WALL);
    old.sign_in("ada");
    old.sign_out();
    // The page empties its storage while nobody is signed in; a tab that is opened then signs in.
    let mut new = Tab::started(config(), 2, None, Parent::None);
    at(&mut new, WALL + 5.0);
    new.sign_in("bob");
    at(&mut old, WALL + 5.0);
    old.changed_elsewhere(new.register.clone());
    assert_eq!(old.view().status, Authorized);
    assert_eq!(old.register, new.register, "nothing is written over it");
}

#[test]
fn c17_a_clock_that_was_set_back_loses_no_change() {
    let mut tab = Tab::alone(config(), 1);
    at(&mut tab, WALL);
    tab.sign_in("ada");
    at(&mut tab, WALL - 3_600_000.0);
    tab.sign_out();
    let out = tab.view().epoch;
    at(&mut tab, 1000.0);
    tab.sign_in("ada");
    assert_eq!((tab.subject(), tab.view().epoch), (Some("ada"), out + 1));
}

#[test]
fn s5_no_record_locks_anybody_out() {
    let greatest = (1_u64 << 53) - 1;
    let reach = 1_767_225_600_000 + 3_155_760_000_000;
    for epoch in [u64::from(u32::MAX), WALL as u64 + 1_000_000, reach, reach + 1, greatest] {
        for status in ["unauthorized", "authorized"] {
            let mut tab = Tab::started(config(), 1, Some(record(epoch, status, json!({"sequence": u32::MAX}))), Parent::None);
            at(&mut tab, WALL);
            tab.enter(|session, _| session.handle_wake());
            tab.sign_in("ada");
            assert_eq!(tab.subject(), Some("ada"), "{epoch} {status}");
            // Another tab believes it as well, a moment later.
            let mut other = Tab::started(config(), 2, None, Parent::None);
            at(&mut other, WALL + 5.0);
            other.changed_elsewhere(tab.register.clone());
            assert_eq!(other.view().status, Authorized, "{epoch} {status}");
            tab.sign_out();
            other.changed_elsewhere(tab.register.clone());
            assert_eq!(other.view().status, Unauthorized, "{epoch} {status}");
        }
    }
}

#[test]
fn s5_no_record_locks_tabs_out_that_all_know_it() {
    let greatest = (1_u64 << 53) - 1;
    let reach = 1_767_225_600_000 + 3_155_760_000_000;
    for epoch in [u64::from(u32::MAX), WALL as u64 + 1_000_000, reach, reach + 1, greatest] {
        for (status, sequence) in [("unauthorized", 0), ("unauthorized", u32::MAX), ("authorized", 0), ("authorized", u32::MAX)] {
            let mut browser = Browser::new(false);
            browser.put(Some(record(epoch, status, json!({"sequence": sequence}))));
            for _ in 0..2 {
                let place = browser.open(config());
                browser.act(place, |tab| {
                    at(tab, WALL);
                    tab.enter(|session, _| session.handle_wake());
                });
            }
            browser.settle();
            for (place, user) in [(0, Some("ada")), (1, None), (1, Some("bob")), (0, None), (0, Some("ada"))] {
                browser.act(place, |tab| match user {
                    Some(user) => tab.sign_in(user),
                    None => tab.sign_out(),
                });
                browser.settle();
                assert_eq!(browser.tabs[place].subject(), user, "{epoch} {status} {sequence}");
                let mut late = Tab::started(config(), 9, browser.register().cloned(), Parent::None);
                at(&mut late, WALL);
                late.enter(|session, _| session.handle_wake());
                let expected = if user.is_some() { Authorized } else { Unauthorized };
                for tab in browser.tabs.iter().chain([&late]) {
                    assert_eq!(tab.view().status, expected, "{epoch} {status} {sequence}");
                }
            }
        }
    }
}

#[test]
fn s5_no_record_locks_a_widget_with_kept_credentials_out_after_a_restart() {
    for epoch in [u64::from(u32::MAX), (1 << 53) - 1] {
        let mut vault = Vault::new();
        let mut register = Some(record(epoch, "unauthorized", json!({})));
        for visit in 1..=2 {
            let mut tab = Tab::started(asking().credentials(Credentials::Sealed), visit, register, Parent::None);
            at(&mut tab, WALL + 1000.0 * f64::from(visit));
            tab.enter(|session, _| session.handle_wake());
            while tab.store_step(&mut vault) {}
            tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
            while tab.store_step(&mut vault) {}
            assert_eq!((tab.subject(), vault.credential.is_some()), (Some("ada"), true), "{epoch}, visit {visit}");
            assert_eq!(tab.register.as_ref().unwrap()["status"], "authorized");
            tab.sign_out();
            while tab.store_step(&mut vault) {}
            assert_eq!((tab.register.as_ref().unwrap()["status"].as_str(), vault.credential.is_some()), (Some("unauthorized"), false));
            register = tab.register.clone();
        }
    }
}

#[test]
fn s8_minus_zero_in_one_tab_and_five_in_the_other_come_to_rest() {
    let mut browser = Browser::new(false);
    for _ in 0..2 {
        browser.open(config());
    }
    browser.act(0, |tab| tab.sign_in("ada"));
    browser.settle();
    let [zero, five] = [-0.0, 5.0].map(|number| {
        let mut record = browser.register().unwrap().clone();
        record["expiresAt"] = json!(number);
        record
    });
    browser.act(0, |tab| tab.changed_elsewhere(Some(zero)));
    browser.act(1, |tab| tab.changed_elsewhere(Some(five.clone())));
    browser.put(Some(five));
    browser.settle();
}

#[test]
fn s5_what_this_tab_itself_knows_is_beyond_reason_once_the_clock_says_so_and_nobody_fights_over_it() {
    let mut tab = Tab::alone(config(), 1);
    // Two hundred years ahead.
    at(&mut tab, WALL + 6_311_520_000_000.0);
    tab.sign_in("ada");
    at(&mut tab, WALL);
    tab.enter(|session, _| session.handle_wake());
    assert_eq!(tab.state(), (Unauthorized, Reason::StorageCleared));
    tab.sign_in("ada");
    assert_eq!(tab.subject(), Some("ada"));
    tab.forget();
    tab.enter(|session, _| session.handle_wake());
    assert_eq!(tab.writes.len(), 0, "it is settled");
}

#[test]
fn s6_a_later_versions_record_that_is_gone_or_ours_again_is_forgotten() {
    let mut tab = Tab::alone(config(), 1);
    tab.sign_in("ada");
    let ours = tab.register.clone();
    tab.forget();
    tab.changed_elsewhere(Some(json!({"v": 2})));
    tab.changed_elsewhere(ours);
    tab.sign_out();
    assert_eq!(tab.writes.len(), 1);
    tab.changed_elsewhere(Some(json!({"v": 2})));
    tab.changed_elsewhere(None);
    tab.sign_in("bob");
    assert_eq!(tab.register.as_ref().unwrap()["status"], "authorized");
}

#[test]
fn s6_a_reset_writes_over_whatever_stands_there() {
    for stands in [json!({"v": 2}), json!("nonsense"), record(1 << 50, "unauthorized", json!({}))] {
        let mut tab = Tab::started(config(), 1, Some(stands), Parent::None);
        at(&mut tab, WALL);
        tab.enter(|session, _| session.reset(3)).unwrap();
        assert_eq!(tab.register.as_ref().unwrap()["status"], "unauthorized");
        assert_eq!(tab.register.as_ref().unwrap()["v"], 1);
        assert!(tab.events.iter().any(|event| matches!(event, Event::Settled(3))));
        tab.sign_in("ada");
        assert_eq!((tab.subject(), tab.register.as_ref().unwrap()["status"].as_str()), (Some("ada"), Some("authorized")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    // S8: minus zero and five kept two tabs writing for ever.
    #[test]
    fn s8_whatever_numbers_stand_in_the_register_the_tabs_come_to_rest(
        numbers in prop::collection::vec(prop_oneof![Just(-0.0), Just(0.0), Just(5.0), Just(0.5), Just(1e300), Just(-1.0), Just(8.64e15), any::<f64>()], 1..6),
    ) {
        let mut browser = Browser::new(false);
        for _ in 0..2 {
            browser.open(config());
        }
        browser.act(0, |tab| tab.sign_in("ada"));
        browser.settle();
        for number in numbers {
            let mut poisoned = browser.register().unwrap().clone();
            poisoned["expiresAt"] = json!(number);
            browser.put(Some(poisoned));
            browser.settle();
        }
        // What was written reads back equal.
        for tab in &browser.tabs {
            let written = to_value(tab.session.snapshot());
            prop_assert_eq!(support::read_stored(Some(&written)), authframe::session::Stored::Snapshot(*tab.session.snapshot()));
        }
    }
}

// S2, S4

#[test]
fn s2_a_credential_that_could_not_be_destroyed_is_destroyed_later() {
    let mut tab = Tab::started(asking().credentials(Credentials::Sealed), 1, None, Parent::None);
    let mut vault = Vault::new();
    while tab.store_step(&mut vault) {}
    tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
    while tab.store_step(&mut vault) {}
    assert!(vault.credential.is_some());
    tab.sign_out();
    for attempt in 0..3 {
        let task = tab.next_task().unwrap_or_else(|| panic!("attempt {attempt}"));
        tab.store_done(task.id, Err(StoreFailure::Unavailable));
        assert!(tab.events.iter().any(|event| matches!(event, Event::Failed(Error::CredentialStoreUnavailable))), "and it is reported");
        let due = tab.session.poll_timeout().unwrap();
        tab.pass(due - tab.now);
    }
    while tab.store_step(&mut vault) {}
    assert!(vault.credential.is_none());
    assert_eq!(tab.session.poll_timeout(), None);
}

#[test]
fn s4_between_two_users_there_is_always_nobody() {
    let mut tab = Tab::connected(config(), 1);
    tab.sign_in("ada");
    tab.register = None;
    tab.enter(|session, _| session.authorize(grant("bob"))).unwrap();
    let subjects: Vec<Option<&str>> = tab.sessions().iter().map(|view| view.account.as_ref().map(|account| account.subject())).collect();
    let ada = subjects.iter().position(|subject| *subject == Some("ada")).unwrap();
    let bob = subjects.iter().position(|subject| *subject == Some("bob")).unwrap();
    assert!(subjects[ada..bob].contains(&None), "{subjects:?}");
    let said: Vec<Value> = tab.said_of("session").iter().map(|said| said["session"]["account"]["subject"].clone()).collect();
    assert_eq!(said, [json!("ada"), Value::Null, json!("bob")]);
}

// C24, and the limit that both halves share

#[test]
fn c24_a_message_that_the_browser_could_not_read_is_counted() {
    let mut tab = Tab::connected(config(), 1);
    tab.enter(|session, _| session.handle_unreadable());
    assert_eq!(tab.rejected(Refusal::Shape), 1);
}

#[test]
fn d63_both_halves_have_one_rule() {
    let vectors: Value = serde_json::from_str(include_str!("vectors/rate-limit.json")).unwrap();
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    for limit in vectors["limits"].as_array().unwrap() {
        let mut bucket = TokenBucket::new(number(&limit["perSecond"]), number(&limit["seconds"]));
        for step in limit["steps"].as_array().unwrap() {
            let now = step["now"].as_u64().unwrap();
            let passed = (0..number(&step["ask"])).filter(|_| bucket.take(now)).count();
            assert_eq!(passed as u64, step["pass"].as_u64().unwrap(), "{step}");
        }
    }
}

// C9, C10

#[test]
fn c10_what_failed_in_one_tab_all_tabs_wait_for() {
    let sealed = asking().credentials(Credentials::Sealed);
    let mut vault = Vault::new();
    vault.lock = Lock::Held;
    let mut tabs: Vec<Tab> = (1..=3).map(|number| Tab::started(sealed.clone(), number, None, Parent::None)).collect();
    let settle = |tab: &mut Tab, vault: &mut Vault| while tab.store_step(vault) {};
    for tab in &mut tabs {
        at(tab, WALL);
        settle(tab, &mut vault);
    }
    let short = read_grant(json!({"account": "ada", "accessToken": "a", "refreshToken": "r", "expiresIn": 60}));
    tabs[0].enter(|session, _| session.authorize(short)).unwrap();
    settle(&mut tabs[0], &mut vault);
    let register = tabs[0].register.clone();
    for tab in &mut tabs[1..] {
        tab.changed_elsewhere(register.clone());
        settle(tab, &mut vault);
        assert_eq!(tab.subject(), Some("ada"));
    }
    let mut requests = 0;
    let mut first = None;
    for second in 1..120_u64 {
        for tab in &mut tabs {
            tab.now = 1000 + second * 1000;
            let now = tab.now;
            tab.session.tell_time(now, WALL + (second * 1000) as f64);
            tab.enter(Session::handle_timeout);
            settle(tab, &mut vault);
            for asked in tab.asked() {
                requests += 1;
                let first = *first.get_or_insert(second);
                assert!(second == first || second >= first + 20, "{second} after {first}");
                tab.enter(|session, now| session.handle_acquired(now, asked.id, Err(AcquireFailure::Later(20_000))));
                settle(tab, &mut vault);
            }
            tab.forget();
        }
    }
    assert!((3..=6).contains(&requests), "{requests}");
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
        let mut vault = Vault { there: false, lock: Lock::Held, ..Vault::new() };
        while tab.store_step(&mut vault) {}
        for asked in tab.asked() {
            requests += 1;
            tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(dead(wall).into())));
        }
        tab.forget();
    }
    assert!((3..=6).contains(&requests), "{requests}");
    assert!(tab.session.dead_on_arrival() >= 3_600_000.0);
}
