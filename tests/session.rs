//! Scenarios of the session: one tab, several tabs, the host, the shared record, the page's life.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::string_slice,
    clippy::type_complexity,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod support;

use authframe::session::AuthStatus::{Authorized, Authorizing, Unauthorized, Unknown};
use authframe::session::{
    AcquireFailure, AcquireReason, AuthStatus, Config, ConnectionState, Error, Event, MOVES, Move, Parent, Reason, Refusal, Session, Stored,
};
use serde_json::{Value, json};
use support::{Asked, Browser, HOST, Tab, config, grant, grant_with, read_grant, to_value, writer};

const EVIL: &str = "https://evil.example";

fn asking() -> Config {
    config().acquire(true)
}

/// A tab, alone, with this account signed in and everything before forgotten.
fn signed_in(config: Config, subject: &str) -> Tab {
    let mut tab = Tab::alone(config, 1);
    tab.sign_in(subject);
    tab.forget();
    tab
}

/// What another tab, of number 9, left in the shared record.
fn record(epoch: u32, sequence: u32, subject: Option<&str>) -> Value {
    let mut other = Tab::alone(config(), 9);
    other.sign_in(subject.unwrap_or("nobody"));
    if subject.is_none() {
        other.sign_out();
    }
    let mut record = other.register.unwrap();
    record["epoch"] = json!(epoch);
    record["sequence"] = json!(sequence);
    record
}

fn only_asked(tab: &Tab) -> Asked {
    let mut asked = tab.asked();
    assert_eq!(asked.len(), 1, "{:?}", tab.events);
    asked.remove(0)
}

fn acquired(tab: &mut Tab, id: u32, subject: &str) {
    tab.enter(|session, now| session.handle_acquired(now, id, Ok(grant(subject).into())));
}

fn failed(tab: &mut Tab, id: u32, failure: AcquireFailure) {
    tab.enter(|session, now| session.handle_acquired(now, id, Err(failure)));
}

fn identity(id: u32, subject: &str) -> Value {
    json!({"type": "identity", "id": id, "identity": {"account": {"subject": subject, "name": null}, "accessToken": null}})
}

fn reply(id: u32) -> Value {
    json!({"type": "reply", "id": id, "data": null})
}

fn refusal(id: u32, error: Error) -> Value {
    json!({"type": "error", "id": id, "code": error.code(), "message": error.code()})
}

