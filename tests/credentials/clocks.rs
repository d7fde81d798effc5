//! Clocks that are wrong, jump or sleep.

use authframe::session::{Clock, Session};
use serde_json::json;

use crate::site::{HOUR, Site, WALL, sealed};
use crate::support::read_grant;

#[test]
fn d27_the_servers_clock_may_be_wrong_by_an_hour() {
    for skew in [-(HOUR as f64), 0.0, HOUR as f64] {
        let mut site = Site::new(sealed(), 1);
        let server = WALL + 1000.0 + skew;
        let grant = json!({"account": "ada", "accessToken": "t", "serverTime": server, "expiresAt": server + 600_000.0});
        site.act(0, |tab| tab.enter(|session, _| session.authorize(read_grant(grant)))).unwrap();
        site.settle();
        let due = site.tab(0).session.poll_timeout().unwrap();
        assert!((541_000..601_000).contains(&due), "{skew}: {due}");
        assert_eq!(site.tab(0).view().expires_at, Some(WALL + 601_000.0), "by our own clock");
    }
}

#[test]
fn d27_a_life_in_seconds_wins_over_a_moment() {
    let mut site = Site::new(sealed(), 1);
    let grant = json!({"account": "ada", "accessToken": "t", "expiresIn": 60, "expiresAt": 5});
    site.act(0, |tab| tab.enter(|session, _| session.authorize(read_grant(grant)))).unwrap();
    assert_eq!(site.tab(0).view().expires_at, Some(WALL + 61_000.0));
}

/// One tab on the browser's two clocks. Gives how many requests there were, and checks that no expired token is given.
fn one_jump(monotonic: f64, wall: f64) -> u32 {
    let mut site = Site::signed_in(sealed(), 1);
    let mut clock = Clock::default();
    let (mut mono, mut day) = (1000.0, WALL + 1000.0);
    assert_eq!(clock.read(mono, day), 1000);
    let (mut really, mut fresh_until) = (0.0, HOUR as f64);
    for second in 0..4 * 60 {
        if second == 60 {
            mono += monotonic;
            day += wall;
            really += monotonic.max(if wall >= 8.0 * HOUR as f64 { wall } else { 0.0 });
        }
        (mono, day, really) = (mono + 1000.0, day + 1000.0, really + 1000.0);
        site.now = clock.read(mono, day);
        let (now, place) = (site.now, site.tabs[0].as_mut().unwrap());
        place.now = now;
        place.session.set_wall_clock(now, day);
        if place.session.poll_timeout().is_some_and(|due| due <= now) {
            place.enter(Session::handle_timeout);
        }
        let given = place.enter(|session, now| session.access_token(now, 0)).unwrap();
        assert!(really < fresh_until || given.is_none(), "an expired token is used");
        let before = site.tab(0).asked().len();
        site.settle();
        if site.tab(0).asked().len() > before {
            let asked = site.tab(0).asked().pop().unwrap();
            let result = site.send(&asked);
            site.answer(0, &asked, result);
            site.settle();
            fresh_until = really + HOUR as f64;
        }
    }
    site.server.requests
}

#[test]
fn d27_a_clock_that_jumps_makes_no_storm_and_no_use_of_an_expired_token() {
    let minutes = 60_000.0;
    assert_eq!(one_jump(0.0, 0.0), 0);
    assert_eq!(one_jump(0.0, 10.0 * minutes), 0);
    assert_eq!(one_jump(0.0, -10.0 * minutes), 0);
}

#[test]
fn d27_after_eight_hours_of_sleep_there_is_one_request() {
    // The monotonic clock slept as well, or it did not.
    assert_eq!(one_jump(0.0, 8.0 * HOUR as f64), 1);
    assert_eq!(one_jump(8.0 * HOUR as f64, 8.0 * HOUR as f64), 1);
}
