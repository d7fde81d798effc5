//! Which move is legal in which status.

use authframe::session::AuthStatus::{Authorized, Authorizing, Unauthorized, Unknown};
use authframe::session::{AuthStatus, Error, MOVES, Move, PageHide, Reason, Session};

use crate::fixtures::signed_in;
use crate::support::{Tab, config, grant};

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
            tab.enter(|session, now| session.handle_hide(now, PageHide::MayReturn));
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
    assert!(tab.writes.is_empty(), "no user was signed in");
}
