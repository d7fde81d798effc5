//! The shared record: cleared, damaged, of a later version, written over, not to be had.

use authframe::session::AuthStatus::Unauthorized;
use authframe::session::{Parent, Reason, Refusal, Stored};
use serde_json::json;

use crate::fixtures::{record, signed_in};
use crate::support::{Browser, Tab, config, writer};

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
    assert_eq!(browser.shared_record().unwrap()["epoch"], 2);
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
fn d33_a_damaged_value_is_counted_and_repaired() {
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
        assert_eq!((tab.subject(), &tab.shared_record.as_ref().unwrap()["epoch"]), (Some("ada"), &json!(1)), "{value}");
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
    assert_eq!((tab.shared_record.as_ref(), tab.writes.len()), (Some(&later), 0));
    assert_eq!(tab.subject(), Some("bob"), "this tab itself works");
    assert!(tab.rejected(Refusal::Storage) > 0);
}

#[test]
fn a_record_of_a_later_version_that_comes_while_we_run_is_left_alone() {
    let mut tab = signed_in(config(), "ada");
    tab.changed_elsewhere(Some(json!({"v": 2})));
    tab.sign_out();
    assert_eq!(tab.writes.len(), 0);
    assert_eq!(tab.shared_record, Some(json!({"v": 2})));
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
    let shared_record = tab.shared_record.clone();
    tab.changed_elsewhere(shared_record);
    tab.enter(|session, _| session.handle_wake());
    assert!(tab.events.is_empty() && tab.writes.is_empty());
}

#[test]
fn a_stored_value_below_the_replica_is_overwritten_once_by_the_winner() {
    let mut tab = signed_in(config(), "ada");
    let older = tab.shared_record.clone();
    tab.sign_out();
    let winner = tab.shared_record.clone();
    tab.forget();
    tab.changed_elsewhere(older);
    assert_eq!((tab.writes.len(), tab.events.len()), (1, 0));
    assert_eq!(tab.shared_record, winner);
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
    // A value as high as it may be, put there by any script that can write to this storage.
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
    let kept = tab.shared_record.clone();
    tab.enter(|session, now| session.handle_stored(now, Stored::Moved));
    assert_eq!((tab.subject(), tab.events.len(), tab.view().epoch), (Some("ada"), 0, 1));
    assert_eq!(tab.shared_record, kept);
    assert_eq!(tab.rejected(Refusal::Storage), 0, "no party is to blame");
    // Where no user ever signed in, there is nothing to keep.
    let mut tab = Tab::alone(config(), 1);
    tab.forget();
    tab.enter(|session, now| session.handle_stored(now, Stored::Moved));
    assert!(tab.events.is_empty() && tab.writes.is_empty());
}
