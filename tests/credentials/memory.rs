//! Credentials that never leave the memory of their tab.

use authframe::session::AuthStatus::Unauthorized;
use authframe::session::{AcquireFailure, AcquireReason, Reason, Session};

use crate::site::Site;
use crate::support::{Asked, config};

#[test]
fn in_memory_each_tab_renews_its_own_token_under_the_lock() {
    let mut site = Site::new(config().acquire(true), 2);
    site.store.there = false;
    for tab in 0..2 {
        site.sign_in(tab, "ada");
        site.settle();
    }
    let first = site.tab(0).asked().len();
    let asked = site.begin(0);
    assert_eq!(site.holder, Some(0));
    assert_eq!(site.want(1), Ok(false));
    site.step(1);
    assert!(site.tab(1).asked().iter().all(|asked| asked.reason != AcquireReason::Refresh), "it gives way");
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.settle();
    assert_eq!((site.holder, site.tab(0).asked().len() - first), (None, 1));
    site.pass(400);
    assert_eq!(site.tab(1).asked().last().unwrap().reason, AcquireReason::Refresh, "now it is its turn");
}

#[test]
fn in_memory_a_refused_refresh_gives_the_lock_back() {
    let mut site = Site::new(config().acquire(true), 1);
    site.store.there = false;
    site.sign_in(0, "ada");
    let asked = site.begin(0);
    assert_eq!(site.holder, Some(0));
    site.answer(0, &asked, Err(AcquireFailure::Refused));
    site.settle();
    assert_eq!((site.tab(0).state(), site.holder), ((Unauthorized, Reason::Refused), None));
}

/// A tab with its token in memory that goes ahead without the lock, because after ten seconds no code has asked for it yet: the code that does is slow to load.
fn ahead_of_its_lock() -> (Site, Asked) {
    let mut site = Site::new(config().acquire(true), 1);
    site.store.there = false;
    site.sign_in(0, "ada");
    assert_eq!(site.want(0), Ok(false));
    site.now += 10_000;
    site.act(0, |tab| tab.enter(Session::handle_timeout));
    let asked = site.tab(0).asked().pop().expect("a request");
    assert_eq!(site.holder, None);
    (site, asked)
}

#[test]
fn in_memory_a_lock_that_comes_too_late_is_given_back() {
    let (mut site, _) = ahead_of_its_lock();
    // A sign-in makes the refresh needless. Then the lock comes.
    site.sign_in(0, "ada");
    assert_eq!(site.tab(0).cancelled(), 1);
    site.settle();
    assert_eq!(site.holder, None);
}

#[test]
fn in_memory_a_lock_that_comes_while_the_refresh_goes_on_without_it_is_given_back_at_its_end() {
    let (mut site, asked) = ahead_of_its_lock();
    site.settle();
    assert_eq!(site.holder, Some(0), "it is of use until then");
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    site.settle();
    assert_eq!((site.holder, site.token(0).as_deref()), (None, Ok("access 2")));
}

#[test]
fn in_memory_a_tab_that_gave_way_long_enough_goes_ahead() {
    let mut site = Site::new(config().acquire(true), 2);
    site.store.there = false;
    site.sign_in(1, "ada");
    site.settle();
    // The other one froze with the lock.
    site.holder = Some(0);
    assert_eq!(site.want(1), Ok(false));
    site.pass(4000);
    assert_eq!((site.tab(1).asked().len(), site.token_results(1)), (0, vec![Ok(())]), "the token that is there is still good");
    site.pass(30_000);
    assert_eq!(site.tab(1).asked().len(), 1);
}
