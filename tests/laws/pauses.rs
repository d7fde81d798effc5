//! D58, C10: the pause between attempts that all tabs share.

use authframe::session::AuthStatus::Unauthorized;
use authframe::session::{
    AcquireFailure, AcquireReason, Credentials, Error, Lock, Malformed, OwnOrigin, Parent, Pause, PauseCause, Reason, Refusal, Session,
};
use serde_json::{Value, json};

use crate::fixtures::{DAY, WALL, asking, at, fail, record, restoring};
use crate::support::{CredentialStore, HOST, Tab, grant, read_grant};

// What a page that is loaded finds: another tab was asked to wait, or has failed by itself.
fn loaded(other: &Tab, shared_record: Option<Value>) -> Tab {
    let mut tab = Tab::new(asking(), 2);
    tab.now = other.now;
    (tab.shared_record, tab.pause) = (shared_record, other.pause);
    tab.enter(|session, now| session.handle_start(now, Parent::None, OwnOrigin::Tuple)).unwrap();
    tab
}

fn notify(tab: &mut Tab, other: &Tab) {
    tab.pause = other.pause;
    tab.storage_event();
}

#[test]
fn d58_what_a_server_has_asked_one_tab_to_wait_for_all_wait_for_and_pages_that_are_loaded_too() {
    let mut first = restoring();
    let mut open = restoring();
    fail(&mut open, AcquireFailure::Failed);
    fail(&mut first, AcquireFailure::Later(20_000));
    notify(&mut open, &first);
    // A user is signed in, or none is and the host names one: a page that is loaded does not ask.
    let mut page = loaded(&first, first.shared_record.clone());
    assert_eq!(page.state(), (Unauthorized, Reason::AcquireFailed));
    let mut framed = Tab::new(asking(), 3);
    framed.pause = first.pause;
    framed.enter(|session, now| session.handle_start(now, Parent::Known(HOST.to_owned()), OwnOrigin::Tuple)).unwrap();
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
        assert_eq!(tab.asked().len(), 1, "then it is tried, and no user has to do anything for it");
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
    notify(&mut open, &first);
    let Some(Ok(pause)) = first.pause else { panic!("{:?}", first.pause) };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let until = pause.until as u64;
    open.forget();
    open.pass(until - open.now - 1);
    assert_eq!(open.asked().len(), 0);
    open.pass(501);
    assert_eq!(open.asked().len(), 1);
    // A shown page is a reason to try at once, and its pause goes on from where the others' are.
    let mut page = loaded(&first, first.shared_record.clone());
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
    assert!(page.pause.is_some(), "the server has not answered since");
    page.enter(|session, _| session.reset(1)).unwrap();
    assert_eq!(page.pause, None);
    let writes = page.pauses;
    page.sign_in("ada");
    assert_eq!(page.pauses, writes, "nothing is removed that is not there");
}

#[test]
fn d58_a_pause_that_is_damaged_or_beyond_reason_holds_nobody() {
    let mut tab = Tab::new(asking(), 1);
    tab.shared_record = Some(record(5, "authorized", json!({})));
    tab.pause = Some(Err(Malformed));
    tab.enter(|session, now| session.handle_start(now, Parent::None, OwnOrigin::Tuple)).unwrap();
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
        tab.pause = Some(Ok(Pause { failures: u32::MAX, since, until, cause: PauseCause::Server }));
        let page = loaded(&tab, tab.shared_record.clone());
        assert_eq!(page.asked().len(), 1, "{since} {until}");
    }
    // One that a server has not asked for is a minute at most.
    let mut tab = restoring();
    fail(&mut tab, AcquireFailure::Failed);
    let due = tab.session.poll_timeout();
    tab.pause = Some(Ok(Pause { failures: 1, since: now, until: now + 3_600_000.0, cause: PauseCause::Failures }));
    tab.storage_event();
    assert_eq!(tab.session.poll_timeout(), due);
}

#[test]
fn d58_a_refresh_waits_for_what_another_tab_was_told_when_it_signed_in() {
    let mut store = CredentialStore { there: false, lock: Lock::Held, ..CredentialStore::new() };
    let mut tab = Tab::alone(asking(), 1);
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "a", "expiresIn": 60})))).unwrap();
    let since = tab.now as f64;
    tab.pause = Some(Ok(Pause { failures: 1, since, until: since + 300_000.0, cause: PauseCause::Server }));
    tab.storage_event();
    // A caller that waits for a token gets what is good, and then learns that there is none.
    assert_eq!(tab.token().as_deref(), Ok("a"));
    for _ in 0..299 {
        tab.pass(1000);
        while tab.store_step(&mut store) {}
    }
    assert_eq!((tab.token(), tab.asked().len()), (Err(Error::RefreshFailed), 0));
    tab.pass(1501);
    while tab.store_step(&mut store) {}
    assert_eq!(tab.asked().len(), 1);
}

