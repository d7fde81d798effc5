//! C17, S5, S6, S8: epochs do not fall behind, and no record locks a user out.

use authframe::session::AuthStatus::{Authorized, Unauthorized};
use authframe::session::{Credentials, Event, Parent, Reason, Stored};
use proptest::prelude::*;
use serde_json::json;

use crate::fixtures::{WALL, asking, at, record};
use crate::support::{Browser, CredentialStore, Tab, config, grant_with, read_stored, to_value};

#[test]
fn c17_a_sign_in_after_the_storage_was_emptied_beats_every_older_sign_out() {
    let mut old = Tab::alone(config(), 1);
    at(&mut old, WALL);
    old.sign_in("ada");
    old.sign_out();
    // The page empties its storage while no user is signed in; a tab that is opened then signs in.
    let mut new = Tab::started(config(), 2, None, Parent::None);
    at(&mut new, WALL + 5.0);
    new.sign_in("bob");
    at(&mut old, WALL + 5.0);
    old.changed_elsewhere(new.shared_record.clone());
    assert_eq!(old.view().status, Authorized);
    assert_eq!(old.shared_record, new.shared_record, "nothing is written over it");
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
            other.changed_elsewhere(tab.shared_record.clone());
            assert_eq!(other.view().status, Authorized, "{epoch} {status}");
            tab.sign_out();
            other.changed_elsewhere(tab.shared_record.clone());
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
                let mut late = Tab::started(config(), 9, browser.shared_record().cloned(), Parent::None);
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
        let mut store = CredentialStore::new();
        let mut shared_record = Some(record(epoch, "unauthorized", json!({})));
        for visit in 1..=2 {
            let mut tab = Tab::started(asking().credentials(Credentials::Sealed), visit, shared_record, Parent::None);
            at(&mut tab, WALL + 1000.0 * f64::from(visit));
            tab.enter(|session, _| session.handle_wake());
            while tab.store_step(&mut store) {}
            tab.enter(|session, _| session.authorize(grant_with("ada", "token"))).unwrap();
            while tab.store_step(&mut store) {}
            assert_eq!((tab.subject(), store.credential.is_some()), (Some("ada"), true), "{epoch}, visit {visit}");
            assert_eq!(tab.shared_record.as_ref().unwrap()["status"], "authorized");
            tab.sign_out();
            while tab.store_step(&mut store) {}
            assert_eq!((tab.shared_record.as_ref().unwrap()["status"].as_str(), store.credential.is_some()), (Some("unauthorized"), false));
            shared_record = tab.shared_record.clone();
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
        let mut record = browser.shared_record().unwrap().clone();
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
    let ours = tab.shared_record.clone();
    tab.forget();
    tab.changed_elsewhere(Some(json!({"v": 2})));
    tab.changed_elsewhere(ours);
    tab.sign_out();
    assert_eq!(tab.writes.len(), 1);
    tab.changed_elsewhere(Some(json!({"v": 2})));
    tab.changed_elsewhere(None);
    tab.sign_in("bob");
    assert_eq!(tab.shared_record.as_ref().unwrap()["status"], "authorized");
}

#[test]
fn s6_a_reset_writes_over_whatever_stands_there() {
    for stands in [json!({"v": 2}), json!("nonsense"), record(1 << 50, "unauthorized", json!({}))] {
        let mut tab = Tab::started(config(), 1, Some(stands), Parent::None);
        at(&mut tab, WALL);
        tab.enter(|session, _| session.reset(3)).unwrap();
        assert_eq!(tab.shared_record.as_ref().unwrap()["status"], "unauthorized");
        assert_eq!(tab.shared_record.as_ref().unwrap()["v"], 1);
        assert!(tab.events.iter().any(|event| matches!(event, Event::Settled(3))));
        tab.sign_in("ada");
        assert_eq!((tab.subject(), tab.shared_record.as_ref().unwrap()["status"].as_str()), (Some("ada"), Some("authorized")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    // S8: minus zero and five kept two tabs writing for ever.
    #[test]
    fn s8_whatever_numbers_stand_in_the_shared_record_the_tabs_come_to_rest(
        numbers in prop::collection::vec(prop_oneof![Just(-0.0), Just(0.0), Just(5.0), Just(0.5), Just(1e300), Just(-1.0), Just(8.64e15), any::<f64>()], 1..6),
    ) {
        let mut browser = Browser::new(false);
        for _ in 0..2 {
            browser.open(config());
        }
        browser.act(0, |tab| tab.sign_in("ada"));
        browser.settle();
        for number in numbers {
            let mut poisoned = browser.shared_record().unwrap().clone();
            poisoned["expiresAt"] = json!(number);
            browser.put(Some(poisoned));
            browser.settle();
        }
        // What was written reads back equal.
        for tab in &browser.tabs {
            let written = to_value(tab.session.snapshot());
            prop_assert_eq!(read_stored(Some(&written)), Stored::Snapshot(*tab.session.snapshot()));
        }
    }
}
