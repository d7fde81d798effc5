//! A token is renewed: when, by which tab, under which lease, and what its failures come to.

use authframe::session::AuthStatus::Authorized;
use authframe::session::{AcquireFailure, Error, Millis, Reason, Session};
use serde_json::json;

use crate::site::{HOUR, Site, sealed};
use crate::support::{read_grant, writer};

#[test]
fn a_token_is_renewed_before_it_ends_and_not_by_all_tabs_at_the_same_moment() {
    let mut site = Site::signed_in(sealed(), 5);
    let mut moments: Vec<Millis> = site.tabs.iter().flatten().map(|tab| tab.session.poll_timeout().unwrap()).collect();
    assert!(moments.iter().all(|at| (3_541_000..3_601_000).contains(at)), "{moments:?}");
    moments.sort_unstable();
    moments.dedup();
    assert_eq!(moments.len(), 5, "{moments:?}");
    let (tab, asked) = site.pass_until_asked();
    assert!(site.now < HOUR + 1000);
    let result = site.send(&asked);
    site.answer(tab, &asked, result);
    site.settle();
    site.all_have("access 2");
    site.pass(HOUR / 2);
    assert_eq!(site.server.requests, 1, "the others were served");
}

#[test]
fn d22_twenty_tabs_that_want_a_token_make_one_request() {
    let mut site = Site::signed_in(sealed(), 20);
    for tab in 0..20 {
        assert_eq!(site.want(tab), Ok(false));
    }
    site.settle();
    let (tab, asked) = site.pass_until_asked();
    let result = site.send(&asked);
    site.answer(tab, &asked, result);
    site.settle();
    site.pass(1000);
    assert_eq!(site.server.requests, 1);
    assert_eq!(site.tabs.iter().flatten().map(|tab| tab.asked().len()).sum::<usize>(), 1);
    for tab in 0..20 {
        assert_eq!(site.token_results(tab), [Ok(())], "tab {tab}");
    }
    site.all_have("access 2");
}

#[test]
fn who_finds_the_lease_taken_waits_for_its_end_and_goes_ahead() {
    let mut site = Site::signed_in(sealed(), 2);
    site.locks = false;
    site.begin(0);
    assert_eq!(site.want(1), Ok(false));
    site.step(1);
    // The first one hangs.
    site.tabs[0] = None;
    site.pass(4900);
    assert!(site.tab(1).asked().is_empty());
    site.pass(1400);
    assert_eq!(site.tab(1).asked().len(), 1);
}

#[test]
fn d23_when_the_holder_dies_a_free_lock_lets_the_next_one_in_at_once() {
    let mut site = Site::signed_in(sealed(), 2);
    site.begin(0);
    site.kill(0);
    site.begin(1);
}

#[test]
fn d23_a_request_whose_answer_died_is_sent_once_more_and_a_grace_server_signs_nobody_out() {
    let mut site = Site::signed_in(sealed(), 3);
    site.server.strict = false;
    let asked = site.begin(0);
    let _lost = site.send(&asked);
    site.kill(0);
    site.refresh(1);
    assert_eq!(site.server.requests, 2);
    for tab in 1..3 {
        assert_eq!(site.tab(tab).state(), (Authorized, Reason::Refresh));
    }
    site.all_have("access 3");
}

#[test]
fn d23_a_strict_server_then_means_that_everybody_is_out_and_the_reason_says_why() {
    let mut site = Site::signed_in(sealed(), 3);
    let asked = site.begin(0);
    let _lost = site.send(&asked);
    site.kill(0);
    site.refresh(1);
    site.all_are_out(Reason::RefreshOutcomeUnknown);
    site.pass(10 * HOUR);
    assert_eq!(site.server.requests, 2, "retried once");
}

#[test]
fn who_is_refused_without_any_doubt_signs_everybody_out_as_refused() {
    for (failure, reason) in [(AcquireFailure::Refused, Reason::Refused), (AcquireFailure::NoUser, Reason::Expired)] {
        let mut site = Site::signed_in(sealed(), 3);
        let asked = site.begin(1);
        site.answer(1, &asked, Err(failure));
        site.settle();
        site.all_are_out(reason);
    }
}

