//! What all tabs share: the laws of merging, and tabs that sign in and out at random while the shared record reaches them late.

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

use authframe::session::{AuthStatus, PageHide, Parent, Reason, Replica, SharedStatus, Snapshot, Stored, SubjectTag};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{Browser, Tab, config, read_stored, to_value};

// One record as it may stand in the shared record: everything is small, so that equal epochs, sequences and writers are frequent.
fn record() -> impl Strategy<Value = Value> {
    let reason = prop::sample::select(Reason::ALL);
    let expires_at = prop_oneof![Just(Value::Null), (0_i64..4).prop_map(|time| json!(time)), Just(json!(1.5))];
    let tag = prop_oneof![Just(String::new()), (1_u8..4, 1_u8..4).prop_map(|(salt, hash)| format!("{salt:016x}{hash:016x}"))];
    (0_u32..6, 0_u32..4, 0_u8..4, any::<bool>(), reason, expires_at, tag).prop_map(
        |(epoch, sequence, writer, authorized, reason, expires_at, tag)| {
            let status = if authorized { "authorized" } else { "unauthorized" };
            let writer = if writer == 0 { String::new() } else { format!("{writer:016x}") };
            json!({
                "v": 1, "epoch": epoch, "sequence": sequence, "writer": writer, "status": status,
                "reason": reason.as_str(), "expiresAt": expires_at, "subjectTag": tag,
            })
        },
    )
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    record().prop_map(|record| parse(&record))
}

fn parse(record: &Value) -> Snapshot {
    match read_stored(Some(record)) {
        Stored::Snapshot(snapshot) => snapshot,
        other => panic!("{record} reads as {other:?}"),
    }
}

/// Whether a stored tag means this subject.
fn is_tag_of(tag: &Value, subject: &str) -> bool {
    let tag = SubjectTag::from_text(tag.as_str().unwrap()).unwrap();
    SubjectTag::new(tag.salt, subject) == tag
}

/// The join of records, in the order given.
fn join<'a>(records: impl IntoIterator<Item = &'a Snapshot>) -> Snapshot {
    let mut replica = Replica::default();
    for record in records {
        replica.merge(record);
    }
    *replica.current()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merge_is_commutative(a in snapshot(), b in snapshot()) {
        prop_assert_eq!(join([&a, &b]), join([&b, &a]));
    }

    #[test]
    fn merge_is_associative(a in snapshot(), b in snapshot(), c in snapshot()) {
        prop_assert_eq!(join([&join([&a, &b]), &c]), join([&a, &join([&b, &c])]));
    }

    #[test]
    fn merge_is_idempotent_and_says_whether_it_learned(a in snapshot(), b in snapshot()) {
        let mut replica = Replica::default();
        replica.merge(&a);
        let before = *replica.current();
        let learned = replica.merge(&b);
        let after = *replica.current();
        prop_assert_eq!(learned, after != before);
        prop_assert!(!replica.merge(&b) && !replica.merge(&after) && !replica.merge(&before));
        prop_assert_eq!(replica.current(), &after);
    }

    #[test]
    fn of_two_different_records_exactly_one_beats_the_other(a in snapshot(), b in snapshot()) {
        prop_assert_eq!(a.beats(&b) || b.beats(&a), a != b);
        prop_assert!(!(a.beats(&b) && b.beats(&a)));
    }

    #[test]
    fn at_equal_epoch_a_sign_out_wins_then_the_sequence(a in snapshot(), b in snapshot()) {
        let key = |record: &Snapshot| (record.epoch, record.status == SharedStatus::Unauthorized, record.sequence);
        if key(&a) > key(&b) {
            prop_assert!(a.beats(&b));
        }
    }

    #[test]
    fn every_order_of_arrival_ends_with_the_same_record(records in vec(snapshot(), 1..8), order in any::<prop::sample::Index>()) {
        let mut other = records.clone();
        other.rotate_left(order.index(records.len()));
        other.reverse();
        // And some come twice.
        prop_assert_eq!(join(&records), join(other.iter().chain(&records)));
    }

    #[test]
    fn a_record_that_was_written_is_read_back_as_it_was(record in snapshot()) {
        prop_assert_eq!(parse(&to_value(&record)), record);
    }

    #[test]
    fn d24_the_epoch_never_falls(steps in vec((any::<prop::sample::Index>(), snapshot(), 0_u8..4), 1..20)) {
        let mut tab = Tab::alone(config(), 1);
        let mut epoch = 0;
        for (_, seen, what) in steps {
            match what {
                0 => tab.sign_in("ada"),
                1 => tab.sign_out(),
                2 => tab.changed_elsewhere(Some(to_value(&seen))),
                _ => tab.changed_elsewhere(None),
            }
            let now = tab.view().epoch;
            prop_assert!(now >= epoch, "{} after {}", now, epoch);
            epoch = now;
            for session in tab.sessions().windows(2) {
                prop_assert!(session[0].epoch <= session[1].epoch);
            }
        }
    }

    #[test]
    fn d24_after_a_sign_out_nothing_of_that_epoch_or_before_makes_anybody_signed_in(
        older in vec(snapshot(), 1..12),
        out in snapshot(),
        ways in vec(0_u8..3, 12),
    ) {
        let epoch = older.iter().map(|record| record.epoch).max().unwrap_or(0).max(out.epoch).max(1);
        let out = Snapshot { epoch, status: SharedStatus::Unauthorized, ..out };
        let mut tab = Tab::started(config(), 1, Some(to_value(&out)), Parent::None);
        tab.forget();
        for (record, way) in older.iter().zip(ways) {
            let value = to_value(record);
            match way {
                // It is reported, and stands there.
                0 => tab.changed_elsewhere(Some(value)),
                // It is reported late: something else stands there.
                1 => tab.storage_event(),
                // It was missed, and is found.
                _ => {
                    tab.shared_record = Some(value);
                    tab.enter(|session, _| session.handle_wake());
                }
            }
            prop_assert_eq!(tab.view().status, AuthStatus::Unauthorized);
        }
        prop_assert!(tab.sessions().iter().all(|view| view.status == AuthStatus::Unauthorized));
        // And what stands there in the end is a sign-out of that epoch.
        tab.enter(|session, _| session.handle_wake());
        let shared_record = parse(tab.shared_record.as_ref().unwrap());
        prop_assert_eq!((shared_record.epoch, shared_record.status), (epoch, SharedStatus::Unauthorized));
    }
}

