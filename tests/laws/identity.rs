//! D53: what the host says again is not new.

use authframe::session::AcquireReason;
use authframe::session::AuthStatus::Unauthorized;
use serde_json::json;

use crate::fixtures::{WALL, asking, at, record};
use crate::support::{Tab, config, grant, read_grant};

#[test]
fn d53_a_user_whom_the_host_names_again_is_not_taken_once_that_session_has_ended() {
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    let taken = tab.view().epoch;
    tab.changed_elsewhere(Some(record(taken + 1, "unauthorized", json!({}))));
    assert_eq!(tab.view().status, Unauthorized);
    tab.forget();
    tab.host_says(json!({"type": "identity", "id": 2, "identity": {"account": "ada"}, "epoch": taken}));
    assert_eq!((tab.view().status, tab.writes.len(), tab.kinds()), (Unauthorized, 0, vec!["reply"]));
    // A new word of the application is another thing.
    tab.host_says(json!({"type": "identity", "id": 3, "identity": {"account": "ada"}}));
    assert_eq!(tab.subject(), Some("ada"));
}

#[test]
fn d53_a_sign_out_that_this_tab_has_not_heard_of_counts_as_well() {
    let mut tab = Tab::connected(config(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}}));
    let taken = tab.view().epoch;
    // It stands in the shared record, and no event has come.
    tab.shared_record = Some(record(taken + 1, "unauthorized", json!({})));
    tab.host_says(json!({"type": "identity", "id": 2, "identity": {"account": "ada"}, "epoch": taken}));
    assert_eq!(tab.view().status, Unauthorized);
}

#[test]
fn d53_a_token_that_is_told_again_does_not_replace_a_newer_one() {
    let mut tab = Tab::connected(config(), 1);
    at(&mut tab, WALL);
    let named = json!({"account": "ada", "accessToken": "old", "expiresAt": WALL + 3_000.0});
    tab.host_says(json!({"type": "identity", "id": 1, "identity": named}));
    let epoch = tab.view().epoch;
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "new", "expiresAt": WALL + 3_600_000.0}))))
        .unwrap();
    assert_eq!(tab.view().epoch, epoch, "the same session");
    tab.host_says(json!({"type": "identity", "id": 2, "epoch": epoch, "identity": named}));
    assert_eq!(tab.token().as_deref(), Ok("new"));
}

#[test]
fn d53_while_that_session_lives_the_user_is_taken_again() {
    let mut tab = Tab::connected(asking(), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": {"account": "ada"}, "epoch": 0}));
    let asked = tab.asked().remove(0);
    assert_eq!(asked.reason, AcquireReason::SignIn);
    tab.enter(|session, now| session.handle_acquired(now, asked.id, Ok(grant("ada").into())));
    assert_eq!(tab.subject(), Some("ada"));
}