// One tab

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
fn a_change_is_made_only_after_the_register_was_read() {
    let mut tab = Tab::alone(config(), 1);
    let reads = tab.reads;
    tab.register = Some(record(7, 0, Some("bob")));
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
fn an_expiry_that_no_register_can_hold_is_not_written_again_and_again() {
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

// Legal and illegal moves

#[test]
fn every_pair_of_status_and_move_is_legal_exactly_if_the_table_has_it() {
    use Move::{Begin, Grant, Revoke, Suspend};
    let mut legal = 0;
    for status in [Unknown, Unauthorized, Authorizing, Authorized] {
        for by in [Begin, Grant, Revoke, Suspend] {
            let rows: Vec<_> = MOVES.iter().filter(|(from, with, _)| (*from, *with) == (status, by)).collect();
            let expected = match by {
                Begin if status == Authorized => Err(Error::InvalidState),
                Begin => Ok(Authorizing),
                Grant => Ok(Authorized),
                Revoke => Ok(Unauthorized),
                Suspend => Ok(Unknown),
            };
            assert_eq!(by.from(status), expected, "{status:?} {by:?}");
            assert_eq!(rows.len(), usize::from(expected.is_ok()), "{status:?} {by:?}");
            assert_eq!(rows.first().map(|(_, _, to)| *to), expected.ok(), "{status:?} {by:?}");
            legal += rows.len();
        }
    }
    assert_eq!(legal, MOVES.len(), "no row is there twice");
}

/// A tab in this status, with what was said until then forgotten.
fn in_status(status: AuthStatus) -> Tab {
    let mut tab = match status {
        Unknown => Tab::new(config(), 1),
        _ => Tab::alone(config(), 1),
    };
    match status {
        Authorizing => tab.enter(|session, now| session.begin_sign_in(now)).unwrap(),
        Authorized => tab.sign_in("ada"),
        _ => {}
    }
    assert_eq!(tab.view().status, status);
    tab.forget();
    tab
}

#[test]
fn every_pair_of_status_and_move_does_in_a_session_what_the_table_says() {
    let moves: [(Move, fn(&mut Tab) -> Result<(), Error>); 4] = [
        (Move::Begin, |tab| tab.enter(Session::begin_sign_in)),
        (Move::Grant, |tab| tab.enter(|session, _| session.authorize(grant("ada")))),
        (Move::Revoke, |tab| tab.enter(|session, _| session.sign_out(Reason::User))),
        (Move::Suspend, |tab| {
            tab.enter(|session, now| session.handle_hide(now, true));
            Ok(())
        }),
    ];
    for status in [Unknown, Unauthorized, Authorizing, Authorized] {
        for (by, make) in moves {
            let mut tab = in_status(status);
            let made = make(&mut tab);
            let expected = by.from(status);
            assert_eq!(made.is_ok(), expected.is_ok(), "{status:?} {by:?}");
            assert_eq!(tab.view().status, expected.unwrap_or(status), "{status:?} {by:?}");
        }
    }
}

#[test]
fn an_illegal_move_is_a_typed_error_and_changes_nothing() {
    let mut tab = signed_in(config(), "ada");
    assert_eq!(tab.enter(|session, now| session.begin_sign_in(now)), Err(Error::InvalidState));
    assert!(tab.events.is_empty() && tab.writes.is_empty());
    assert_eq!(tab.subject(), Some("ada"));
}

#[test]
fn an_own_sign_in_under_way_is_this_tabs_affair_and_is_called_off_by_a_sign_out() {
    let mut tab = Tab::alone(config(), 1);
    tab.forget();
    tab.enter(|session, now| session.begin_sign_in(now)).unwrap();
    tab.sign_out();
    assert_eq!(tab.states(), [(Authorizing, Reason::SignIn), (Unauthorized, Reason::User)]);
    assert!(tab.writes.is_empty(), "nobody was signed in");
}

// Several tabs

#[test]
fn a_sign_in_reaches_the_other_tab_which_writes_nothing() {
    let mut browser = Browser::new(false);
    let [a, b] = [browser.open(config()), browser.open(config())];
    browser.tabs[b].forget();
    browser.act(a, |tab| tab.sign_in("ada"));
    browser.settle();
    assert_eq!(browser.tabs[b].states(), [(Authorized, Reason::OtherTab)]);
    assert_eq!(browser.tabs[b].subject(), None, "the account is not in the shared record");
    assert_eq!(browser.tabs[b].view().epoch, 1);
    assert_eq!((browser.tabs[a].writes.len(), browser.tabs[b].writes.len()), (1, 0));
}

#[test]
fn a_sign_out_reaches_the_other_tabs_and_nobody_writes_what_he_learned() {
    let mut browser = Browser::new(false);
    let tabs: Vec<usize> = (0..5).map(|_| browser.open(config())).collect();
    browser.act(tabs[0], |tab| tab.sign_in("ada"));
    browser.settle();
    browser.act(tabs[3], Tab::sign_out);
    browser.settle();
    for tab in &browser.tabs {
        assert_eq!((tab.state(), tab.view().epoch), ((Unauthorized, Reason::User), 2));
    }
    assert_eq!(browser.writes(), 2, "one write a change");
}

#[test]
fn a_third_tab_opened_later_starts_right() {
    let mut browser = Browser::new(false);
    let a = browser.open(config());
    browser.act(a, |tab| tab.sign_in("ada"));
    browser.settle();
    let c = browser.open(config());
    assert_eq!(browser.tabs[c].states(), [(Authorized, Reason::Restore)]);
    browser.act(a, Tab::sign_out);
    browser.settle();
    let d = browser.open(config());
    assert_eq!(browser.tabs[d].states(), [(Unauthorized, Reason::User)]);
    assert_eq!(browser.tabs[c].state(), (Unauthorized, Reason::User));
    assert_eq!(browser.writes(), 2);
}

#[test]
fn an_account_switch_elsewhere_shows_nobody_in_between() {
    let mut browser = Browser::new(false);
    let [a, b] = [browser.open(config()), browser.open(config())];
    browser.act(b, |tab| tab.sign_in("ada"));
    browser.settle();
    browser.tabs[b].events.clear();
    browser.act(a, |tab| tab.sign_in("bob"));
    browser.settle();
    assert_eq!(browser.tabs[b].states(), [(Unauthorized, Reason::AccountSwitch), (Authorized, Reason::OtherTab)]);
    assert_eq!(browser.tabs[b].subject(), None, "the first account is gone");
    assert_eq!(browser.tabs[b].view().epoch, 2);
}

#[test]
fn a_refresh_elsewhere_signs_nobody_out() {
    // Both who know the account and who only follow the status.
    for knows in [true, false] {
        let mut browser = Browser::new(false);
        let [a, b] = [browser.open(config()), browser.open(config())];
        browser.act(a, |tab| tab.sign_in("ada"));
        browser.settle();
        if knows {
            browser.act(b, |tab| tab.sign_in("ada"));
            browser.settle();
        }
        browser.tabs[b].events.clear();
        browser.act(a, |tab| tab.sign_in("ada"));
        browser.settle();
        let states = browser.tabs[b].states();
        assert!(states.iter().all(|(status, _)| *status == Authorized), "knows the account: {knows}, heard {states:?}");
        assert_eq!(browser.tabs[b].view().sequence, browser.tabs[a].view().sequence);
    }
}

#[test]
fn of_a_sign_in_and_a_sign_out_at_the_same_epoch_the_sign_out_wins_in_every_tab() {
    let mut browser = Browser::new(false);
    let [a, b, c] = [browser.open(config()), browser.open(config()), browser.open(config())];
    browser.act(a, |tab| tab.sign_in("ada"));
    browser.settle();
    browser.act(a, |tab| tab.sign_in("bob"));
    browser.act(b, Tab::sign_out);
    // The sign-out is overwritten: the switch comes last.
    browser.commit(b);
    browser.commit(a);
    assert_eq!(browser.register().unwrap()["status"], "authorized");
    browser.settle();
    for tab in [a, b, c] {
        assert_eq!(browser.tabs[tab].view().status, Unauthorized);
    }
    assert_eq!(browser.register().unwrap()["status"], "unauthorized", "repaired");
    let late = browser.open(config());
    assert_eq!(browser.tabs[late].view().status, Unauthorized, "who opens afterwards is signed out");
}

// Acquire

fn joining() -> (Browser, usize, usize) {
    let mut browser = Browser::new(false);
    let [a, b] = [browser.open(config()), browser.open(asking())];
    browser.tabs[b].forget();
    browser.act(a, |tab| tab.sign_in("ada"));
    browser.settle();
    (browser, a, b)
}

#[test]
fn a_tab_that_learns_of_a_sign_in_joins_by_its_own_acquire_and_writes_nothing() {
    let (mut browser, _, b) = joining();
    assert_eq!(browser.tabs[b].states(), [(Authorizing, Reason::OtherTab)]);
    let asked = only_asked(&browser.tabs[b]);
    assert_eq!((asked.reason, asked.identity.is_none()), (AcquireReason::OtherTab, true));
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    browser.settle();
    assert_eq!(browser.tabs[b].states(), [(Authorizing, Reason::OtherTab), (Authorized, Reason::OtherTab)]);
    assert_eq!(browser.tabs[b].subject(), Some("ada"));
    assert!(browser.tabs[b].writes.is_empty());
    assert_eq!(browser.tabs[b].session.poll_timeout(), None);
}

#[test]
fn a_reload_restores_by_acquire_and_the_snapshot_alone_never_authorizes() {
    let mut tab = Tab::started(asking(), 1, Some(record(4, 2, Some("ada"))), Parent::None);
    assert_eq!(tab.states(), [(Authorizing, Reason::Restore)]);
    let asked = only_asked(&tab);
    assert_eq!(asked.reason, AcquireReason::Restore);
    acquired(&mut tab, asked.id, "ada");
    assert_eq!((tab.state(), tab.subject()), ((Authorized, Reason::Restore), Some("ada")));
    assert_eq!((tab.view().epoch, tab.view().sequence, tab.writes.len()), (4, 2, 0));
}

#[test]
fn an_acquire_that_fails_is_this_tabs_own_affair() {
    for (failure, reason) in [(AcquireFailure::Failed, Reason::AcquireFailed), (AcquireFailure::Refused, Reason::Refused)] {
        let (mut browser, a, b) = joining();
        let asked = only_asked(&browser.tabs[b]);
        browser.act(b, |tab| failed(tab, asked.id, failure));
        browser.settle();
        assert_eq!(browser.tabs[b].state(), (Unauthorized, reason));
        assert!(browser.tabs[b].writes.is_empty());
        assert_eq!(browser.tabs[a].view().status, Authorized);
        assert_eq!(browser.register().unwrap()["status"], "authorized");
    }
}

#[test]
fn an_acquire_is_given_up_after_exactly_30_seconds() {
    let (mut browser, a, b) = joining();
    assert_eq!(browser.tabs[b].session.poll_timeout(), Some(browser.tabs[b].now + 30_000));
    browser.act(b, |tab| tab.pass(29_999));
    browser.act(b, |tab| tab.enter(Session::handle_timeout));
    assert_eq!(browser.tabs[b].view().status, Authorizing, "a timer that comes too early does nothing");
    browser.act(b, |tab| tab.pass(1));
    browser.settle();
    assert_eq!(browser.tabs[b].state(), (Unauthorized, Reason::AcquireTimeout));
    assert_eq!(browser.tabs[b].cancelled(), 1);
    let again = browser.tabs[b].session.poll_timeout().unwrap() - browser.tabs[b].now;
    assert!((500..=1500).contains(&again), "it is tried again: {again}");
    assert!(browser.tabs[b].writes.is_empty());
    assert_eq!(browser.tabs[a].view().status, Authorized);
}

#[test]
fn a_result_that_comes_after_the_timeout_is_ignored() {
    let (mut browser, _, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    browser.act(b, |tab| tab.pass(30_000));
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    assert_eq!(browser.tabs[b].state(), (Unauthorized, Reason::AcquireTimeout));
}

#[test]
fn an_acquire_that_brings_another_account_than_the_one_signed_in_gives_nobody() {
    let (mut browser, a, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    browser.act(b, |tab| acquired(tab, asked.id, "mallory"));
    browser.settle();
    assert_eq!((browser.tabs[b].state(), browser.tabs[b].subject()), ((Unauthorized, Reason::AccountMismatch), None));
    assert!(browser.tabs[b].writes.is_empty());
    assert_eq!(browser.tabs[a].subject(), Some("ada"));
}

#[test]
fn a_newer_acquire_replaces_the_older_one_whose_result_is_ignored() {
    let (mut browser, a, b) = joining();
    let first = only_asked(&browser.tabs[b]);
    browser.act(a, |tab| tab.sign_in("bob"));
    browser.settle();
    assert_eq!(browser.tabs[b].cancelled(), 1);
    let second = browser.tabs[b].asked().pop().unwrap();
    assert_ne!(first.id, second.id);
    browser.act(b, |tab| acquired(tab, first.id, "ada"));
    assert_eq!(browser.tabs[b].view().status, Authorizing, "the late result of the first");
    browser.act(b, |tab| failed(tab, first.id, AcquireFailure::Refused));
    assert_eq!(browser.tabs[b].view().status, Authorizing, "and its late failure");
    browser.act(b, |tab| acquired(tab, second.id, "bob"));
    assert_eq!(browser.tabs[b].subject(), Some("bob"));
}

#[test]
fn a_newer_acquire_has_its_own_30_seconds() {
    let (mut browser, a, b) = joining();
    browser.act(b, |tab| tab.pass(20_000));
    browser.act(a, |tab| tab.sign_in("bob"));
    browser.settle();
    assert_eq!(browser.tabs[b].session.poll_timeout(), Some(browser.tabs[b].now + 30_000));
}

#[test]
fn a_refresh_elsewhere_during_an_acquire_lets_it_go_on() {
    let (mut browser, a, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    let due = browser.tabs[b].session.poll_timeout();
    browser.act(a, |tab| tab.renew("ada"));
    browser.settle();
    assert_eq!((browser.tabs[b].cancelled(), browser.tabs[b].asked().len(), browser.tabs[b].session.poll_timeout()), (0, 1, due));
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    browser.settle();
    assert_eq!((browser.tabs[b].subject(), browser.tabs[b].view().sequence, browser.tabs[b].writes.len()), (Some("ada"), 1, 0));
}

#[test]
fn after_a_failed_acquire_a_refresh_elsewhere_is_a_new_chance() {
    let (mut browser, a, b) = joining();
    let first = only_asked(&browser.tabs[b]);
    browser.act(b, |tab| failed(tab, first.id, AcquireFailure::Failed));
    browser.act(a, |tab| tab.renew("ada"));
    browser.settle();
    let second = browser.tabs[b].asked().pop().unwrap();
    assert_ne!(first.id, second.id);
    browser.act(b, |tab| acquired(tab, second.id, "ada"));
    assert_eq!(browser.tabs[b].subject(), Some("ada"));
}

#[test]
fn d24_a_sign_out_elsewhere_during_an_acquire_calls_it_off_and_its_result_changes_nothing() {
    let (mut browser, a, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    browser.act(a, Tab::sign_out);
    browser.settle();
    assert_eq!(browser.tabs[b].state(), (Unauthorized, Reason::User));
    assert_eq!((browser.tabs[b].cancelled(), browser.tabs[b].session.poll_timeout()), (1, None));
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    browser.settle();
    assert_eq!(browser.tabs[b].state(), (Unauthorized, Reason::User));
    assert!(browser.tabs[b].writes.is_empty());
}

#[test]
fn d24_a_sign_out_here_during_an_acquire_signs_everybody_out() {
    let (mut browser, a, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    browser.act(b, Tab::sign_out);
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    browser.settle();
    for tab in [a, b] {
        assert_eq!((browser.tabs[tab].state(), browser.tabs[tab].view().epoch), ((Unauthorized, Reason::User), 2));
    }
    assert_eq!(browser.tabs[b].cancelled(), 1);
}

#[test]
fn d24_storage_that_is_cleared_during_an_acquire_calls_it_off() {
    let mut tab = Tab::started(asking(), 1, Some(record(1, 0, Some("ada"))), Parent::None);
    let asked = only_asked(&tab);
    tab.changed_elsewhere(None);
    assert_eq!(tab.state(), (Unauthorized, Reason::StorageCleared));
    assert_eq!((tab.cancelled(), tab.session.poll_timeout()), (1, None), "called off");
    acquired(&mut tab, asked.id, "ada");
    assert_eq!(tab.state(), (Unauthorized, Reason::StorageCleared));
}

#[test]
fn the_applications_own_sign_in_during_an_acquire_takes_its_place() {
    let (mut browser, a, b) = joining();
    let asked = only_asked(&browser.tabs[b]);
    browser.act(b, |tab| tab.sign_in("bob"));
    browser.act(b, |tab| acquired(tab, asked.id, "ada"));
    browser.settle();
    assert_eq!((browser.tabs[b].subject(), browser.tabs[b].cancelled()), (Some("bob"), 1));
    assert_eq!((browser.tabs[a].view().epoch, browser.tabs[a].view().status), (2, Authorized));
}

#[test]
fn a_result_that_nobody_asked_for_is_ignored() {
    let mut tab = Tab::alone(asking(), 1);
    tab.forget();
    for id in [0, 1, u32::MAX] {
        acquired(&mut tab, id, "mallory");
        failed(&mut tab, id, AcquireFailure::Refused);
    }
    assert!(tab.events.is_empty() && tab.writes.is_empty());
}

// The host names the user

#[test]
fn an_identity_signs_in_where_nobody_is_to_be_asked() {
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(json!({"type": "identity", "id": 7, "identity": {"account": {"subject": "ada"}, "accessToken": "t", "expiresAt": 1e12}}));
    assert_eq!(tab.states(), [(Authorized, Reason::Host)]);
    assert_eq!((tab.subject(), tab.view().expires_at, tab.writes.len()), (Some("ada"), Some(1e12), 1));
    assert_eq!(tab.token().unwrap(), "t");
    assert_eq!(tab.kinds(), ["session", "reply"], "the host hears of the session before its answer");
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
    tab.window(true, HOST, identity(1, "mallory"));
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

/// A token whose claims name mallory, in base64url: nobody in this crate reads them, signed or not.
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
    // Whoever asks for a token now waits for bob's.
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
    assert_eq!(tab.register.as_ref().unwrap()["status"], "unauthorized");
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

// The page goes and comes

#[test]
fn d49_a_page_that_is_hidden_shows_nothing_and_posts_nothing() {
    let mut tab = Tab::connected(config(), 1);
    tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
    tab.forget();
    tab.enter(|session, now| session.handle_hide(now, true));
    assert_eq!(tab.states(), [(Unknown, Reason::Suspended)]);
    assert_eq!((tab.subject(), tab.view().expires_at), (None, None));
    assert_eq!(tab.token().err(), Some(Error::NotAuthorized));
    assert_eq!(tab.kinds(), [""; 0], "a message that is posted now evicts the page from Firefox's back/forward cache");
    assert_eq!(tab.session.connection(), ConnectionState::Connected, "a page that is only frozen keeps its port");
    tab.enter(|session, now| session.handle_show(now));
    assert_eq!(tab.said_of("session").last().unwrap()["session"]["status"], "authorized", "the host hears how it is now");
    assert!(tab.writes.is_empty());
}

#[test]
fn d49_a_restored_page_is_unknown_before_anything_authorized_is_seen() {
    let mut tab = signed_in(config(), "ada");
    tab.enter(|session, now| session.handle_hide(now, true));
    let reads = tab.reads;
    tab.enter(|session, now| session.handle_show(now));
    assert_eq!(tab.reads, reads + 1, "it reads again");
    assert_eq!(tab.states(), [(Unknown, Reason::Suspended), (Unknown, Reason::Restored), (Authorized, Reason::SignIn)]);
    assert_eq!(tab.subject(), Some("ada"));
    assert!(tab.writes.is_empty());
}

#[test]
fn d49_a_sign_out_elsewhere_meanwhile_is_seen_before_anything_private() {
    for missed in [true, false] {
        let mut tab = signed_in(config(), "ada");
        tab.enter(|session, now| session.handle_hide(now, true));
        tab.register = Some(record(2, 0, None));
        if !missed {
            tab.storage_event();
        }
        tab.enter(|session, now| session.handle_show(now));
        assert_eq!(tab.state(), (Unauthorized, Reason::User), "{missed}");
        assert!(tab.sessions().iter().all(|view| view.status != Authorized && view.account.is_none()), "{:?}", tab.states());
        assert!(tab.writes.is_empty());
    }
}

#[test]
fn d49_an_account_switch_elsewhere_meanwhile_never_shows_the_old_account() {
    let mut tab = signed_in(config(), "ada");
    tab.enter(|session, now| session.handle_hide(now, true));
    tab.register = Some(record(2, 0, Some("bob")));
    tab.enter(|session, now| session.handle_show(now));
    assert_eq!((tab.view().status, tab.subject(), tab.view().epoch), (Authorized, None, 2));
    assert!(tab.sessions().iter().all(|view| view.account.is_none()));
}

#[test]
fn d49_nothing_that_arrives_while_the_page_is_hidden_lifts_the_veil() {
    let mut tab = Tab::connected(config(), 1);
    tab.sign_in("ada");
    tab.enter(|session, now| session.handle_hide(now, true));
    tab.forget();
    tab.enter(|session, _| session.handle_wake());
    tab.changed_elsewhere(Some(record(5, 0, Some("bob"))));
    tab.sign_in("carol");
    tab.host_says(identity(1, "dave"));
    assert!(tab.sessions().iter().all(|view| view.status == Unknown && view.account.is_none()), "{:?}", tab.sessions());
    let told = tab.said_of("session");
    assert!(told.iter().all(|message| message["session"]["status"] == "unknown" && message["session"]["account"].is_null()), "{told:?}");
    assert_eq!(tab.token().err(), Some(Error::NotAuthorized));
}

#[test]
fn a_page_that_is_shown_without_having_been_hidden_changes_nothing() {
    let mut tab = signed_in(config(), "ada");
    tab.enter(|session, now| session.handle_show(now));
    assert!(tab.events.is_empty() && tab.writes.is_empty());
}

#[test]
fn a_page_that_goes_for_good_says_goodbye() {
    let mut tab = Tab::connected(config(), 1);
    tab.enter(|session, now| session.handle_hide(now, false));
    assert_eq!(tab.kinds(), ["bye"]);
    assert_eq!((tab.session.connection(), tab.has_port()), (ConnectionState::Disconnected, false));
    assert!(tab.writes.is_empty(), "leaving is no sign-out");
}

#[test]
fn a_page_that_missed_events_catches_up_when_it_wakes() {
    let mut tab = signed_in(config(), "ada");
    tab.register = Some(record(2, 0, None));
    tab.enter(|session, _| session.handle_wake());
    assert_eq!(tab.state(), (Unauthorized, Reason::User));
    assert!(tab.writes.is_empty());
}

// The shared record

#[test]
fn d33_storage_that_is_cleared_is_a_sign_out_at_the_next_epoch_and_is_written() {
    let mut tab = signed_in(config(), "ada");
    tab.changed_elsewhere(None);
    assert_eq!(tab.states(), [(Unauthorized, Reason::StorageCleared)]);
    assert_eq!(tab.writes.len(), 1);
    let written = &tab.writes[0];
    assert_eq!((&written["epoch"], &written["reason"], &written["writer"]), (&json!(2), &json!("storage-cleared"), &json!(writer(1))));
    assert_eq!(written["status"], "unauthorized");
}

#[test]
fn d33_storage_that_is_cleared_signs_every_living_tab_out_and_they_agree() {
    let mut browser = Browser::new(false);
    let tabs: Vec<usize> = (0..3).map(|_| browser.open(config())).collect();
    browser.act(tabs[0], |tab| tab.sign_in("ada"));
    browser.settle();
    browser.put(None);
    browser.settle();
    for tab in &browser.tabs {
        assert_eq!((tab.state(), tab.view().epoch), ((Unauthorized, Reason::StorageCleared), 2));
    }
    assert_eq!(browser.register().unwrap()["epoch"], 2);
    assert!(browser.writes() <= 1 + 3, "{}", browser.writes());
}

#[test]
fn d33_cleared_storage_before_anybody_signed_in_means_nothing() {
    let mut tab = Tab::alone(config(), 1);
    tab.forget();
    tab.changed_elsewhere(None);
    assert!(tab.events.is_empty() && tab.writes.is_empty());
}

#[test]
fn d33_cleared_storage_does_not_forget_that_somebody_signed_out() {
    let mut tab = signed_in(config(), "ada");
    tab.sign_out();
    tab.forget();
    tab.changed_elsewhere(None);
    assert!(tab.events.is_empty());
    assert_eq!(tab.writes.len(), 1, "the winner stands there again");
    assert_eq!((&tab.writes[0]["epoch"], &tab.writes[0]["reason"]), (&json!(2), &json!("user")));
}

#[test]
fn d33_a_damaged_value_is_counted_and_mended() {
    let good = record(1, 0, Some("ada"));
    let mut broken =
        vec![json!(null), json!([]), json!("authorized"), json!(7), json!({}), json!({"v": 0}), json!({"v": "1"}), json!({"v": 1})];
    for key in ["epoch", "sequence", "writer", "status", "reason", "subjectTag"] {
        for wrong in [json!(null), json!(-1), json!(1.5), json!({}), json!("x".repeat(70))] {
            let mut value = good.clone();
            value[key] = wrong;
            broken.push(value);
        }
    }
    for wrong in [json!("soon"), json!({})] {
        let mut value = good.clone();
        value["expiresAt"] = wrong;
        broken.push(value);
    }
    for value in broken {
        let mut tab = signed_in(config(), "ada");
        tab.changed_elsewhere(Some(value.clone()));
        assert_eq!((tab.rejected(Refusal::Storage), tab.writes.len(), tab.events.len()), (1, 1, 0), "{value}");
        assert_eq!((tab.subject(), &tab.register.as_ref().unwrap()["epoch"]), (Some("ada"), &json!(1)), "{value}");
    }
}

#[test]
fn d33_a_damaged_value_that_is_found_at_the_start_signs_nobody_in() {
    let tab = Tab::started(config(), 1, Some(json!({"v": 1, "status": "authorized"})), Parent::None);
    assert_eq!(tab.state(), (Unauthorized, Reason::Initial));
    assert_eq!(tab.rejected(Refusal::Storage), 1);
}

#[test]
fn a_record_of_a_later_version_is_left_alone() {
    let later = json!({"v": 2, "epoch": 9, "anything": [1, 2]});
    let mut tab = Tab::started(config(), 1, Some(later.clone()), Parent::None);
    tab.sign_in("ada");
    tab.sign_out();
    tab.sign_in("bob");
    tab.enter(|session, _| session.handle_wake());
    assert_eq!((tab.register.as_ref(), tab.writes.len()), (Some(&later), 0));
    assert_eq!(tab.subject(), Some("bob"), "this tab itself works");
    assert!(tab.rejected(Refusal::Storage) > 0);
}

#[test]
fn a_record_of_a_later_version_that_comes_while_we_run_is_left_alone() {
    let mut tab = signed_in(config(), "ada");
    tab.changed_elsewhere(Some(json!({"v": 2})));
    tab.sign_out();
    assert_eq!(tab.writes.len(), 0);
    assert_eq!(tab.register, Some(json!({"v": 2})));
}

#[test]
fn d33_an_own_tab_echo_changes_nothing() {
    let mut tab = signed_in(config(), "ada");
    for _ in 0..3 {
        tab.storage_event();
    }
    assert!(tab.events.is_empty() && tab.writes.is_empty());
}

#[test]
fn d33_an_echo_of_an_own_older_write_changes_nothing() {
    let mut tab = signed_in(config(), "ada");
    tab.sign_out();
    tab.forget();
    tab.storage_event();
    assert!(tab.events.is_empty() && tab.writes.is_empty());
    assert_eq!(tab.reads, 1, "what the event says is not believed: look what stands there");
    assert_eq!(tab.state(), (Unauthorized, Reason::User));
}

#[test]
fn d33_with_own_tab_echoes_there_is_still_one_write_a_change() {
    let mut browser = Browser::new(true);
    let [a, b] = [browser.open(config()), browser.open(config())];
    browser.act(a, |tab| tab.sign_in("ada"));
    browser.settle();
    browser.act(b, Tab::sign_out);
    browser.settle();
    browser.act(a, |tab| tab.sign_in("bob"));
    browser.settle();
    assert_eq!(browser.writes(), 3);
}

#[test]
fn d33_an_identical_value_written_again_changes_nothing() {
    let mut tab = signed_in(config(), "ada");
    let register = tab.register.clone();
    tab.changed_elsewhere(register);
    tab.enter(|session, _| session.handle_wake());
    assert!(tab.events.is_empty() && tab.writes.is_empty());
}

#[test]
fn a_stored_value_below_the_replica_is_overwritten_once_by_the_winner() {
    let mut tab = signed_in(config(), "ada");
    let older = tab.register.clone();
    tab.sign_out();
    let winner = tab.register.clone();
    tab.forget();
    tab.changed_elsewhere(older);
    assert_eq!((tab.writes.len(), tab.events.len()), (1, 0));
    assert_eq!(tab.register, winner);
    assert_eq!(tab.state(), (Unauthorized, Reason::User));
}

#[test]
fn every_change_without_a_conflict_is_exactly_one_write() {
    let mut browser = Browser::new(false);
    let tabs: Vec<usize> = (0..4).map(|_| browser.open(config())).collect();
    let mut changes = 0;
    for round in 0..12 {
        let tab = tabs[round % 4];
        match round % 3 {
            0 => browser.act(tab, |tab| tab.sign_in("ada")),
            1 => browser.act(tab, |tab| tab.sign_in("bob")),
            _ => browser.act(tab, Tab::sign_out),
        }
        changes += 1;
        browser.settle();
        assert_eq!(browser.writes(), changes, "round {round}");
    }
}

#[test]
fn a_record_can_always_be_read_back_by_those_who_get_it() {
    // A value as high as it may be, put there by whoever can write to this storage.
    for epoch in [(1_u32 << 31) - 1, (1 << 31) - 2] {
        let mut browser = Browser::new(false);
        browser.put(Some(record(epoch, 0, Some("ada"))));
        let [a, b] = [browser.open(config()), browser.open(config())];
        browser.act(a, Tab::sign_out);
        browser.settle();
        assert_eq!((browser.tabs[a].view().status, browser.tabs[b].view().status), (Unauthorized, Unauthorized), "{epoch}");
    }
}

#[test]
fn d32_when_a_tier_fails_the_state_is_kept_and_written_to_the_next_one() {
    let mut tab = signed_in(config(), "ada");
    let kept = tab.register.clone();
    tab.enter(|session, now| session.handle_stored(now, Stored::Moved));
    assert_eq!((tab.subject(), tab.events.len(), tab.view().epoch), (Some("ada"), 0, 1));
    assert_eq!(tab.register, kept);
    assert_eq!(tab.rejected(Refusal::Storage), 0, "nobody is to blame");
    // Where nobody ever signed in, there is nothing to keep.
    let mut tab = Tab::alone(config(), 1);
    tab.forget();
    tab.enter(|session, now| session.handle_stored(now, Stored::Moved));
    assert!(tab.events.is_empty() && tab.writes.is_empty());
}

// Who embeds us

#[test]
fn a_parent_that_is_not_allowed_is_a_typed_error_and_the_widget_stays_silent_for_ever() {
    let mut tab = Tab::new(config(), 1);
    let started = tab.enter(|session, now| session.handle_start(now, Parent::Known(EVIL.to_owned()), false));
    assert_eq!(started, Err(Error::HostNotAllowed));
    tab.window(true, EVIL, json!({"type": "authframe:knock", "channel": ""}));
    // Not even an allowed origin is believed: the browser itself named another.
    tab.knock();
    assert!(tab.said.is_empty());
    assert_eq!((tab.session.host(), tab.rejected(Refusal::Origin)), (None, 2));
}

#[test]
fn a_page_that_is_not_embedded_stands_alone_and_listens_to_no_window() {
    let mut tab = Tab::alone(config(), 1);
    assert_eq!(tab.session.connection(), ConnectionState::Standalone);
    tab.window(false, HOST, json!({"type": "authframe:knock", "channel": ""}));
    assert!(tab.said.is_empty());
    assert_eq!(tab.rejected(Refusal::Source), 1);
}

#[test]
fn a_hint_that_is_in_the_list_is_used() {
    let tab = Tab::started(config(), 1, None, Parent::Hint(HOST.to_owned()));
    assert_eq!((tab.session.host(), tab.kinds()), (Some(HOST), vec!["authframe:hello"]));
}

#[test]
fn a_hint_that_is_not_in_the_list_is_no_error_and_no_host() {
    let mut tab = Tab::started(config(), 1, None, Parent::Hint(EVIL.to_owned()));
    assert!(tab.said.is_empty() && tab.session.host().is_none());
    tab.window(true, EVIL, json!({"type": "authframe:knock", "channel": ""}));
    assert!(tab.said.is_empty() && tab.session.host().is_none());
    assert_eq!(tab.rejected(Refusal::Origin), 1);
}

#[test]
fn an_unknown_parent_is_met_with_silence_until_it_knocks_and_then_with_one_hello() {
    for parent in [Parent::Unknown, Parent::Hint(EVIL.to_owned())] {
        let mut tab = Tab::started(config(), 1, None, parent);
        assert!(tab.said.is_empty());
        assert_eq!(tab.session.connection(), ConnectionState::Connecting);
        tab.knock();
        assert_eq!((tab.session.host(), tab.kinds()), (Some(HOST), vec!["authframe:hello"]));
        tab.shake_hands();
        assert_eq!(tab.session.connection(), ConnectionState::Connected);
    }
}

#[test]
fn an_unknown_parent_is_bound_only_by_a_knock() {
    let mut tab = Tab::started(config(), 1, None, Parent::Unknown);
    for message in [json!(null), json!("hi"), json!({"type": "webpackOk"}), json!({"type": "authframe:knock", "channel": "another"})] {
        tab.window(true, HOST, message.clone());
        assert!(tab.said.is_empty() && tab.session.host().is_none(), "{message}");
    }
}

#[test]
fn d6_a_frame_without_an_origin_is_refused_with_its_own_error() {
    let mut tab = Tab::new(config(), 1);
    let started = tab.enter(|session, now| session.handle_start(now, Parent::Known(HOST.to_owned()), true));
    assert_eq!(started, Err(Error::OpaqueOrigin));
    assert!(tab.said.is_empty() && tab.events.is_empty());
    assert_eq!(tab.reads, 0, "there is nothing to read");
}

#[test]
fn d6_a_frame_without_an_origin_that_opted_in_says_hello_and_hears_if_the_host_did_not() {
    let mut tab = Tab::new(config().allow_opaque_origin(true), 1);
    tab.enter(|session, now| session.handle_start(now, Parent::Known(HOST.to_owned()), true)).unwrap();
    assert_eq!(tab.kinds(), ["authframe:hello"]);
    tab.host_says(json!({"type": "refuse", "code": "OPAQUE_ORIGIN", "min": 1, "max": 1}));
    assert!(tab.events.iter().any(|event| matches!(event, Event::Failed(Error::OpaqueOrigin))));
}

#[test]
fn d6_the_origin_null_is_nobody_even_for_a_widget_that_opted_in() {
    let mut tab = Tab::new(config().allow_opaque_origin(true), 1);
    tab.enter(|session, now| session.handle_start(now, Parent::Unknown, true)).unwrap();
    tab.window(true, "null", json!({"type": "authframe:knock", "channel": ""}));
    assert!(tab.said.is_empty());
    assert_eq!(tab.rejected(Refusal::Origin), 1);
}

#[test]
fn d1_a_message_of_another_origin_changes_nothing_is_not_answered_and_is_counted_once() {
    for parent in [Parent::Known(HOST.to_owned()), Parent::Unknown] {
        let mut tab = Tab::started(config(), 1, None, parent);
        tab.forget();
        let view = tab.view().clone();
        for (times, message) in [json!({"type": "authframe:knock", "channel": ""}), identity(1, "mallory"), json!(null)].iter().enumerate()
        {
            tab.window(true, EVIL, message.clone());
            assert_eq!(tab.rejected(Refusal::Origin) as usize, times + 1);
        }
        assert!(tab.said.is_empty() && tab.events.is_empty() && tab.writes.is_empty());
        assert_eq!(*tab.view(), view);
        assert_eq!(tab.session.rejected().iter().sum::<u32>(), 3);
    }
}

#[test]
fn d2_a_message_of_another_window_is_ignored_although_its_origin_is_allowed() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.forget();
    tab.window(false, HOST, json!({"type": "authframe:knock", "channel": ""}));
    assert!(tab.said.is_empty() && tab.events.is_empty());
    assert_eq!((tab.rejected(Refusal::Source), tab.session.rejected().iter().sum::<u32>()), (1, 1));
}

#[test]
fn d7_what_a_message_says_of_its_origin_sender_or_version_is_not_believed() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.forget();
    let lie = json!({"type": "authframe:knock", "channel": "", "origin": HOST, "source": "parent", "sender": HOST, "version": 1});
    tab.window(true, EVIL, lie.clone());
    tab.window(false, HOST, lie);
    assert!(tab.said.is_empty() && tab.events.is_empty());
    assert_eq!((tab.rejected(Refusal::Origin), tab.rejected(Refusal::Source)), (1, 1));
}

#[test]
fn d10_foreign_traffic_is_ignored_in_silence() {
    let mut tab = Tab::connected(config(), 1);
    for message in [
        json!({"source": "react-devtools-content-script", "hello": true}),
        json!({"type": "webpackOk"}),
        json!({"penpal": "syn"}),
        json!("setImmediate$0.1$1"),
        json!(null),
        json!([1, 2, 3]),
        json!({"type": "authframe:later"}),
        json!({"type": 7}),
    ] {
        tab.window(true, HOST, message);
    }
    assert!(tab.said.is_empty() && tab.events.is_empty());
    assert_eq!(tab.session.rejected().iter().sum::<u32>(), 0);
}

#[test]
fn the_applications_own_messages_are_carried_unread() {
    let mut tab = Tab::connected(config(), 1);
    let message = json!({"type": "message", "name": "news", "data": {"anything": [1, {"__proto__": 2}]}});
    tab.host_says(message.clone());
    let carried: Vec<_> =
        tab.events.iter().filter_map(|event| if let Event::Message(message) = event { Some(&message.0) } else { None }).collect();
    assert_eq!(carried, [&message]);
    assert!(tab.said.is_empty());
}

#[test]
fn a_host_that_goes_away_and_comes_back_is_heard_as_disconnected_and_connected() {
    let goodbyes: [fn(&mut Tab); 2] =
        [|tab| tab.host_says(json!({"type": "bye"})), |tab| tab.enter(|session, now| session.handle_port_lost(now))];
    for goodbye in goodbyes {
        let mut tab = Tab::connected(config(), 1);
        goodbye(&mut tab);
        assert!(!tab.has_port());
        // Nothing is said to nobody.
        tab.sign_in("ada");
        assert!(tab.said.is_empty());
        tab.knock();
        tab.shake_hands();
        let heard: Vec<_> =
            tab.events.iter().filter_map(|event| if let Event::Connection(state, _) = event { Some(*state) } else { None }).collect();
        assert_eq!(heard, [ConnectionState::Disconnected, ConnectionState::Connected]);
        assert_eq!(tab.kinds(), ["authframe:hello", "open"]);
        assert_eq!(tab.said_of("open")[0]["session"], to_value(tab.view()), "and hears who is signed in");
    }
}

#[test]
fn d15_a_session_change_after_the_port_died_goes_nowhere() {
    let mut tab = Tab::connected(config(), 1);
    tab.enter(|session, now| session.handle_port_lost(now));
    tab.forget();
    tab.sign_in("ada");
    tab.sign_out();
    assert!(tab.said.is_empty());
    assert_eq!(tab.session.connection(), ConnectionState::Disconnected);
}

// Limits

#[test]
fn d8_more_than_200_messages_a_second_on_the_window_are_dropped_and_counted() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    for second in 1..4 {
        tab.forget();
        let before = tab.rejected(Refusal::Rate);
        for _ in 0..300 {
            tab.knock();
        }
        assert_eq!(tab.said_of("authframe:hello").len(), 200, "second {second}");
        assert_eq!(tab.rejected(Refusal::Rate) - before, 100, "second {second}");
        tab.now += 1000;
    }
}

#[test]
fn d8_what_does_not_come_from_the_host_uses_nothing_up() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.forget();
    for _ in 0..5000 {
        tab.window(false, HOST, json!({"type": "authframe:knock", "channel": ""}));
        tab.window(true, EVIL, json!({"type": "authframe:knock", "channel": ""}));
    }
    tab.knock();
    assert_eq!((tab.said.len(), tab.rejected(Refusal::Rate)), (1, 0));
    assert_eq!((tab.rejected(Refusal::Source), tab.rejected(Refusal::Origin)), (5000, 5000));
}

#[test]
fn d8_more_than_20000_messages_a_second_on_the_port_are_dropped_and_counted() {
    let mut tab = Tab::connected(config(), 1);
    // What two seconds hold may come at once, because it may have been sent in turn.
    for (second, passed, dropped) in [(1, 40_000, 10_000), (2, 20_000, 40_000), (3, 20_000, 70_000)] {
        tab.now += 1000;
        tab.forget();
        for _ in 0..50_000 {
            tab.host_says(json!({"type": "message"}));
        }
        assert_eq!((tab.events.len(), tab.rejected(Refusal::Rate)), (passed, dropped), "{second}");
    }
}

#[test]
fn d63_a_host_whose_messages_are_dropped_learns_it_and_its_requests_are_answered() {
    let mut tab = Tab::connected(config(), 1);
    for _ in 0..40_100 {
        tab.host_says(json!({"type": "message", "name": "m"}));
    }
    tab.host_says(json!({"type": "request", "id": 7, "name": "r"}));
    let counts: Vec<Value> = tab.said_of("dropped").iter().map(|said| said["count"].clone()).collect();
    assert_eq!(counts, [1, 2, 4, 8, 16, 32, 64].map(Value::from));
    assert_eq!(tab.said_of("error"), [json!({"type": "error", "id": 7, "code": "RATE_LIMITED", "message": "RATE_LIMITED"})]);
}

#[test]
fn d63_neither_a_sign_out_nor_an_identity_nor_an_answer_shares_a_limit_with_messages() {
    let mut tab = Tab::connected(config(), 1);
    for _ in 0..100_000 {
        tab.host_says(json!({"type": "message", "name": "m"}));
    }
    tab.forget();
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    assert_eq!((tab.subject(), tab.kinds()), (Some("ada"), vec!["session", "reply"]));
    tab.host_says(json!({"type": "sign-out", "id": 2}));
    assert_eq!(tab.state(), (Unauthorized, Reason::Host));
    tab.forget();
    for id in 0..50_000 {
        tab.host_says(json!({"type": "reply", "id": id}));
    }
    assert_eq!(tab.events.len(), 50_000, "answers are the application's own requests come back");
}

#[test]
fn d63_when_the_host_has_dropped_something_the_latest_session_is_said_again() {
    let mut tab = signed_in_connected("ada");
    tab.forget();
    tab.host_says(json!({"type": "dropped", "count": 3}));
    assert_eq!(tab.said_of("session").len(), 1);
    assert_eq!(tab.said_of("session")[0]["session"]["account"]["subject"], "ada");
    assert_eq!(tab.events.len(), 1, "and the application's half is notified");
}

#[test]
fn d62_a_sign_of_life_is_answered_whatever_else_the_host_says() {
    let mut tab = Tab::connected(config(), 1);
    for _ in 0..50_000 {
        tab.host_says(json!({"type": "message", "name": "m"}));
    }
    tab.forget();
    tab.host_says(json!({"type": "ping", "id": 9}));
    assert_eq!(tab.said_of("reply"), [json!({"type": "reply", "id": 9, "data": null})]);
}

fn signed_in_connected(subject: &str) -> Tab {
    let mut tab = Tab::connected(config(), 1);
    tab.sign_in(subject);
    tab
}

#[test]
fn a_clock_that_stands_still_or_goes_back_gives_no_more_than_one_second() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.forget();
    for now in [5_000_u64, 4_000, 3_000, 5_000, 0] {
        tab.now = now;
        for _ in 0..200 {
            tab.knock();
        }
    }
    assert_eq!(tab.said.len(), 200);
}

#[test]
fn every_refusal_has_a_counter_of_its_own() {
    let mut tab = Tab::started(config(), 1, None, Parent::Known(HOST.to_owned()));
    tab.window(false, HOST, json!({"type": "authframe:knock", "channel": ""}));
    tab.window(true, EVIL, json!(null));
    tab.host_says(json!({}));
    tab.host_says(json!({"type": 7}));
    tab.host_says(json!({"type": "welcome", "version": 1, "nonce": "f".repeat(32), "capabilities": []}));
    tab.changed_elsewhere(Some(json!({})));
    let counts: Vec<_> = Refusal::ALL.iter().map(|refusal| (refusal.name(), tab.rejected(*refusal))).collect();
    assert_eq!(counts, [("source", 1), ("origin", 1), ("malformed", 2), ("rate", 0), ("replay", 1), ("storage", 1)]);
}

// The end

#[test]
fn d12_a_bridge_that_is_closed_says_goodbye_and_ends_what_is_under_way() {
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(identity(3, "ada"));
    tab.forget();
    tab.enter(|session, now| session.close(now));
    assert_eq!(tab.kinds(), ["error", "bye"]);
    assert_eq!((tab.cancelled(), tab.session.poll_timeout(), tab.has_port()), (1, None, false));
    assert!(matches!(tab.events.last(), Some(Event::Connection(ConnectionState::Closed, None))), "{:?}", tab.events);
    assert!(tab.writes.is_empty(), "closing is no sign-out");
    tab.forget();
    tab.enter(|session, now| session.close(now));
    assert!(tab.events.is_empty() && tab.said.is_empty(), "once");
}

#[test]
fn d12_a_closed_bridge_takes_nothing_and_says_nothing_more() {
    let inputs: [(&str, fn(&mut Tab)); 16] = [
        ("knock", Tab::knock),
        ("other window", |tab| tab.window(true, EVIL, json!(null))),
        ("identity", |tab| tab.host_says(identity(1, "bob"))),
        ("welcome", |tab| tab.host_says(json!({"type": "welcome", "version": 1, "nonce": "01".repeat(16), "capabilities": []}))),
        ("message", |tab| tab.host_says(json!({"type": "message", "name": "a"}))),
        ("port opened", |tab| tab.enter(|session, now| session.handle_port_opened(now, [3; 2]))),
        ("port lost", |tab| tab.enter(|session, now| session.handle_port_lost(now))),
        ("sign-out elsewhere", |tab| tab.changed_elsewhere(Some(record(9, 0, None)))),
        ("sign-in elsewhere", |tab| tab.changed_elsewhere(Some(record(9, 0, Some("bob"))))),
        ("cleared", |tab| tab.changed_elsewhere(None)),
        ("stored", |tab| {
            let stored = tab.stored();
            tab.enter(|session, now| session.handle_stored(now, stored));
        }),
        ("wake", |tab| tab.enter(|session, _| session.handle_wake())),
        ("hide", |tab| tab.enter(|session, now| session.handle_hide(now, true))),
        ("show", |tab| {
            tab.enter(|session, now| session.handle_show(now));
        }),
        ("acquired", |tab| acquired(tab, 1, "bob")),
        ("timeout", |tab| tab.pass(100_000)),
    ];
    let mut heard = Vec::new();
    for (name, input) in inputs {
        let mut tab = Tab::connected(asking(), 1);
        tab.sign_in("ada");
        tab.enter(|session, now| session.close(now));
        tab.forget();
        tab.log = Some(String::new());
        input(&mut tab);
        let log = tab.log.unwrap();
        if !log.is_empty() {
            heard.push(format!("{name}: {log}"));
        }
        assert_eq!((tab.session.connection(), tab.session.poll_timeout()), (ConnectionState::Closed, None), "{name}");
    }
    assert!(heard.is_empty(), "{}", heard.join("\n"));
}

#[test]
fn a_closed_bridge_answers_every_command_with_a_typed_error() {
    let mut tab = signed_in(config(), "ada");
    tab.enter(|session, now| session.close(now));
    assert_eq!(tab.enter(|session, _| session.authorize(grant("bob"))), Err(Error::Closed));
    assert_eq!(tab.enter(|session, _| session.sign_out(Reason::User)), Err(Error::Closed));
    assert_eq!(tab.enter(|session, now| session.begin_sign_in(now)), Err(Error::Closed));
    assert_eq!(tab.token().err(), Some(Error::Closed));
}

// The machine

/// A long day in the life of a tab.
fn day(seed: u8) -> String {
    let mut tab = Tab::new(asking(), seed);
    tab.log = Some(String::new());
    tab.register = Some(record(3, 1, Some("ada")));
    tab.enter(|session, now| session.handle_start(now, Parent::Known(HOST.to_owned()), false)).unwrap();
    tab.shake_hands();
    acquired(&mut tab, 1, "ada");
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "t", "expiresAt": 5.5})))).unwrap();
    tab.host_says(identity(1, "bob"));
    tab.pass(30_000);
    tab.changed_elsewhere(Some(record(9, 0, Some("carol"))));
    tab.enter(|session, now| session.handle_hide(now, true));
    tab.enter(|session, now| session.handle_show(now));
    tab.changed_elsewhere(None);
    tab.host_says(json!({"type": "sign-out", "id": 3}));
    tab.host_says(json!({"type": "bye"}));
    tab.knock();
    tab.enter(|session, now| session.close(now));
    tab.log.unwrap()
}

#[test]
fn the_same_inputs_at_the_same_times_give_the_same_outputs_byte_for_byte() {
    let first = day(1);
    assert!(first.lines().count() > 30, "{first}");
    assert_eq!(first, day(1));
    assert_ne!(first, day(2), "the tab's name shows");
}

#[test]
fn giving_up_a_sign_in_does_not_end_the_one_that_another_tab_has_just_made() {
    let mut browser = Browser::new(false);
    let (one, two) = (browser.open(config()), browser.open(config()));
    browser.act(two, |tab| tab.enter(Session::begin_sign_in)).unwrap();
    browser.act(one, |tab| tab.sign_in("ada"));
    browser.commit(one);
    // The shared record holds it, but the event has not come.
    browser.tabs[two].register = browser.register().cloned();
    browser.act(two, Tab::sign_out);
    browser.settle();
    assert_eq!(browser.register().unwrap()["status"], "authorized");
    assert_eq!(browser.tabs[one].state(), (Authorized, Reason::SignIn));
    assert_eq!(browser.tabs[two].state(), (Authorized, Reason::OtherTab));
}
