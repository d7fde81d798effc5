//! A token that is given to the core comes out nowhere but where the application asks for it (D11, D20, D21).

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

use authframe::session::{AcquireFailure, Error, Event, OwnOrigin, PageHide, Parent, Reason, Refusal, Secret, Session};
use serde_json::{Value, json};
use support::{HOST, Tab, config, grant_with, read_grant};

const TAINT: &str = "taint-7b1f";
const SUBJECT: &str = "ada@private.example";
const NAME: &str = "Ada Private";

/// Exactly these, by design 4.
const SNAPSHOT: [&str; 8] = ["v", "epoch", "sequence", "writer", "status", "reason", "expiresAt", "subjectTag"];

/// A long story in which every way that a credential can come in is gone.
struct Story {
    tab: Tab,
    seen: Vec<(&'static str, String)>,
    snapshots: usize,
    said: usize,
}

impl Story {
    fn new() -> Self {
        let mut tab = Tab::new(config().acquire(true), 1);
        tab.log = Some(String::new());
        tab.enter(|session, now| session.handle_start(now, Parent::Known(HOST.to_owned()), OwnOrigin::Tuple)).unwrap();
        tab.shake_hands();
        Self { tab, seen: Vec::new(), snapshots: 0, said: 0 }
    }

    fn step(&mut self, act: impl FnOnce(&mut Tab)) {
        act(&mut self.tab);
        self.seen.push(("outputs", std::mem::take(self.tab.log.as_mut().unwrap())));
        self.seen.push(("events", format!("{:?}", self.tab.events)));
        self.seen.push(("view", format!("{:?}", self.tab.view())));
        for said in self.tab.said.drain(..) {
            self.said += 1;
            self.seen.push(("message to the host", said.message().to_string()));
        }
        for snapshot in self.tab.writes.drain(..) {
            self.snapshots += 1;
            let keys: Vec<&str> = snapshot.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys, SNAPSHOT, "{snapshot}");
            let text = snapshot.to_string();
            assert!(!text.contains(SUBJECT) && !text.contains(NAME), "who it is does not stand in storage: {text}");
            self.seen.push(("snapshot", text));
        }
    }
}

fn tainted(subject: &str) -> Value {
    json!({"account": {"subject": subject, "name": NAME}, "accessToken": format!("{TAINT}.{subject}"), "expiresAt": 1e12})
}

fn story() -> Story {
    let mut story = Story::new();
    story.step(|tab| tab.enter(|session, _| session.authorize(read_grant(tainted(SUBJECT)))).unwrap());
    story.step(|tab| tab.enter(|session, _| session.authorize(read_grant(tainted(SUBJECT)))).unwrap());
    story.step(|tab| tab.enter(|session, _| session.authorize(read_grant(tainted("bob")))).unwrap());
    story.step(|tab| tab.host_says(json!({"type": "identity", "id": 1, "identity": tainted(SUBJECT)})));
    story.step(|tab| {
        let id = tab.asked().last().unwrap().id;
        tab.enter(|session, now| session.handle_acquired(now, id, Ok(read_grant(tainted(SUBJECT)).into())));
    });
    story.step(|tab| tab.host_says(json!({"type": "identity", "id": 2, "identity": tainted("carol")})));
    story.step(|tab| {
        let id = tab.asked().last().unwrap().id;
        tab.enter(|session, now| session.handle_acquired(now, id, Err(AcquireFailure::Refused)));
    });
    story.step(|tab| tab.host_says(json!({"type": "identity", "id": 3, "identity": tainted("dave")})));
    story.step(|tab| tab.pass(30_000));
    // Broken ones.
    story.step(|tab| tab.host_says(json!({"type": "identity", "id": 4, "identity": {"account": 7, "accessToken": TAINT}})));
    story.step(|tab| tab.host_says(json!({"type": "identity", "id": 5, "identity": {"account": "a", "accessToken": TAINT.repeat(2000)}})));
    story.step(|tab| tab.host_says(json!({"type": "identity", "identity": tainted("no id")})));
    story.step(|tab| tab.enter(|session, _| session.authorize(read_grant(tainted(SUBJECT)))).unwrap());
    story.step(|tab| tab.enter(|session, now| session.handle_hide(now, PageHide::MayReturn)));
    story.step(|tab| tab.enter(Session::handle_show));
    story.step(|tab| tab.changed_elsewhere(None));
    story.step(|tab| tab.enter(|session, _| session.authorize(read_grant(tainted(SUBJECT)))).unwrap());
    story.step(|tab| tab.host_says(json!({"type": "identity", "id": 6, "identity": tainted("erin")})));
    story.step(|tab| tab.enter(|session, now| session.close(now)));
    story
}