/// What happens in a simulated browser.
#[derive(Clone, Debug)]
enum Happens {
    SignIn(usize, u8),
    SignOut(usize),
    Commit(usize),
    Deliver(usize),
    Wake(usize),
    Hide(usize),
    Show(usize),
    Open,
    Clear,
}

fn happens() -> impl Strategy<Value = Happens> {
    let tab = 0_usize..5;
    prop_oneof![
        3 => (tab.clone(), 0_u8..3).prop_map(|(tab, who)| Happens::SignIn(tab, who)),
        3 => tab.clone().prop_map(Happens::SignOut),
        6 => tab.clone().prop_map(Happens::Commit),
        8 => tab.clone().prop_map(Happens::Deliver),
        1 => tab.clone().prop_map(Happens::Wake),
        1 => tab.clone().prop_map(Happens::Hide),
        1 => tab.prop_map(Happens::Show),
        1 => Just(Happens::Open),
    ]
}

fn happen(browser: &mut Browser, what: &Happens) {
    let tabs = browser.tabs.len();
    match *what {
        Happens::SignIn(tab, who) => browser.act(tab % tabs, |tab| tab.sign_in(["ada", "bob", "carol"][usize::from(who)])),
        Happens::SignOut(tab) => browser.act(tab % tabs, Tab::sign_out),
        Happens::Commit(tab) => browser.commit(tab % tabs),
        Happens::Deliver(tab) => browser.deliver(tab % tabs),
        Happens::Wake(tab) => browser.act(tab % tabs, |tab| tab.enter(|session, _| session.handle_wake())),
        Happens::Hide(tab) => browser.act(tab % tabs, |tab| tab.enter(|session, now| session.handle_hide(now, PageHide::MayReturn))),
        Happens::Show(tab) => browser.act(tab % tabs, |tab| tab.enter(|session, now| session.handle_show(now))),
        Happens::Open => {
            if tabs < 5 {
                browser.open(config());
            }
        }
        Happens::Clear => browser.put(None),
    }
}

