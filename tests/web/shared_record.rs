//! The shared record: written, read, repaired, cleared, damaged.

use authframe::{AuthStatus, Bridge, Options, Reason, SignOutReason};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{another_tab_writes, config, connect, grant, key, listen, signed_out, states, status, stored};
use crate::page::{HOST, construct, dispatch, local, storage_event, window};

#[wasm_bindgen_test]
async fn d21_after_a_sign_in_the_shared_record_has_exactly_its_eight_fields_and_no_token() {
    let bridge = connect("shared-record").await;
    bridge.authorize(&grant("ada@private.example")).await.unwrap();
    let session = bridge.session();
    assert_eq!((session.status, session.account.as_ref().unwrap().subject()), (AuthStatus::Authorized, "ada@private.example"));
    let record = stored("shared-record").unwrap();
    let keys: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["v", "epoch", "sequence", "writer", "status", "reason", "expiresAt", "subjectTag"]);
    assert_eq!((&record["epoch"], &record["status"], &record["reason"]), (&json!(session.epoch), &json!("authorized"), &json!("sign-in")));
    let everything: String = (0..local().length().unwrap())
        .map(|place| local().key(place).unwrap().unwrap())
        .fold(String::new(), |all, key| all + &key + &local().get_item(&key).unwrap().unwrap_or_default());
    for private in ["taint-token", "private.example", "A name"] {
        assert!(!everything.contains(private), "{everything}");
    }
}

#[wasm_bindgen_test]
async fn a_storage_event_with_another_tabs_newer_record_is_followed_and_nothing_is_written() {
    let bridge = connect("follow").await;
    bridge.authorize(&grant("ada")).await.unwrap();
    let (views, _subscription) = listen(&bridge);
    let out = signed_out("follow");
    let epoch = bridge.session().epoch;
    another_tab_writes("follow", &out);
    assert_eq!(states(&views)[1..], [(AuthStatus::Unauthorized, Reason::User)]);
    assert_eq!((bridge.session().epoch, bridge.session().account.is_none()), (epoch + 1, true));
    assert_eq!(local().get_item(&key("follow")).unwrap().unwrap(), out, "who learned does not write");
}

// A page can make such an event up.
#[wasm_bindgen_test]
async fn c1_a_storage_event_is_a_reason_to_read_and_its_value_is_not_believed() {
    let bridge = connect("made-up").await;
    bridge.authorize(&grant("ada")).await.unwrap();
    let (views, _subscription) = listen(&bridge);
    let stood = stored("made-up");
    storage_event(&local(), Some(&key("made-up")), Some(&signed_out("made-up")));
    storage_event(&local(), Some(&key("made-up")), None);
    storage_event(&local(), None, None);
    dispatch(construct("Event", &["storage".into()]));
    assert_eq!((views.borrow().len(), stored("made-up")), (1, stood));
    another_tab_writes("made-up", &signed_out("made-up"));
    assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::User));
}

#[wasm_bindgen_test]
async fn a_record_that_was_overwritten_by_an_older_one_is_repaired() {
    let bridge = connect("repair").await;
    bridge.authorize(&grant("ada")).await.unwrap();
    let older = local().get_item(&key("repair")).unwrap().unwrap();
    bridge.sign_out(SignOutReason::User).await.unwrap();
    let written = stored("repair");
    another_tab_writes("repair", &older);
    assert_eq!(stored("repair"), written);
    assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::User));
}

#[wasm_bindgen_test]
async fn d33_storage_that_is_cleared_is_a_sign_out_that_is_written() {
    let bridge = connect("cleared").await;
    bridge.authorize(&grant("ada")).await.unwrap();
    let epoch = bridge.session().epoch;
    local().clear().unwrap();
    storage_event(&local(), None, None);
    assert_eq!(status(&bridge), (AuthStatus::Unauthorized, Reason::StorageCleared));
    assert!(stored("cleared").unwrap()["epoch"].as_u64().unwrap() > epoch);
}

#[wasm_bindgen_test]
async fn d33_corrupt_huge_and_foreign_storage_events_are_survived() {
    let bridge = connect("broken").await;
    bridge.authorize(&grant("ada")).await.unwrap();
    let (views, _subscription) = listen(&bridge);
    let good = local().get_item(&key("broken")).unwrap().unwrap();
    let huge = format!("{{\"v\":1,\"pad\":\"{}\"}}", "x".repeat(3_000_000));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for bad in [
        "",
        "{",
        "null",
        "[]",
        "7",
        "\"v\"",
        "{\"v\":1}",
        "{\"v\":1,\"epoch\":9e99}",
        &huge,
        &deep,
        "\u{0}\u{ffff}",
        "{\"__proto__\":{\"v\":1}}",
    ] {
        another_tab_writes("broken", bad);
        assert_eq!(
            local().get_item(&key("broken")).unwrap().unwrap(),
            good,
            "repaired after {}",
            &bad.chars().take(40).collect::<String>()
        );
    }
    let out = signed_out("broken");
    // What speaks of something else.
    storage_event(&local(), Some("another.authframe"), Some(&out));
    storage_event(&local(), Some("broken.authframe "), Some(&out));
    let session = window().session_storage().unwrap().unwrap();
    storage_event(&session, Some(&key("broken")), Some(&out));
    storage_event(&session, None, None);
    assert_eq!(views.borrow().len(), 1, "{:?}", states(&views));
    assert_eq!(status(&bridge), (AuthStatus::Authorized, Reason::SignIn));
    // It still receives.
    another_tab_writes("broken", &out);
    assert_eq!(views.borrow().len(), 2);
}

#[wasm_bindgen_test]
async fn d33_a_record_of_a_later_version_is_left_alone() {
    let config = config("later");
    let later = "{\"v\":2,\"more\":[1,2]}";
    local().set_item(&key("later"), later).unwrap();
    let bridge = Bridge::connect(config).await.unwrap();
    bridge.authorize(&grant("ada")).await.unwrap();
    bridge.sign_out(SignOutReason::User).await.unwrap();
    assert_eq!(local().get_item(&key("later")).unwrap().as_deref(), Some(later));
}

#[wasm_bindgen_test]
async fn a_reload_starts_where_the_shared_record_stands() {
    let first = connect("reload").await;
    first.authorize(&grant("ada")).await.unwrap();
    let written = stored("reload");
    first.close();
    // As if the page were loaded anew: no `config`, which empties the shared record.
    let again = Bridge::connect(Options::new([HOST]).namespace("reload")).await.unwrap();
    assert_eq!(status(&again), (AuthStatus::Authorized, Reason::Restore));
    assert!(again.session().account.is_none(), "the account is not in the shared record");
    assert_eq!(stored("reload"), written, "restoring writes nothing");
}
