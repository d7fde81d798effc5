//! The same inputs give the same outputs.

use authframe::session::{OwnOrigin, PageHide, Parent};
use serde_json::json;

use crate::fixtures::{acquired, asking, identity, record};
use crate::support::{HOST, Tab, read_grant};

/// A long day in the life of a tab.
fn day(seed: u8) -> String {
    let mut tab = Tab::new(asking(), seed);
    tab.log = Some(String::new());
    tab.shared_record = Some(record(3, 1, Some("ada")));
    tab.enter(|session, now| session.handle_start(now, Parent::Known(HOST.to_owned()), OwnOrigin::Tuple)).unwrap();
    tab.shake_hands();
    acquired(&mut tab, 1, "ada");
    tab.enter(|session, _| session.authorize(read_grant(json!({"account": "ada", "accessToken": "t", "expiresAt": 5.5})))).unwrap();
    tab.host_says(identity(1, "bob"));
    tab.pass(30_000);
    tab.changed_elsewhere(Some(record(9, 0, Some("carol"))));
    tab.enter(|session, now| session.handle_hide(now, PageHide::MayReturn));
    tab.enter(|session, now| session.handle_show(now));
    tab.changed_elsewhere(None);
    tab.host_says(json!({"type": "sign-out", "id": 3}));
    tab.host_says(json!({"type": "bye"}));
    tab.knock();
    tab.enter(|session, now| session.close(now));
    tab.log.unwrap()
}

#[test]
fn the_same_inputs_at_the_same_times_give_the_same_outputs_byte_for_byte() {
    let first = day(1);
    assert!(first.lines().count() > 30, "{first}");
    assert_eq!(first, day(1));
    assert_ne!(first, day(2), "the tab's name shows");
}