#[test]
fn a_network_that_fails_signs_nobody_out_and_is_asked_less_and_less() {
    let mut site = Site::signed_in(sealed(), 1);
    let mut pauses = Vec::new();
    let mut asked = site.begin(0);
    for _ in 0..8 {
        site.answer(0, &asked, Err(AcquireFailure::Failed));
        site.settle();
        assert_eq!(site.tab(0).view().status, Authorized);
        assert_eq!(site.want(0), Ok(true), "the old token is still good, and the server is left in peace");
        let (failed_at, before) = (site.now, site.tab(0).asked().len());
        while site.tab(0).asked().len() == before {
            site.pass(10);
        }
        pauses.push(site.now - failed_at);
        asked = site.tab(0).asked().pop().unwrap();
    }
    assert!(pauses[0] >= 500 && pauses[0] <= 1100, "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= 61_000), "{pauses:?}");
    assert!(pauses[6] >= 30_000, "{pauses:?}");
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.settle();
    site.all_have("access 2");
    // And then as if nothing had been.
    let asked = site.begin(0);
    site.answer(0, &asked, Err(AcquireFailure::Failed));
    site.settle();
    assert!(site.tab(0).session.poll_timeout().unwrap() <= site.now + 1000);
}

#[test]
fn while_a_failed_refresh_cools_down_an_expired_token_is_an_error_at_once() {
    let mut site = Site::signed_in(sealed(), 1);
    site.now += 2 * HOUR;
    let asked = site.begin(0);
    site.answer(0, &asked, Err(AcquireFailure::Failed));
    site.settle();
    assert_eq!(site.want(0), Err(Error::RefreshFailed));
    assert_eq!(site.token_results(0), [Err(Error::RefreshFailed)]);
}

#[test]
fn an_answer_that_never_comes_is_a_failure_after_half_a_minute() {
    let mut site = Site::signed_in(sealed(), 1);
    let asked = site.begin(0);
    site.pass(30_000);
    assert_eq!((site.token_results(0), site.tab(0).cancelled()), (vec![Ok(())], 1), "the token that is here is still good");
    let late = site.send(&asked);
    site.answer(0, &asked, late);
    site.settle();
    assert_eq!(site.token(0).as_deref(), Ok("access 1"), "too late");
}

#[test]
fn a_holder_keeps_the_lease_while_the_server_is_slow() {
    let mut site = Site::signed_in(sealed(), 2);
    site.locks = false;
    let asked = site.begin(0);
    for _ in 0..4 {
        site.pass(5000);
        assert_eq!(site.store.owner(), Some(&*writer(1)));
        assert_eq!(site.want(1), Ok(false));
        site.settle();
        assert!(site.tab(1).asked().is_empty());
    }
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.settle();
    site.all_have("access 2");
    assert_eq!(site.server.requests, 1);
}

#[test]
fn d23_what_a_frozen_holder_brings_late_changes_nothing() {
    let mut site = Site::signed_in(sealed(), 2);
    site.locks = false;
    site.server.strict = false;
    let asked = site.begin(0);
    let late = site.send(&asked);
    // It freezes; its lease ends.
    site.now += 6000;
    site.refresh(1);
    let (record, shared_record) = (site.store.record.clone(), site.shared_record.clone());
    site.answer(0, &asked, late);
    site.settle();
    assert_eq!((site.store.record.clone(), site.shared_record.clone()), (record, shared_record));
    site.all_have("access 3");
}

#[test]
fn d23_who_freezes_between_taking_the_lease_and_hearing_of_it_does_not_ask_any_more() {
    let mut site = Site::signed_in(sealed(), 2);
    site.locks = false;
    assert_eq!(site.want(0), Ok(false));
    let (take, decided) = site.transact(0).expect("the lease");
    // It freezes; its lease ends, and the other one asks.
    site.now += 5000;
    site.begin(1);
    site.done(0, &take, decided);
    assert!(site.tab(0).asked().is_empty());
    assert_eq!(site.store.owner(), Some(&*writer(2)));
}

#[test]
fn d23_a_frozen_holder_of_the_lock_keeps_others_out_no_longer_than_its_lease() {
    let mut site = Site::signed_in(sealed(), 2);
    site.begin(0);
    assert_eq!(site.want(1), Ok(false));
    site.step(1);
    assert!(site.tab(1).asked().is_empty());
    site.now += 5400;
    site.act(1, |tab| tab.enter(Session::handle_timeout));
    site.step(1);
    assert_eq!(site.tab(1).asked().len(), 1);
}

#[test]
fn a_refresh_token_is_kept_if_the_answer_has_none() {
    let mut site = Site::signed_in(sealed(), 2);
    for access in ["second", "third"] {
        let asked = site.begin(0);
        assert_eq!(asked.credential.as_ref().unwrap().refresh_token.as_ref().unwrap().expose().as_ref(), "refresh 1");
        site.answer(0, &asked, Ok(read_grant(json!({"account": "ada", "accessToken": access, "expiresIn": 60})).into()));
        site.settle();
        site.all_have(access);
    }
}