#[test]
fn d20_a_token_comes_out_in_no_output_event_message_or_snapshot() {
    let story = story();
    assert!(story.snapshots >= 7 && story.said >= 20, "{} {}", story.snapshots, story.said);
    assert_eq!(story.tab.rejected(Refusal::Shape), 3);
    for (what, text) in &story.seen {
        assert!(!text.contains(TAINT), "{what}: {text}");
    }
    // The test can see: who it is does stand in what the application receives.
    assert!(story.seen.iter().any(|(what, text)| *what == "events" && text.contains(SUBJECT)));
    assert!(story.seen.iter().any(|(what, text)| *what == "outputs" && text.contains("redacted")));
}

#[test]
fn d21_every_snapshot_has_exactly_its_eight_fields_and_the_types_of_the_design() {
    let mut tab = Tab::alone(config(), 1);
    tab.enter(|session, _| session.authorize(grant_with(SUBJECT, TAINT))).unwrap();
    tab.enter(|session, _| session.sign_out(Reason::User)).unwrap();
    assert_eq!(tab.writes.len(), 2);
    for snapshot in &tab.writes {
        let fields = snapshot.as_object().unwrap();
        assert_eq!(fields.keys().map(String::as_str).collect::<Vec<_>>(), SNAPSHOT);
        assert!(["v", "epoch", "sequence"].iter().all(|key| fields[*key].is_u64()), "{snapshot}");
        assert!(["writer", "status", "reason", "subjectTag"].iter().all(|key| fields[*key].is_string()), "{snapshot}");
        assert!(fields["expiresAt"].is_null() || fields["expiresAt"].is_number(), "{snapshot}");
    }
}

#[test]
fn d21_the_same_account_has_another_tag_in_another_partition() {
    let tag = |tab: u8, subject: &str| {
        let mut tab = Tab::alone(config(), tab);
        tab.sign_in(subject);
        tab.writes[0]["subjectTag"].as_str().unwrap().to_owned()
    };
    assert_eq!(tag(1, SUBJECT), tag(1, SUBJECT));
    assert_ne!(tag(1, SUBJECT), tag(2, SUBJECT), "salted");
    assert_ne!(tag(1, SUBJECT), tag(1, "bob"));
    // Not only by the salt that stands in front.
    assert_ne!(tag(1, SUBJECT)[16..], tag(2, SUBJECT)[16..]);
}

#[test]
fn a_secret_shows_only_that_it_is_there() {
    let secret = Secret::new(TAINT.to_owned());
    assert_eq!(format!("{secret:?} {secret:#?}"), "Secret(redacted) Secret(redacted)");
    assert_eq!(secret.expose(), TAINT);
    for text in [format!("{:?}", read_grant(tainted(SUBJECT))), format!("{:#?}", Some(Ok::<_, Error>(read_grant(tainted(SUBJECT)))))] {
        assert!(text.contains("redacted") && !text.contains(TAINT), "{text}");
    }
}

#[test]
fn an_acquire_gets_the_hosts_token_and_its_debug_text_does_not() {
    let mut tab = Tab::connected(config().acquire(true), 1);
    tab.host_says(json!({"type": "identity", "id": 1, "identity": tainted(SUBJECT)}));
    let asked = tab.asked().remove(0);
    let handed = support::to_value(&asked.identity.unwrap());
    assert_eq!(handed["accessToken"], format!("{TAINT}.{SUBJECT}"), "the application needs it");
    let event = tab.events.iter().find(|event| matches!(event, Event::Acquire { .. })).unwrap();
    assert!(!format!("{event:?}").contains(TAINT));
}

#[test]
fn an_error_says_nothing_of_what_caused_it() {
    for error in Error::ALL {
        assert!(!format!("{error:?} {error}").contains(TAINT));
        assert_eq!(std::mem::size_of_val(&error), 4, "a number: there is no room for more");
    }
}