#[test]
fn d58_a_success_in_one_tab_frees_the_others_at_once() {
    let mut first = restoring();
    let mut second = restoring();
    fail(&mut first, AcquireFailure::Later(3_600_000));
    notify(&mut second, &first);
    fail(&mut second, AcquireFailure::Failed);
    let mut page = loaded(&first, first.shared_record.clone());
    first.enter(|session, _| session.authorize(grant("ada"))).unwrap();
    assert_eq!(first.pause, None);
    for tab in [&mut second, &mut page] {
        tab.forget();
        notify(tab, &first);
        tab.changed_elsewhere(first.shared_record.clone());
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
    let mut store = CredentialStore { there: false, lock: Lock::Held, ..CredentialStore::new() };
    let mut tab = Tab::alone(asking(), 1);
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "a", "expiresIn": 60})))).unwrap();
    for _ in 0..60 {
        let since = tab.now as f64;
        tab.pause = Some(Ok(Pause { failures: 9, since, until: since + 60_000.0, cause: PauseCause::Failures }));
        tab.storage_event();
        tab.pass(1000);
        while tab.store_step(&mut store) {}
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
            notify(&mut tab, &other);
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
    // Here a request was under way when another tab was asked to wait.
    let mut tab = restoring();
    for _ in 0..6 {
        fail_again_or_first(&mut tab);
    }
    let due = tab.session.poll_timeout().unwrap();
    tab.pass(due - tab.now);
    let since = tab.now as f64;
    tab.pause = Some(Ok(Pause { failures: 1, since, until: since + 20_000.0, cause: PauseCause::Server }));
    tab.storage_event();
    fail(&mut tab, AcquireFailure::Failed);
    let Some(Ok(pause)) = tab.pause else { panic!("{:?}", tab.pause) };
    assert!(pause.cause == PauseCause::Server && pause.until >= since + 20_000.0, "{pause:?}");
    // It has not even been noticed yet: what stands there is read before it is written over.
    let mut late = restoring();
    late.pause = Some(Ok(Pause { failures: 1, since: 1000.0, until: 1000.0 + 3_600_000.0, cause: PauseCause::Server }));
    fail(&mut late, AcquireFailure::Failed);
    let Some(Ok(pause)) = late.pause else { panic!("{:?}", late.pause) };
    assert!(pause.cause == PauseCause::Server && pause.until >= 3_600_000.0, "{pause:?}");
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
    tab.pause = Some(Ok(Pause { failures: 6, since, until: since + 60_000.0, cause: PauseCause::Failures }));
    tab.forget();
    tab.enter(Session::handle_chance);
    tab.pass(1000);
    assert_eq!(tab.asked().len(), 1);
}

#[test]
fn c10_what_failed_in_one_tab_all_tabs_wait_for() {
    let sealed = asking().credentials(Credentials::Sealed);
    let mut store = CredentialStore::new();
    store.lock = Lock::Held;
    let mut tabs: Vec<Tab> = (1..=3).map(|number| Tab::started(sealed.clone(), number, None, Parent::None)).collect();
    let settle = |tab: &mut Tab, store: &mut CredentialStore| while tab.store_step(store) {};
    for tab in &mut tabs {
        at(tab, WALL);
        settle(tab, &mut store);
    }
    let short = read_grant(json!({"account": "ada", "accessToken": "a", "refreshToken": "r", "expiresIn": 60}));
    tabs[0].enter(|session, _| session.authorize(short)).unwrap();
    settle(&mut tabs[0], &mut store);
    let shared_record = tabs[0].shared_record.clone();
    for tab in &mut tabs[1..] {
        tab.changed_elsewhere(shared_record.clone());
        settle(tab, &mut store);
        assert_eq!(tab.subject(), Some("ada"));
    }
    let mut requests = 0;
    let mut first = None;
    for second in 1..120_u64 {
        for tab in &mut tabs {
            tab.now = 1000 + second * 1000;
            let now = tab.now;
            tab.session.set_wall_clock(now, WALL + (second * 1000) as f64);
            tab.enter(Session::handle_timeout);
            settle(tab, &mut store);
            for asked in tab.asked() {
                requests += 1;
                let first = *first.get_or_insert(second);
                assert!(second == first || second >= first + 20, "{second} after {first}");
                tab.enter(|session, now| session.handle_acquired(now, asked.id, Err(AcquireFailure::Later(20_000))));
                settle(tab, &mut store);
            }
            tab.forget();
        }
    }
    assert!((3..=6).contains(&requests), "{requests}");
}