/// Every tab comes back, everything arrives, and then all agree with the shared record.
fn agree(browser: &mut Browser) -> Result<(), TestCaseError> {
    for tab in 0..browser.tabs.len() {
        browser.act(tab, |tab| tab.enter(|session, now| session.handle_show(now)));
    }
    browser.settle();
    let Some(shared_record) = browser.shared_record().cloned() else {
        prop_assert!(browser.tabs.iter().all(|tab| tab.view().epoch == 0 && tab.view().status == AuthStatus::Unauthorized));
        return Ok(());
    };
    let late = browser.open(config());
    browser.settle();
    for (number, tab) in browser.tabs.iter().enumerate() {
        let view = to_value(tab.view());
        for key in ["epoch", "sequence", "writer", "status"] {
            prop_assert_eq!(&view[key], &shared_record[key], "{} of tab {} of {}", key, number, late + 1);
        }
    }
    prop_assert_eq!(browser.shared_record(), Some(&shared_record), "who opens later changes nothing");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tabs_that_sign_in_and_out_at_random_agree_once_it_is_quiet(
        tabs in 2_usize..5,
        echo in any::<bool>(),
        story in vec(happens(), 1..60),
    ) {
        let mut browser = Browser::new(echo);
        for _ in 0..tabs {
            browser.open(config());
        }
        for what in &story {
            happen(&mut browser, what);
        }
        agree(&mut browser)?;
    }

    #[test]
    fn tabs_agree_although_somebody_empties_the_storage(
        story in vec(prop_oneof![12 => happens(), 1 => Just(Happens::Clear)], 1..50),
    ) {
        let mut browser = Browser::new(false);
        for _ in 0..3 {
            browser.open(config());
        }
        for what in &story {
            happen(&mut browser, what);
        }
        browser.settle();
        // A tab that had seen a user signed in takes the empty storage for a sign-out and writes it, so that all can see it.
        agree(&mut browser)?;
    }

    #[test]
    fn one_tab_at_a_time_writes_once_and_the_others_never(story in vec((0_usize..4, 0_u8..3), 1..12), echo in any::<bool>()) {
        let mut browser = Browser::new(echo);
        for _ in 0..4 {
            browser.open(config());
        }
        for (tab, who) in story {
            let before = browser.writes();
            let shared = browser.shared_record().filter(|shared_record| shared_record["status"] == "authorized").map(|shared_record| shared_record["subjectTag"].clone());
            let is = |subject: &str| shared.as_ref().is_some_and(|tag| is_tag_of(tag, subject));
            let changes = match who {
                0 => !is("ada"),
                1 => !is("bob"),
                _ => shared.is_some(),
            };
            match who {
                0 => browser.act(tab, |tab| tab.sign_in("ada")),
                1 => browser.act(tab, |tab| tab.sign_in("bob")),
                _ => browser.act(tab, Tab::sign_out),
            }
            browser.settle();
            // D56: a call that changes nothing writes nothing.
            prop_assert_eq!(browser.writes() - before, usize::from(changes));
        }
    }
}

/// Plays one story for every order in which changes can be made, reach the shared record and be seen: `choose(n)` is asked at every fork.
fn every_interleaving(mut story: impl FnMut(&mut dyn FnMut(usize) -> usize)) -> usize {
    let mut path: Vec<(usize, usize)> = Vec::new();
    let mut stories = 0;
    loop {
        let mut depth = 0;
        story(&mut |options| {
            if depth == path.len() {
                path.push((0, options));
            }
            depth += 1;
            path[depth - 1].0
        });
        stories += 1;
        path.truncate(depth);
        // The next path: the last fork that has another way to go.
        while path.last().is_some_and(|(taken, options)| taken + 1 == *options) {
            path.pop();
        }
        match path.last_mut() {
            Some((taken, _)) => *taken += 1,
            None => return stories,
        }
    }
}

/// A user is signed in. Each tab does its own things, one after the other: a refresh (`true`), if it still believes that a user is signed
/// in, or a sign-out (`false`). `choose` decides what happens next anywhere: an act, a write that reaches the shared record, a change that is seen.
fn sign_out_among_refreshes(mut to_do: Vec<Vec<bool>>, choose: &mut dyn FnMut(usize) -> usize) {
    let mut browser = Browser::new(false);
    let tabs = 0..to_do.len();
    for _ in tabs.clone() {
        browser.open(config());
    }
    browser.act(0, |tab| tab.sign_in("ada"));
    browser.settle();
    loop {
        let acts: Vec<usize> = tabs.clone().filter(|tab| !to_do[*tab].is_empty()).collect();
        let commits: Vec<usize> = tabs.clone().filter(|tab| browser.can_commit(*tab)).collect();
        let deliveries: Vec<usize> = tabs.clone().filter(|tab| browser.can_deliver(*tab)).collect();
        let ways = acts.len() + commits.len() + deliveries.len();
        if ways == 0 {
            break;
        }
        let choice = choose(ways);
        if let Some(tab) = acts.get(choice) {
            if !to_do[*tab].remove(0) {
                browser.act(*tab, Tab::sign_out);
            } else if browser.tabs[*tab].view().status == AuthStatus::Authorized {
                browser.act(*tab, |tab| tab.renew("ada"));
            }
        } else if let Some(tab) = commits.get(choice - acts.len()) {
            browser.commit(*tab);
        } else {
            browser.deliver(deliveries[choice - acts.len() - commits.len()]);
        }
    }
    for tab in &browser.tabs {
        assert_eq!((tab.view().status, tab.view().epoch), (AuthStatus::Unauthorized, 2));
    }
    assert_eq!(browser.shared_record().unwrap()["status"], "unauthorized");
}

#[test]
fn d24_a_sign_out_at_any_instant_of_a_refresh_leaves_every_tab_signed_out() {
    let stories = every_interleaving(|choose| sign_out_among_refreshes(vec![vec![true], vec![false]], choose));
    assert!(stories > 200, "only {stories} stories");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn d24_a_sign_out_among_many_refreshes_leaves_every_tab_signed_out(choices in vec(any::<usize>(), 100)) {
        let mut choices = choices.into_iter().cycle();
        let to_do = vec![vec![true, true], vec![true, false], vec![true], vec![]];
        sign_out_among_refreshes(to_do, &mut |ways| choices.next().unwrap() % ways);
    }
}
