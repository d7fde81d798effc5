//! Callers that want a token: at once, later, or an error.

use authframe::session::{AcquireFailure, Credentials, Error, PageHide};

use crate::site::{HOUR, Site, sealed};
use crate::support::{Asked, config};

#[test]
fn a_token_that_is_good_for_long_enough_is_given_at_once() {
    let mut site = Site::signed_in(sealed(), 1);
    let good =
        |site: &mut Site, validity| site.act(0, |tab| tab.enter(|session, now| session.access_token(now, validity))).unwrap().is_some();
    assert!(good(&mut site, 0) && good(&mut site, HOUR - 1));
    assert_eq!(site.tab(0).session.poll_timeout().filter(|due| *due <= 1001), None, "nothing was begun");
    assert!(!good(&mut site, HOUR));
    assert_eq!(site.step(0), Some("take"));
    assert!(!good(&mut site, HOUR) && site.step(0).is_none(), "one refresh for all who wait");
}

#[test]
fn without_acquire_a_token_is_given_until_it_ends_and_then_is_expired() {
    let mut site = Site::signed_in(config().credentials(Credentials::Sealed), 1);
    assert_eq!(site.want(0), Ok(true));
    site.now += HOUR - 1;
    assert_eq!(site.want(0), Ok(true));
    site.now += 1;
    assert_eq!(site.want(0), Err(Error::TokenExpired));
    assert!(site.tab(0).asked().is_empty() && site.tab(0).session.poll_timeout().is_none());
}

#[test]
fn nobody_is_signed_in_and_there_is_no_token() {
    let mut site = Site::new(sealed(), 1);
    assert_eq!(site.want(0), Err(Error::NotAuthorized));
    site.sign_in(0, "ada");
    site.sign_out(0);
    assert_eq!(site.want(0), Err(Error::NotAuthorized));
    site.act(0, |tab| tab.enter(|session, now| session.close(now)));
    assert_eq!(site.want(0), Err(Error::Closed));
}

#[test]
fn who_wants_a_token_while_the_session_is_found_hears_when_it_is() {
    let mut site = Site::signed_in(sealed(), 1);
    let late = site.open();
    assert_eq!(site.want(late), Ok(false));
    site.settle();
    assert_eq!(site.token_results(late), [Ok(())]);
}

#[test]
fn whoever_waits_hears_of_it_whatever_happens() {
    type Happens = fn(&mut Site, Asked);
    let all: [(Happens, Result<(), Error>); 7] = [
        (
            |site, asked| {
                let result = site.send(&asked);
                site.answer(0, &asked, result);
            },
            Ok(()),
        ),
        (|site, asked| site.answer(0, &asked, Err(AcquireFailure::Failed)), Ok(())),
        (|site, asked| site.answer(0, &asked, Err(AcquireFailure::Refused)), Err(Error::NotAuthorized)),
        (|site, _| site.sign_out(0), Err(Error::NotAuthorized)),
        (|site, _| site.sign_out(1), Err(Error::NotAuthorized)),
        (|site, _| site.pass(30_000), Ok(())),
        (|site, _| site.act(0, |tab| tab.enter(|session, now| session.close(now))), Err(Error::Closed)),
    ];
    for (number, (happens, result)) in all.into_iter().enumerate() {
        let mut site = Site::signed_in(sealed(), 2);
        let asked = site.begin(0);
        happens(&mut site, asked);
        site.settle();
        assert_eq!(site.token_results(0), [result], "{number}");
    }
}

#[test]
fn who_waits_is_told_although_the_store_failed_after_another_tab_was_faster() {
    let mut site = Site::signed_in(sealed(), 2);
    assert_eq!(site.want(0), Ok(false));
    let asked = site.begin(1);
    let result = site.send(&asked);
    site.answer(1, &asked, result);
    assert_eq!((site.step(1), site.step(0)), (Some("keep"), Some("take")));
    site.store.there = false;
    site.pass(60_000);
    assert_eq!(site.token_results(0).len(), 1);
}

#[test]
fn who_waits_for_a_token_hears_of_it_although_somebody_asked_while_the_page_was_hidden() {
    let mut site = Site::signed_in(sealed(), 1);
    let asked = site.begin(0);
    let result = site.send(&asked);
    site.answer(0, &asked, result);
    // It is being stored.
    site.act(0, |tab| tab.enter(|session, now| session.handle_hide(now, PageHide::MayReturn)));
    assert_eq!(site.want(0), Err(Error::NotAuthorized));
    site.settle();
    assert_eq!(site.token_results(0), [Ok(())]);
}
